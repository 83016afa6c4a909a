"""Which customers of the ERP a company may be, looked up in the order of the sync's rules."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from erpcore.models import Company, Customer, CustomerQuery
from erpcore.sync.shared import mapping
from erpcore.sync.shared.customer import organisation_of
from erpcore.sync.shared.identity import KnownAs
from erpcore.sync.shared.rows import CrmRow
from erpcore.sync.shared.rules import SyncRules
from erpcore.sync.shared.view import ErpView

FindCustomers = Callable[[CustomerQuery], tuple[Customer, ...]]
"""Finds the ERP's customers that fit a query."""


@dataclass(frozen=True)
class Asked:
    """What a plan asks the ERP about.

    Attributes:
        company_id: Under which the customer is linked.
        company: The company, where it was read.
        number: Customer number that the record itself carries, which goes before the link.
        rows: Whose articles are looked up.
        currency: What the rows' prices are in; None where the CRM does not show it.
        only_known: Whether the customer is only looked for by its link and its number.
    """

    company_id: str
    company: Company | None = None
    number: str | None = None
    rows: Sequence[CrmRow] = ()
    currency: str | None = None
    only_known: bool = False


def recognise(asked: Asked, erp: ErpView, rules: SyncRules, find: FindCustomers) -> ErpView:
    """Look the customer up that a company is, in the order of the sync's rules.

    Args:
        asked: What the plan is about.
        erp: What is known so far.
        rules: The sync's rules.
        find: Finds the ERP's customers that fit a query.

    Raises:
        InvalidValueError: The organisation number is wrong, or missing although nothing else tells who it is.
    """
    company, link = asked.company, erp.customer_link
    number = asked.number if asked.number is not None else _number_of(company, rules)
    if link is not None and asked.number in (None, link.number):
        return erp
    if number is not None:
        found = find(CustomerQuery(number=number))
        before = erp.customers_before.get(number)
        if before is not None and any(before.judge(KnownAs.of(each) or before) != "same" for each in found):
            # erpcore has put that number there when it was this company's.
            erp = erp.model_copy(update={"given_away": number})
        elif found:
            return erp.model_copy(update={"matches": found, "matched_by": "customer_number"})
        else:
            erp = erp.model_copy(update={"unknown_number": number})
    if link is not None or company is None or asked.only_known:
        return erp
    if erp.unknown_number is not None and rules.unknown_customer_number == "stop":
        return erp
    organisation = organisation_of(company, erp, rules)
    for by in rules.match:
        query: CustomerQuery | None = None
        if by == "organisation_number" and organisation:
            query = CustomerQuery(organisation_number=organisation)
        elif by == "name" and company.name:
            query = CustomerQuery(name=company.name)
        if query is not None and (found := find(query)):
            return erp.model_copy(update={"matches": found, "matched_by": by})
    return erp


def _number_of(company: Company | None, rules: SyncRules) -> str | None:
    if company is None or "customer_number" not in rules.match:
        return None
    return mapping.text_of(company.erp_number)
