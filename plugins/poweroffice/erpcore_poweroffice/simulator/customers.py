"""Customers: their numbers, what is unique among them, and their invoice delivery."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from erpcore.simulator import SeriesExhausted
from erpcore_poweroffice.simulator import lists
from erpcore_poweroffice.simulator.books import Books, Record
from erpcore_poweroffice.simulator.calls import Answer, Call, Operation, reading, writing
from erpcore_poweroffice.simulator.contact_shapes import CUSTOMER
from erpcore_poweroffice.simulator.ledger import balance
from erpcore_poweroffice.simulator.members import is_email, read_body, show
from erpcore_poweroffice.simulator.patching import differ, patched
from erpcore_poweroffice.simulator.references import DELIVERY_TERM, Reference, codes, dimension, employee, resolve
from erpcore_poweroffice.simulator.terms import PAYMENT_TERM, checked_days

_REFERENCES = (
    dimension("departments", "Department"),
    DELIVERY_TERM,
    PAYMENT_TERM,
    employee("SalesPersonEmployeeId", "SalesPersonEmployeeNumber"),
    Reference("branding_themes", "InvoiceBrandingThemeId", "InvoiceBrandingThemeCode"),
)
_DEFAULTS: dict[str, Any] = {
    "IsPerson": False,
    "IsVatFree": False,
    "IsArchived": False,
    "IsActive": True,
    "SendPaymentReminders": True,
    "TransferToDebtCollectionAgency": True,
    "UseInvoiceFee": True,
    "DoNotAddLatePaymentFees": False,
    "DoNotAddLatePaymentInterest": False,
    "DoNotAutomatePaymentNotifications": False,
    "CurrencyCode": "NOK",
    "NoticeOfDebtCollectionDeliveryType": "PdfByEmail",
    "ReminderDeliveryType": "PdfByEmail",
}
_NOT_BY_API = ("AvtaleGiro", "Efaktura")
_ALLOWANCES = (Decimal(-1000), Decimal(100))


def operations() -> list[Operation]:
    """Return the addresses."""
    read, write = reading("Customer"), writing("Customer")
    return [
        Operation("GET", "/Customers", read, find),
        Operation("POST", "/Customers", write, create),
        Operation("GET", "/Customers/{id}", read, get),
        Operation("PATCH", "/Customers/{id}", write, update),
    ]


def shown(books: Books, record: Record) -> dict[str, Any]:
    """Return a customer as replies have it."""
    values = record.values
    first = values["CustomerCreated"]
    own = {
        "Id": record.id,
        "ContactCreatedDateTimeOffset": first,
        "CustomerCreatedDateTimeOffset": first,
        "LastChangedDateTimeOffset": record.changed_at,
        "NationalIdNumber": "hidden" if values.get("NationalIdNumber") else None,
        "SubledgerAccountId": record.id,
    }
    return show(CUSTOMER, {**values, **codes(books, _REFERENCES, values), **own})


def create(books: Books, call: Call) -> Answer:
    """Make a customer."""
    asked = read_body(CUSTOMER, call.body, books.behaviour)
    series_id = asked.pop("SubLedgerNumberSeriesId", None)
    values = {**_DEFAULTS, **{name: value for name, value in asked.items() if value is not None}}
    resolve(books, CUSTOMER, _REFERENCES, values)
    checked_days(books, CUSTOMER, values)
    _check(books, values, None)
    values["Number"] = _number(books, asked.get("Number"), series_id)
    values.setdefault("InvoiceDeliveryType", _usual_delivery(books, values))
    _fill_address(books, values)
    values["CustomerCreated"] = books.now()
    record = books.add("customers", books.count_up("contact"), values, call)
    return Answer(shown(books, record), 201)


def find(books: Books, call: Call) -> Answer:
    """List customers."""
    return lists.answer(call, books.behaviour, CUSTOMER, [shown(books, record) for record in _fitting(books, call)])


def get(books: Books, call: Call) -> Answer:
    """Show a customer."""
    return Answer(shown(books, books.seen("customers", int(call.params["id"]))))


def update(books: Books, call: Call) -> Answer:
    """Patch a customer."""
    record = books.get("customers", int(call.params["id"]))
    before = record.values
    values = {**before, **patched(CUSTOMER, before, call)}
    resolve(books, CUSTOMER, _REFERENCES, values)
    if values["PaymentTermId"] is not None:
        values.pop("PaymentTerm", None)
    _check(books, values, record)
    if values["Number"] != before["Number"]:
        values["Number"] = _number(books, values["Number"], None)
    _fill_address(books, values)
    record.values = values
    # A change of the address alone is not a change of the customer (vendor's workflow for customers).
    if differ(before, values, "MailAddress"):
        books.touch(record)
    return Answer(shown(books, record))


def _fitting(books: Books, call: Call) -> Iterator[Record]:
    numbers, reference = lists.ranges(call, "customerNos"), lists.text(call, "externalImportReference")
    for record in books.all_seen("customers"):
        values = record.values
        if (numbers is None or numbers(values["Number"])) and (
            reference is None or values.get("ExternalImportReference") == reference
        ):
            yield record


def _check(books: Books, values: dict[str, Any], record: Record | None) -> None:
    if values.get("IsPerson"):
        missing = [name for name in ("FirstName", "LastName") if not values.get(name)]
        if missing:
            raise CUSTOMER.refused(f"{' and '.join(missing)} must be set when IsPerson is true.")
    elif not values.get("Name"):
        raise CUSTOMER.refused("Name must be set when IsPerson is false.")
    for member in ("ExternalImportReference", "ExternalNumber"):
        _require_unique(books, member, values.get(member), record)
    _check_numbers(values)
    _check_delivery(books, values)
    if groups := values.get("ContactGroupIds"):
        raise CUSTOMER.refused(f"Could not find contact group(s) with id = {', '.join(map(str, groups))}.", 404)
    if len(values.get("CurrencyCode") or "NOK") != 3:
        raise CUSTOMER.refused(f"CurrencyCode '{values['CurrencyCode']}' is not valid.")
    if record is not None and values.get("IsArchived") and balance(books, record.id):
        raise CUSTOMER.refused("IsArchived cannot be set while the customer ledger has a balance.")


def _require_unique(books: Books, member: str, value: Any, record: Record | None) -> None:
    if value is None:
        return
    other = books.by("customers", member, value)
    if other is not None and other is not record:
        raise CUSTOMER.refused(f"{member} is already in use. '{value}' is used on (contact) Id = {other.id}.")


def _check_numbers(values: dict[str, Any]) -> None:
    low, high = _ALLOWANCES
    if (allowance := values.get("Allowance")) is not None and not low <= allowance <= high:
        raise CUSTOMER.refused(f"Allowance must be between {low} and {high}.")


def _check_delivery(books: Books, values: dict[str, Any]) -> None:
    delivery = values.get("InvoiceDeliveryType")
    if delivery in _NOT_BY_API:
        raise CUSTOMER.refused(f"InvoiceDeliveryType {delivery} cannot be set by the API.")
    if delivery == "EHF" and values.get("OrganizationNumber") not in books.receivers:
        raise CUSTOMER.refused("InvoiceDeliveryType EHF needs an organization number that is registered in ELMA.")
    if books.behaviour.customer_email_checked:
        for member in ("EmailAddress", "InvoiceEmailAddress", "PaymentReminderEmailAddress"):
            if (address := values.get(member)) and not is_email(address):
                raise CUSTOMER.refused(f"{member} '{address}' is not a valid e-mail address.")


def _number(books: Books, wanted: int | None, series_id: str | None) -> int:
    every = [
        record for record in books.tables["series"].values() if record.values["SubLedgerNumberSeriesType"] == "Customer"
    ]
    taken = {record.values["Number"] for record in books.tables["customers"].values()}
    if wanted is not None:
        if not any(series.values["FromInclusive"] <= wanted <= series.values["ToInclusive"] for series in every):
            raise CUSTOMER.refused(f"Number {wanted} is not within any customer number series of the client.")
        if wanted in taken:
            raise CUSTOMER.refused(f"Number {wanted} is already in use.")
        return wanted
    for series in every:
        if series.id == series_id or (series_id is None and series.values["IsDefault"]):
            numbers = range(series.values["FromInclusive"], series.values["ToInclusive"] + 1)
            try:
                return books.numbering.next_free(f"series {series.id}", taken.__contains__, numbers)
            except SeriesExhausted:
                raise CUSTOMER.refused("The number series has no free number left.") from None
    raise CUSTOMER.refused(f"Sub-ledger number series with id = {series_id} not found.", 404)


def _usual_delivery(books: Books, values: dict[str, Any]) -> str:
    if values.get("OrganizationNumber") in books.receivers:
        return "EHF"
    return "PdfByEmail" if values.get("InvoiceEmailAddress") or values.get("EmailAddress") else "Print"


def _fill_address(books: Books, values: dict[str, Any]) -> None:
    address = values.get("MailAddress")
    if address is None:
        return
    code = address["CountryCode"] = address.get("CountryCode") or "NO"
    if len(code) != 2 or not code.isalpha():
        raise CUSTOMER.refused(f"CountryCode '{code}' is not valid.")
    address.setdefault("Id", books.count_up("id"))
    address["LastChangedDateTimeOffset"] = books.now()
