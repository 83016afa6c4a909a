"""What an order and its lines inherit where they say nothing: shown on request, and used for the invoice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from erpcore_poweroffice.simulator.books import Books
from erpcore_poweroffice.simulator.contacts import CONTACT_PERSONS, DELIVERY_ADDRESSES, main_of
from erpcore_poweroffice.simulator.terms import default_term


def effective_header(books: Books, order: Mapping[str, Any]) -> dict[str, Any]:
    """Return an order's members with what it inherits from project, customer and client (vendor's description)."""
    customer_id = order.get("CustomerId")
    customer = books.tables["customers"][customer_id].values if customer_id is not None else {}
    made = dict(order)
    if made.get("PaymentTermId") is None and made.get("PaymentTerm") is None:
        own = {member: customer.get(member) for member in ("PaymentTermId", "PaymentTerm")}
        made |= own if any(value is not None for value in own.values()) else {"PaymentTermId": default_term(books)}
    if made.get("DeliveryTermId") is None and made.get("DeliveryTerm") is None:
        made |= {member: customer.get(member) for member in ("DeliveryTermId", "DeliveryTerm")}
    project_department = books.value("projects", made.get("ProjectId"), "DepartmentId")
    _fill(made, "DepartmentId", project_department, customer.get("DepartmentId"))
    _fill(
        made,
        "SalesPersonEmployeeId",
        customer.get("SalesPersonEmployeeId"),
        books.settings.get("SalesPersonEmployeeId"),
    )
    _fill(made, "BrandingThemeId", customer.get("InvoiceBrandingThemeId"))
    if customer_id is not None:
        _fill(made, "ContactDeliveryAddressId", main_of(books, DELIVERY_ADDRESSES, customer_id))
        if made.get("CustomerReference") is None:
            _fill(made, "CustomerReferenceContactPersonId", main_of(books, CONTACT_PERSONS, customer_id))
    return made


def effective_line(books: Books, order: Mapping[str, Any], line: Mapping[str, Any]) -> dict[str, Any]:
    """Return a line's members with what it inherits from the order's effective header and the customer."""
    made = dict(line)
    for stem in ("Department", "Project", "Location", "Dim1", "Dim2", "Dim3"):
        _fill(made, f"{stem}Id", order.get(f"{stem}Id"))
    _fill(made, "SellersReferenceEmployeeId", order.get("SalesPersonEmployeeId"))
    _fill(made, "Allowance", books.value("customers", order.get("CustomerId"), "Allowance"))
    return made


def _fill(values: dict[str, Any], member: str, *sources: Any) -> None:
    if values.get(member) is None:
        values[member] = next((source for source in sources if source is not None), None)
