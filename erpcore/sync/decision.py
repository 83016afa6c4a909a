"""What a deal's life asks for: a new document, the rest of one, or nothing.

Pure. The rules are those of Lime Go's article “How the new ERP sync works”: as long as the deal's ERP ID has a value no
new document is made, whatever pipeline it is won in and whatever is changed; a cleared one lets the next win make a
new document. Beyond the article, erpcore remembers what it made, so that an ERP ID that is empty only because it was
not written back yet, or cannot be, does not count as cleared, and a document that may have been made is looked for
first. And a deal that was won before the sync began is left alone.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from erpcore.models import WriteBack
from erpcore.sync import story
from erpcore.sync.mapping import digest
from erpcore.sync.plan import Reason
from erpcore.sync.rules import SyncRules
from erpcore.sync.view import CrmView, History, Kept, LinkedDocument, Unsettled, happened_before


class Decision(Kept):
    """What to do for a record of the CRM.

    Attributes:
        action: Make a document, do what is left of one, settle one that nobody wants any more, ask, or nothing.
        reason: Why.
        why: The same in words for people.
        operation: Hook that makes the document, for `make` and `settle`.
        generation: Of that document.
        replaces: Number of the document whose ERP ID was cleared.
    """

    action: Literal["make", "complete", "settle", "ask", "nothing"]
    reason: Reason
    why: str
    operation: Literal["create_order", "create_invoice"] | None = None
    generation: int = 0
    replaces: str | None = None


def decide(crm: CrmView, history: History, rules: SyncRules, today: date) -> Decision:
    """Decide what a deal asks for.

    Args:
        crm: What the CRM shows; the company may be left out.
        history: What erpcore remembers.
        rules: The sync's rules.
        today: Today's date where the company is.

    Returns:
        The decision, with its reason in words.
    """
    if history.unsettled is not None:
        return _settle(crm, history.unsettled)
    if history.document is not None:
        return _with_document(crm, history, history.document, rules)
    return _without_document(crm, history, rules, today)


def is_won(crm: CrmView) -> bool:
    """Tell whether the deal counts as won: by what the CRM shows, else by the event, or the person, that asks."""
    return crm.asks_for_document if crm.deal.won is None else crm.deal.won


def write_back_of(
    kind: str, record_id: str, document: LinkedDocument, invoice_number: str | None, status: str = story.SYNCED
) -> WriteBack:
    """Give what the CRM is to know of the document of a deal or an order.

    A deal's ERP ID is the number of the order, or of the invoice where invoices are made directly.

    Args:
        kind: ``deal`` or ``order``.
        record_id: The CRM's key of it.
        document: Its document.
        invoice_number: The invoice that the order became.
        status: How far it has come.
    """
    found = {"status": status, "message": None} | ({"erp_id": document.number} if kind == "deal" else {})
    found["order_number" if document.kind == "order" else "invoice_number"] = document.number
    if invoice_number is not None:
        found["invoice_number"] = invoice_number
    return WriteBack.model_validate({"record_kind": kind, "record_id": record_id, **found})


def _settle(crm: CrmView, unsettled: Unsettled) -> Decision:
    wanted = is_won(crm) and not crm.deal.erp_id
    return Decision(
        action="make" if wanted else "settle",
        reason="unsettled",
        why=story.why("unsettled"),
        operation=unsettled.operation,
        generation=unsettled.generation,
    )


def _with_document(crm: CrmView, history: History, document: LinkedDocument, rules: SyncRules) -> Decision:
    erp_id = crm.deal.erp_id
    if erp_id and erp_id not in (document.number, history.invoice_number):
        return _nothing("other_erp_id", number=document.number, erp_id=erp_id)
    empty = crm.deal.shown("erp_id") and not erp_id
    if not (empty and document.stood_in_crm):
        told = digest(write_back_of("deal", crm.deal.id, document, history.invoice_number))
        convert = history.conversion == "wanted" and is_won(crm)
        if convert or document.told_digest != told:
            return Decision(action="complete", reason="incomplete", why=story.why("incomplete", number=document.number))
        if empty:
            # It is told anew each time: perhaps the CRM can be told by now.
            why = story.why("number_not_in_crm", number=document.number)
            return Decision(action="complete", reason="number_not_in_crm", why=why)
        return _nothing("has_document" if erp_id else "linked", number=document.number)
    if not is_won(crm):
        return _nothing("not_won")
    if rules.on_cleared_erp_id == "nothing":
        return _nothing("cleared_rule_nothing", number=document.number)
    if happened_before(crm.event, document.made_at):
        return _nothing("old_win", number=document.number)
    if not (crm.asks_for_document or history.reopened):
        return _nothing("cleared_not_won_again", number=document.number)
    if rules.on_cleared_erp_id == "ask":
        return Decision(action="ask", reason="cleared_ask", why=story.why("cleared_ask", number=document.number))
    return _make("cleared_and_won_again", rules, history, replaces=document.number)


def _without_document(crm: CrmView, history: History, rules: SyncRules, today: date) -> Decision:
    deal = crm.deal
    if deal.erp_id:
        return _nothing("erp_id_by_hand", erp_id=deal.erp_id)
    if not is_won(crm):
        return _nothing("not_won")
    if old := _won_before_the_sync(crm, history, rules, today):
        return old
    if history.earlier:
        last = history.earlier[-1]
        return _make("unlinked", rules, history, number=last.number, cut=last.cut_reason or "")
    return _make("first_document", rules, history)


def _won_before_the_sync(crm: CrmView, history: History, rules: SyncRules, today: date) -> Decision | None:
    """Leave a deal alone that was won before the sync began. What a person sends by hand is won today at the latest."""
    event, won_on, since = crm.event, crm.deal.won_date, rules.won_since
    if won_on is None and event is not None and event.kind == "deal_won" and event.happened_at is not None:
        won_on = rules.day_of(event.happened_at)
    if since is not None and (won_on or today) < since:
        when = f"on {won_on.isoformat()}" if won_on else f"on {today.isoformat()} at the latest"
        return _nothing("won_before_sync", when=when)
    if since is not None and won_on is not None:
        return None
    if event is not None and event.history and rules.feed_history == "leave":
        return _nothing("won_in_history")
    if history.left_alone and not crm.asks_for_document:
        return _nothing("left_alone")
    return None


def _make(reason: Reason, rules: SyncRules, history: History, *, replaces: str | None = None, **words: str) -> Decision:
    if rules.won_deal == "nothing":
        return _nothing("rule_nothing")
    if replaces is not None:
        words["number"] = replaces
    return Decision(
        action="make",
        reason=reason,
        why=story.why(reason, **words),
        operation="create_order" if rules.won_deal == "order" else "create_invoice",
        generation=history.next_generation,
        replaces=replaces,
    )


def _nothing(reason: Reason, **words: str) -> Decision:
    return Decision(action="nothing", reason=reason, why=story.why(reason, **words))
