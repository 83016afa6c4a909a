"""Whether a company is sent: when it became a customer in the CRM, or is one in the ERP and was changed. Pure.

Lime Go's article “Kom igång med Fortnox-kopplingen”: when a company becomes a customer it is added to the ERP; what is
added or changed later may be updated there. A change makes a customer only of a company that the CRM shows as one: most
companies of a CRM are none.
"""

from __future__ import annotations

from erpcore.errors import MissingRecordError
from erpcore.models import Company, CrmEvent
from erpcore.sync.plan import Decision
from erpcore.sync.shared.mapping import company_words
from erpcore.sync.shared.reasons import why
from erpcore.sync.shared.rules import SyncRules
from erpcore.sync.shared.view import ErpView, Seen
from erpcore.sync.shared.wish import Wish


class CompanyView(Seen):
    """What the CRM shows of a company, and why it is looked at.

    Attributes:
        company: The company.
        event: What told of it; None when a person has sent it by hand.
        rivals: The customers that were made more than once for it, until a person has decided which one counts.
        wish: What a person has asked for it.
    """

    company: Company
    event: CrmEvent | None = None
    rivals: str | None = None
    wish: Wish | None = None

    @property
    def asks_for_customer(self) -> bool:
        """Whether the company became a customer (or a person asks), rather than only changed.

        Where the CRM tells no such event, a changed company that is a customer may have become one just now.
        """
        return self.event is None or self.event.kind == "company_is_customer" or self.company.is_customer is True

    @property
    def counts_as_synced(self) -> bool:
        """Whether the CRM took the company for sent when it told of the change, and so waits for no word."""
        return self.event is not None and self.event.facts.get("status") == "synced"

    @property
    def waits(self) -> bool:
        """Whether the CRM has the company wait for being sent after a change."""
        return self.event is not None and self.event.facts.get("status") == "updatesmade"


def asks_for_customer(crm: CompanyView, rules: SyncRules) -> bool:
    """Tell whether the company asks to become a customer of this ERP.

    Args:
        crm: What the CRM shows.
        rules: The sync's rules. Where the number on the company is another ERP's, so is what the company asks for.
    """
    return crm.asks_for_customer and rules.owns_customer_number and not _is_history(crm, rules)


def decide_company(crm: CompanyView, erp: ErpView, rules: SyncRules) -> Decision:
    """Decide whether a company is sent.

    Args:
        crm: What the CRM shows.
        erp: What the ERP has.
        rules: The sync's rules.

    Raises:
        MissingRecordError: The CRM has the company wait for being sent, and it is no customer.
    """
    if crm.rivals:
        return Decision(action="ask", reason="two_documents", why=why("two_documents", rivals=crm.rivals))
    if _is_history(crm, rules):
        return Decision(action="nothing", reason="company_in_history", why=why("company_in_history"))
    if asks_for_customer(crm, rules):
        return Decision(action="make", reason="company_is_customer", why=why("company_is_customer"))
    if erp.customer_link is not None or erp.matches:
        return Decision(action="make", reason="company_changed", why=why("company_changed"))
    if crm.waits and rules.owns_customer_number and erp.looked_up:
        number = crm.company.erp_number
        raise MissingRecordError(
            f"The company was changed, but the ERP has no customer {number}, which is its customer number."
            if number
            else "The company was changed, but it has no customer number, so it is no customer in the ERP.",
            record=company_words(crm.company),
            advice="Send the company to the ERP in the CRM, as one that is sent for the first time; or correct its "
            "customer number.",
        )
    return Decision(action="nothing", reason="company_no_customer", why=why("company_no_customer"))


def _is_history(crm: CompanyView, rules: SyncRules) -> bool:
    return crm.event is not None and crm.event.history and rules.feed_history == "leave"
