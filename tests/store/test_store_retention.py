"""What is deleted by age, when the CRM's feed goes on showing what is old."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from erpcore.store import (
    Deleted,
    Portions,
    Store,
    delete_older,
    events_of,
    finish_run,
    list_runs,
    open_run,
    open_store,
    put_event,
    take_run,
    tell,
    upgrade,
)
from erpcore.store.database import make_engine
from erpcore.store.schema import inbox, whole_schema

KEEP = timedelta(days=90)


def _read(store: Store, keys: Iterable[str], crm: str = "crm") -> int:
    """A feed is read that shows these events; how many of them are new."""
    with store.begin() as connection:
        event = {"source": crm, "kind": "deal_won", "record_kind": "deal", "record_id": "1"}
        return sum(put_event(connection, event_key=key, **event)[1] for key in keys)


def _handle(connection: Connection) -> int:
    run, _ = open_run(connection, sync="s", source="crm", target="erp", record_kind="deal", record_id="1")
    take_run(connection, run.id, 1, worker="w")
    finish_run(connection, run.id, state="nothing", summary="x")
    return run.id


def _delete(store: Store) -> int:
    return delete_older(store, keep=KEEP).events


def test_an_event_that_the_feed_still_shows_never_comes_in_again_as_new(timed_store: Store, clock: Any) -> None:
    assert _read(timed_store, ["a", "b"]) == 2
    for day in range(5, 205, 5):
        clock.move(timedelta(days=5).total_seconds())
        _delete(timed_store)
        assert _read(timed_store, ["a", "b", f"of day {day}"]) == 1


def test_an_event_that_the_feed_has_let_go_of_is_deleted_by_age(timed_store: Store, clock: Any) -> None:
    _read(timed_store, ["a", "b"])
    clock.move(timedelta(days=89).total_seconds())
    assert _read(timed_store, ["b"]) == 0
    assert _delete(timed_store) == 0
    clock.move(timedelta(days=2).total_seconds())
    assert _read(timed_store, ["b"]) == 0
    assert _delete(timed_store) == 1
    assert _read(timed_store, ["b"]) == 0


def test_while_a_feed_is_not_read_its_events_do_not_age(timed_store: Store, clock: Any) -> None:
    """The worker was off, or the CRM out of reach, for longer than events are kept: the feed may still show them."""
    _read(timed_store, ["a"])
    _read(timed_store, ["a"], crm="another")
    clock.move(timedelta(days=200).total_seconds())
    _read(timed_store, ["new"], crm="another")
    assert _delete(timed_store) == 1, "only of the CRM that was read"
    assert _read(timed_store, ["a"]) == 0


def test_a_feed_that_is_read_often_writes_once_an_hour(timed_store: Store, clock: Any) -> None:
    _read(timed_store, ["a"])
    seen = set()
    for _ in range(181):
        clock.move(60)
        _read(timed_store, ["a"])
        with timed_store.read() as connection:
            seen.add(connection.execute(sa.select(inbox.c.seen_again_at)).scalar_one())
    assert len(seen - {None}) == 2


def test_the_run_of_an_event_that_is_kept_stays_so_that_the_event_does_not_wait_again(
    timed_store: Store, clock: Any
) -> None:
    _read(timed_store, ["a"])
    with timed_store.begin() as connection:
        first = _handle(connection)
    for _ in range(3):
        clock.move(timedelta(days=60).total_seconds())
        _read(timed_store, ["a"])
        with timed_store.begin() as connection:
            later = _handle(connection)
        _delete(timed_store)
        with timed_store.read() as connection:
            assert events_of(connection, later) == [], "it is the first run's, and no win of today"
    with timed_store.read() as connection:
        left = [run.id for run in list_runs(connection)]
        assert first in left
        assert [event.event_key for event in events_of(connection, first)] == ["a"]
        assert len(left) == 3, "the others go by age"


def _make_first_version(url: str) -> None:
    config = Config()
    config.set_main_option("script_location", "erpcore.store:migrations")
    engine = make_engine(url)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.exec_driver_sql(
            "INSERT INTO erpcore_inbox (connection, event_key, kind, record_kind, record_id, received_at) "
            "VALUES ('crm', 'a', 'deal_won', 'deal', '1', '2020-01-01 00:00:00')"
        )
        connection.exec_driver_sql(
            "INSERT INTO erpcore_runs (sync, connection, record_kind, record_id, generation, state, queued_at) "
            "VALUES ('s', 'crm', 'deal', '1', 1, 'running', '2020-01-01 00:00:00')"
        )
    engine.dispose()


def test_a_store_of_the_first_version_keeps_its_events_and_runs(empty_url: str) -> None:
    _make_first_version(empty_url)
    if "postgresql" in empty_url:
        assert upgrade(empty_url)[0] == "0002"
    store = open_store(empty_url)
    with store.read() as connection:
        (run,) = list_runs(connection)
        seen = connection.execute(sa.select(inbox.c.seen_again_at)).scalar_one()
    assert (run.state, run.attempt) == ("running", 1)
    assert timedelta(0) <= datetime.now(UTC) - seen + timedelta(seconds=2) < timedelta(minutes=1)
    with store.begin() as connection:
        finish_run(connection, run.id, state="done", summary="x")
    assert _delete(store) == 0, "whether the feed still shows it, nobody noted"
    assert _read(store, ["a"]) == 0
    store.close()


def test_a_file_of_the_first_version_is_brought_up_to_date_when_it_is_opened(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'old.db'}"
    _make_first_version(url)
    open_store(url).close()
    assert upgrade(url) == []


def _fill(timed_store: Store, clock: Any, count: int) -> None:
    """Two finished runs of each of so many records, long ago, with their events and stories."""
    records = [f"d{number}" for number in range(count)]
    with timed_store.begin() as connection:
        for record in (*records, *records):  # the second run of each stays, without its story
            of_record = {"sync": "s", "source": "crm", "target": "erp", "record_kind": "deal", "record_id": record}
            run, _ = open_run(connection, **of_record)
            put_event(connection, event_key=f"{run.id}", kind="deal_won", **_named(of_record))
            take_run(connection, run.id, 1, worker="w")
            tell(connection, run.id, "step", "one")
            tell(connection, run.id, "step", "two")
            finish_run(connection, run.id, state="done", summary="x")
    clock.move(timedelta(days=91).total_seconds())
    _read(timed_store, ["of today"])


def test_what_is_old_goes_in_portions_between_which_others_write(timed_store: Store, clock: Any) -> None:
    """A run's story goes whole, and nothing is left because a portion was full."""
    _fill(timed_store, clock, 450)
    writes = list[int]()
    sa.event.listen(timed_store.engine, "commit", lambda _connection: writes.append(1))
    deleted = delete_older(timed_store, keep=KEEP)
    assert (deleted.events, deleted.story_lines, deleted.runs) == (900, 1800, 450)
    assert len(writes) > 10
    assert delete_older(timed_store, keep=KEEP) == Deleted(0, 0, 0, 0, 0)


def test_a_worker_that_stops_leaves_the_rest_for_another_time(timed_store: Store, clock: Any) -> None:
    _fill(timed_store, clock, 30)
    asked = iter([True, True])
    first = delete_older(timed_store, keep=KEEP, may_go_on=lambda: next(asked, False))
    assert first == Deleted(events=60, story_lines=0, runs=0, workers=0, messages=0)
    assert delete_older(timed_store, keep=KEEP) == Deleted(0, 120, 30, 0, 0)


def test_a_portion_that_took_long_is_followed_by_smaller_ones_and_by_a_rest_for_others(clock: Any) -> None:
    portions, sizes, rests = Portions(clock.clock), list[int](), list[float]()
    clock.sleep = rests.append
    for took in [0.001] * 6 + [0.04] + [0.5] * 4:
        sizes.append(portions.size)
        with portions.one():
            clock.move(took)
    assert sizes == [20, 40, 80, 160, 320, 500, 500, 500, 50, 5, 1]
    assert [round(rest, 3) for rest in rests] == [0.002] * 6 + [0.08] + [1.0] * 4


def test_no_deletion_looks_through_a_table_while_others_wait(timed_store: Store, clock: Any) -> None:
    _fill(timed_store, clock, 30)
    asked = dict[str, Any]()
    sa.event.listen(timed_store.engine, "before_cursor_execute", lambda *given: asked.setdefault(given[2], given[3]))
    assert delete_older(timed_store, keep=KEEP).runs == 30
    deleted = {text: given for text, given in asked.items() if text.startswith("DELETE") and "_workers" not in text}
    assert len(deleted) >= 4
    with timed_store.read() as connection:
        sqlite = timed_store.is_sqlite
        if not sqlite:  # which reads a small table from end to end unless it is told not to
            connection.exec_driver_sql("SET enable_seqscan = off")
        explain = "EXPLAIN QUERY PLAN" if sqlite else "EXPLAIN"
        for text, given in deleted.items():
            plan = [str(row[-1]) for row in connection.exec_driver_sql(f"{explain} {text}", given)]
            assert not [line for line in plan if "SCAN" in line or "Seq Scan" in line], (text, plan)


def test_what_is_deleted_with_a_row_is_found_by_an_index() -> None:
    """A foreign key whose column has none is looked for in the whole table, for each row that goes."""
    for table in whole_schema("sqlite").tables.values():
        first = {next(iter(index.columns)) for index in (*table.indexes, table.primary_key)}
        assert {key.parent for key in table.foreign_keys} <= first, table.name


def _named(of_record: dict[str, str]) -> dict[str, str]:
    return {name: of_record[name] for name in ("source", "record_kind", "record_id")}
