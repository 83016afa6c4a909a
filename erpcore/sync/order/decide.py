"""What an order of the CRM asks for: to be made in the ERP, the rest of that, or nothing.

Pure. The statuses are those of Lime's ERP connector (documentation, How it works, Order): ``notready``, then
``readytobesent`` by a person, ``inprocess`` when it is picked up, ``synced`` or ``error``; a person sets back to ready
what is in error. Once the order is in the ERP, the ERP is its master and nothing of it is sent again. Its relation to
the booked invoice is not set here: that is done when the invoice is stored in the CRM (`CrmHooks.store_invoice`).
"""

from __future__ import annotations

from collections.abc import Collection

from pydantic import AwareDatetime

from erpcore.errors import InvalidValueError
from erpcore.models import Company, CrmEvent, CrmOrder
from erpcore.sync.plan import Decision
from erpcore.sync.shared import story
from erpcore.sync.shared.mapping import digest, write_back_of
from erpcore.sync.shared.reasons import Reason, why
from erpcore.sync.shared.rules import SyncRules
from erpcore.sync.shared.view import History, LinkedDocument, Seen

_ON_THE_WAY = ("readytobesent", "inprocess")


class OrderView(Seen):
    """What the CRM shows of an order.

    `event` is what told of it; None when a person asked for it by hand. `asked_again` is True when a person sends again
    what failed before. `company` is only read when the order's customer is not linked yet. `read_at` is when the order
    began to be read; None: just now. `history` is what erpcore remembered then.
    """

    order: CrmOrder
    company: Company | None = None
    event: CrmEvent | None = None
    asked_again: bool = False
    read_at: AwareDatetime | None = None
    history: History = History()

    @property
    def company_id(self) -> str | None:
        """The key under which the order's customer is linked; None when the order names none.

        A company that the CRM shows only by its customer number goes by that.
        """
        order = self.order
        return order.company_id or (f"customer {order.customer_number}" if order.customer_number else None)


def decide_order(crm: OrderView, history: History, rules: SyncRules) -> Decision:
    """Decide what an order asks for.

    Args:
        crm: What the CRM shows; the company may be left out.
        history: What erpcore remembers.
        rules: The sync's rules.

    Returns:
        The decision, with its reason in words.

    Raises:
        InvalidValueError: The order is ready, but has an order number that erpcore did not write.
    """
    order = crm.order
    ours = rules.erp_db is None or order.erp_db == rules.erp_db
    if history.rivals:
        return Decision(action="ask", reason="two_documents", why=why("two_documents", rivals=history.rivals))
    if history.unsettled is not None:
        wanted = ours and is_wanted(crm) and not order.order_number
        return Decision(
            action="make" if wanted else "settle",
            reason="unsettled",
            why=why("unsettled"),
            operation=history.unsettled.operation,
            generation=history.unsettled.generation,
        )
    if not ours:
        return _nothing("order_of_other_db", erp_id=order.erp_db or "", number=rules.erp_db or "")
    if history.document is not None:
        return _in_erp(crm, history, history.document, rules)
    if order.order_number:
        return _other_number(crm, order.order_number)
    if not is_wanted(crm):
        return _nothing("order_not_ready", erp_id=order.status or story.NO_STATUS)
    if history.earlier:
        last = history.earlier[-1]
        return _make("unlinked", history, number=last.number, cut=last.cut_reason or "")
    return _make("order_ready", history)


def is_wanted(crm: OrderView) -> bool:
    """Tell whether the order is to be sent: by its status where the CRM shows one.

    One that is shown as none of erpcore's statuses is not: somebody may have taken it back into one of the CRM's own.
    An order in error goes again when somebody sets it back to ready in the CRM, or sends it again in erpcore.

    Args:
        crm: What the CRM shows.
    """
    status = crm.order.status
    if status == "error":
        return crm.event is None or crm.asked_again
    return not crm.order.shown("status") or status in _ON_THE_WAY


def invoice_pending(crm: OrderView, history: History) -> bool:
    """Tell whether an order that was made is still to become an invoice: not when somebody took the wish back.

    Args:
        crm: What the CRM shows.
        history: What erpcore remembers.
    """
    return history.conversion == "wanted" and crm.order.create_invoice is not False


def require_known_db(crm: OrderView, known: Collection[str]) -> None:
    """Stop an order that is ready and that no sync of the CRM is for.

    Args:
        crm: What the CRM shows.
        known: Keys of the ERP databases that the syncs of this CRM are for; empty when they are not told apart.

    Raises:
        InvalidValueError: There is no such key, or the order has none.
    """
    key = crm.order.erp_db
    if not known or key in known or not is_wanted(crm):
        return
    raise InvalidValueError(
        f"No sync is for the order's ERP db “{key}”." if key else "The order does not say which ERP db it goes to.",
        field="erp_db",
        record=f"order {crm.order.id}",
        advice=f"There are {', '.join(sorted(known))}. Correct it in the CRM and set the order ready again.",
    )


def _in_erp(crm: OrderView, history: History, document: LinkedDocument, rules: SyncRules) -> Decision:
    order = crm.order
    if order.order_number not in (None, "", document.number) and not history.shows_rejected(order.order_number):
        return _other_number(crm, order.order_number)
    if history.stopped is not None:
        told = {"number": document.number, "person": history.stopped}
        if is_wanted(crm):
            return _make("sums_stopped_sent_again", history, replaces=document.number, **told)
        return _nothing("sums_stopped", **told)
    final = digest(write_back_of("order", order.id, document, history.invoice_number))
    # A final word to the CRM whose answer was lost leaves “synced” behind, and nobody has noted that it was told.
    answer_lost = order.status == "synced" and document.told_digest != final
    if not is_wanted(crm) and not answer_lost:
        return _nothing("order_in_erp", number=document.number)
    shown = order.shown("order_number")
    cleared = document.cleared_in(order.order_number, shown=shown, read_at=crm.read_at)
    if cleared and rules.on_cleared_order_number == "ask":
        words = why("order_cleared_ask", number=document.number)
        return Decision(action="ask", reason="order_cleared_ask", why=words)
    if cleared and rules.on_cleared_order_number == "new_order":
        return _make("order_cleared_again", history, replaces=document.number)
    reason: Reason = "incomplete"
    if cleared:
        reason = "order_cleared_restored"
    elif document.told_digest is not None and not invoice_pending(crm, history):
        reason = "order_in_erp_again"
    return Decision(action="complete", reason=reason, why=why(reason, number=document.number))


def _other_number(crm: OrderView, number: str) -> Decision:
    words = why("order_other_number", number=number)
    if not is_wanted(crm):
        return Decision(action="nothing", reason="order_other_number", why=words)
    raise InvalidValueError(
        words,
        field="order_number",
        record=f"order {crm.order.id}",
        advice="Empty the order number and set the order ready again to have it made.",
    )


def _make(reason: Reason, history: History, *, replaces: str | None = None, **words: str) -> Decision:
    if replaces is not None:
        words["number"] = replaces
    return Decision(
        action="make",
        reason=reason,
        why=why(reason, **words),
        operation="create_order",
        generation=history.next_generation,
        replaces=replaces,
    )


def _nothing(reason: Reason, **words: str) -> Decision:
    return Decision(action="nothing", reason=reason, why=why(reason, **words))
