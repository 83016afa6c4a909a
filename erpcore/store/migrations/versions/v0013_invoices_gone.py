"""Drafts of invoices are looked for in the ERP from time to time, since lists do not tell what is deleted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

_TABLE = "erpcore_invoices"


def upgrade() -> None:
    for name, comment in (
        ("draft", "not booked yet"),
        ("gone", "the ERP does not have it any more"),
    ):
        column: sa.Column[bool] = sa.Column(
            name, sa.Boolean(), nullable=False, server_default=sa.false(), comment=comment
        )
        op.add_column(_TABLE, column)
    looked_at = "when the ERP showed something else last, or was asked for it"
    op.add_column(_TABLE, sa.Column("looked_at", sa.DateTime(timezone=True), comment=looked_at))
    # Drafts owe nothing and have no colour; what else is so is found out when it is looked for.
    op.execute("UPDATE erpcore_invoices SET draft = (NOT owed AND told_colour IS NULL), looked_at = changed_at")
    where = sa.text("draft")
    op.create_index(
        "ix_erpcore_invoices_draft",
        _TABLE,
        ["sync", "looked_at"],
        sqlite_where=where,
        postgresql_where=where,
    )
