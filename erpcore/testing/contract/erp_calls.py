"""How the rules call an ERP plugin's write operations alike: send a sample record, and read back what was made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from erpcore.connection import ErpConnection
from erpcore.models import (
    Article,
    ArticleQuery,
    ArticleSync,
    ContactPerson,
    Customer,
    CustomerQuery,
    DocumentQuery,
    Invoice,
    Order,
    RecordRef,
    Ref,
)
from erpcore.testing.bench import context
from erpcore.testing.samples import Samples

ARTICLE = "K-7001"
"""Number of the article that `sync_articles` is given."""

CREATES: dict[str, str] = {
    "create_customer": "find_customers",
    "create_article": "find_articles",
    "create_order": "find_orders",
    "create_invoice": "find_invoices",
}
"""The operations whose record can be read back, and the hook that reads it."""


def send(
    erp: ErpConnection,
    operation: str,
    record: Any,
    samples: Samples,
    *,
    number: str | None = None,
    reference: str | None = None,
) -> str:
    """Carry out a write operation with a record.

    Args:
        erp: The connection.
        operation: Its name.
        record: What it takes; for `convert_to_invoice` the order, or its number.
        samples: The numbers of what is there.
        number: The customer that is changed; the samples' when None.
        reference: Our own key.

    Returns:
        The number of the record.
    """
    return str(_act(erp, operation, record, samples, number, reference).number)


def ref_of(
    erp: ErpConnection, operation: str, record: Any, samples: Samples, reference: str | None = None
) -> RecordRef:
    """Carry out a write operation; give what the plugin gave back."""
    return _act(erp, operation, record, samples, None, reference)


def _act(
    erp: ErpConnection, operation: str, record: Any, samples: Samples, number: str | None, reference: str | None
) -> RecordRef:
    along = context(reference)
    match operation:
        case "create_customer":
            return erp.create_customer(cast(Customer, record), along)
        case "update_customer":
            return erp.update_customer(Ref(number=number or samples.customer_number), cast(Customer, record), along)
        case "create_contact_person":
            return erp.create_contact_person(samples.customer(), cast(ContactPerson, record), along)
        case "update_contact_person":
            customer = samples.customer(samples.other_customer_number)
            person = Ref(number=samples.person.number, key=samples.person.key)
            return erp.update_contact_person(customer, person, cast(ContactPerson, record), along)
        case "create_article":
            return erp.create_article(cast(Article, record), along)
        case "sync_articles":
            article = cast(Article, record).model_copy(update={"number": cast(Article, record).number or ARTICLE})
            return RecordRef(number=_of_sync(erp.sync_articles([article], along)))
        case "create_order":
            return erp.create_order(cast(Order, record), along)
        case "create_invoice":
            return erp.create_invoice(cast(Invoice, record), along)
        case "convert_to_invoice":
            return erp.convert_to_invoice(_ref(record), along)
    raise ValueError(f"{operation} is no write operation")


def _ref(record: Any) -> Ref:
    return record if isinstance(record, Ref) else Ref(number=str(record))


def _of_sync(done: ArticleSync) -> str:
    return next(iter((*done.created, *done.updated, *done.unchanged)), "")


def found(erp: ErpConnection, operation: str, number: str) -> Any:
    """Read back the one record that an operation made.

    Args:
        erp: The connection.
        operation: The one that made it; one of `CREATES`.
        number: Its number.

    Raises:
        AssertionError: It is not found, or more than one is.
    """
    readers: dict[str, Callable[[], Any]] = {
        "create_customer": lambda: erp.find_customers(CustomerQuery(number=number), context()),
        "create_article": lambda: erp.find_articles(ArticleQuery(number=number), context()),
        "create_order": lambda: erp.find_orders(DocumentQuery(number=number), context()),
        "create_invoice": lambda: erp.find_invoices(DocumentQuery(number=number), context()),
    }
    records = list(readers[operation]())
    if len(records) != 1:
        raise AssertionError(f"{CREATES[operation]} by number {number} gives {len(records)} records, not one")
    return records[0]
