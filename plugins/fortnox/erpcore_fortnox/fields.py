"""The field maps of customers, contact persons and articles; those of documents are in `document_fields`.

Lengths and names are those of Fortnox's interface description, the rest of its developer guide, Parameters and Formats
and encoding, unless a note says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
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
    all_emails,
    cut,
    one_email,
    replaced,
    rounded,
)
from erpcore.models import Article, ContactPerson, Customer, Register
from erpcore_fortnox import values
from erpcore_fortnox.settings import FieldChoices
from erpcore_fortnox.text import many_lines, one_line

LINE = replaced(
    one_line,
    "a line break, or a character that Fortnox refuses",
    remark="line breaks and characters that Fortnox refuses are replaced",
)
LINES = replaced(many_lines, "a character that Fortnox refuses", remark="characters that Fortnox refuses are replaced")
NUMBERED = "Fortnox knows its records by their numbers"
_CENTS = rounded(2)
_KINDS = {"company": "COMPANY", "person": "PRIVATE"}
_CANONICAL_KINDS = {native: kind for kind, native in _KINDS.items()}
_VAT_TYPES = {
    "domestic": "SEVAT",
    "reverse_charge": "SEREVERSEDVAT",
    "eu": "EUREVERSEDVAT",
    "export": "EXPORT",
}
_CANONICAL_VAT_TYPES = {native: treatment for treatment, native in _VAT_TYPES.items()}
_ARTICLE_KINDS = {"goods": "STOCK", "service": "SERVICE"}
_CANONICAL_ARTICLE_KINDS = {native: kind for kind, native in _ARTICLE_KINDS.items()}


def text_field(
    name: str,
    native: str,
    length: int | None = None,
    *,
    blank: Any = OMIT,
    note: str = "",
    required: bool = False,
) -> Field:
    """Declare a text of one line.

    Args:
        name: Canonical field.
        native: Fortnox's member.
        length: The longest text that Fortnox takes.
        blank: What empties it.
        note: For the printed table.
        required: Whether nothing can be made without it.
    """
    narrow = [LINE, cut(length)] if length else [LINE]
    return Field(name, native, narrow=narrow, read=values.text, blank=blank, note=note, required=required)


def code_field(name: str, native: str, *, blank: Any = OMIT, register: Register | None = None, note: str = "") -> Field:
    """Declare a code or number that must not be changed on its way: one that does not fit is refused by Fortnox."""
    return Field(name, native, read=values.text, blank=blank, register=register, note=note)


def customer_map(choices: FieldChoices) -> FieldMap[Customer]:
    """Build the table of customers.

    Args:
        choices: The settings that it follows.
    """
    blank = values.API_BLANK if choices.empty_values == "clear" else OMIT
    dashed = choices.organisation_number_form == "dashed"
    spelled = values.dashed_organisation_number if dashed else values.plain_organisation_number
    emails = [one_email(1024)] if choices.email_addresses == "first" else [all_emails("; ", 1024)]

    def text(name: str, native: str, length: int) -> Field:
        return text_field(name, native, length, blank=blank)

    def code(name: str, native: str) -> Field:
        return code_field(name, native, blank=blank)

    def email(name: str, native: str) -> Field:
        return Field(name, native, narrow=emails, read=values.text, blank=blank)

    return FieldMap(
        Customer,
        [
            Unsupported("key", reason=NUMBERED, derived=True),
            code_field("number", "CustomerNumber", note="Fortnox's series when not shown; never changed afterwards"),
            text_field("name", "Name", 1024, required=True),
            Field("kind", "Type", write=_KINDS.__getitem__, read=lambda kind: _CANONICAL_KINDS.get(kind, OMIT)),
            Field(
                "organisation_number",
                "OrganisationNumber",
                write=spelled,
                read=values.text,
                blank=blank,
                note="spelled NNNNNN-NNNN" if dashed else "spelled NNNNNNNNNN",
            ),
            code("vat_number", "VATNumber"),
            Field(
                "vat_treatment",
                "VATType",
                write=_VAT_TYPES.__getitem__,
                read=lambda kind: _CANONICAL_VAT_TYPES.get(kind, OMIT),
                note="decides the VAT of the customer's documents; EUVAT, sold within the EU with VAT, is not shown",
            ),
            email("email", "Email"),
            email("invoice_email", "EmailInvoice"),
            text("phone", "Phone1", 1024),
            text("mobile_phone", "Phone2", 1024),
            text("website", "WWW", 128),
            text("invoice_address.street", "Address1", 1024),
            text("invoice_address.street2", "Address2", 1024),
            text("invoice_address.postal_code", "ZipCode", 10),
            text("invoice_address.city", "City", 1024),
            code("invoice_address.country_code", "CountryCode"),
            text("delivery_address.street", "DeliveryAddress1", 1024),
            text("delivery_address.street2", "DeliveryAddress2", 1024),
            text("delivery_address.postal_code", "DeliveryZipCode", 10),
            text("delivery_address.city", "DeliveryCity", 1024),
            code("delivery_address.country_code", "DeliveryCountryCode"),
            text("visiting_address.street", "VisitingAddress", 128),
            Unsupported("visiting_address.street2", reason="Fortnox has one line for the visiting address"),
            text("visiting_address.postal_code", "VisitingZipCode", 10),
            text("visiting_address.city", "VisitingCity", 128),
            code("visiting_address.country_code", "VisitingCountryCode"),
            code_field("currency", "Currency", register="currency"),
            code_field("terms_of_payment", "TermsOfPayment", blank=blank, register="terms_of_payment"),
            text("our_reference", "OurReference", 50),
            text("your_reference", "YourReference", 50),
            text("external_reference", "ExternalReference", 1024),
            Field("active", "Active", read=values.flag),
        ],
    )


def article_map(choices: FieldChoices) -> FieldMap[Article]:
    """Build the table of articles.

    Args:
        choices: The settings that it follows.
    """
    return FieldMap(
        Article,
        [
            Unsupported("key", reason=NUMBERED, derived=True),
            code_field("number", "ArticleNumber", note="Fortnox's series when not shown; never changed afterwards"),
            text_field("description", "Description", 200, required=True),
            Field(
                "kind",
                "Type",
                write=_ARTICLE_KINDS.__getitem__,
                read=lambda kind: _CANONICAL_ARTICLE_KINDS.get(kind, OMIT),
            ),
            code_field("unit", "Unit", register="unit"),
            Field(
                "price",
                "SalesPrice",
                narrow=[rounded(2)],
                read=values.number,
                note=f"written to price list {choices.price_list}",
            ),
            Field("cost_price", "PurchasePrice", narrow=[rounded(2)], read=values.number),
            Computed(
                "currency",
                "",
                lambda _: OMIT,
                reason=f"a price list has no currency of its own: prices are in {choices.currency}",
                loss=lambda article: _other_currency(article, choices.currency),
            ),
            Field("vat_percent", "VAT", read=values.number),
            *_given("vat_percent", "VAT", choices.article_vat_percent),
            Unsupported("vat_code", reason="an article has a rate, and accounts for each treatment", derived=True),
            Unsupported("group", reason="Fortnox has no article groups"),
            Field("income_account", "SalesAccount", write=account_number, read=values.account),
            *_given("income_account", "SalesAccount", choices.article_account),
            code_field("ean", "EAN"),
            Field("note", "Note", narrow=[LINES, cut(10_000)], read=values.text),
            Unsupported("external_reference", reason="Fortnox's articles have no field for another system's key"),
            Field("active", "Active", read=values.flag),
            Unsupported("changed_at", reason="Fortnox does not show when an article was changed", derived=True),
        ],
    )


def _given(name: str, native: str, value: object) -> list[Default]:
    """What a setting says of new articles; without it, Fortnox decides."""
    return [] if value is None else [Default(name, native, value, reason=f"setting article_{native.lower()}")]


CONTACT_PERSON = FieldMap(
    ContactPerson,
    [
        Field("key", "Id", read=values.text, direction="read", note="Fortnox gives it"),
        Computed(
            "first_name",
            "Reference",
            lambda person: one_line(person_name(person)),
            reason="first and last name make the text in the customer's list of “Er referens”; the last word of one "
            "that is read is the last name",
            read=lambda row: _names(row)[0],
        ),
        Computed(
            "last_name",
            "",
            lambda _: OMIT,
            reason="part of the text that the first name is in",
            read=lambda row: _names(row)[1],
        ),
        Unsupported("email", reason="a name alone stands in the customer's list of “Er referens”"),
        Unsupported("phone", reason="a name alone stands in the customer's list of “Er referens”"),
        Unsupported("mobile_phone", reason="a name alone stands in the customer's list of “Er referens”"),
        Unsupported("active", reason="a name stands in the list or does not"),
    ],
)
"""Contact persons, which Fortnox knows by name only (resource ``customerreferences``)."""


def _names(row: Mapping[str, Any]) -> tuple[Any, Any]:
    first, _, last = str(row.get("Reference") or "").strip().rpartition(" ")
    return first or OMIT, last or OMIT


def person_name(person: ContactPerson) -> str:
    """Put a person's name together; empty when there is none."""
    return " ".join(name for name in (person.first_name, person.last_name) if name)


def _other_currency(article: Article, own: str) -> Loss | None:
    if article.currency in (None, own) or (article.price is None and article.cost_price is None):
        return None
    return Loss("currency", LossKind.DEFAULTED, article.currency, own, "a price list has no currency of its own")


def as_sent(text: str, length: int) -> str:
    """Give a text of one line as it arrives in Fortnox, to search for it and to compare with it.

    Args:
        text: The text.
        length: The longest that Fortnox takes.
    """
    arrives: str = cut(length).apply(one_line(text))
    return arrives


def two_decimals(value: Decimal) -> Decimal:
    """Round as Fortnox does: two decimals, halves away from zero (seen in recorded replies)."""
    narrow: Decimal = _CENTS.apply(value)
    return narrow
