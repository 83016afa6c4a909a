"""Invoices: `/3/invoices`, from the unbooked draft to booked, paid, cancelled or credited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from erpcore.simulator import rounded
from erpcore_fortnox.simulator.books import Books, Record, url_of
from erpcore_fortnox.simulator.calls import Answer, Call, Operation
from erpcore_fortnox.simulator.documents import NONE, NOTHING, REFERENCES, Documents, Kind
from erpcore_fortnox.simulator.errors import Refused
from erpcore_fortnox.simulator.invoice_members import INVOICE, SHORT, list_rules
from erpcore_fortnox.simulator.rows import INVOICE_ROW
from erpcore_fortnox.simulator.text import ocr_of

_VOUCHER_SERIES = "B"
_KIND = Kind(
    "Invoice", "Invoices", "invoice", "InvoiceRows", "InvoiceDate", INVOICE, INVOICE_ROW, "Faktura {no} bifogas"
)


class Invoices(Documents):
    """The resource. `books` is the company's."""

    def __init__(self, books: Books) -> None:
        super().__init__(books, _KIND, books.invoices, list_rules(books))

    def operations(self) -> list[Operation]:
        """Return the addresses of the resource."""
        return [*super().operations(), Operation("PUT", "/invoices/{DocumentNumber}", "invoice", self.update)]

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

    def before_delivery(self, changes: Mapping[str, Any], rows: list[dict[str, Any]]) -> None:
        """Refuse nothing: what is on an invoice is delivered."""

    def settled(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return what is left to pay."""
        number = values["DocumentNumber"]
        self.books.ledger.owe(number, NOTHING if values["Cancelled"] else values["Total"])
        return {"Balance": NOTHING if values["Cancelled"] else self.books.ledger.balance(number)}

    def update(self, call: Call) -> Answer:
        """Change the references that are given. What else of an invoice a client may change is not simulated."""
        record = self.find(call.params["DocumentNumber"])
        changes = self.kind.table.read(call.payload("Invoice"), self.books.behaviour)
        if record.values["Cancelled"] or changes.keys() - {*REFERENCES}:
            raise Refused("invoice_locked")
        record.values |= changes
        self.books.touch(record)
        return self.shown(record)

    def cancel(self, number: str) -> Record:
        """Cancel an unbooked invoice; a booked one must be credited."""
        record = self.find(number)
        if record.values["Booked"] or record.values["Cancelled"]:
            raise Refused("invoice_locked")
        record.values["Cancelled"] = True
        record.values |= self.settled(record.values)
        self.books.touch(record)
        return record

    def bookkeep(self, number: str) -> Record:
        """Book an invoice: it gets a voucher, and a zero total counts as paid."""
        record = self.find(number)
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
        return record

    def credit(self, credited: str) -> Record:
        """Make a credit note, unbooked; the original names it."""
        original = self.find(credited)
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
        note = self.books.new_record(values, "POST", "/3/invoices")
        self.put_in(note, [_negated(row) for row in original.rows])
        original.values["CreditInvoiceReference"] = number
        self.books.touch(original)
        return note

    def send(self, number: str) -> Record:
        """Mark an invoice as sent."""
        record = self.find(number)
        record.values["Sent"] = True
        self.books.touch(record)
        return record

    def whole(self, record: Record) -> dict[str, Any]:
        """Return the whole invoice, with its balance in the currency that it is told in."""
        return super().whole(replace(record, values=self._told(record.values)))

    def _told(self, values: dict[str, Any]) -> dict[str, Any]:
        if self.books.behaviour.balance_in == "invoice":
            return values
        return {**values, "Balance": rounded(values["Balance"] * values["CurrencyRate"] / values["CurrencyUnit"])}

    def short(self, record: Record) -> dict[str, Any]:
        """Return the short form; CurrencyRate is a string in it, and no OCR number is null (recorded replies)."""
        shown = INVOICE.show(self._told(record.values))
        url = url_of("invoices", record.values["DocumentNumber"])
        listed = {"CurrencyRate": str(shown["CurrencyRate"]), "OCR": shown["OCR"] or None}
        return {"@url": url} | {name: shown[name] for name in SHORT} | listed

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
            values |= {name: order.values[name] for name in REFERENCES}
        values |= self.started(number, values)
        values["EmailInformation"] = order.values["EmailInformation"] | {"EmailSubject": self.kind.subject}
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


# What an invoice does not take over from its order.
_OWN = frozenset(
    {
        *REFERENCES,
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
