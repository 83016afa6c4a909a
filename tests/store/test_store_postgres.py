"""What is of PostgreSQL alone: connections that die while they rest, transactions that sleep, reading without one."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
import sqlalchemy as sa

from erpcore.store import open_store, postgres as under_test, upgrade
from erpcore.store.database import Store
from erpcore.store.workers import beat, claim_dead, register_worker

_TERMINATE = (
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = "
)


@pytest.fixture
def store(postgres_url: str) -> Store:
    upgrade(postgres_url)
    return open_store(postgres_url)


def _cut_connections(store: Store) -> None:
    """Have the server close every connection of the store's pool, from a connection outside it."""
    other = open_store(store.engine.url.render_as_string(hide_password=False))
    with other.engine.begin() as connection:
        assert connection.exec_driver_sql(f"{_TERMINATE}current_database()").scalar_one() >= 1
    other.close()


def test_connections_that_died_while_they_rested_are_replaced(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(under_test, "RESTED_SECONDS", 0.0)
    with store.engine.connect(), store.engine.connect():
        pass
    _cut_connections(store)
    for _ in range(2):
        with store.read() as connection:
            assert connection.execute(sa.select(sa.literal(1))).scalar_one() == 1
    store.close()


def test_a_connection_that_was_used_a_moment_ago_is_not_asked(store: Store) -> None:
    asked: list[str] = []
    with store.read() as connection:
        connection.execute(sa.select(sa.literal(1)))
    _cut_connections(store)
    sa.event.listen(store.engine, "handle_error", lambda context: asked.append(str(context.original_exception)))
    with pytest.raises(sa.exc.OperationalError), store.read() as connection:
        connection.execute(sa.select(sa.literal(1)))
    with store.read() as connection:
        assert connection.execute(sa.select(sa.literal(2))).scalar_one() == 2, "the next one is a new connection"
    assert len(asked) == 1
    store.close()


def test_reading_begins_no_transaction_and_leaves_none_behind(store: Store) -> None:
    with store.read() as connection:
        before = connection.exec_driver_sql("SELECT now()").scalar_one()
        assert connection.exec_driver_sql("SELECT now()").scalar_one() > before, "a transaction's now() stands still"
    with store.begin() as connection:
        before = connection.exec_driver_sql("SELECT now()").scalar_one()
        assert connection.exec_driver_sql("SELECT now()").scalar_one() == before, "the same connection, in one"
    store.close()


def test_who_sleeps_in_a_transaction_keeps_nobody_from_taking_over(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(under_test, "IDLE_SECONDS", 0.5)
    with store.begin() as connection:
        register_worker(connection, "asleep", host="here", pid=1)
    other = open_store(store.engine.url.render_as_string(hide_password=False))
    sleeper = open_store(store.engine.url.render_as_string(hide_password=False))
    asleep = sleeper.engine.connect()
    beat(asleep, "asleep")
    time.sleep(0.2)
    begun = time.monotonic()
    with other.begin() as connection:
        dead = claim_dead(connection, claimer="awake", older_than=timedelta(0))
    assert [worker.executor_id for worker in dead] == ["asleep"]
    assert 0.1 < time.monotonic() - begun < 10, "it waited until the server had ended the sleeper's session"
    with pytest.raises(sa.exc.OperationalError) as lost:
        beat(asleep, "asleep")
    assert lost.value.connection_invalidated
    asleep.close()
    with sleeper.begin() as connection:
        assert not beat(connection, "asleep"), "it was taken over, and learns so by the next connection"
    for each in (sleeper, other, store):
        each.close()
