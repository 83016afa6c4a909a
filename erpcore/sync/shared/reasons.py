"""Why a plan is what it is, and the same in words for people. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from erpcore.errors import Cause

Reason = Literal[
    "first_document",
    "cleared_and_won_again",
    "unlinked",
    "unsettled",
    "two_documents",
    "incomplete",
    "cleared_ask",
    "cleared_rule_nothing",
    "cleared_not_won_again",
    "cleared_not_seen",
    "has_document",
    "linked",
    "other_erp_id",
    "erp_id_by_hand",
    "not_won",
    "win_not_shown",
    "old_win",
    "number_not_in_crm",
    "sums_stopped",
    "sums_stopped_sent_again",
    "won_before_sync",
    "won_in_history",
    "left_alone",
    "rule_nothing",
    "order_ready",
    "order_not_ready",
    "order_of_other_db",
    "order_in_erp",
    "order_in_erp_again",
    "order_other_number",
    "order_cleared_again",
    "order_cleared_ask",
    "order_cleared_restored",
    "company_is_customer",
    "company_changed",
    "company_no_customer",
    "company_in_history",
    "asked_create",
    "asked_update",
    "asked_contact",
]
"""Why a plan is what it is; the words for people are below."""

ASKS: Mapping[str, Cause] = {
    "cleared_ask": "cleared_number",
    "cleared_not_seen": "cleared_number",
    "order_cleared_ask": "cleared_number",
    "two_documents": "two_documents",
}
"""Reasons of plans that wait for a person, and what the person is asked."""

AS_IF: Mapping[str, str] = {
    "not_won": "This is what would happen if it were won.",
    "win_not_shown": "This is what would happen if it is won.",
    "order_not_ready": "This is what would happen if it were ready.",
}
"""Reasons of plans for records that do not ask for their document yet, and how they are shown all the same."""

_WHY: Mapping[str, str] = {
    "first_document": "The deal was won and has no document in the ERP yet.",
    "cleared_and_won_again": "The deal's ERP ID was cleared and the deal was won again: a new document is made. "
    "The earlier one, {number}, stays in the ERP.",
    "unlinked": "The earlier document {number} no longer counts ({cut}): a new one is made.",
    "unsettled": "An earlier attempt to make the document ended without an answer. It is looked for in the ERP first.",
    "two_documents": "The ERP has more than one document that was made for this: {rivals}. A person must say which "
    "one counts.",
    "incomplete": "Document {number} is made already. What is left of it is done now; no second one is made.",
    "cleared_ask": "The deal's ERP ID was cleared and the deal was won again, but document {number} was made for it "
    "before. A person must say whether a new document is wanted or the field was cleared by mistake.",
    "cleared_rule_nothing": "The deal's ERP ID was cleared and the deal is won. Document {number} was made before, and "
    "the rule on_cleared_erp_id says nothing is done.",
    "cleared_not_seen": "The deal's ERP ID was cleared and the deal is won, but whether it was won again since "
    "document {number} was made was not seen: it was changed several times between two readings. A person must say "
    "whether a new document is wanted.",
    "cleared_not_won_again": "The deal's ERP ID was cleared, but that the deal was won again since document "
    "{number} was made was not seen. Win it again for a new document.",
    "has_document": "The deal has its document {number}. Changes after the win, and wins in other pipelines, are not "
    "sent.",
    "linked": "Document {number} was made for this deal before. The CRM has no ERP ID field to clear, so nothing is "
    "made again.",
    "other_erp_id": "The deal's ERP ID is {erp_id}, though document {number} was made for it. Somebody changed it; "
    "nothing is made.",
    "erp_id_by_hand": "The deal's ERP ID is {erp_id}, which erpcore did not write. As long as it has a value, nothing "
    "is made.",
    "not_won": "The deal is not won (any more), so nothing is made.",
    "win_not_shown": "The CRM does not show whether the deal is won, and no win was told, so nothing is made. Sent by "
    "hand with --even-if-not-won, it counts as won.",
    "old_win": "This win happened before document {number} was made for it. Nothing is made again.",
    "number_not_in_crm": "Document {number} was made for this deal before. Its number never stood in the CRM, so "
    "nobody has cleared it: it is told again, and no second document is made.",
    "won_before_sync": "The deal was won {when}, before the day that the sync begins with (won_since).",
    "won_in_history": "The win was in the CRM's feed before erpcore read it for the first time, so it is left alone "
    "(feed_history). Send the deal by hand (“erpcore send”), or win it again, to have its document made.",
    "left_alone": "The deal was won before the sync began and was not won again since, so it is left alone. Send it by "
    "hand (“erpcore send”), or win it again, to have its document made.",
    "sums_stopped": "Document {number} is not what was agreed, and {person} has said that it does not count. "
    "Correct the record in the CRM and win the deal, or set the order ready, once more to have a new one made.",
    "sums_stopped_sent_again": "Document {number} is not what was agreed and does not count, as {person} has "
    "said: a new one is made.",
    "rule_nothing": "The rule won_deal says that won deals make nothing in the ERP.",
    "order_ready": "The order is ready to be sent and is not in the ERP yet.",
    "order_not_ready": "The order is not ready to be sent (its status is “{erp_id}”), so nothing is made.",
    "order_of_other_db": "The order goes to the ERP db “{erp_id}”, and this sync is for “{number}”.",
    "order_in_erp": "The order is {number} in the ERP, which is its master now. Changes in the CRM are not sent.",
    "order_in_erp_again": "The order is {number} in the ERP already, which is its master now. Nothing is sent; the CRM "
    "is told so once more.",
    "order_other_number": "The order has the order number {number}, which erpcore did not write. As long as it has a "
    "value, nothing is made.",
    "order_cleared_again": "The order's number was cleared and the order set ready again: a new one is made. The "
    "earlier one, {number}, stays in the ERP.",
    "order_cleared_ask": "The order's number was cleared and the order set ready again, but order {number} was made "
    "for it before. A person must say whether a new one is wanted or the number was cleared by mistake.",
    "order_cleared_restored": "The order's number was cleared, and the rule on_cleared_order_number says that this is "
    "a mistake: order {number} is written back.",
    "company_is_customer": "The company is a customer in the CRM.",
    "company_changed": "The company is a customer in the ERP and was changed in the CRM.",
    "company_in_history": "That the company is a customer was in the CRM's feed before erpcore read it for the first "
    "time, so it is left alone (feed_history). A deal or a person that needs the customer sends it.",
    "asked_create": "A person asks that the company is added as a customer in the ERP.",
    "asked_update": "A person asks that the customer in the ERP is overwritten with what the CRM shows.",
    "asked_contact": "A person asks that a contact person is added to the customer in the ERP.",
    "company_no_customer": "The company was changed in the CRM, but is no customer in the ERP. Nothing is sent.",
}


def why(reason: str, **words: str) -> str:
    """Say why a plan is what it is.

    Args:
        reason: A `Reason`.
        **words: Numbers and dates that the sentence names.
    """
    return _WHY[reason].format(**words)
