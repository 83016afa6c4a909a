"""Copying a whole store into another database: the way from a SQLite file to PostgreSQL, and back."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa

from erpcore.errors import ConfigurationError
from erpcore.store.database import Store
from erpcore.store.schema import leases, whole_schema, workers

_AT_ONCE = 1_000
_LEFT = (leases, workers)
"""What is true of running processes alone, of which there are none."""


def copy_store(source: Store, target: Store, told: Callable[[str, int], None] = lambda table, rows: None) -> int:
    """Copy every row that is to outlive a worker. Nothing works on either store meanwhile; see `sole_worker`.

    Secrets and tokens go along as they are encrypted: the target needs the source's key.

    Args:
        source: From where.
        target: Where to; its tables are there, and empty.
        told: Is called for each table, with its name and how many rows it had.

    Returns:
        How many rows.

    Raises:
        ConfigurationError: There is something in the target already. Nothing is changed then.
    """
    count, tables = 0, whole_schema(target.engine.dialect.name).sorted_tables
    with source.read() as reading, target.begin() as writing:
        for table in tables:
            if writing.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first() is not None:
                raise ConfigurationError(
                    f"the store to copy into is not empty: {table.name} has rows.",
                    setting="--to",
                    advice="Name a database of its own that nothing has been written to. Nothing was changed.",
                )
        for table in tables:
            if table in _LEFT:
                continue
            rows = 0
            for page in reading.execute(sa.select(table).order_by(*table.primary_key)).partitions(_AT_ONCE):
                writing.execute(sa.insert(table), [dict(row._mapping) for row in page])
                rows += len(page)
            _go_on_counting(writing, table)
            told(table.name, rows)
            count += rows
    return count


def _go_on_counting(connection: sa.Connection, table: sa.Table) -> None:
    """Let the next row get the number after the last: PostgreSQL has not counted rows that brought theirs along."""
    (key, *others) = table.primary_key
    if connection.dialect.name != "postgresql" or others or not isinstance(key.type, sa.Integer):
        return
    sequence = connection.execute(sa.select(sa.func.pg_get_serial_sequence(table.name, key.name))).scalar_one()
    if sequence is not None:
        last = sa.select(sa.func.coalesce(sa.func.max(key), 0) + 1).scalar_subquery()
        connection.execute(sa.select(sa.func.setval(sequence, last, sa.false())))
