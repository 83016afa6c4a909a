"""The company's settings and employees, which come with a seed, and what the integration may do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from erpcore_poweroffice.simulator import lists
from erpcore_poweroffice.simulator.books import Books, Record
from erpcore_poweroffice.simulator.calls import Answer, Call, Operation, reading
from erpcore_poweroffice.simulator.contact_shapes import EMPLOYEE
from erpcore_poweroffice.simulator.members import Shape, show
from erpcore_poweroffice.simulator.references import Reference, codes, dimension, resolve
from erpcore_poweroffice.simulator.setting_shapes import (
    ACCOUNT,
    BRANDING_THEME,
    CURRENCY,
    DELIVERY_TERM,
    DEPARTMENT,
    PAYMENT_TERM,
    PROJECT,
    SERIES,
    VAT_CODE,
)

SHAPES: dict[str, Shape] = {
    "employees": EMPLOYEE,
    "payment_terms": PAYMENT_TERM,
    "delivery_terms": DELIVERY_TERM,
    "vat_codes": VAT_CODE,
    "accounts": ACCOUNT,
    "series": SERIES,
    "currencies": CURRENCY,
    "branding_themes": BRANDING_THEME,
    "departments": DEPARTMENT,
    "projects": PROJECT,
}
"""What the records of each table are."""

_REFERENCES: dict[str, tuple[Reference, ...]] = {
    "accounts": (Reference("vat_codes", "VatCodeId", "VatCode"),),
    "employees": (dimension("departments", "Department"),),
    "projects": (
        dimension("departments", "Department"),
        Reference("customers", "CustomerId", "CustomerNo", key="Number"),
    ),
}


def operations() -> list[Operation]:
    """Return the addresses."""
    common = reading("CommonServices")
    readers: list[tuple[str, tuple[str, ...], str, str, str]] = [
        ("/Employees", reading("Employee"), "employees", "employeeNos", "Number"),
        ("/PaymentTerms", common, "payment_terms", "", ""),
        ("/GeneralLedgerAccounts", reading("GeneralLedgerAccount"), "accounts", "accountNos", "AccountNo"),
        ("/Currencies", common, "currencies", "", ""),
        ("/VatCodes", common, "vat_codes", "", ""),
        ("/Projects", reading("Project"), "projects", "", ""),
        ("/Departments", reading("Department"), "departments", "", ""),
    ]
    return [
        Operation("GET", "/ClientIntegrationInformation", (), information),
        *(Operation("GET", address, roles, _lister(*found)) for address, roles, *found in readers),
    ]


def shown(books: Books, table: str, record: Record) -> dict[str, Any]:
    """Return a record as replies have it."""
    values = record.values
    own = {
        "Id": record.id,
        "CreatedDateTimeOffset": record.created_at,
        "EmployeeCreatedDateTimeOffset": record.created_at,
        "ContactCreatedDateTimeOffset": record.created_at,
        "LastChangedDateTimeOffset": record.changed_at,
        "SubledgerAccountId": record.id,
    }
    return show(SHAPES[table], {**values, **codes(books, _REFERENCES.get(table, ()), values), **own})


def resolve_codes(books: Books, table: str, values: dict[str, Any]) -> None:
    """Replace codes in a seeded record by ids, in place.

    Raises:
        Refused: A record that is named is not there.
    """
    resolve(books, SHAPES[table], _REFERENCES.get(table, ()), values)


def information(books: Books, call: Call) -> Answer:
    """Tell what the integration may do; any token will do for this."""
    granted = books.integration
    told: dict[str, Any] = {
        "ActiveClientSubscriptions": ["Accounting", "Sales"],
        "ClientId": books.client_id,
        "ClientName": books.name,
        "InvalidPrivileges": list(granted.blocked),
        "ValidPrivileges": [privilege for privilege in granted.privileges if privilege not in granted.blocked],
    }
    if books.behaviour.allow_send_shown:
        told["AllowSendInvoice"] = granted.may_send
    return Answer(told)


def _lister(table: str, numbers: str, member: str) -> Callable[[Books, Call], Answer]:
    """Make the list of a table, which a filter named `numbers` may narrow by a member."""

    def find(books: Books, call: Call) -> Answer:
        fits = lists.ranges(call, numbers)
        rows = (shown(books, table, record) for record in books.all_seen(table))
        fitting = (row for row in rows if fits is None or fits(row[member]))
        return lists.answer(call, books.behaviour, SHAPES[table], fitting)

    return find
