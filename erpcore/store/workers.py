"""Workers: who is alive, and who takes over the work of one that is not.

DBOS gives a restarted worker its own work back, but nobody takes over that of a worker that never
returns. So each worker writes a heartbeat, and one of the living claims the dead.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from erpcore.errors import ConfigurationError
from erpcore.store.clock import now
from erpcore.store.database import Store
from erpcore.store.rows import put
from erpcore.store.schema import workers


@dataclass(frozen=True)
class Worker:
    """One worker. Times are aware, in UTC.

    Args:
        executor_id: Its stable name in DBOS.
        host: Machine.
        pid: Process.
        started_at: When it started.
        beat_at: When it last said that it lives.
        stopped_at: When it stopped in good order.
        claimed_by: Who takes over its work.
        claimed_at: Since when.
        taken_over_at: When that was finished.
    """

    executor_id: str
    host: str
    pid: int
    started_at: datetime
    beat_at: datetime
    stopped_at: datetime | None
    claimed_by: str | None
    claimed_at: datetime | None
    taken_over_at: datetime | None


def lock_file(store: Path) -> Path:
    """The file that the worker on a SQLite store holds."""
    return store.with_name(f"{store.name}.lock")


@contextmanager
def sole_worker(store: Store) -> Iterator[None]:
    """Hold the right to work on this store inside the block.

    A SQLite file takes one worker: two of them doubled the engine's limit per connection when it was measured. On
    PostgreSQL there may be many, and nothing is held.

    Raises:
        ConfigurationError: Another process works on the file.
    """
    if store.path is None:
        yield
        return
    from filelock import FileLock, Timeout

    lock = FileLock(lock_file(store.path), timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise ConfigurationError(
            f"another worker is running on {store.path}; a SQLite store takes one.",
            setting="store",
            advice="Stop the other one, or use PostgreSQL for several workers.",
        ) from error
    try:
        yield
    finally:
        lock.release()


def register_worker(connection: sa.Connection, executor_id: str, *, host: str, pid: int) -> None:
    """A worker starts, or starts again under its name."""
    at = now(connection)
    fresh = {"stopped_at": None, "claimed_by": None, "claimed_at": None, "taken_over_at": None}
    values = {"executor_id": executor_id, "host": host, "pid": pid, "started_at": at, "beat_at": at}
    put(connection, workers, {**values, **fresh})


def beat(connection: sa.Connection, executor_id: str) -> bool:
    """A worker says that it lives.

    Returns:
        False when it has been taken for dead: its work is another's now, so it must stop and start anew.
    """
    alive = (workers.c.executor_id == executor_id, workers.c.claimed_at.is_(None))
    changed = sa.update(workers).where(*alive).values(beat_at=now(connection))
    return connection.execute(changed).rowcount == 1


def stop_worker(connection: sa.Connection, executor_id: str) -> None:
    """A worker stops in good order; what it leaves waits for its return, or is taken over as well."""
    changed = sa.update(workers).where(workers.c.executor_id == executor_id)
    connection.execute(changed.values(stopped_at=now(connection)))


def claim_dead(connection: sa.Connection, *, claimer: str, older_than: timedelta) -> list[Worker]:
    """Take the workers that have not been heard of; each goes to one claimer.

    A claimer that dies before `finish_takeover` loses its claim after the same time.

    Args:
        connection: Of a writing transaction; commit before taking over.
        claimer: `Worker.executor_id` of the caller, which is never claimed here.
        older_than: Silence after which a worker counts as dead; several heartbeats long.

    Returns:
        Whose work the caller must take over.
    """
    at = now(connection)
    # A clock that was set back: without this, a worker that died before would live on for as long.
    ahead = sa.update(workers).where(workers.c.beat_at > at)
    connection.execute(ahead.values(beat_at=at))
    dead = sa.update(workers).where(*_dead(at, claimer, older_than))
    statement = dead.values(claimed_by=claimer, claimed_at=at).returning(workers)
    return [Worker(**row._mapping) for row in connection.execute(statement).all()]


def is_anybody_dead(connection: sa.Connection, *, claimer: str, older_than: timedelta) -> bool:
    """Tell whether `claim_dead` would change anything; a look that writes nothing.

    Args:
        connection: Of a transaction.
        claimer: See `claim_dead`, as for the other.
        older_than: Silence after which a worker counts as dead.
    """
    at = now(connection)
    either = sa.or_(workers.c.beat_at > at, sa.and_(*_dead(at, claimer, older_than)))
    return connection.execute(sa.select(workers.c.executor_id).where(either).limit(1)).first() is not None


def _dead(at: datetime, claimer: str, older_than: timedelta) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        workers.c.executor_id != claimer,
        workers.c.beat_at < at - older_than,
        workers.c.taken_over_at.is_(None),
        sa.or_(workers.c.claimed_at.is_(None), workers.c.claimed_at < at - older_than),
    )


def finish_takeover(connection: sa.Connection, executor_id: str, *, claimer: str) -> bool:
    """The work of a dead worker is in hand; False when the claim has gone to somebody else meanwhile."""
    mine = (workers.c.executor_id == executor_id, workers.c.claimed_by == claimer)
    changed = sa.update(workers).where(*mine).values(taken_over_at=now(connection))
    return connection.execute(changed).rowcount == 1


def list_workers(connection: sa.Connection) -> list[Worker]:
    """Every worker that is known, by name."""
    rows = connection.execute(sa.select(workers).order_by(workers.c.executor_id)).all()
    return [Worker(**row._mapping) for row in rows]
