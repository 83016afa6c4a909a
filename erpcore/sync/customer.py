"""What becomes of a company's customer: used, overwritten or created. Pure."""

from __future__ import annotations

from typing import Any

from erpcore.errors import UncertainEffectError
from erpcore.models import Company, Ref
from erpcore.sync.shared import customer_words, mapping, story
from erpcore.sync.shared.customer import customer_key, one_match, organisation_of, require_active, require_known_number
from erpcore.sync.shared.identity import KnownAs
from erpcore.sync.shared.rules import SyncRules
from erpcore.sync.shared.vat import require_decided, vat_of
from erpcore.sync.shared.view import ErpView, FoundBy
from erpcore.sync.steps.customer import CreateCustomer, UpdateCustomer, UseCustomer


def customer_step(company: Company, erp: ErpView, rules: SyncRules) -> UseCustomer | UpdateCustomer | CreateCustomer:
    """Plan what becomes of the company's customer.

    Args:
        company: The company as the CRM shows it.
        erp: What the ERP has and what is linked.
        rules: The sync's rules.

    Raises:
        RecordError: The company cannot be sent as it is, or nobody can tell which customer it is.
    """
    number = organisation_of(company, erp, rules)
    customer = mapping.customer_from(company, number, rules)
    digest = mapping.digest(customer)
    key = customer_key(company, number)
    unanswered = key in erp.unanswered
    found_by: FoundBy
    match = None
    if erp.customer_link is not None:
        known, found_by = Ref(number=erp.customer_link.number, key=erp.customer_link.key), "link"
        right = erp.customer_link.sent_digest == digest
    elif (not unanswered or erp.matched_by == "customer_number") and (
        match := one_match(mapping.company_words(company), erp)
    ):
        require_active(match, rules, mapping.company_words(company))
        if match.active is False:
            customer = customer.model_copy(update={"active": True})
        known, found_by = Ref(number=str(match.number), key=match.key), erp.matched_by
        right = mapping.shows_the_same(customer, match)
    else:
        require_known_number(erp, rules, mapping.company_words(company))
        vat = vat_of(company, erp.country)
        if erp.looked_up:
            require_decided(vat, rules, mapping.company_words(company))
        return CreateCustomer(
            company_id=company.id,
            key=key,
            customer=mapping.new_customer(customer, company, vat, rules),
            digest=digest,
        )
    found: dict[str, Any] = {"company_id": company.id, "customer_ref": known, "found_by": found_by}
    found["known_as"] = KnownAs.of(match)
    if erp.shared_with is not None:
        if rules.shared_customer == "ask" and erp.customer_link is None:
            raise UncertainEffectError(
                customer_words.share_or_not(mapping.company_words(company), known.number, erp.shared_with),
                cause="customer_shared",
                record=mapping.company_words(company),
                advice=story.HOW_TO_ANSWER["customer_shared"],
            )
        return UseCustomer(**found, shared_with=erp.shared_with)
    if unanswered:
        found["settles"] = key
    if right or not rules.update_existing_customer:
        return UseCustomer(**found, digest=digest if right else None)
    return UpdateCustomer(**found, digest=digest, customer=customer)
