"""Which company's account each connection and each side of a sync is, and where CRMs deliver their events to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "erpcore_accounts",
        sa.Column("owner", sa.String(), nullable=False, comment="dotted name in the settings"),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("other_key", sa.Text(), nullable=True, comment="found there last, when it is another account"),
        sa.Column("other_name", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("owner", name=op.f("pk_erpcore_accounts")),
    )
    op.create_table(
        "erpcore_subscriptions",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("subscription_id", sa.String(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False, comment="without its last part, which may be a secret"),
        sa.Column("target_digest", sa.String(), nullable=False, comment="of the whole address"),
        sa.Column("subscribed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("connection", name=op.f("pk_erpcore_subscriptions")),
    )
