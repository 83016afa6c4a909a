"""The company's settings and employees: mostly lists that are only read, and what the integration may do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from erpcore_poweroffice.simulator import lists
from erpcore_poweroffice.simulator.books import Books, Record
from erpcore_poweroffice.simulator.calls import Answer, Call, Operation, Refused, reading, writing
from erpcore_poweroffice.simulator.contact_shapes import CONTACT_GROUP, EMPLOYEE
from erpcore_poweroffice.simulator.members import Shape, read_body, show
from erpcore_poweroffice.simulator.patching import patched
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
    VAT_SETTINGS,
)
from erpcore_poweroffice.simulator.terms import require_days

SHAPES: dict[str, Shape] = {
    "employees": EMPLOYEE,
    "contact_groups": CONTACT_GROUP,
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

Fits = Callable[[dict[str, Any]], bool]


def operations() -> list[Operation]:
    """Return the addresses."""
    common = reading("CommonServices")
    readers: list[tuple[str, tuple[str, ...], str, Callable[[Books, Call], Fits]]] = [
        ("/Employees", reading("Employee"), "employees", _employees),
        ("/ContactGroups", reading("ContactGroup"), "contact_groups", _names),
        ("/PaymentTerms", common, "payment_terms", _all),
        ("/DeliveryTerms", common, "delivery_terms", _all),
        ("/VatCodes", common, "vat_codes", _vat_codes),
        ("/GeneralLedgerAccounts", reading("GeneralLedgerAccount"), "accounts", _accounts),
        ("/SubLedgerNumberSeries", common, "series", _series),
        ("/Currencies", common, "currencies", _currencies),
        ("/BrandingThemes", common, "branding_themes", _all),
        ("/Departments", reading("Department"), "departments", _coded),
        ("/Projects", reading("Project"), "projects", _projects),
    ]
    # VAT codes and currencies are lists alone; the others show one record too.
    single = [reader for reader in readers if reader[2] not in ("vat_codes", "currencies")]
    term = "/PaymentTerms/{id}"
    return [
        Operation("GET", "/ClientIntegrationInformation", (), information),
        Operation("GET", "/VatSettings", common, vat_settings),
        *(Operation("GET", address, roles, _lister(table, filters)) for address, roles, table, filters in readers),
        *(Operation("GET", f"{address}/{{id}}", roles, _getter(table)) for address, roles, table, _ in single),
        Operation("POST", "/PaymentTerms", writing("CommonServices"), create_term),
        Operation("PATCH", term, writing("CommonServices"), update_term),
        Operation("DELETE", term, writing("CommonServices"), delete_term),
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


def vat_settings(books: Books, call: Call) -> Answer:
    """Tell whether the company is registered for VAT."""
    return Answer(show(VAT_SETTINGS, {"IsVatRegistered": True, **books.settings}))


def create_term(books: Books, call: Call) -> Answer:
    """Make a payment term."""
    asked = read_body(PAYMENT_TERM, call.body, books.behaviour)
    values = {"IsActive": True, "IsDefault": False}
    values |= {name: value for name, value in asked.items() if value is not None}
    require_days(PAYMENT_TERM, asked["CreditDays"])
    record = books.add("payment_terms", books.count_up("id"), values, call)
    _only_default(books, record)
    return Answer(shown(books, "payment_terms", record), 201)


def update_term(books: Books, call: Call) -> Answer:
    """Patch a payment term."""
    record = books.get("payment_terms", int(call.params["id"]))
    values = {**record.values, **patched(PAYMENT_TERM, record.values, call)}
    require_days(PAYMENT_TERM, values["CreditDays"])
    record.values = values
    books.touch(record)
    _only_default(books, record)
    return Answer(shown(books, "payment_terms", record))


def delete_term(books: Books, call: Call) -> Answer:
    """Delete a payment term that nothing uses; answered with 201 (vendor's description)."""
    record = books.get("payment_terms", int(call.params["id"]))
    users = (other for table in ("customers", "orders") for other in books.tables[table].values())
    if any(user.values.get("PaymentTermId") == record.id for user in users):
        told = f"Payment term with id = {record.id} is in use and cannot be deleted."
        raise Refused(409, "Payment term conflict", told)
    del books.tables["payment_terms"][record.id]
    return Answer(status=201)


def _only_default(books: Books, record: Record) -> None:
    if record.values.get("IsDefault"):
        for other in books.tables["payment_terms"].values():
            other.values["IsDefault"] = other is record


def _lister(table: str, filters: Callable[[Books, Call], Fits]) -> Callable[[Books, Call], Answer]:
    def find(books: Books, call: Call) -> Answer:
        fits = filters(books, call)
        created = lists.after(call, "createdDateTimeOffsetGreaterThan")
        changed = lists.after(call, "lastChangedDateTimeOffsetGreaterThan")
        rows: Iterator[dict[str, Any]] = (
            shown(books, table, record)
            for record in books.all_seen(table)
            if (created is None or record.created_at > created) and (changed is None or record.changed_at > changed)
        )
        return lists.answer(call, books.behaviour, SHAPES[table], filter(fits, rows))

    return find


def _getter(table: str) -> Callable[[Books, Call], Answer]:
    def get(books: Books, call: Call) -> Answer:
        wanted = call.params["id"]
        return Answer(shown(books, table, books.seen(table, int(wanted) if wanted.isdecimal() else wanted)))

    return get


def _all(books: Books, call: Call) -> Fits:
    return lambda row: True


def _names(books: Books, call: Call) -> Fits:
    names = lists.words(call, "names")
    return lambda row: names is None or row["Name"].lower() in names


def _employees(books: Books, call: Call) -> Fits:
    numbers, external = lists.ranges(call, "employeeNos"), lists.ranges(call, "externalNos")
    reference = lists.text(call, "externalImportReference")
    created = lists.after(call, "employeeCreatedDateTimeOffsetGreaterThan")
    return lambda row: (
        (numbers is None or numbers(row["Number"]))
        and (external is None or external(row["ExternalNumber"]))
        and (reference is None or row["ExternalImportReference"] == reference)
        and (created is None or row["EmployeeCreatedDateTimeOffset"] > created)
    )


def _vat_codes(books: Books, call: Call) -> Fits:
    active, expired = lists.flag(call, "isActive"), lists.flag(call, "includeExpired")
    today = books.today()
    return lambda row: (
        (active is None or row["IsActive"] == active)
        and (bool(expired) or row["ValidTo"] is None or row["ValidTo"] >= today)
    )


def _accounts(books: Books, call: Call) -> Fits:
    numbers = lists.ranges(call, "accountNos")
    return lambda row: numbers is None or numbers(row["AccountNo"])


def _series(books: Books, call: Call) -> Fits:
    # The one filter that minds capital letters (vendor's description).
    kind, default = lists.text(call, "subLedgerNumberSeriesType"), lists.flag(call, "isDefault")
    return lambda row: (
        (kind is None or row["SubLedgerNumberSeriesType"] == kind) and (default is None or row["IsDefault"] == default)
    )


def _currencies(books: Books, call: Call) -> Fits:
    code, active = lists.text(call, "currencyCode"), lists.flag(call, "isActive")
    return lambda row: (
        (code is None or row["Code"].lower() == code.lower()) and (active is None or row["IsActive"] == active)
    )


def _coded(books: Books, call: Call) -> Fits:
    wanted, active = lists.words(call, "codes"), lists.flag(call, "isActive")
    return lambda row: (
        (wanted is None or row["Code"].lower() in wanted) and (active is None or row["IsActive"] == active)
    )


def _projects(books: Books, call: Call) -> Fits:
    wanted, numbers = lists.words(call, "projectCodes"), lists.ranges(call, "customerNos")
    return lambda row: (
        (wanted is None or row["Code"].lower() in wanted) and (numbers is None or numbers(row["CustomerNo"]))
    )
