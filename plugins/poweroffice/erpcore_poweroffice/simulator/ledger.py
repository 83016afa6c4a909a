"""The customer ledger: entries, what cancels what out, and what is left to pay."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from erpcore_poweroffice.simulator import lists
from erpcore_poweroffice.simulator.books import Books, Record
from erpcore_poweroffice.simulator.calls import Answer, Call, Operation, Refused, reading
from erpcore_poweroffice.simulator.invoice_shapes import BALANCE, ENTRY
from erpcore_poweroffice.simulator.members import show
from erpcore_poweroffice.simulator.references import DIMENSIONS, codes


def operations() -> list[Operation]:
    """Return the addresses."""
    read = reading("CustomerLedger")
    return [
        Operation("GET", "/Customerledger/OpenItems", read, open_items),
        Operation("GET", "/Customerledger/Statement", read, statement),
        Operation("GET", "/Customerledger/EntriesByMatchId", read, by_match_id),
        Operation("GET", "/Customerledger/CustomerBalances", read, customer_balances),
    ]


def post(books: Books, values: dict[str, Any], call: Call) -> Record:
    """Put an entry in the ledger.

    An entry with a CustomMatchingReference is matched at once with open ones that have the same reference and the
    opposite amount (vendor's description).

    Args:
        books: The company's.
        values: Its members; `Amount` in the company's currency, positive for what the customer owes.
        call: The request that causes it.
    """
    entry = books.add("entries", books.count_up("id"), {"IsWriteOff": False, **values}, call)
    books.ledger.owe(entry.id, values["Amount"])
    reference = values.get("CustomMatchingReference")
    for other in list(books.tables["entries"].values()) if reference else ():
        same = other.values.get("CustomMatchingReference") == reference
        same_customer = other.values["CustomerId"] == values["CustomerId"]
        if same and same_customer and books.ledger.balance(other.id) == -values["Amount"]:
            match(books, entry, other)
            break
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


def shown(books: Books, entry: Record, call: Call, day: date | None = None) -> dict[str, Any]:
    """Return an entry as replies have it, its balance as of a day."""
    values = entry.values
    customer = books.tables["customers"][values["CustomerId"]].values
    own = {
        "Id": entry.id,
        "Balance": books.ledger.balance(entry.id, day),
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


def open_items(books: Books, call: Call) -> Answer:
    """List what was not cancelled out at the end of a day."""
    day = lists.day(call, "date", needed=True)
    rows = [
        shown(books, entry, call, day)
        for entry in books.all_seen("entries")
        if entry.values["PostingDate"] <= day and books.ledger.balance(entry.id, day)
    ]
    return lists.answer(call, books.behaviour, ENTRY, _fitting(call, rows))


def statement(books: Books, call: Call) -> Answer:
    """List everything that was posted between two days, both included."""
    first, last = lists.day(call, "fromDate", needed=True), lists.day(call, "toDate", needed=True)
    if first is None or last is None or first > last:
        raise Refused(400, "Customer ledger validation error(s)", "fromDate must not be after toDate.")
    rows = [
        shown(books, entry, call, last)
        for entry in books.all_seen("entries")
        if first <= entry.values["PostingDate"] <= last
    ]
    return lists.answer(call, books.behaviour, ENTRY, _fitting(call, rows))


def by_match_id(books: Books, call: Call) -> Answer:
    """List the entries that were matched with each other."""
    wanted = lists.number(call, "matchId")
    if wanted is None:
        errors = {"matchId": ["The matchId field is required."]}
        raise Refused(400, "One or more validation errors occurred.", errors=errors)
    rows = [shown(books, entry, call) for entry in books.all_seen("entries") if entry.values.get("MatchId") == wanted]
    return lists.answer(call, books.behaviour, ENTRY, rows)


def customer_balances(books: Books, call: Call) -> Answer:
    """List what each customer that has entries owed at the end of a day."""
    day = lists.day(call, "date", needed=True)
    only_open = lists.flag(call, "includeOnlyOpenItems")
    rows: dict[Any, dict[str, Any]] = {}
    for entry in books.all_seen("entries"):
        if entry.values["PostingDate"] > day or (only_open and not books.ledger.balance(entry.id, day)):
            continue
        row = shown(books, entry, call)
        held = rows.setdefault(row["CustomerId"], {**show(BALANCE, row), "Balance": Decimal(0)})
        held["Balance"] += entry.values["Amount"]
    return lists.answer(call, books.behaviour, BALANCE, rows.values())


def _fitting(call: Call, rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    numbers, external = lists.ranges(call, "customerNos"), lists.ranges(call, "externalNos")
    invoices, kinds = lists.words(call, "invoiceNos"), lists.words(call, "voucherTypes")
    references = lists.words(call, "customMatchingReferences")
    created = lists.after(call, "createdDateTimeOffsetGreaterThan")
    changed = lists.after(call, "lastChangedDateTimeOffsetGreaterThan")
    partly, own = lists.flag(call, "onlyBalancesLessThanAmount"), lists.flag(call, "onlyCreatedByCurrentIntegration")
    for row in rows:
        if (
            (numbers is None or numbers(row["CustomerAccountNo"]))
            and (external is None or external(row["CustomerExternalNo"]))
            and (invoices is None or (row["InvoiceNo"] or "") in invoices)
            and (kinds is None or row["VoucherType"].lower() in kinds)
            and (references is None or (row["CustomMatchingReference"] or "").lower() in references)
            and (created is None or row["CreatedDateTimeOffset"] > created)
            and (changed is None or row["LastChangedDateTimeOffset"] > changed)
            and (not partly or abs(row["Balance"]) < abs(row["Amount"]))
            and (not own or row["IsCreatedByCurrentIntegration"])
        ):
            yield row
