"""Opening the store, its migrations, its column types."""

from __future__ import annotations

import sqlite3
import stat
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from dbos import DBOS

from erpcore.errors import ConfigurationError, UnavailableError
from erpcore.problem import Problem
from erpcore.store import (
    Store,
    get_cursor,
    installation_id,
    now,
    open_memory_store,
    open_store,
    put_cursor,
    put_event,
    story_of_run,
    upgrade,
)
from erpcore.store.attempts import keep_waiting, open_run
from erpcore.store.database import make_engine
from erpcore.store.migrate import VERSION_TABLE, include_name
from erpcore.store.runs import get_run
from erpcore.store.schema import PREFIX, whole_schema
from erpcore.store.sqlite import unixepoch
from erpcore.store.story import tell
from tests.store.conftest import KEY

AWAY = Problem.of(UnavailableError("away"))


def _differences(engine: sa.Engine) -> list[object]:
    with engine.connect() as connection:
        options = {"include_name": include_name, "version_table": VERSION_TABLE, "compare_type": True}
        return list(
            compare_metadata(
                MigrationContext.configure(connection, opts=options), whole_schema(connection.dialect.name)
            )
        )


def test_models_and_migrations_agree(store: Store) -> None:
    assert _differences(store.engine) == []
    with store.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE erpcore_cursors ADD COLUMN stray integer")
    assert _differences(store.engine), "the comparison sees a difference when there is one"


def test_a_store_in_memory_has_the_tables_that_migrations_make(tmp_path: Path) -> None:
    def shape(store: Store) -> dict[str, object]:
        with closing(store), store.read() as connection:
            found = sa.inspect(connection)
            ours = [name for name in found.get_table_names() if name.startswith(PREFIX) and name != VERSION_TABLE]
            columns = {
                name: sorted((each["name"], str(each["type"]), each["nullable"]) for each in found.get_columns(name))
                for name in ours
            }
            checks = {name: sorted(str(each["sqltext"]) for each in found.get_check_constraints(name)) for name in ours}
            sql = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
            indexes = {
                name: " ".join(text.replace('"', "").split())
                for name, text in connection.exec_driver_sql(sql)
                if name.split("_", 1)[1].startswith(PREFIX)
            }
            return {"columns": columns, "checks": checks, "indexes": indexes}

    assert shape(open_memory_store()) == shape(open_store(f"sqlite:///{tmp_path / 'migrated.db'}"))


def test_upgrade_is_idempotent_and_names_what_it_did(empty_url: str) -> None:
    applied = upgrade(empty_url)
    assert applied[0] == "0001"
    assert upgrade(empty_url) == []


def test_two_that_upgrade_at_once_take_turns(empty_url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(upgrade, [empty_url] * 4))
    assert sorted(map(bool, results)) == [False, False, False, True]


def test_a_new_file_that_another_process_is_at_is_waited_for(tmp_path: Path) -> None:
    """SQLite itself waits for a writer, but not where the write-ahead log is to be turned on."""
    file = tmp_path / "new.db"
    with closing(sqlite3.connect(file, isolation_level=None)) as other, ThreadPoolExecutor(1) as pool:
        other.execute("BEGIN IMMEDIATE")
        upgrading = pool.submit(upgrade, f"sqlite:///{file}")
        time.sleep(0.1)  # long enough for it to be refused if it did not wait
        other.execute("ROLLBACK")
        assert upgrading.result(60) != []


def test_tables_of_others_are_left_alone(empty_url: str) -> None:
    engine = make_engine(empty_url)
    dbos = DBOS(config={"name": "erpcore", "system_database_engine": engine, "log_level": "CRITICAL"})
    try:
        dbos.launch()
        upgrade(empty_url)
        assert _differences(engine) == []
        schema = "dbos" if engine.dialect.name == "postgresql" else None
        assert "workflow_status" in sa.inspect(engine).get_table_names(schema=schema)
        if schema is None:
            with engine.connect() as connection:
                seen = compare_metadata(MigrationContext.configure(connection), whole_schema(connection.dialect.name))
            assert any(item[0] == "remove_table" for item in seen if isinstance(item, tuple)), "the filter is needed"
    finally:
        DBOS.destroy()
        engine.dispose()


def test_sqlite_migrates_itself(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'new.db'}")
    with store.begin() as connection:
        first = installation_id(connection)
        assert installation_id(connection) == first
    assert len(first) == 6
    store.close()
    again = open_store(f"sqlite:///{tmp_path / 'new.db'}")
    with again.begin() as connection:
        assert installation_id(connection) == first
    again.close()


def test_postgresql_without_tables_names_the_command(postgres_url: str) -> None:
    with pytest.raises(ConfigurationError, match="erpcore db upgrade"):
        open_store(postgres_url)
    upgrade(postgres_url)
    open_store(postgres_url).close()


def test_a_store_of_a_newer_version_is_refused(store: Store, store_url: str) -> None:
    with store.begin() as connection:
        connection.exec_driver_sql("UPDATE erpcore_schema_version SET version_num = '9999'")
    with pytest.raises(ConfigurationError, match="newer version"):
        open_store(store_url)
    with pytest.raises(ConfigurationError, match="newer version"):
        upgrade(store_url)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("sqlite:///:memory:", "must be a file"),
        ("sqlite://", "must be a file"),
        ("sqlite:////no/such/folder/erpcore.db", "does not exist"),
        ("mysql://root@localhost/x", "not supported"),
        ("erpcore.db", "cannot be read"),
        ("postgresql://x:hidden@127.0.0.1:1/x", "out of reach"),
    ],
)
def test_a_bad_address_is_explained(url: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words) as caught:
        open_store(url)
    assert caught.value.advice
    assert "hidden" not in str(caught.value)


def test_a_store_in_memory_tells_its_observer_of_each_transaction(clock: Any) -> None:
    seen: list[str] = []

    @contextmanager
    def observer(kind: str) -> Iterator[None]:
        seen.append(kind)
        try:
            yield
        except ValueError:
            seen.append("rolled back")
            raise
        seen.append("over")

    store = open_memory_store(key=KEY, clock=clock.clock, random=Random(1), observer=observer)
    with store.begin() as connection:
        put_cursor(connection, "lime", "events", "1")

    def break_off() -> None:
        with store.begin() as connection:
            put_cursor(connection, "lime", "events", "2")
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        break_off()
    with store.read() as connection:
        assert get_cursor(connection, "lime", "events") == "1"
        assert now(connection) == clock.at
    assert seen == ["begin", "over", "begin", "rolled back", "read", "over"]
    with store.begin() as connection:
        drawn = installation_id(connection)
    again = open_memory_store(key=KEY, clock=clock.clock, random=Random(1), observer=observer)
    with again.begin() as connection:
        assert get_cursor(connection, "lime", "events") is None, "it is another database"
        assert installation_id(connection) == drawn
    store.close()
    again.close()


def test_sqlite_is_set_up_for_several_threads(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'a.db'}", synchronous="NORMAL")
    with store.read() as connection:
        wanted = {"journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 30000, "synchronous": 1}
        assert {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in wanted} == wanted
    store.close()


def test_a_rolled_back_transaction_leaves_nothing(store: Store) -> None:
    def receive(fail: bool) -> bool:
        with store.begin() as connection:
            _, new = put_event(connection, source="crm", event_key="1", kind="won", record_kind="deal", record_id="1")
            if fail:
                raise KeyError
            return new

    with pytest.raises(KeyError):
        receive(fail=True)
    assert receive(fail=False)
    assert not receive(fail=False)


def test_unixepoch_counts_milliseconds_on_every_connection(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'a.db'}")
    with store.read() as connection:
        before = time.time()
        milliseconds = connection.exec_driver_sql("SELECT unixepoch('subsec') * 1000").scalar_one()
        whole = connection.exec_driver_sql("SELECT unixepoch()").scalar_one()
        after = time.time()
    store.close()
    assert before * 1000 - 1 <= milliseconds <= after * 1000 + 1
    assert isinstance(whole, int)
    assert int(before) <= whole <= after


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("2026-03-01 12:00:00.125", "subsec"), 1772366400.125),
        (("2026-03-01 12:00:00.999",), 1772366400),
        (("2026-03-01 12:00:00", "+1 day", "subsecond"), 1772452800.0),
    ],
)
def test_unixepoch_reads_time_values_as_sqlite_does(arguments: tuple[str, ...], expected: float) -> None:
    assert unixepoch(*arguments) == expected
    with sqlite3.connect(":memory:") as memory:
        plain = [argument for argument in arguments if not argument.startswith("subsec")]
        marks = ", ".join("?" * len(plain))
        assert memory.execute(f"SELECT CAST(strftime('%s', {marks}) AS INT)", plain).fetchone()[0] == int(expected)
    memory.close()


def test_the_database_tells_the_time_and_a_given_clock_goes_first(store: Store, timed_store: Store) -> None:
    with store.read() as connection:
        moment = now(connection)
    assert moment.utcoffset() == timedelta(0)
    assert abs(moment - datetime.now(UTC)) < timedelta(seconds=5)
    with timed_store.read() as connection:
        assert now(connection) == datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def test_values_come_back_as_they_went_in(store: Store) -> None:
    payload = {"value": Decimal("1234567890.10"), "tiny": Decimal("0.001"), "text": "å\u0000", "list": [1, None]}
    with store.begin() as connection:
        run, _ = open_run(connection, sync="s", source="crm", target="erp", record_kind="deal", record_id="1")
        tell(connection, run.id, "step", "a NUL \x00 in a vendor's text", payload)
    with store.read() as connection:
        line = story_of_run(connection, run.id)[0]
    assert line.data == payload
    assert str(line.data["value"]) == "1234567890.10"
    assert line.text == "a NUL \ufffd in a vendor's text"
    assert line.at.utcoffset() == timedelta(0)


def test_a_float_or_a_naive_time_is_refused(store: Store) -> None:
    with store.begin() as connection:
        run, _ = open_run(connection, sync="s", source="crm", target="erp", record_kind="deal", record_id="1")
    with pytest.raises(sa.exc.StatementError, match="float"), store.begin() as connection:
        tell(connection, run.id, "step", "x", {"amount": 0.1})
    naive = datetime(2026, 1, 1)  # noqa: DTZ001  the point
    with pytest.raises(sa.exc.StatementError, match="without time zone"), store.begin() as connection:
        keep_waiting(connection, run.id, resume_at=naive, summary="x", problem=AWAY)
    later = datetime(2026, 1, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    with store.begin() as connection:
        keep_waiting(connection, run.id, resume_at=later, summary="x", problem=AWAY)
        assert get_run(connection, run.id).resume_at == later


def test_the_store_file_is_not_world_writable(tmp_path: Path) -> None:
    open_store(f"sqlite:///{tmp_path / 'a.db'}").close()
    assert not stat.S_IMODE((tmp_path / "a.db").stat().st_mode) & stat.S_IWOTH


def test_what_a_statement_was_given_is_in_no_error(store: Store) -> None:
    statement = sa.text("INSERT INTO no_such_table (payload) VALUES (:payload)")
    with pytest.raises(sa.exc.DBAPIError) as caught, store.begin() as connection:
        connection.execute(statement, {"payload": "Kim Kund, kim@kund.example"})
    assert "no_such_table" in str(caught.value)
    assert "kim" not in str(caught.value).casefold(), "its text goes to logs, stories and e-mail"


def test_a_connection_in_use_when_the_store_is_closed_is_closed_when_it_is_given_back(store: Store) -> None:
    with store.read() as connection:
        used = connection.connection.dbapi_connection
        store.close()
        assert connection.exec_driver_sql("SELECT 1").scalar_one() == 1, "who uses it is not disturbed"
    closed = (sqlite3.ProgrammingError, psycopg.OperationalError)
    assert used is not None
    with pytest.raises(closed, match="closed"):
        used.cursor().execute("SELECT 1")
