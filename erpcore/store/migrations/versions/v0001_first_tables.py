"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "erpcore_budget_windows",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("blocked_until", sa.Double(), nullable=True, comment="seconds since 1970 UTC"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_erpcore_budget_windows")),
    )
    op.create_table(
        "erpcore_cursors",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("connection", "name", name=op.f("pk_erpcore_cursors")),
    )
    op.create_table(
        "erpcore_inbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("event_key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("record_kind", sa.String(), nullable=False),
        sa.Column("record_id", sa.String(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erpcore_inbox")),
        sa.UniqueConstraint("connection", "event_key", name="uq_erpcore_inbox_event"),
    )
    op.create_index(
        op.f("ix_erpcore_inbox_connection_record_kind_record_id"),
        "erpcore_inbox",
        ["connection", "record_kind", "record_id"],
        unique=False,
    )
    op.create_index(op.f("ix_erpcore_inbox_received_at"), "erpcore_inbox", ["received_at"], unique=False)
    op.create_table(
        "erpcore_installation",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("short_id", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "key_check",
            sa.Text(),
            nullable=True,
            comment="encrypted when the vault was first used; shows whether a key fits",
        ),
        sa.CheckConstraint("id = 1", name=op.f("ck_erpcore_installation_single_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erpcore_installation")),
    )
    op.create_table(
        "erpcore_intents",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sync", sa.String(), nullable=False),
        sa.Column("record", sa.String(), nullable=False),
        sa.Column("operation", sa.String(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("fence_seconds", sa.Double(), nullable=True),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sending_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fence_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("absent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("worker", sa.String(), nullable=True),
        sa.Column("erp_number", sa.String(), nullable=True),
        sa.Column("erp_id", sa.String(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.CheckConstraint(
            "state IN ('planned', 'sending', 'done', 'refused', 'uncertain')", name=op.f("ck_erpcore_intents_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erpcore_intents")),
        sa.UniqueConstraint("reference", name=op.f("uq_erpcore_intents_reference")),
        sa.UniqueConstraint("sync", "record", "operation", "generation", "part", name="uq_erpcore_intents_key"),
    )
    op.create_index(op.f("ix_erpcore_intents_state"), "erpcore_intents", ["state"], unique=False)
    op.create_table(
        "erpcore_leases",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_erpcore_leases")),
    )
    op.create_table(
        "erpcore_links",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sync", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("crm_id", sa.String(), nullable=False),
        sa.Column("erp_kind", sa.String(), nullable=False),
        sa.Column("erp_number", sa.String(), nullable=False),
        sa.Column("erp_id", sa.String(), nullable=True),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("sent_digest", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cut_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cut_reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erpcore_links")),
    )
    op.create_index(
        op.f("ix_erpcore_links_sync_erp_kind_erp_id"), "erpcore_links", ["sync", "erp_kind", "erp_id"], unique=False
    )
    op.create_index(
        op.f("ix_erpcore_links_sync_erp_kind_erp_number"),
        "erpcore_links",
        ["sync", "erp_kind", "erp_number"],
        unique=False,
    )
    op.create_index(
        op.f("ix_erpcore_links_sync_kind_crm_id"), "erpcore_links", ["sync", "kind", "crm_id"], unique=False
    )
    op.create_index(
        "uq_erpcore_links_live",
        "erpcore_links",
        ["sync", "kind", "crm_id", "erp_kind"],
        unique=True,
        sqlite_where=sa.text("cut_at IS NULL"),
        postgresql_where=sa.text("cut_at IS NULL"),
    )
    op.create_table(
        "erpcore_runs",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sync", sa.String(), nullable=False),
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("record_kind", sa.String(), nullable=False),
        sa.Column("record_id", sa.String(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resume_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column("error_class", sa.String(), nullable=True),
        sa.Column("error_text", sa.Text(), nullable=True),
        sa.Column("advice", sa.Text(), nullable=True),
        sa.Column("plan", sa.Text(), nullable=True),
        sa.Column("requests", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'done', 'failed', 'waiting', 'uncertain', 'nothing')",
            name=op.f("ck_erpcore_runs_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erpcore_runs")),
        sa.UniqueConstraint("sync", "record_kind", "record_id", "generation", name="uq_erpcore_runs_generation"),
    )
    op.create_index(op.f("ix_erpcore_runs_state_finished_at"), "erpcore_runs", ["state", "finished_at"], unique=False)
    op.create_index(
        "uq_erpcore_runs_open",
        "erpcore_runs",
        ["sync", "record_kind", "record_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('queued', 'running', 'waiting')"),
        postgresql_where=sa.text("state IN ('queued', 'running', 'waiting')"),
    )
    op.create_table(
        "erpcore_secrets",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("ciphertext", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("connection", "name", name=op.f("pk_erpcore_secrets")),
    )
    op.create_table(
        "erpcore_tokens",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("ciphertext", sa.Text(), nullable=True, comment="empty when the first token was refused"),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("dead_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dead_reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("connection", name=op.f("pk_erpcore_tokens")),
    )
    op.create_table(
        "erpcore_workers",
        sa.Column("executor_id", sa.String(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claimed_by", sa.String(), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_over_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("executor_id", name=op.f("pk_erpcore_workers")),
    )
    op.create_table(
        "erpcore_budget_grants",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("instant", sa.Double(), nullable=False, comment="seconds since 1970 UTC; may be ahead of now"),
        sa.Column("share", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["key"], ["erpcore_budget_windows.key"], name=op.f("fk_erpcore_budget_grants_key")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erpcore_budget_grants")),
    )
    op.create_index(
        op.f("ix_erpcore_budget_grants_key_instant"), "erpcore_budget_grants", ["key", "instant"], unique=False
    )
    op.create_table(
        "erpcore_inbox_runs",
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["erpcore_inbox.id"], name=op.f("fk_erpcore_inbox_runs_event_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["erpcore_runs.id"], name=op.f("fk_erpcore_inbox_runs_run_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("event_id", "run_id", name=op.f("pk_erpcore_inbox_runs")),
    )
    op.create_index(op.f("ix_erpcore_inbox_runs_run_id"), "erpcore_inbox_runs", ["run_id"], unique=False)
    op.create_table(
        "erpcore_intent_events",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("intent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("who", sa.String(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["intent_id"], ["erpcore_intents.id"], name=op.f("fk_erpcore_intent_events_intent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erpcore_intent_events")),
    )
    op.create_index(op.f("ix_erpcore_intent_events_intent_id"), "erpcore_intent_events", ["intent_id"], unique=False)
    op.create_table(
        "erpcore_story",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["run_id"], ["erpcore_runs.id"], name=op.f("fk_erpcore_story_run_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erpcore_story")),
    )
    op.create_index(op.f("ix_erpcore_story_run_id"), "erpcore_story", ["run_id"], unique=False)
