"""The field maps of customers, contact persons and products; those of documents are in `document_fields`.

Names, lengths and what can be patched are those of PowerOffice's v2 interface description.
"""

from __future__ import annotations

from typing import Any, Literal

from erpcore.fields import OMIT, Computed, Entry, Field, FieldMap, Loss, LossKind, Unsupported, cut, one_email
from erpcore.models import Article, ContactPerson, Customer, Register
from erpcore_poweroffice import values
from erpcore_poweroffice.settings import FieldChoices
from erpcore_poweroffice.units import known_unit, unit_code

MAIL_ADDRESS = "MailAddress"
DELIVERY_ADDRESS = "ContactDeliveryAddress"
"""Where the field maps put a delivery address, which travels in a request of its own."""

_ARTICLE_KINDS = {"goods": "Product", "service": "Service"}
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
    """Declare a text.

    Args:
        name: Canonical field.
        native: PowerOffice's member.
        length: The longest text that PowerOffice takes, where it says so.
        blank: What empties it.
        note: For the printed table.
        required: Whether nothing can be made without it.
    """
    narrow = [cut(length)] if length else []
    return Field(name, native, narrow=narrow, read=values.text, blank=blank, note=note, required=required)


def code_field(
    name: str,
    native: str,
    what: str,
    *,
    note: str = "",
    register: Register | None = None,
) -> Field:
    """Declare a number of another record, which is text in erpcore and a number at PowerOffice."""
    written = values.whole(name, what)
    return Field(name, native, write=written, read=values.text, note=note, register=register)


def key_field(name: str, native: str) -> Field:
    """Declare a key of PowerOffice's own."""
    return Field(name, native, read=values.text, direction="read", note="PowerOffice gives it")


def terms_field() -> Field:
    """Declare terms of payment, whose code is their id."""
    return Field(
        "terms_of_payment",
        "PaymentTermId",
        write=values.whole("terms_of_payment", "code of terms of payment"),
        read=values.text,
        register="terms_of_payment",
        note="the id of the terms",
    )


def address_fields(
    name: str, native: str, blank: Any = OMIT, *, note: str = "", direction: Literal["both", "write"] = "both"
) -> list[Field]:
    """Declare a postal address.

    Args:
        name: Canonical address.
        native: PowerOffice's object.
        blank: What empties a line of it.
        note: For the printed table.
        direction: ``write`` when replies do not carry it.
    """

    def line(part: str, member: str, length: int, blank: Any, note: str) -> Field:
        place = f"{native}.{member}"
        narrow = [cut(length)]
        return Field(
            f"{name}.{part}", place, narrow=narrow, read=values.text, blank=blank, note=note, direction=direction
        )

    needed = "PowerOffice takes no address without one"
    return [
        line("street", "AddressLine1", 200, blank, note),
        line("street2", "AddressLine2", 200, blank, note),
        line("postal_code", "ZipCode", 50, OMIT, needed),
        line("city", "City", 100, OMIT, needed),
        Field(
            f"{name}.country_code",
            f"{native}.CountryCode",
            read=values.text,
            note="NO when not shown",
            direction=direction,
        ),
    ]


def email_field(name: str, native: str, blank: Any = OMIT) -> Field:
    """Declare an e-mail address, whose form PowerOffice checks."""
    return Field(name, native, narrow=[one_email()], read=values.text, blank=blank)


def customer_map(choices: FieldChoices) -> FieldMap[Customer]:
    """Build the table of customers.

    Args:
        choices: The settings that it follows.
    """
    blank = None if choices.empty_values == "clear" else OMIT

    def text(name: str, native: str, note: str = "") -> Field:
        return text_field(name, native, blank=blank, note=note)

    return FieldMap(
        Customer,
        [
            key_field("key", "Id"),
            code_field("number", "Number", "customer number", note="the default series when not shown; never changed"),
            text_field(
                "name",
                "Name",
                note="of a person: FirstName and LastName, the last word being the last name",
                required=True,
            ),
            Field(
                "kind",
                "IsPerson",
                write=lambda kind: kind == "person",
                read=lambda person: "person" if person else "company",
            ),
            Field(
                "organisation_number",
                "OrganizationNumber",
                write=values.organisation_digits,
                read=values.text,
                blank=blank,
                note="spelled as digits, which e-invoices (EHF) need",
            ),
            Computed(
                "vat_number",
                "",
                lambda _: OMIT,
                "PowerOffice has the organisation number alone; lost where that is another one",
                loss=_vat_number_loss,
            ),
            _vat_treatment(choices),
            email_field("email", "EmailAddress", blank),
            email_field("invoice_email", "InvoiceEmailAddress", blank),
            text("phone", "PhoneNumber"),
            Unsupported("mobile_phone", reason="PowerOffice has one telephone number"),
            text("website", "WebsiteUrl"),
            *address_fields("invoice_address", MAIL_ADDRESS, blank),
            *address_fields(
                "delivery_address",
                DELIVERY_ADDRESS,
                note="put into the customer's delivery addresses",
                direction="write",
            ),
            *_unsupported_address("visiting_address", "PowerOffice has no visiting address"),
            Field(
                "currency", "CurrencyCode", read=values.text, register="currency", note="the ledger's when not shown"
            ),
            terms_field(),
            our_reference_field("SalesPersonEmployeeNumber"),
            Unsupported("your_reference", reason="contact persons are a register of their own: create_contact_person"),
            Field(
                "external_reference",
                "ExternalImportReference",
                write=values.fitting_reference,
                read=values.text,
                note="at most 50 characters; of a longer key its beginning and a hash of the whole",
            ),
            Field("active", "IsArchived", write=values.opposite, read=values.opposite),
        ],
    )


def _vat_number_loss(customer: Customer) -> Loss | None:
    """Tell the loss of a VAT number, which is none where it is the organisation number in another form."""
    number, organisation = (_digits(each) for each in (customer.vat_number, customer.organisation_number))
    if not number or (organisation and organisation in number):
        return None
    reason = "PowerOffice has the organisation number alone"
    return Loss("vat_number", LossKind.DROPPED, customer.vat_number, None, reason)


def _digits(number: str | None) -> str:
    return "".join(each for each in number or "" if each.isdigit())


def _vat_treatment(choices: FieldChoices) -> Entry:
    if choices.vat_free_customers == "not_told":
        return Unsupported("vat_treatment", reason="the setting vat_free_customers leaves it to PowerOffice")
    return Field(
        "vat_treatment",
        "IsVatFree",
        narrow=[values.VAT_FREE_OR_NOT],
        write=lambda treatment: treatment == "export",
        read=lambda free: "export" if free else "domestic",
        note="who buys free of VAT for another reason reads as export too",
    )


def our_reference_field(native: str) -> Field:
    """Declare “our reference”, an employee.

    PowerOffice's members of that meaning are the sales person's; its invoices show that employee as “our reference”.
    """
    return code_field(
        "our_reference",
        native,
        "employee number",
        note="an employee number; an e-mail address or a name is looked up among the employees",
    )


CONTACT_PERSON = FieldMap(
    ContactPerson,
    [
        key_field("key", "Id"),
        text_field("first_name", "FirstName"),
        text_field("last_name", "LastName"),
        email_field("email", "EmailAddress"),
        text_field("phone", "PhoneNumber"),
        Unsupported("mobile_phone", reason="PowerOffice has one telephone number of a contact person"),
        Field("active", "IsActive", read=values.flag),
    ],
)
"""Contact persons, in a register under the customer."""


def article_map(choices: FieldChoices) -> FieldMap[Article]:
    """Build the table of products.

    Args:
        choices: The settings that it follows.
    """
    return FieldMap(
        Article,
        [
            key_field("key", "Id"),
            Field("number", "Code", read=values.text, required=True, note="at most 100 characters"),
            text_field("description", "Name", 400, required=True),
            Field(
                "kind",
                "ProductType",
                write=_ARTICLE_KINDS.__getitem__,
                read=lambda kind: _CANONICAL_ARTICLE_KINDS.get(kind, OMIT),
            ),
            unit_field(choices),
            Field("price", "UnitPrice", read=values.number),
            Field("cost_price", "UnitCost", read=values.number),
            Computed(
                "currency",
                "",
                lambda _: OMIT,
                reason=f"products have no currency: prices are in {choices.currency}",
                loss=lambda article: _other_currency(article, choices.currency),
            ),
            Unsupported("vat_percent", reason="VAT follows the product's sales account (income_account)"),
            Unsupported("vat_code", reason="VAT follows the product's sales account (income_account)", derived=True),
            Field(
                "group", "ProductGroupCode", read=values.text, note="must be in the register; the default group else"
            ),
            code_field(
                "income_account",
                "StandardSalesAccount",
                "account number",
                register="account",
                note="the group's when not shown",
            ),
            Field("ean", "Gtin", read=values.text),
            Field("note", "Description", read=values.text),
            Unsupported("external_reference", reason="PowerOffice's products have no field for another system's key"),
            Field("active", "IsArchived", write=values.opposite, read=values.opposite),
            Field(
                "changed_at",
                "LastChangedDateTimeOffset",
                read=values.read_moment,
                direction="read",
                note="PowerOffice sets it; a change of stock does not move it",
            ),
        ],
    )


def unit_field(choices: FieldChoices) -> Field:
    """Declare a unit: the code of a word that people write."""
    return Field(
        "unit",
        "UnitOfMeasureCode",
        narrow=[known_unit(choices.units)],
        write=lambda unit: unit_code(unit, choices.units),
        read=values.text,
        note="the unit's text becomes one of PowerOffice's codes, such as EA for “st”",
    )


def _unsupported_address(name: str, reason: str) -> list[Entry]:
    parts = ("street", "street2", "postal_code", "city", "country_code")
    return [Unsupported(f"{name}.{part}", reason=reason) for part in parts]


def _other_currency(article: Article, own: str) -> Loss | None:
    if article.currency in (None, own):
        return None
    return Loss("currency", LossKind.DEFAULTED, article.currency, own, "products have no currency")
