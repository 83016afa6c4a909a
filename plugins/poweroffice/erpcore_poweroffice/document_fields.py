"""The field maps of orders and invoices, and of their rows.

What PowerOffice calls a sales order is a draft of an invoice; an invoice is one that was sent, and is only read. VAT
and accounts are nowhere in what is sent: they follow the product's sales account (interface description, sales order
lines: ``VatId``, ``VatRate`` and ``VatCode`` are derived).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from erpcore.fields import OMIT, Computed, Entry, Field, FieldMap, Loss, LossKind, Rows, Unsupported
from erpcore.models import Document, Invoice, InvoiceRow, Order, OrderRow, Ref
from erpcore_poweroffice import discount, values
from erpcore_poweroffice.fields import (
    DELIVERY_ADDRESS,
    address_fields,
    code_field,
    key_field,
    our_reference_field,
    terms_field,
    unit_field,
)
from erpcore_poweroffice.settings import FieldChoices

CUSTOMER_NAME = "CustomerName"
OUR_REFERENCE_NAME = "SellersReferenceName"
LINES = "Lines"
"""Members that are put beside an invoice's own, from the registers of customers and employees and from its lines."""

_SYSTEM = "PowerOffice alone sets it"
_NUMBERED = "a document names it by its number"
_NO_TEXT = "a sales order has no text of its own; a row without quantity and price becomes a text line"
_VAT = "VAT follows the product's sales account and the customer, and cannot be sent"
_OWN_ADDRESS = "the address in the customer register is printed"
_ACCOUNT = "the account follows the product (its sales account) and cannot be sent"


def order_map(choices: FieldChoices) -> FieldMap[Order]:
    """Build the table of orders.

    Args:
        choices: The settings that it follows.
    """
    return FieldMap(
        Order,
        [
            key_field("key", "Id"),
            _read("number", "SalesOrderNo", values.text, "PowerOffice numbers orders in its own series"),
            Field(
                "reference",
                "ExternalImportReference",
                write=values.fitting_reference,
                read=values.text,
                note="PowerOffice refuses a second order with it; a key over 50 characters ends in its hash",
            ),
            code_field("customer_number", "CustomerNo", "customer number"),
            Unsupported("customer_key", reason=_NUMBERED, derived=True),
            Unsupported("customer_name", reason="the name in the customer register is printed", derived=True),
            Field(
                "currency", "CurrencyCode", read=values.text, register="currency", note="the customer's when not shown"
            ),
            our_reference_field("SalesPersonEmployeeNumber"),
            Computed(
                "your_reference",
                "CustomerReference",
                lambda order: OMIT if order.contact_person_key else order.your_reference or OMIT,
                reason="the name of the contact person is shown where one is named",
                read=lambda order: values.text(order.get("CustomerReference") or ""),
                loss=_named,
            ),
            code_field(
                "contact_person_key",
                "CustomerReferenceContactPersonId",
                "key of a contact person",
                note="whose name is shown as the customer's reference; the project's or the customer's when not shown",
            ),
            Field("your_order_number", "PurchaseOrderReference", read=values.text),
            Unsupported("remarks", reason=_NO_TEXT),
            Unsupported("comments", reason=_NO_TEXT),
            Unsupported("invoice_address", reason=_OWN_ADDRESS, derived=True),
            *address_fields(
                "delivery_address", DELIVERY_ADDRESS, note="as ContactDeliveryAddressId, of the customer's addresses"
            ),
            terms_field(),
            Field("project", "ProjectCode", read=values.text, register="project"),
            Field("cost_center", "DepartmentCode", read=values.text, register="cost_center", note="a department"),
            *_whole_document(),
            _read("net", "NetAmount", values.number),
            _vat_sum(),
            _read("total", "TotalAmount", values.number),
            Unsupported("cancelled", reason="an order is deleted, and then not there any more"),
            _date("order_date", "SalesOrderDate", "the day of sending when not shown"),
            _date("delivery_date", "DeliveryDate", "the day of sending when not shown"),
            _read("invoices", "InvoiceNo", _numbered, "set when the order has become an invoice"),
            Rows("rows", "SalesOrderLines", order_row_map(choices)),
        ],
    )


def order_row_map(choices: FieldChoices) -> FieldMap[OrderRow]:
    """Build the table of order rows.

    Args:
        choices: The settings that it follows.
    """
    decimals = choices.discount_decimals
    return FieldMap(
        OrderRow,
        [
            Computed(
                "row_id",
                "SortOrder",
                lambda _: OMIT,
                reason="the row's place on the order, counted from 0; PowerOffice gives the row a key of its own",
                read=lambda line: values.text(line["Id"]) if line.get("Id") else OMIT,
                loss=lambda row: _counted(row.row_id),
            ),
            Field("article_number", "ProductCode", read=values.text, note="a row with a price needs one"),
            Unsupported("article_key", reason=_NUMBERED, derived=True),
            Field("description", "Description", read=values.text, note="the product's name when not shown"),
            Field("quantity", "Quantity", read=values.number),
            unit_field(choices),
            Field(
                "unit_price", "ProductUnitPrice", read=values.number, note="excluding VAT; the product's when not shown"
            ),
            Unsupported("vat_percent", reason=_VAT, derived=True),
            Unsupported("vat_code", reason=_VAT, derived=True),
            Computed(
                "discount_amount",
                "Allowance",
                lambda row: discount.from_amount(row, decimals),
                reason="the amount on the whole row, in percent of quantity times price; a loss is told when the "
                "row's sum would differ by more than 0.01",
                loss=lambda row: discount.amount_loss(row, decimals),
            ),
            Computed(
                "discount_percent",
                "Allowance",
                lambda row: discount.from_percent(row, decimals),
                reason="percent; 0 on a row without a discount, so that the customer's own is not taken off; the "
                "amount goes first where a row has both",
                read=discount.percent_read,
                loss=lambda row: discount.percent_loss(row, decimals),
            ),
            Unsupported("vat_account", reason=_ACCOUNT, derived=True),
            Unsupported("income_account", reason=_ACCOUNT, derived=True),
        ],
    )


def invoice_map() -> FieldMap[Invoice]:
    """Build the table of invoices, which are read and never written."""
    return FieldMap(
        Invoice,
        [
            key_field("key", "Id"),
            _read("number", "InvoiceNo", values.text),
            _read("reference", "ExternalImportReference", values.text, "our key on the order that it was made of"),
            _read("customer_number", "CustomerNo", values.text),
            Unsupported("customer_key", reason=_NUMBERED, derived=True),
            _read("customer_name", CUSTOMER_NAME, values.text, "the name in the customer register"),
            _read("currency", "CurrencyCode", values.text),
            _read("our_reference", OUR_REFERENCE_NAME, values.text, "name of the employee SellersReferenceEmployeeNo"),
            _read("your_reference", "CustomerReference", values.text),
            _read("contact_person_key", "CustomerReferenceContactPersonId", values.text),
            _read("your_order_number", "PurchaseOrderReference", values.text),
            Unsupported("remarks", reason=_NO_TEXT),
            Unsupported("comments", reason=_NO_TEXT),
            Unsupported("invoice_address", reason=_OWN_ADDRESS, derived=True),
            _read("delivery_address.street", "DeliveryAddress1", values.text),
            _read("delivery_address.street2", "DeliveryAddress2", values.text),
            _read("delivery_address.postal_code", "DeliveryAddressZipCode", values.text),
            _read("delivery_address.city", "DeliveryAddressCity", values.text),
            _read("delivery_address.country_code", "DeliveryAddressCountryCode", values.text),
            _read("terms_of_payment", "PaymentTermId", values.text),
            _read("project", "ProjectCode", values.text),
            _read("cost_center", "DepartmentCode", values.text),
            *_whole_document(),
            _read("net", "NetAmount", values.number),
            _vat_sum(),
            _read("total", "TotalAmount", values.number),
            _read("cancelled", "IsReversed", values.flag),
            _read("kind", "VoucherType", lambda kind: "credit" if kind == "OutgoingCreditNote" else "invoice"),
            _read("credits", "RelatedInvoiceNo", _numbered_one, "of a credit note that was made in PowerOffice"),
            _read("invoice_date", "VoucherDate", values.day),
            _read("due_date", "DueDate", values.day),
            _read("delivery_date", "DeliveryDate", values.day),
            _read("order_number", "OrderNo", values.text, "the order that it was made of"),
            _result("booked", "VoucherNo", lambda invoice: bool(invoice.get("VoucherNo")), "it has a voucher number"),
            _result("balance", "Balance", balance, "turned from the ledger's currency into the invoice's"),
            _read("payment_date", "PostingDate", values.day, "the last payment in the customer ledger, by MatchId"),
            _read("currency_rate", "CurrencyExchangeRate", values.number),
            _read("ocr", "Cid", values.text),
            _result("sent", "SentDateTimeOffset", _was_sent, "it has a moment of sending; imported ones have none"),
            Rows("rows", LINES, INVOICE_ROW),
        ],
    )


def balance(invoice: Mapping[str, Any]) -> Any:
    """Read what is left to pay in the invoice's currency.

    PowerOffice tells it in the ledger's currency, in which it tells the total too (interface description, outgoing
    invoices); their ratio holds in any currency.

    Args:
        invoice: As PowerOffice sent it.
    """
    found, posted, total = (
        values.number(invoice.get(name)) for name in ("Balance", "TotalPostedAmount", "TotalAmount")
    )
    if found is OMIT or not found or OMIT in (posted, total) or not posted:
        return found
    return found if posted == total else values.cents(found * total / posted)


def _numbered(raw: Any) -> tuple[Ref, ...]:
    return (Ref(number=str(raw)),)


def _numbered_one(raw: Any) -> Ref:
    return Ref(number=str(raw))


def _named(order: Order) -> Loss | None:
    if not (order.contact_person_key and order.your_reference):
        return None
    reason = "the contact person's name is shown"
    return Loss("your_reference", LossKind.DERIVED, order.your_reference, None, reason)


def _whole_document() -> list[Entry]:
    """What would be of a whole document, which PowerOffice has on its rows alone."""
    return [
        Unsupported("vat_treatment", reason=_VAT, derived=True),
        Unsupported("discount_percent", reason="discounts are on rows alone"),
        Unsupported("discount_amount", reason="discounts are on rows alone"),
        Unsupported("freight", reason="freight is a row with a product of its own"),
        Unsupported("fee", reason="a fee is a row with a product of its own"),
    ]


def _read(name: str, native: str, read: Any, note: str = _SYSTEM) -> Field:
    return Field(name, native, read=read, direction="read", note=note)


def _date(name: str, native: str, note: str) -> Field:
    return Field(name, native, write=date.isoformat, read=values.day, note=note)


def _result(name: str, native: str, read: Any, reason: str) -> Computed:
    """Declare a field that is worked out of a reply and never sent."""
    return Computed(name, native, lambda _: OMIT, reason=reason, read=read, loss=lambda record: _unsent(record, name))


def _vat_sum() -> Computed:
    return _result("vat", "TotalAmount, NetAmount", _vat, "the total less the sum excluding VAT")


def _vat(record: Mapping[str, Any]) -> Any:
    total, net = values.number(record.get("TotalAmount")), values.number(record.get("NetAmount"))
    return OMIT if OMIT in (total, net) else total - net


def _was_sent(invoice: Mapping[str, Any]) -> Any:
    return bool(invoice["SentDateTimeOffset"]) if "SentDateTimeOffset" in invoice else OMIT


def _unsent(record: Document, name: str) -> Loss | None:
    value = getattr(record, name)
    return None if value is None else Loss(name, LossKind.DROPPED, value, None, _SYSTEM)


def _counted(row_id: str | None) -> Loss | None:
    if not row_id:
        return None
    return Loss("row_id", LossKind.DROPPED, row_id, None, "rows are counted in the order that they are sent in")


def _margin(line: Mapping[str, Any]) -> Any:
    net, cost, quantity = (values.number(line.get(name)) for name in ("NetAmount", "ProductUnitCost", "Quantity"))
    return OMIT if OMIT in (net, cost, quantity) else net - values.cents(cost * quantity)


INVOICE_ROW: FieldMap[InvoiceRow] = FieldMap(
    InvoiceRow,
    [
        _read("row_id", "Id", values.text),
        _read("article_number", "ProductCode", values.text),
        Unsupported("article_key", reason=_NUMBERED, derived=True),
        _read("description", "Description", values.text),
        _read("quantity", "Quantity", values.number),
        _read("unit", "UnitOfMeasureCode", values.text),
        _read("unit_price", "ProductUnitPrice", values.number),
        _read("vat_percent", "VatRate", values.percent),
        Field("vat_code", "VatCode", read=values.text, direction="read", register="vat_code", note=_SYSTEM),
        Unsupported("discount_amount", reason="PowerOffice has discounts in percent alone"),
        _read("discount_percent", "Allowance", values.number),
        Unsupported("vat_account", reason="invoices show the VAT code, not its account"),
        _read("income_account", "AccountNo", values.text),
        _read("amount", "NetAmount", values.number),
        _result("contribution_margin", "NetAmount, ProductUnitCost, Quantity", _margin, "sum less cost"),
    ],
)
"""The table of invoice rows."""
