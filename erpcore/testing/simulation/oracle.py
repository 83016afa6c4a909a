"""What must hold when all is over, judged by the books of the two systems, by the ledger and by what lists show."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from erpcore.store import Run
from erpcore.store.inbox import events_waiting
from erpcore.store.intents import read_intents
from erpcore.testing.simulation.wire import SIGN_OUT

if TYPE_CHECKING:
    from erpcore.testing.simulation.installation import Pair

MENDED_BY_PEOPLE = frozenset({"garbage", SIGN_OUT})
"""Strikes after which a run may end as failed: what the system answers must be mended by a person."""


@dataclass(frozen=True)
class Document:
    """A document in the ERP.

    Attributes:
        record: The record of the CRM that it was made for, by what its row says.
        number: Its number.
        content: All of it, and of what it became, but what differs from one schedule to another.
    """

    record: str
    number: str
    content: str


@dataclass(frozen=True)
class Books:
    """What the two systems show when all is over.

    Attributes:
        documents: Orders, and the invoices that they became.
        beside: By register, what else was made: customers and articles, which all records share.
        told: The number that the CRM shows on each record.
    """

    documents: tuple[Document, ...]
    beside: Mapping[str, tuple[str, ...]]
    told: Mapping[str, str]


def unsettled(pair: Pair, runs: Sequence[Run], strikes: Collection[str]) -> list[str]:
    """Tell what has not come to its end, or to an end that it need not have come to; see `violations`."""
    found = list[str]()
    for run in runs:
        if run.state not in ("done", "nothing", "failed", "uncertain"):
            found.append(f"UNSETTLED {run.record} is {run.state}: {run.summary}")
        if run.state == "failed" and not MENDED_BY_PEOPLE & {*strikes}:
            found.append(f"FAILED {run.record}: {run.error_class} {run.error_text}")
    with pair.store.read() as connection:
        for run in runs:
            of_record = {"source": run.source, "record_kind": run.record_kind, "record_id": run.record_id}
            if events_waiting(connection, sync=run.sync, **of_record):
                found.append(f"UNHEARD something happened to {run.record}, and no run has seen it")
    if waiting := pair.database.execute("SELECT run, attempt FROM queue WHERE done = 0").fetchall():
        found.append(f"UNSETTLED attempts wait for ever: {waiting}")
    return found


def violations(pair: Pair, books: Books, usual: Collection[Books], strikes: Collection[str]) -> list[str]:
    """Tell what does not hold.

    Args:
        pair: The systems and the store between them, after the end.
        books: Of the systems.
        usual: Books of undisturbed schedules, with and without what people changed on the way.
        strikes: What happened.
    """
    happened, runs = set(strikes), pair.runs()
    found = unsettled(pair, runs, strikes)
    with pair.store.read() as connection:
        made = [each for each in read_intents(connection) if each.operation == pair.makes and each.state == "done"]
    unsure = any(run.state in ("failed", "uncertain") for run in runs)
    newest = {run.record_id: run for run in runs}
    for record, told in books.told.items():
        last = newest.get(pair.record_id(record))
        state = "never seen" if last is None else last.state
        documents = [each for each in books.documents if each.record == record]
        numbers = sorted(each.number for each in documents)
        if len(documents) > 1 + (pair.cleared if record == "1" else 0):
            shown = last is not None and last.state == "uncertain" and last.cause == "two_documents"
            found.append(f"{'SHOWN' if shown else 'DUPLICATE'} record {record} has {numbers}, its run is {state}")
        if not documents and state not in ("failed", "uncertain") and not happened & pair.takes_back:
            found.append(f"LOST record {record} has no document, its run is {state}")
        if documents and state == "done" and told not in numbers:
            found.append(f"UNTOLD record {record} has {numbers}, the CRM shows “{told}”")
        right = {each.content for one in usual for each in one.documents if each.record == record}
        # One whose number people have cleared is left as it is, even where it was still to become an invoice.
        counts = [each for each in documents if each.number == told or not (pair.cleared and record == "1")]
        wrong = [each for each in counts if each.content not in right]
        if state not in ("failed", "uncertain"):  # else what the document is to become may be left out
            found += [f"WRONG document {each.number}: {each.content}" for each in wrong]
    for register, has in books.beside.items():
        right = {each for one in usual for each in one.beside[register]}
        if len(has) > 1:
            found.append(f"TWICE {len(has)} {register}")
        if not unsure:  # else the article may be half made
            found += [f"WRONG {register}: {each}" for each in has if each not in right]
    noted, there = {str(intent.number) for intent in made}, {each.number for each in books.documents}
    if noted - there or (there - noted and not unsure):
        found.append(f"LEDGER it has {sorted(noted)}, the ERP {sorted(there)}")
    return found
