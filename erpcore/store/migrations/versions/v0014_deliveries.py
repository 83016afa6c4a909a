"""Large deliveries are kept whole when they come, answered, and taken in piece by piece."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "erpcore_deliveries",
        sa.Column("id", number, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("events", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erpcore_deliveries")),
    )
