"""The mirror: the ERP's invoices as they were read last, and what the CRM was told of each.

One row per invoice of a sync, and so of one ERP account. A row that waits is to be told to the CRM; `note_told` ends
that only when the ERP has shown nothing newer meanwhile.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from erpcore.models import Invoice, InvoiceColour
from erpcore.store.clock import now
from erpcore.store.invoice_owners import Owner
from erpcore.store.schema_mirrors import invoices


@dataclass(frozen=True)
class MirroredInvoice:
    """One invoice of the mirror.

    Attributes:
        sync: Name of the sync.
        key: The ERP's own key; the number where it has no other.
        invoice: What the ERP showed; cancelled, where it has gone there.
        version: Goes up when the ERP shows something else.
        owner: Whose it is in the CRM.
        crm_key: The CRM's own key of its copy, once it has one.
        waiting: Whether the CRM is to be told.
        by_run: Whether it failed, and is told by runs of its own.
        told_version: The version that the CRM was told last; 0 for none.
        told_colour: The colour that the CRM was told last.
        told_owner: Whose the CRM was told it is.
        changed_at: When the ERP last showed something else, aware.
        gone: Whether the ERP does not have it any more.
    """

    sync: str
    key: str
    invoice: Invoice
    version: int
    owner: Owner
    crm_key: str | None
    waiting: bool
    by_run: bool
    told_version: int
    told_colour: InvoiceColour | None
    told_owner: Owner
    changed_at: datetime
    gone: bool = False


@dataclass(frozen=True)
class Mirrored:
    """What became of invoices that were put into the mirror.

    Attributes:
        new: How many it did not have.
        changed: How many it had otherwise.
        known: How many it had just so.
        by_run: Keys of those that are told by runs of their own, and have changed.
    """

    new: int
    changed: int
    known: int
    by_run: tuple[str, ...]


@dataclass(frozen=True)
class Told:
    """What the CRM was told of an invoice.

    Attributes:
        key: The invoice's key in the mirror.
        version: Which version.
        colour: As which colour; None for one without.
        crm_key: The CRM's own key of its copy; None where it has none.
        owner: As whose.
    """

    key: str
    version: int
    colour: InvoiceColour | None
    crm_key: str | None
    owner: Owner


def invoice_key(invoice: Invoice) -> str:
    """Give the key of an invoice in the mirror: the ERP's own, or the number where it has no other.

    Args:
        invoice: As the ERP showed it.
    """
    return invoice.key or invoice.number or ""


def mirror_invoices(connection: sa.Connection, sync: str, found: Sequence[tuple[Invoice, Owner]]) -> Mirrored:
    """Put invoices into the mirror. What the ERP did not show this time stays as it was.

    Args:
        connection: Of a writing transaction.
        sync: Name of the sync.
        found: As the ERP showed them, with whose they are. The same one may come twice: the later one counts.
    """
    given = {invoice_key(invoice): (invoice, owner) for invoice, owner in found}
    own = (invoices.c.sync == sync, invoices.c.key.in_(given))
    held = {row.key: row for row in connection.execute(sa.select(invoices).where(*own).with_for_update()).all()}
    at = now(connection)
    added, altered = [], []
    for key, (invoice, owner) in given.items():
        row = held.get(key)
        if row is None:
            added.append({"sync": sync, "key": key, **_columns(invoice, owner, at), **_UNTOLD})
            continue
        merged = _merged(row.facts, invoice)
        whose = _known(row, owner)
        if merged is not None or whose != _owner_of(row) or row.gone:
            shown = Invoice.model_validate(row.facts) if merged is None else merged
            altered.append({"the_sync": sync, "the_key": key, **_columns(shown, whose, at)})
    if added:
        connection.execute(sa.insert(invoices), added)
    if altered:
        connection.execute(_ALTER, altered)
    by_run = tuple(each["the_key"] for each in altered if held[each["the_key"]].by_run)
    return Mirrored(len(added), len(altered), len(given) - len(added) - len(altered), by_run)


def note_turning(connection: sa.Connection, sync: str, today: date) -> int:
    """Have the CRM told of the invoices that are past due by now and that it knows as not due.

    Args:
        connection: Of a writing transaction.
        sync: Name of the sync.
        today: Today's date where the company is.

    Returns:
        How many have turned.
    """
    turned = sa.update(invoices).where(*_turning(sync, today)).values(waiting=True)
    return connection.execute(turned).rowcount


def is_anything_turning(connection: sa.Connection, sync: str, today: date) -> bool:
    """Tell whether `note_turning` would find anything; a look that writes nothing."""
    return connection.execute(sa.select(sa.literal(1)).where(*_turning(sync, today)).limit(1)).first() is not None


def is_anything_to_tell(connection: sa.Connection, sync: str, today: date) -> bool:
    """Tell whether `note_turning` or `invoices_to_tell` would find anything; a look that writes nothing.

    Args:
        connection: Of a transaction.
        sync: Name of the sync.
        today: Today's date where the company is.
    """
    turning = sa.select(sa.literal(1)).where(*_turning(sync, today)).limit(1).subquery()
    waits = sa.select(sa.literal(1)).where(*_to_tell(sync)).limit(1).subquery()
    either = sa.union_all(sa.select(turning), sa.select(waits)).limit(1)
    return connection.execute(either).first() is not None


def _to_tell(sync: str) -> tuple[sa.ColumnElement[bool], ...]:
    # Written out as the index has it, which else is not used.
    waits: Any = sa.text("waiting")
    return (invoices.c.sync == sync, waits, sa.not_(invoices.c.by_run))


def invoices_to_tell(connection: sa.Connection, sync: str, *, limit: int) -> list[MirroredInvoice]:
    """Give invoices that the CRM is to be told of, those of a customer side by side; none that is told by runs.

    Args:
        connection: Of a transaction.
        sync: Name of the sync.
        limit: At most so many.
    """
    ordered = (
        sa.select(invoices).where(*_to_tell(sync)).order_by(invoices.c.customer_number, invoices.c.key).limit(limit)
    )
    return [mirrored_of(row) for row in connection.execute(ordered).all()]


def note_told(connection: sa.Connection, sync: str, told: Sequence[Told]) -> None:
    """Write down what the CRM was told. What has changed meanwhile goes on waiting.

    Args:
        connection: Of a writing transaction.
        sync: Name of the sync.
        told: What.
    """
    if told:
        rows = [
            {
                "the_sync": sync,
                "the_key": each.key,
                "the_version": each.version,
                "told_colour": each.colour,
                "the_crm_key": each.crm_key,
                "told_company": each.owner.company_id,
                "told_record": each.owner.record,
            }
            for each in told
        ]
        connection.execute(_TOLD, rows)


def leave_to_runs(connection: sa.Connection, sync: str, keys: Collection[str]) -> None:
    """Have invoices told by runs of their own from now on, because telling them failed.

    Args:
        connection: Of a writing transaction.
        sync: Name of the sync.
        keys: Their keys.
    """
    where = (invoices.c.sync == sync, invoices.c.key.in_(keys))
    connection.execute(sa.update(invoices).where(*where).values(by_run=True))


def invoices_to_look_for(
    connection: sa.Connection, sync: str, *, before: datetime, limit: int, drafts: bool
) -> list[MirroredInvoice]:
    """Give invoices that something is to come of yet and that the ERP was long not asked for, the longest first.

    Args:
        connection: Of a transaction.
        sync: Name of the sync.
        before: Only those that it was not asked for since then, aware.
        limit: At most so many.
        drafts: Only drafts, which people may delete; else those that are not paid in full too.
    """
    are_drafts: Any = sa.text("draft")  # written out as the index has it
    wanted = are_drafts if drafts else sa.or_(invoices.c.draft, invoices.c.unsettled)
    where = (invoices.c.sync == sync, wanted, invoices.c.looked_at < before)
    rows = connection.execute(sa.select(invoices).where(*where).order_by(invoices.c.looked_at).limit(limit)).all()
    return [mirrored_of(row) for row in rows]


def note_looked_for(connection: sa.Connection, sync: str, keys: Collection[str], gone: Collection[str]) -> None:
    """Write down that the ERP was asked for invoices, and which of them it does not have any more.

    The CRM is to be told of those; they owe nothing.

    Args:
        connection: Of a writing transaction.
        sync: Name of the sync.
        keys: Keys of all that it was asked for.
        gone: Those that it does not have.
    """
    at = now(connection)
    own = invoices.c.sync == sync
    connection.execute(sa.update(invoices).where(own, invoices.c.key.in_(keys)).values(looked_at=at))
    lost = sa.update(invoices).where(own, invoices.c.key.in_(gone), sa.not_(invoices.c.gone))
    connection.execute(
        lost.values(
            gone=True, unsettled=False, draft=False, waiting=True, changed_at=at, version=invoices.c.version + 1
        )
    )


def get_invoice(connection: sa.Connection, sync: str, key: str) -> MirroredInvoice | None:
    """Give one invoice of the mirror, or None.

    Args:
        connection: Of a transaction.
        sync: Name of the sync.
        key: Its key.
    """
    found = sa.select(invoices).where(invoices.c.sync == sync, invoices.c.key == key)
    row = connection.execute(found).one_or_none()
    return None if row is None else mirrored_of(row)


def _turning(sync: str, today: date) -> tuple[sa.ColumnElement[bool], ...]:
    yellow: Any = sa.text("told_colour = 'yellow'")  # written out as the index has it
    return (
        invoices.c.sync == sync,
        yellow,
        invoices.c.due_date < today,
        invoices.c.unsettled,
        sa.not_(invoices.c.waiting),
        sa.not_(invoices.c.by_run),
    )


_UNTOLD: Mapping[str, Any] = {
    "version": 1,
    "by_run": False,
    "told_version": 0,
    "told_colour": None,
    "crm_key": None,
    "told_company": None,
    "told_record": None,
}
_SHOWN = """number customer_number invoice_date due_date unsettled facts company_id record_kind record_id waiting
    changed_at draft looked_at gone"""
_THIS = (invoices.c.sync == sa.bindparam("the_sync"), invoices.c.key == sa.bindparam("the_key"))
_ALTER = (
    sa.update(invoices)
    .where(*_THIS)
    .values(
        {
            **{name: sa.bindparam(name) for name in _SHOWN.split()},
            "version": invoices.c.version + 1,
        }
    )
)
_TOLD = (
    sa.update(invoices)
    .where(*_THIS)
    .values(
        waiting=invoices.c.version != sa.bindparam("the_version"),
        by_run=False,
        told_version=sa.bindparam("the_version"),
        told_colour=sa.bindparam("told_colour"),
        told_company=sa.bindparam("told_company"),
        told_record=sa.bindparam("told_record"),
        crm_key=sa.func.coalesce(sa.bindparam("the_crm_key", type_=sa.String), invoices.c.crm_key),
    )
)


def _columns(invoice: Invoice, owner: Owner, at: datetime) -> dict[str, Any]:
    return {
        "number": invoice.number,
        "customer_number": invoice.customer_number,
        "invoice_date": invoice.invoice_date,
        "due_date": invoice.due_date,
        "unsettled": invoice.unsettled,
        "facts": _facts(invoice),
        **asdict(owner),
        "waiting": True,
        "changed_at": at,
        "draft": invoice.booked is False and not invoice.cancelled,
        "looked_at": at,
        "gone": False,
    }


def _facts(invoice: Invoice) -> dict[str, Any]:
    """An invoice as JSON that leaves out what was not shown; amounts are text and keep their digits."""
    return invoice.model_dump(mode="json", exclude_unset=True)


def _merged(held: Mapping[str, Any], invoice: Invoice) -> Invoice | None:
    """Lay what the ERP shows over what it showed before; None when nothing is other than it was.

    Another balance without a day of payment is a payment that was taken back: the day that was shown before is over.
    """
    shown = _facts(invoice)
    merged = {**held, **shown}
    if "payment_date" not in shown and shown.get("balance", held.get("balance")) != held.get("balance"):
        merged.pop("payment_date", None)
    if merged == held:
        return None
    # 100 and 100.0 are written otherwise and are the same.
    after = Invoice.model_validate(merged)
    return None if after == Invoice.model_validate(held) else after


def _owner_of(row: sa.Row[Any]) -> Owner:
    return Owner(row.company_id, row.record_kind, row.record_id)


def _known(row: sa.Row[Any], owner: Owner) -> Owner:
    """Whose it is: what is known now, else what was known before, since links are cut and invoices stay."""
    kind, record_id = (
        (row.record_kind, row.record_id) if owner.record_id is None else (owner.record_kind, owner.record_id)
    )
    return Owner(owner.company_id or row.company_id, kind, record_id)


def mirrored_of(row: sa.Row[Any]) -> MirroredInvoice:
    """Give a row of the table as what it stands for."""
    invoice = Invoice.model_validate(row.facts)
    return MirroredInvoice(
        sync=row.sync,
        key=row.key,
        invoice=invoice.model_copy(update={"cancelled": True}) if row.gone else invoice,
        version=row.version,
        owner=_owner_of(row),
        crm_key=row.crm_key,
        waiting=row.waiting,
        by_run=row.by_run,
        told_version=row.told_version,
        told_colour=row.told_colour,
        told_owner=Owner(row.told_company, *(row.told_record.split(" ", 1) if row.told_record else ())),
        changed_at=row.changed_at,
        gone=row.gone,
    )
