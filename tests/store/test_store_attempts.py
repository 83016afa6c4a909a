"""The life of a run: opened, taken, held, kept waiting, ended, sent again; and whose turn it is."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Connection

from erpcore.errors import ErpcoreError, RejectedError, TurnLostError, UncertainEffectError
from erpcore.problem import Problem
from erpcore.store import (
    Run,
    Store,
    events_of,
    finish_run,
    get_run,
    hold_run,
    note_attempt,
    note_run,
    open_run,
    put_event,
    put_link,
    reopen_run,
    run_of_new_customer,
    take_run,
    tell,
)
from tests.store.deal_runs import finish, open_deal, put_won, take, wait


def test_a_record_has_one_open_run_and_generations_count_up(store: Store) -> None:
    with store.begin() as connection:
        first, new = open_deal(connection)
        assert (new, first.generation, first.state) == (True, 1, "queued")
        assert open_deal(connection) == (first, False)
        take(connection, first)
        wait(connection, first)
        waiting, new = open_deal(connection)
        assert (new, waiting.id, waiting.state) == (False, first.id, "waiting")
        assert (waiting.summary, waiting.error_class) == ("away", "UnavailableError")
        taken = take(connection, first)
        assert (taken.state, taken.resume_at) == ("running", None)
        finish(connection, first)
        second, new = open_deal(connection)
        assert (new, second.generation) == (True, 2)
        assert open_deal(connection, sync="other")[0].generation == 1


def test_an_event_during_the_work_asks_for_another_run(store: Store) -> None:
    with store.begin() as connection:
        put_won(connection, "before")
        run, _ = open_deal(connection)
        take(connection, run)
        assert not finish(connection, run)
        run, _ = open_deal(connection)
        take(connection, run)
        put_won(connection, "meanwhile")
        put_won(connection, "of another record", record_id="2")
        assert finish(connection, run), "the event came after the record may have been read"
        following, new = open_deal(connection)
        assert new
        take(connection, following)
        assert [event.event_key for event in events_of(connection, following.id)] == ["meanwhile"]
        assert not finish(connection, following)


def test_two_syncs_on_one_crm_each_cover_anput_won(store: Store) -> None:
    with store.begin() as connection:
        put_won(connection, "a")
        for sync in ("s", "t"):
            run, _ = open_deal(connection, sync=sync)
            take(connection, run)
            assert len(events_of(connection, run.id)) == 1


def test_a_failed_run_keeps_its_error_and_is_sent_again_under_its_generation(store: Store) -> None:
    vendor = {"vendor_text": "Namnet är för långt", "vendor_code": "2000", "status": 400, "request_id": "r1"}
    error = RejectedError("the name is too long.", advice="Shorten it.", connection="fortnox", **vendor)
    with store.begin() as connection:
        run, _ = open_deal(connection)
        take(connection, run)
        finish(
            connection,
            run,
            state="failed",
            summary="no order",
            problem=Problem.of(error),
            plan=[{"step": 1}],
            requests={"fortnox": 3},
        )
        failed = get_run(connection, run.id)
        assert (failed.error_class, failed.error_text, failed.advice) == (
            "RejectedError",
            "fortnox: the name is too long. [Namnet är för långt (2000)]",
            "Shorten it.",
        )
        assert failed.problem == Problem.of(error), "nothing that the error knew is lost"
        assert (failed.plan, failed.requests) == ([{"step": 1}], {"fortnox": 3})
        again = reopen_run(connection, run.id)
        assert (again.state, again.generation, again.problem, again.cause) == ("queued", 1, None, None)
        take(connection, run)
        finish(connection, run)
        with pytest.raises(ErpcoreError, match="is done and cannot be sent again"):
            reopen_run(connection, run.id)


def test_only_the_newest_run_is_sent_again(store: Store) -> None:
    with store.begin() as connection:
        old, _ = open_deal(connection)
        finish(connection, old, state="failed")
        open_deal(connection)
        with pytest.raises(ErpcoreError, match="followed by run 2"):
            reopen_run(connection, old.id)


def test_a_finished_run_stays_finished(store: Store) -> None:
    with store.begin() as connection:
        run, _ = open_deal(connection)
        finish(connection, run)
        assert not finish(connection, run), "told twice is told once"
        with pytest.raises(ErpcoreError, match="cannot be finished as failed"):
            finish(connection, run, state="failed")
        assert take_run(connection, run.id, 1, worker="w") is None, "there is nothing to do any more"
        with pytest.raises(ErpcoreError, match="no run 999"):
            get_run(connection, 999)


def test_an_uncertain_run_asks_by_its_cause_until_it_is_sent_again(store: Store) -> None:
    asked = UncertainEffectError("which one counts?", cause="two_documents", record="deal 1")
    with store.begin() as connection:
        run, _ = open_deal(connection)
        finish(connection, run, state="uncertain", problem=Problem.of(asked))
        assert get_run(connection, run.id).cause == "two_documents"
        assert reopen_run(connection, run.id).cause is None


def test_a_run_is_in_the_hand_of_who_took_it_last(store: Store) -> None:
    with store.begin() as connection:
        run, _ = open_deal(connection)
        first = take(connection, run, worker="a")
        hold_run(connection, first)
    with store.begin() as connection:
        second = take(connection, run, worker="b")
        hold_run(connection, second)
    assert (first.token, second.token) == (1, 2)
    assert (first.takings, second.takings, second.taken_by) == (1, 2, "b")
    with pytest.raises(TurnLostError, match="Another worker") as lost, store.begin() as connection:
        hold_run(connection, first)
    assert lost.value.record == "deal 1"
    with pytest.raises(TurnLostError), store.read() as connection:
        hold_run(connection, first)


def test_what_a_worker_writes_that_has_lost_its_turn_is_rolled_back(store: Store) -> None:
    with store.begin() as connection:
        run, _ = open_deal(connection)
        first = take(connection, run)
        take(connection, run)

    def write() -> None:
        with store.begin() as connection:
            tell(connection, first.id, "note", "of the one that was asleep")
            note_run(connection, first, marked=True)
            hold_run(connection, first)

    with pytest.raises(TurnLostError):
        write()
    with store.read() as connection:
        assert not get_run(connection, run.id).marked


def test_takings_are_counted_for_the_newest_attempt_and_an_older_one_is_not_taken(store: Store) -> None:
    with store.begin() as connection:
        run, _ = open_deal(connection)
        take(connection, run)
        assert take(connection, run).takings == 2
        note_attempt(connection, run.id, 2)
        assert take_run(connection, run.id, 1, worker="late") is None, "a newer one was enqueued"
        note_attempt(connection, run.id, 1)
        assert get_run(connection, run.id).attempt == 2, "a number never goes down"
        taken = take(connection, run, attempt=2)
        assert (taken.attempt, taken.takings, taken.token) == (2, 1, 3)


def test_nobody_takes_a_run_while_its_holder_writes(store: Store) -> None:
    with store.begin() as connection:
        run, _ = open_deal(connection)
        first = take(connection, run)

    def take_over() -> int:
        with store.begin() as connection:
            return take(connection, run, worker="another").token

    with ThreadPoolExecutor(1) as pool:
        with store.begin() as connection:
            hold_run(connection, first)
            taking = pool.submit(take_over)
            time.sleep(0.2)  # long enough for it to slip through if nothing held it
            assert not taking.done()
            note_run(connection, first, marked=True)
        assert taking.result(30) == first.token + 1
    with store.read() as connection:
        assert get_run(connection, run.id).marked, "what was written before it was taken over stands"


def _company(connection: Connection, key: str, kind: str = "company_is_customer") -> Run:
    put_event(connection, source="crm", event_key=key, kind=kind, record_kind="company", record_id="c")
    run, _ = open_run(connection, sync="s", source="crm", target="erp", record_kind="company", record_id="c")
    return run


def _customer(connection: Connection, digest: str) -> None:
    customer = {"source_kind": "company", "source_id": "c", "target_kind": "customer"}
    put_link(connection, sync="s", **customer, number="7", sent_digest=digest)


def test_a_company_whose_customer_was_made_for_a_deal_has_nothing_left_to_do(store: Store) -> None:
    with store.begin() as connection:
        company, deal = _company(connection, "becomes"), open_deal(connection)[0]
    time.sleep(0.01)
    with store.begin() as connection:
        deal = take(connection, deal)
        assert run_of_new_customer(connection, deal, "c", "sent") is None, "there is no customer yet"
        _customer(connection, "sent")
        assert run_of_new_customer(connection, deal, "c", "another") is None, "something else was sent last"
        assert run_of_new_customer(connection, deal, "d", "sent") is None
        found = run_of_new_customer(connection, deal, "c", "sent")
        assert found is not None
        assert (found[0].id, found[1]) == (company.id, "7")
        assert [event.event_key for event in events_of(connection, company.id)] == ["becomes"]
        assert not finish_run(connection, company.id, state="nothing", summary="")
        assert run_of_new_customer(connection, deal, "c", "sent") is None


def _taken(connection: Connection, company: Run) -> None:
    take(connection, company)


def _changed(connection: Connection, company: Run) -> None:
    _company(connection, "changes", "company_changed")


def _becomes_later(connection: Connection, company: Run) -> None:
    _company(connection, "becomes again")


@pytest.mark.parametrize("meanwhile", [_taken, _changed, _becomes_later])
def test_a_company_that_has_more_to_tell_keeps_its_run(store: Store, meanwhile: Any) -> None:
    with store.begin() as connection:
        company, deal = _company(connection, "becomes"), open_deal(connection)[0]
    time.sleep(0.01)
    with store.begin() as connection:
        deal = take(connection, deal)
        meanwhile(connection, company)
        _customer(connection, "sent")
        assert run_of_new_customer(connection, deal, "c", "sent") is None
