"""The sentences about customers and articles that are shared, inactive, or in a country that nobody can read."""

from __future__ import annotations

from erpcore.sync.shared import story

COUNTRY_NOT_READ = "nobody can tell which country it is; write its name or its code in the CRM"
"""Why an address is sent without its country."""


def customer_shared(number: str, owner: str) -> str:
    """Say that another company of the CRM is the same customer, and keeps it.

    Args:
        number: The customer's number.
        owner: The CRM's key of the company that was linked to it first.
    """
    return (
        f"Customer {number} is shared with company {owner} of the CRM, which was its first: nothing of the customer is "
        "changed from here, and its number is not written to a second company. The document gets this company's own "
        "name and address, where the ERP takes them."
    )


def share_or_not(company: str, number: str, owner: str) -> str:
    """Ask whether two companies are one customer."""
    return f"Customer {number} in the ERP is company {owner} of the CRM already, and now {company} would be it too."


def customer_inactive(customer: str) -> str:
    """Say that the customer that fits is not used any more in the ERP."""
    return f"The customer that fits is inactive in the ERP: {customer}."


def customer_activated(number: str) -> str:
    """Say that a customer was made active, because it refused the document."""
    return f"Customer {number} was inactive in the ERP and is active now; everything is planned anew."


def article_inactive(row: int, text: str, number: str) -> str:
    """Say that the article of a row is not used any more in the ERP."""
    return f"The article “{story.shortened(text)}” ({number}) of row {row} is inactive in the ERP."


def organisation_changes(number: str, held: str, becomes: str) -> str:
    """Say that a customer becomes another organisation in the ERP, because the CRM shows another number now."""
    return (
        f"Customer {number} had the organisation number {held} in the ERP, and the CRM shows {becomes} now: it is "
        "overwritten. If the company became another one, undo that in the ERP, and link the company to its own "
        "customer with “erpcore link”."
    )
