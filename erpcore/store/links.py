"""Links: this record of the source is that record of the target.

The link outlives the field in which the source keeps the number. A link that no longer holds is cut, not deleted: its
history says why a deal got a second document.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa

from erpcore.errors import RecordError
from erpcore.store.clock import moment, timed
from erpcore.store.invoice_owners import tie_customer
from erpcore.store.rows import find, insert_of
from erpcore.store.schema import links

_JUST_MADE = timedelta(seconds=1)
"""A link that is not refreshed but new: PostgreSQL takes the time of its two columns one after the other."""


@dataclass(frozen=True)
class Link:
    """One link. Times are aware, in UTC.

    Args:
        id: Our own number of it.
        sync: Name of the sync.
        source_kind: What it is in the source, such as ``company`` or ``deal``.
        source_id: Its id there.
        target_kind: What it is in the target, such as ``customer``, ``order``, ``invoice``.
        number: The number that people use there.
        key: The target's own key, when it is another one.
        generation: 1 for the record's first document, 2 for the one after a cleared ERP-ID field, and so on.
        sent_digest: Hash of what was last sent, so that nothing is sent again unchanged.
        known_as: What the target calls its record, such as its ``name``: a number may be given to another one later.
        told_at: When the source was last told the number; only what was read later can show that it was cleared.
        created_at: When it was made.
        updated_at: When it last changed.
        cut_at: When it ceased to hold; None while it is live.
        cut_reason: Why.
    """

    id: int
    sync: str
    source_kind: str
    source_id: str
    target_kind: str
    number: str
    key: str | None
    generation: int
    sent_digest: str | None
    known_as: Mapping[str, str] | None
    told_at: datetime | None
    created_at: datetime
    updated_at: datetime
    cut_at: datetime | None
    cut_reason: str | None


def live_link(
    connection: sa.Connection, *, sync: str, source_kind: str, source_id: str, target_kind: str
) -> Link | None:
    """The link that holds for a record of the source, or None."""
    found = links_from(connection, sync=sync, source_kind=source_kind, source_id=source_id)
    return next((link for link in found if link.target_kind == target_kind and not link.cut_at), None)


def live_links(
    connection: sa.Connection, *, sync: str, source_kind: str, target_kind: str, source_ids: Sequence[str]
) -> dict[str, Link]:
    """The links that hold for some records of the source, by the records' ids there; a few hundred at once."""
    same = {"sync": sync, "source_kind": source_kind, "target_kind": target_kind, "cut_at": None}
    where = [links.c[name].is_not_distinct_from(value) for name, value in same.items()]
    found = connection.execute(sa.select(links).where(*where, links.c.source_id.in_(source_ids)))
    return {row.source_id: Link(**row._mapping) for row in found}


def links_from(connection: sa.Connection, *, sync: str, source_kind: str, source_id: str) -> list[Link]:
    """Every link that a record of the source has and had, oldest first."""
    found = find(connection, links, {"sync": sync, "source_kind": source_kind, "source_id": source_id})
    return [Link(**row._mapping) for row in found.all()]


def links_to(connection: sa.Connection, *, sync: str, target_kind: str, number: str) -> list[Link]:
    """Every live link of a sync to a record of the target, oldest first."""
    found = find(connection, links, {"sync": sync, "target_kind": target_kind, "number": number})
    return [link for link in (Link(**row._mapping) for row in found.all()) if link.cut_at is None]


def links_after(
    connection: sa.Connection, after: int, limit: int, *, sync: str, source_kind: str, target_kind: str
) -> list[Link]:
    """The live links of a kind that a sync has, in the order in which they were made.

    Args:
        connection: Of a transaction.
        after: `Link.id` of the last one that is left out; 0 for none.
        limit: How many at most.
        sync: Name of the sync.
        source_kind: What it is in the source.
        target_kind: What it is in the target.
    """
    same = (links.c.sync == sync, links.c.source_kind == source_kind, links.c.target_kind == target_kind)
    chosen = sa.select(links).where(*same, links.c.cut_at.is_(None), links.c.id > after)
    found = connection.execute(chosen.order_by(links.c.id).limit(limit))
    return [Link(**row._mapping) for row in found.all()]


def put_link(
    connection: sa.Connection,
    *,
    sync: str,
    source_kind: str,
    source_id: str,
    target_kind: str,
    number: str,
    key: str | None = None,
    generation: int = 1,
    sent_digest: str | None = None,
    known_as: Mapping[str, str] | None = None,
    told: bool = False,
    instead: Callable[[Link], str] | None = None,
) -> Link:
    """Make a link, or refresh the live one to the same record of the target. A customer's invoices go along.

    Args:
        connection: Of a writing transaction.
        sync: See `Link`, as for the others.
        source_kind: What it is in the source.
        source_id: Its id there.
        target_kind: What it is in the target.
        number: Its number there. The live link follows it when the key says that it is the same record.
        key: The target's own key; None leaves a known one as it is.
        generation: Which document of the record.
        sent_digest: Hash of what was sent; None leaves a known one as it is.
        known_as: What the target calls the record; None leaves what is known as it is.
        told: Whether the source has just been told the number.
        instead: Says why the link takes the place of a live one to another record, which is cut.

    Returns:
        The live link.

    Raises:
        RecordError: The record is linked to another one already, and nothing says why that should end.
    """
    same = {"sync": sync, "source_kind": source_kind, "source_id": source_id, "target_kind": target_kind}
    values: dict[str, Any] = {"number": number, "key": key, "generation": generation, "sent_digest": sent_digest}
    values["known_as"] = known_as
    build = _put_told if told else _put
    put = timed(connection, build(connection.dialect.name), {**same, **values}).one_or_none()
    if put is None and instead is not None and (link := live_link(connection, **same)) is not None:
        cut_link(connection, link.id, reason=instead(link))
        put = timed(connection, build(connection.dialect.name), {**same, **values}).one_or_none()
    if put is not None:
        link = Link(**put._mapping)
        if target_kind == "customer" and link.updated_at - link.created_at < _JUST_MADE:
            tie_customer(connection, sync, number, source_id)
        return link
    if (link := live_link(connection, **same)) is None:
        raise RecordError(
            f"the link of {source_kind} {source_id} to an {target_kind} was cut while it was being made.",
            record=f"{source_kind} {source_id}",
            advice="Send the record again.",
        )
    raise RecordError(
        f"{source_kind} {source_id} is linked to {target_kind} {link.number} already, not {number}.",
        record=f"{source_kind} {source_id}",
        advice="Cut that link first if it is wrong.",
    )


@cache
def _put(dialect: str) -> Callable[[sa.ColumnElement[datetime]], Any]:
    return lambda at: _upsert(dialect, {"created_at": at, "updated_at": at})


@cache
def _put_told(dialect: str) -> Callable[[sa.ColumnElement[datetime]], Any]:
    return lambda at: _upsert(dialect, {"created_at": at, "updated_at": at, "told_at": at})


def _upsert(dialect: str, times: Mapping[str, sa.ColumnElement[datetime]]) -> Any:
    """Insert a live link, or refresh the one to the same record; where there is one to another record, do nothing.

    It is the same by its key, where both are known, else by its number.
    """
    made = insert_of(dialect)(links).values(times)
    new = made.excluded
    both_keyed = sa.and_(links.c.key.is_not(None), new.key.is_not(None))
    refreshed = {
        "number": new.number,
        "key": sa.func.coalesce(new.key, links.c.key),
        "sent_digest": sa.func.coalesce(new.sent_digest, links.c.sent_digest),
        "known_as": sa.func.coalesce(new.known_as, links.c.known_as),
        "updated_at": new.updated_at,
        "told_at": sa.func.coalesce(new.told_at, links.c.told_at),
    }
    return made.on_conflict_do_update(
        index_elements=["sync", "source_kind", "source_id", "target_kind"],
        index_where=links.c.cut_at.is_(None),
        set_=refreshed,
        where=sa.case((both_keyed, links.c.key == new.key), else_=links.c.number == new.number),
    ).returning(links)


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


def forget_known_as(connection: sa.Connection, link_id: int) -> None:
    """Forget what the target calls a link's record, so that what it is called next is believed.

    Args:
        connection: Of a writing transaction.
        link_id: `Link.id`.
    """
    at = moment(connection)
    connection.execute(sa.update(links).where(links.c.id == link_id).values(known_as=None, updated_at=at))
