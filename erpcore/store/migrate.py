"""Migrations of the store's tables (Alembic), run from inside the package."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

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


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "erpcore.store:migrations")
    return config


def _revisions(script: ScriptDirectory) -> list[str]:
    return [revision.revision for revision in reversed(list(script.walk_revisions()))]


def migrate(engine: sa.Engine) -> list[str]:
    """Apply the migrations that are missing, in one transaction; two processes that do it at once take turns.

    Args:
        engine: From `erpcore.store.database.make_engine`.

    Returns:
        The revisions applied, oldest first.

    Raises:
        ConfigurationError: The store was made by a newer version of erpcore.
    """
    config = _config()
    known = _revisions(ScriptDirectory.from_config(config))
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
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    return missing


def check_schema(engine: sa.Engine) -> None:
    """Refuse a store whose tables are not this version's.

    Raises:
        ConfigurationError: It is older (the command that upgrades it is named) or newer.
    """
    known = _revisions(ScriptDirectory.from_config(_config()))
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


def _current(connection: sa.Connection) -> str | None:
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    return context.get_current_revision()


def _newer(revision: str) -> ConfigurationError:
    return ConfigurationError(
        f"the store was made by a newer version of erpcore (its tables are at {revision}).",
        setting="store",
        advice="Install that version, or a later one.",
    )
