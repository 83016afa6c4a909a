"""Workers as processes of their own: what they do, and what they survive."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from erpcore.engine.worker import make_queue

pytestmark = pytest.mark.slow


def one_order(place: Any, deal: str = "d1") -> None:
    """The promise: one order, the deal has its number, and the run says so."""
    assert len(place.orders()) == 1
    assert place.erp_id(deal) == place.orders()[0][0]


def test_a_won_deal_becomes_an_order_and_sigterm_ends_the_worker_well(place: Any) -> None:
    place.folder.deal("d1")
    place.folder.win("d1")
    process = place.start()
    (run,) = place.wait_for_state("done")
    one_order(place)
    assert (run.sync, run.record_kind, run.record_id, run.generation) == ("deals", "deal", "d1", 1)
    assert place.terminate(process) == 0
    assert place.folder.calls("acknowledge_events") != []


def test_killed_between_sending_and_recording_there_is_one_order(place: Any) -> None:
    place.folder.deal("d1")
    hold = place.folder.fault("hold-create_order")
    place.folder.win("d1")
    process = place.start()
    place.wait(lambda: place.folder.has("held-create_order"))
    assert len(place.orders()) == 1
    place.kill(process)
    assert place.erp_id("d1") is None
    hold.unlink()
    place.start()
    place.wait_for_state("done")
    one_order(place)
    assert len(place.folder.calls("create_order")) == 1, "it was looked up and adopted, not sent again"
    assert place.folder.calls("find_orders")[1:] == ["1"], "once by our reference, and once for its sums"


@pytest.mark.parametrize("operation", ["create_customer", "write_back"])
def test_killed_at_any_other_place_it_goes_on(place: Any, operation: str) -> None:
    place.folder.deal("d1")
    hold = place.folder.fault(f"hold-{operation}")
    place.folder.win("d1")
    process = place.start()
    place.wait(lambda: place.folder.has(f"held-{operation}"))
    place.kill(process)
    hold.unlink()
    place.start()
    place.wait_for_state("done")
    one_order(place)
    assert len(place.folder.all("customer")) == 1


def test_the_answer_of_a_create_that_was_carried_out_is_lost(place: Any) -> None:
    place.folder.deal("d1")
    place.folder.fault("lose-create_order")
    place.folder.fault("lose-create_customer")
    place.folder.win("d1")
    place.start()
    place.wait_for_state("done")
    one_order(place)
    assert len(place.folder.all("customer")) == 1
    assert len(place.folder.calls("create_order")) == 1


def test_a_dead_erp_holds_up_the_run_and_not_the_worker(place: Any) -> None:
    place.folder.deal("d1")
    down = place.folder.fault("down")
    place.folder.win("d1")
    place.start()
    place.wait(lambda: [run for run in place.runs() if run.state == "waiting"])
    place.wait(lambda: len(place.folder.calls("fetch_deal")) >= 3)
    (run,) = place.runs()
    waits = [line for line in place.story(run) if line.kind == "waiting"]
    assert len(waits) >= 2
    assert "out of reach" in waits[0].text
    assert "tried again in" in waits[0].text
    down.unlink()
    place.wait_for_state("done")
    one_order(place)


def test_sigterm_in_the_middle_of_a_run_is_resumed(place: Any) -> None:
    place.folder.deal("d1")
    hold = place.folder.fault("hold-create_order")
    place.folder.win("d1")
    process = place.start()
    place.wait(lambda: place.folder.has("held-create_order"))
    assert place.terminate(process) == 0
    hold.unlink()
    place.start()
    place.wait_for_state("done")
    one_order(place)


def test_work_that_kills_its_process_is_parked_and_can_be_sent_again(make_place: Callable[..., Any]) -> None:
    place = make_place(dead_after=2.0, worker="take_up_again = 1")
    place.folder.deal("d1")
    poison = place.folder.fault("kill-fetch_deal")
    place.folder.win("d1")
    for _ in range(6):
        process = place.start(ready=False)  # it may be killed before it can say that it is
        place.wait(lambda p=process: p.poll() is not None or [run for run in place.runs() if run.state == "failed"])
        if process.poll() is None:
            break
    (run,) = place.runs()
    assert run.state == "failed"
    assert "ended its worker" in run.error_text
    assert len(place.folder.calls("fetch_deal")) == 2
    poison.unlink()
    with place.store() as store:
        queue = make_queue(place.settings, store)
        queue.retry(run.id)
        queue.close()
    place.wait_for_state("done")
    one_order(place)


def test_two_workers_on_one_sqlite_file_are_refused(place: Any) -> None:
    first = place.start("w1")
    second = place.start("w2", ready=False)
    assert second.wait(60) == 1
    text = place.log(second)
    assert "another worker is running" in text
    assert f"process {first.pid}" in text
    assert first.poll() is None


def test_a_worker_that_never_comes_back_is_replaced(make_place: Callable[..., Any], postgres_url: str) -> None:
    place = make_place(postgres_url, dead_after=3.0)
    for deal in range(4):
        place.folder.deal(f"d{deal}")
    hold = place.folder.fault("hold-create_order")
    place.folder.win("d0")
    first = place.start("w1")
    place.wait(lambda: place.folder.has("held-create_order"))
    second = place.start("w2")
    place.kill(first)
    hold.unlink()
    for deal in range(1, 4):
        place.folder.win(f"d{deal}")
    runs = place.wait_for_state("done", count=4)
    assert len(place.orders()) == 4
    assert len({place.erp_id(f"d{deal}") for deal in range(4)}) == 4
    (taken,) = [line for line in place.story(runs[0]) if line.kind == "taken_again"]
    assert "worker w2 begins it again" in taken.text
    assert (runs[0].taken_by, runs[0].token, runs[0].takings) == ("w2", 2, 2)
    assert place.terminate(second) == 0


def test_two_workers_on_postgresql_share_the_work(make_place: Callable[..., Any], postgres_url: str) -> None:
    place = make_place(postgres_url)
    place.start("w1")
    place.start("w2")
    for deal in range(12):
        place.folder.deal(f"d{deal}")
    for deal in range(12):
        place.folder.win(f"d{deal}")
    place.wait_for_state("done", count=12)
    assert len(place.orders()) == 12
    assert len(place.folder.all("customer")) == 1, "twelve deals of one new company make one customer"


def test_a_name_is_one_living_workers_only(make_place: Callable[..., Any], postgres_url: str) -> None:
    place = make_place(postgres_url)
    first = place.start("w1")
    second = place.start("w1", ready=False)
    assert second.wait(60) == 1
    assert f"running already (process {first.pid}" in place.log(second)
    place.kill(first)
    third = place.start("w1")
    assert third.poll() is None, "a worker that was killed comes back under its name at once"
