"""The field maps of customers, contact persons and articles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from erpcore.fields import (
    OMIT,
    Computed,
    Default,
    Field,
    FieldMap,
    Loss,
    LossKind,
    Unsupported,
    account_number,
    cut,
    one_email,
    one_inbox,
    one_phone,
    rounded,
)
from erpcore.models import Article, ContactPerson, Customer
from erpcore_visma_eaccounting import values
from erpcore_visma_eaccounting.settings import FieldChoices

CODING = "Coding"
"""A member that is put beside an article's own: its account coding, which decides VAT and accounts."""

_LONGEST_NAME = 50
_LONGEST_PERSON = 100


def key_field(name: str, native: str = "Id") -> Field:
    """Declare an id of Visma's own."""
    return Field(name, native, read=values.text, direction="read", note="Visma gives it")


def customer_map(choices: FieldChoices) -> FieldMap[Customer]:
    """Build the table of customers.

    Args:
        choices: The settings that it follows.
    """
    blank = None if choices.empty_values == "clear" else OMIT

    def text(name: str, native: str, length: int, note: str = "") -> Field:
        return Field(name, native, narrow=[cut(length)], read=values.text, blank=blank, note=note)

    def address(name: str, native: str, *, required: bool) -> list[Field]:
        # Town and postal code are required in an invoice address, and so cannot be emptied.
        def place(name: str, native: str, length: int, needed: bool) -> Field:
            emptied = OMIT if required else blank
            return Field(name, native, narrow=[cut(length)], read=values.text, blank=emptied, required=needed)

        return [
            text(f"{name}.street", f"{native}Address1", 50),
            text(f"{name}.street2", f"{native}Address2", 50),
            place(f"{name}.postal_code", f"{native}PostalCode", 10, required and choices.default_postal_code is None),
            place(f"{name}.city", f"{native}City", 50, required and choices.default_city is None),
            Field(f"{name}.country_code", f"{native}CountryCode", read=values.text, blank=blank),
        ]

    return FieldMap(
        Customer,
        [
            key_field("key"),
            Field("number", "CustomerNumber", read=values.text, note="Visma's series when not shown; 16 characters"),
            Field("name", "Name", narrow=[cut(_LONGEST_NAME)], read=values.text, required=True),
            Field(
                "kind",
                "IsPrivatePerson",
                write=lambda kind: kind == "person",
                read=lambda private: "person" if private else "company",
            ),
            Field(
                "organisation_number",
                "CorporateIdentityNumber",
                write=values.written_organisation_number,
                read=values.text,
                blank=blank,
            ),
            Field("vat_number", "VatNumber", read=values.text, blank=blank, note="Visma asks the EU's register for it"),
            Unsupported("vat_treatment", reason="it follows the customer's country, VAT number and kind", derived=True),
            *one_inbox("EmailAddress", length=255, blank=blank, read=values.text),
            Field("phone", "Telephone", narrow=[one_phone(50)], read=values.text, blank=blank),
            Field("mobile_phone", "MobilePhone", narrow=[one_phone(50)], read=values.text, blank=blank),
            text("website", "WwwAddress", 255),
            *address("invoice_address", "Invoice", required=True),
            *_given("invoice_address.postal_code", "InvoicePostalCode", choices.default_postal_code),
            *_given("invoice_address.city", "InvoiceCity", choices.default_city),
            *address("delivery_address", "Delivery", required=False),
            Unsupported("visiting_address", reason="a customer has no such address"),
            Field(
                "currency",
                "CurrencyCode",
                read=values.text,
                register="currency",
                note="of all the customer's invoices",
            ),
            Field(
                "terms_of_payment",
                "TermsOfPaymentId",
                read=values.text,
                register="terms_of_payment",
                note="id or name of the terms",
            ),
            Unsupported("our_reference", reason="it stands on documents alone"),
            Unsupported("your_reference", reason="the customer's reference person is its contact person"),
            Unsupported("external_reference", reason="a customer has no place for another system's key"),
            Field("active", "IsActive", read=values.flag),
        ],
    )


def person_name(person: ContactPerson) -> str:
    """Put a person's name together; empty when there is none."""
    return " ".join(name for name in (person.first_name, person.last_name) if name)


def _names(customer: Mapping[str, Any]) -> tuple[Any, Any]:
    first, _, last = str(customer.get("ContactPersonName") or "").strip().rpartition(" ")
    return first or OMIT, last or OMIT


def _name_loss(person: ContactPerson) -> Loss | None:
    name = person_name(person)
    kept = name[:_LONGEST_PERSON].rstrip()
    if name == kept:
        return None
    return Loss("first_name", LossKind.TRUNCATED, name, kept, f"at most {_LONGEST_PERSON} characters")


CONTACT_PERSON = FieldMap(
    ContactPerson,
    [
        Unsupported("key", reason="a customer has one person, who is part of its record", derived=True),
        Computed(
            "first_name",
            "ContactPersonName",
            lambda person: person_name(person)[:_LONGEST_PERSON].rstrip(),
            reason="first and last name make the name of the customer's reference person",
            read=lambda customer: _names(customer)[0],
            loss=_name_loss,
        ),
        Computed(
            "last_name",
            "",
            lambda _: OMIT,
            reason="the last word of the name that the first name is in",
            read=lambda customer: _names(customer)[1],
        ),
        Field("email", "ContactPersonEmail", narrow=[one_email(255)]),
        Field("phone", "ContactPersonPhone", narrow=[one_phone(50)]),
        Field("mobile_phone", "ContactPersonMobile", narrow=[one_phone(50)]),
        Unsupported("active", reason="a customer has one person, or none"),
    ],
)
"""The table of contact persons: a customer has one, its reference person."""


def article_map(choices: FieldChoices) -> FieldMap[Article]:
    """Build the table of articles.

    Args:
        choices: The settings that it follows.
    """
    return FieldMap(
        Article,
        [
            key_field("key"),
            Field("number", "Number", read=values.text, required=True, note="at most 40 characters"),
            Field("description", "Name", narrow=[cut(_LONGEST_NAME)], read=values.text, required=True),
            Computed(
                "kind",
                "IsServiceArticle",
                lambda _: OMIT,
                reason="the account coding decides it",
                read=lambda record: {True: "service", False: "goods"}.get(record.get("IsServiceArticle"), OMIT),
                loss=lambda article: _derived("kind", article.kind, "the account coding decides it"),
            ),
            Field("unit", "UnitAbbreviation", read=values.text, register="unit", note="written as UnitId"),
            Default("unit", "UnitAbbreviation", choices.article_unit, reason="Visma takes no article without a unit"),
            Field("price", "NetPrice", narrow=[rounded(2)], read=values.number, note="GrossPrice is worked out of it"),
            Field("cost_price", "PurchasePrice", narrow=[rounded(2)], read=values.number),
            Computed(
                "currency",
                "",
                lambda _: OMIT,
                reason=f"prices are in the company's own currency, {choices.currency}",
                loss=lambda article: _other_currency(article, choices.currency),
            ),
            Field(
                "vat_percent",
                f"{CODING}.VatRatePercent",
                read=values.percent,
                note="chooses the account coding, written as CodingId",
            ),
            Unsupported("vat_code", reason="the account coding decides it", derived=True),
            Unsupported("group", reason="articles have labels instead of groups", not_built=True),
            Field(
                "income_account",
                f"{CODING}.DomesticSalesSubjectToVatAccountNumber",
                write=account_number,
                read=values.text,
                register="account",
                note="chooses the account coding, written as CodingId",
            ),
            Unsupported("ean", reason="bar codes are a list of their own", not_built=True),
            Field("note", "Note", narrow=[cut(4000)], read=values.text),
            Unsupported("external_reference", reason="an article has no place for another system's key"),
            Field("active", "IsActive", read=values.flag),
            Field("changed_at", "ChangedUtc", read=values.moment, direction="read", note="Visma sets it"),
        ],
    )


def _given(name: str, native: str, value: str | None) -> list[Default]:
    return [] if value is None else [Default(name, native, value, reason="a setting; Visma takes none without")]


def _derived(name: str, value: Any, reason: str) -> Loss | None:
    return None if value is None else Loss(name, LossKind.DERIVED, value, None, reason)


def _other_currency(article: Article, own: str) -> Loss | None:
    if article.currency in (None, own) or (article.price is None and article.cost_price is None):
        return None
    return Loss("currency", LossKind.DEFAULTED, article.currency, own, "prices are in the company's own currency")
