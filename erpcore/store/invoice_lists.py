"""What is asked of the mirror of invoices: lists, and what stands of a deal, an order or a company."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Literal

import sqlalchemy as sa

from erpcore.models import Invoice
from erpcore.store.invoices import MirroredInvoice, mirrored_of
from erpcore.store.schema_mirrors import invoices

InvoiceState = Literal["green", "yellow", "red", "draft", "credit", "cancelled"]
"""What lists are asked for: a colour, or why an invoice has none."""


def invoices_of_record(connection: sa.Connection, sync: str, kind: str, record_id: str) -> list[Invoice]:
    """Give the invoices that a deal or an order has become, by number.

    Args:
        connection: Of a transaction.
        sync: Name of the sync.
        kind: ``deal`` or ``order``.
        record_id: The CRM's key of it.
    """
    where = (invoices.c.sync == sync, invoices.c.record_kind == kind, invoices.c.record_id == record_id)
    rows = connection.execute(sa.select(invoices).where(*where).order_by(invoices.c.number)).all()
    return [mirrored_of(row).invoice for row in rows]


def unsettled_of_companies(connection: sa.Connection, sync: str, companies: Collection[str]) -> list[Invoice]:
    """Give the invoices and credit notes that count in what companies owe; their number is what this costs.

    Args:
        connection: Of a transaction.
        sync: Name of the sync.
        companies: The CRM's keys of those that are one customer.
    """
    where = (invoices.c.sync == sync, invoices.c.company_id.in_(companies), invoices.c.unsettled)
    rows = connection.execute(sa.select(invoices.c.facts).where(*where).order_by(invoices.c.key)).all()
    return [Invoice.model_validate(row.facts) for row in rows]


def anothers_copy(connection: sa.Connection, syncs: Collection[str], number: str) -> str | None:
    """Tell whether the CRM has an invoice of this number already that is of another ERP database.

    Args:
        connection: Of a transaction.
        syncs: Syncs of other ERP databases into the same CRM.
        number: The invoice's number.

    Returns:
        The sync whose it is; None when there is none.
    """
    where = (invoices.c.sync.in_(syncs), invoices.c.number == number, invoices.c.crm_key.is_not(None))
    found = connection.execute(sa.select(invoices.c.sync).where(*where).limit(1)).first()
    return None if found is None else str(found.sync)


def list_invoices(
    connection: sa.Connection,
    sync: str,
    *,
    today: date,
    company: str | None = None,
    states: Collection[InvoiceState] = (),
    limit: int = 100,
) -> list[MirroredInvoice]:
    """Give invoices of the mirror, the newest first.

    Args:
        connection: Of a transaction.
        sync: Name of the sync.
        today: Today's date where the company is.
        company: Only this company's: the CRM's key of it, or its customer number.
        states: Only those that are one of these; empty for all.
        limit: At most so many.
    """
    where: list[sa.ColumnElement[bool]] = [invoices.c.sync == sync]
    if company is not None:
        where.append(sa.or_(invoices.c.company_id == company, invoices.c.customer_number == company))
    past = sa.and_(invoices.c.unsettled, invoices.c.due_date < today)
    exact: Mapping[InvoiceState, sa.ColumnElement[bool]] = {
        "red": past,
        "yellow": sa.and_(invoices.c.unsettled, sa.or_(invoices.c.due_date >= today, invoices.c.due_date.is_(None))),
    }
    if states:
        # A column narrows down what is red or yellow; everything is told apart when it is read.
        where.append(sa.or_(*(exact.get(state, sa.true()) for state in states)))
    newest = sa.select(invoices).where(*where)
    newest = newest.order_by(invoices.c.invoice_date.desc(), invoices.c.key.desc()).execution_options(yield_per=500)
    chosen: list[MirroredInvoice] = []
    for row in connection.execute(newest):
        mirrored = mirrored_of(row)
        if not states or shown_state(mirrored.invoice, today) in states:
            chosen.append(mirrored)
        if len(chosen) == limit:
            break
    return chosen


def shown_state(invoice: Invoice, today: date) -> InvoiceState:
    """Give an invoice's colour, or why it has none.

    Args:
        invoice: The invoice.
        today: Today's date where the company is.
    """
    state = invoice.state(today)
    if state == "draft" or state == "credit" or state == "cancelled":
        return state
    return invoice.colour(today) or "yellow"


def count_invoices(connection: sa.Connection, sync: str) -> int:
    """How many invoices the mirror holds of a sync."""
    counted = sa.select(sa.func.count()).select_from(invoices).where(invoices.c.sync == sync)
    return int(connection.execute(counted).scalar_one())
