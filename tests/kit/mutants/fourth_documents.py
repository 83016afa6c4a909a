"""The fourth set's plugins that are wrong with orders and invoices."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from erpcore_memory import fields
from erpcore_memory.plugin import MemoryPlugin

from erpcore.errors import ConflictError
from erpcore.fields import Field, Rows, cut, digits, rounded
from erpcore.hookspecs import hookimpl
from erpcore.models import RecordRef
from tests.kit.mutants.base import honest, replaced, with_maps
from tests.kit.mutants.fourth import Payloads


def _order(*entries: Field) -> Any:
    return with_maps(order=replaced(fields.ORDER, *entries))


def _order_row(*entries: Field) -> Any:
    row = replaced(fields.ORDER_ROW, *entries)
    return with_maps(order=replaced(fields.ORDER, Rows("rows", "Rows", row)), order_row=row)


@honest
class SortsRowsByArticle(Payloads):
    function = "add_order"

    def change(self, payload):
        return {**payload, "Rows": sorted(payload.get("Rows", []), key=lambda row: row.get("Article") or "")}


@honest
class AddsUpRowsOfOneArticle(Payloads):
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
class LeavesOutAPersonWhoIsNotThere(Payloads):
    function = "add_order"

    def change(self, payload):
        known = {each["No"] for each in self._find("persons", "Customer", payload.get("Customer", ""))}
        return {name: value for name, value in payload.items() if name != "Person" or value in known}


@honest
class DatesNothingInThePast(Payloads):
    function = "add_order"

    def change(self, payload):
        return {**payload, "Date": max(payload.get("Date", ""), self.host.today().isoformat())}


@honest
class GivesARowWithoutQuantityOne(Payloads):
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
