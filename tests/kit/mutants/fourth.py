"""A fourth set of honest plugins, written from the pages alone by somebody who had not seen the rules."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from erpcore_memory import fields
from erpcore_memory.plugin import MemoryPlugin

from erpcore.errors import ConflictError, NotFoundError, RemoteError
from erpcore.fields import OMIT, Field, cut
from erpcore.hookspecs import hookimpl
from erpcore.host import Exchange
from erpcore.models import ArticleSync, CustomerQuery, RecordRef
from tests.kit.mutants.base import honest, replaced, with_maps


def _customer(*entries: Field) -> Any:
    return with_maps(customer=replaced(fields.CUSTOMER, *entries))


class Payloads(MemoryPlugin):
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
class LeavesOutWhatIsFalse(Payloads):
    function = "add_customer"

    def change(self, payload):
        return {name: value for name, value in payload.items() if value}


@honest
class MakesWhomItWasToChange(MemoryPlugin):
    @hookimpl
    def update_customer(self, customer_ref, customer, context):
        try:
            return MemoryPlugin.update_customer(self, customer_ref, customer, context)
        except NotFoundError:
            return MemoryPlugin.create_customer(self, customer, context)


@honest
class MakesActiveWhatItChanges(Payloads):
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


# ---- what is told


class _Telling(MemoryPlugin):
    """Changes what its host is told."""

    def __init__(self, settings, host) -> None:
        super().__init__(settings, replace(host, observer=lambda exchange: host.observer(self.told(exchange))))

    def told(self, exchange: Exchange) -> Exchange:
        raise TypeError("a mutant says how")


@honest
class TellsAWriteAsAReading(_Telling):
    def told(self, exchange):
        return replace(exchange, write=False)


@honest
class TellsThatAllWentWell(_Telling):
    def told(self, exchange):
        return replace(exchange, ok=True)


@honest
class TellsTheMachinesTime(_Telling):
    def told(self, exchange):
        return replace(exchange, at=datetime.now(UTC))


@honest
class CutsListsAfterSomePages(MemoryPlugin):
    def _page(self, register, since, cursor):
        records, following = MemoryPlugin._page(self, register, since, cursor)
        return records, following if int(following or 0) < 60 else None


@honest
class CountsPenniesByFloats(MemoryPlugin):
    def _documents(self, register, field_map, query):
        found = MemoryPlugin._documents(self, register, field_map, query)
        sums = ("net", "vat", "total")
        pennies = [{name: int(float(getattr(each, name)) * 100) for name in sums} for each in found]
        return [
            each.model_copy(update={name: Decimal(count) / 100 for name, count in counted.items()})
            for each, counted in zip(found, pennies, strict=True)
        ]
