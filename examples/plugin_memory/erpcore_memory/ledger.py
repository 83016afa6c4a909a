"""The accounting program: one company's books in memory, behind one door.

Whoever wants something calls `Ledger.call` with the name of a function, its arguments and the company's key. Amounts
and quantities travel as text, dates as ISO text; records are plain dicts in the program's own words. It computes VAT
and totals itself, rounds halves away from zero, and numbers customers, orders and invoices in series of its own. There
is no VAT on what is sold to another country, or where the buyer pays it.

It is a stand-in for a vendor's program, so it knows nothing of erpcore.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

Record = dict[str, Any]

PAGE = 3
"""Records per page of a list."""
_REGISTERS = ("customers", "persons", "articles", "orders", "invoices")
_CODES: dict[str, list[Record]] = {
    "Terms": [{"Code": "10", "Text": "10 days", "Days": 10}, {"Code": "30", "Text": "30 days", "Days": 30}],
    "Unit": [{"Code": "st", "Text": "piece"}, {"Code": "tim", "Text": "hour"}],
    "Currency": [
        {"Code": code, "Text": code, "Rate": rate}
        for code, rate in {"SEK": "1", "EUR": "11.25", "NOK": "0.96", "DKK": "1.51"}.items()
    ],
    "VatCode": [{"Code": "VK7", "Text": "Food", "Percent": "12"}, {"Code": "VK9", "Text": "Usual", "Percent": "25"}],
}
_CENT = Decimal("0.01")


class LedgerError(Exception):
    """The program says no.

    Args:
        code: Such as ``MISSING``, ``TAKEN``, ``VALUE``, ``KEY``, ``RIGHT``, ``BUSY`` or ``INTERNAL``.
        text: What it says to people.
        wait: Seconds to wait, when it is busy.
    """

    def __init__(self, code: str, text: str, wait: float | None = None) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.wait = wait


class Ledger:
    """One company.

    Args:
        company: Its name.
        key: What opens the door.

    Attributes:
        ahead: How far its clock is ahead of the machine's.
        lag: How long a new record is missing from searches.
    """

    def __init__(self, company: str, key: str) -> None:
        self.company = company
        self.key = key
        self.ahead = timedelta()
        self.lag = timedelta()
        self._lock = threading.Lock()
        self._held: dict[str, list[Record]] = {name: [] for name in _REGISTERS}
        self._functions: dict[str, Callable[[Record], Any]] = {
            "company": lambda _: {"Name": self.company},
            "codes": lambda arguments: _CODES[arguments["of"]],
            "add_customer": self._add_customer,
            "change_customer": self._change_customer,
            "add_person": self._add_person,
            "change_person": lambda record: self._change("persons", record),
            "add_article": self._add_article,
            "change_article": self._change_article,
            "add_order": lambda record: self._add_document("orders", 1001, record),
            "add_invoice": lambda record: self._add_document("invoices", 1, {**record, "Booked": False}),
            "invoice_order": self._invoice_order,
            "find": self._find,
            "list": self._list,
        }

    def call(self, function: str, arguments: Record, key: str) -> Any:
        """Do something.

        Args:
            function: Its name.
            arguments: What it takes.
            key: The company's key.

        Returns:
            A record, or what `find` and `list` return.

        Raises:
            LedgerError: The program says no.
        """
        if key != self.key:
            raise LedgerError("KEY", "The key is wrong")
        if function not in self._functions:
            raise LedgerError("VALUE", f"There is no function {function}")
        with self._lock:
            return copy.deepcopy(self._functions[function](copy.deepcopy(arguments)))

    def now(self) -> datetime:
        """Return the program's time, aware, in UTC."""
        return datetime.now(UTC) + self.ahead

    def mark(self, register: str, number: str, **values: Any) -> None:
        """Let a person in the program change a record, such as annul an order or book an invoice.

        Args:
            register: Such as ``orders``.
            number: The record's.
            **values: What it holds from now on.
        """
        with self._lock:
            self._change(register, {"No": number, **values})

    def state(self) -> dict[str, list[Record]]:
        """Return everything it holds."""
        with self._lock:
            return copy.deepcopy(self._held)

    def restore(self, state: Mapping[str, list[Record]]) -> None:
        """Hold what `state` returned, and nothing else."""
        with self._lock:
            self._held = copy.deepcopy(dict(state))

    def _add(self, register: str, record: Record) -> Record:
        now = self.now()
        self._held[register].append({**record, "Changed": now.isoformat(), "Shown": (now + self.lag).isoformat()})
        return self._held[register][-1]

    def _one(self, register: str, number: str) -> Record:
        for record in self._held[register]:
            if record["No"] == number:
                return record
        raise LedgerError("MISSING", f"There is no {number} among the {register}")

    def _change(self, register: str, values: Record) -> Record:
        record = self._one(register, values["No"])
        record.update(values, Changed=self.now().isoformat())
        return record

    def _add_customer(self, record: Record) -> Record:
        _require(record, "Name")
        self._refuse_second("customers", record, "Key")
        self._refuse_second("customers", record, "No")
        number = record.get("No") or str(1 + len(self._held["customers"]))
        return self._add("customers", {"Active": True, **record, "No": number})

    def _change_customer(self, record: Record) -> Record:
        return self._change("customers", record)

    def _add_person(self, record: Record) -> Record:
        self._one("customers", record["Customer"])
        return self._add("persons", {"Active": True, **record, "No": str(1 + len(self._held["persons"]))})

    def _add_article(self, record: Record) -> Record:
        _require(record, "Text")
        self._refuse_second("articles", record, "No")
        number = record.get("No") or f"A{1 + len(self._held['articles'])}"
        _require(record, "Account")
        return self._add("articles", {"Active": True, **record, "No": number})

    def _change_article(self, record: Record) -> Record:
        return self._change("articles", record)

    def _add_document(self, register: str, first: int, record: Record) -> Record:
        customer = self._one("customers", record.get("Customer", ""))
        zone = record.get("VatZone") or customer.get("VatZone")
        for row in record.get("Rows", []):
            if row.get("Article"):
                self._one("articles", row["Article"])
        number = str(first + len(self._held[register]))
        _require(record, "Date")
        days = next((terms["Days"] for terms in _CODES["Terms"] if terms["Code"] == record.get("Terms")), None)
        if register == "invoices" and days is not None:
            due = date.fromisoformat(record["Date"]) + timedelta(days=days)
            record = {"Due": due.isoformat(), **record}
        document = {"Currency": "SEK", "Annulled": False, **record, "No": number}
        return self._add(register, _summed(document, taxed=zone in (None, "domestic")))

    def _invoice_order(self, arguments: Record) -> Record:
        order = self._one("orders", arguments["No"])
        if order.get("Invoice"):
            raise LedgerError("TAKEN", f"Order {order['No']} has the invoice {order['Invoice']}")
        copied = {name: value for name, value in order.items() if name not in ("No", "Changed", "Shown")}
        invoice = self._add_document("invoices", 1, {**copied, "Order": order["No"], "Booked": False})
        order["Invoice"] = invoice["No"]
        return invoice

    def _refuse_second(self, register: str, record: Record, member: str) -> None:
        if record.get(member) and any(held.get(member) == record[member] for held in self._held[register]):
            raise LedgerError("TAKEN", f"{member} {record[member]} is taken")

    def _find(self, arguments: Record) -> list[Record]:
        """Find by any part of a member, without regard to case; the members No and Key are also found when new."""
        member, part = arguments["member"], str(arguments["part"]).lower()
        now = self.now().isoformat()
        return [
            record
            for record in self._held[arguments["register"]]
            if part in str(record.get(member, "")).lower() and (member == "No" or record["Shown"] <= now)
        ]

    def _list(self, arguments: Record) -> Record:
        start, since = arguments["start"], arguments["since"]
        records = self._held[arguments["register"]]
        fitting = [r for r in records if since is None or datetime.fromisoformat(r["Changed"]) >= _moment(since)]
        return {"Records": fitting[start : start + PAGE], "More": len(fitting) > start + PAGE}


_COMPANIES: dict[str, Ledger] = {}


def install(ledger: Ledger) -> None:
    """Put a company where `company` finds it, in place of one with the same name."""
    _COMPANIES[ledger.company] = ledger


def company(name: str) -> Ledger:
    """Return a company that was installed.

    Raises:
        LookupError: There is none of that name.
    """
    return _COMPANIES[name]


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise LedgerError("VALUE", "A moment needs its zone")
    return moment


def _require(record: Record, member: str) -> None:
    if not record.get(member):
        raise LedgerError("VALUE", f"{member} is missing")


def _summed(document: Record, *, taxed: bool) -> Record:
    net = vat = Decimal(0)
    for row in document.get("Rows", []):
        gross = Decimal(row.get("Delivered", "0")) * Decimal(row.get("Price", "0"))
        amount = _cents(gross * (1 - Decimal(row.get("Percent", "0")) / 100))
        row["Amount"] = str(amount)
        amount -= _cents(amount * Decimal(document.get("Percent", "0")) / 100)
        net += amount
        vat += _cents(amount * _rate(row) / 100)
    for name in ("Freight", "Fee"):
        amount = Decimal(document.get(name, "0"))
        net += amount
        vat += _cents(amount / 4)
    vat = vat if taxed else Decimal(0)  # the buyer pays it, or nobody does
    return {**document, "Net": str(net), "VatSum": str(vat), "Total": str(net + vat)}


def _rate(row: Record) -> Decimal:
    """The rate of VAT that the row shows; else that of its code."""
    by_code = {held["Code"]: held["Percent"] for held in _CODES["VatCode"]}
    return Decimal(row.get("Vat") or by_code.get(row.get("VatCode"), "25"))


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, ROUND_HALF_UP)
