"""How erpcore does, in sentences with a weight: the head of `erpcore status`, and what its exit code stands for."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from erpcore.settings import WorkerSettings
from erpcore.store import Health, Pulse, What, Worker

Level = Literal["well", "warning", "critical"]
"""Whether a thing is as it should be; needs somebody; or keeps erpcore from working."""

EXIT_CODES: dict[Level, int] = {"well": 0, "warning": 1, "critical": 2}
"""As Nagios and its kin read them."""

_STALE = timedelta(minutes=10)
_ROOM = 50 * 2**20
"""Bytes of free disk below which a SQLite store is about to stop."""


@dataclass(frozen=True)
class Sign:
    """One thing that was looked at.

    Attributes:
        subject: What: ``worker``, the name of a connection or a listener, ``disk``, ``mail``, ``records``, ``queue``.
        level: How it does.
        text: The same in words, to stand behind the subject.
        since: Since when; None where that means nothing.
    """

    subject: str
    level: Level
    text: str
    since: datetime | None = None


_FAILS: Mapping[What, str] = {
    "feed": "its feed cannot be read",
    "requests": "requests fail",
    "invoices": "its invoices cannot be brought home",
    "articles": "its articles cannot be kept equal",
    "registers": "its registers cannot be brought to the CRM",
}


def signs(health: Health, settings: WorkerSettings, connections: Collection[str], store: Path | None) -> list[Sign]:
    """Say how everything does.

    Args:
        health: What the store knows.
        settings: When a worker is dead.
        connections: Names of the connections that the syncs use.
        store: The SQLite file; None on PostgreSQL.
    """
    working = [worker for worker in health.workers if is_alive(worker, health.at, settings)]
    found = list(_workers(health, working))
    found += [_connection(health, name, is_read=bool(working)) for name in connections]
    found += [Sign("limit", "well", f"{key} is paused by the vendor", until) for key, until in health.paused.items()]
    if store is not None and (free := shutil.disk_usage(store.parent).free) < _ROOM:
        found.append(Sign("disk", "critical", f"is full: {free // 2**20} MB are left for {store.name}"))
    found += list(_unsent(health))
    found.append(_records(health))
    return found


def worst(found: Collection[Sign]) -> Level:
    """Give the heaviest level of some signs."""
    levels = [sign.level for sign in found]
    return "critical" if "critical" in levels else "warning" if "warning" in levels else "well"


def is_alive(worker: Worker, at: datetime, settings: WorkerSettings) -> bool:
    """Tell whether a worker is at work, by its last sign of life.

    Args:
        worker: The worker.
        at: The present, by the store's clock.
        settings: When one is dead.
    """
    silent = at - worker.beat_at
    return (
        worker.stopped_at is None
        and worker.claimed_at is None
        and silent < timedelta(seconds=settings.dead_after_seconds)
    )


def _workers(health: Health, working: Collection[Worker]) -> Iterator[Sign]:
    for worker in working:
        yield Sign("worker", "well", f"{worker.executor_id} is alive", worker.started_at)
    if working:
        return
    if not health.workers:
        yield Sign("worker", "critical", "has never run: erpcore run")
        return
    last = max(health.workers, key=lambda worker: worker.beat_at)
    how = "was stopped" if last.stopped_at is not None else "gives no sign of life"
    yield Sign(
        "worker",
        "critical",
        f"{last.executor_id} {how}: nothing is sent until erpcore run",
        last.stopped_at or last.beat_at,
    )


def _connection(health: Health, name: str, *, is_read: bool) -> Sign:
    """Say how a connection does: the heaviest thing first."""
    if name in health.dead_grants:
        since, reason = health.dead_grants[name]
        return Sign(name, "critical", f"needs consent: erpcore connect {name} [{reason}]", since)
    pulses = {pulse.what: pulse for pulse in health.pulses if pulse.connection == name}
    for pulse in pulses.values():
        if pulse.failing_since is not None:
            thing = _FAILS[pulse.what]
            why = "" if pulse.problem is None else f": {pulse.problem.message}"
            return Sign(name, "critical", f"{thing}{why}", pulse.failing_since)
    feed = pulses.get("feed")
    if is_read and feed is not None and feed.well_at is not None and health.at - feed.well_at > _STALE:
        return Sign(name, "warning", "its feed has not been read for long", feed.well_at)
    well = [pulse.well_at for pulse in pulses.values() if pulse.well_at is not None]
    return Sign(name, "well", _last(pulses.get("feed"), pulses.get("requests")), max(well, default=None))


def _last(feed: Pulse | None, requests: Pulse | None) -> str:
    if feed is not None and feed.well_at is not None:
        return "feed was read"
    return "answered" if requests is not None and requests.well_at is not None else "was not used yet"


def _unsent(health: Health) -> Iterator[Sign]:
    for each in health.unsent:
        subject = "mail" if each.channel == "mail" else each.address
        many = "1 message waits" if each.count == 1 else f"{each.count} messages wait"
        yield Sign(subject, "warning", f"{many}, and could not be sent: {each.error}", each.since)


def _records(health: Health) -> Sign:
    needing = sum(health.counts.get(state, 0) for state in ("failed", "uncertain"))
    told = ", ".join(f"{count} {state.replace('_', ' ')}" for state, count in health.counts.items()) or "none yet"
    return Sign("records", "warning" if needing else "well", told)
