"""Plugins whose field maps are not what they do."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from erpcore_memory import fields
from erpcore_memory.plugin import MemoryPlugin

from erpcore.fields import Field, FieldMap, LossKind, Narrowing, rounded
from erpcore.hookspecs import hookimpl
from tests.kit.mutants.base import replaced, with_maps, wrong_contract


class _Writing(MemoryPlugin):
    """Changes a payload on its way out."""

    def change(self, function: str, payload: dict[str, Any]) -> None:
        raise TypeError("a mutant says how")

    def _write(self, function, payload, *, repeatable=False):
        self.change(function, payload)
        return super()._write(function, payload, repeatable=repeatable)


@wrong_contract("F01")
class DropsASupportedField(_Writing):
    def change(self, function, payload):
        payload.pop("YourOrder", None)


@wrong_contract("F01")
class DropsASupportedFieldOfRows(_Writing):
    def change(self, function, payload):
        for row in payload.get("Rows", []):
            row.pop("Unit", None)


@wrong_contract("O02")
class ReadsTheStreetAsTheCity(MemoryPlugin):
    def _find(self, register, member, part):
        found = super()._find(register, member, part)
        for record in found:
            if "Street" in record:
                record["City"] = record["Street"]
        return found


@wrong_contract("F02")
class LosesThePersonInReading(MemoryPlugin):
    def _find(self, register, member, part):
        return [{n: v for n, v in record.items() if n != "Person"} for record in super()._find(register, member, part)]


@wrong_contract("F03")
class TruncatesWithoutSaying(_Writing):
    def change(self, function, payload):
        if "Ours" in payload:
            payload["Ours"] = payload["Ours"][:30]


def _half_even(number: Decimal) -> Decimal:
    return number.quantize(Decimal("0.01"), ROUND_HALF_EVEN)


_EVEN = Narrowing(LossKind.ROUNDED, _half_even, "2 decimals", 2)


@wrong_contract("F03")
class RoundsHalfEven(MemoryPlugin):
    field_maps = with_maps(article=replaced(fields.ARTICLE, Field("price", "Price", narrow=[_EVEN], write=str)))


@wrong_contract("F03")
class RoundsToWholesButSaysTwoDecimals(_Writing):
    def change(self, function, payload):
        if "Price" in payload:
            payload["Price"] = str(rounded(0).apply(Decimal(payload["Price"])))


@wrong_contract("F04")
class SendsAnUnsupportedField(MemoryPlugin):
    @hookimpl
    def create_customer(self, customer, context):
        payload = self.field_maps["customer"].to_native(customer)
        if customer.website:
            payload["Web"] = customer.website
        return self._ref(self._write("add_customer", payload))


class _Silent(FieldMap[Any]):
    def losses(self, record: Any, *, clearing: bool = False) -> list[Any]:
        return []


@wrong_contract("F04")
class TellsNoLosses(MemoryPlugin):
    field_maps = with_maps(customer=_Silent(fields.CUSTOMER.model, fields.CUSTOMER.entries))


@wrong_contract("F05")
class SendsWhatTheSystemSets(MemoryPlugin):
    def _make(self, model, function, document, context):
        payload = self.field_maps[model].to_native(document)
        if document.cancelled is not None:
            payload["Annulled"] = document.cancelled
        return self._ref(self._write(function, payload))


@wrong_contract("F06")
class LosesTheDiscount(_Writing):
    def change(self, function, payload):
        for row in payload.get("Rows", []):
            row.pop("Percent", None)


@wrong_contract("F07")
class HidesWhatItCannotCarryInTheRemarks(MemoryPlugin):
    def _make(self, model, function, document, context):
        payload = self.field_maps[model].to_native(document)
        if document.comments:
            payload["Remarks"] = f"{payload.get('Remarks', '')} {document.comments}"
        return self._ref(self._write(function, payload))


@wrong_contract("F08")
class NeverEmptiesAField(MemoryPlugin):
    @hookimpl
    def update_customer(self, customer_ref, customer, context):
        payload = self.field_maps["customer"].to_native(customer)
        return self._ref(self._write("change_customer", {**payload, "No": customer_ref.number}, repeatable=True))


@wrong_contract("F09")
class SendsMoneyAsFloat(_Writing):
    def change(self, function, payload):
        for row in payload.get("Rows", []):
            if "Price" in row:
                row["Price"] = float(row["Price"])


_OTHER_WAY = {"domestic": "export", "export": "domestic"}


def _crossed(found):
    """What a plugin shows that reads a treatment as wrongly as it writes it."""
    return [
        each.model_copy(update={"vat_treatment": _OTHER_WAY.get(each.vat_treatment, each.vat_treatment)})
        if each.shown("vat_treatment")
        else each
        for each in found
    ]


class _Crossing(_Writing):
    function = ""

    def change(self, function, payload):
        if function == self.function and "VatZone" in payload:
            payload["VatZone"] = _OTHER_WAY.get(payload["VatZone"], payload["VatZone"])


@wrong_contract("V06")
class TakesTheWorldForHomeBothWays(_Crossing):
    function = "add_customer"

    @hookimpl
    def find_customers(self, query, context):
        return _crossed(MemoryPlugin.find_customers(self, query, context))


@wrong_contract("V06")
class CrossesTheTreatmentOfOrdersBothWays(_Crossing):
    function = "add_order"

    @hookimpl
    def find_orders(self, query, context):
        return _crossed(MemoryPlugin.find_orders(self, query, context))


@wrong_contract("V06")
class SellsEverythingAbroad(_Writing):
    def change(self, function, payload):
        if function == "add_customer" and "VatZone" in payload:
            payload["VatZone"] = "export"
