"""Indexes that nothing asks, or that held rows which nobody looks for by them, take no room any more."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

_BY_KEY = "ix_erpcore_links_sync_target_kind_key"


def upgrade() -> None:
    op.drop_index("ix_erpcore_inbox_received_at", "erpcore_inbox")
    op.drop_index(_BY_KEY, "erpcore_links")
    where = sa.text("key IS NOT NULL")
    columns = ["sync", "target_kind", "key"]
    op.create_index(_BY_KEY, "erpcore_links", columns, sqlite_where=where, postgresql_where=where)
