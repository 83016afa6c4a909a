"""What an installation calls its limetypes and properties.

Lime CRM's data model differs per installation, so every name is a setting. The defaults are those of Lime's ERP
connector and order add-on (their documentation, Table and Field Definitions) and of the base solution. An empty name
says that the installation has no such property; the field is then not shown, and not written. An empty limetype says
the same of all of it.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$|^$")]
"""A database name of Lime's, or empty for one that is not there."""


class Names(BaseModel):
    """Base of the groups of names."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @property
    def properties(self) -> dict[str, str]:
        """The properties that there are: name of the setting -> name in Lime CRM."""
        skipped = {"limetype", "rows"}
        return {each: name for each, name in dict(self).items() if each not in skipped and name}


class CoworkerNames(Names):
    """The user's own card."""

    limetype: Name = "coworker"
    name: Name = "name"
    email: Name = "email"
    number: Name = Field("employeeno", description="Employee number in the ERP; not in Lime's standard")


class CompanyNames(Names):
    """A company, with the ERP connector's fields."""

    limetype: Name = "company"
    name: Name = "name"
    organisation_number: Name = "registrationno"
    email: Name = Field("", description="A general address; the base solution has none")
    invoice_email: Name = Field("emailinvoice", description="Where invoices go")
    phone: Name = "phone"
    website: Name = "www"
    country: Name = "country"
    postal_street: Name = "postaladdress1"
    postal_street2: Name = "postaladdress2"
    postal_postal_code: Name = "postalzipcode"
    postal_city: Name = "postalcity"
    visiting_street: Name = "visitingaddress1"
    visiting_street2: Name = "visitingaddress2"
    visiting_postal_code: Name = "visitingzipcode"
    visiting_city: Name = "visitingcity"
    invoice_street: Name = Field("invoiceaddress1", description="Goes before the postal address where it is filled in")
    invoice_street2: Name = "invoiceaddress2"
    invoice_postal_code: Name = "invoicezipcode"
    invoice_city: Name = "invoicecity"
    coworker: Name = "coworker"
    erp_id: Name = "erp_id"
    erp_status: Name = "erp_status"
    erp_message: Name = "erp_errormessage"
    first_synced: Name = "erp_firstsynced"
    last_synced: Name = "erp_lastsynced"
    invoice_colour: Name = Field("", description="Option for the worst colour of its invoices; not in Lime's standard")
    invoice_balance: Name = Field("", description="What it has left to pay; not in Lime's standard")


class PersonNames(Names):
    """A contact person."""

    limetype: Name = "person"
    company: Name = "company"
    name: Name = "name"
    email: Name = "email"
    phone: Name = "phone"
    mobile_phone: Name = "mobilephone"


class DealNames(Names):
    """A deal."""

    limetype: Name = "deal"
    name: Name = "name"
    value: Name = "value"
    status: Name = "dealstatus"
    won_date: Name = "closeddate"
    company: Name = "company"
    person: Name = "person"
    coworker: Name = "coworker"
    erp_id: Name = Field("", description="Number of the ERP document; not in Lime's standard")
    rows_sum: Name = Field("", description="What the document's rows come to excluding VAT; not in Lime's standard")
    invoice_colour: Name = Field("", description="Option for the colour of its invoices; not in Lime's standard")


class OrderNames(Names):
    """An order. Most of its names are not published; the defaults follow the labels in Lime's documentation."""

    limetype: Name = "order"
    rows: Name = Field("orderrow", description="The has-many relation to the rows")
    order_number: Name = "order_number"
    invoice_number: Name = "invoice_number"
    invoice: Name = Field("invoice", description="Relation to the booked invoice")
    erp_db: Name = "erp_db"
    company: Name = "company"
    customer_number: Name = "customer_number"
    create_invoice: Name = "create_invoice_from_order"
    status: Name = "order_status"
    your_reference: Name = "customer_reference"
    coworker: Name = "coworker"
    order_date: Name = "order_date"
    currency: Name = "currency"
    net: Name = "order_sum"
    vat: Name = "order_vat"
    total: Name = "order_total_sum"
    message: Name = "error_message"
    rows_sum: Name = Field(
        "", description="What the rows come to with articles' prices, excluding VAT; order_sum is Lime's own to compute"
    )
    invoice_colour: Name = Field("", description="Option for the colour of its invoices; not in Lime's standard")


class OrderRowNames(Names):
    """A row of an order."""

    limetype: Name = "orderrow"
    description: Name = "description"
    article: Name = Field("article", description="Relation to the article")
    article_number: Name = Field("articleno", description="Article number on the row itself")
    quantity: Name = "quantity"
    unit: Name = "unit"
    unit_price: Name = "price"
    vat: Name = "vat"
    discount_amount: Name = "discount"
    vat_account: Name = "vataccount"
    income_account: Name = "incomeaccount"


class InvoiceNames(Names):
    """A booked invoice of the ERP."""

    limetype: Name = "invoice"
    rows: Name = Field("invoicerow", description="The has-many relation to the rows")
    number: Name = "invoice_number"
    company: Name = "company"
    customer_number: Name = "customerid"
    your_reference: Name = "customer_reference"
    coworker: Name = "coworker"
    kind: Name = "invoice_type"
    invoice_date: Name = "invoice_date"
    due_date: Name = "invoice_expires"
    currency: Name = "currency"
    net: Name = "invoice_sum"
    vat: Name = "invoice_vat"
    total: Name = "invoice_total_sum"
    balance: Name = "invoice_balance"
    paid: Name = "paid"
    payment_date: Name = "paid_date"
    cancelled: Name = "invoice_shredded"
    currency_rate: Name = Field("", description="Exchange rate; only newer installations have it")
    colour: Name = Field("", description="Option for paid, open or overdue; not in Lime's standard")


class InvoiceRowNames(Names):
    """A row of an invoice."""

    limetype: Name = "invoicerow"
    invoice: Name = "invoice"
    row_id: Name = "rowid"
    article_number: Name = "item"
    description: Name = "description"
    quantity: Name = "units"
    amount: Name = "row_value"
    contribution_margin: Name = "row_margin"


class ArticleNames(Names):
    """An article."""

    limetype: Name = "article"
    number: Name = "articleno"
    description: Name = "description"
    price: Name = "price"
    cost_price: Name = "costprice"
    unit: Name = "unit"
    vat: Name = "vat"
    income_account: Name = "incomeaccount"
    group: Name = Field("articlegroup", description="Relation to the article group")
    active: Name = "active"


class ArticleGroupNames(Names):
    """A group of articles."""

    limetype: Name = "articlegroup"
    name: Name = "name"
    active: Name = "active"


class RegisterNames(Names):
    """A register of the ERP, such as its terms of payment; Lime's standard has none, so each name is the
    installation's own."""

    limetype: Name = Field(description="The limetype that keeps its entries")
    code: Name = Field("code", min_length=1, description="What the ERP names an entry by")
    name: Name = Field("name", description="Text for people")
    days: Name = Field("", description="Terms of payment: days to pay")
    percent: Name = Field("", description="VAT codes: the rate in percent")
    active: Name = Field("active", description="Whether it can be chosen")


class OrderStatusKeys(Names):
    """Option keys of an order's status. The key of success is not published."""

    notready: str = "notready"
    readytobesent: str = "readytobesent"
    inprocess: str = "inprocess"
    synced: str = "synced"
    error: str = "error"


class CompanyStatusKeys(Names):
    """Option keys of a company's sync status (ERP connector documentation, How it works, Sync)."""

    empty: str = "empty"
    readyforfirstsync: str = "readyforfirstsync"
    updatesmade: str = "updatesmade"
    inprocess: str = "inprocess"
    synced: str = "synced"
    error: str = "error"


class ColourKeys(Names):
    """Option keys of the colour of invoices: paid, not paid and not due, not paid and past due; and nothing to pay, as
    of a cancelled invoice and of a credit note."""

    green: str = "green"
    yellow: str = "yellow"
    red: str = "red"
    none: str = ""
