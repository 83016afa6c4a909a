"""Whose an invoice is in the CRM, by what erpcore has made and linked."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from erpcore.models import Invoice
from erpcore.store.schema import intents, links
from erpcore.store.schema_mirrors import invoices

_TIE = (
    sa.update(invoices)
    .where(
        invoices.c.sync == sa.bindparam("the_sync"),
        invoices.c.customer_number == sa.bindparam("customer"),
        sa.or_(
            invoices.c.company_id.is_(None),
            # Another company's it stays only as long as that one is linked to the customer too.
            invoices.c.company_id.not_in(
                sa.select(links.c.source_id).where(
                    links.c.sync == sa.bindparam("the_sync"),
                    links.c.source_kind == "company",
                    links.c.target_kind == "customer",
                    links.c.number == sa.bindparam("customer"),
                    links.c.cut_at.is_(None),
                )
            ),
        ),
    )
    .values(company_id=sa.bindparam("company"), waiting=True, version=invoices.c.version + 1)
)


@dataclass(frozen=True)
class Owner:
    """Whose an invoice is in the CRM, as far as erpcore knows.

    Attributes:
        company_id: The company.
        record_kind: What it was made for: ``deal`` or ``order``.
        record_id: That record's key.
    """

    company_id: str | None = None
    record_kind: str | None = None
    record_id: str | None = None

    @property
    def record(self) -> str | None:
        """What it was made for, such as ``deal 17``."""
        return None if self.record_id is None else f"{self.record_kind} {self.record_id}"


def owners_of(connection: sa.Connection, syncs: Collection[str], found: Sequence[Invoice]) -> list[Owner]:
    """Tell whose invoices are in the CRM, by what erpcore has made and linked.

    A document is known by its own link, by the link of the order that it was made from, or by our reference on it. A
    company is known by the link to its customer, the oldest where several share it. A credit note
    is of what the invoice is of that it credits.

    Args:
        connection: Of a transaction.
        syncs: The syncs between these two systems.
        found: Invoices.

    Returns:
        One for each, in their order.
    """
    numbers = {invoice.number for invoice in found} | {invoice.key for invoice in found}
    made = _linked(connection, syncs, "invoice", numbers)
    orders = _linked(connection, syncs, "order", {invoice.order_number for invoice in found})
    customers = _linked(
        connection, syncs, "customer", {each for one in found for each in (one.customer_number, one.customer_key)}
    )
    wanted = {invoice.reference for invoice in found} - {None}
    noted = sa.select(intents.c.reference, intents.c.record).where(
        intents.c.reference.in_(wanted), intents.c.sync.in_(syncs)
    )
    references = {row.reference: tuple(row.record.split(" ", 1)) for row in connection.execute(noted).all()}

    def own_record(invoice: Invoice) -> tuple[str, str] | None:
        return (
            made.get(invoice.key)
            or made.get(invoice.number)
            or orders.get(invoice.order_number)
            or references.get(invoice.reference)
        )

    beside = {invoice.number: own_record(invoice) for invoice in found}
    credited = _of_credited(connection, syncs, {each.credits.number for each in found if each.credits} - {None})
    owners = []
    for invoice in found:
        record = own_record(invoice)
        if record is None and invoice.credits is not None:
            number = invoice.credits.number
            record = beside.get(number) or made.get(number) or credited.get(number)
        company = customers.get(invoice.customer_key) or customers.get(invoice.customer_number)
        owners.append(Owner(None if company is None else company[1], *(record or (None, None))))
    return owners


def tie_customer(connection: sa.Connection, sync: str, customer_number: str, company_id: str) -> int:
    """Give a customer's invoices to a company that has just been linked to it, unless another linked one has them.

    Args:
        connection: Of a writing transaction.
        sync: Name of the sync.
        customer_number: The customer.
        company_id: The CRM's key of the company.

    Returns:
        How many.
    """
    given = {"the_sync": sync, "customer": customer_number, "company": company_id}
    return connection.execute(_TIE, given).rowcount


def companies_sharing(connection: sa.Connection, syncs: Collection[str], company_id: str) -> list[str]:
    """Give the companies that are the same customer as a company, in the order of their links, and that one at least.

    Args:
        connection: Of a transaction.
        syncs: The syncs between these two systems.
        company_id: The CRM's key of the company.
    """
    other = links.alias()
    live = [
        condition
        for each in (links, other)
        for condition in (each.c.sync.in_(syncs), each.c.target_kind == "customer", each.c.cut_at.is_(None))
    ]
    shared = (
        sa.select(other.c.source_id)
        .join(links, links.c.number == other.c.number)
        .where(*live, links.c.source_kind == "company", links.c.source_id == company_id)
        .order_by(other.c.id)
    )
    return list(dict.fromkeys([*connection.execute(shared).scalars(), company_id]))


def _of_credited(
    connection: sa.Connection, syncs: Collection[str], numbers: Collection[str | None]
) -> dict[str, tuple[str, str]]:
    """Give what invoices of the mirror are of, by their numbers."""
    if not numbers:
        return {}
    where = (invoices.c.sync.in_(syncs), invoices.c.number.in_(numbers), invoices.c.record_id.is_not(None))
    return {
        row.number: (row.record_kind, row.record_id)
        for row in connection.execute(sa.select(invoices).where(*where)).all()
    }


def _linked(
    connection: sa.Connection, syncs: Collection[str], kind: str, names: Collection[str | None]
) -> dict[str | None, tuple[str, str]]:
    """Give what is linked to documents or customers, by their numbers and keys."""
    wanted = [name for name in names if name is not None]
    own = (links.c.sync.in_(syncs), links.c.target_kind == kind, links.c.cut_at.is_(None))
    found: dict[str | None, tuple[str, str]] = {}
    # Of a record that became several documents the newest counts, of companies that share a customer the first.
    in_turn = links.c.id.desc() if kind == "customer" else links.c.id
    for column in (links.c.number, links.c.key):
        for row in connection.execute(sa.select(links).where(*own, column.in_(wanted)).order_by(in_turn)).all():
            found[row.number] = found[row.key] = (row.source_kind, row.source_id)
    found.pop(None, None)
    return found
