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


def created_for_another(number: str, owner: str) -> str:
    """Say that the customer was created meanwhile, for another company of the same organisation."""
    return f"Customer {number} was created for company {owner} of the CRM meanwhile; everything is planned anew."


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


MATCHED_ANEW = "Its link is cut, and the company is matched anew."
"""What becomes of a link whose customer is another organisation by now."""


def number_of_another(number: str, before: str, now: str) -> str:
    """Say that a customer number stands for somebody else than when the company was linked to it."""
    return f"Customer {number} is {now} in the ERP now, and was {before} when the company was linked to it."


def name_of_another(number: str, before: str, now: str) -> str:
    """Say that a customer has another name than when the company was linked to it, and nothing else is known of it."""
    return (
        f"Customer {number} is {now} in the ERP now, and was {before} when the company was linked to it: nobody can "
        "tell whether it still is the company's."
    )


def number_given_away(number: str) -> str:
    """Say that the number on a company is not believed, since it is another customer's by now."""
    return (
        f"The customer number in the CRM, {number}, is another customer's in the ERP now: the company is matched anew."
    )


def made_for_another(document: str, number: str, customer: str, before: str, now: str) -> str:
    """Say that a document was made for a customer that is not the company's any more.

    Args:
        document: What it is, such as “Order”.
        number: Its number.
        customer: The customer's number.
        before: What the ERP called the customer that the company was linked to.
        now: What it calls the customer now.
    """
    return (
        f"{document} {number} was made for customer {customer}, which is {now} in the ERP now; "
        f"the company's was {before}."
    )


def customer_accepted(person: str) -> str:
    """Say why a company is linked to a customer again."""
    return f"{person} said that the customer is the company's"


def customer_refused(person: str) -> str:
    """Say why nothing more is done with a document, and why a company's link was cut."""
    return f"{person} said that the document does not count, because it was made for another customer"
