"""Payments of invoices: people make them, as drafts until they are booked, and `/3/invoicepayments` lists them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from erpcore.simulator import rounded
from erpcore_fortnox.simulator.books import URL, Books, Record
from erpcore_fortnox.simulator.calls import Answer, Call, Operation
from erpcore_fortnox.simulator.errors import Refused
from erpcore_fortnox.simulator.invoices import Invoices
from erpcore_fortnox.simulator.lists import ListRules, by_number, listed
from erpcore_fortnox.simulator.members import Member, Table, as_digits, read_only

_NOTHING = Decimal(0)

WRITE_OFF = Table(
    [
        Member("Amount", "number", _NOTHING),
        Member("AccountNumber", "whole", None, least=1000, most=9999),
        Member("CostCenter", "text", None),
        Member("Currency", "text", None, least=3, most=3),
        Member("Description", "text", None),
        Member("TransactionInformation", "text", None),
        Member("Project", "text", None),
    ]
)
PAYMENT = Table(
    [
        read_only("@url"),
        Member("Amount", "number", None),
        Member("AmountCurrency", "number", None),
        read_only("Booked", kind="flag", empty=False),
        Member("Currency", "text", None, least=3, most=3),
        Member("CurrencyRate", "number", Decimal(1)),
        Member("CurrencyUnit", "number", Decimal(1)),
        read_only("ExternalInvoiceReference1", None),
        read_only("ExternalInvoiceReference2", None),
        read_only("InvoiceCustomerName"),
        read_only("InvoiceCustomerNumber"),
        Member("InvoiceNumber", "whole", None),
        read_only("InvoiceDueDate"),
        read_only("InvoiceOCR"),
        read_only("InvoiceTotal"),
        Member("ModeOfPayment", "text", None),
        Member("ModeOfPaymentAccount", "whole", None, least=1000, most=9999),
        read_only("Number"),
        Member("PaymentDate", "date", None),
        read_only("VoucherNumber", None, "whole"),
        read_only("VoucherSeries", None),
        read_only("VoucherYear", None, "whole"),
        read_only("Source", "manual"),
        Member("WriteOffs", "list", []),
    ]
)
_SHORT = ("Amount", "Booked", "Currency", "CurrencyRate", "CurrencyUnit", "InvoiceNumber", "Number", "PaymentDate")
_LIST_RULES = ListRules(by_default=by_number("Number"))


class Payments:
    """The resource.

    Args:
        books: The company's.
        invoices: Whose balance a booked payment lowers.
    """

    def __init__(self, books: Books, invoices: Invoices) -> None:
        self._books = books
        self._invoices = invoices

    def operations(self) -> list[Operation]:
        """Return the address of the resource."""
        return [Operation("GET", "/invoicepayments", "payment", self.list_all)]

    def list_all(self, call: Call) -> Answer:
        """List payments in their short form."""
        records = self._books.payments.values()
        return Answer(listed("InvoicePayments", records, _LIST_RULES, call.query, self._books, _short))

    def create(self, payment: Mapping[str, Any]) -> Record:
        """Make a draft; what is not said comes from the invoice and the mode of payment.

        Args:
            payment: Its members.

        Raises:
            Refused: It does not fit.
        """
        values = PAYMENT.empty() | self._read(payment)
        if values["InvoiceNumber"] is None:
            raise Refused("null", "invoicenumber")
        values = self._completed(values)
        values["Number"] = self._books.free_number("payments", self._books.payments)
        record = self._books.new_record(values, "POST", "/3/invoicepayments")
        self._books.payments[values["Number"]] = record
        return record

    def bookkeep(self, record: Record) -> Record:
        """Book a draft: it gets a voucher and lowers the invoice's balance.

        Raises:
            Refused: The invoice or the day does not allow it.
        """
        values = record.values
        self._invoice(values["InvoiceNumber"])
        day = date.fromisoformat(values["PaymentDate"])
        year = self._books.financial_year(day)
        if year is None:
            raise Refused("financial_year")
        values |= {
            "Booked": True,
            "VoucherSeries": "C",
            "VoucherNumber": self._books.count_up(f"voucher C {year.id}"),
            "VoucherYear": year.id,
        }
        written_off = sum((off["Amount"] for off in values["WriteOffs"]), _NOTHING)
        self._invoices.pay(str(values["InvoiceNumber"]), values["AmountCurrency"] + written_off, day)
        self._books.touch(record)
        return record

    def _read(self, payment: Mapping[str, Any]) -> dict[str, Any]:
        changes = PAYMENT.read(payment, self._books.behaviour)
        if "WriteOffs" in changes:
            offs = [WRITE_OFF.read(off, self._books.behaviour) for off in changes["WriteOffs"]]
            changes["WriteOffs"] = [WRITE_OFF.empty() | off for off in offs]
        return changes

    def _invoice(self, number: int) -> Record:
        invoice = self._books.invoices.get(str(number))
        if invoice is None:
            raise Refused("invoice", status=400)
        if invoice.values["Cancelled"]:
            raise Refused("invoice_locked")
        if not invoice.values["Booked"] and self._books.behaviour.payment_needs_booked_invoice:
            raise Refused("invoice_not_booked")
        return invoice

    def _completed(self, values: dict[str, Any]) -> dict[str, Any]:
        invoice = self._invoice(values["InvoiceNumber"]).values
        day = values["PaymentDate"] or self._books.today().isoformat()
        if day < invoice["InvoiceDate"]:
            raise Refused("payment_date")
        currency = values["Currency"] or invoice["Currency"]
        if currency != invoice["Currency"]:
            raise Refused("payment_currency")
        rate = invoice["CurrencyRate"] / invoice["CurrencyUnit"]
        in_currency = values["AmountCurrency"]
        if in_currency is None:
            in_currency = invoice["Balance"] if values["Amount"] is None else rounded(values["Amount"] / rate)
        mode, account = self._mode(values)
        return values | {
            "Amount": rounded(in_currency * rate) if values["Amount"] is None else values["Amount"],
            "AmountCurrency": in_currency,
            "Currency": currency,
            "CurrencyRate": invoice["CurrencyRate"],
            "CurrencyUnit": invoice["CurrencyUnit"],
            "ExternalInvoiceReference1": invoice["ExternalInvoiceReference1"],
            "ExternalInvoiceReference2": invoice["ExternalInvoiceReference2"],
            "InvoiceCustomerName": invoice["CustomerName"],
            "InvoiceCustomerNumber": invoice["CustomerNumber"],
            "InvoiceDueDate": invoice["DueDate"],
            "InvoiceOCR": invoice["OCR"],
            "InvoiceTotal": as_digits(invoice["Total"]),
            "ModeOfPayment": mode,
            "ModeOfPaymentAccount": account,
            "PaymentDate": day,
        }

    def _mode(self, values: dict[str, Any]) -> tuple[str, int]:
        modes = self._books.register("modesofpayments")
        code = values["ModeOfPayment"] or next(iter(modes), None)
        if code is None or code not in modes:
            raise Refused("mode_of_payment")
        return code, values["ModeOfPaymentAccount"] or modes[code].values["AccountNumber"]


def show_payment(record: Record) -> dict[str, Any]:
    """Return the whole payment as a reply shows it."""
    offs = [WRITE_OFF.show(off) for off in record.values["WriteOffs"]]
    url = f"{URL}/invoicepayments/{record.values['Number']}"
    return PAYMENT.show({**record.values, "@url": url, "WriteOffs": offs})


def _short(record: Record) -> dict[str, Any]:
    shown = show_payment(record)
    return {
        "@url": shown["@url"],
        **{name: shown[name] for name in _SHORT},
        "Source": shown["Source"],
        "WriteOffExist": bool(shown["WriteOffs"]),
    }
