"""Links by which somebody elsewhere gives a consent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "erpcore_consents",
        sa.Column("digest", sa.String(), nullable=False, comment="of the link's secret part"),
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), comment="digest of what comes back with the answer"),
        sa.Column("browser", sa.String(), comment="digest of the secret of the browser that asks"),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_erpcore_consents")),
        sa.UniqueConstraint("state", name=op.f("uq_erpcore_consents_state")),
    )
