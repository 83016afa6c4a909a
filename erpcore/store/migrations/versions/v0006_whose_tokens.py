"""Whose a token or a dead grant is, by the settings that it was bought with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    # Empty on those of before: they count as whose they are asked for, as they did.
    whose = sa.Column(
        "bought_for", sa.String(), nullable=False, server_default="", comment="whose, by the settings, as a digest"
    )
    op.add_column("erpcore_tokens", whose)
