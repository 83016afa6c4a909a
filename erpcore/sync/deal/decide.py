"""What a deal's life asks for: a new document, the rest of one, or nothing.

Pure. The rules are those of Lime Go's article “How the new ERP sync works”: as long as the deal's ERP ID has a value no
new document is made, whatever pipeline it is won in and whatever is changed; a cleared one lets the next win make a
new document. Beyond the article, erpcore remembers what it made, so that an ERP ID that is empty only because it was
not written back yet, or cannot be, does not count as cleared, and a document that may have been made is looked for
first. And a deal that was won before the sync began is left alone.
"""

from __future__ import annotations

from datetime import date

from pydantic import AwareDatetime

from erpcore.models import Company, CrmEvent, Deal
from erpcore.sync.plan import Decision
from erpcore.sync.shared.mapping import digest, write_back_of
from erpcore.sync.shared.reasons import Reason, why
from erpcore.sync.shared.rules import SyncRules
from erpcore.sync.shared.view import History, LinkedDocument, Seen, Unsettled, happened_before

_OPENED_AND_WON = 2
"""So many changes it takes at least to win a deal again: it is opened, and it is won."""


class DealView(Seen):
    """What the CRM shows of a deal.

    `event` is what told of it; None when a person asked for the deal by hand. `company` is None when the deal has none,
    or where it need not be read. `read_at` is when the deal began to be read; None: just now. `history` is what erpcore
    remembered then.
    """

    deal: Deal
    company: Company | None = None
    event: CrmEvent | None = None
    read_at: AwareDatetime | None = None
    history: History = History()

    @property
    def asks_for_document(self) -> bool:
        """Whether the deal was won just now (or a person asks), rather than only changed."""
        return self.event is None or self.event.kind == "deal_won"


def decide(crm: DealView, history: History, rules: SyncRules, today: date) -> Decision:
    """Decide what a deal asks for.

    Args:
        crm: What the CRM shows; the company may be left out.
        history: What erpcore remembers.
        rules: The sync's rules.
        today: Today's date where the company is.

    Returns:
        The decision, with its reason in words.
    """
    if history.rivals:
        return Decision(action="ask", reason="two_documents", why=why("two_documents", rivals=history.rivals))
    if history.unsettled is not None:
        return _settle(crm, history.unsettled)
    if history.document is not None:
        return _with_document(crm, history, history.document, rules)
    return _without_document(crm, history, rules, today)


def is_won(crm: DealView) -> bool:
    """Tell whether the deal counts as won: by what the CRM shows, else by the event; or a person vouches for it."""
    event = crm.event
    if event is not None and event.facts.get("even_if_not_won"):
        return True
    return (event is not None and event.kind == "deal_won") if crm.deal.won is None else crm.deal.won


def may_be_won(crm: DealView) -> bool:
    """Tell whether what was begun for a deal is carried to its end: a person's asking is enough where nobody knows."""
    return is_won(crm) or (crm.deal.won is None and crm.event is None)


def _not_won(crm: DealView) -> Decision:
    return _nothing("win_not_shown" if crm.deal.won is None and crm.event is None else "not_won")


def _settle(crm: DealView, unsettled: Unsettled) -> Decision:
    wanted = may_be_won(crm) and not crm.deal.erp_id
    return Decision(
        action="make" if wanted else "settle",
        reason="unsettled",
        why=why("unsettled"),
        operation=unsettled.operation,
        generation=unsettled.generation,
    )


def _with_document(crm: DealView, history: History, document: LinkedDocument, rules: SyncRules) -> Decision:
    erp_id = crm.deal.erp_id
    if history.stopped is not None and erp_id in (None, "", document.number):
        words = {"number": document.number, "person": history.stopped}
        if is_won(crm) and crm.asks_for_document and not happened_before(crm.event, document.made_at):
            return _make("sums_stopped_sent_again", rules, history, replaces=document.number, **words)
        return _nothing("sums_stopped", **words)
    if erp_id and erp_id not in (document.number, history.invoice_number) and not history.shows_rejected(erp_id):
        return _nothing("other_erp_id", number=document.number, erp_id=erp_id)
    shown = crm.deal.shown("erp_id")
    if not document.cleared_in(erp_id, shown=shown, read_at=crm.read_at):
        told = digest(write_back_of("deal", crm.deal.id, document, history.invoice_number))
        convert = history.conversion == "wanted" and may_be_won(crm)
        if convert or document.told_digest != told:
            return Decision(action="complete", reason="incomplete", why=why("incomplete", number=document.number))
        if shown and not erp_id and not document.stood_in_crm:
            # It is told anew each time: perhaps the CRM can be told by now.
            return Decision(
                action="complete", reason="number_not_in_crm", why=why("number_not_in_crm", number=document.number)
            )
        return _nothing("has_document" if erp_id or shown else "linked", number=document.number)
    if not is_won(crm):
        return _not_won(crm)
    if rules.on_cleared_erp_id == "nothing":
        return _nothing("cleared_rule_nothing", number=document.number)
    if happened_before(crm.event, document.made_at):
        return _nothing("old_win", number=document.number)
    if not (crm.asks_for_document or history.reopened or _moved(crm, history)):
        if _unseen(crm, history):
            return Decision(
                action="ask", reason="cleared_not_seen", why=why("cleared_not_seen", number=document.number)
            )
        return _nothing("cleared_not_won_again", number=document.number)
    if rules.on_cleared_erp_id == "ask":
        return Decision(action="ask", reason="cleared_ask", why=why("cleared_ask", number=document.number))
    return _make("cleared_and_won_again", rules, history, replaces=document.number)


def _moved(crm: DealView, history: History) -> bool:
    """Tell whether a deal stands in another won stage than it did: it was won there since, from wherever it came."""
    seen, now = history.seen_in_crm.status, crm.deal.status
    return seen is not None and now is not None and seen != now


def _unseen(crm: DealView, history: History) -> bool:
    """Tell whether a deal may have been opened and won between two readings: since it was seen cleared, it was changed
    at least twice, and nobody saw to what."""
    seen, now = history.seen_in_crm.revision, crm.deal.revision
    return history.seen_in_crm.cleared and seen is not None and now is not None and now - seen >= _OPENED_AND_WON


def _without_document(crm: DealView, history: History, rules: SyncRules, today: date) -> Decision:
    deal = crm.deal
    if deal.erp_id:
        return _nothing("erp_id_by_hand", erp_id=deal.erp_id)
    if not is_won(crm):
        return _not_won(crm)
    if old := _won_before_the_sync(crm, history, rules, today):
        return old
    if history.earlier:
        last = history.earlier[-1]
        return _make("unlinked", rules, history, number=last.number, cut=last.cut_reason or "")
    return _make("first_document", rules, history)


def _won_before_the_sync(crm: DealView, history: History, rules: SyncRules, today: date) -> Decision | None:
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
        why=why(reason, **words),
        operation="create_order" if rules.won_deal == "order" else "create_invoice",
        generation=history.next_generation,
        replaces=replaces,
    )


def _nothing(reason: Reason, **words: str) -> Decision:
    return Decision(action="nothing", reason=reason, why=why(reason, **words))
