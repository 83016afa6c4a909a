"""Which customer a company is in the ERP. Pure.

Deals, orders and companies that become customers all come here, so a company is recognised the same way in each.
"""

from __future__ import annotations

from collections.abc import Sequence

from erpcore.errors import AmbiguousMatchError, InvalidValueError, MissingRecordError
from erpcore.models import Company, Customer, same_organisation
from erpcore.sync.shared import customer_words, mapping, story
from erpcore.sync.shared.rules import SyncRules
from erpcore.sync.shared.view import ErpView


def customer_key(company: Company, number: str | None) -> str:
    """Name a company's customer in the ledger, so that two records of one new company create one customer.

    Args:
        company: The company.
        number: Its organisation number; two companies in the CRM with the same one are one customer.
    """
    return f"organisation {number}" if number else f"company {company.id}"


def organisation_of(company: Company, erp: ErpView, rules: SyncRules) -> str | None:
    """Give the company's organisation number, proven; None when it has none and needs none.

    Args:
        company: The company as the CRM shows it.
        erp: What the ERP has.
        rules: The sync's rules.

    Raises:
        InvalidValueError: It is wrong, or missing although nothing else tells which customer the company is.
    """
    by_number = mapping.text_of(company.erp_number) is not None and "customer_number" in rules.match
    return mapping.known_organisation_number(company, rules, needed=not by_number or erp.number_fails)


def one_match(record: str, erp: ErpView) -> Customer | None:
    """Give the customer that the look-up found.

    Args:
        record: What it was looked up for, in words.
        erp: What the ERP has.

    Raises:
        AmbiguousMatchError: There are several.
        MissingRecordError: It shows no number.
    """
    candidates = usable(erp.matches)
    if len(candidates) > 1:
        raise AmbiguousMatchError(
            f"{len(candidates)} customers in the ERP fit the company.",
            candidates=[story.candidate(customer) for customer in candidates],
            record=record,
            advice="Merge them, or make all but one inactive, in the ERP and send it again.",
        )
    if candidates and not candidates[0].number:
        raise MissingRecordError("The ERP shows a customer that fits without its number.", record=record)
    return candidates[0] if candidates else None


def usable(matches: Sequence[Customer]) -> Sequence[Customer]:
    """Leave out the inactive ones of several customers that fit, unless all of them are.

    Args:
        matches: What a look-up found.
    """
    return [customer for customer in matches if customer.active is not False] or matches


def require_active(match: Customer, rules: SyncRules, record: str) -> None:
    """Stop at a customer that is inactive in the ERP, where the rules do not have it made active.

    Args:
        match: The customer that fits.
        rules: The sync's rules.
        record: What it was looked up for, in words.

    Raises:
        MissingRecordError: It is inactive, and the rules say stop.
    """
    if match.active is False and rules.inactive_customer == "stop":
        raise MissingRecordError(
            customer_words.customer_inactive(story.candidate(match)),
            record=record,
            advice="Make it active in the ERP and send it again, or set inactive_customer = “activate”.",
        ).about("customer", match.number)


def require_own_number(company: Company | None, match: Customer, record: str) -> None:
    """Stop at a customer number on an order that is another organisation's, as when the order's company was exchanged.

    A number that stands on the company itself is believed: a group may have its head office invoiced.

    Args:
        company: The order's company, where it was read.
        match: The customer that has the number.
        record: The order, in words.

    Raises:
        InvalidValueError: The ERP's customer is another organisation than the company.
    """
    if company is None or mapping.text_of(company.erp_number) == match.number:
        return
    ours, theirs = mapping.text_of(company.organisation_number), mapping.text_of(match.organisation_number)
    if ours is None or theirs is None or ours == theirs or same_organisation(ours, theirs):
        return
    raise InvalidValueError(
        f"The order's customer {match.number} is “{match.name}” ({theirs}) in the ERP, and its company is "
        f"{mapping.company_words(company)} with the organisation number {ours}.",
        field="customer_number",
        record=record,
        advice="Empty the customer number on the order, or choose the right company, and set the order ready again. "
        "If the company is invoiced under that number, put it on the company.",
    )


def require_known_number(erp: ErpView, rules: SyncRules, record: str) -> None:
    """Stop at a customer number that the ERP has not, where the rules say so.

    Args:
        erp: What the ERP has.
        rules: The sync's rules.
        record: Whose number it is, in words.

    Raises:
        MissingRecordError: The ERP has no such customer, and the rules say stop.
    """
    if erp.unknown_number is not None and rules.unknown_customer_number == "stop":
        raise MissingRecordError(
            f"The ERP has no customer {erp.unknown_number}, which is the customer number in the CRM.",
            record=record,
            advice="Correct the number in the CRM, or empty it to have the customer matched or created, and send it "
            "again.",
        ).about("customer", erp.unknown_number)
