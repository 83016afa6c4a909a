"""How what a write may have made is searched for, per operation, with the hooks that every ERP plugin has."""

from __future__ import annotations

from collections.abc import Sequence

from erpcore.connection import ErpConnection
from erpcore.errors import UncertainEffectError
from erpcore.hookspecs import Context
from erpcore.models import (
    Article,
    ArticleQuery,
    Customer,
    CustomerQuery,
    Document,
    DocumentQuery,
    RecordRef,
)
from erpcore.sync import story
from erpcore.sync.effects import LookUp


def order_by_reference(erp: ErpConnection, reference: str, context: Context) -> LookUp:
    """Search an order by our reference."""

    def look_up() -> RecordRef | None:
        return _one(erp.find_orders(DocumentQuery(reference=reference), context), "order", reference)

    return look_up


def invoice_by_reference(erp: ErpConnection, reference: str, context: Context) -> LookUp:
    """Search an invoice by our reference."""

    def look_up() -> RecordRef | None:
        return _one(erp.find_invoices(DocumentQuery(reference=reference), context), "invoice", reference)

    return look_up


def invoice_of_order(erp: ErpConnection, order_number: str, context: Context) -> LookUp:
    """Read whether an order was turned into an invoice."""

    def look_up() -> RecordRef | None:
        for order in erp.find_orders(DocumentQuery(number=order_number), context):
            if order.number == order_number and order.invoice_number:
                return RecordRef(number=order.invoice_number, invoice_number=order.invoice_number)
        return None

    return look_up


def created_customer(erp: ErpConnection, customer: Customer, reference: str, context: Context) -> LookUp:
    """Search a customer by organisation number; one without, by its name together with our reference."""
    if customer.organisation_number:
        query = CustomerQuery(organisation_number=customer.organisation_number)
    else:
        query = CustomerQuery(name=customer.name, reference=reference)

    def look_up() -> RecordRef | None:
        found = [match for match in erp.find_customers(query, context) if match.number]
        if len(found) > 1:
            raise UncertainEffectError(
                f"{len(found)} customers in the ERP fit the one that was being created: "
                f"{'; '.join(story.candidate(match) for match in found)}.",
                advice="Merge them in the ERP, then say which one it is.",
            )
        return RecordRef(number=str(found[0].number)) if found else None

    return look_up


def created_article(erp: ErpConnection, article: Article, reference: str, context: Context) -> LookUp:
    """Search an article by its number; one that the ERP numbers, by its exact description and our reference.

    Where the ERP does not show our reference on articles, the description alone decides. Making an article may take
    more than one request (its price has a register of its own at Fortnox), so one that is found is made whole before
    it counts.
    """

    def look_up() -> RecordRef | None:
        if article.number:
            found = erp.find_articles(ArticleQuery(number=article.number), context)
        else:
            named = erp.find_articles(ArticleQuery(description=article.description), context)
            found = [match for match in named if match.external_reference in (reference, None)]
        numbers = [match.number for match in found if match.number]
        if len(numbers) > 1:
            raise UncertainEffectError(
                f"{len(numbers)} articles in the ERP fit the one that was being created: {', '.join(numbers)}.",
                advice="Look in the ERP, then say which one it is.",
            )
        if not numbers:
            return None
        if erp.can("sync_articles"):
            erp.sync_articles([article.model_copy(update={"number": numbers[0]})], context)
        return RecordRef(number=numbers[0])

    return look_up


def _one(found: Sequence[Document], kind: str, reference: str) -> RecordRef | None:
    """Give the one document that counts.

    Raises:
        UncertainEffectError: There are several, or only annulled ones, which is no answer for a person's document.
    """
    living = [document for document in found if not document.cancelled and document.number]
    if len(living) > 1:
        numbers = ", ".join(str(document.number) for document in living)
        raise UncertainEffectError(
            f"The ERP has {len(living)} {kind}s with our reference {reference}: {numbers}.",
            advice="Annul all but one in the ERP, then send it again.",
        )
    if living:
        document = living[0]
        total = {} if document.total is None else {"total": document.total}
        return RecordRef(number=str(document.number), **total)
    if found:
        numbers = ", ".join(str(document.number) for document in found)
        raise UncertainEffectError(
            f"The {kind} {numbers} was made before, and was annulled in the ERP since.",
            advice="Say “not made” to have a new one made, or “made” with its number to leave it at that.",
        )
    return None
