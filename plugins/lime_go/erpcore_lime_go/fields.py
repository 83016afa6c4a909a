"""The field maps: how both APIs show companies and deals.

Lime Go is the master of its records, so that they are read only; what erpcore writes back goes into the custom fields
that settings name (`write_back_map`). Members of classic payloads have the names that our GraphQL queries give them,
which are those of the published list and of Lime's import format.

What depends on settings (whether a deal is won, its ERP ID, its rows) is worked out in `reading` and put beside the
system's own members, under `OURS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Literal

from erpcore.fields import (
    OMIT,
    Computed,
    Entry,
    Field,
    FieldMap,
    Unsupported,
    country,
    currency_code,
    exact,
    identifier,
)
from erpcore.models import Company, Deal, DealRow, InvoiceStanding, Person, WriteBack

from .settings import LimeGoSettings
from .values import first_text, text, whole

OURS = "erpcore"
"""The member that holds what was worked out."""


def _read(name: str, native: str, read: Callable[[Any], Any] = text, note: str = "") -> Field:
    return Field(name, native, read=read, direction="read", note=note)


def _ours(name: str, reason: str) -> Computed:
    def read(payload: Mapping[str, Any]) -> Any:
        return payload.get(OURS, {}).get(name, OMIT)

    return Computed(name, "", lambda _: OMIT, reason, read=read)


def _address(name: str, street: str, postal_code: str, city: str, land: str) -> list[Entry]:
    return [
        _read(f"{name}.street", street),
        Unsupported(f"{name}.street2", reason="Lime Go has one line for the street"),
        _read(f"{name}.postal_code", postal_code),
        _read(f"{name}.city", city),
        _read(f"{name}.country_code", land, country, "by its code or its name; not shown when nobody can read it"),
        _read(f"{name}.country", land, note="as it is written"),
    ]


_CONTACT_DATA = "only with a key that shows contact data"
_NO_INVOICE_EMAIL = Unsupported("invoice_email", reason="a company has one address")
_NO_EMPLOYEE_NUMBER = Unsupported("responsible.number", reason="Lime Go has no employee numbers")
_NO_FIRST_SYNC = Unsupported("first_synced_at", reason="Lime Go keeps no such moment")
_NO_WON_DATE = Unsupported("won_date", reason="neither API shows it")
_ERP_NUMBER = _ours("erp_number", "the custom field that company_erp_number_field names")
_CUSTOM_FIELDS = _ours("custom_fields", "those that are filled in, without the ones that settings name")
_IS_CUSTOMER = _ours("is_customer", "its relation is among customer_relations")
_ERP_ID = _ours("erp_id", "the custom field that erp_id_field names")
_ROWS = _ours("rows", "the custom field that rows_field names, see deal_row; neither API shows products")

COMPANY = FieldMap(
    Company,
    [
        _read("id", "id", identifier),
        _read("name", "name"),
        _read("organisation_number", "organizationNumber"),
        _read("email", "email", note=_CONTACT_DATA),
        _NO_INVOICE_EMAIL,
        _read("phone", "phoneNumber", first_text, f"the first one; {_CONTACT_DATA}"),
        _read("website", "webSite", note="where the schema has it"),
        *_address(
            "postal_address",
            "postalAddress.street",
            "postalAddress.zipCode",
            "postalAddress.city",
            "postalAddress.countryCode",
        ),
        *_address(
            "visiting_address",
            "visitAddress.street",
            "visitAddress.zipCode",
            "visitAddress.city",
            "visitAddress.countryCode",
        ),
        _ERP_NUMBER,
        _IS_CUSTOMER,
        _NO_FIRST_SYNC,
        _read("responsible.id", "responsibleCoworker.id", identifier),
        _read("responsible.name", "responsibleCoworker.name"),
        _read("responsible.email", "responsibleCoworker.email"),
        _NO_EMPLOYEE_NUMBER,
        _CUSTOM_FIELDS,
    ],
)
"""A company (organization) in classic GraphQL."""

COMPANY_AGENTIC = FieldMap(
    Company,
    [
        _read("id", "id", identifier),
        _read("name", "name"),
        _read("organisation_number", "business_id"),
        _read("email", "email"),
        _NO_INVOICE_EMAIL,
        _read("phone", "phone"),
        _read("website", "domain"),
        *_address("postal_address", "street", "postal_code", "city", "country"),
        Unsupported("visiting_address", reason="the API has one address"),
        _ERP_NUMBER,
        _IS_CUSTOMER,
        _NO_FIRST_SYNC,
        _read("responsible.id", "owner.id", identifier),
        _read("responsible.name", "owner.name"),
        _read("responsible.email", "owner.email"),
        _NO_EMPLOYEE_NUMBER,
        _CUSTOM_FIELDS,
    ],
)
"""A company in the Agentic API."""

PERSON = FieldMap(
    Person,
    [
        _read("id", "id", identifier),
        _read("name", "name"),
        _read("email", "email"),
        _read("phone", "phoneNumber", first_text, f"the first one; {_CONTACT_DATA}"),
        _read("mobile_phone", "mobilePhoneNumber", first_text, "where the schema has it"),
    ],
)
"""A person in classic GraphQL."""

PERSON_AGENTIC = FieldMap(
    Person,
    [
        _read("id", "id", identifier),
        _read("name", "name", note="first and last name"),
        _read("email", "email"),
        _read("phone", "phone"),
        _read("mobile_phone", "mobile_phone"),
    ],
)
"""A person (contact) in the Agentic API."""

DEAL = FieldMap(
    Deal,
    [
        _read("id", "id", identifier),
        _read("name", "name"),
        _ours("won", "won_statuses and lost_statuses, else the event DealWon"),
        _read("status", "status"),
        _read("value", "value", exact, "where the schema has it, else from the event"),
        _read("currency", "currency", currency_code, "where the schema has it"),
        _NO_WON_DATE,
        _read("company_id", "customer.id", identifier),
        _read("contact.id", "customerContact.id", identifier, "where the schema has it"),
        _read("contact.name", "customerContact.name", note="where the schema has it"),
        _read("contact.email", "customerContact.email", note="where the schema has it"),
        _read("contact.phone", "customerContact.phoneNumber", first_text, f"the first one; {_CONTACT_DATA}"),
        _read("contact.mobile_phone", "customerContact.mobilePhoneNumber", first_text, "where the schema has it"),
        _read("responsible.id", "responsibleCoworker.id", identifier),
        _read("responsible.name", "responsibleCoworker.name"),
        _read("responsible.email", "responsibleCoworker.email"),
        _NO_EMPLOYEE_NUMBER,
        _ROWS,
        _CUSTOM_FIELDS,
        _ERP_ID,
        Unsupported("revision", reason="the API does not count changes"),
    ],
)
"""A deal in classic GraphQL."""

DEAL_AGENTIC = FieldMap(
    Deal,
    [
        _read("id", "id", identifier),
        _read("name", "name"),
        _ours("won", "the stage's category is in won_categories, or its name in won_stages"),
        _read("status", "stage.name"),
        _read("value", "value", exact),
        _read("currency", "currency", currency_code),
        _NO_WON_DATE,
        _read("company_id", "company.id", identifier),
        _read("contact.id", "contact.id", identifier, "the first of the deal's contacts"),
        _read("contact.name", "contact.name"),
        _read("contact.email", "contact.email"),
        _read("contact.phone", "contact.phone"),
        _read("contact.mobile_phone", "contact.mobile_phone"),
        _read("responsible.id", "owner.id", identifier, "the first of the deal's owners"),
        _read("responsible.name", "owner.name"),
        _read("responsible.email", "owner.email"),
        _NO_EMPLOYEE_NUMBER,
        _ROWS,
        _CUSTOM_FIELDS,
        _ERP_ID,
        _read("revision", "revision", whole),
    ],
)
"""A deal in the Agentic API."""

DEAL_ROW = FieldMap(
    DealRow,
    [
        _read("article_id", "article_id"),
        _read("article_number", "article_number"),
        _read("description", "text"),
        _read("quantity", "quantity", exact),
        _read("unit", "unit"),
        _read("unit_price", "price", exact),
        _read("vat_percent", "vat", exact),
        _read("discount_amount", "discount_amount", exact),
        _read("discount_percent", "discount", exact),
    ],
)
"""A row in the JSON of the custom field that `rows_field` names. The form is erpcore's own."""

_PLACES: Mapping[str, Mapping[str, str]] = {
    "deal": {
        "erp_id": "erp_id_field",
        "order_number": "order_number_field",
        "invoice_number": "invoice_number_field",
        "status": "status_field",
        "message": "message_field",
        "net": "rows_sum_field",
    },
    "company": {"erp_id": "company_erp_number_field"},
}
"""Where what is told of a record goes: the setting that names the custom field."""


def write_back_map(kind: Literal["deal", "company"], settings: LimeGoSettings | None = None) -> FieldMap[WriteBack]:
    """Build the table of what goes back to a deal or a company. The system's names in it are those of our settings.

    Args:
        kind: Which record.
        settings: The connection's; without them the table says what can be set.
    """

    def entry(name: str) -> Entry:
        place = _PLACES[kind].get(name)
        if place is None:
            return Unsupported(name, reason=f"it is not written to a {kind}")
        if settings is not None and (reason := _nowhere(kind, place, settings)):
            return Unsupported(name, reason=reason)
        write = _two_decimals if name == "net" else str
        return Field(name, place, blank=None, write=write, note="the custom field of this title")

    address = [Unsupported(name, reason="part of the address") for name in ("record_kind", "record_id")]
    return FieldMap(WriteBack, [*address, *map(entry, (*_PLACES["deal"], "customer_number", "erp_db"))])


_STANDING_PLACES: Mapping[str, Mapping[str, str]] = {
    "deal": {
        "numbers": "invoices_field",
        "colour": "invoice_colour_field",
        "total": "invoice_total_field",
        "balance": "invoice_balance_field",
        "due_date": "invoice_due_field",
        "paid_date": "invoice_paid_field",
    },
    "company": {
        "colour": "company_invoice_colour_field",
        "balance": "company_balance_field",
        "due_date": "company_due_field",
    },
}
"""The same for what stands of a record's invoices."""


def invoice_standing_map(
    kind: Literal["deal", "company"], settings: LimeGoSettings | None = None
) -> FieldMap[InvoiceStanding]:
    """Build the table of what is shown of the invoices of a deal or a company, as `write_back_map` builds its own.

    Args:
        kind: Which record.
        settings: The connection's; without them the table says what can be set.
    """
    texts = dict(settings.invoice_colour_texts) if settings is not None else {}
    written: Mapping[str, Callable[[Any], str]] = {
        "colour": lambda colour: str(texts.get(colour, colour)),
        "total": _two_decimals,
        "balance": _two_decimals,
        "due_date": lambda day: str(day.isoformat()),
        "paid_date": lambda day: str(day.isoformat()),
    }

    def entry(name: str) -> Entry:
        place = _STANDING_PLACES[kind].get(name)
        if place is None:
            return Unsupported(name, reason=f"it is not written to a {kind}")
        if settings is not None and (reason := _nowhere(kind, place, settings)):
            return Unsupported(name, reason=reason)
        return Field(name, place, blank=None, write=written.get(name, str), note="the custom field of this title")

    address = [Unsupported(name, reason="part of the address") for name in ("record_kind", "record_id")]
    fields = ("numbers", "colour", "total", "balance", "due_date", "paid_date")
    return FieldMap(InvoiceStanding, [*address, *map(entry, fields)])


def _two_decimals(amount: Decimal) -> str:
    return f"{amount:.2f}"


def _nowhere(kind: str, place: str, settings: LimeGoSettings) -> str | None:
    if settings.api == "classic" and kind == "company":
        return "the classic API is not known to change companies"
    if settings.api == "classic" and settings.set_custom_field_mutation is None:
        return "the setting set_custom_field_mutation names no mutation"
    return None if getattr(settings, place) is not None else f"the setting {place} names no custom field"
