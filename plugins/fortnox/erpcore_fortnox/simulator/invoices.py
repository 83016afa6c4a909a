"""Invoices: `/3/invoices`, from the unbooked draft to booked, paid, cancelled or credited."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from erpcore_fortnox.simulator.books import URL, Books, Record
from erpcore_fortnox.simulator.calls import Answer, Call, Operation
from erpcore_fortnox.simulator.documents import NONE, NOTHING, PDF, Documents, Kind
from erpcore_fortnox.simulator.errors import Refused
from erpcore_fortnox.simulator.invoice_members import INVOICE, SHORT, list_rules
from erpcore_fortnox.simulator.rows import INVOICE_ROW
from erpcore_fortnox.simulator.text import ocr_of

_VOUCHER_SERIES = "B"
_KIND = Kind("Invoice", "Invoices", "invoice", "InvoiceRows", "InvoiceDate", INVOICE, INVOICE_ROW, "Faktura {} bifogas")
# What a booked invoice's vouchers were made of.
_MONEY = frozenset(
    {
        "InvoiceRows",
        "CustomerNumber",
        "InvoiceDate",
        "Currency",
        "CurrencyRate",
        "CurrencyUnit",
        "VATIncluded",
        "Freight",
        "AdministrationFee",
        "PriceList",
    }
)


class Invoices(Documents):
    """The resource. `books` is the company's."""

    def __init__(self, books: Books) -> None:
        super().__init__(books, _KIND, books.invoices, list_rules(books))

    def operations(self) -> list[Operation]:
        """Return the addresses of the resource."""
        one = "/invoices/{DocumentNumber}"
        return [
            *super().operations(),
            Operation("PUT", f"{one}/bookkeep", "invoice", self.bookkeep),
            Operation("PUT", f"{one}/credit", "invoice", self.credit),
            Operation("PUT", f"{one}/warehouseready", "invoice", self.warehouse_ready),
            Operation("GET", f"{one}/einvoice", "invoice", self.send),
            Operation("GET", f"{one}/eprint", "invoice", self.send),
            Operation("GET", f"{one}/printreminder", "invoice", self.remind),
        ]

    def started(self, number: str, values: dict[str, Any]) -> dict[str, Any]:
        """Return number, due date, payment reference and what the company's settings say."""
        terms = values["TermsOfPayment"]
        days = int(terms) if terms.isdecimal() and len(terms) <= 4 else 0  # others are codes, such as "K" for cash
        has_ocr = self.books.behaviour.ocr and number.isascii() and number.isdecimal()
        due = date.fromisoformat(values["InvoiceDate"]) + timedelta(days=days)
        return {
            "DocumentNumber": number,
            "DueDate": values["DueDate"] or due.isoformat(),
            "OCR": values["OCR"] or (ocr_of(number) if has_ocr else ""),
            "OutboundDate": values["OutboundDate"] or values["InvoiceDate"],
        }

    def settled(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return what is left to pay."""
        number = values["DocumentNumber"]
        self.books.ledger.owe(number, NOTHING if values["Cancelled"] else values["Total"])
        return {"Balance": NOTHING if values["Cancelled"] else self.books.ledger.balance(number)}

    def check_changeable(self, record: Record, changes: Mapping[str, Any]) -> None:
        """Refuse a change of a cancelled invoice, of a booked one's money, and of rows that an order made."""
        if record.values["Cancelled"] or (record.values["Booked"] and _MONEY & changes.keys()):
            raise Refused("invoice_locked")
        if "InvoiceRows" in changes and record.values["OrderReference"] != NONE:
            raise Refused("row_from_order")

    def cancel(self, call: Call) -> Answer:
        """Cancel an unbooked invoice; a booked one must be credited."""
        record = self.find(call)
        if record.values["Booked"] or record.values["Cancelled"]:
            raise Refused("invoice_locked")
        record.values["Cancelled"] = True
        record.values |= self.settled(record.values)
        self.books.touch(record)
        return self.shown(record)

    def bookkeep(self, call: Call) -> Answer:
        """Book an invoice: it gets a voucher, and a zero total counts as paid."""
        record = self.find(call)
        values = record.values
        if values["Booked"] or values["Cancelled"]:
            raise Refused("invoice_locked")
        day = date.fromisoformat(values["InvoiceDate"])
        year = self.books.financial_year(day)
        if year is None:
            raise Refused("financial_year")
        if self.books.locked_until is not None and day <= self.books.locked_until:
            raise Refused("locked_period")
        values |= {
            "Booked": True,
            "VoucherSeries": _VOUCHER_SERIES,
            "VoucherNumber": self.books.count_up(f"voucher {_VOUCHER_SERIES} {year.id}"),
            "VoucherYear": year.id,
        }
        if values["Credit"] == "true" and self.books.behaviour.credit_settles_original:
            self._set_off(record)
        self._note_paid(record)
        self.books.touch(record)
        return self.shown(record)

    def credit(self, call: Call) -> Answer:
        """Make a credit note; the reply is the original, which names it."""
        original = self.find(call)
        if original.values["Cancelled"]:
            raise Refused("invoice_locked")
        if original.values["CreditInvoiceReference"] != NONE:
            raise Refused("already_credited")
        number = self.books.free_number(self.kind.path, self.held)
        values = original.values | {
            "Credit": "true",
            "CreditInvoiceReference": original.values["DocumentNumber"],
            "InvoiceDate": self.books.today().isoformat(),
            "OrderReference": NONE,
            "Freight": -original.values["Freight"],
            "AdministrationFee": -original.values["AdministrationFee"],
            **dict.fromkeys(("Booked", "Sent"), False),
            **dict.fromkeys(("VoucherNumber", "VoucherSeries", "VoucherYear", "FinalPayDate"), None),
            **dict.fromkeys(("DueDate", "OutboundDate", "OCR"), ""),
        }
        values |= self.started(number, values)
        note = self.books.new_record(values, call.method, call.path)
        self.put_in(note, [_negated(row) for row in original.rows])
        original.values["CreditInvoiceReference"] = number
        self.books.touch(original)
        return self.shown(original)

    def warehouse_ready(self, call: Call) -> Answer:
        """Refuse: the simulated company has no warehouse module."""
        self.find(call)
        raise Refused("warehouse")

    def send(self, call: Call) -> Answer:
        """Mark as sent. What really sends needs the company's bank details."""
        is_sending = call.method == "GET" and not call.path.endswith("/print")
        if is_sending and not any(self.books.company.get(name) for name in ("BG", "PG", "IBAN")):
            raise Refused("bank_details")
        return super().send(call)

    def remind(self, call: Call) -> Answer:
        """Return a reminder as PDF, and count it."""
        record = self.find(call)
        record.values["Reminders"] += 1
        record.values["LastRemindDate"] = self.books.today().isoformat()
        self.books.touch(record)
        return Answer(PDF)

    def short(self, record: Record) -> dict[str, Any]:
        """Return the short form; CurrencyRate is a string in it (recorded replies)."""
        shown = INVOICE.show(record.values)
        url = f"{URL}/invoices/{record.values['DocumentNumber']}"
        return {"@url": url} | {name: shown[name] for name in SHORT} | {"CurrencyRate": str(shown["CurrencyRate"])}

    def from_order(self, order: Record, call: Call) -> Record:
        """Make the invoice of an order: its customer and conditions, and what is delivered of its rows."""
        number = self.books.free_number(self.kind.path, self.held)
        taken_over = {
            name: value
            for name, value in order.values.items()
            if INVOICE.has(name) and not name.startswith("@") and name not in _OWN
        }
        values = INVOICE.empty() | taken_over
        values |= {
            "InvoiceDate": self.books.today().isoformat(),
            "OrderReference": order.values["DocumentNumber"],
            "Remarks": order.values["Remarks"] if order.values["CopyRemarks"] else "",
        }
        if self.books.behaviour.references_follow_to_invoice:
            values |= {name: order.values[name] for name in _REFERENCES}
        values |= self.started(number, values)
        subject = self.kind.subject.format(number)
        values["EmailInformation"] = order.values["EmailInformation"] | {"EmailSubject": subject}
        invoice = self.books.new_record(values, call.method, call.path)
        rows = [{name: value for name, value in row.items() if INVOICE_ROW.has(name)} for row in order.rows]
        self.put_in(invoice, [INVOICE_ROW.empty() | row for row in rows])
        return invoice

    def pay(self, number: str, amount: Decimal, day: date) -> None:
        """Note a booked payment (or, negative, its withdrawal) in the invoice's currency."""
        record = self.held[number]
        self.books.ledger.settle(number, amount, day)
        self._note_paid(record)
        if self.books.behaviour.payment_moves_lastmodified:
            self.books.touch(record)

    def _note_paid(self, record: Record) -> None:
        values = record.values
        values |= self.settled(values)
        is_paid = values["Booked"] and values["Balance"] == 0
        day = self.books.ledger.settled_on(values["DocumentNumber"]) if is_paid else None
        # An invoice of 0 is paid by being booked.
        values["FinalPayDate"] = (day.isoformat() if day else values["InvoiceDate"]) if is_paid else None

    def _set_off(self, note: Record) -> None:
        original = self.held[note.values["CreditInvoiceReference"]]
        day = date.fromisoformat(note.values["InvoiceDate"])
        if self.books.ledger.set_off(original.values["DocumentNumber"], note.values["DocumentNumber"], day):
            self._note_paid(original)
            self.books.touch(original)


_REFERENCES = ("ExternalInvoiceReference1", "ExternalInvoiceReference2")
# What an invoice does not take over from its order.
_OWN = frozenset(
    {
        *_REFERENCES,
        "DocumentNumber",
        "EmailInformation",
        "InvoiceReference",
        "Labels",
        "OutboundDate",
        "PrintTemplate",
        "Remarks",
        "Sent",
    }
)


def _negated(row: Mapping[str, Any]) -> dict[str, Any]:
    discount = -row["Discount"] if row["DiscountType"] == "AMOUNT" else row["Discount"]
    return {**row, "DeliveredQuantity": -row["DeliveredQuantity"], "Discount": discount}
