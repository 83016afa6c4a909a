"""A feed that goes on showing what is old, as one that lets go of whole pages only does for months."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from erpcore.engine.worker import Worker
from erpcore.host import SYSTEM_CLOCK
from erpcore.settings import store_url
from erpcore.store import count_records, finish_run, list_runs, open_store, take_run
from erpcore.store.schema import cursors


def test_an_old_win_that_the_feed_still_shows_starts_nothing_again(place: Any) -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    store = open_store(store_url(place.settings), clock=replace(SYSTEM_CLOCK, now=lambda: at), synchronous="NORMAL")
    worker = Worker(place.settings, store, executor_id="w1")
    for deal in ("d1", "d2"):
        place.folder.win(deal)

    def read_all_again() -> Any:
        with store.begin() as connection:
            connection.execute(cursors.delete())
        return worker.poll_feeds()

    assert read_all_again().runs == 2
    with store.begin() as connection:
        for run in list_runs(connection):
            take_run(connection, run.id, 1, worker="w1")
            finish_run(connection, run.id, state="nothing", summary="x")
    for days in (60, 120, 180, 240):
        at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=days)
        worker.clean_up()
        place.folder.win(f"of day {days}")
        taken = read_all_again()
        assert (taken.new, taken.runs) == (1, 1), "the newest win alone"
    with store.read() as connection:
        assert count_records(connection) == {"nothing": 2, "queued": 4}
    worker.assembly.close()
    worker.queue.close()
    store.close()
