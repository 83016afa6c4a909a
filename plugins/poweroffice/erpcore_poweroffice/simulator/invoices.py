"""Outgoing invoices: what an order becomes, and how far it is paid. The API only reads them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from stdnum import luhn

from erpcore.simulator import rounded
from erpcore_poweroffice.simulator import ledger, lists, orders
from erpcore_poweroffice.simulator.books import Books, Record
from erpcore_poweroffice.simulator.calls import Answer, Call, Operation, Refused, reading
from erpcore_poweroffice.simulator.inheritance import effective_line
from erpcore_poweroffice.simulator.invoice_shapes import INVOICE, INVOICE_LINE
from erpcore_poweroffice.simulator.members import show
from erpcore_poweroffice.simulator.order_lines import sales_vat, sums
from erpcore_poweroffice.simulator.references import (
    DELIVERY_TERM,
    DIMENSIONS,
    Reference,
    codes,
    employee,
)
from erpcore_poweroffice.simulator.terms import days

_REFERENCES = (
    *DIMENSIONS,
    Reference("customers", "CustomerId", "CustomerNo", key="Number"),
    Reference("branding_themes", "BrandingThemeId", "BrandingThemeCode"),
    DELIVERY_TERM,
    employee("SellersReferenceEmployeeId", "SellersReferenceEmployeeNo"),
)
_LINE_REFERENCES = (
    *DIMENSIONS,
    Reference("products", "ProductId", "ProductCode"),
    Reference("accounts", "AccountId", "AccountNo", key="AccountNo"),
    employee("SellersReferenceEmployeeId", "SellersReferenceEmployeeNo"),
)
_SAME = (
    "BrandingThemeId",
    "ContractNo",
    "CurrencyCode",
    "CurrencyExchangeRate",
    "CustomMatchingReference",
    "CustomerId",
    "CustomerReferenceContactPersonId",
    "DeliveryTerm",
    "DeliveryTermId",
    "DepartmentId",
    "ProjectId",
    "ExternalImportReference",
    "ImportedOrderNo",
    "PaymentTermId",
    "PurchaseOrderReference",
    "RelatedInvoiceNo",
)
_SIGNED = ("NetAmount", "NetPostedAmount", "TotalAmount", "TotalPostedAmount", "Balance")
_SIGNED_IN_LINES = ("NetAmount", "NetPostedAmount", "TotalAmount", "TotalPostedAmount", "VatAmount", "Quantity")


@dataclass(frozen=True)
class Issue:
    """How an order is made an invoice.

    Attributes:
        voucher_date: The invoice's date.
        due: When it is to be paid.
        delivery: How it is delivered.
        by: The application key that sent it; "" for a person.
    """

    voucher_date: date
    due: date
    delivery: str
    by: str


def operations() -> list[Operation]:
    """Return the addresses."""
    read = reading("OutgoingInvoice")
    return [
        Operation("GET", "/OutgoingInvoices", read, find),
        Operation("GET", "/OutgoingInvoices/{id}", read, get),
        Operation("GET", "/OutgoingInvoices/{id}/Lines", read, find_lines),
    ]


def post(books: Books, order: Record, header: Mapping[str, Any], issue: Issue) -> Record:
    """Make an order an invoice: same id, new line ids, posted to the customer ledger.

    Args:
        books: The company's.
        order: The order, which is no order any more.
        header: Its members with what it inherits.
        issue: How it is sent.
    """
    order.values["Invoiced"] = True
    made = orders.amounts(books, order)
    rate: Decimal = header["CurrencyExchangeRate"]
    credit = made.net < 0
    address = books.named("delivery_addresses", header.get("ContactDeliveryAddressId"))
    place = {} if address is None else address.values
    person = header.get("CustomerReferenceContactPersonId")
    invoice_no = books.count_up("invoice")
    values = {
        **{member: header.get(member) for member in _SAME},
        "CustomerReference": header.get("CustomerReference") if person is None else None,
        "SellersReferenceEmployeeId": header.get("SalesPersonEmployeeId"),
        "InvoiceNo": invoice_no,
        "VoucherNo": books.count_up("voucher"),
        "VoucherDate": issue.voucher_date,
        "VoucherType": "OutgoingCreditNote" if credit else "OutgoingInvoice",
        "DueDate": issue.due,
        "DeliveryDate": header.get("DeliveryDate") or issue.voucher_date,
        "OrderDate": header.get("SalesOrderDate") or issue.voucher_date,
        "OrderNo": header["SalesOrderNo"],
        "PaymentTerm": days(books, dict(header)),
        "InvoiceDeliveryType": issue.delivery,
        "SentDateTimeOffset": books.now(),
        "IsReversed": False,
        "Cid": _cid(invoice_no),
        "DeliveryAddress1": place.get("AddressLine1"),
        "DeliveryAddress2": place.get("AddressLine2"),
        "DeliveryAddressCity": place.get("City"),
        "DeliveryAddressZipCode": place.get("ZipCode"),
        "DeliveryAddressCountryCode": place.get("CountryCode"),
        "NetAmount": made.net,
        "TotalAmount": made.total,
        "NetPostedAmount": rounded(made.net * rate),
        "TotalPostedAmount": rounded(made.total * rate),
    }
    call = Call(application=issue.by)
    invoice = books.add("invoices", order.id, values, call)
    # The draft's own moment (vendor's description).
    invoice.created_at = order.created_at
    ordered = sorted(order.lines, key=lambda line: line["SortOrder"])
    invoice.lines = [_line(books, header, line, rate, at) for at, line in enumerate(ordered)]
    entry = ledger.post(books, _entry(invoice), call)
    values["EntryId"] = entry.id
    if credit and books.behaviour.credit_note_settles and values["RelatedInvoiceNo"] is not None:
        related = books.by("invoices", "InvoiceNo", values["RelatedInvoiceNo"])
        if related is not None:
            ledger.match(books, entry, entry_of(books, related))
    return invoice


def entry_of(books: Books, invoice: Record) -> Record:
    """Return an invoice's own entry in the customer ledger."""
    return books.tables["entries"][invoice.values["EntryId"]]


def shown(books: Books, invoice: Record, call: Call) -> dict[str, Any]:
    """Return an invoice as replies have it."""
    values, entry = invoice.values, entry_of(books, invoice)
    own = {
        "Id": invoice.id,
        "CreatedDateTimeOffset": invoice.created_at,
        "LastChangedDateTimeOffset": invoice.changed_at,
        "IsCreatedByCurrentIntegration": invoice.created_by == call.application,
        "Balance": books.ledger.balance(entry.id),
        "BalanceLastChangedDateTimeOffset": entry.changed_at,
        "MatchId": entry.values.get("MatchId"),
    }
    row = show(INVOICE, {**values, **codes(books, _REFERENCES, values), **own})
    return _signed(books, invoice, row, _SIGNED)


def lines_shown(books: Books, invoice: Record) -> list[dict[str, Any]]:
    """Return an invoice's lines as replies have them."""
    rows = [show(INVOICE_LINE, {**line, **codes(books, _LINE_REFERENCES, line)}) for line in invoice.lines]
    return [_signed(books, invoice, row, _SIGNED_IN_LINES) for row in rows]


def find(books: Books, call: Call) -> Answer:
    """List invoices."""
    rows = [shown(books, invoice, call) for invoice in books.all_seen("invoices")]
    return lists.answer(call, books.behaviour, INVOICE, _fitting(call, rows))


def get(books: Books, call: Call) -> Answer:
    """Show one invoice."""
    return Answer(shown(books, books.seen("invoices", call.params["id"]), call))


def find_lines(books: Books, call: Call) -> Answer:
    """List an invoice's lines."""
    invoice = books.seen("invoices", call.params["id"])
    return lists.answer(call, books.behaviour, INVOICE_LINE, lines_shown(books, invoice))


def pay(
    books: Books,
    invoice_no: int,
    amount: Decimal | None = None,
    *,
    day: date | None = None,
    write_off: bool = False,
) -> Record:
    """Book a payment of an invoice as the bank's file does, or write the invoice off.

    Args:
        books: The company's.
        invoice_no: The invoice.
        amount: In the company's currency; what is left to pay when left out.
        day: The day of effect; today when left out.
        write_off: Whether it is no payment but a claim given up.

    Returns:
        The payment's entry in the customer ledger.

    Raises:
        Refused: There is no such invoice.
    """
    invoice = books.by("invoices", "InvoiceNo", invoice_no)
    if invoice is None:
        raise Refused(404, "Object(s) not found", f"Outgoing invoice with invoice number = {invoice_no} not found.")
    owed = entry_of(books, invoice)
    paid = books.ledger.balance(owed.id) if amount is None else amount
    day = day or books.today()
    values = {
        "Amount": -paid,
        "CurrencyAmount": -paid,
        "CurrencyCode": "NOK",
        "CustomerId": invoice.values["CustomerId"],
        "Cid": invoice.values["Cid"],
        "IsWriteOff": write_off,
        "PostingDate": day,
        "VoucherDate": day,
        "VoucherId": books.new_uuid(),
        "VoucherNo": books.count_up("voucher"),
        "VoucherType": "ManualJournal" if write_off else "IncomingBankRemittance",
    }
    entry = ledger.post(books, values, Call())
    ledger.match(books, owed, entry)
    return entry


def _entry(invoice: Record) -> dict[str, Any]:
    values = invoice.values
    same = ("CustomerId", "CurrencyCode", "VoucherType", "VoucherNo", "VoucherDate", "DueDate", "Cid", "DepartmentId")
    more = ("ProjectId", "ExternalImportReference", "CustomMatchingReference")
    return {
        **{member: values.get(member) for member in (*same, *more)},
        "Amount": values["TotalPostedAmount"],
        "CurrencyAmount": values["TotalAmount"],
        "InvoiceNo": str(values["InvoiceNo"]),
        "PostingDate": values["VoucherDate"],
        "VoucherId": invoice.id,
    }


def _line(
    books: Books, header: Mapping[str, Any], line: Mapping[str, Any], rate: Decimal, position: int
) -> dict[str, Any]:
    values = effective_line(books, header, line)
    amounts, vat_rate = sums(books, header, line)
    account, code, _ = sales_vat(books, header, line)
    return {
        **{name: value for name, value in values.items() if name in INVOICE_LINE.members},
        "Id": books.count_up("id"),
        "SortOrder": position,
        "AccountId": account,
        "AgricultureDepartment": "None",
        "IsAccrued": False,
        "ProductUnitPrice": values.get("ProductUnitPrice") or Decimal(0),
        "NetAmount": amounts.net,
        "VatAmount": amounts.vat,
        "TotalAmount": amounts.total,
        "NetPostedAmount": rounded(amounts.net * rate),
        "TotalPostedAmount": rounded(amounts.total * rate),
        "VatCode": None if code is None else code.values["Code"],
        "VatId": None if code is None else code.id,
        "VatRate": vat_rate,
    }


def _signed(books: Books, invoice: Record, row: dict[str, Any], members: tuple[str, ...]) -> dict[str, Any]:
    turned = invoice.values["VoucherType"] == "OutgoingCreditNote" and books.behaviour.credit_note_sign == "positive"
    return {name: -value if turned and name in members and value else value for name, value in row.items()}


def _cid(invoice_no: int) -> str:
    """Return the invoice's payment number (KID) with its check digit, modulus 10."""
    digits = f"{invoice_no:09d}"
    return f"{digits}{luhn.calc_check_digit(digits)}"


def _fitting(call: Call, rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    numbers = lists.ranges(call, "invoiceNos")
    sent = lists.after(call, "sentDateTimeOffsetGreaterThan")
    balanced = lists.after(call, "balanceLastChangedDateTimeOffsetGreaterThan")
    for row in rows:
        if (
            (numbers is None or numbers(row["InvoiceNo"]))
            and (sent is None or row["SentDateTimeOffset"] > sent)
            and (balanced is None or row["BalanceLastChangedDateTimeOffset"] > balanced)
        ):
            yield row
