"""The sentences that people read on the story of a deal, an order or a company, in one place.

Each says what happened, with the numbers that people know from the CRM and the ERP.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from erpcore.errors import Cause
from erpcore.languages import Language, translated
from erpcore.models import Company, CrmOrder, Customer, Deal

SYNCED: Literal["synced"] = "synced"
"""Sync status of a record that is in the ERP, as the CRM is told."""

IN_PROCESS: Literal["inprocess"] = "inprocess"
"""Sync status of a record that is being sent."""

ERROR: Literal["error"] = "error"
"""Sync status of a record that could not be sent."""

MARKING = "telling the CRM that the record is being sent"
"""What is done when a record is put in process, for people."""

HOW_TO_ANSWER: Mapping[Cause, str] = {
    "made_or_not": "Look in the ERP, then answer “made” with its number, or “not-made”.",
    "cleared_number": "Answer “new-document” to have one made, or “restore” to have the number written back.",
    "customer_shared": "If the two are one customer, link the company to it with “erpcore link”; else give each "
    "company its own organisation number in the CRM. Then have it sent again with “erpcore retry”.",
    "two_documents": "Annul all but one of them in the ERP, then answer “keep” with the number of the one that counts.",
    "article_differs": "Answer “take-crm” or “take-erp”, or make the two equal yourself and send it again.",
    "other_customer": "If the customer is the company's and was only renamed in the ERP, answer “go-on”. Else annul "
    "the document there and answer “stop”: the company's link is cut, and the record, sent again, gets a new document "
    "for a customer that is matched anew.",
    "sums_differ": "Look at the document in the ERP. Correct it there and answer “go-on”, which also takes the sums as "
    "they are; or annul it and answer “stop”: nothing more is done with it, and the record, corrected and sent again, "
    "gets a new one.",
}
"""What a person does about an uncertain run, by what it asks."""


NO_STATUS = "empty, or one that erpcore does not know"
"""How an order's status is told that the CRM shows, and that is none of erpcore's."""


def candidate(customer: Customer) -> str:
    """Name one of several customers that fit."""
    parts = [f"customer {customer.number}" if customer.number else "a customer without number"]
    parts += [part for part in (customer.name, customer.organisation_number) if part]
    return ", ".join(parts)


def article_refused(rows: Sequence[int], name: str, why: str) -> str:
    """Say which article was refused, and for which rows.

    Args:
        rows: Their numbers, from 1.
        name: The article's number or text.
        why: What the ERP said.
    """
    of = f" of row{'' if len(rows) == 1 else 's'} {', '.join(map(str, rows[:10]))}" if rows else ""
    return f"The article “{shortened(name)}”{of} was not created: {why}"


def missing(record: str, fields: Sequence[str], system: str) -> str:
    """Say what a record lacks without which the system takes none."""
    return f"The {record} shows no {' and no '.join(fields)}, and {system} takes none without."


def customer_found(number: str, found_by: str) -> str:
    """Say which customer is used, and by what it was found."""
    words = {
        "link": "linked before",
        "customer_number": "its number is in the CRM",
        "organisation_number": "same organisation number",
        "name": "same name",
    }
    return f"Customer {number} is used ({words[found_by]})."


def customer_updated(number: str, found_by: str) -> str:
    """Say which customer was overwritten."""
    return f"{customer_found(number, found_by)} It was updated with what the CRM shows."


def made(operation: str, number: str, how: str) -> str:
    """Say what a write made.

    Args:
        operation: The hook.
        number: Number in the ERP.
        how: ``sent``; ``adopted`` when a look-up found it; ``known`` when it was recorded before.
    """
    words = {
        "create_customer": "Customer {number} was created.",
        "create_contact_person": "Contact person {number} was added to the customer.",
        "create_article": "Article {number} was created.",
        "create_order": "Order {number} was made.",
        "create_invoice": "Invoice draft {number} was made.",
        "convert_to_invoice": "The order was turned into invoice {number}.",
    }[operation].format(number=number)
    ending = {
        "sent": "",
        "known": " That was done before; nothing was sent again.",
        "adopted": " An earlier attempt had carried it out; it was found in the ERP and nothing was sent again.",
    }[how]
    return words + ending


def written_back(number: str, invoice_number: str | None, *, stored: bool) -> str:
    """Say that the CRM was told a document's number."""
    invoice = f", invoice {invoice_number}" if invoice_number else ""
    if stored:
        return f"The CRM was told the number: {number}{invoice}."
    return f"The CRM does not take the number {number}{invoice}; erpcore remembers it."


def customer_written_back(number: str, *, shared: bool) -> str:
    """Say that the CRM was told a company's customer number; where another company has it, that all is well."""
    if shared:
        return f"The CRM was told that the company is sent; customer number {number} stands on another company."
    return f"The CRM was told the customer number: {number}."


def article_missing(row: int, text: str, number: str | None) -> str:
    """Say that the ERP lacks the article of a row."""
    return f"The article “{text}”{f' ({number})' if number else ''} of row {row} is not in the ERP."


def failure_told(message: str) -> str:
    """Say that the CRM shows the failure."""
    return f"The CRM was told of the failure: {shortened(message)}"


def order_read(order: CrmOrder) -> str:
    """Say what was read."""
    rows = f" with {len(order.rows)} rows" if order.rows else ""
    status = f", status {order.status}" if order.status else ""
    return f"Order {order.id}{rows} was read from the CRM{status}."


def company_read(company: Company) -> str:
    """Say what was read."""
    return f"Company {company.id} “{shortened(company.name or '')}” was read from the CRM."


def sent_with(record: str) -> str:
    """Say that a company's customer was made for another record of it."""
    return f"The company was sent with {record}, which has read it since."


def customer_right(number: str) -> str:
    """Say that there was nothing to send."""
    return f"Customer {number} has all that the CRM shows."


def customer_summary(number: str) -> str:
    """Say in a line what a company's run came to."""
    return f"Customer {number}."


def deal_read(deal: Deal) -> str:
    """Say what was read."""
    value = "" if deal.value is None else f", {money(deal.value, deal.currency)}"
    rows = f", {len(deal.rows)} rows" if deal.rows else ""
    return f"Deal {deal.id} “{shortened(deal.name or '')}” was read from the CRM{value}{rows}."


def summary(kind: str, number: str, invoice_number: str | None) -> str:
    """Say in a line what a run came to."""
    if invoice_number:
        return f"Order {number}, invoice {invoice_number}."
    return f"Order {number}." if kind == "order" else f"Invoice draft {number}."


def cannot(system: str, operation: str) -> str:
    """Say that the plan has a step that the ERP has not."""
    return f"{system} cannot do what the plan asks for: {operation}."


def article_reported(number: str) -> str:
    """Say that the CRM knows a created article's number."""
    return f"The CRM was told the number of the new article {number}."


def article_not_reported(number: str) -> str:
    """Say that the CRM cannot be told a created article's number."""
    return f"The CRM has no place for the number of the new article {number}; erpcore remembers it."


def repeated(doing: str, error: str) -> str:
    """Say that a harmless write is done again."""
    return f"The answer to {doing} is missing; it is done again, which changes nothing more. {error}"


def link_cut(number: str) -> str:
    """Say that a company lost its customer."""
    return f"Customer {number} is no longer in the ERP: its link is cut, and the company is matched anew."


def customer_renumbered(old: str, new: str) -> str:
    """Say that a customer has another number in the ERP than its link had."""
    return f"Customer {old} has the number {new} in the ERP now: its link follows, and the plan is made anew."


def link_lost(company_id: str) -> str:
    """Say that a company's link went while a record of it was at work."""
    return f"The link of company {company_id} to its customer was cut meanwhile; everything is planned anew."


def matched_anew(number: str) -> str:
    """Say why a company's link to another customer was cut."""
    return f"the company was matched anew, with customer {number}"


def new_document_wanted(person: str) -> str:
    """Say why a document no longer counts."""
    return f"{person} asked for a new document"


def other_kept(person: str, number: str) -> str:
    """Say why the link to one of two documents was cut."""
    return f"{person} said that document {number} counts"


def customer_gone(number: str) -> str:
    """Say why a company's link was cut."""
    return f"customer {number} is no longer in the ERP"


def company_gone(company_id: str) -> str:
    """Say why the link of a company that was a customer first was cut."""
    return f"Company {company_id}, which was this customer first, is not in the CRM any more: its link is cut."


def person_found(name: str) -> str:
    """Say that the document names a contact person."""
    return f"The contact person {name} is known at the customer, and the document names them."


def person_not_there(name: str, customer: str) -> str:
    """Say that a contact person stays a text."""
    return f"Customer {customer} has no contact person {name} in the ERP: the document tells the name alone."


def person_gone(number: str) -> str:
    """Say why a contact person's link was cut."""
    return f"contact person {number} is no longer at the customer"


def article_gone(number: str) -> str:
    """Say why an article's link was cut."""
    return f"article {number} is no longer in the ERP"


def document_replaced(number: str) -> str:
    """Say why a deal's link to its document was cut."""
    return f"document {number} was made instead"


def invoice_wished_too_late(number: str, language: Language) -> str:
    """Say, in the CRM, that an order is not turned into an invoice when that is asked for after it was sent."""
    text = (
        "The order is {number} in the ERP already, which is its master now, and was sent without “create invoice from "
        "order”. Nothing was sent now: turn it into an invoice in the ERP."
    )
    return translated(text, language).format(number=number)


def marked() -> str:
    """Say that the CRM shows the order as being sent."""
    return "The order is in process in the CRM."


def handed_over(erp_db: str | None) -> str:
    """Say that an order is left to the sync of another ERP database.

    Args:
        erp_db: Its key.
    """
    return f"The order was given to the ERP db “{erp_db}” meanwhile: set ready again, it is handed over to its sync."


def not_made() -> str:
    """Say that an unanswered attempt turned out to have made nothing."""
    return "The earlier attempt had made nothing in the ERP. No document is asked for now."


def rivals(operation: str, *numbers: str) -> str:
    """Name what was made more than once for the same wish, such as ``orders 7 and 8``.

    Args:
        operation: The hook that made it.
        *numbers: Numbers in the ERP.
    """
    words = {"create_customer": "customers", "create_article": "articles", "create_order": "orders"}
    return f"{words.get(operation, 'invoices')} {' and '.join(numbers)}"


def two_documents(rivals: str) -> str:
    """Say that more than one document was made for the same wish.

    Args:
        rivals: From `rivals`.
    """
    return f"The ERP has more than one document that was made for this: {rivals}."


GONE_IN_ERP = (
    "{number} is not in the ERP any more: it was deleted there. To have a new one made, clear the number here and send "
    "the record again."
)
"""What the CRM shows of a deal or an order whose invoice was deleted in the ERP."""


def gone_in_erp(number: str, language: Language) -> str:
    """Say to users of the CRM that an invoice was deleted in the ERP.

    Args:
        number: The invoice's.
        language: Theirs.
    """
    return translated(GONE_IN_ERP, language).format(number=number)


def too_old() -> str:
    """Say that a request was held back."""
    return "The worker was asleep or busy for so long that its request might come too late: nothing was sent."


def come_back(seconds: float, operation: str) -> str:
    """Say that a fence must pass."""
    return (
        f"The answer to {operation} is missing, and the ERP does not show the record yet. "
        f"It is looked for again in {max(1, round(seconds))} s before anything is sent again."
    )


def money(amount: Decimal, currency: str | None) -> str:
    """Write an amount of money: two decimals, halves away from zero, and the currency where it is known.

    Args:
        amount: The amount.
        currency: Its currency, such as ``SEK``; None when nobody tells it.
    """
    return f"{amount.quantize(Decimal('0.01'), ROUND_HALF_UP):f} {currency or ''}".rstrip()


def shortened(text: str, length: int = 80) -> str:
    """Cut a long text for a sentence."""
    return text if len(text) <= length else f"{text[: length - 1]}…"
