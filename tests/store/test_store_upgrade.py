"""A store of an earlier version is brought up to date: nothing is lost, and what was text is a column."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from dbos import DBOSClient, DBOSPortableJSONSerializer

from erpcore.engine.queue import RunQueue, arguments
from erpcore.host import Token
from erpcore.problem import Problem
from erpcore.store import (
    Run,
    Store,
    StoreTokenStore,
    begin_sending,
    events_of,
    get_cursor,
    get_secret,
    history_of,
    intents_of,
    latest_run,
    links_from,
    list_records,
    list_runs,
    list_workers,
    live_link,
    note_attempt,
    open_store,
    reasons_of,
    reopen_run,
    story_of_run,
    take_run,
    uncertain_intents,
    upgrade,
)
from erpcore.store.vault import Vault
from erpcore.sync.shared.history import read_history
from tests.store.conftest import KEY
from tests.store.old_store import load, make_old_store, make_tables

LEFT = {1: "done", 2: "failed", 3: "waiting", 4: "running"}
AT = "2026-11-20 09:00:00.000000+00:00"
PLAN = json.dumps({"reason": "first_document", "why": "x", "steps": []})
ASKED = json.dumps({"reason": "order_cleared_ask", "steps": []})


def runs_row(number: int, state: str, record: str = "", kind: str = "deal", **values: Any) -> str:
    given = {
        "id": number,
        "sync": "deals",
        "connection": "crm",
        "record_kind": kind,
        "record_id": record or f"r{number}",
        "generation": 1,
        "state": state,
        "queued_at": AT,
        "attempt": 1,
        **values,
    }
    return insert("erpcore_runs", **given)


def insert(table: str, **values: Any) -> str:
    texts = ", ".join("'" + str(value).replace("'", "''") + "'" for value in values.values())
    return f"INSERT INTO {table} ({', '.join(values)}) VALUES ({texts})"  # noqa: S608  the test's own rows


@pytest.fixture
def old_url(empty_url: str) -> str:
    """A store of schema 0004 with everything that the migration looks at."""
    make_old_store(empty_url)
    vault = Vault([KEY])
    token = {"access_token": "access-1", "refresh_token": "refresh-1", "expires_at": None, "scope": "", "extra": {}}
    story = {"run_id": 10, "at": AT, "text": "x"}
    load(
        empty_url,
        insert("erpcore_tokens", connection="erp", ciphertext=vault.encrypt(json.dumps(token)), updated_at=AT),
        insert("erpcore_secrets", connection="erp", name="api_key", ciphertext=vault.encrypt("hush"), updated_at=AT),
        # Asked about a cleared number; the story was deleted by age in the second of them, and the plan says it.
        runs_row(
            10, "uncertain", kind="order", finished_at=AT, error_class="UncertainEffectError", error_text="Which?"
        ),
        insert("erpcore_story", **story, kind="plan", data=json.dumps({"reason": "first_document"})),
        insert("erpcore_story", **{**story, "at": AT.replace("09:", "10:")}, kind="plan", data=ASKED),
        insert("erpcore_story", **story, kind="marked"),
        runs_row(11, "uncertain", finished_at=AT, plan=PLAN, error_class="UncertainEffectError", error_text="Made?"),
        runs_row(12, "nothing", finished_at=AT, plan=json.dumps({"reason": "not_won", "steps": []})),
        runs_row(13, "queued"),
        # Two orders were known of one deal, as text.
        runs_row(14, "done", "two", finished_at=AT, plan=PLAN, summary="Order 7."),
        insert(
            "erpcore_intents",
            **{"id": 20, "sync": "deals", "record": "deal two", "operation": "create_order", "generation": 1},
            **{"part": "", "reference": "ref-20", "state": "done", "attempts": 2, "fence_seconds": 60},
            **{"planned_at": AT, "settled_at": AT, "erp_number": "7", "erp_id": "key-7", "result": "{}"},
            error="There is a second document, 8, beside 7. Delete one of them in the ERP.",
        ),
        insert(
            "erpcore_links",
            **{"id": 20, "sync": "deals", "kind": "deal", "crm_id": "two", "erp_kind": "order", "erp_number": "7"},
            **{"erp_id": "key-7", "generation": 1, "created_at": AT, "updated_at": AT},
        ),
        insert(
            "erpcore_links",
            **{"id": 21, "sync": "deals", "kind": "deal", "crm_id": "done", "erp_kind": "order", "erp_number": "0"},
            **{"generation": 1, "sent_digest": "told", "created_at": AT, "updated_at": AT, "cut_at": AT},
            cut_reason="it was deleted",
        ),
    )
    return empty_url


@pytest.fixture
def store(old_url: str) -> Any:
    assert upgrade(old_url)[0] == "0005"
    opened = open_store(old_url, key=KEY)
    yield opened
    opened.close()


def run_of(store: Store, number: int) -> Run:
    with store.read() as connection:
        return next(run for run in list_runs(connection) if run.id == number)


def test_runs_keep_their_state_story_and_events(store: Store) -> None:
    states = {**LEFT, 10: "uncertain", 11: "uncertain", 12: "nothing", 13: "queued", 14: "done"}
    with store.read() as connection:
        runs = {run.id: run for run in list_runs(connection)}
        told = {number: len(story_of_run(connection, number)) for number in (1, 2, 3, 4, 10)}
        assert [event.record_id for number in (1, 2, 3, 4) for event in events_of(connection, number)] == [
            "done",
            "failed",
            "waits",
            "held",
        ]
    assert {number: run.state for number, run in runs.items()} == states
    assert {run.source for run in runs.values()} == {"crm"}
    assert told == {1: 7, 2: 3, 3: 1, 4: 4, 10: 3}
    assert (runs[1].summary, runs[1].requests, runs[3].attempt) == ("Order 1.", {}, 2)
    assert {(run.target, run.token, run.takings, run.taken_at) for run in runs.values()} == {(None, 0, 0, None)}


def test_why_a_run_ended_is_kept_as_what_the_error_knew(store: Store) -> None:
    failed = run_of(store, 2)
    assert failed.problem == Problem(
        error_class="InvalidValueError",
        message="company bad (Company bad): The organisation number “12345” is wrong: neither ten digits (Sweden) nor "
        "nine (Norway).",
        advice="Correct it in the CRM and send the record again.",
    )
    assert failed.error_text == failed.summary
    assert (failed.cause, failed.failure_told, failed.marked) == (None, True, False)
    assert run_of(store, 1).problem is None


def test_an_uncertain_run_asks_by_its_cause(store: Store) -> None:
    cleared, made = run_of(store, 10), run_of(store, 11)
    assert (cleared.cause, cleared.error_text) == ("cleared_number", "Which?")
    assert (made.cause, made.error_text) == ("made_or_not", "Made?")
    assert (cleared.marked, made.marked) == (True, False)


def test_the_reason_of_the_newest_plan_and_its_time_are_columns(store: Store) -> None:
    at = datetime(2026, 11, 20, 9, tzinfo=UTC)
    reasons = {number: (run_of(store, number).reason, run_of(store, number).planned_at) for number in (10, 11, 12)}
    assert reasons == {
        10: ("order_cleared_ask", at.replace(hour=10)),
        11: ("first_document", at),
        12: ("not_won", at),
    }
    line_of_the_plan = datetime(2026, 11, 28, 5, 34, 54, 581365, tzinfo=UTC)
    assert (run_of(store, 1).reason, run_of(store, 1).planned_at) == ("first_document", line_of_the_plan)
    assert (run_of(store, 4).reason, run_of(store, 13).reason, run_of(store, 13).planned_at) == (
        "first_document",
        None,
        None,
    )
    with store.read() as connection:
        assert reasons_of(connection, sync="deals", record_kind="deal", record_id="r12") == ["not_won"]


def test_links_say_which_side_they_mean_and_when_their_number_was_told(store: Store) -> None:
    with store.read() as connection:
        company = live_link(connection, sync="deals", source_kind="company", source_id="c1", target_kind="customer")
        cut, live = links_from(connection, sync="deals", source_kind="deal", source_id="done")[::-1]
        (untold,) = links_from(connection, sync="deals", source_kind="deal", source_id="two")
        history = read_history(connection, "deals", "deal", "done")
    assert company is not None
    assert (company.number, company.told_at) == ("1", company.updated_at)
    assert (live.number, live.told_at) == ("1", live.updated_at)
    assert (cut.number, cut.cut_reason) == ("0", "it was deleted")
    assert (untold.number, untold.key, untold.told_at) == ("7", "key-7", None)
    assert history.document is not None
    assert history.document.told_at == live.told_at
    assert history.document.stood_in_crm


def test_intents_keep_their_history_and_a_second_document_is_a_column(store: Store) -> None:
    with store.read() as connection:
        (held,) = intents_of(connection, sync="deals", record="deal held")
        (two,) = intents_of(connection, sync="deals", record="deal two")
        (customer,) = intents_of(connection, sync="deals", record="organisation 556016-0680")
        assert [event.what for event in history_of(connection, held.id)] == ["planned", "sending"]
        assert uncertain_intents(connection) == [two]
        assert read_history(connection, "deals", "deal", "two").rivals == "orders 7 and 8"
    assert (held.state, held.attempts, held.worker, held.reference) == (
        "sending",
        1,
        "w1",
        "yn5awn-deals-deal-held-1-pjpf72ys23jg",
    )
    assert (two.state, two.number, two.key, two.second, two.error) == ("done", "7", "key-7", "8", None)
    assert (customer.state, customer.number) == ("done", "1")


def test_what_was_under_way_is_looked_for_before_anything_is_sent(store: Store) -> None:
    with store.begin() as connection:
        (held,) = intents_of(connection, sync="deals", record="deal held")
        assert begin_sending(connection, held.id, worker="w2").action == "look_up"


def test_tokens_secrets_cursors_and_workers_stay(store: Store) -> None:
    assert StoreTokenStore(store).load("erp") == Token("access-1", "refresh-1")
    with store.read() as connection:
        assert get_secret(connection, store.vault, "erp", "api_key") == "hush"
        assert get_cursor(connection, "crm", "events") == "4"
        assert [worker.executor_id for worker in list_workers(connection)] == ["w1"]


def test_an_upgraded_run_is_taken_and_sent_again_like_any_other(store: Store) -> None:
    with store.begin() as connection:
        taken = take_run(connection, 4, 1, worker="w2")
        assert taken is not None
        assert (taken.token, taken.takings) == (1, 1)
        again = reopen_run(connection, 2)
        note_attempt(connection, 2, again.attempt + 1)
        waits = latest_run(connection, sync="deals", record_kind="deal", record_id="waits")
        assert waits is not None
        assert take_run(connection, waits.id, 1, worker="w2") is None
        assert take_run(connection, waits.id, 2, worker="w2") is not None


def test_work_in_the_queue_is_still_the_run_s(store: Store) -> None:
    queue = RunQueue(store, lanes=4)
    client = DBOSClient(
        system_database_engine=store.engine, serializer=DBOSPortableJSONSerializer(), application_name="erpcore"
    )
    try:
        waiting = client.retrieve_workflow("deals:deal:waits:1:2").get_status()
        assert waiting.status == "DELAYED"
        assert waiting.input is not None
        assert len(waiting.input["args"]) == 3
        assert arguments(waiting.input["args"]) == (3, 2)
        with store.read() as connection:
            carried = list_runs(connection, states=["waiting", "running"])
        assert queue.dropped(carried) == []
        assert queue.hand_over("w1") == 1
    finally:
        client.destroy()
        queue.close()


def test_what_stands_is_filled_from_the_newest_run_of_each_record(store: Store) -> None:
    with store.read() as connection:
        standing = {each.run_id: each for each in list_records(connection)}
        newest = {run.id: run for run in list_runs(connection)}
    assert {number: each.state for number, each in standing.items()} == {
        number: run.state for number, run in newest.items()
    }
    for number, each in standing.items():
        problem = newest[number].problem
        assert each.cause == (None if problem is None else problem.key), "as it would be written today"
        assert each.since == (newest[number].finished_at or newest[number].queued_at)
    assert standing[14].documents == {"order": "7"}


def test_two_upgrades_at_once_and_a_second_one_change_nothing_more(old_url: str) -> None:
    assert upgrade(old_url)[0] == "0005"
    engine = sa.create_engine(old_url)
    with engine.connect() as connection:
        before = connection.exec_driver_sql("SELECT * FROM erpcore_runs ORDER BY id").all()
    assert upgrade(old_url) == []
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT * FROM erpcore_runs ORDER BY id").all() == before
    engine.dispose()


def test_an_empty_store_of_each_earlier_version_is_brought_up_to_date(empty_url: str) -> None:
    make_tables(empty_url, "0002")
    assert upgrade(empty_url)[:3] == ["0003", "0004", "0005"]
    open_store(empty_url, key=KEY).close()
