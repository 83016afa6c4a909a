"""What stands of each record: written with its runs, read by lists and counts alone."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Connection

from erpcore.errors import ErpcoreError, MissingRecordError, RejectedError, UnavailableError
from erpcore.problem import Problem
from erpcore.store import (
    Record,
    Run,
    Store,
    causes,
    count_records,
    describe,
    finish_run,
    keep_waiting,
    list_records,
    open_run,
    put_link,
    reopen_run,
    set_aside,
    story_of_run,
    take_run,
)

MISSING = Problem.of(MissingRecordError("The article 3012 is not in the ERP.").about("article", "3012"))


def opened(connection: Connection, record_id: str = "1", sync: str = "s") -> Run:
    return open_run(connection, sync=sync, source="crm", target="erp", record_kind="deal", record_id=record_id)[0]


def failed(connection: Connection, record_id: str = "1", problem: Problem = MISSING) -> Run:
    run = opened(connection, record_id)
    finish_run(connection, run.id, state="failed", summary=problem.text, problem=problem)
    return run


def only(connection: Connection, **wanted: Any) -> Record:
    (found,) = list_records(connection, **wanted)
    return found


def test_a_record_stands_as_its_newest_run(store: Store) -> None:
    with store.begin() as connection:
        run = opened(connection)
        assert (only(connection).state, only(connection).trying) == ("queued", None)
        taken = take_run(connection, run.id, 1, worker="w")
        assert taken is not None
        assert only(connection).state == "running"
        away = Problem.of(UnavailableError("away", connection="erp"))
        keep_waiting(connection, run.id, resume_at=run.queued_at, summary="away", problem=away)
        assert (only(connection).state, only(connection).cause) == ("waiting", away.key)
        put_link(connection, sync="s", source_kind="deal", source_id="1", target_kind="order", number="17")
        finish_run(connection, run.id, state="done", summary="Order 17.")
        stands = only(connection)
        assert (stands.state, stands.cause, stands.documents) == ("done", None, {"order": "17"})
        assert abs(stands.since - stands.changed_at) < timedelta(seconds=1)


def test_what_stands_stays_until_it_is_over(store: Store) -> None:
    with store.begin() as connection:
        run = failed(connection)
        reopen_run(connection, run.id)
        assert (only(connection).state, only(connection).trying) == ("failed", "queued")
        assert only(connection).cause == MISSING.key
        take_run(connection, run.id, 1, worker="w")
        assert (only(connection).state, only(connection).trying) == ("failed", "running")
        finish_run(connection, run.id, state="done", summary="Order 1.")
        assert (only(connection).state, only(connection).trying, only(connection).cause) == ("done", None, None)


def test_a_newer_run_of_the_record_takes_its_row(store: Store) -> None:
    with store.begin() as connection:
        failed(connection)
        second = opened(connection)
        finish_run(connection, second.id, state="nothing", summary="It is not won.")
        assert (only(connection).run_id, only(connection).state) == (second.id, "nothing")
        assert count_records(connection) == {"nothing": 1}


def test_what_the_source_shows_is_kept_with_its_digits(store: Store) -> None:
    with store.begin() as connection:
        run = opened(connection)
        shown = {"name": "Licenser", "customer": None, "amount": Decimal("12500.10"), "currency": "SEK"}
        describe(connection, run, shown)
        describe(connection, run, {"name": None, "customer": "Sjöstrand AB"})
        stands = only(connection)
        assert (stands.name, stands.customer, stands.seller) == ("Licenser", "Sjöstrand AB", None)
        assert (str(stands.amount), stands.currency) == ("12500.10", "SEK")


def test_records_are_chosen_and_paged(store: Store) -> None:
    with store.begin() as connection:
        for number in range(5):
            failed(connection, str(number))
        other = opened(connection, "9", sync="other")
        assert [each.record_id for each in list_records(connection)] == ["9", "4", "3", "2", "1", "0"]
        page = list_records(connection, limit=2)
        assert [each.record_id for each in list_records(connection, before_run=page[-1].run_id, limit=2)] == ["3", "2"]
        assert only(connection, sync="other").run_id == other.id
        assert only(connection, record_id="3").state == "failed"
        assert len(list_records(connection, states=["failed"])) == 5
        assert len(list_records(connection, but=["failed"])) == 1
        assert len(list_records(connection, cause=MISSING.key[:8])) == 5
        at = page[0].changed_at
        assert list_records(connection, since=at + timedelta(minutes=1)) == []
        assert len(list_records(connection, until=at + timedelta(minutes=1))) == 6
        assert count_records(connection, most=3) == {"queued": 1, "failed": 4}, "one more than most says more"
        assert count_records(connection, sync="other") == {"queued": 1}


def test_causes_are_counted_the_oldest_first(store: Store) -> None:
    unit = Problem.of(RejectedError("No unit flak.", connection="erp", vendor_code="2000432").about("unit", "flak"))
    with store.begin() as connection:
        failed(connection, "1")
        failed(connection, "2", unit)
        last = failed(connection, "3")
        assert [(each.key, each.count, each.run_id) for each in causes(connection)] == [
            (MISSING.key, 2, last.id),
            (unit.key, 1, last.id - 1),
        ]
        finish_run(connection, reopen_run(connection, last.id).id, state="done", summary="")
        assert [each.count for each in causes(connection)] == [1, 1]


def test_what_is_set_aside_waits_for_nobody_until_something_new_happens(store: Store) -> None:
    with store.begin() as connection:
        run = failed(connection)
        set_aside(connection, run, person="Anna", why="invoiced by hand")
        stands = only(connection)
        assert (stands.state, stands.set_aside_by, stands.set_aside_why) == ("set_aside", "Anna", "invoiced by hand")
        assert causes(connection) == []
        assert [line.text for line in story_of_run(connection, run.id)] == ["Anna set this aside: invoiced by hand"]
        with pytest.raises(ErpcoreError, match="nothing to set aside"):
            set_aside(connection, run, person="Anna", why="again")
        reopen_run(connection, run.id)
        assert (only(connection).state, only(connection).trying) == ("queued", None)
        assert only(connection).set_aside_by is None


def test_nothing_is_set_aside_that_is_well_or_being_tried(store: Store) -> None:
    with store.begin() as connection:
        done = opened(connection, "1")
        finish_run(connection, done.id, state="done", summary="")
        tried = failed(connection, "2")
        reopen_run(connection, tried.id)
        for run in (done, tried):
            with pytest.raises(ErpcoreError, match="nothing to set aside"):
                set_aside(connection, run, person="Anna", why="no")
