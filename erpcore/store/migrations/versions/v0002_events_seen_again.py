"""When an event was last delivered again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column(
        "erpcore_inbox",
        sa.Column(
            "seen_again_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when it was last delivered again; empty when it came once",
        ),
    )
    # Nobody noted which events the feeds still show. Taking each for one of those keeps it for a while longer; the
    # other way round, an old one would be deleted and come in again as new.
    inbox = sa.table("erpcore_inbox", sa.column("seen_again_at"))
    op.execute(sa.update(inbox).values(seen_again_at=sa.func.current_timestamp()))
