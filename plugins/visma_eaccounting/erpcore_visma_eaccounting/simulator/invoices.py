"""Invoice drafts, and the invoices that drafts and orders become (interface description, customer invoices)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from erpcore_visma_eaccounting.simulator.books import Books
from erpcore_visma_eaccounting.simulator.documents import document_of, has_no_vat, rows_of, summed
from erpcore_visma_eaccounting.simulator.gate import Call, Operation
from erpcore_visma_eaccounting.simulator.lists import list_page
from erpcore_visma_eaccounting.simulator.odata import refused
from erpcore_visma_eaccounting.simulator.shapes import (
    DRAFT,
    DRAFT_ROW,
    INVOICE,
    INVOICE_ROW,
    LEDGER_ITEM,
    taken,
)

PAID, UNPAID, OVERDUE = 0, 1, 2
_REVERSED = "ReversedConstructionServicesVatFree"


class Invoices:
    """The registers of drafts and of invoices.

    Args:
        books: The company's.
    """

    def __init__(self, books: Books) -> None:
        self._books = books

    def operations(self) -> list[Operation]:
        """Return the addresses."""
        drafts, invoices = "/customerinvoicedrafts", "/customerinvoices"
        return [
            Operation("GET", drafts, self._drafts),
            Operation("POST", drafts, lambda call: self.add_draft(call.body), 201),
            Operation("GET", f"{drafts}/{{key}}", self._draft),
            Operation("POST", f"{drafts}/{{key}}/convert", lambda call: self.book(call.key), 201),
            Operation("GET", invoices, self._list),
            Operation("GET", f"{invoices}/{{key}}", self._one),
            Operation("GET", "/customerledgeritems", self._ledger_items),
        ]

    def add_draft(self, sent: Any) -> dict[str, Any]:
        """Make a draft. Its currency is the customer's, whatever is sent."""
        values, customer = document_of(self._books, DRAFT, sent)
        values["Rows"] = rows_of(self._books, DRAFT_ROW, values, customer, _REVERSED)
        currency = customer["CurrencyCode"]
        sums = summed(
            self._books,
            values["Rows"],
            with_vat=values["IncludesVat"],
            without_any=has_no_vat(customer),
            reversed_by=_REVERSED,
            currency=currency,
        )
        rate = self._rate(currency)
        values |= {
            "InvoiceCurrencyCode": currency,
            "TotalAmount": sums["total"],
            "TotalVatAmount": sums["vat"],
            "TotalRoundings": sums["rounding"],
            "TotalAmountBaseCurrency": sums["total"] * rate,
            "TotalVatAmountBaseCurrency": sums["vat"] * rate,
            "ReverseChargeOnConstructionServices": any(row[_REVERSED] for row in values["Rows"]),
            "CreatedUtc": self._books.now(),
        }
        return self._books.add("customerinvoicedrafts", values)

    def book(self, draft_id: str) -> dict[str, Any]:
        """Turn a draft into an invoice, as a person in the program does too.

        Raises:
            Refused: There is no such draft.
        """
        draft = self._books.one("customerinvoicedrafts", draft_id, "CustomerInvoiceDraft", status=404)
        if self._books.behaviour.converted_draft == "gone":
            self._books.drop("customerinvoicedrafts", draft["Id"])
        return self.shown(self._booked(draft, _REVERSED, {"CreatedFromDraftId": draft["Id"]}))

    def of_order(self, order: dict[str, Any]) -> dict[str, Any]:
        """Turn an order into an invoice."""
        source = {**order, "InvoiceCurrencyCode": order["CurrencyCode"]}
        invoice = self._booked(source, "EligibleForReverseChargeOnVat", {"CreatedFromOrderId": order["Id"]})
        return self.shown(invoice)

    def pay(self, number: int, amount: Decimal | None = None, day: date | None = None) -> dict[str, Any]:
        """Book a payment, as a person in the program does.

        Args:
            number: The invoice's.
            amount: In its currency; None for what is left.
            day: None for today.

        Raises:
            LookupError: There is no such invoice.
        """
        invoice = self._numbered(number)
        left = self._books.ledger.balance(invoice["Id"])
        self._books.ledger.settle(invoice["Id"], left if amount is None else amount, day or self._books.today())
        paid_on = day or self._books.today()
        # Days of payment come with a time (measured).
        invoice["PaymentDate"] = datetime(paid_on.year, paid_on.month, paid_on.day, tzinfo=UTC)
        if self._books.behaviour.payment_moves_modified:
            invoice["ModifiedUtc"] = self._books.now()
        return self.shown(invoice)

    def credit(self, number: int, *, settled: bool) -> dict[str, Any]:
        """Credit an invoice in full, as a person in the program does; the two name each other.

        Args:
            number: The invoice's.
            settled: Whether the two cancel each other out at once.

        Raises:
            LookupError: There is no such invoice.
        """
        invoice = self._numbered(number)
        source = {
            **invoice,
            "InvoiceCurrencyCode": invoice["CurrencyCode"],
            "IsCreditInvoice": True,
            **dict.fromkeys(("InvoiceDate", "DueDate", "CreatedFromDraftId", "CreatedFromOrderId")),
        }
        note = self._booked(source, "IsVatFree", {"ReferringInvoiceId": invoice["Id"]})
        invoice |= {"CreditedBy": [{"CreditInvoiceId": note["Id"]}], "ModifiedUtc": self._books.now()}
        if settled:
            self._books.ledger.set_off(invoice["Id"], note["Id"], self._books.today())
        return self.shown(note)

    def _numbered(self, number: int) -> dict[str, Any]:
        for invoice in self._books.all("customerinvoices"):
            if invoice["InvoiceNumber"] == number:
                return invoice
        raise LookupError(f"there is no invoice {number}")

    def shown(self, invoice: dict[str, Any]) -> dict[str, Any]:
        """Return an invoice with what depends on payments and on the day."""
        left = self._books.ledger.balance(invoice["Id"])
        overdue = invoice["DueDate"] < self._books.today()
        status = PAID if not left else OVERDUE if overdue else UNPAID
        return {
            **invoice,
            "RemainingAmountInvoiceCurrency": left,
            "RemainingAmount": left * invoice["CurrencyRate"],
            "PaymentStatus": status,
        }

    def add_ledger_item(self, sent: Any) -> dict[str, Any]:
        """Put in a receivable from before the company used Visma; a person does that, with a voucher."""
        values = taken(LEDGER_ITEM, sent, unknown="refused", decimals="refused")
        self._books.one("customers", values["CustomerId"], "Customer")
        return self._books.add("customerledgeritems", {**values, "ModifiedUtc": self._books.now()})

    def _ledger_items(self, call: Call) -> dict[str, Any]:
        return list_page(self._books, "customerledgeritems", call, LEDGER_ITEM)

    def _drafts(self, call: Call) -> dict[str, Any]:
        return list_page(self._books, "customerinvoicedrafts", call, DRAFT, rows=DRAFT_ROW)

    def _draft(self, call: Call) -> dict[str, Any]:
        return self._books.one("customerinvoicedrafts", call.key, "CustomerInvoiceDraft", status=404)

    def _one(self, call: Call) -> dict[str, Any]:
        return self.shown(self._books.one("customerinvoices", call.key, "CustomerInvoice", status=404))

    def _list(self, call: Call) -> dict[str, Any]:
        since = _moment(call.query.get("modifiedsinceutc"))
        return list_page(
            self._books,
            "customerinvoices",
            call,
            INVOICE,
            rows=INVOICE_ROW,
            show=self.shown,
            only=lambda invoice: since is None or invoice["ModifiedUtc"] >= since,
            parameters=("modifiedsinceutc",),
        )

    def _booked(self, source: dict[str, Any], reversed_by: str, origin: dict[str, Any]) -> dict[str, Any]:
        customer = self._books.one("customers", source["CustomerId"], "Customer")
        rows = [_invoice_row(row, reversed_by, self._books.new_id()) for row in source["Rows"]]
        currency = source["InvoiceCurrencyCode"]
        sums = summed(
            self._books,
            rows,
            with_vat=source["IncludesVat"],
            without_any=has_no_vat(customer),
            reversed_by="IsVatFree",
            currency=currency,
        )
        sign = -1 if source.get("IsCreditInvoice") else 1
        rate, total, vat = self._rate(currency), sign * sums["total"], sign * sums["vat"]
        number = self._books.numbering.next("customerinvoices")
        invoice = {
            **{name: member.empty for name, member in INVOICE.items()},
            **{name: value for name, value in source.items() if name in INVOICE},
            **origin,
            "Id": None,
            "InvoiceNumber": number,
            "Rows": rows,
            "CurrencyCode": currency,
            "CurrencyRate": rate,
            "TotalAmount": total * rate,
            "TotalVatAmount": vat * rate,
            "TotalRoundings": sign * sums["rounding"],
            "TotalAmountInvoiceCurrency": total,
            "TotalVatAmountInvoiceCurrency": vat,
            "VatSpecification": [
                {"AmountInvoiceCurrency": net, "VatAmountInvoiceCurrency": tax, "VatPercent": each * 100}
                for each, (net, tax) in sums["rates"].items()
            ],
            "CustomerEmail": customer["EmailAddress"],
            "VoucherId": self._books.new_id(),
            "VoucherNumber": f"A{self._books.numbering.next('vouchers')}",
            "PaymentReferenceNumber": f"{number}{number % 10}"
            if self._books.company["UsesPaymentReferenceNumber"]
            else None,
            "CreatedUtc": self._books.now(),
            "ModifiedUtc": self._books.now(),
            **self._days(source),
        }
        self._books.add("customerinvoices", invoice)
        self._books.ledger.owe(invoice["Id"], total)
        return invoice

    def _days(self, source: dict[str, Any]) -> dict[str, date]:
        """Give the invoice's day: the draft's if it is kept or in the future, else today."""
        today = self._books.today()
        told = source.get("InvoiceDate")
        keeps = self._books.company["KeepOriginalDraftDate"]
        day = told if told is not None and (keeps or told > today) else today
        terms = self._books.get("termsofpayments", source["TermsOfPaymentId"]) or {"NumberOfDays": 30}
        return {"InvoiceDate": day, "DueDate": source.get("DueDate") or day + timedelta(days=terms["NumberOfDays"])}

    def _rate(self, currency: str) -> Decimal:
        return Decimal(1) if currency == self._books.company["CurrencyCode"] else Decimal("11.5")


def _invoice_row(row: dict[str, Any], reversed_by: str, key: str) -> dict[str, Any]:
    return {
        **{name: member.empty for name, member in INVOICE_ROW.items()},
        **{name: value for name, value in row.items() if name in INVOICE_ROW},
        "Id": key,
        "IsVatFree": bool(row.get(reversed_by)),
    }


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise refused(f"modifiedSinceUtc {text!r} is no moment") from None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
