"""Which orders can still be seen and sent: not those that are invoices now."""

from __future__ import annotations

from erpcore_poweroffice.simulator.books import Books, Record
from erpcore_poweroffice.simulator.calls import NOT_FOUND, Call, Refused
from erpcore_poweroffice.simulator.sales_shapes import ORDER


def order_seen(books: Books, call: Call) -> Record:
    """Return the order of a GET.

    Raises:
        Refused: There is none, or it is an invoice now.
    """
    order = books.seen("orders", call.params["id"])
    if order.values.get("Invoiced") and books.behaviour.invoiced_order == "not_found":
        raise _not_found(order)
    return order


def own_order(books: Books, call: Call) -> Record:
    """Return the order of a write.

    Raises:
        Refused: There is none, or it is an invoice now.
    """
    order = books.get("orders", call.params["id"])
    if order.values.get("Invoiced"):
        if books.behaviour.invoiced_order == "not_found":
            raise _not_found(order)
        raise ORDER.refused(f"Sales order with id = {order.id} is already invoiced.")
    return order


def _not_found(order: Record) -> Refused:
    return Refused(404, NOT_FOUND, f"Sales order with id = {order.id} not found.")
