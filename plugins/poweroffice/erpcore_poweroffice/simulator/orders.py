"""Sales orders, which are the drafts of invoices: made complete with lines, listed, patched and deleted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from erpcore_poweroffice.simulator import lists, order_lines
from erpcore_poweroffice.simulator.arithmetic import Amounts, document_amounts
from erpcore_poweroffice.simulator.books import Books, Record
from erpcore_poweroffice.simulator.calls import Answer, Call, Operation, Refused, reading, writing
from erpcore_poweroffice.simulator.inheritance import effective_header
from erpcore_poweroffice.simulator.members import read_body, show
from erpcore_poweroffice.simulator.patching import patched
from erpcore_poweroffice.simulator.references import (
    DELIVERY_TERM,
    DIMENSIONS,
    NONE,
    Reference,
    codes,
    employee,
    resolve,
)
from erpcore_poweroffice.simulator.sales_shapes import ORDER
from erpcore_poweroffice.simulator.standing import order_seen, own_order, require_idle
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
        Operation("PATCH", "/SalesOrders/{id}", write, update),
        Operation("DELETE", "/SalesOrders/{id}", write, delete),
    ]


def amounts(books: Books, order: Record) -> Amounts:
    """Return an order's sums in its currency."""
    return document_amounts((order_lines.sums(books, order.values, line) for line in order.lines), books.behaviour)


def shown(books: Books, order: Record, call: Call, *, inherited: bool = False) -> dict[str, Any]:
    """Return an order's header as replies have it."""
    values = effective_header(books, order.values) if inherited else order.values
    made = amounts(books, order)
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


def complete(books: Books, order: Record, call: Call, *, inherited: bool = False) -> dict[str, Any]:
    """Return an order with its lines."""
    header = effective_header(books, order.values) if inherited else None
    lines = sorted(order.lines, key=lambda line: line["SortOrder"])
    return {
        **shown(books, order, call, inherited=inherited),
        "SalesOrderLines": [order_lines.shown(books, order, line, header) for line in lines],
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
    checked_days(books, ORDER, values)
    _fill_currency(books, values)
    lines: list[dict[str, Any]] = []
    for line in asked.get("SalesOrderLines") or ():
        lines.append(order_lines.new_line(books, lines, line))
    _check(books, values, lines, None)
    values["SalesOrderNo"] = books.count_up("order")
    order = books.add("orders", books.new_uuid(), values, call)
    order.lines = lines
    return Answer(complete(books, order, call), 201)


def find(books: Books, call: Call) -> Answer:
    """List the headers of orders that are no invoices yet."""
    inherited = bool(lists.flag(call, "showInherited"))
    orders = (order for order in books.all_seen("orders") if not order.values.get("Invoiced"))
    rows = [shown(books, order, call, inherited=inherited) for order in orders]
    return lists.answer(call, books.behaviour, ORDER, _fitting(call, rows))


def get(books: Books, call: Call) -> Answer:
    """Show one header."""
    return Answer(shown(books, order_seen(books, call), call, inherited=bool(lists.flag(call, "showInherited"))))


def get_complete(books: Books, call: Call) -> Answer:
    """Show one order with its lines."""
    return Answer(complete(books, order_seen(books, call), call, inherited=bool(lists.flag(call, "showInherited"))))


def update(books: Books, call: Call) -> Answer:
    """Patch a header; a confirmed order must be set back to draft first, or in the same patch."""
    order = own_order(books, call)
    require_idle(books, order)
    before = order.values
    values = {**before, **patched(ORDER, before, call)}
    values["SalesOrderStatus"] = values["SalesOrderStatus"] or "Draft"
    if before["SalesOrderStatus"] == "Confirmed" == values["SalesOrderStatus"]:
        raise ORDER.refused(f"Sales order with id = {order.id} is confirmed and cannot be changed.")
    resolve(books, ORDER, HEADER_REFERENCES, values)
    if values.get("PaymentTermId") is not None:
        values.pop("PaymentTerm", None)
    _fill_currency(books, values)
    _check(books, values, order.lines, order)
    order.values = values
    books.touch(order)
    return Answer(shown(books, order, call))


def delete(books: Books, call: Call) -> Answer:
    """Delete an order with its lines; its reference is free again."""
    order = own_order(books, call)
    sending = books.sendings.get(str(order.id))
    if order.values["SalesOrderStatus"] == "Confirmed" or (sending is not None and sending.processing):
        detail = f"Sales order with id = {order.id} is confirmed or being processed and cannot be deleted."
        raise Refused(409, "Sales order conflict", detail)
    del books.tables["orders"][order.id]
    books.sendings.pop(str(order.id), None)
    return Answer()


def _fitting(call: Call, rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    numbers = lists.ranges(call, "customerNos")
    departments, projects = lists.words(call, "departmentCodes"), lists.words(call, "projectCodes")
    changed = lists.after(call, "lastChangedDateTimeOffsetGreaterThan")
    status, own = lists.choice(call, "orderStatus", "OrderStatus"), lists.flag(call, "onlyCreatedByCurrentIntegration")
    for row in rows:
        if (
            (numbers is None or numbers(row["CustomerNo"]))
            and (departments is None or (row["DepartmentCode"] or str(NONE)).lower() in departments)
            and (projects is None or (row["ProjectCode"] or str(NONE)).lower() in projects)
            and (changed is None or row["LastChangedDateTimeOffset"] > changed)
            and (status is None or row["SalesOrderStatus"] == status)
            and (not own or row["IsCreatedByCurrentIntegration"])
        ):
            yield row


def _fill_currency(books: Books, values: dict[str, Any]) -> None:
    code = values.get("CurrencyCode") or books.value("customers", values.get("CustomerId"), "CurrencyCode") or "NOK"
    currency = books.by("currencies", "Code", code)
    if currency is None:
        raise ORDER.refused(f"CurrencyCode '{code}' is not valid.")
    values["CurrencyCode"] = currency.values["Code"]
    if values.get("CurrencyExchangeRate") is None:
        values["CurrencyExchangeRate"] = books.settings.get("rates", {}).get(currency.values["Code"], Decimal(1))


def _check(books: Books, values: Mapping[str, Any], lines: list[dict[str, Any]], order: Record | None) -> None:
    _check_reference(books, values.get("ExternalImportReference"), order)
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


def _check_reference(books: Books, reference: str | None, order: Record | None) -> None:
    if reference is None:
        return
    limit = books.behaviour.order_reference_length
    if limit is not None and len(reference) > limit:
        raise ORDER.refused(f"ExternalImportReference has at most {limit} characters.")
    for other in books.tables["orders"].values():
        free = other.values.get("Invoiced") and not books.behaviour.references_outlive_invoicing
        if other is not order and not free and other.values.get("ExternalImportReference") == reference:
            where = f" '{reference}' is used on Id = {other.id}."
            with_id = books.behaviour.duplicate_order_detail == "with_id"
            raise ORDER.refused("ExternalImportReference is already in use." + (where if with_id else ""))
