"""Links: this CRM record is that ERP record.

The link outlives the CRM's ERP-ID field. A link that no longer holds is cut, not deleted: its history says why a deal
got a second document.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from erpcore.errors import RecordError
from erpcore.store.clock import moment
from erpcore.store.rows import insert_if_new
from erpcore.store.schema import links


@dataclass(frozen=True)
class Link:
    """One link. Times are aware, in UTC.

    Args:
        id: Our own number of it.
        sync: Name of the sync.
        kind: What it is in the CRM, such as ``company`` or ``deal``.
        crm_id: Its id there.
        erp_kind: What it is in the ERP, such as ``customer``, ``order``, ``invoice``.
        erp_number: The number that people use.
        erp_id: The ERP's own key, when it is another one.
        generation: 1 for the record's first document, 2 for the one after a cleared ERP-ID field, and so on.
        sent_digest: Hash of what was last sent, so that nothing is sent again unchanged.
        created_at: When it was made.
        updated_at: When it last changed.
        cut_at: When it ceased to hold; None while it is live.
        cut_reason: Why.
    """

    id: int
    sync: str
    kind: str
    crm_id: str
    erp_kind: str
    erp_number: str
    erp_id: str | None
    generation: int
    sent_digest: str | None
    created_at: datetime
    updated_at: datetime
    cut_at: datetime | None
    cut_reason: str | None


def _read(connection: sa.Connection, *where: sa.ColumnElement[bool]) -> list[Link]:
    rows = connection.execute(sa.select(links).where(*where).order_by(links.c.id)).all()
    return [Link(**row._mapping) for row in rows]


def live_link(connection: sa.Connection, *, sync: str, kind: str, crm_id: str, erp_kind: str) -> Link | None:
    """The link that holds for a CRM record, or None."""
    found = [link for link in links_from(connection, sync=sync, kind=kind, crm_id=crm_id) if not link.cut_at]
    return next((link for link in found if link.erp_kind == erp_kind), None)


def links_from(connection: sa.Connection, *, sync: str, kind: str, crm_id: str) -> list[Link]:
    """Every link that a CRM record has and had, oldest first."""
    return _read(connection, links.c.sync == sync, links.c.kind == kind, links.c.crm_id == crm_id)


def links_to(
    connection: sa.Connection,
    *,
    sync: str,
    erp_kind: str,
    erp_number: str | None = None,
    erp_id: str | None = None,
) -> list[Link]:
    """The live links to an ERP record. Several CRM companies may be one customer.

    Args:
        connection: Of a transaction.
        sync: Name of the sync.
        erp_kind: What it is in the ERP.
        erp_number: Its number, or
        erp_id: the ERP's own key. One of the two is given.

    Raises:
        ValueError: Neither was given.
    """
    if (erp_number is None) == (erp_id is None):
        raise ValueError("give either erp_number or erp_id")
    same = links.c.erp_number == erp_number if erp_number is not None else links.c.erp_id == erp_id
    return _read(connection, links.c.sync == sync, links.c.erp_kind == erp_kind, same, links.c.cut_at.is_(None))


def put_link(
    connection: sa.Connection,
    *,
    sync: str,
    kind: str,
    crm_id: str,
    erp_kind: str,
    erp_number: str,
    erp_id: str | None = None,
    generation: int = 1,
    sent_digest: str | None = None,
) -> Link:
    """Make a link, or refresh the live one to the same ERP record.

    Args:
        connection: Of a writing transaction.
        sync: See `Link`, as for the others.
        kind: What it is in the CRM.
        crm_id: Its id there.
        erp_kind: What it is in the ERP.
        erp_number: Its number there.
        erp_id: The ERP's own key; None leaves a known one as it is.
        generation: Which document of the record.
        sent_digest: Hash of what was sent; None leaves a known one as it is.

    Returns:
        The live link.

    Raises:
        RecordError: The CRM record is linked to another ERP record already. That link must be cut first.
    """
    key = {"sync": sync, "kind": kind, "crm_id": crm_id, "erp_kind": erp_kind}
    at = moment(connection)
    values = {"erp_number": erp_number, "erp_id": erp_id, "generation": generation, "sent_digest": sent_digest}
    new = insert_if_new(connection, links, {**key, **values, "created_at": at, "updated_at": at})
    link = live_link(connection, sync=sync, kind=kind, crm_id=crm_id, erp_kind=erp_kind)
    if link is None:
        raise RecordError(
            f"the link of {kind} {crm_id} to an {erp_kind} was cut while it was being made.",
            record=f"{kind} {crm_id}",
            advice="Send the record again.",
        )
    if new:
        return link
    if link.erp_number != erp_number:
        raise RecordError(
            f"{kind} {crm_id} is linked to {erp_kind} {link.erp_number} already, not {erp_number}.",
            record=f"{kind} {crm_id}",
            advice="Cut that link first if it is wrong.",
        )
    changed = {
        "erp_id": erp_id or link.erp_id,
        "sent_digest": sent_digest or link.sent_digest,
        "updated_at": at,
    }
    connection.execute(sa.update(links).where(links.c.id == link.id).values(**changed))
    return _read(connection, links.c.id == link.id)[0]


def cut_link(connection: sa.Connection, link_id: int, *, reason: str) -> bool:
    """End a link; it stays as history.

    Args:
        connection: Of a writing transaction.
        link_id: `Link.id`.
        reason: Why, in words for a person.

    Returns:
        False when it had been cut already.
    """
    at = moment(connection)
    where = (links.c.id == link_id, links.c.cut_at.is_(None))
    changed = sa.update(links).where(*where).values(cut_at=at, cut_reason=reason, updated_at=at)
    return connection.execute(changed).rowcount == 1
