"""The story of a run: what was done and seen, in words for a person. Lines are added, never changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from erpcore.store.clock import moment
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


def tell(connection: sa.Connection, run_id: int, kind: str, text: str, data: Any = None) -> None:
    """Add a line to a run's story.

    Args:
        connection: Of a writing transaction.
        run_id: Number of the run.
        kind: What sort of line.
        text: In words for a person, without secrets.
        data: JSON values, Decimal.
    """
    values = {"run_id": run_id, "kind": kind, "text": text, "data": data}
    connection.execute(sa.insert(story).values(**values, at=moment(connection)))


def tell_once(connection: sa.Connection, run_id: int, lines: Sequence[tuple[str, str, Any]]) -> None:
    """Add lines to a run's story, leaving out those that stand there already from an earlier attempt.

    Args:
        connection: Of a writing transaction.
        run_id: Number of the run.
        lines: Kind, text and data of each, as for `tell`.
    """
    if len(lines) == 1:
        _tell_one_once(connection, run_id, *lines[0])
        return
    # Not the story as a whole: it may be long, and every step adds to it.
    kept = sa.select(story.c.kind, story.c.text).where(
        story.c.run_id == run_id, story.c.kind.in_({kind for kind, _, _ in lines})
    )
    told = {(row.kind, row.text) for row in connection.execute(kept)}
    new = []
    for kind, text, data in lines:
        if (kind, text) not in told:
            told.add((kind, text))
            new.append({"run_id": run_id, "kind": kind, "text": text, "data": data})
    if new:
        connection.execute(sa.insert(story).values(at=moment(connection)), new)


def _tell_one_once(connection: sa.Connection, run_id: int, kind: str, text: str, data: Any) -> None:
    """Look and add in one statement."""
    kept = sa.exists().where(story.c.run_id == run_id, story.c.kind == kind, story.c.text == text)
    values = {"run_id": run_id, "kind": kind, "text": text, "data": data}
    new = [sa.literal(value, story.c[name].type).label(name) for name, value in values.items()]
    line = sa.select(*new, moment(connection).label("at")).where(~kept)
    connection.execute(sa.insert(story).from_select([*values, "at"], line))


def story_of_run(connection: sa.Connection, run_id: int) -> list[StoryLine]:
    """The lines of one run, oldest first."""
    statement = sa.select(story).where(story.c.run_id == run_id).order_by(story.c.id)
    return [StoryLine(**row._mapping) for row in connection.execute(statement).all()]


def story_of_record(connection: sa.Connection, *, sync: str, record_kind: str, record_id: str) -> list[StoryLine]:
    """The lines of every run of a record, oldest first."""
    same = (runs.c.sync == sync, runs.c.record_kind == record_kind, runs.c.record_id == record_id)
    statement = sa.select(story).join(runs).where(*same).order_by(story.c.id)
    return [StoryLine(**row._mapping) for row in connection.execute(statement).all()]
