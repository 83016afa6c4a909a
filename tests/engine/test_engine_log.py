"""What the log says: one line per outcome of a run, and quiet while a system or the store is away."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from erpcore.engine.attempts import Attempts
from erpcore.engine.requests import observe
from erpcore.engine.troubles import Troubles
from erpcore.errors import MissingRecordError, UnavailableError
from erpcore.host import SYSTEM_CLOCK, Clock, Exchange
from erpcore.logs import JsonLines
from erpcore.settings import WorkerSettings
from erpcore.store import Store, list_records, open_run, open_store, read_health
from erpcore.sync.flow import Ending


class Flow:
    """Ends as a test says, after one request to the ERP."""

    def __init__(self) -> None:
        self.ends: Exception | None = None

    def carry_out(self, run: Any, *, look_again: Any) -> Ending:
        at = SYSTEM_CLOCK.now()
        observe(
            Exchange(
                connection="books",
                at=at,
                method="GET",
                path="/3/orders",
                write=False,
                left=True,
                ok=self.ends is None,
                status=200 if self.ends is None else None,
                milliseconds=1,
            )
        )
        if self.ends is not None:
            raise self.ends
        return Ending("done", "Order 1001.", {})

    def tell_failure(self, run: Any, problem: Any) -> None:
        """Nobody is told."""


class Queue:
    def enqueue(self, connection: Any, run: Any, *, attempt: int, delay_seconds: float = 0.0) -> None:
        """Nothing waits."""

    def drop(self, run: Any) -> None:
        """Nothing waits."""


@pytest.fixture
def store(tmp_path: Path) -> Any:
    opened = open_store(f"sqlite:///{tmp_path / 'erpcore.db'}", synchronous="NORMAL")
    yield opened
    opened.close()


@pytest.fixture
def attempt(store: Store) -> Callable[[Exception | None], str]:
    """Have one more attempt at the deal end so."""
    flow = Flow()
    attempts = Attempts(store, Queue(), lambda sync, kind: flow, WorkerSettings(), "w")

    def carry_out(ends: Exception | None = None) -> str:
        flow.ends = ends
        with store.begin() as connection:
            run, _ = open_run(
                connection, sync="won", source="lime", target="books", record_kind="deal", record_id="850000"
            )
        return attempts.carry_out(run.id, 1)

    return carry_out


def lines(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    return [(record.levelname, record.getMessage()) for record in caplog.records if record.name.startswith("erpcore")]


def test_each_outcome_leaves_one_line_with_its_facts(
    attempt: Callable[..., str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    attempt()
    missing = MissingRecordError("Article 3012 is not there.", record="deal 850000").about("article", "3012")
    attempt(missing)
    assert lines(caplog) == [
        ("INFO", "won: deal 850000 is done [run 1]"),
        ("WARNING", "won: deal 850000 is failed: deal 850000: Article 3012 is not there. [run 2]"),
    ]
    told = json.loads(JsonLines().format(caplog.records[-1]))
    assert told["level"] == "WARNING"
    assert told["at"].endswith("+00:00")
    assert {name: told[name] for name in ("sync", "record", "run", "attempt", "state", "correlation_id", "error")} == {
        "sync": "won",
        "record": "deal 850000",
        "run": 2,
        "attempt": 1,
        "state": "failed",
        "correlation_id": "won:deal:850000:2",
        "error": "MissingRecordError",
    }
    assert told["cause"].startswith("v1:")
    assert "vendor_code" not in told, "what is not known is left out"


def test_a_system_that_goes_away_and_comes_back_is_told_once_each(
    attempt: Callable[..., str], store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    away = UnavailableError("GET /3/orders failed: no connection.", connection="books")
    caplog.set_level(logging.WARNING)
    for _ in range(5):
        assert attempt(away) == "waiting"
    assert lines(caplog) == [("WARNING", "books: GET /3/orders failed: no connection.")]
    with store.read() as connection:
        (pulse,) = read_health(connection).pulses
        assert (pulse.connection, pulse.what) == ("books", "requests")
        assert pulse.failing_since is not None
        assert list_records(connection)[0].cause is not None
    caplog.clear()
    assert attempt() == "done"
    ((_, over),) = lines(caplog)
    assert over.startswith("books: well again, after ")
    with store.read() as connection:
        assert read_health(connection).pulses[0].failing_since is None


class Minutes:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = 0.0
        self.clock = Clock(lambda: self.at, SYSTEM_CLOCK.now, lambda seconds: None)


def test_lasting_trouble_is_told_now_and_then_and_asked_for_less_often(caplog: pytest.LogCaptureFixture) -> None:
    minutes = Minutes()
    troubles = Troubles(minutes.clock)
    caplog.set_level(logging.WARNING)
    waits = []
    for _ in range(130):  # ten seconds apart
        troubles.note("lime: its feed", "no connection")
        waits.append(troubles.wait("lime: its feed", 10.0))
        minutes.at += 10
    troubles.over("lime: its feed")
    troubles.over("lime: its feed")
    assert [text for _, text in lines(caplog)] == [
        "lime: its feed: no connection",
        "lime: its feed (for 10 minutes now, 61 times): no connection",
        "lime: its feed (for 20 minutes now, 121 times): no connection",
        "lime: its feed: well again, after 22 minutes",
    ]
    assert waits[:6] == [20, 40, 80, 160, 300, 300]
    assert troubles.wait("lime: its feed", 10.0) == 10.0


def test_what_nobody_foresaw_keeps_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    troubles = Troubles(SYSTEM_CLOCK)
    try:
        raise ValueError("a fault")
    except ValueError as fault:
        troubles.note("sweep", "it failed, and is tried again", fault=fault)
    (record,) = caplog.records
    assert record.levelname == "ERROR"
    assert "ValueError: a fault" in json.loads(JsonLines().format(record))["traceback"]
