"""What each company of the CRM is in the ERP, found out for a whole register at once. Pure.

A company is recognised by the same functions as when it is sent, so that the report says what would happen then.
"""

from __future__ import annotations

from typing import Literal

from erpcore.errors import AmbiguousMatchError, RecordError
from erpcore.models import Company
from erpcore.sync.shared import mapping
from erpcore.sync.shared.customer import one_match, organisation_of, require_known_number
from erpcore.sync.shared.recognising import Asked, FindCustomers, recognise
from erpcore.sync.shared.rules import SyncRules
from erpcore.sync.shared.view import CustomerLink, ErpView, Seen

Outcome = Literal["linked", "matched", "ambiguous", "new", "invalid"]
"""``linked`` before; ``matched`` with one customer; several fit; none does; it cannot be sent as it is."""

OUTCOMES: tuple[Outcome, ...] = ("linked", "matched", "ambiguous", "new", "invalid")


class Match(Seen):
    """What was found out of one company.

    Attributes:
        company: The CRM's key.
        name: Its name.
        organisation_number: As the CRM shows it.
        outcome: What it is.
        number: The customer's number, when it is one.
        key: The ERP's own key of it.
        by: By what it was recognised.
        why: What is wrong, or which customers fit, in words.
    """

    company: str
    name: str | None
    organisation_number: str | None
    outcome: Outcome
    number: str | None = None
    key: str | None = None
    by: str | None = None
    why: str | None = None


def match_company(
    company: Company,
    link: CustomerLink | None,
    rules: SyncRules,
    find: FindCustomers,
) -> Match:
    """Tell what a company is in the ERP.

    Args:
        company: As the CRM shows it, without a customer number that is another ERP's.
        link: The customer that it is linked to.
        rules: The sync's rules.
        find: Finds the ERP's customers that fit a query.
    """
    known = {"company": company.id, "name": company.name, "organisation_number": company.organisation_number}
    if link is not None:
        return Match(**known, outcome="linked", number=link.number, key=link.key, by="link")
    words = mapping.company_words(company)
    try:
        erp = recognise(Asked(company.id, company), ErpView(looked_up=True), rules, find)
        found = one_match(words, erp)
        # What would be sent: who cannot be sent is told now, not on the first day.
        mapping.customer_from(company, organisation_of(company, erp, rules), rules)
        if found is None:
            require_known_number(erp, rules, words)
            return Match(**known, outcome="new")
    except AmbiguousMatchError as error:
        return Match(**known, outcome="ambiguous", why="; ".join(error.candidates))
    except RecordError as error:
        return Match(**known, outcome="invalid", why=error.message)
    return Match(**known, outcome="matched", number=found.number, key=found.key, by=erp.matched_by)
