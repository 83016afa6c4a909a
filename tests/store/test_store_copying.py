"""From a SQLite file to PostgreSQL and back, with everything that must not be lost."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet

from erpcore.errors import ConfigurationError
from erpcore.host import Token
from erpcore.store import (
    Store,
    StoreTokenStore,
    begin_sending,
    copy_store,
    describe,
    get_secret,
    note_account,
    open_run,
    open_store,
    plan_intent,
    put_cursor,
    put_event,
    put_link,
    put_secret,
    record_done,
    register_worker,
    take_run,
    tell,
    upgrade,
)
from erpcore.store.schema import leases, whole_schema, workers
from tests.conftest_postgres import new_database

KEY = Fernet.generate_key().decode()


def filled(store: Store) -> None:
    vault = store.vault
    StoreTokenStore(store).save("books", Token("access", "refresh", bought_for="us"))
    with store.begin() as connection:
        put_secret(connection, vault, "lime", "api_key", "hush")
        note_account(connection, "connections.books", key="tenant 1", name="Ö AB")
        put_cursor(connection, "lime", "events", "17")
        put_event(connection, source="lime", event_key="e1", kind="deal_won", record_kind="deal", record_id="7")
        record = {"record_kind": "deal", "record_id": "7"}
        run, _ = open_run(connection, sync="won", source="lime", target="books", **record)
        take_run(connection, run.id, 1, worker="w")
        describe(connection, run, {"name": "Licenser", "amount": Decimal("12.10")})
        tell(connection, run.id, "note", "Å\u0000 null", {"sum": Decimal("0.10")})
        intent = plan_intent(
            connection, sync="won", record="deal 7", operation="create_order", reference="r-1", fence_seconds=60
        )
        turn = begin_sending(connection, intent.id, worker="w")
        record_done(connection, intent.id, attempt=turn.attempt, number="1001", result={"net": Decimal("12.10")})
        put_link(connection, sync="won", source_kind="deal", source_id="7", target_kind="order", number="1001")
        register_worker(connection, "w", host="here", pid=1)


def contents(store: Store) -> dict[str, list[tuple[object, ...]]]:
    with store.read() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(sa.select(table).order_by(*table.primary_key))]
            for table in whole_schema("sqlite").sorted_tables
            if table not in (leases, workers)
        }


@pytest.mark.parametrize("back", [False, True], ids=["to PostgreSQL", "from PostgreSQL"])
def test_everything_goes_along(postgres_server: str, tmp_path: Path, back: bool) -> None:
    with new_database(postgres_server) as url:
        upgrade(url)
        file, server = open_store(f"sqlite:///{tmp_path / 'erpcore.db'}", key=KEY), open_store(url, key=KEY)
        source, target = (server, file) if back else (file, server)
        try:
            filled(source)
            told: dict[str, int] = {}
            assert copy_store(source, target, told.__setitem__) == sum(told.values()) > 10
            assert contents(target) == contents(source)
            vault = target.vault
            with target.read() as connection:
                assert get_secret(connection, vault, "lime", "api_key") == "hush"
                assert connection.execute(sa.select(workers)).all() == [], "nobody works on it yet"
            assert StoreTokenStore(target).load("books") == Token("access", "refresh", bought_for="us")
            with target.begin() as connection:
                new, _ = open_run(
                    connection, sync="won", source="lime", target="books", record_kind="deal", record_id="8"
                )
                assert new.id == 2, "numbers go on where they were"
            with pytest.raises(ConfigurationError, match="is not empty"):
                copy_store(source, target)
        finally:
            file.close()
            server.close()
