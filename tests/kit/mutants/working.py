"""Plugins whose operations do something else, or whose reading leaves something out."""

from __future__ import annotations

from datetime import UTC, timedelta
from decimal import Decimal
from typing import ClassVar

from erpcore_memory import fields, ledger
from erpcore_memory.plugin import MemoryPlugin

from erpcore.errors import ConflictError, NotFoundError
from erpcore.fields import Field, FieldMap, Rows, rounded
from erpcore.hookspecs import hookimpl
from erpcore.models import ArticleSync, Check, ConnectionReport, OrderRow, Page, RecordRef
from tests.kit.mutants.base import replaced, with_maps, wrong_contract
from tests.kit.mutants.carrying import _Writing


@wrong_contract("O01")
class ReturnsNone(MemoryPlugin):
    @hookimpl
    def create_order(self, order, context):
        MemoryPlugin.create_order(self, order, context)


@wrong_contract("O01")
class MakesTwo(MemoryPlugin):
    @hookimpl
    def create_invoice(self, invoice, context):
        MemoryPlugin.create_invoice(self, invoice, context)
        return MemoryPlugin.create_invoice(self, invoice, context)


@wrong_contract("O02")
class MixesTwoFieldsUpWhenBothAreThere(_Writing):
    def change(self, function, payload):
        if "Yours" in payload and "Ours" in payload:
            payload["Yours"], payload["Ours"] = payload["Ours"], payload["Yours"]


@wrong_contract("O03")
class TakesLettersOfTheNorthAway(_Writing):
    def change(self, function, payload):
        if "Name" in payload:
            payload["Name"] = payload["Name"].encode("ascii", "ignore").decode()


@wrong_contract("O04")
class ReadsTheFirstRowOnly(MemoryPlugin):
    def _find(self, register, member, part):
        found = super()._find(register, member, part)
        for record in found:
            if register == "invoices":
                record["Rows"] = record["Rows"][:1]
        return found


@wrong_contract("O05")
class TakesASecondInvoicingForSuccess(MemoryPlugin):
    @hookimpl
    def convert_to_invoice(self, order_ref, context):
        try:
            return MemoryPlugin.convert_to_invoice(self, order_ref, context)
        except ConflictError:
            return RecordRef(number=order_ref.number)


@wrong_contract("O06")
class TakesAnEmptyListForAnError(MemoryPlugin):
    def _find(self, register, member, part):
        found = super()._find(register, member, part)
        if not found:
            raise NotFoundError("Nothing was found.")
        return found


@wrong_contract("O07")
class FindsReferencesThatOnlyBeginAlike(MemoryPlugin):
    def _documents(self, register, field_map, query):
        member, part = ("No", query.number) if query.number else ("Key", query.reference)
        return [self._canonical(field_map, record) for record in self._find(register, member, part)]


@wrong_contract("O08")
class ComparesOrganisationNumbersAsText(MemoryPlugin):
    @hookimpl
    def find_customers(self, query, context):
        if query.organisation_number:
            found = self._find("customers", "OrgNo", query.organisation_number)
            return [self._canonical(fields.CUSTOMER, record) for record in found]
        return MemoryPlugin.find_customers(self, query, context)


@wrong_contract("O09")
class BlanksWhatIsNotShown(_Writing):
    def change(self, function, payload):
        if function == "change_customer":
            payload.setdefault("Phone", "")


@wrong_contract("O10")
class MakesTheCustomerThatItShouldChange(MemoryPlugin):
    @hookimpl
    def update_customer(self, customer_ref, customer, context):
        try:
            return MemoryPlugin.update_customer(self, customer_ref, customer, context)
        except NotFoundError:
            return MemoryPlugin.create_customer(self, customer, context)


@wrong_contract("O11")
class SendsPercentAsAFraction(_Writing):
    def change(self, function, payload):
        for row in payload.get("Rows", []):
            if "Percent" in row:
                row["Percent"] = str(Decimal(row["Percent"]) / 100)


@wrong_contract("O11")
class SendsPricesWithVat(_Writing):
    def change(self, function, payload):
        for row in payload.get("Rows", []):
            if "Price" in row:
                row["Price"] = str(Decimal(row["Price"]) * Decimal("1.25"))


_ORDERED_ONLY = replaced(fields.ORDER_ROW, Field("quantity", "Ordered", narrow=[rounded(3)], write=str, read=Decimal))


@wrong_contract("O11")
class SendsTheOrderedQuantityOnly(MemoryPlugin):
    field_maps = with_maps(
        order=replaced(fields.ORDER, Rows("rows", "Rows", _ORDERED_ONLY)),
        order_row=FieldMap(OrderRow, _ORDERED_ONLY.entries),
    )


@wrong_contract("O12")
class SaysThatEverythingWasUpdated(MemoryPlugin):
    @hookimpl
    def sync_articles(self, articles, context):
        done = MemoryPlugin.sync_articles(self, articles, context)
        return ArticleSync(created=done.created, updated=(*done.updated, *done.unchanged))


@wrong_contract("O12")
class WritesWhatIsEqualAlready(MemoryPlugin):
    @hookimpl
    def sync_articles(self, articles, context):
        done = MemoryPlugin.sync_articles(self, articles, context)
        for article in articles:
            self._write("change_article", self.field_maps["article"].to_native(article))
        return done


@wrong_contract("O13")
class SaysThatItIsWellWithAWrongKey(MemoryPlugin):
    @hookimpl
    def check_connection(self, context):
        return ConnectionReport(checks=(Check(name="company", state="ok", detail="Surely."),))


@wrong_contract("O14")
class RemembersAcrossConnections(MemoryPlugin):
    remembered: ClassVar = {}

    @hookimpl
    def find_customers(self, query, context):
        key = query.model_dump_json()
        if key not in self.remembered:
            self.remembered[key] = MemoryPlugin.find_customers(self, query, context)
        return self.remembered[key]


@wrong_contract("O15")
class ListsTermsTwice(MemoryPlugin):
    @hookimpl
    def list_register(self, register, context):
        return [*MemoryPlugin.list_register(self, register, context)] * 2


@wrong_contract("O15")
class ListsOneRegisterForAll(MemoryPlugin):
    @hookimpl
    def list_register(self, register, context):
        return [] if register == "vat_code" else MemoryPlugin.list_register(self, register, context)


@wrong_contract("O20")
class MakesAPersonTwice(MemoryPlugin):
    def _persons(self, customer):
        return []


@wrong_contract("O20")
class FindsEverybodysPersons(MemoryPlugin):
    def _persons(self, customer):
        return self._find("persons", "Customer", "")


@wrong_contract("O16")
class CallsWhatItMadeBooked(MemoryPlugin):
    @hookimpl
    def find_invoices(self, query, context):
        return [each.model_copy(update={"booked": True}) for each in MemoryPlugin.find_invoices(self, query, context)]


@wrong_contract("P01")
class IgnoresPageTwo(MemoryPlugin):
    def _page(self, register, since, cursor):
        return super()._page(register, since, cursor)[0], None


@wrong_contract("P01")
class IsOffByOneBetweenPages(MemoryPlugin):
    def _page(self, register, since, cursor):
        records, following = super()._page(register, since, cursor)
        return records, following and str(int(following) + 1)


@wrong_contract("P01")
class RepeatsTheLastOfAPage(MemoryPlugin):
    def _page(self, register, since, cursor):
        records, following = super()._page(register, since, cursor)
        return records, following and str(int(following) - 1)


@wrong_contract("P01")
class PagesForEver(MemoryPlugin):
    def _page(self, register, since, cursor):
        records, _ = super()._page(register, since, cursor)
        return records, str(int(cursor or 0) + 3)


@wrong_contract("P02")
class TakesAnEmptyPageForAnError(MemoryPlugin):
    @hookimpl
    def fetch_invoices(self, changed_since, cursor, context):
        page = MemoryPlugin.fetch_invoices(self, changed_since, cursor, context)
        if not page.items:
            raise NotFoundError("There are no invoices.")
        return page


@wrong_contract("P03")
class TakesTheZoneOff(MemoryPlugin):
    def _page(self, register, since, cursor):
        return super()._page(register, since and since.replace(tzinfo=UTC), cursor)


@wrong_contract("P03")
class ReadsAllWhateverIsAsked(MemoryPlugin):
    def _page(self, register, since, cursor):
        return super()._page(register, None, cursor)


@wrong_contract("P04")
class AsksFromAfterTheMoment(MemoryPlugin):
    def _page(self, register, since, cursor):
        return super()._page(register, since and since + timedelta(seconds=30), cursor)


@wrong_contract("P01")
class GivesTheSamePageForEver(MemoryPlugin):
    @hookimpl
    def fetch_articles(self, changed_since, cursor, context):
        page = MemoryPlugin.fetch_articles(self, changed_since, None, context)
        return Page(items=page.items, next_cursor="next")


@wrong_contract("P01")
class BeginsTheRegisterOfCustomersAnew(MemoryPlugin):
    @hookimpl
    def fetch_customers(self, cursor, context):
        page = MemoryPlugin.fetch_customers(self, None, context)
        return Page(items=page.items, next_cursor=None if cursor == "next" else page.next_cursor and "next")


@wrong_contract("P08")
class ListsCustomersUnderAnotherName(MemoryPlugin):
    @hookimpl
    def fetch_customers(self, cursor, context):
        page = MemoryPlugin.fetch_customers(self, cursor, context)
        items = tuple(each.model_copy(update={"name": (each.name or "").upper()}) for each in page.items)
        return page.model_copy(update={"items": items})


@wrong_contract("P05")
class SearchesTheFirstPageOnly(MemoryPlugin):
    def _find(self, register, member, part):
        return super()._find(register, member, part)[: ledger.PAGE]


@wrong_contract("P05")
class FindsCustomersWhoseNameBeginsAlike(MemoryPlugin):
    @hookimpl
    def find_customers(self, query, context):
        if query.name and not query.reference:
            return [self._canonical(fields.CUSTOMER, each) for each in self._find("customers", "Name", query.name)]
        return MemoryPlugin.find_customers(self, query, context)


@wrong_contract("P06")
class ReadsTheFirstRowsOnly(MemoryPlugin):
    def _find(self, register, member, part):
        found = super()._find(register, member, part)
        return [{**record, "Rows": record["Rows"][: ledger.PAGE]} if "Rows" in record else record for record in found]


@wrong_contract("P07")
class LooksForTheCustomerOnTheFirstPageOnly(MemoryPlugin):
    @hookimpl
    def update_customer(self, customer_ref, customer, context):
        listed, _ = self._page("customers", None, None)
        if customer_ref.number not in [record["No"] for record in listed]:
            raise NotFoundError(f"There is no customer {customer_ref.number}.")
        return MemoryPlugin.update_customer(self, customer_ref, customer, context)


@wrong_contract("O22")
class HidesCustomersThatAreInactive(MemoryPlugin):
    @hookimpl
    def find_customers(self, query, context):
        return [each for each in MemoryPlugin.find_customers(self, query, context) if each.active is not False]


@wrong_contract("O22")
class ShowsEveryCustomerAsActive(MemoryPlugin):
    @hookimpl
    def find_customers(self, query, context):
        found = MemoryPlugin.find_customers(self, query, context)
        return [each.model_copy(update={"active": True}) for each in found]


@wrong_contract("O22")
class LeavesArticlesThatAreInactiveOutOfLists(MemoryPlugin):
    @hookimpl
    def fetch_articles(self, changed_since, cursor, context):
        page = MemoryPlugin.fetch_articles(self, changed_since, cursor, context)
        return page.model_copy(update={"items": tuple(each for each in page.items if each.active is not False)})


@wrong_contract("O22")
class NeverMakesAnArticleActiveAgain(MemoryPlugin):
    def _write(self, function, payload, *, repeatable=False):
        if function == "change_article" and payload.get("Active") is True:
            del payload["Active"]
        return super()._write(function, payload, repeatable=repeatable)
