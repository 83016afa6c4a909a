"""What the database says when it cannot be used, told by its cause."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa

from erpcore.errors import ConfigurationError
from erpcore.store import open_store, store_failure, upgrade
from tests.conftest_postgres import new_database


class OfSqlite(sqlite3.OperationalError):
    def __init__(self, code: int) -> None:
        super().__init__("what SQLite says")
        self.sqlite_errorcode = code  # type: ignore[misc]


class OfPostgres(Exception):
    def __init__(self, sqlstate: str | None, text: str = "what PostgreSQL says") -> None:
        super().__init__(text)
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("orig", "words", "advice"),
    [
        (OfSqlite(sqlite3.SQLITE_FULL), "cannot be written, because the disk is full", "Make room"),
        (OfSqlite(sqlite3.SQLITE_BUSY), "is locked by another program", "End that program"),
        (OfSqlite(sqlite3.SQLITE_READONLY | 1 << 8), "may not be written", "Let the user"),
        (OfSqlite(sqlite3.SQLITE_CANTOPEN), "cannot be opened", "not a folder"),
        (OfSqlite(sqlite3.SQLITE_CORRUPT), "is damaged", "last copy"),
        (OfPostgres("28P01"), "refuses the password", "Correct the password"),
        (OfPostgres("53100"), "because its disk is full", "Make room"),
        (OfPostgres("42P07"), "has a table of this name already", "a database of erpcore's own"),
        (OfPostgres(None, 'FATAL: database "x" does not exist'), "does not exist", "Make the database"),
        (OfPostgres(None, 'FATAL: role "x" does not exist'), "refuses the user", "Correct the user"),
        (OfPostgres(None, "password authentication failed"), "refuses the password", "Correct the password"),
        (OfPostgres(None, "connection refused"), "is out of reach", "Check the address"),
    ],
)
def test_each_cause_has_its_sentence_and_its_advice(orig: Exception, words: str, advice: str) -> None:
    told = store_failure(sa.exc.OperationalError("SELECT 1", None, orig))
    assert words in told.message
    assert str(orig) in told.message
    assert told.message.endswith(").")
    assert advice in str(told.advice)
    assert "SELECT" not in str(told)


def test_a_real_database_that_is_not_there_is_told_as_that(postgres_server: str) -> None:
    with new_database(postgres_server) as url:
        upgrade(url)
        gone = sa.make_url(url).set(database="gone").render_as_string(hide_password=False)
        for call in (open_store, upgrade):
            with pytest.raises(ConfigurationError, match="does not exist"):
                call(gone)


def test_a_table_that_is_somebody_else_s_is_told_as_that(postgres_server: str, tmp_path: Path) -> None:
    with new_database(postgres_server) as url:
        engine = sa.create_engine(sa.make_url(url).set(drivername="postgresql+psycopg"))
        with engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE erpcore_links (id int)")
        engine.dispose()
        with pytest.raises(ConfigurationError, match="has a table of this name already"):
            upgrade(url)
