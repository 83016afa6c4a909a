"""What the store remembers of a deal or an order: its links, its intents, and what earlier runs saw."""

from __future__ import annotations

from typing import Literal, cast

import sqlalchemy as sa

from erpcore.store import Intent, Link, intents_about, last_line, links_from, reasons_of, rivals_of
from erpcore.sync.shared import story
from erpcore.sync.shared.answered import stopped_by
from erpcore.sync.shared.reasons import Reason
from erpcore.sync.shared.view import History, LinkedDocument, SeenInCrm, Unsettled

NOT_TOLD = "to be told again"
"""Stands in the place of a link's digest when a person has the number written back once more."""

_NOT_IN_CRM = "not in the CRM: "
"""Stands before a link's digest when the CRM was told the number and did not take it."""

_PURSUED: tuple[Reason, ...] = ("cleared_and_won_again", "cleared_ask", "unsettled", "incomplete")
"""Reasons of plans that may take several attempts: they do not end the time in which a deal counts as reopened."""

_LEFT_ALONE: tuple[Reason, ...] = ("won_before_sync", "won_in_history", "left_alone")
"""Reasons of plans that found a deal won before the sync began."""

_MAKING = ("create_order", "create_invoice")


def told_mark(digest: str, *, stands: bool) -> str:
    """Give what a link keeps once the CRM was told its number, read back by `read_history`.

    Args:
        digest: Of what was told.
        stands: Whether the CRM has taken it.
    """
    return digest if stands else f"{_NOT_IN_CRM}{digest}"


def read_history(
    connection: sa.Connection, sync: str, kind: str, record_id: str, *, planned_before: bool = True
) -> History:
    """Read what erpcore remembers of a record for which documents are made.

    Args:
        connection: Of a transaction.
        sync: Name of the sync.
        kind: ``deal`` or ``order``.
        record_id: The CRM's key of it.
        planned_before: Whether a plan of it may have been made before.
    """
    links = links_from(connection, sync=sync, source_kind=kind, source_id=record_id)
    intents = intents_about(connection, sync=sync, record=f"{kind} {record_id}")
    document, invoice = _documents(links)
    cut = [link for link in links if link.cut_at is not None]
    orders = {link.generation for link in cut if link.target_kind == "order"}
    since = None if document is None else document.created_at
    reasons: list[str] = []
    if planned_before and kind == "deal":
        reasons = reasons_of(connection, sync=sync, record_kind=kind, record_id=record_id, since=since)
    idle = [reason for reason in reasons if reason not in _PURSUED]
    return History(
        document=None if document is None else _linked(document, seen="has_document" in idle),
        earlier=tuple(_linked(link) for link in cut if link.target_kind == "order" or link.generation not in orders),
        unsettled=_unsettled(intents, {link.generation for link in links}),
        stopped=_stopped(intents, document),
        rivals=_rivals(intents),
        conversion=_conversion(intents, document, invoice),
        invoice_number=None if invoice is None else invoice.number,
        # A new document that was wanted and refused is still wanted when the deal is changed.
        reopened=document is not None and (idle[-1:] == ["not_won"] or reasons[-1:] == ["cleared_and_won_again"]),
        seen_in_crm=_seen(connection, sync, kind, record_id) if planned_before else SeenInCrm(),
        left_alone=document is None and bool(idle) and idle[-1] in _LEFT_ALONE,
    )


def read_rivals(connection: sa.Connection, sync: str, kind: str, record_id: str) -> str | None:
    """Read what was made twice for a record, or for its customer or an article of it, in words; None: nothing was.

    Args:
        connection: Of a transaction.
        sync: Name of the sync.
        kind: ``deal``, ``order`` or ``company``.
        record_id: The CRM's key of it.
    """
    return _rivals(rivals_of(connection, sync=sync, record=f"{kind} {record_id}"))


def _rivals(intents: list[Intent]) -> str | None:
    named = (story.rivals(each.operation, str(each.number), each.second) for each in intents if each.second is not None)
    return next(named, None)


def read_document(
    connection: sa.Connection, sync: str, kind: str, record_id: str
) -> tuple[LinkedDocument | None, str | None]:
    """Read the document that holds for a record, and the number of the invoice that it became.

    Args:
        connection: Of a transaction.
        sync: Name of the sync.
        kind: ``deal`` or ``order``.
        record_id: The CRM's key of it.
    """
    document, invoice = _documents(links_from(connection, sync=sync, source_kind=kind, source_id=record_id))
    if document is None:
        return None, None
    seen = False
    if (document.sent_digest or "").startswith(_NOT_IN_CRM):
        of_record = {"sync": sync, "record_kind": kind, "record_id": record_id}
        seen = "has_document" in reasons_of(connection, **of_record, since=document.created_at)
    return _linked(document, seen=seen), None if invoice is None else invoice.number


def document_of(link: Link) -> LinkedDocument | None:
    """Give the document that a link just written is to; None where the link alone does not tell all of it.

    Args:
        link: As `erpcore.store.put_link` gave it.
    """
    return None if (link.sent_digest or "").startswith(_NOT_IN_CRM) else _linked(link)


def _seen(connection: sa.Connection, sync: str, kind: str, record_id: str) -> SeenInCrm:
    """Give what the last plan of a deal saw of it."""
    if kind != "deal":
        return SeenInCrm()
    line = last_line(connection, "plan", sync=sync, record_kind=kind, record_id=record_id)
    return SeenInCrm.model_validate((line or {}).get("seen") or {})


def _documents(links: list[Link]) -> tuple[Link | None, Link | None]:
    live = {link.target_kind: link for link in links if link.cut_at is None}
    document = live.get("order") or live.get("invoice")
    return document, live.get("invoice") if document is not None and document.target_kind == "order" else None


def _linked(link: Link, *, seen: bool = False) -> LinkedDocument:
    mark = None if link.sent_digest == NOT_TOLD else link.sent_digest
    taken = mark is not None and not mark.startswith(_NOT_IN_CRM)
    return LinkedDocument(
        kind="order" if link.target_kind == "order" else "invoice",
        number=link.number,
        key=link.key,
        generation=link.generation,
        made_at=link.created_at,
        told_digest=None if mark is None else mark.removeprefix(_NOT_IN_CRM),
        told_at=link.told_at,
        # Where the CRM cannot be told, a person may have entered the number there.
        stood_in_crm=mark is not None and (taken or seen),
        cut_reason=link.cut_reason,
    )


def _unsettled(intents: list[Intent], linked: set[int]) -> Unsettled | None:
    """Give the document that may have been made, or was made and is not linked yet."""
    for intent in reversed(intents):
        begun = intent.state in ("sending", "uncertain", "done")
        if intent.operation in _MAKING and begun and intent.generation not in linked:
            operation = cast("Literal['create_order', 'create_invoice']", intent.operation)
            return Unsettled(operation=operation, generation=intent.generation)
    return None


def _stopped(intents: list[Intent], document: Link | None) -> str | None:
    """Give who has said that the document does not count."""
    made = [intent for intent in intents if document is not None and intent.generation == document.generation]
    return next(filter(None, map(stopped_by, made)), None)


def _conversion(intents: list[Intent], document: Link | None, invoice: Link | None) -> Literal["no", "wanted", "made"]:
    if invoice is not None:
        return "made"
    wanted = document is not None and any(
        intent.operation == "convert_to_invoice" and intent.generation == document.generation for intent in intents
    )
    return "wanted" if wanted else "no"
