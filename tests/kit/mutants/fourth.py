"""A fourth set of honest plugins, written from the pages alone by somebody who had not seen the rules."""

from __future__ import annotations

import unicodedata
from datetime import timedelta
from decimal import Decimal
from typing import Any

from erpcore_memory import fields
from erpcore_memory.plugin import MemoryPlugin

from erpcore.errors import ConflictError, NotFoundError, RemoteError
from erpcore.fields import OMIT, Field, Rows, cut, digits, rounded
from erpcore.hookspecs import hookimpl
from erpcore.models import ArticleSync, CustomerQuery, RecordRef
from tests.kit.mutants.base import honest, replaced, with_maps


def _customer(*entries: Field) -> Any:
    return with_maps(customer=replaced(fields.CUSTOMER, *entries))


def _order(*entries: Field) -> Any:
    return with_maps(order=replaced(fields.ORDER, *entries))


def _order_row(*entries: Field) -> Any:
    row = replaced(fields.ORDER_ROW, *entries)
    return with_maps(order=replaced(fields.ORDER, Rows("rows", "Rows", row)), order_row=row)


class _Payloads(MemoryPlugin):
    """Changes what is sent to a function of the program."""

    function = ""

    def _write(self, function: str, payload: dict[str, Any], *, repeatable: bool = False) -> Any:
        if function == self.function:
            payload = self.change(payload)
        return MemoryPlugin._write(self, function, payload, repeatable=repeatable)

    def change(self, payload: dict[str, Any]) -> dict[str, Any]:
        raise TypeError("a mutant says how")


# ---- customers


@honest
class TakesATakenNumberForAnEarlierAttempt(MemoryPlugin):
    @hookimpl
    def create_customer(self, customer, context):
        try:
            return MemoryPlugin.create_customer(self, customer, context)
        except ConflictError:
            if held := MemoryPlugin.find_customers(self, CustomerQuery(number=customer.number), context):
                return RecordRef(number=held[0].number or "")
            raise


@honest
class WritesNamesInPlainLetters(MemoryPlugin):
    field_maps = _customer(
        Field(
            "name",
            "Name",
            narrow=[cut(60)],
            write=lambda text: unicodedata.normalize("NFKC", text),
            blank=OMIT,
            required=True,
        )
    )


@honest
class WritesMailInSmallLetters(MemoryPlugin):
    field_maps = _customer(Field("email", "Mail", write=str.lower, blank=""))


@honest
class TakesPostCodesForNumbers(MemoryPlugin):
    field_maps = _customer(
        Field("invoice_address.postal_code", "Zip", write=lambda code: str(int(code)) if code.isdigit() else code)
    )


@honest
class KnowsTheCountriesOfItsCustomers(MemoryPlugin):
    field_maps = _customer(
        Field(
            "invoice_address.country_code",
            "Country",
            write=lambda code: code if code in ("SE", "NO", "DK", "FI", "DE", "GB", "US", "CH", "JP") else OMIT,
        )
    )


@honest
class LeavesOutWhatIsFalse(_Payloads):
    function = "add_customer"

    def change(self, payload):
        return {name: value for name, value in payload.items() if value}


@honest
class MakesTheCustomerThatItShouldChange(MemoryPlugin):
    @hookimpl
    def update_customer(self, customer_ref, customer, context):
        try:
            return MemoryPlugin.update_customer(self, customer_ref, customer, context)
        except NotFoundError:
            return MemoryPlugin.create_customer(self, customer, context)


@honest
class MakesActiveWhatItChanges(_Payloads):
    function = "change_customer"

    def change(self, payload):
        return {"Active": True, **payload}


@honest
class FindsNamesInOtherLetters(MemoryPlugin):
    @hookimpl
    def find_customers(self, query, context):
        if not query.name:
            return MemoryPlugin.find_customers(self, query, context)
        found = [fields.CUSTOMER.from_native(each) for each in self._find("customers", "Name", query.name)]
        return [each for each in found if (each.name or "").casefold() == query.name.casefold()]


@honest
class FindsAKeyByItsBeginning(MemoryPlugin):
    @hookimpl
    def find_customers(self, query, context):
        if not query.reference:
            return MemoryPlugin.find_customers(self, query, context)
        found = [fields.CUSTOMER.from_native(each) for each in self._find("customers", "Key", query.reference)]
        fitting = [each for each in found if (each.external_reference or "").startswith(query.reference)]
        return [each for each in fitting if query.name in (None, each.name)]


@honest
class LooksAtTenHitsAtMost(MemoryPlugin):
    def _find(self, register, member, part):
        return MemoryPlugin._find(self, register, member, part)[: 10 if register == "customers" else None]


@honest
class TakesNumbersOfCustomersForNumbers(MemoryPlugin):
    @hookimpl
    def find_customers(self, query, context):
        number = (query.number or "").lstrip("0") or query.number
        return MemoryPlugin.find_customers(self, query.model_copy(update={"number": number}), context)


# ---- persons


@honest
class ReadsActivePersonsAlone(MemoryPlugin):
    def _persons(self, customer):
        return [each for each in MemoryPlugin._persons(self, customer) if each.get("Active", True)]


# ---- articles


@honest
class FindsNumbersOfArticlesInOtherLetters(MemoryPlugin):
    @hookimpl
    def find_articles(self, query, context):
        if not query.number:
            return MemoryPlugin.find_articles(self, query, context)
        found = [fields.ARTICLE.from_native(each) for each in self._find("articles", "No", query.number)]
        return [each for each in found if (each.number or "").lower() == query.number.lower()]


@honest
class AdoptsWhateverArticleHasTheNumber(MemoryPlugin):
    @hookimpl
    def create_article(self, article, context):
        try:
            return MemoryPlugin.create_article(self, article, context)
        except ConflictError:
            return RecordRef(number=article.number or "")


class _Syncing(MemoryPlugin):
    """Syncs articles one by one, with a look of its own at what is held."""

    def held(self, number: str) -> dict[str, Any] | None:
        return next((each for each in self._find("articles", "No", number) if each["No"] == number), None)

    def differs(self, name: str, held: Any, wanted: Any) -> bool:
        return held != wanted

    def changes(self, article: Any, payload: dict[str, Any]) -> dict[str, Any]:
        return payload

    @hookimpl
    def sync_articles(self, articles, context):
        if not all(article.number for article in articles):
            return MemoryPlugin.sync_articles(self, articles, context)
        done: dict[str, list[str]] = {"created": [], "updated": [], "unchanged": []}
        for article in articles:
            payload, held = self.field_maps["article"].to_native(article), self.held(article.number)
            if held is None:
                done["created"].append(self._ref(self._write("add_article", self._made_of(article))).number)
            elif any(self.differs(name, held.get(name), value) for name, value in payload.items() if name != "No"):
                change = {**self.changes(article, payload), "No": held["No"]}
                done["updated"].append(self._ref(self._write("change_article", change, repeatable=True)).number)
            else:
                done["unchanged"].append(article.number)
        return ArticleSync(**{name: tuple(numbers) for name, numbers in done.items()})


@honest
class PassesOverPenniesOfPrices(_Syncing):
    def differs(self, name, held, wanted):
        return int(Decimal(held or 0)) != int(Decimal(wanted)) if name in ("Price", "Cost") else held != wanted


@honest
class WritesDefaultsOverWhatPeopleChose(_Syncing):
    def changes(self, article, payload):
        return self._made_of(article)


@honest
class ChangesArticlesOfOtherLetters(_Syncing):
    def held(self, number):
        found = self._find("articles", "No", number)
        return next((each for each in found if each["No"].lower() == number.lower()), None)


# ---- lists and registers


@honest
class ForgetsTheMomentOnTheSecondPage(MemoryPlugin):
    def _page(self, register, since, cursor):
        return MemoryPlugin._page(self, register, None if cursor else since, cursor)


@honest
class AsksFromTheNextWholeSecond(MemoryPlugin):
    def _page(self, register, since, cursor):
        if since is not None and since.microsecond:
            since = since.replace(microsecond=0) + timedelta(seconds=1)
        return MemoryPlugin._page(self, register, since, cursor)


@honest
class ListsCodesInCapitals(MemoryPlugin):
    @hookimpl
    def list_register(self, register, context):
        listed = MemoryPlugin.list_register(self, register, context)
        return [each.model_copy(update={"code": each.code.upper()}) for each in listed]


@honest
class TurnsRatesRound(MemoryPlugin):
    @hookimpl
    def list_register(self, register, context):
        listed = MemoryPlugin.list_register(self, register, context)
        return [each.model_copy(update={"rate": round(1 / each.rate, 6)}) if each.rate else each for each in listed]


# ---- documents


@honest
class SortsRowsByArticle(_Payloads):
    function = "add_order"

    def change(self, payload):
        return {**payload, "Rows": sorted(payload.get("Rows", []), key=lambda row: row.get("Article") or "")}


@honest
class PutsEqualRowsTogether(_Payloads):
    function = "add_order"

    def change(self, payload):
        rows: list[dict[str, Any]] = []
        for row in payload.get("Rows", []):
            alike = [each for each in rows if each.get("Article") and _but_for_quantity(each) == _but_for_quantity(row)]
            if not alike:
                rows.append(row)
            for name in {"Delivered", "Ordered"} & row.keys() if alike else ():
                alike[0][name] = digits(Decimal(alike[0][name]) + Decimal(row[name]))
        return {**payload, "Rows": rows}


def _but_for_quantity(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in ("Delivered", "Ordered")}


@honest
class CutsRemarksAtAThousand(MemoryPlugin):
    field_maps = _order(Field("remarks", "Remarks", write=lambda text: text[:1000]))


@honest
class CutsTextsByBytes(MemoryPlugin):
    field_maps = _order_row(
        Field(
            "description",
            "Text",
            narrow=[cut(50)],
            write=lambda text: text.encode()[:50].decode(errors="ignore"),
        )
    )


@honest
class WritesThousandsAsPowersOfTen(MemoryPlugin):
    field_maps = _order_row(
        Field(
            "quantity",
            "Delivered",
            "Ordered",
            narrow=[rounded(3)],
            write=lambda number: str(number.normalize()),
            read=Decimal,
        )
    )


@honest
class ReckonsTheVatByItself(MemoryPlugin):
    @hookimpl
    def create_order(self, order, context):
        ref = MemoryPlugin.create_order(self, order, context)
        if ref.net is None or any(row.vat_percent is not None or row.vat_code for row in order.rows or ()):
            return ref
        vat = round(ref.net / 4, 2)
        return ref.model_copy(update={"vat": vat, "total": ref.net + vat})


@honest
class KnowsVatInWholePercent(MemoryPlugin):
    field_maps = _order_row(Field("vat_percent", "Vat", write=lambda rate: str(int(rate)), read=Decimal))


@honest
class LeavesOutAPersonWhoIsNotThere(_Payloads):
    function = "add_order"

    def change(self, payload):
        known = {each["No"] for each in self._find("persons", "Customer", payload.get("Customer", ""))}
        return {name: value for name, value in payload.items() if name != "Person" or value in known}


@honest
class DatesNothingInThePast(_Payloads):
    function = "add_order"

    def change(self, payload):
        return {**payload, "Date": max(payload.get("Date", ""), self.host.today().isoformat())}


@honest
class GivesARowWithoutQuantityOne(_Payloads):
    function = "add_order"

    def change(self, payload):
        rows = [
            row if "Price" not in row else {"Delivered": "1", "Ordered": "1", **row} for row in payload.get("Rows", [])
        ]
        return {**payload, "Rows": rows}


@honest
class FindsOurReferenceInOtherLetters(MemoryPlugin):
    def _documents(self, register, field_map, query):
        found = MemoryPlugin._documents(self, register, field_map, query)
        if found or not query.reference or query.number:
            return found
        near = [field_map.from_native(each) for each in self._find(register, "Key", query.reference)]
        return [each for each in near if (each.reference or "").lower() == query.reference.lower()]


@honest
class LooksAtTheLastDayAlone(MemoryPlugin):
    def _find(self, register, member, part):
        found = MemoryPlugin._find(self, register, member, part)
        if member != "Key" or register not in ("orders", "invoices"):
            return found
        first = (self.host.clock.now() - timedelta(days=1)).isoformat()
        return [each for each in found if each["Changed"] >= first]


@honest
class FindsInvoicesByTheEndOfTheirNumber(MemoryPlugin):
    @hookimpl
    def find_invoices(self, query, context):
        if not query.number:
            return MemoryPlugin.find_invoices(self, query, context)
        found = [fields.INVOICE.from_native(each) for each in self._find("invoices", "No", query.number)]
        return [each for each in found if (each.number or "").endswith(query.number)]


@honest
class TellsTheInvoiceThatWasMadeBefore(MemoryPlugin):
    @hookimpl
    def convert_to_invoice(self, order_ref, context):
        try:
            return MemoryPlugin.convert_to_invoice(self, order_ref, context)
        except ConflictError:
            (order,) = (each for each in self._find("orders", "No", order_ref.number) if each["No"] == order_ref.number)
            return RecordRef(number=order["Invoice"])


@honest
class TakesARefusedSearchForNoHits(MemoryPlugin):
    @hookimpl
    def find_customers(self, query, context):
        if not query.organisation_number:
            return MemoryPlugin.find_customers(self, query, context)
        try:
            return MemoryPlugin.find_customers(self, query, context)
        except RemoteError:
            return []
