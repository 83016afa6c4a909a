"""A person's answers to what an uncertain run asks, by its cause.

``made_or_not``: whether an effect was carried out whose answer is lost; a failed run may have left that open too.
``cleared_number``: under the rules ``on_cleared_erp_id`` and ``on_cleared_order_number``, whether a cleared ERP ID or
order number asks for a new document. ``two_documents``: which of them counts. ``sums_differ``: whether a document
that does not come to what was agreed may stand. ``other_customer``: whether the customer that it was made for is the
company's. ``article_differs``: which side's values of an article count. An answer
that nobody asked for is
refused, and changes nothing.

Each function belongs to the transaction that sends the run again, so that an answer is noted and acted upon, or
neither.
"""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from erpcore.errors import MissingRecordError
from erpcore.store import (
    ArticleSide,
    Intent,
    Link,
    Run,
    RunState,
    choose_side,
    cut_link,
    decide_intent,
    forget_known_as,
    intents_of,
    keep_one,
    links_from,
    links_to,
    note_result,
    put_link,
    rivals_of,
    set_aside,
    uncertain_intents,
)
from erpcore.sync.shared import customer_words, story, sum_words
from erpcore.sync.shared.answered import ACCEPTED, CUSTOMER_ASKED, STOPPED
from erpcore.sync.shared.history import NOT_TOLD
from erpcore.sync.shared.sums import ErpSums

_DOCUMENTS = ("create_order", "create_invoice", "convert_to_invoice")
_GOES_ON = "It goes on by itself: wait for its end, and see then whether it asks anything."
_KINDS = {"create_customer": "customer", "create_article": "article", "create_order": "order"}
"""What a hook makes, as links call it; the others make invoices."""
_AT_ITS_END = (
    "A new document is made when the number is cleared in the CRM and the deal is won, or the order set ready, once "
    "more, as far as the rules on_cleared_erp_id and on_cleared_order_number let it; with “ask” they ask first. "
    "“erpcore send” has the record looked at now."
)
_INSTEAD: Mapping[RunState, str] = {
    "queued": _GOES_ON,
    "running": _GOES_ON,
    "waiting": _GOES_ON,
    "failed": "Mend what its story names, then have it sent again with “erpcore retry”.",
    "uncertain": "Its story says what it asks, and how that is answered.",
    "done": _AT_ITS_END,
    "nothing": _AT_ITS_END,
}
"""What a person does instead of answering what a run in this state has not asked."""


def new_document(connection: sa.Connection, run: Run, person: str) -> int:
    """Answer that a new document is wanted: the record's earlier document no longer counts for it.

    Args:
        connection: Of the writing transaction that sends the run again.
        run: The run that asks.
        person: Who answers.

    Returns:
        How many links were cut.

    Raises:
        MissingRecordError: The run does not ask it; nothing is changed.
    """
    reason = story.new_document_wanted(person)
    return sum(cut_link(connection, link.id, reason=reason) for link in _asked_about(connection, run))


def restore(connection: sa.Connection, run: Run) -> str:
    """Answer that the number was cleared by mistake: it is written back when the run is sent again.

    Args:
        connection: Of the writing transaction that sends the run again.
        run: The run that asks.

    Returns:
        The number.

    Raises:
        MissingRecordError: The run does not ask it; nothing is changed.
    """
    links = _asked_about(connection, run)
    for link in links:
        put_link(
            connection,
            sync=run.sync,
            source_kind=run.record_kind,
            source_id=run.record_id,
            target_kind=link.target_kind,
            number=link.number,
            generation=link.generation,
            sent_digest=NOT_TOLD,
        )
    return links[0].number


def settle(
    connection: sa.Connection, run: Run, person: str, *, number: str | None, intent_id: int | None = None
) -> Intent:
    """Answer whether what an attempt wanted to make was made.

    Args:
        connection: Of the writing transaction that sends the run again.
        run: The run that asks, or one that failed and left it open.
        person: Who answers.
        number: Number of what was made; None when nothing was, and it may be sent.
        intent_id: Which of the sync's uncertain intents; None for the one of the run's own record.

    Returns:
        The intent as decided.

    Raises:
        MissingRecordError: Nothing uncertain fits, or more than one intent does, or the run asks nothing; nothing is
            changed.
    """
    if run.state not in ("uncertain", "failed"):
        raise _not_asked(run)
    own = run.record
    found = [
        intent.id
        for intent in uncertain_intents(connection, sync=run.sync)
        # A second document of a settled intent is listed beside the uncertain ones, and cannot be decided.
        if intent.state == "uncertain" and (intent.record == own if intent_id is None else intent.id == intent_id)
    ]
    if len(found) != 1:
        raise MissingRecordError(
            f"{len(found)} uncertain writes fit the answer, and nothing was changed.",
            record=f"run {run.id}",
            advice=f"Name one with --intent: “erpcore status {run.id}” lists those of an uncertain run. A question "
            "about a cleared number is answered new-document or restore.",
        )
    return decide_intent(connection, found[0], person=person, number=number)


def keep(connection: sa.Connection, run: Run, person: str, *, number: str) -> None:
    """Answer which of two documents counts; the person has annulled the other one in the ERP.

    Args:
        connection: Of the writing transaction that sends the run again.
        run: The run that asks.
        person: Who answers.
        number: Number of the one that counts.

    Raises:
        MissingRecordError: The run does not ask it; nothing is changed.
        ErpcoreError: Neither of the two has that number; nothing is changed.
    """
    asking = _asking(connection, run, number) if run.state == "uncertain" and run.cause == "two_documents" else []
    if not asking:
        raise _not_asked(run)
    intent = asking[0]
    if intent.second is None:
        decide_intent(connection, intent.id, person=person, number=number)
        return
    keep_one(connection, intent.id, person=person, number=number)
    made = _KINDS.get(intent.operation, "invoice")
    for link in links_to(connection, sync=run.sync, target_kind=made, number=str(intent.number)):
        put_link(
            connection,
            sync=run.sync,
            source_kind=link.source_kind,
            source_id=link.source_id,
            target_kind=made,
            number=number,
            generation=link.generation,
            # The source was told of the question since: it is told the number, and that all is well, in either case.
            sent_digest=NOT_TOLD if made in ("order", "invoice") else None,
            instead=lambda _: story.other_kept(person, number),
        )


def _asking(connection: sa.Connection, run: Run, number: str) -> list[Intent]:
    """Give the intents that the run asks about; what several records share may be asked about by each of them."""
    own = [
        *rivals_of(connection, sync=run.sync, record=run.record),
        *(each for each in intents_of(connection, sync=run.sync, record=run.record) if each.state == "uncertain"),
    ]
    shared = uncertain_intents(connection, sync=run.sync)
    return own or [each for each in shared if each.second is not None and number in (each.number, each.second)]


def take_side(connection: sa.Connection, run: Run, side: ArticleSide) -> None:
    """Answer which side's values count of an article that was changed on both.

    Args:
        connection: Of the writing transaction that sends the run again.
        run: The run that asks.
        side: The side that counts.

    Raises:
        MissingRecordError: The run does not ask it; nothing is changed.
    """
    asks = run.state == "uncertain" and run.cause == "article_differs"
    if not (asks and choose_side(connection, run.sync, run.record_id, side)):
        raise _not_asked(run)


def go_on(connection: sa.Connection, run: Run, person: str) -> None:
    """Answer that the document may stand: its customer is the company's, or its sums are taken as they are.

    The ERP is asked for its sums anew when the run is sent again, so that what the CRM is told is true. A customer is
    believed under the name that it has by then.

    Args:
        connection: Of the writing transaction that sends the run again.
        run: The run that asks.
        person: Who answers.

    Raises:
        MissingRecordError: The run does not ask it; nothing is changed.
    """
    made = _asking_document(connection, run)
    if run.cause == "other_customer":
        for intent, asked in _asked_whose(made):
            link = put_link(
                connection,
                sync=run.sync,
                source_kind="company",
                source_id=asked["company"],
                target_kind="customer",
                number=asked["number"],
                instead=lambda _: customer_words.customer_accepted(person),
            )
            forget_known_as(connection, link.id)
            note_result(connection, intent, {CUSTOMER_ASKED: None}, person=person)
        return
    unread = dict.fromkeys(ErpSums.model_fields)
    for intent in made:
        note_result(connection, intent, {**unread, ACCEPTED: person}, person=person)


def stop(connection: sa.Connection, run: Run, person: str) -> None:
    """Answer that the document does not count: nothing more is done with it, and the run is set aside.

    Where it was made for another customer, the company's link to that is cut.

    Args:
        connection: Of a writing transaction.
        run: The run that asks.
        person: Who answers, and annuls the document in the ERP.

    Raises:
        MissingRecordError: The run does not ask it; nothing is changed.
    """
    made = _asking_document(connection, run)
    for intent in made:
        note_result(connection, intent, {STOPPED: person}, person=person)
    why = sum_words.sums_refused(person)
    if run.cause == "other_customer":
        why = customer_words.customer_refused(person)
        for _, asked in _asked_whose(made):
            links = links_from(connection, sync=run.sync, source_kind="company", source_id=asked["company"])
            for link in links:
                if link.target_kind == "customer" and link.number == asked["number"]:
                    cut_link(connection, link.id, reason=why)
    set_aside(connection, run, person=person, why=why)


def _asked_whose(made: list[Intent]) -> list[tuple[Intent, Mapping[str, str]]]:
    """Give what is asked of documents that were made for another customer, as `CUSTOMER_ASKED` has it."""
    asked = ((intent, (intent.result or {}).get(CUSTOMER_ASKED)) for intent in made)
    return [(intent, each) for intent, each in asked if each]


def _asking_document(connection: sa.Connection, run: Run) -> list[Intent]:
    """Give what the ledger knows of the document about whose sums or customer the run asks."""
    made = [
        intent
        for intent in intents_of(connection, sync=run.sync, record=run.record)
        if intent.state == "done" and intent.operation in _DOCUMENTS
    ]
    if run.state != "uncertain" or run.cause not in ("sums_differ", "other_customer") or not made:
        raise _not_asked(run)
    newest = max(intent.generation for intent in made)
    return [intent for intent in made if intent.generation == newest]


def _asked_about(connection: sa.Connection, run: Run) -> list[Link]:
    """Give the links of the document about whose cleared number the run asks."""
    asks = run.state == "uncertain" and run.cause == "cleared_number"
    links = links_from(connection, sync=run.sync, source_kind=run.record_kind, source_id=run.record_id)
    live = [link for link in links if link.cut_at is None]
    if not (asks and live):
        raise _not_asked(run)
    return live


def _not_asked(run: Run) -> MissingRecordError:
    return MissingRecordError(
        f"Run {run.id} is {run.state} and does not ask that, so nothing was changed.",
        record=run.record,
        advice=_INSTEAD[run.state],
    )
