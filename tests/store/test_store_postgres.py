"""What is of PostgreSQL alone: connections that die while they rest, and reading without a transaction."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from erpcore.store import open_store, upgrade
from erpcore.store import postgres as under_test
from erpcore.store.database import Store

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
