"""How events come in: the inbox, and the feed."""

from __future__ import annotations

import threading
from typing import Any

import pytest
import sqlalchemy as sa

from erpcore.engine.pages import TakenIn
from erpcore.engine.worker import Worker
from erpcore.errors import UnavailableError
from erpcore.models import CrmEvent
from erpcore.store.cursors import get_cursor
from erpcore.store.schema import runs
from tests.engine.place import kept_events


def event(key: str, deal: str = "d1", kind: Any = "deal_won", **values: Any) -> CrmEvent:
    return CrmEvent(key=key, kind=kind, record_id=deal, **values)


def queued(worker: Worker) -> dict[str, str]:
    """Give what is in the queue, with its state there."""
    return {each.workflow_id: each.status for each in worker.queue.client.list_workflows()}


def test_an_event_delivered_twice_is_one_run(worker: Worker, place: Any) -> None:
    assert worker.intake.take_in("crm", [event("e1")]) == TakenIn(new=1, known=0, runs=1)
    assert worker.intake.take_in("crm", [event("e1"), event("e1")]) == TakenIn(new=0, known=2, runs=0)
    assert len(place.runs()) == 1
    assert queued(worker) == {"deals:deal:d1:1:1": "ENQUEUED"}


def test_events_of_a_deal_in_the_queue_share_its_run(worker: Worker, place: Any) -> None:
    assert worker.intake.take_in("crm", [event("e1"), event("e2", kind="deal_changed")]).runs == 1
    assert worker.intake.take_in("crm", [event("e3"), event("e4", deal="d2")]).runs == 1
    assert [run.record_id for run in place.runs()] == ["d1", "d2"]


def test_events_of_companies_and_orders_start_runs_of_their_kind(worker: Worker, place: Any) -> None:
    taken = worker.intake.take_in(
        "crm", [event("e1", "c1", "company_changed"), event("e2", "o1", "order_ready"), event("e3", "x", "other")]
    )
    assert taken == TakenIn(new=3, runs=2)
    assert [(kind, record) for _, kind, record, _ in kept_events(worker._store)] == [
        ("company", "c1"),
        ("order", "o1"),
        ("other", "x"),
    ]
    assert [(run.record_kind, run.record_id) for run in place.runs()] == [("company", "c1"), ("order", "o1")]
    assert queued(worker) == {"deals:company:c1:1:1": "DELAYED", "deals:order:o1:1:1": "ENQUEUED"}


def test_an_order_starts_the_sync_of_its_erp_database_alone(place: Any) -> None:
    with place.settings_file.open("a") as file:
        file.write('erp_db = "1"\n[syncs.second]\ncrm = "crm"\nerp = "erp"\nerp_db = "2"\n')
    with place.store() as store:
        worker = Worker(place.settings, store, executor_id="w1")

        def take(key: str, order: str, **values: Any) -> list[tuple[str, str]]:
            before = len(place.runs())
            worker.intake.take_in("crm", [event(key, order, "order_ready", **values)])
            return sorted((run.sync, run.record_id) for run in place.runs()[before:])

        assert take("e1", "o1", erp_db="1") == [("deals", "o1")]
        assert take("e2", "o2", erp_db="2") == [("second", "o2")]
        # Nobody's: each looks, and the CRM is told.
        assert take("e3", "o3", erp_db="3") == [("deals", "o3"), ("second", "o3")]
        assert take("e4", "o4") == [("deals", "o4"), ("second", "o4")]
        # What the first one has begun, it must see through.
        with store.begin() as connection:
            connection.execute(sa.update(runs).values(state="uncertain"))
        assert take("e5", "o1", erp_db="2") == [("deals", "o1"), ("second", "o1")]
        worker.queue.close()


@pytest.mark.parametrize(
    ("rule", "started"), [("send_customers", ["company_changed"]), ("send_customer_changes", ["company_is_customer"])]
)
def test_a_rule_says_which_events_of_companies_start_something(place: Any, rule: str, started: list[str]) -> None:
    with place.settings_file.open("a") as file:
        file.write(f"{rule} = false\n")
    with place.store() as store:
        worker = Worker(place.settings, store, executor_id="w1")
        kinds = ["company_is_customer", "company_changed"]
        runs = {kind: worker.intake.take_in("crm", [event(kind, kind, kind)]).runs for kind in kinds}
        worker.queue.close()
    assert [kind for kind, count in runs.items() if count] == started


def test_an_event_without_a_record_is_kept(worker: Worker, place: Any) -> None:
    assert worker.intake.take_in("crm", [CrmEvent(key="e1", kind="deal_won")]) == TakenIn(new=1)
    assert place.runs() == []


def test_an_event_comes_back_as_it_was(worker: Worker) -> None:
    told = CrmEvent.model_validate(
        {
            "key": "e1",
            "kind": "deal_won",
            "record_id": "d1",
            "happened_at": "2026-02-03T04:05:06+01:00",
            "facts": {"value": "12.50", "name": "Å", "more": [1, None]},
        }
    )
    worker.intake.take_in("crm", [told])
    ((_, _, _, payload),) = kept_events(worker._store)
    assert CrmEvent.model_validate(payload) == told


def test_all_of_a_batch_or_nothing(worker: Worker, place: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    enqueue = worker.queue.enqueue
    calls = []

    def broken(*args: Any, **options: Any) -> str:
        calls.append(args)
        if len(calls) == 2:
            raise OSError("the disk is full")
        return enqueue(*args, **options)

    monkeypatch.setattr(worker.queue, "enqueue", broken)
    with pytest.raises(OSError, match="disk"):
        worker.intake.take_in("crm", [event("e1", "d1"), event("e2", "d2")])
    assert kept_events(worker._store) == []
    assert place.runs() == []
    assert queued(worker) == {}


def test_a_feed_is_read_to_its_end_and_let_go_after_it_is_kept(worker: Worker, place: Any) -> None:
    for number in range(7):
        place.folder.win(f"d{number}")
    assert worker.poll_feeds() == TakenIn(new=7, known=0, runs=7)
    with worker._store.read() as connection:
        assert get_cursor(connection, "crm", "events") == "7"
    assert [len(call.split(",")) for call in place.folder.calls("acknowledge_events")] == [3, 3, 1]
    assert worker.poll_feeds() == TakenIn()


def test_a_page_that_was_not_let_go_is_read_again_without_harm(
    worker: Worker, place: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.folder.win("d1")
    crm = worker.assembly.crm("crm")

    def dies(*_: Any) -> int:
        raise SystemExit("killed between keeping and letting go")

    monkeypatch.setattr(crm, "acknowledge_events", dies)
    with pytest.raises(SystemExit):
        worker.intake.poll_feed(crm)
    assert len(kept_events(worker._store)) == 1
    monkeypatch.undo()
    assert worker.intake.poll_feed(crm) == TakenIn()
    assert len(place.runs()) == 1


def test_a_page_and_its_cursor_go_together(worker: Worker, place: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    place.folder.win("d1")

    def dies(*_: Any) -> None:
        raise SystemExit("killed before the commit")

    monkeypatch.setattr("erpcore.engine.pages.put_cursor", dies)
    with pytest.raises(SystemExit):
        worker.intake.poll_feed(worker.assembly.crm("crm"))
    assert kept_events(worker._store) == []
    monkeypatch.undo()
    assert worker.poll_feeds() == TakenIn(new=1, known=0, runs=1)


def test_a_crm_that_is_away_is_told_and_harms_nothing(
    worker: Worker, place: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(*_: Any) -> None:
        raise UnavailableError("nobody answers.", connection="crm")

    monkeypatch.setattr(worker.assembly.crm("crm"), "fetch_events", away)
    assert worker.poll_feeds() == TakenIn()
    assert "nobody answers" in caplog.text


def test_one_feed_is_read_by_one_worker_at_a_time(worker: Worker, place: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    place.folder.win("d1")
    crm = worker.assembly.crm("crm")
    reading, go_on = threading.Event(), threading.Event()
    fetch = crm.fetch_events
    count = []

    def slow(*args: Any) -> Any:
        count.append(1)
        reading.set()
        assert go_on.wait(60)
        return fetch(*args)

    monkeypatch.setattr(crm, "fetch_events", slow)
    first = threading.Thread(target=worker.poll_feeds)
    first.start()
    assert reading.wait(40)
    assert worker.poll_feeds() == TakenIn()
    assert len(count) == 1
    go_on.set()
    first.join()
    assert len(kept_events(worker._store)) == 1
