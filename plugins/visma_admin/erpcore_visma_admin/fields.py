"""The field maps of customers, contact persons and articles; those of documents are in `document_fields`.

Names are those of the program's native interface without the group in front; the widths are those of its files' columns
and of what others read and write (facts that `check_connection` compares with what the installation says).
"""

from __future__ import annotations

from erpcore.fields import (
    OMIT,
    Computed,
    Default,
    Entry,
    Field,
    FieldMap,
    Loss,
    LossKind,
    Narrowing,
    Unsupported,
    cut,
    digits,
    one_email,
    one_inbox,
    one_phone,
    rounded,
)
from erpcore.models import Article, ContactPerson, Customer, Register
from erpcore_visma_admin import values
from erpcore_visma_admin.adk.tables import TIMESTAMP
from erpcore_visma_admin.settings import FieldChoices

NUMBERED = "the program knows its records by their numbers"
_CODED = "an article is booked by its coding (konteringskod); a new one is made towards this one"
PRICE = "PRICE"
"""Where the field map puts an article's price, which is a record of its own in a price list."""


VAT_FLAGS = "EXPORT, EU_CUSTOMER"
"""Where the field map puts how VAT is dealt with, which two fields of a customer tell together."""


def text_field(
    name: str,
    native: str,
    width: int | None = None,
    *,
    note: str = "",
    required: bool = False,
    register: Register | None = None,
) -> Field:
    """Declare a text of one line, which an empty one empties.

    Args:
        name: Canonical field.
        native: The program's.
        width: The longest that it takes and may be cut to; None for a key, which is never cut.
        note: For the printed table.
        required: See `Field`.
        register: See `Field`.
    """
    narrow: list[Narrowing] = [] if width is None else [values.storable(), values.one_line(), cut(width)]
    return Field(
        name,
        native,
        narrow=narrow,
        read=values.text,
        blank="",
        note=note,
        required=required,
        register=register,
    )


def phone_field(name: str, native: str) -> Field:
    """Declare a telephone number, of which the program keeps 20 characters."""
    narrow = [values.storable(), values.one_line(), one_phone(20)]
    return Field(name, native, narrow=narrow, read=values.text, blank="")


def terms_field() -> Field:
    """Declare terms of payment."""
    return Field(
        "terms_of_payment", "CODE_OF_TERMS_OF_PAYMENT", read=values.text, blank="", register="terms_of_payment"
    )


def number_field(name: str, native: str, decimals: int, *also_native: str, note: str = "") -> Field:
    """Declare a number.

    Args:
        name: Canonical field.
        native: The program's.
        decimals: How many it keeps.
        *also_native: Further fields that the same value is written to.
        note: For the printed table.
    """
    narrow = [rounded(decimals)]
    return Field(name, native, *also_native, narrow=narrow, write=digits, read=values.number, note=note)


def address_fields(name: str, natives: tuple[str, str, str, str, str]) -> list[Field]:
    """Declare a postal address.

    Args:
        name: Canonical address.
        natives: The program's fields for street, second line, postal code, town and country.
    """
    parts = (("street", 35), ("street2", 35), ("postal_code", 12), ("city", 24))
    lines = [text_field(f"{name}.{part}", native, width) for (part, width), native in zip(parts, natives, strict=False)]
    return [*lines, Field(f"{name}.country_code", natives[4], read=values.country, blank="")]


def customer_map(choices: FieldChoices) -> FieldMap[Customer]:
    """Build the table of customers.

    Args:
        choices: The settings that it follows.
    """
    return FieldMap(
        Customer,
        [
            Unsupported("key", reason=NUMBERED, derived=True),
            text_field("number", "NUMBER", note="the next of the series when not shown; never changed"),
            text_field("name", "NAME", 50, required=True),
            Unsupported("kind", reason="a customer is not told to be a company or a person"),
            Field(
                "organisation_number",
                "ORGANISATION_NUMBER",
                write=values.organisation,
                read=values.text,
                blank="",
                note="as 999999-9999, with its check digit verified; one that is not Swedish goes unverified",
            ),
            text_field("vat_number", "VAT_NUMBER", note="SE and 12 digits"),
            _vat_treatment(choices),
            *one_inbox("EMAIL", length=70, blank="", read=values.text),
            phone_field("phone", "TELEPHONE"),
            phone_field("mobile_phone", "MOBILE_PHONE"),
            Unsupported("website", reason="a customer has none"),
            *address_fields(
                "invoice_address", ("MAILING_ADDRESS", "MAILING_ADDRESS2", "ZIPCODE", "CITY", "CODE_OF_COUNTRY")
            ),
            *address_fields(
                "delivery_address",
                (
                    "DELIVERY_ADDRESS",
                    "DELIVERY_ADDRESS2",
                    "DELIVERY_ZIPCODE",
                    "DELIVERY_CITY",
                    "DELIVERY_CODE_OF_COUNTRY",
                ),
            ),
            text_field("visiting_address.street", "VISITING_ADDRESS", 35),
            *(
                Unsupported(f"visiting_address.{part}", reason="a visiting address is its street, in the postal town")
                for part in ("street2", "postal_code", "city", "country_code")
            ),
            Field(
                "currency",
                "CODE_OF_CURRENCY",
                read=values.currency(choices.currency),
                register="currency",
                note="the company's own when empty",
            ),
            terms_field(),
            Unsupported("our_reference", reason="it stands on orders; a customer has a seller of the register instead"),
            text_field("your_reference", "REFERENCE", 50, note="Er referens"),
            text_field(
                "external_reference", choices.customer_reference_field, note="our own key, by which it is found again"
            ),
            Field("active", "INACTIVE", write=values.opposite, read=values.opposite),
        ],
    )


def _vat_treatment(choices: FieldChoices) -> Entry:
    if choices.vat_free_customers == "not_told":
        return Unsupported("vat_treatment", reason="the setting vat_free_customers leaves it to the program")
    return Field(
        "vat_treatment",
        VAT_FLAGS,
        narrow=[values.MARKED_OR_DOMESTIC],
        write=values.vat_flags,
        read=values.vat_treatment,
        note="two marks: EXPORT, or EU_CUSTOMER, or neither",
    )


CONTACT_PERSON = FieldMap(
    ContactPerson,
    [
        Field("key", "ID", read=values.text, direction="read", note="the program alone sets it"),
        Computed(
            "first_name",
            "NAME",
            lambda person: " ".join(part for part in (person.first_name, person.last_name) if part) or OMIT,
            reason="a contact person has one name: first and last name with a blank between",
        ),
        Computed(
            "last_name",
            "NAME",
            lambda person: " ".join(part for part in (person.first_name, person.last_name) if part) or OMIT,
            reason="a contact person has one name: first and last name with a blank between",
        ),
        Field("email", "EMAIL", narrow=[one_email(60)], read=values.text, blank=""),
        phone_field("phone", "TELEPHONE"),
        phone_field("mobile_phone", "MOBILEPHONE"),
        Unsupported("active", reason="a contact person is there or deleted"),
    ],
)
"""Contact persons, in a register beside the customers."""


def article_map(choices: FieldChoices) -> FieldMap[Article]:
    """Build the table of articles.

    Args:
        choices: The settings that it follows.
    """
    return FieldMap(
        Article,
        [
            Unsupported("key", reason=NUMBERED, derived=True),
            text_field("number", "NUMBER", note="at most 16 characters, or the article is not sent", required=True),
            text_field("description", "NAME", 30),
            Field(
                "kind",
                "STOCK_GOODS",
                write=lambda kind: kind == "goods",
                read=lambda stock: "goods" if stock else "service",
            ),
            text_field("unit", "UNIT_CODE", register="unit"),
            number_field(
                "price", PRICE, choices.price_decimals, note="the base price in the price list, a record of its own"
            ),
            number_field("cost_price", "ESTIMATED_PURCHASE_PRICE", 2, note="Kalkylpris"),
            Computed(
                "currency",
                "",
                lambda _: OMIT,
                reason=f"articles have no currency: prices are in the price list's, {choices.currency}",
                loss=lambda article: _other_currency(article, choices.currency),
            ),
            Unsupported("vat_percent", reason="VAT follows the article's coding", derived=True),
            Unsupported("vat_code", reason="VAT follows the article's coding", derived=True),
            text_field("group", "GROUP", note="must be in the register of article groups"),
            Unsupported("income_account", reason=_CODED, default=choices.accounting_code),
            Default("income_account", "ACCOUNTING_CODE", choices.accounting_code, reason=_CODED),
            text_field("ean", "BAR_CODE"),
            text_field("note", "REMARK1", 60),
            Unsupported("external_reference", reason="articles are known by their number"),
            Field("active", "INACTIVE", write=values.opposite, read=values.opposite),
            Field(
                "changed_at",
                TIMESTAMP,
                read=values.moment,
                direction="read",
                note="the later of the article's own and its price's",
            ),
        ],
    )


def _other_currency(article: Article, own: str) -> Loss | None:
    if article.currency in (None, own):
        return None
    return Loss("currency", LossKind.DEFAULTED, article.currency, own, "articles have no currency")
