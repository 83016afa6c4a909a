"""Which orders can still be seen and changed: not invoices, and not those that are confirmed or under way."""

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
    """Return the order of a write, confirmed or not.

    Raises:
        Refused: There is none, or it is an invoice now.
    """
    order = books.get("orders", call.params["id"])
    if order.values.get("Invoiced"):
        if books.behaviour.invoiced_order == "not_found":
            raise _not_found(order)
        raise ORDER.refused(f"Sales order with id = {order.id} is already invoiced.")
    return order


def open_order(books: Books, call: Call) -> Record:
    """Return the order of a write that changes it.

    Raises:
        Refused: There is none, it is an invoice now, confirmed, or being processed.
    """
    order = own_order(books, call)
    if order.values["SalesOrderStatus"] == "Confirmed":
        raise ORDER.refused(f"Sales order with id = {order.id} is confirmed and cannot be changed.")
    require_idle(books, order)
    return order


def require_idle(books: Books, order: Record) -> None:
    """Refuse an order that is being made an invoice.

    Raises:
        Refused: It is.
    """
    sending = books.sendings.get(str(order.id))
    if sending is not None and sending.processing:
        raise ORDER.refused(f"Sales order with id = {order.id} is being processed.")


def _not_found(order: Record) -> Refused:
    return Refused(404, NOT_FOUND, f"Sales order with id = {order.id} not found.")
