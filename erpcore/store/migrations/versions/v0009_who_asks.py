"""Whose run asks which of two documents counts: until now the record's own, as only documents were asked about."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_ASKED = sa.text("asker IS NOT NULL")


def upgrade() -> None:
    asker = sa.Column("asker", sa.String(), comment="record whose run asks which of the two counts")
    op.add_column("erpcore_intents", asker)
    op.execute("UPDATE erpcore_intents SET asker = record WHERE second IS NOT NULL")
    op.create_index(
        op.f("ix_erpcore_intents_asker"),
        "erpcore_intents",
        ["asker"],
        sqlite_where=_ASKED,
        postgresql_where=_ASKED,
    )
