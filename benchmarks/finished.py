"""Many finished runs in a store: copies of those that are in it, with all that belongs to them."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

_FAR = 10_000
"""From the numbers of one copy to those of the next."""
# Each table's columns that number rows, and those that name what is its own; the rest is the same in every copy.
_OURS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "erpcore_runs": (("id",), ("record_id",)),
    "erpcore_records": (("run_id",), ("record_id",)),
    "erpcore_story": (("id", "run_id"), ()),
    "erpcore_inbox": (("id",), ("event_key", "record_id")),
    "erpcore_inbox_runs": (("event_id", "run_id"), ()),
    "erpcore_intents": (("id",), ("record", "reference", "number", "key")),
    "erpcore_intent_events": (("id", "intent_id"), ()),
    "erpcore_links": (("id",), ("source_id", "number", "key")),
}
_ENGINES = ("workflow_status", "workflow_input", "workflow_output")
_ENGINE_REMEMBERS = 1 / 180
"""Share of what is kept for 90 days that the engine still remembers, which is 12 hours."""


def multiply(engine: sa.Engine, copies: int) -> None:
    """Copy everything that is finished, and what is remembered of it for good.

    Args:
        engine: Of the store, which the queue has its tables in too. Nothing in it may be open.
        copies: How many.
    """
    with engine.begin() as connection:
        for name, (numbers, names) in _OURS.items():
            _copy(connection, None, name, numbers, names, copies)
    multiply_attempts(engine, max(1, round(copies * _ENGINE_REMEMBERS)))


def multiply_attempts(engine: sa.Engine, copies: int) -> None:
    """Copy what the engine remembers of attempts alone.

    Args:
        engine: Of the store.
        copies: How many.
    """
    schema = None if engine.dialect.name == "sqlite" else "dbos"
    with engine.begin() as connection:
        for name in _ENGINES:
            _copy(connection, schema, name, (), ("workflow_uuid",), copies)


def learn(engine: sa.Engine) -> None:
    """Have the database look at what it holds, as it does by itself after a while."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")


def size(engine: sa.Engine) -> int:
    """Give the bytes that a SQLite store takes, free pages left out."""
    with engine.connect() as connection:
        pages, free, each = (
            int(connection.exec_driver_sql(f"PRAGMA {what}").scalar_one())
            for what in ("page_count", "freelist_count", "page_size")
        )
    return (pages - free) * each


def _copy(
    connection: sa.Connection,
    schema: str | None,
    name: str,
    numbers: tuple[str, ...],
    names: tuple[str, ...],
    copies: int,
) -> None:
    columns = [column["name"] for column in sa.inspect(connection).get_columns(name, schema=schema)]

    def copied(column: str) -> str:
        if column in numbers:
            return f'held."{column}" + copy.n * {_FAR}'
        return f"held.\"{column}\" || '~' || copy.n" if column in names else f'held."{column}"'

    table = name if schema is None else f"{schema}.{name}"
    listed, taken = ", ".join(f'"{each}"' for each in columns), ", ".join(map(copied, columns))
    connection.exec_driver_sql(  # of names that stand here and in the database alone
        f"INSERT INTO {table} ({listed}) WITH RECURSIVE copy(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copy "
        f"WHERE n < {copies}) SELECT {taken} FROM copy CROSS JOIN {table} AS held"
    )
