"""The mirror of articles: what the CRM and the ERP of a sync show of each, by its number, and what they had in common.

What a reading shows goes in here, and what it changes makes the article due: to be compared, and made equal. Only what
differs from what is known is written, so that a register that is read again costs little.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from erpcore.store.clock import moment
from erpcore.store.rows import change, insert_new
from erpcore.store.schema_mirrors import articles

ArticleSide = Literal["crm", "erp"]
"""One of the two systems of a sync."""

_SIDES: tuple[ArticleSide, ...] = ("crm", "erp")
_AT_ONCE = 500

_THESE = sa.select(articles).where(
    articles.c.sync == sa.bindparam("the_sync"), articles.c.number.in_(sa.bindparam("numbers", expanding=True))
)
_DUE = (
    sa.select(articles)
    .where(
        articles.c.sync == sa.bindparam("the_sync"), articles.c.due, articles.c.number > sa.bindparam("after_number")
    )
    .order_by(articles.c.number)
    .limit(sa.bindparam("at_most"))
)
_ALL = (
    sa.select(articles)
    .where(articles.c.sync == sa.bindparam("the_sync"), articles.c.number > sa.bindparam("after_number"))
    .order_by(articles.c.number)
    .limit(sa.bindparam("at_most"))
)


@dataclass(frozen=True)
class Half:
    """An article as one side has it. Times are aware, in UTC.

    Attributes:
        shown: The values that it shows, by canonical field; None where it has no such article.
        agreed: The values that it showed when the two were last equal; empty before the first time.
        gone: Whether it had the article and has it no more.
        key: Its own key of the article.
        changed_at: When it was last changed there; None where that is not told.
        read_at: When the reading began that showed it last.
    """

    shown: Mapping[str, Any] | None = None
    agreed: Mapping[str, Any] = field(default_factory=dict)
    gone: bool = False
    key: str | None = None
    changed_at: datetime | None = None
    read_at: datetime | None = None


@dataclass(frozen=True)
class MirroredArticle:
    """An article of a sync. Times are aware, in UTC.

    Attributes:
        sync: Name of the sync.
        number: Its number, the same on both sides.
        halves: What each side has.
        due: Whether it is to be compared.
        troubled: Whether its last handling failed or asks a person, so that only runs handle it.
        chosen: The side that counts where the rules ask a person, by the person's answer.
        sending_at: When its making was begun on a side, if no answer to that is known.
    """

    sync: str
    number: str
    halves: Mapping[ArticleSide, Half]
    due: bool
    troubled: bool
    chosen: ArticleSide | None
    sending_at: datetime | None


@dataclass(frozen=True)
class ShownArticle:
    """An article as a reading showed it.

    Attributes:
        number: Its number.
        values: What it shows, by canonical field.
        key: The side's own key of it.
        changed_at: When it was last changed there, aware; None where that is not told.
    """

    number: str
    values: Mapping[str, Any]
    key: str | None = None
    changed_at: datetime | None = None


def article_list(sync: str) -> str:
    """Name the list of articles of a sync, under which cursors are kept (`erpcore.store.put_cursor`).

    Args:
        sync: Name of the sync.
    """
    return f"articles {sync}"


def note_shown(
    connection: sa.Connection,
    sync: str,
    side: ArticleSide,
    shown: Sequence[ShownArticle],
    *,
    read_at: datetime,
    whole: bool,
) -> int:
    """Note what a page of a reading showed; what differs from what is known makes the article due.

    Where a side has two articles of one number, the one that a reading shows first counts.

    Args:
        connection: Of a writing transaction.
        sync: Name of the sync.
        side: Which side was read.
        shown: Its articles.
        read_at: When the reading began, aware.
        whole: Whether the reading shows all articles, so that those that it does not show are gone at its end.

    Returns:
        How many are due by it.
    """
    count = 0
    for start in range(0, len(shown), _AT_ONCE):
        portion = shown[start : start + _AT_ONCE]
        known = get_articles(connection, sync, [article.number for article in portion])
        for article in portion:
            held = known.get(article.number)
            half = Half() if held is None else held.halves[side]
            if half.read_at == read_at and half.key != article.key:
                continue
            told = article.values
            seen = Half(told, half.agreed, key=article.key, changed_at=article.changed_at, read_at=read_at)
            differs = half.gone or half.shown is None or dict(half.shown) != dict(told)
            if differs or whole:
                _put_half(connection, sync, article.number, side, seen, new=held is None, due=differs)
            count += differs
            known[article.number] = _with_half(held, sync, article.number, side, seen)
    return count


def note_whole(connection: sa.Connection, sync: str, side: ArticleSide, *, read_at: datetime) -> int:
    """Note at the end of a reading of all articles that those are gone which it did not show.

    Args:
        connection: Of a writing transaction.
        sync: Name of the sync.
        side: Which side was read.
        read_at: When the reading began, aware.

    Returns:
        How many are gone.
    """
    seen, gone = articles.c[f"{side}_read_at"], articles.c[f"{side}_gone"]
    missing = (articles.c.sync == sync, articles.c[side].is_not(None), ~gone, sa.or_(seen.is_(None), seen < read_at))
    return connection.execute(sa.update(articles).where(*missing).values({gone: True, "due": True})).rowcount


def get_articles(connection: sa.Connection, sync: str, numbers: Sequence[str]) -> dict[str, MirroredArticle]:
    """Give articles by their numbers; those that are not known are left out.

    Args:
        connection: Of a transaction.
        sync: Name of the sync.
        numbers: At most some hundreds.
    """
    found = connection.execute(_THESE, {"the_sync": sync, "numbers": list(numbers)})
    return {row.number: _mirrored(row) for row in found.all()}


def due_articles(connection: sa.Connection, sync: str, *, after: str = "", limit: int = 100) -> list[MirroredArticle]:
    """Give articles that are to be compared, in the order of their numbers.

    Args:
        connection: Of a transaction.
        sync: Name of the sync.
        after: Only those with a greater number.
        limit: At most so many.
    """
    given = {"the_sync": sync, "after_number": after, "at_most": limit}
    return [_mirrored(row) for row in connection.execute(_DUE, given).all()]


def count_troubled(connection: sa.Connection, sync: str) -> int:
    """How many articles of a sync are left to runs.

    Args:
        connection: Of a transaction.
        sync: Name of the sync.
    """
    counted = sa.select(sa.func.count()).select_from(articles).where(articles.c.sync == sync, articles.c.troubled)
    return int(connection.execute(counted).scalar_one())


def list_articles(connection: sa.Connection, sync: str, *, after: str = "", limit: int = 100) -> list[MirroredArticle]:
    """Give articles, in the order of their numbers; arguments as for `due_articles`."""
    given = {"the_sync": sync, "after_number": after, "at_most": limit}
    return [_mirrored(row) for row in connection.execute(_ALL, given).all()]


def note_making(connection: sa.Connection, sync: str, numbers: Sequence[str]) -> None:
    """Note that articles are about to be made on a side, before they are: who finds this looks and waits first.

    Args:
        connection: Of a writing transaction.
        sync: Name of the sync.
        numbers: Their numbers.
    """
    for number in numbers:
        change(connection, articles, {"sync": sync, "number": number}, {"sending_at": moment(connection)})


def note_equal(
    connection: sa.Connection,
    article: MirroredArticle,
    shown: Mapping[ArticleSide, Mapping[str, Any] | None],
    agreed: Mapping[ArticleSide, Mapping[str, Any]],
    made: Collection[ArticleSide] = (),
) -> None:
    """Note that the two sides of an article are equal now, as far as the rules say.

    Args:
        connection: Of a writing transaction.
        article: As it was compared.
        shown: What each side shows now.
        agreed: What of that the next comparison begins from.
        made: The sides on which it was made just now. A reading that began before cannot tell that it is gone.
    """
    values: dict[str, Any] = {"due": False, "troubled": False, "chosen": None, "sending_at": None}
    for side in _SIDES:
        values |= {side: shown[side], f"{side}_agreed": dict(agreed[side])}
        if side in made:
            values |= {f"{side}_gone": False, f"{side}_read_at": moment(connection)}
    change(connection, articles, {"sync": article.sync, "number": article.number}, values)


def note_gone(connection: sa.Connection, sync: str, number: str, side: ArticleSide) -> None:
    """Note that a side does not have an article any more, which a list of changes does not tell; it is compared anew.

    Args:
        connection: Of a writing transaction.
        sync: Name of the sync.
        number: The article's number.
        side: Where it was deleted.
    """
    change(connection, articles, {"sync": sync, "number": number}, {f"{side}_gone": True, "due": True})


def note_trouble(connection: sa.Connection, sync: str, number: str) -> None:
    """Note that an article's handling failed or asks a person: from now on a run handles it.

    Args:
        connection: Of the writing transaction that opens the run.
        sync: Name of the sync.
        number: The article's number.
    """
    change(connection, articles, {"sync": sync, "number": number}, {"due": False, "troubled": True})


def choose_side(connection: sa.Connection, sync: str, number: str, side: ArticleSide) -> bool:
    """Note a person's answer which side of an article counts.

    Args:
        connection: Of the writing transaction that sends the run again.
        sync: Name of the sync.
        number: The article's number.
        side: The side that counts.

    Returns:
        False when no such article is known.
    """
    changed = change(connection, articles, {"sync": sync, "number": number}, {"chosen": side})
    return changed.rowcount == 1


def forget_articles(connection: sa.Connection, syncs: Sequence[str]) -> int:
    """Forget the mirrors of syncs, whose connections are other companies' accounts from now on.

    Args:
        connection: Of a writing transaction.
        syncs: Names of the syncs.

    Returns:
        How many articles were forgotten.
    """
    return connection.execute(sa.delete(articles).where(articles.c.sync.in_(syncs))).rowcount


def _put_half(
    connection: sa.Connection, sync: str, number: str, side: ArticleSide, half: Half, *, new: bool, due: bool
) -> None:
    values: dict[str, Any] = {
        side: dict(half.shown or {}),
        f"{side}_key": half.key,
        f"{side}_changed_at": half.changed_at,
        f"{side}_read_at": half.read_at,
        f"{side}_gone": False,
    }
    if due:
        values["due"] = True
    key = {"sync": sync, "number": number}
    if not new or insert_new(connection, articles, {**key, "due": due, "troubled": False, **values}) is None:
        change(connection, articles, key, values)


def _with_half(held: MirroredArticle | None, sync: str, number: str, side: ArticleSide, half: Half) -> MirroredArticle:
    if held is not None:
        return replace(held, halves={**held.halves, side: half})
    halves: dict[ArticleSide, Half] = {each: half if each == side else Half() for each in _SIDES}
    return MirroredArticle(sync, number, halves, due=True, troubled=False, chosen=None, sending_at=None)


def _mirrored(row: sa.Row[Any]) -> MirroredArticle:
    found = row._mapping
    halves: dict[ArticleSide, Half] = {
        side: Half(
            found[side],
            found[f"{side}_agreed"] or {},
            gone=found[f"{side}_gone"],
            key=found[f"{side}_key"],
            changed_at=found[f"{side}_changed_at"],
            read_at=found[f"{side}_read_at"],
        )
        for side in _SIDES
    }
    return MirroredArticle(row.sync, row.number, halves, row.due, row.troubled, row.chosen, row.sending_at)
