"""What the durable engine does not do by itself: stranded work, other versions, forgetting."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from erpcore.engine.queue import APPLICATION_VERSION


def test_work_that_another_version_left_in_the_middle_is_begun_anew(bench: Any) -> None:
    run = bench.open()
    with bench.store.begin() as connection:
        stranded = {"status": "PENDING", "application_version": "0", "executor_id": "w1"}
        connection.execute(sa.update(bench.workflows).values(stranded))
    with bench.running():
        assert bench.recovery().take_up_other_versions() == 1
        bench.wait(lambda: bench.run(run.id).state == "done")
        assert bench.attempts(run) == [(1, "CANCELLED"), (2, "SUCCESS")] or bench.wait(
            lambda: bench.attempts(run) == [(1, "CANCELLED"), (2, "SUCCESS")]
        )
        assert bench.recovery().end_broken() == 0


def test_what_the_engine_gave_up_is_shown_as_failed(bench: Any) -> None:
    run = bench.open()
    with bench.store.begin() as connection:
        connection.execute(sa.update(bench.workflows).values(status="MAX_RECOVERY_ATTEMPTS_EXCEEDED"))
    assert bench.recovery().end_broken() == 1
    failed = bench.run(run.id)
    assert failed.state == "failed"
    assert "ended its worker" in str(failed.error_text)
    (told,) = bench.flow.told
    assert "ended its worker" in told, "the CRM is told, or the record would stay in process there"
    assert bench.recovery().end_broken() == 0
    assert bench.flow.told == [told]


def test_work_that_ended_several_workers_is_not_handed_to_another(bench: Any) -> None:
    run = bench.open()
    pending = sa.update(bench.workflows).values(
        status="PENDING", application_version=APPLICATION_VERSION, executor_id="dead"
    )
    recovery = bench.recovery("alive")
    for _ in range(bench.settings.take_up_again):
        with bench.store.begin() as connection:
            connection.execute(pending)
        assert recovery.take_over("dead") == 1
        assert bench.attempts(run) == [(1, "ENQUEUED")]
    with bench.store.begin() as connection:
        connection.execute(pending)
    assert recovery.take_over("dead") == 0
    assert recovery.end_broken() == 1
    assert bench.run(run.id).state == "failed"


def test_finished_work_is_forgotten_by_age(bench: Any) -> None:
    run = bench.open()
    with bench.running():
        bench.wait(lambda: bench.attempts(run) == [(1, "SUCCESS")])
    other = bench.open("d2")
    assert bench.queue.delete_finished(datetime.now(UTC) - timedelta(days=1)) == 0
    assert bench.queue.delete_finished(datetime.now(UTC) + timedelta(seconds=5)) == 1
    assert bench.attempts(run) == []
    assert bench.attempts(other) == [(1, "ENQUEUED")]
