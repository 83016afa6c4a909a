"""The mirror of articles: what each side of a sync shows of each, and what the two had in common last."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    halves = [
        column
        for side in ("crm", "erp")
        for column in (
            sa.Column(side, sa.Text(), comment="values that it shows; empty where it has no such article"),
            sa.Column(f"{side}_agreed", sa.Text(), comment="values that it showed when the two were last equal"),
            sa.Column(f"{side}_key", sa.String(), comment="its own key of the article"),
            sa.Column(f"{side}_changed_at", sa.DateTime(timezone=True), comment="as it tells itself"),
            sa.Column(f"{side}_read_at", sa.DateTime(timezone=True), comment="when the reading began that showed it"),
            sa.Column(f"{side}_gone", sa.Boolean(), nullable=False, server_default=sa.false()),
        )
    ]
    op.create_table(
        "erpcore_articles",
        sa.Column("sync", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        *halves,
        sa.Column("due", sa.Boolean(), nullable=False, comment="whether it is to be compared"),
        sa.Column("troubled", sa.Boolean(), nullable=False, comment="whether it is left to runs until one ends well"),
        sa.Column("chosen", sa.String(), comment="the side that counts, by a person's answer"),
        sa.Column("sending_at", sa.DateTime(timezone=True), comment="when its making was begun, without an answer yet"),
        sa.PrimaryKeyConstraint("sync", "number", name=op.f("pk_erpcore_articles")),
    )
    op.create_index(op.f("ix_erpcore_articles_sync_due_number"), "erpcore_articles", ["sync", "due", "number"])
