"""What people and programs were told of failures, and the messages that are to be sent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("erpcore_records", sa.Column("told_cause", sa.String(), comment="cause that people were told of"))
    op.create_table(
        "erpcore_notices",
        sa.Column("sync", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False, comment="that people were told of, and that is not over"),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False, comment="when people were told of it last"),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sync", "cause", name=op.f("pk_erpcore_notices")),
    )
    op.create_table(
        "erpcore_messages",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sync", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False, comment="mail, or listener"),
        sa.Column("address", sa.String(), nullable=False, comment="of a mail, or the listener's name"),
        sa.Column("body", sa.Text(), nullable=False, comment="what is told"),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False, comment="when it is tried next"),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
        sa.Column("error", sa.Text(), comment="why the last try failed; empty when it was sent"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erpcore_messages")),
    )
    for columns in (["sent_at", "due_at"], ["sync", "made_at"]):
        op.create_index(op.f(f"ix_erpcore_messages_{'_'.join(columns)}"), "erpcore_messages", columns)
