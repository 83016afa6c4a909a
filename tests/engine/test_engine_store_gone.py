"""A worker whose store is taken away from under it ends, instead of going on in a file that nobody sees."""

from __future__ import annotations

import logging
import shutil
from typing import Any

import pytest
import sqlalchemy as sa


def deleted(file: Any) -> None:
    file.unlink()


def replaced(file: Any) -> None:
    copy = file.with_name("copy.db")
    shutil.copy(file, copy)
    copy.replace(file)


@pytest.mark.slow
@pytest.mark.parametrize("take_away", [deleted, replaced])
def test_a_worker_notices_at_its_next_heartbeat(make_place: Any, take_away: Any) -> None:
    place = make_place(dead_after=1.0)
    process = place.start()
    take_away(place.settings_file.with_name("erpcore.db"))
    place.wait(lambda: process.poll() is not None)
    assert "was deleted, moved or replaced while the worker was at work" in place.log(process)


def test_runs_that_wait_for_a_full_disk_are_one_line_in_the_log(
    bench: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    calls: list[int] = []

    class Attempts:
        def carry_out(self, run_id: int, attempt: int, *, store_was_away: bool = False) -> str:
            calls.append(run_id)
            if calls.count(run_id) < 4:
                raise sa.exc.OperationalError("INSERT", {}, Exception("database or disk is full"))
            return "done"

    runtime = bench.runtime()
    monkeypatch.setattr(runtime, "_attempts", Attempts())
    with caplog.at_level(logging.WARNING):
        for run_id in range(5):
            assert runtime._carry_out(run_id, 1) == "done"
    told = [record.message for record in caplog.records]
    assert len([line for line in told if "waits for the store" in line]) == len(
        [line for line in told if "well again" in line]
    )
    assert len(told) == 10, "one when it begins and one when it is over, each time"
    assert len(calls) == 20
