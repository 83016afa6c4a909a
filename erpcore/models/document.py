"""Orders and invoices as an ERP knows them, with their rows."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from erpcore.models.base import CanonicalModel, CurrencyCode, Exact, Ref
from erpcore.models.customer import Address, VatTreatment

InvoiceColour = Literal["green", "yellow", "red"]
"""What sales sees of an invoice: green is paid, yellow is not paid and not due, red is not paid and past due."""


class DocumentRow(CanonicalModel):
    """What a row of an order and one of an invoice share.

    A row without quantity and price is a text row: only its description is printed.
    """

    row_id: str | None = Field(default=None, description="The ERP's key of the row")
    article_number: str | None = Field(default=None, description="The ERP's article number")
    article_key: str | None = Field(default=None, description="The system's own key of the article, where it is known")
    description: str | None = Field(default=None, description="Text of the row")
    quantity: Exact | None = Field(default=None, description="Quantity, in the row's unit")
    unit: str | None = Field(default=None, description="Code of the unit")
    unit_price: Exact | None = Field(
        default=None, description="Price per unit excluding VAT, in the document's currency"
    )
    vat_percent: Exact | None = Field(default=None, description="VAT rate in percent")
    vat_code: str | None = Field(default=None, description="The ERP's VAT code, where one rate has several")
    discount_amount: Exact | None = Field(
        default=None, description="Discount on the whole row, excluding VAT, in the document's currency"
    )
    discount_percent: Exact | None = Field(default=None, description="Discount in percent of quantity times price")
    vat_account: str | None = Field(default=None, description="Account that the VAT is booked on")
    income_account: str | None = Field(default=None, description="Account that the income is booked on")

    @property
    def is_text(self) -> bool:
        """Whether the row only carries text."""
        return self.quantity is None and self.unit_price is None and self.article_number is None


class OrderRow(DocumentRow):
    """A row of an order."""


class InvoiceRow(DocumentRow):
    """A row of an invoice."""

    amount: Exact | None = Field(default=None, description="Row sum excluding VAT, in the document's currency")
    contribution_margin: Exact | None = Field(default=None, description="Row sum less cost, excluding VAT")


class Document(CanonicalModel):
    """What an order and an invoice share."""

    key: str | None = Field(default=None, description="The system's own key, when it is another one than the number")
    number: str | None = Field(default=None, description="The ERP's number of the document")
    reference: str | None = Field(default=None, description="Our own key, by which the document is found again")
    customer_number: str | None = Field(default=None, description="The ERP's customer number")
    customer_key: str | None = Field(
        default=None, description="The system's own key of the customer, where it is known"
    )
    customer_name: str | None = Field(default=None, description="Name printed on the document")
    currency: CurrencyCode | None = Field(default=None, description="Currency of all amounts of the document")
    our_reference: str | None = Field(default=None, description="Our contact person")
    your_reference: str | None = Field(default=None, description="The customer's contact person")
    contact_person_key: str | None = Field(
        default=None, description="The system's own key of the customer's contact person"
    )
    your_order_number: str | None = Field(default=None, description="The customer's own order number")
    remarks: str | None = Field(default=None, description="Text printed on the document")
    comments: str | None = Field(default=None, description="Internal note, not printed")
    invoice_address: Address | None = Field(
        default=None, description="Where this document is sent; the customer's own if not"
    )
    delivery_address: Address | None = Field(default=None, description="Where this document's goods are sent")
    terms_of_payment: str | None = Field(default=None, description="Code of the terms of payment in the ERP")
    project: str | None = Field(default=None, description="Number of the project")
    cost_center: str | None = Field(default=None, description="Code of the cost centre")
    vat_treatment: VatTreatment | None = Field(default=None, description="How VAT is dealt with on this document")
    discount_percent: Exact | None = Field(default=None, description="Discount on the whole document in percent")
    discount_amount: Exact | None = Field(
        default=None,
        description="Discount on the whole document, excluding VAT, in its currency; rows' own come off before",
    )
    freight: Exact | None = Field(
        default=None, description="Freight charged, excluding VAT, in the document's currency"
    )
    fee: Exact | None = Field(
        default=None, description="Invoicing or handling fee, excluding VAT, in the document's currency"
    )
    net: Exact | None = Field(default=None, description="Sum excluding VAT, as the ERP computed it")
    vat: Exact | None = Field(default=None, description="VAT, as the ERP computed it")
    total: Exact | None = Field(default=None, description="Sum including VAT and rounding, as the ERP computed it")
    cancelled: bool | None = Field(default=None, description="True when the document was annulled")


class Order(Document):
    """An order in an ERP."""

    order_date: date | None = Field(default=None, description="Date of the order, in the company's time zone")
    delivery_date: date | None = Field(default=None, description="Wanted delivery date")
    invoices: tuple[Ref, ...] | None = Field(
        default=None, description="The invoices that the order became, oldest first"
    )
    rows: tuple[OrderRow, ...] | None = Field(default=None, description="The rows, in printed order")


class Invoice(Document):
    """An invoice in an ERP: a draft while `booked` is false, then the ERP's to keep."""

    kind: Literal["invoice", "credit", "cash"] | None = Field(
        default=None, description="Invoice, credit note, or cash invoice that is paid when it is made"
    )
    credits: Ref | None = Field(default=None, description="The invoice that a credit note credits")
    invoice_date: date | None = Field(default=None, description="Date of the invoice, in the company's time zone")
    due_date: date | None = Field(default=None, description="Last day of payment")
    delivery_date: date | None = Field(default=None, description="Delivery date")
    order_number: str | None = Field(default=None, description="Number of the order it was made from")
    booked: bool | None = Field(default=None, description="True when it is in the ledger; false for a draft")
    balance: Exact | None = Field(default=None, description="What is left to pay, in the invoice's currency")
    payment_date: date | None = Field(default=None, description="Day of the last payment, when fully paid")
    currency_rate: Exact | None = Field(default=None, description="Company currency per unit of the invoice's currency")
    ocr: str | None = Field(default=None, description="Payment reference")
    sent: bool | None = Field(default=None, description="True when it was printed or sent to the customer")
    rows: tuple[InvoiceRow, ...] | None = Field(default=None, description="The rows, in printed order")

    def state(self, today: date) -> Literal["cancelled", "credit", "draft", "paid", "overdue", "open"]:
        """Derive the state that sales sees.

        The ERP's word counts: one that is paid in full is paid, also where rounding leaves a few öre. A cash invoice is
        paid when it is made, whatever the ERP shows as its balance.

        Args:
            today: Today's date where the company is.
        """
        if self.cancelled:
            return "cancelled"
        if not self.booked:
            return "draft"
        if self.kind == "credit":
            return "credit"
        if self.kind == "cash" or self.payment_date is not None or (self.balance is not None and self.balance <= 0):
            return "paid"
        if self.due_date is not None and self.due_date < today:
            return "overdue"
        return "open"

    def colour(self, today: date) -> InvoiceColour | None:
        """Give the state as a colour (Lime Go, How the new ERP sync works); none for what nobody has to pay.

        Args:
            today: Today's date where the company is.
        """
        colours: dict[str, InvoiceColour] = {"paid": "green", "open": "yellow", "overdue": "red"}
        return colours.get(self.state(today))

    @property
    def owed(self) -> bool:
        """Whether it is booked and not paid in full."""
        return self.state(date.min) == "open"

    @property
    def unsettled(self) -> bool:
        """Whether it counts in what a customer owes: it is owed, or more is paid or credited than was to be paid."""
        if self.kind == "cash" or self.state(date.min) not in ("paid", "credit"):
            return self.owed
        return self.balance is not None and self.balance < 0
