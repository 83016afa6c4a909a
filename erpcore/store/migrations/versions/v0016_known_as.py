"""Links keep what the target calls its record, by which a number that was given to another one is noticed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.add_column("erpcore_links", sa.Column("known_as", sa.Text(), comment="what the target calls its record"))
