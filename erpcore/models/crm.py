"""Companies, deals and events as a CRM knows them."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from erpcore.models.base import CanonicalModel, CurrencyCode, Exact, Moment
from erpcore.models.customer import Address
from erpcore.models.document import InvoiceColour

RecordKind = Literal["deal", "order", "company", "invoice", "payment", "article"]
"""What a run is about, whichever system it is read from."""


def _visible(number: str) -> str:
    """Leave out what nobody sees and what comes along when a number is pasted, such as a space of no width."""
    if number.isascii():
        return number
    return "".join(letter for letter in number if unicodedata.category(letter) != "Cf").strip()


ArticleNumber = Annotated[str, AfterValidator(_visible)]
"""An article number as people see it: two that look the same are the same."""


class CustomField(CanonicalModel):
    """A field that the customer added to the CRM."""

    title: str = Field(description="Name of the field, as people see it")
    value: str | None = Field(default=None, description="What is filled in, as text")


class Coworker(CanonicalModel):
    """One of the CRM's users."""

    id: str | None = Field(default=None, description="The CRM's key")
    name: str | None = Field(default=None, description="First and last name")
    email: str | None = Field(default=None, description="E-mail address")
    number: str | None = Field(default=None, description="Employee number in the ERP")


class Person(CanonicalModel):
    """A contact person."""

    id: str | None = Field(default=None, description="The CRM's key")
    name: str | None = Field(default=None, description="First and last name")
    email: str | None = Field(default=None, description="E-mail address")
    phone: str | None = Field(default=None, description="Direct telephone")
    mobile_phone: str | None = Field(default=None, description="Mobile telephone")


class CompanyAddress(Address):
    """A postal address as a CRM keeps it."""

    country: str | None = Field(
        default=None,
        description="Country as it is written in the CRM; `country_code` is not shown when nobody can read it",
    )


class Company(CanonicalModel):
    """A company in a CRM."""

    id: str = Field(description="The CRM's key")
    name: str | None = Field(default=None, description="Name")
    organisation_number: str | None = Field(default=None, description="Organisation number as written in the CRM")
    email: str | None = Field(default=None, description="E-mail address")
    invoice_email: str | None = Field(default=None, description="E-mail address that invoices go to")
    phone: str | None = Field(default=None, description="Telephone")
    website: str | None = Field(default=None, description="Address of the web site")
    postal_address: CompanyAddress | None = Field(default=None, description="Where post goes")
    visiting_address: CompanyAddress | None = Field(default=None, description="Where visitors go")
    erp_number: str | None = Field(default=None, description="Customer number in the ERP, where the CRM keeps it")
    is_customer: bool | None = Field(default=None, description="Whether the company is a customer, as the CRM sees it")
    first_synced_at: Moment | None = Field(
        default=None, description="When the company was first told to be in the ERP, where the CRM keeps that"
    )
    responsible: Coworker | None = Field(default=None, description="Responsible coworker")
    custom_fields: tuple[CustomField, ...] | None = Field(default=None, description="The customer's own fields")


class DealRow(CanonicalModel):
    """A product on a deal."""

    article_id: str | None = Field(default=None, description="The CRM's key of the product")
    article_number: ArticleNumber | None = Field(
        default=None, description="Article number in the ERP, when the CRM knows it"
    )
    description: str | None = Field(default=None, description="Text of the row")
    quantity: Exact | None = Field(default=None, description="Quantity")
    unit: str | None = Field(default=None, description="Unit")
    unit_price: Exact | None = Field(default=None, description="Price per unit excluding VAT, in the deal's currency")
    vat_percent: Exact | None = Field(default=None, description="VAT rate in percent")
    discount_amount: Exact | None = Field(default=None, description="Discount on the row, excluding VAT")
    discount_percent: Exact | None = Field(default=None, description="Discount on the row, in percent")


class Deal(CanonicalModel):
    """A deal in a CRM.

    `erp_id` is not shown when the CRM has no such field; `rows` is not shown when the CRM keeps no rows.
    """

    id: str = Field(description="The CRM's key")
    name: str | None = Field(default=None, description="Name of the deal")
    won: bool | None = Field(default=None, description="Whether the deal is in a positive end state now")
    status: str | None = Field(default=None, description="The CRM's own word for the state")
    value: Exact | None = Field(default=None, description="Value excluding VAT, in `currency`")
    currency: CurrencyCode | None = Field(default=None, description="Currency; None is the ERP company's own")
    won_date: date | None = Field(default=None, description="Day it was won")
    company_id: str | None = Field(default=None, description="The CRM's key of the company")
    contact: Person | None = Field(default=None, description="The customer's contact person")
    responsible: Coworker | None = Field(default=None, description="Responsible coworker")
    rows: tuple[DealRow, ...] | None = Field(default=None, description="The products")
    custom_fields: tuple[CustomField, ...] | None = Field(default=None, description="The customer's own fields")
    erp_id: str | None = Field(default=None, description="Number of the ERP document, as the CRM keeps it")
    revision: int | None = Field(default=None, description="How often the deal was changed, where the CRM counts that")


class CrmOrderRow(CanonicalModel):
    """A row of an order in a CRM."""

    row_id: str | None = Field(default=None, description="The CRM's key of the row")
    article_id: str | None = Field(default=None, description="The CRM's key of the article")
    article_number: ArticleNumber | None = Field(default=None, description="Article number in the ERP")
    description: str | None = Field(default=None, description="Text of the row")
    quantity: Exact | None = Field(default=None, description="Quantity, in the row's unit")
    unit: str | None = Field(default=None, description="Unit, as text")
    unit_price: Exact | None = Field(default=None, description="Price per unit excluding VAT, in the order's currency")
    vat_percent: Exact | None = Field(default=None, description="VAT rate in percent")
    discount_amount: Exact | None = Field(default=None, description="Discount on the whole row, excluding VAT")
    vat_account: str | None = Field(default=None, description="Account that the VAT is booked on")
    income_account: str | None = Field(default=None, description="Account that the income is booked on")


class CrmOrder(CanonicalModel):
    """An order in a CRM that keeps orders of its own, such as Lime CRM."""

    id: str = Field(description="The CRM's key")
    status: Literal["notready", "readytobesent", "inprocess", "synced", "error"] | None = Field(
        default=None, description="How far it has come towards the ERP"
    )
    order_number: str | None = Field(default=None, description="Order number in the ERP, once it is there")
    invoice_number: str | None = Field(default=None, description="Invoice number in the ERP, once it is there")
    erp_db: str | None = Field(default=None, description="Which of several ERP databases it goes to")
    company_id: str | None = Field(default=None, description="The CRM's key of the company")
    customer_number: str | None = Field(default=None, description="Customer number in the ERP")
    create_invoice: bool | None = Field(
        default=None, description="Whether the ERP's order is to be turned into an invoice"
    )
    your_reference: str | None = Field(default=None, description="The customer's contact person")
    coworker: Coworker | None = Field(default=None, description="Our contact person")
    order_date: date | None = Field(default=None, description="Date of the order")
    currency: CurrencyCode | None = Field(default=None, description="Currency of all amounts")
    net: Exact | None = Field(default=None, description="Sum excluding VAT, as the CRM computed it")
    vat: Exact | None = Field(default=None, description="VAT, as the CRM computed it")
    total: Exact | None = Field(default=None, description="Sum including VAT, as the CRM computed it")
    message: str | None = Field(default=None, description="Error message for people")
    rows: tuple[CrmOrderRow, ...] | None = Field(default=None, description="The rows, in printed order")


class OrderHead(CrmOrder):
    """An order of a CRM without its rows, as it is looked at before it is put in process."""

    facts: Mapping[str, Any] = Field(
        default_factory=dict,
        repr=False,
        description="What the plugin reads back when the order is put in process and its rows are read",
    )


class CrmEvent(CanonicalModel):
    """Something that happened in a CRM."""

    key: str = Field(description="Unique within the connection: the same event told twice has the same key")
    kind: Literal["deal_won", "deal_changed", "company_is_customer", "company_changed", "order_ready", "other"] = Field(
        description="What happened, in erpcore's words"
    )
    record_id: str | None = Field(default=None, description="The CRM's key of the deal, company or order")
    happened_at: Moment | None = Field(default=None, description="When, if the CRM says so")
    history: bool = Field(
        default=False,
        description="The feed held it already when it was read for the first time, so it may be from long ago",
    )
    erp_db: str | None = Field(
        default=None, description="Which of several ERP databases the order goes to, where the event shows it"
    )
    facts: Mapping[str, Any] = Field(
        default_factory=dict,
        description="What the event itself told of the record, as the plugin reads it back; `status` is its sync "
        "status in erpcore's words, where the event shows it",
    )


class WriteBack(CanonicalModel):
    """What erpcore tells the CRM about a record. A field that is not shown is left alone."""

    record_kind: Literal["deal", "order", "company"] = Field(description="Which kind of record")
    record_id: str = Field(description="The CRM's key")
    erp_id: str | None = Field(default=None, description="Number of the document or customer in the ERP")
    order_number: str | None = Field(default=None, description="Order number in the ERP")
    invoice_number: str | None = Field(default=None, description="Invoice number in the ERP")
    customer_number: str | None = Field(
        default=None, description="Number of the customer that an order's document is for"
    )
    erp_db: str | None = Field(default=None, description="Which of several ERP databases an order has gone to")
    net: Exact | None = Field(
        default=None,
        description="What the document's rows come to excluding VAT, discounts taken off, in the document's currency; "
        "with the articles' prices where the CRM shows none",
    )
    status: str | None = Field(default=None, description="Sync status, in erpcore's words")
    message: str | None = Field(default=None, description="Error message for people")


class InvoiceStanding(CanonicalModel):
    """What stands of the invoices of a record in the CRM. A field that is not shown is left alone."""

    record_kind: Literal["deal", "order", "company", "invoice"] = Field(description="Which kind of record")
    record_id: str = Field(description="The CRM's key")
    numbers: str | None = Field(default=None, description="Numbers of its booked invoices, with commas between them")
    colour: InvoiceColour | None = Field(
        default=None,
        description="The worst of its invoices: red is not paid and past due, yellow not paid and not due, green paid",
    )
    total: Exact | None = Field(
        default=None, description="Their sum including VAT; in the ERP company's own currency where they have several"
    )
    balance: Exact | None = Field(
        default=None,
        description="What is left to pay of them, in the same currency; of a company in the ERP company's own",
    )
    due_date: date | None = Field(
        default=None, description="First day of payment among what is not paid; the last one where all is paid"
    )
    paid_date: date | None = Field(default=None, description="Day of the last payment, when all is paid")
