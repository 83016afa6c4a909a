"""The life of a deal's run in few words."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from erpcore.errors import UnavailableError
from erpcore.problem import Problem
from erpcore.store import Run, finish_run, keep_waiting, open_run, put_event, take_run


def put_won(connection: Connection, key: str, record_id: str = "1") -> bool:
    """Put in that a deal was won; whether it was new."""
    return put_event(
        connection,
        source="crm",
        event_key=key,
        kind="deal.won",
        record_kind="deal",
        record_id=record_id,
        payload={"id": record_id},
    )[1]


def open_deal(connection: Connection, record_id: str = "1", sync: str = "s") -> tuple[Run, bool]:
    """Open the run of a deal; whether it is new."""
    return open_run(connection, sync=sync, source="crm", target="erp", record_kind="deal", record_id=record_id)


def take(connection: Connection, run: Run, attempt: int = 1, worker: str = "w") -> Run:
    """Take a run."""
    taken = take_run(connection, run.id, attempt, worker=worker)
    assert taken is not None
    return taken


def wait(connection: Connection, run: Run) -> None:
    """Keep a run waiting, for an outage."""
    away = Problem.of(UnavailableError("away"))
    keep_waiting(connection, run.id, resume_at=run.queued_at, summary=away.text, problem=away)


def finish(connection: Connection, run: Run, **more: Any) -> bool:
    """End a run, as done unless `more` says otherwise."""
    return finish_run(connection, run.id, **{"state": "done", "summary": "order 17", **more})
