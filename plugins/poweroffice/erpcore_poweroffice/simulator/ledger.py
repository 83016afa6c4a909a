"""The customer ledger: entries, what cancels what out, and what is left to pay."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from erpcore_poweroffice.simulator import lists
from erpcore_poweroffice.simulator.books import Books, Record
from erpcore_poweroffice.simulator.calls import Answer, Call, Operation, Refused, reading
from erpcore_poweroffice.simulator.invoice_shapes import ENTRY
from erpcore_poweroffice.simulator.members import show
from erpcore_poweroffice.simulator.references import DIMENSIONS, codes


def operations() -> list[Operation]:
    """Return the addresses."""
    read = reading("CustomerLedger")
    return [
        Operation("GET", "/Customerledger/EntriesByMatchId", read, by_match_id),
    ]


def post(books: Books, values: dict[str, Any], call: Call) -> Record:
    """Put an entry in the ledger.

    Args:
        books: The company's.
        values: Its members; `Amount` in the company's currency, positive for what the customer owes.
        call: The request that causes it.
    """
    entry = books.add("entries", books.count_up("id"), {"IsWriteOff": False, **values}, call)
    books.ledger.owe(entry.id, values["Amount"])
    return entry


def match(books: Books, one: Record, other: Record) -> None:
    """Cancel two entries of opposite amounts out, as far as the smaller goes; they then share a match id."""
    if not books.ledger.set_off(one.id, other.id, max(one.values["PostingDate"], other.values["PostingDate"])):
        return
    held = {entry.values["MatchId"] for entry in (one, other) if entry.values.get("MatchId")}
    match_id = min(held) if held else books.count_up("id")
    for entry in books.tables["entries"].values():
        if entry.id in (one.id, other.id) or entry.values.get("MatchId") in held:
            entry.values["MatchId"] = match_id
            books.touch(entry)


def balance(books: Books, customer_id: int | str) -> Decimal:
    """Return what a customer owes."""
    entries = books.tables["entries"].values()
    return sum((entry.values["Amount"] for entry in entries if entry.values["CustomerId"] == customer_id), Decimal(0))


def shown(books: Books, entry: Record, call: Call) -> dict[str, Any]:
    """Return an entry as replies have it."""
    values = entry.values
    customer = books.tables["customers"][values["CustomerId"]].values
    own = {
        "Id": entry.id,
        "Balance": books.ledger.balance(entry.id),
        "CreatedDateTimeOffset": entry.created_at,
        "LastChangedDateTimeOffset": entry.changed_at,
        "CustomerAccountNo": customer["Number"],
        "CustomerExternalNo": customer.get("ExternalNumber"),
        "CustomerName": display_name(customer),
        "IsCreatedByCurrentIntegration": entry.created_by == call.application,
    }
    return show(ENTRY, {**values, **codes(books, DIMENSIONS, values), **own})


def display_name(customer: dict[str, Any]) -> str:
    """Return what a customer is called: its name, or a person's first and last name."""
    return customer.get("Name") or f"{customer.get('FirstName')} {customer.get('LastName')}"


def by_match_id(books: Books, call: Call) -> Answer:
    """List the entries that were matched with each other."""
    wanted = lists.number(call, "matchId")
    if wanted is None:
        errors = {"matchId": ["The matchId field is required."]}
        raise Refused(400, "One or more validation errors occurred.", errors=errors)
    rows = [shown(books, entry, call) for entry in books.all_seen("entries") if entry.values.get("MatchId") == wanted]
    return lists.answer(call, books.behaviour, ENTRY, rows)
