"""Migrations of the store's tables (Alembic), run from inside the package.

Alembic is loaded when there is something to migrate: whether there is tell the names of the files and one row.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import sqlalchemy as sa

from erpcore.errors import ConfigurationError
from erpcore.store.schema import PREFIX

VERSION_TABLE = f"{PREFIX}schema_version"
"""Where Alembic notes the schema's version; of our own name, since others may use Alembic in the same database."""

# Any number that nobody else locks in this database; two processes that migrate at once take turns by it.
_ADVISORY_LOCK = 0x65727063


def include_name(name: str | None, type_: str, parent_names: object) -> bool:
    """Whether Alembic may look at a thing in the database: only at our own tables.

    DBOS keeps its tables in the same SQLite file; without this a generated migration drops them.
    """
    del parent_names
    if type_ == "table":
        return name is not None and name.startswith(PREFIX) and name != VERSION_TABLE
    return True


@cache
def revisions() -> list[str]:
    """Give the revisions that this version knows, oldest first: the numbers in the names of the migrations' files."""
    files = (Path(__file__).parent / "migrations" / "versions").glob("v*.py")
    return sorted(file.name.partition("_")[0].removeprefix("v") for file in files)


def migrate(engine: sa.Engine) -> list[str]:
    """Apply the migrations that are missing, in one transaction; two processes that do it at once take turns.

    Args:
        engine: From `erpcore.store.database.make_engine`.

    Returns:
        The revisions applied, oldest first.

    Raises:
        ConfigurationError: The store was made by a newer version of erpcore.
    """
    known = revisions()
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            if _current(connection) == known[-1]:
                return []
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ADVISORY_LOCK)))
        before = _current(connection)
        if before is not None and before not in known:
            raise _newer(before)
        missing = known[known.index(before) + 1 :] if before is not None else known
        if missing:
            _upgrade(connection)
    return missing


def check_schema(engine: sa.Engine) -> None:
    """Refuse a store whose tables are not this version's.

    Raises:
        ConfigurationError: It is older (the command that upgrades it is named) or newer.
    """
    known = revisions()
    with engine.connect() as connection:
        current = _current(connection)
    if current == known[-1]:
        return
    if current is not None and current not in known:
        raise _newer(current)
    state = "has no tables yet" if current is None else f"is of an older version ({current})"
    raise ConfigurationError(
        f"the store {state}; this version of erpcore needs {known[-1]}.",
        setting="store",
        advice="Stop the workers and run: erpcore db upgrade",
    )


def _upgrade(connection: sa.Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "erpcore.store:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _current(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table(VERSION_TABLE):
        return None
    noted = sa.table(VERSION_TABLE, sa.column("version_num"))
    revision: str | None = connection.execute(sa.select(noted.c.version_num)).scalar_one_or_none()
    return revision


def _newer(revision: str) -> ConfigurationError:
    return ConfigurationError(
        f"the store was made by a newer version of erpcore (its tables are at {revision}).",
        setting="store",
        advice="Install that version, or a later one.",
    )
