"""Plugins that are right wherever their author looks: at one row, at full records, in Sweden, at round numbers.

Each passed the contract before a rule looked where the author did not.
"""

from __future__ import annotations

from datetime import UTC, datetime, time
from decimal import Decimal

from erpcore_memory import fields
from erpcore_memory.plugin import MemoryPlugin

from erpcore.fields import Field, FieldMap, Rows
from erpcore.hookspecs import hookimpl
from erpcore.models import Invoice, OrderRow, organisation_number
from tests.kit.mutants.base import replaced, with_maps, wrong_contract
from tests.kit.mutants.carrying import _Writing


@wrong_contract("F02")
class TakesTheMachinesMidnightForADate(MemoryPlugin):
    field_maps = with_maps(
        order=replaced(
            fields.ORDER,
            Field(
                "order_date",
                "Date",
                write=lambda day: datetime.combine(day, time()).astimezone(UTC).date().isoformat(),
                read=lambda text: datetime.fromisoformat(text).date(),
            ),
        )
    )


def _shortened(value: Decimal) -> str:
    return str(value.normalize())


_SHORTENED = replaced(fields.ORDER_ROW, Field("unit_price", "Price", write=_shortened, read=Decimal))


@wrong_contract("F09")
class WritesAHundredAsAPowerOfTen(MemoryPlugin):
    field_maps = with_maps(
        order=replaced(fields.ORDER, Rows("rows", "Rows", _SHORTENED)),
        order_row=FieldMap(OrderRow, _SHORTENED.entries),
    )


@wrong_contract("F10")
class LeavesAPriceOfNothingOut(_Writing):
    def change(self, function, payload):
        for row in payload.get("Rows", []):
            if not Decimal(row.get("Price", "1")):
                del row["Price"]


@wrong_contract("F10")
class LeavesARateOfNothingOut(_Writing):
    def change(self, function, payload):
        if not Decimal(payload.get("Vat", "1")):
            del payload["Vat"]


@wrong_contract("O01")
class ReadsNothingAsAWord(MemoryPlugin):
    def _find(self, register, member, part):
        found = super()._find(register, member, part)
        return [{**record, "Remarks": str(record.get("Remarks"))} for record in found]


@wrong_contract("O08")
class ComparesARightSpellingWithWhateverIsHeld(MemoryPlugin):
    @hookimpl
    def find_customers(self, query, context):
        if query.organisation_number:
            written = str(organisation_number(query.organisation_number))
            found = self._find("customers", "OrgNo", written)
            return [self._canonical(fields.CUSTOMER, record) for record in found]
        return MemoryPlugin.find_customers(self, query, context)


@wrong_contract("O08")
class LeavesInactiveCustomersOut(MemoryPlugin):
    @hookimpl
    def find_customers(self, query, context):
        found = MemoryPlugin.find_customers(self, query, context)
        return [customer for customer in found if customer.active or query.number]


@wrong_contract("O09")
class SendsTheWholeAddressWhenALineIsChanged(_Writing):
    def change(self, function, payload):
        address = ("Street", "Street2", "Zip", "City")
        if function == "change_customer" and any(member in payload for member in address):
            payload.update({member: payload.get(member, "") for member in address})


@wrong_contract("O12")
class BlanksWhatTheArticleDoesNotShow(_Writing):
    def change(self, function, payload):
        if function == "change_article":
            payload.setdefault("Unit", "")


@wrong_contract("O17")
class FindsNumbersThatOnlyBeginAlike(MemoryPlugin):
    @hookimpl
    def find_customers(self, query, context):
        if query.number:
            return [self._canonical(fields.CUSTOMER, each) for each in self._find("customers", "No", query.number)]
        return MemoryPlugin.find_customers(self, query, context)


@wrong_contract("O17")
class FindsOrdersByAPartOfTheirNumber(MemoryPlugin):
    def _documents(self, register, field_map, query):
        if query.number:
            return [self._canonical(field_map, record) for record in self._find(register, "No", query.number)]
        return super()._documents(register, field_map, query)


@wrong_contract("O18")
class DropsRowsWithoutAQuantity(_Writing):
    def change(self, function, payload):
        if "Rows" in payload:
            payload["Rows"] = [row for row in payload["Rows"] if "Delivered" in row]


@wrong_contract("O18")
class PutsTextRowsLast(_Writing):
    def change(self, function, payload):
        if "Rows" in payload:
            payload["Rows"].sort(key=lambda row: "Delivered" not in row)


@wrong_contract("O19")
class GivesEachRowTheVatOfTheFirst(_Writing):
    def change(self, function, payload):
        for row in payload.get("Rows", []):
            row.update({name: value for name, value in payload["Rows"][0].items() if name == "Vat"})


@wrong_contract("O19")
class GivesEachRowTheUnitOfTheLastThatHasOne(_Writing):
    def change(self, function, payload):
        units = [row["Unit"] for row in payload.get("Rows", []) if "Unit" in row]
        for row in payload.get("Rows", []):
            row.update({"Unit": units[-1]} if units else {})


@wrong_contract("P03")
class AsksInTheMachinesZone(MemoryPlugin):
    def _page(self, register, since, cursor):
        return super()._page(register, since and since.astimezone().replace(tzinfo=UTC), cursor)


@wrong_contract("P06")
class SortsRowsByTheirText(_Writing):
    def change(self, function, payload):
        payload.get("Rows", []).sort(key=lambda row: row["Text"])


@wrong_contract("P06")
class PutsEqualRowsTogether(_Writing):
    def change(self, function, payload):
        together: dict[str, dict] = {}
        for row in payload.get("Rows", []):
            known = together.setdefault(f"{row.get('Text')} {row.get('Price')}", row)
            if known is not row and "Delivered" in row:
                known["Delivered"] = known["Ordered"] = str(Decimal(known["Delivered"]) + Decimal(row["Delivered"]))
        if "Rows" in payload:
            payload["Rows"] = list(together.values())


@wrong_contract("P08")
class ListsTheSumWithoutVatAsTheTotal(MemoryPlugin):
    @hookimpl
    def fetch_invoices(self, changed_since, cursor, context):
        page = MemoryPlugin.fetch_invoices(self, changed_since, cursor, context)
        items: tuple[Invoice, ...] = tuple(each.model_copy(update={"total": each.net}) for each in page.items)
        return page.model_copy(update={"items": items})
