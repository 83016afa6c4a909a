"""The steps of a plan in words, for people who look before anything is sent."""

from __future__ import annotations

from decimal import Decimal

from erpcore.models import Document
from erpcore.sync import story
from erpcore.sync.plan import (
    CompareSums,
    ConvertToInvoice,
    CreateArticle,
    CreateCustomer,
    CreateInvoice,
    CreateOrder,
    MarkInProcess,
    SettleDocument,
    Step,
    UpdateCustomer,
    UseCustomer,
    WriteBackCustomer,
    WriteBackNumber,
)

_FOUND = {
    "link": "its link",
    "customer_number": "its number in the CRM",
    "organisation_number": "its organisation number",
    "name": "its name",
}


def in_words(step: Step) -> str:
    """Say what a step would do.

    Args:
        step: Of a plan.
    """
    match step:
        case MarkInProcess():
            return "Tell the CRM that it is being sent."
        case UseCustomer():
            return f"Use customer {step.number}, found by {_FOUND[step.found_by]}; nothing to change."
        case UpdateCustomer():
            return f"Update customer {step.number}, found by {_FOUND[step.found_by]}, with what the CRM shows."
        case CreateCustomer():
            number = step.customer.organisation_number
            return f"Create the customer “{step.customer.name}”" + (f" ({number})." if number else ".")
        case CreateArticle():
            number = step.article.number
            return f"Create the article {f'{number} ' if number else ''}“{step.article.description}”."
        case CreateOrder():
            text = f"Create an order{_instead(step.replaces)} with {_rows(step.order)}."
            return text + (" Turn it into an invoice draft afterwards." if step.convert else "")
        case CreateInvoice():
            return f"Create an invoice draft{_instead(step.replaces)} with {_rows(step.invoice)}."
        case ConvertToInvoice():
            return "Turn the order into an invoice draft."
        case SettleDocument():
            return "Find out whether an earlier attempt made a document; make none."
        case CompareSums():
            net = story.money(step.net, step.currency)
            return f"Compare the ERP's sums with the CRM's: {net} excluding VAT{_including(step)}."
        case WriteBackNumber():
            return "Write the document's number back to the CRM."
        case WriteBackCustomer():
            return "Write the customer number back to the CRM."


def _including(step: CompareSums) -> str:
    return "" if step.total is None else f", {story.money(step.total, step.currency)} including it"


def _instead(number: str | None) -> str:
    return f" (a new one, beside {number})" if number else ""


def _rows(document: Document) -> str:
    rows = getattr(document, "rows", None) or ()
    amounts = (row.quantity * row.unit_price for row in rows if row.quantity and row.unit_price)
    value = story.money(sum(amounts, start=Decimal(0)), document.currency)
    return f"{len(rows)} row{'' if len(rows) == 1 else 's'}, {value} excluding VAT before discounts"
