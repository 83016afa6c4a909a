"""Sales orders, which are the drafts of invoices: made complete with lines, listed and shown."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from erpcore_poweroffice.simulator import lists, order_lines
from erpcore_poweroffice.simulator.arithmetic import Amounts, document_amounts
from erpcore_poweroffice.simulator.books import Books, Record
from erpcore_poweroffice.simulator.calls import Answer, Call, Operation, reading, writing
from erpcore_poweroffice.simulator.members import read_body, show
from erpcore_poweroffice.simulator.references import (
    DELIVERY_TERM,
    DIMENSIONS,
    Reference,
    codes,
    employee,
    require_usable,
    resolve,
)
from erpcore_poweroffice.simulator.sales_shapes import ORDER
from erpcore_poweroffice.simulator.standing import order_seen
from erpcore_poweroffice.simulator.terms import PAYMENT_TERM, checked_days, days

HEADER_REFERENCES = (
    *DIMENSIONS,
    Reference("customers", "CustomerId", "CustomerNo", key="Number", word="number"),
    Reference("branding_themes", "BrandingThemeId", "BrandingThemeCode"),
    Reference("contact_persons", "CustomerReferenceContactPersonId"),
    Reference("delivery_addresses", "ContactDeliveryAddressId"),
    DELIVERY_TERM,
    PAYMENT_TERM,
    employee("SalesPersonEmployeeId", "SalesPersonEmployeeNumber"),
)


def operations() -> list[Operation]:
    """Return the addresses. There is no plain POST (the vendor's support)."""
    read, write = reading("SalesOrders"), writing("SalesOrders")
    return [
        Operation("GET", "/SalesOrders", read, find),
        Operation("POST", "/SalesOrders/Complete", write, create),
        Operation("GET", "/SalesOrders/{id}", read, get),
        Operation("GET", "/SalesOrders/{id}/Complete", read, get_complete),
    ]


def amounts(books: Books, order: Record) -> Amounts:
    """Return an order's sums in its currency."""
    return document_amounts((order_lines.sums(books, order.values, line) for line in order.lines), books.behaviour)


def shown(books: Books, order: Record, call: Call) -> dict[str, Any]:
    """Return an order's header as replies have it."""
    values, made = order.values, amounts(books, order)
    own = {
        "Id": order.id,
        "CreatedDateTimeOffset": order.created_at,
        "LastChangedDateTimeOffset": order.changed_at,
        "IsCreatedByCurrentIntegration": order.created_by == call.application,
        "LineCount": len(order.lines),
        "NetAmount": made.net,
        "TotalAmount": made.total,
        "CustomerReference": buyers_reference(books, values),
    }
    named = {**codes(books, HEADER_REFERENCES, values), "PaymentTerm": days(books, values)}
    row = show(ORDER, {**values, **named, **own})
    del row["SalesOrderLines"]
    return row


def complete(books: Books, order: Record, call: Call) -> dict[str, Any]:
    """Return an order with its lines."""
    lines = sorted(order.lines, key=lambda line: line["SortOrder"])
    return {
        **shown(books, order, call),
        "SalesOrderLines": [order_lines.shown(books, order, line) for line in lines],
    }


def buyers_reference(books: Books, values: Mapping[str, Any]) -> str | None:
    """Return the contact person's name where one is set, else the text."""
    person = books.named("contact_persons", values.get("CustomerReferenceContactPersonId"))
    if person is not None:
        return f"{person.values['FirstName']} {person.values['LastName']}"
    text: str | None = values.get("CustomerReference")
    return text


def create(books: Books, call: Call) -> Answer:
    """Make an order with its lines, all or nothing."""
    asked = read_body(ORDER, call.body, books.behaviour)
    values: dict[str, Any] = {"SalesOrderStatus": "Draft"}
    values |= {name: value for name, value in asked.items() if value is not None and name != "SalesOrderLines"}
    resolve(books, ORDER, HEADER_REFERENCES, values)
    require_usable(books, ORDER, HEADER_REFERENCES, values)
    checked_days(books, ORDER, values)
    _fill_currency(books, values)
    lines: list[dict[str, Any]] = []
    for line in asked.get("SalesOrderLines") or ():
        lines.append(order_lines.new_line(books, lines, line))
    _check(books, values, lines)
    values["SalesOrderNo"] = books.count_up("order")
    order = books.add("orders", books.new_uuid(), values, call)
    order.lines = lines
    return Answer(complete(books, order, call), 201)


def find(books: Books, call: Call) -> Answer:
    """List the headers of orders that are no invoices yet."""
    orders = (order for order in books.all_seen("orders") if not order.values.get("Invoiced"))
    return lists.answer(call, books.behaviour, ORDER, [shown(books, order, call) for order in orders])


def get(books: Books, call: Call) -> Answer:
    """Show one header."""
    return Answer(shown(books, order_seen(books, call), call))


def get_complete(books: Books, call: Call) -> Answer:
    """Show one order with its lines."""
    return Answer(complete(books, order_seen(books, call), call))


def _fill_currency(books: Books, values: dict[str, Any]) -> None:
    code = values.get("CurrencyCode") or books.value("customers", values.get("CustomerId"), "CurrencyCode") or "NOK"
    currency = books.by("currencies", "Code", code)
    if currency is None:
        raise ORDER.refused(f"CurrencyCode '{code}' is not valid.")
    values["CurrencyCode"] = currency.values["Code"]
    if values.get("CurrencyExchangeRate") is None:
        values["CurrencyExchangeRate"] = books.settings.get("rates", {}).get(currency.values["Code"], Decimal(1))


def _check(books: Books, values: Mapping[str, Any], lines: list[dict[str, Any]]) -> None:
    _check_reference(books, values.get("ExternalImportReference"))
    for table, member in (
        ("contact_persons", "CustomerReferenceContactPersonId"),
        ("delivery_addresses", "ContactDeliveryAddressId"),
    ):
        part = values.get(member)
        if part is not None and books.value(table, part, "ContactId") != values.get("CustomerId"):
            raise ORDER.refused(f"{member} {part} does not belong to the customer.")
    related = values.get("RelatedInvoiceNo")
    if related is None:
        return
    if books.by("invoices", "InvoiceNo", related) is None:
        raise ORDER.refused(f"Outgoing invoice with invoice number = {related} not found.", 404)
    net = document_amounts((order_lines.sums(books, values, line) for line in lines), books.behaviour).net
    if net >= 0:
        raise ORDER.refused("RelatedInvoiceNo can only be set on credit note drafts.")


def _check_reference(books: Books, reference: str | None) -> None:
    if reference is None:
        return
    limit = books.behaviour.order_reference_length
    if limit is not None and len(reference) > limit:
        raise ORDER.refused(f"ExternalImportReference has at most {limit} characters.")
    for other in books.tables["orders"].values():
        free = other.values.get("Invoiced") and not books.behaviour.references_outlive_invoicing
        if not free and other.values.get("ExternalImportReference") == reference:
            where = f" '{reference}' is used on Id = {other.id}."
            with_id = books.behaviour.duplicate_order_detail == "with_id"
            raise ORDER.refused("ExternalImportReference is already in use." + (where if with_id else ""))
