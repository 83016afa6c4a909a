"""Inbox, runs, stories, cursors, and their deletion by age."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from dbos import DBOS, DBOSClient

from erpcore.store import (
    Store,
    delete_older,
    get_cursor,
    history_of,
    latest_run,
    links_from,
    list_runs,
    plan_intent,
    put_cursor,
    put_event,
    put_link,
    register_worker,
    stop_worker,
    story_of_record,
    story_of_run,
    tell,
    tell_once,
)
from tests.store.deal_runs import finish, open_deal, put_won, take


def test_an_event_is_kept_once_per_connection(store: Store) -> None:
    with store.begin() as connection:
        assert put_won(connection, "a")
        assert not put_won(connection, "a")
        event, new = put_event(connection, source="other", event_key="a", kind="x", record_kind="deal", record_id="1")
        assert new
        assert event.payload is None


def test_runs_are_listed(store: Store) -> None:
    with store.begin() as connection:
        for record in ("1", "2", "3"):
            run, _ = open_deal(connection, record)
            if record != "3":
                finish(connection, run, state="failed")
        newest, _ = open_deal(connection, "1")
        assert [run.record_id for run in list_runs(connection)] == ["1", "3", "2", "1"]
        assert [run.record_id for run in list_runs(connection, limit=2)] == ["1", "3"]
        assert [run.record_id for run in list_runs(connection, states=["failed"])] == ["2", "1"]
        assert latest_run(connection, sync="s", record_kind="deal", record_id="1") == newest
        assert latest_run(connection, sync="s", record_kind="deal", record_id="9") is None


def test_a_story_is_read_by_run_and_by_record(store: Store) -> None:
    with store.begin() as connection:
        first, _ = open_deal(connection)
        tell(connection, first.id, "step", "customer 55 found", {"number": "55"})
        finish(connection, first)
        second, _ = open_deal(connection)
        tell(connection, second.id, "step", "nothing to do")
        texts = [line.text for line in story_of_record(connection, sync="s", record_kind="deal", record_id="1")]
        assert texts == ["customer 55 found", "nothing to do"]
        assert [line.data for line in story_of_run(connection, first.id)] == [{"number": "55"}]


def test_a_cursor_is_kept_for_each_connection_and_feed(store: Store) -> None:
    with store.begin() as connection:
        assert get_cursor(connection, "crm", "events") is None
        put_cursor(connection, "crm", "events", "10")
        put_cursor(connection, "crm", "events", "11")
        assert get_cursor(connection, "crm", "events") == "11"
        assert get_cursor(connection, "other", "events") is None


def test_deletion_by_age_spares_links_intents_and_the_newest_run(timed_store: Store, clock: Any) -> None:
    with timed_store.begin() as connection:
        put_won(connection, "old")
        run, _ = open_deal(connection)
        take(connection, run)
        tell(connection, run.id, "step", "old")
        finish(connection, run)
        second, _ = open_deal(connection)
        tell(connection, second.id, "step", "old too")
        finish(connection, second)
        put_won(connection, "of an open run", record_id="2")
        open_deal(connection, "2")
        intent = plan_intent(
            connection, sync="s", record="deal 1", operation="create_order", reference="r", fence_seconds=1
        )
        put_link(connection, sync="s", source_kind="deal", source_id="1", target_kind="order", number="17")
        register_worker(connection, "gone", host="h", pid=1)
        stop_worker(connection, "gone")
        register_worker(connection, "silent", host="h", pid=2)
        clock.move(timedelta(days=90).total_seconds())
        put_won(connection, "new", record_id="3")
    deleted = delete_older(timed_store, keep=timedelta(days=30))
    with timed_store.begin() as connection:
        assert (deleted.events, deleted.story_lines, deleted.runs, deleted.workers) == (1, 2, 1, 1)
        assert [run.generation for run in list_runs(connection) if run.record_id == "1"] == [2]
        assert history_of(connection, intent.id)
        assert links_from(connection, sync="s", source_kind="deal", source_id="1")
        assert open_deal(connection)[0].generation == 3, "no generation is given twice"


def test_an_event_and_the_work_for_it_commit_together(store: Store) -> None:
    dbos = DBOS(config={"name": "erpcore", "system_database_engine": store.engine, "log_level": "CRITICAL"})
    try:
        dbos.launch()
        client = DBOSClient(system_database_engine=store.engine)
        options: Any = {"workflow_name": "handle", "queue_name": "records", "workflow_id": "s:deal:1:1"}

        def receive(fail: bool) -> None:
            with store.begin() as connection:
                put_won(connection, "a")
                open_deal(connection)
                client.enqueue_in_transaction(connection, options, "1")
                if fail:
                    raise KeyError

        with pytest.raises(KeyError):
            receive(fail=True)
        assert client.list_workflows() == []
        with store.read() as connection:
            assert list_runs(connection) == []
        receive(fail=False)
        assert [status.workflow_id for status in client.list_workflows()] == ["s:deal:1:1"]
        with store.read() as connection:
            assert len(list_runs(connection)) == 1
        client.destroy()
    finally:
        DBOS.destroy()


def test_lines_told_again_by_a_repeated_step_are_told_once(store: Store) -> None:
    with store.begin() as connection:
        run, _ = open_deal(connection)
        other, _ = open_deal(connection, "2")
        tell_once(connection, other.id, [("note", "a", None)])
        tell_once(connection, run.id, [("note", "a", {"x": 1}), ("loss", "a", None), ("note", "a", None)])
        tell_once(connection, run.id, [("note", "b", None), ("note", "a", None)])
        tell_once(connection, run.id, [("note", "b", None)])
        tell_once(connection, run.id, [])
        lines = [(line.kind, line.text, line.data) for line in story_of_run(connection, run.id)]
        assert lines == [("note", "a", {"x": 1}), ("loss", "a", None), ("note", "b", None)]
        assert len(story_of_run(connection, other.id)) == 1
