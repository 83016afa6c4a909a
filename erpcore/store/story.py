"""The story of a run: what was done and seen, in words for a person. Lines are added, never changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from erpcore.store.clock import moment, timed
from erpcore.store.rows import add_all, find
from erpcore.store.schema import runs, story


@dataclass(frozen=True)
class StoryLine:
    """One line.

    Args:
        id: Our own number of it.
        run_id: Number of the run.
        at: When, aware, in UTC.
        kind: What sort of line, such as ``step``, ``loss``, ``request``, ``error``.
        text: In words.
        data: What a page may show beside it.
    """

    id: int
    run_id: int
    at: datetime
    kind: str
    text: str
    data: Any


_LINE: dict[str, sa.BindParameter[Any]] = {
    name: sa.bindparam(f"the_{name}", type_=story.c[name].type) for name in ("run_id", "kind", "text", "data")
}


def _line_unless_told(at: sa.ColumnElement[datetime]) -> sa.Insert:
    told = sa.exists().where(*(story.c[name] == _LINE[name] for name in ("run_id", "kind", "text")))
    line = sa.select(*(given.label(name) for name, given in _LINE.items()), at.label("at")).where(~told)
    return sa.insert(story).from_select([*_LINE, "at"], line)


def tell(connection: sa.Connection, run_id: int, kind: str, text: str, data: Any = None) -> None:
    """Add a line to a run's story.

    Args:
        connection: Of a writing transaction.
        run_id: Number of the run.
        kind: What sort of line.
        text: In words for a person, without secrets.
        data: JSON values, Decimal.
    """
    tell_all(connection, run_id, [(kind, text, data)])


def tell_all(connection: sa.Connection, run_id: int, lines: Sequence[tuple[str, str, Any]]) -> None:
    """Add lines to a run's story, in one statement.

    Args:
        connection: Of a writing transaction.
        run_id: Number of the run.
        lines: Kind, text and data of each, as for `tell`.
    """
    at = moment(connection) if lines else None
    add_all(
        connection,
        story,
        [{"run_id": run_id, "kind": kind, "text": text, "data": data, "at": at} for kind, text, data in lines],
    )


def tell_once(connection: sa.Connection, run_id: int, lines: Sequence[tuple[str, str, Any]]) -> None:
    """Add lines to a run's story, leaving out those that stand there already from an earlier attempt.

    Args:
        connection: Of a writing transaction.
        run_id: Number of the run.
        lines: Kind, text and data of each, as for `tell`.
    """
    given = [{"the_run_id": run_id, "the_kind": kind, "the_text": text, "the_data": data} for kind, text, data in lines]
    if given:
        timed(connection, _line_unless_told, *given)


def last_line(
    connection: sa.Connection, kind: str, *, sync: str, record_kind: str, record_id: str
) -> Mapping[str, Any] | None:
    """What stands beside the last line of a kind in the story of a record; None without any.

    Args:
        connection: Of a transaction.
        kind: Which sort of line.
        sync: Name of the sync.
        record_kind: What the record is.
        record_id: Its id in the source.
    """
    same = (runs.c.sync == sync, runs.c.record_kind == record_kind, runs.c.record_id == record_id)
    of_kind = sa.select(story.c.data).join(runs, runs.c.id == story.c.run_id).where(*same, story.c.kind == kind)
    found: Mapping[str, Any] | None = connection.execute(of_kind.order_by(story.c.id.desc()).limit(1)).scalar()
    return found


def story_of_run(connection: sa.Connection, run_id: int) -> list[StoryLine]:
    """The lines of one run, oldest first."""
    return [StoryLine(**row._mapping) for row in find(connection, story, {"run_id": run_id}).all()]


def story_of_record(connection: sa.Connection, *, sync: str, record_kind: str, record_id: str) -> list[StoryLine]:
    """The lines of every run of a record, oldest first."""
    same = (runs.c.sync == sync, runs.c.record_kind == record_kind, runs.c.record_id == record_id)
    statement = sa.select(story).join(runs).where(*same).order_by(story.c.id)
    return [StoryLine(**row._mapping) for row in connection.execute(statement).all()]
