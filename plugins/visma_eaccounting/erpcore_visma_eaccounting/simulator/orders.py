"""Orders: their states, and the invoices that they become (interface description, orders)."""

from __future__ import annotations

from typing import Any

from erpcore_visma_eaccounting.simulator.books import Books
from erpcore_visma_eaccounting.simulator.documents import document_of, has_no_vat, rows_of, summed
from erpcore_visma_eaccounting.simulator.errors import NO_ORDER_ROWS, VALIDATION, Refused
from erpcore_visma_eaccounting.simulator.gate import Call, Operation
from erpcore_visma_eaccounting.simulator.invoices import Invoices
from erpcore_visma_eaccounting.simulator.lists import list_page
from erpcore_visma_eaccounting.simulator.shapes import ORDER, ORDER_ROW

DRAFT, ONGOING, SHIPPED, INVOICED = 1, 2, 3, 4
_REVERSED = "EligibleForReverseChargeOnVat"


class Orders:
    """The register of orders.

    Args:
        books: The company's.
        invoices: Where the invoice of an order is made.
    """

    def __init__(self, books: Books, invoices: Invoices) -> None:
        self._books = books
        self._invoices = invoices

    def operations(self) -> list[Operation]:
        """Return the addresses."""
        return [
            Operation("GET", "/orders", self._list),
            Operation("POST", "/orders", lambda call: self.add(call.body), 201),
            Operation("GET", "/orders/{key}", lambda call: self._one(call)),
            Operation("PUT", "/orders/{key}", self._put),
            Operation("POST", "/orders/{key}/completed", self._complete),
            Operation("POST", "/orders/{key}/convert", self._convert),
        ]

    def add(self, sent: Any) -> dict[str, Any]:
        """Make an order; one that is a draft has no number yet."""
        values = self._order_of(sent)
        if values["Status"] != DRAFT or self._books.behaviour.draft_orders_numbered:
            values["Number"] = self._books.numbering.next("orders")
        values["CreatedUtc"] = self._books.now()
        return self._books.add("orders", values)

    def _list(self, call: Call) -> dict[str, Any]:
        return list_page(self._books, "orders", call, ORDER, rows=ORDER_ROW)

    def _one(self, call: Call) -> dict[str, Any]:
        return self._books.one("orders", call.key, "Order", status=404)

    def _put(self, call: Call) -> dict[str, Any]:
        held = self._one(call)
        if held["Status"] == INVOICED:
            raise Refused(VALIDATION, "CanNotBeCreatedOrUpdatedException - The order is invoiced")
        values = self._order_of(call.body)
        if values["Status"] != held["Status"]:
            match self._books.behaviour.order_status_by_put:
                case "ignored":
                    values["Status"] = held["Status"]
                case "refused":
                    raise Refused(VALIDATION, "CanNotBeCreatedOrUpdatedException - Status cannot be changed")
        values["Number"] = held["Number"]
        if values["Number"] is None and values["Status"] != DRAFT:
            values["Number"] = self._books.numbering.next("orders")
        held.update({**values, "CreatedUtc": held["CreatedUtc"], "Id": held["Id"]})
        return held

    def _complete(self, call: Call) -> dict[str, Any]:
        held = self._one(call)
        if held["Status"] != ONGOING:
            raise Refused(VALIDATION, "CanNotBeCreatedOrUpdatedException - Only ongoing orders can be completed")
        for row in held["Rows"]:
            row["DeliveredQuantity"] = row["Quantity"]
        held |= {"Status": SHIPPED, "ShippedDateTime": self._books.today(), "ModifiedUtc": self._books.now()}
        return held

    def _convert(self, call: Call) -> dict[str, Any]:
        """Make an invoice at once; there is no draft of an order."""
        held = self._one(call)
        enough = held["Status"] in (DRAFT, ONGOING, SHIPPED)
        if not enough or (self._books.behaviour.convert_from == "shipped" and held["Status"] != SHIPPED):
            raise Refused(
                VALIDATION, f"ForbiddenActionException - An order with status {held['Status']} is not invoiced"
            )
        if not held["Rows"]:
            raise Refused(NO_ORDER_ROWS, "CustomerInvoiceMissingOrderArticlesException - The order has no articles")
        invoice = self._invoices.of_order(held)
        held |= {"Status": INVOICED, "ModifiedUtc": self._books.now()}
        return invoice

    def _order_of(self, sent: Any) -> dict[str, Any]:
        values, customer = document_of(self._books, ORDER, sent)
        values["Rows"] = rows_of(self._books, ORDER_ROW, values, customer, _REVERSED)
        sums = summed(
            self._books,
            values["Rows"],
            with_vat=values["IncludesVat"],
            without_any=has_no_vat(customer),
            reversed_by=_REVERSED,
            currency=values["CurrencyCode"],
        )
        return {
            **values,
            "Amount": sums["total"],
            "VatAmount": sums["vat"],
            "RoundingsAmount": sums["rounding"],
            "ModifiedUtc": self._books.now(),
        }
