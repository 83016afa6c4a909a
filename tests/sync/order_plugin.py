"""A memory CRM that keeps orders and tells their and its companies' status, and a memory ERP that adds orders up."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from erpcore.errors import NotFoundError
from erpcore.fields import Rows, Unsupported
from erpcore.hookspecs import Context, hookimpl
from erpcore.models import CrmOrder, Order, OrderHead, OrderRow, RecordRef, WriteBack
from tests.sync.memory_crm import MemoryCrm
from tests.sync.memory_plugin import MemoryErp, _map, _raise

CENT = Decimal("0.01")


class OrderCrm(MemoryCrm):
    """A CRM like Lime CRM: an order is read-only while it is in process, and a company has a customer number."""

    @hookimpl
    def fetch_order(self, order_id: str, context: Context) -> CrmOrder:
        if fault := self.desk.call("fetch_order"):
            _raise(fault)
        if order_id not in self.desk.orders:
            raise NotFoundError(f"There is no order {order_id}.", record=f"order {order_id}")
        return self.desk.orders[order_id]

    @hookimpl
    def write_back(self, values: WriteBack, context: Context) -> bool:
        self.ask("write_back")
        fault = self.desk.call(f"write_back {values.record_kind}")
        if not self.desk.takes_numbers:
            return False
        with self.desk.lock:
            self.desk.told.append(values)
            records: dict[str, Any] = {"order": self.desk.orders, "company": self.desk.companies}[values.record_kind]
            if values.record_id not in records:
                raise NotFoundError(f"There is no {values.record_kind} {values.record_id}.")
            if values.record_kind == "order":
                names = {"order_number", "invoice_number", "status", "message"} & values.model_fields_set
                changed = {name: getattr(values, name) for name in names}
            else:
                changed = {"erp_number": values.erp_id} if values.shown("erp_id") else {}
            records[values.record_id] = records[values.record_id].model_copy(update=changed)
        if fault:
            _raise(fault)
        return True


class HeadCrm(OrderCrm):
    """The same CRM, whose orders are looked at before their rows are read, and put in process by an answer that shows
    them."""

    @hookimpl
    def fetch_order(self, order_id: str, context: Context) -> CrmOrder:
        if not isinstance(context.seen, OrderHead):
            return super().fetch_order(order_id, context)
        if fault := self.desk.call("rows"):
            _raise(fault)
        return CrmOrder(**context.seen.facts, rows=self.desk.orders[order_id].rows)

    @hookimpl
    def fetch_order_head(self, order_id: str, context: Context) -> OrderHead:
        if fault := self.desk.call("fetch_order_head"):
            _raise(fault)
        return self._shown(order_id)

    @hookimpl
    def take_order(self, order: OrderHead, context: Context) -> OrderHead:
        told = self.write_back(WriteBack(record_kind="order", record_id=order.id, status="inprocess"), context)
        return self._shown(order.id) if told else order

    def _shown(self, order_id: str) -> OrderHead:
        if order_id not in self.desk.orders:
            raise NotFoundError(f"There is no order {order_id}.", record=f"order {order_id}")
        held = self.desk.orders[order_id]
        shown = {name: getattr(held, name) for name in held.model_fields_set if name != "rows"}
        return OrderHead(**shown, facts=shown)


class AddingErp(MemoryErp):
    """An ERP that does not tell the sums in its answer to a document."""

    tells_sums: ClassVar[bool] = False


class TellingErp(AddingErp):
    """An ERP that tells the sums in its answer to the order."""

    tells_sums = True


class DerivingErp(AddingErp):
    """An ERP that has a document's customer name from the customer, and a row's VAT from the article."""

    field_maps: ClassVar = {
        **AddingErp.field_maps,
        "order": _map(
            Order,
            Unsupported("customer_name", reason="the customer's own is printed", derived=True),
            Rows(
                "rows",
                "rows",
                _map(OrderRow, Unsupported("vat_percent", reason="the article decides it", derived=True)),
            ),
        ),
    }


class WholeKronorErp(AddingErp):
    """An ERP that rounds an order's total to whole kronor."""

    to = Decimal(1)


class OwnVatErp(AddingErp):
    """An ERP whose article decides the VAT, so that a row's own rate does not arrive."""

    @hookimpl
    def create_order(self, order: Order, context: Context) -> RecordRef:
        rows = [row.model_copy(update={"vat_percent": Decimal(12)}) for row in order.rows or ()]
        return super().create_order(order.model_copy(update={"rows": tuple(rows)}), context)
