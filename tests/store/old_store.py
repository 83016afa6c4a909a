"""Stores as earlier versions left them: their tables by their migrations, and what a worker of theirs wrote."""

from __future__ import annotations

import re
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from dbos import DBOS

from erpcore.store.database import make_engine

LEFT_BY_A_WORKER = Path(__file__).with_name("store_0004.sql")


def make_tables(url: str, revision: str) -> None:
    """Make our tables as a version had them."""
    config = Config()
    config.set_main_option("script_location", "erpcore.store:migrations")
    engine = make_engine(url)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()


def load(url: str, *statements: str) -> None:
    """Run statements that were written for PostgreSQL; the queue's tables have a schema of their own there."""
    engine = make_engine(url)
    with engine.begin() as connection:
        cursor = connection.connection.cursor()  # the driver's own: nothing in the texts is a parameter
        for statement in statements:
            if engine.dialect.name == "sqlite":
                statement = re.sub(r"(\.\d{6})\+00:00'", r"\1'", statement.replace("INSERT INTO dbos.", "INSERT INTO "))
            cursor.execute(statement)
        if engine.dialect.name == "postgresql":
            seen = sa.inspect(connection)
            for table in seen.get_table_names():
                if table != "erpcore_installation" and "id" in {each["name"] for each in seen.get_columns(table)}:
                    # Rows that brought their number along have not been counted.
                    sequence = f"pg_get_serial_sequence('{table}', 'id')"
                    cursor.execute(f"SELECT setval({sequence}, coalesce(max(id), 0) + 1, false) FROM {table}")  # noqa: S608  our own tables
    engine.dispose()


def make_old_store(url: str) -> None:
    """Make the store that a worker of schema 0004 left behind when it was killed in the middle of create_order."""
    make_tables(url, "0004")
    DBOS.migrate(url)
    load(url, *re.findall(r"^INSERT .*?;$", LEFT_BY_A_WORKER.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL))
