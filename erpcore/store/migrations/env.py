"""Alembic's entry; run by `erpcore.store.migrate`, on the connection that it gives."""

from __future__ import annotations

from alembic import context

from erpcore.store.migrate import VERSION_TABLE, include_name
from erpcore.store.schema import whole_schema

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=whole_schema(connection.dialect.name),
    version_table=VERSION_TABLE,
    include_name=include_name,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
