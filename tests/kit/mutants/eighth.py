"""An eighth set of wrong plugins: what a new author's own mistakes were, as far as a rule can see them."""

from __future__ import annotations

from datetime import UTC
from decimal import ROUND_HALF_UP, Decimal

from erpcore_fortnox.plugin import FortnoxPlugin
from erpcore_memory import fields
from erpcore_memory.plugin import MemoryPlugin

from erpcore.errors import UnsupportedOperationError
from erpcore.fields import Computed, Field, FieldMap, Rows
from erpcore.hookspecs import hookimpl
from erpcore.models import OrderRow
from tests.kit.mutants.base import replaced, with_maps, wrong_contract
from tests.kit.mutants.carrying import _Writing
from tests.kit.mutants.fortnox import FORTNOX
from tests.kit.mutants.passing_over import PassesOverARefusedAddress
from tests.kit.mutants.poweroffice import POWEROFFICE
from tests.kit.numbered import OTHER_REGISTERS


@wrong_contract("T07")
class DatesInvoicesByTheDayOfGreenwich(MemoryPlugin):
    @hookimpl
    def convert_to_invoice(self, order_ref, context):
        day = self.host.clock.now().astimezone(UTC).date()
        return self._ref(self._write("invoice_order", {"No": order_ref.number, "Date": day.isoformat()}))


@wrong_contract("O04")
class RoundsTheVatOfAnOrderOnce(MemoryPlugin):
    @hookimpl
    def find_orders(self, query, context):
        return [_taxed(each) for each in MemoryPlugin.find_orders(self, query, context)]


def _taxed(order):
    exact = sum((row.quantity * row.unit_price for row in order.rows or () if row.quantity), Decimal(0))
    if order.net != exact or not order.vat:
        return order
    vat = (exact / 4).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return order.model_copy(update={"vat": vat, "total": exact + vat})


@wrong_contract("P17", base=FORTNOX, settings={**FORTNOX.settings, "overlap_seconds": 1})
class AsksFromTheLastRoundOn(FortnoxPlugin):
    """Looks a second back, and lists are late by nine."""


@wrong_contract("E13")
class MayMakeAnArticleAgain(MemoryPlugin):
    @hookimpl
    def create_article(self, article, context):
        return self._ref(self._write("add_article", self._made_of(article), repeatable=True))


@wrong_contract("E13")
class MayMakeAnOrderAgain(_Writing):
    def _write(self, function, payload, *, repeatable=False):
        return MemoryPlugin._write(self, function, payload, repeatable=repeatable or function == "add_order")


@wrong_contract("T04", base=FORTNOX)
class TakesACreditedInvoiceForAnAnnulledOne(FortnoxPlugin):
    @hookimpl
    def fetch_invoices(self, changed_since, cursor, context):
        page = FortnoxPlugin.fetch_invoices(self, changed_since, cursor, context)
        credited = {each.credits.number for each in page.items if each.credits}
        items = tuple(
            each.model_copy(update={"cancelled": True}) if each.number in credited else each for each in page.items
        )
        return page.model_copy(update={"items": items})


_PLAIN_DAYS = Field("terms_of_payment", "Terms")


@wrong_contract("O28", held_registers=OTHER_REGISTERS)
class GivesTenDaysWhateverIsAgreed(_Writing):
    field_maps = with_maps(
        customer=replaced(fields.CUSTOMER, _PLAIN_DAYS),
        order=replaced(fields.ORDER, _PLAIN_DAYS),
        invoice=replaced(fields.INVOICE, _PLAIN_DAYS),
    )

    def change(self, function, payload):
        if function == "add_invoice" and "Terms" in payload:
            payload["Terms"] = "10"

    @hookimpl
    def list_register(self, register, context):
        if register == "terms_of_payment":
            raise UnsupportedOperationError("The program takes any number of days.")
        return MemoryPlugin.list_register(self, register, context)


_RATES = Computed(
    "vat_percent",
    "Vat",
    lambda row: str(row.vat_percent) if row.shown("vat_percent") and row.vat_percent is not None else "25",
    "the rate of the row, else 25 %",
    read=lambda held: Decimal(held["Vat"]).quantize(Decimal(1)),
)
_RATED = FieldMap(OrderRow, [_RATES if each.name == "vat_percent" else each for each in fields.ORDER_ROW.entries])


@wrong_contract("V07")
class WorksRatesOutAsWholeOnes(MemoryPlugin):
    field_maps = with_maps(order=replaced(fields.ORDER, Rows("rows", "Rows", _RATED)), order_row=_RATED)

    @hookimpl
    def find_orders(self, query, context):
        return self._documents("orders", self.field_maps["order"], query)


@wrong_contract("E12", base=POWEROFFICE, native_errors=[e for e in POWEROFFICE.native_errors if e.situation != "right"])
class PassesOverWhatNoExampleStates(PassesOverARefusedAddress):
    """Its contract has no example of a right that is refused."""
