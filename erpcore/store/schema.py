"""The tables of the store.

They share one database with DBOS' own tables, so that an event and the work that it starts commit
together. Every name of ours begins with ``erpcore_``; the migrations look at no other.

The condition of a partial index is said for SQLite; `whole_schema` says the same for PostgreSQL, whose dialect would
else be loaded wherever a table is named.
"""

from __future__ import annotations

import sqlalchemy as sa

from erpcore.store.columns import FreeText, JsonValue, Moment

PREFIX = "erpcore_"
"""What every table of ours begins with."""

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

BIG_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")

installation = sa.Table(
    f"{PREFIX}installation",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("short_id", sa.String, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("key_check", sa.Text, comment="encrypted when the vault was first used; shows whether a key fits"),
    sa.CheckConstraint("id = 1", name="single_row"),
)

links = sa.Table(
    f"{PREFIX}links",
    metadata,
    sa.Column("id", BIG_ID, primary_key=True),
    sa.Column("sync", sa.String, nullable=False),
    sa.Column("source_kind", sa.String, nullable=False),
    sa.Column("source_id", sa.String, nullable=False),
    sa.Column("target_kind", sa.String, nullable=False),
    sa.Column("number", sa.String, nullable=False),
    sa.Column("key", sa.String),
    sa.Column("generation", sa.Integer, nullable=False),
    sa.Column("sent_digest", sa.String),
    sa.Column("known_as", JsonValue, comment="what the target calls its record"),
    sa.Column("told_at", Moment),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("updated_at", Moment, nullable=False),
    sa.Column("cut_at", Moment),
    sa.Column("cut_reason", FreeText),
    sa.Index(
        "uq_erpcore_links_live",
        "sync",
        "source_kind",
        "source_id",
        "target_kind",
        unique=True,
        sqlite_where=sa.text("cut_at IS NULL"),
    ),
    sa.Index(None, "sync", "source_kind", "source_id"),
    sa.Index(None, "sync", "target_kind", "number"),
    sa.Index(
        None,
        "sync",
        "target_kind",
        "key",
        sqlite_where=sa.text("key IS NOT NULL"),
    ),
)

intents = sa.Table(
    f"{PREFIX}intents",
    metadata,
    sa.Column("id", BIG_ID, primary_key=True),
    sa.Column("sync", sa.String, nullable=False),
    sa.Column("record", sa.String, nullable=False),
    sa.Column("operation", sa.String, nullable=False),
    sa.Column("generation", sa.Integer, nullable=False),
    sa.Column("part", sa.String, nullable=False),
    sa.Column("reference", sa.String, nullable=False, unique=True),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("fence_seconds", sa.Double),
    sa.Column("planned_at", Moment, nullable=False),
    sa.Column("sending_at", Moment),
    sa.Column("fence_until", Moment),
    sa.Column("absent_at", Moment),
    sa.Column("settled_at", Moment),
    sa.Column("worker", sa.String),
    sa.Column("number", sa.String),
    sa.Column("key", sa.String),
    sa.Column("second", sa.String, comment="number of a second document"),
    sa.Column("asker", sa.String, comment="record whose run asks which of the two counts"),
    sa.Column("result", JsonValue),
    sa.Column("error", FreeText),
    sa.Column("decided_by", sa.String),
    sa.UniqueConstraint("sync", "record", "operation", "generation", "part", name="uq_erpcore_intents_key"),
    sa.CheckConstraint("state IN ('planned', 'sending', 'done', 'refused', 'uncertain')", name="state"),
    sa.Index(None, "state"),
    sa.Index(
        None,
        "asker",
        sqlite_where=sa.text("asker IS NOT NULL"),
    ),
)

intent_events = sa.Table(
    f"{PREFIX}intent_events",
    metadata,
    sa.Column("id", BIG_ID, primary_key=True),
    sa.Column("intent_id", sa.ForeignKey(intents.c.id), nullable=False, index=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("what", sa.String, nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("who", sa.String),
    sa.Column("text", FreeText),
)

runs = sa.Table(
    f"{PREFIX}runs",
    metadata,
    sa.Column("id", BIG_ID, primary_key=True),
    sa.Column("sync", sa.String, nullable=False),
    sa.Column("source", sa.String, nullable=False),
    sa.Column("target", sa.String),
    sa.Column("record_kind", sa.String, nullable=False),
    sa.Column("record_id", sa.String, nullable=False),
    sa.Column("generation", sa.Integer, nullable=False),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("queued_at", Moment, nullable=False),
    sa.Column("started_at", Moment),
    sa.Column("finished_at", Moment),
    sa.Column("resume_at", Moment),
    sa.Column("summary", FreeText),
    sa.Column("cause", sa.String, comment="what an uncertain run asks a person"),
    sa.Column("problem", JsonValue, comment="what the error knew"),
    sa.Column("reason", sa.String, comment="of the newest plan"),
    sa.Column("planned_at", Moment),
    sa.Column("plan", JsonValue),
    sa.Column("requests", JsonValue),
    sa.Column(
        "attempt",
        sa.Integer,
        nullable=False,
        server_default="1",
        comment="the newest one that was enqueued; what an older one concludes no longer counts",
    ),
    sa.Column("token", sa.Integer, nullable=False, server_default="0", comment="goes up with each taking"),
    sa.Column("takings", sa.Integer, nullable=False, server_default="0", comment="of the newest attempt"),
    sa.Column("taken_by", sa.String),
    sa.Column("taken_at", Moment),
    sa.Column("waiting_since", Moment),
    sa.Column("outages", sa.Integer, nullable=False, server_default="0"),
    sa.Column("marked", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("failure_told", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.UniqueConstraint("sync", "record_kind", "record_id", "generation", name="uq_erpcore_runs_generation"),
    sa.CheckConstraint(
        "state IN ('queued', 'running', 'done', 'failed', 'waiting', 'uncertain', 'nothing')", name="state"
    ),
    sa.Index(
        "uq_erpcore_runs_open",
        "sync",
        "record_kind",
        "record_id",
        unique=True,
        sqlite_where=sa.text("state IN ('queued', 'running', 'waiting')"),
    ),
    sa.Index(None, "state", "finished_at"),
)

records = sa.Table(
    f"{PREFIX}records",
    metadata,
    sa.Column("sync", sa.String, primary_key=True),
    sa.Column("record_kind", sa.String, primary_key=True),
    sa.Column("record_id", sa.String, primary_key=True),
    sa.Column("run_id", BIG_ID, nullable=False, comment="its newest run"),
    sa.Column("state", sa.String, nullable=False, comment="what stands"),
    sa.Column("trying", sa.String, comment="state of the attempt that may change it"),
    sa.Column("since", Moment, nullable=False),
    sa.Column("changed_at", Moment, nullable=False),
    sa.Column("cause", sa.String, comment="key of what must be mended"),
    sa.Column("name", FreeText),
    sa.Column("customer", FreeText),
    sa.Column("seller", FreeText),
    sa.Column("amount", sa.String, comment="decimal digits"),
    sa.Column("currency", sa.String),
    sa.Column("documents", JsonValue, comment="number by kind"),
    sa.Column("set_aside_by", FreeText),
    sa.Column("set_aside_why", FreeText),
    sa.Column("told_cause", sa.String, comment="cause that people were told of"),
    sa.Index(None, "run_id"),
    sa.Index(None, "state", "run_id"),
    sa.Index(None, "cause", "state"),
    sa.Index(None, "changed_at"),
)

health = sa.Table(
    f"{PREFIX}health",
    metadata,
    sa.Column("connection", sa.String, primary_key=True),
    sa.Column("what", sa.String, primary_key=True, comment="feed, or requests"),
    sa.Column("well_at", Moment, comment="last time that it went well, to the minute"),
    sa.Column("failing_since", Moment),
    sa.Column("problem", JsonValue, comment="what the error knew"),
)

story = sa.Table(
    f"{PREFIX}story",
    metadata,
    sa.Column("id", BIG_ID, primary_key=True),
    sa.Column("run_id", sa.ForeignKey(runs.c.id, ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("text", FreeText, nullable=False),
    sa.Column("data", JsonValue),
)

inbox = sa.Table(
    f"{PREFIX}inbox",
    metadata,
    sa.Column("id", BIG_ID, primary_key=True),
    sa.Column("source", sa.String, nullable=False),
    sa.Column("event_key", sa.String, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("record_kind", sa.String, nullable=False),
    sa.Column("record_id", sa.String, nullable=False),
    sa.Column("payload", JsonValue),
    sa.Column("received_at", Moment, nullable=False),
    sa.Column("seen_again_at", Moment, comment="when it was last delivered again; empty when it came once"),
    sa.UniqueConstraint("source", "event_key", name="uq_erpcore_inbox_event"),
    sa.Index(None, "source", "record_kind", "record_id"),
)

inbox_runs = sa.Table(
    f"{PREFIX}inbox_runs",
    metadata,
    sa.Column("event_id", sa.ForeignKey(inbox.c.id, ondelete="CASCADE"), primary_key=True),
    sa.Column("run_id", sa.ForeignKey(runs.c.id, ondelete="CASCADE"), primary_key=True, index=True),
)

deliveries = sa.Table(
    f"{PREFIX}deliveries",
    metadata,
    sa.Column("id", BIG_ID, primary_key=True),
    sa.Column("source", sa.String, nullable=False),
    sa.Column("events", JsonValue, nullable=False),
    sa.Column("received_at", Moment, nullable=False),
)

accounts = sa.Table(
    f"{PREFIX}accounts",
    metadata,
    sa.Column("owner", sa.String, primary_key=True, comment="dotted name in the settings"),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("name", FreeText),
    sa.Column("noted_at", Moment, nullable=False),
    sa.Column("other_key", sa.Text, comment="found there last, when it is another account"),
    sa.Column("other_name", FreeText),
)

subscriptions = sa.Table(
    f"{PREFIX}subscriptions",
    metadata,
    sa.Column("connection", sa.String, primary_key=True),
    sa.Column("subscription_id", sa.String, nullable=False),
    sa.Column("address", sa.Text, nullable=False, comment="without its last part, which may be a secret"),
    sa.Column("target_digest", sa.String, nullable=False, comment="of the whole address"),
    sa.Column("subscribed_at", Moment, nullable=False),
)

cursors = sa.Table(
    f"{PREFIX}cursors",
    metadata,
    sa.Column("connection", sa.String, primary_key=True),
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("updated_at", Moment, nullable=False),
)

secrets = sa.Table(
    f"{PREFIX}secrets",
    metadata,
    sa.Column("connection", sa.String, primary_key=True),
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("ciphertext", sa.Text, nullable=False),
    sa.Column("updated_at", Moment, nullable=False),
)

tokens = sa.Table(
    f"{PREFIX}tokens",
    metadata,
    sa.Column("connection", sa.String, primary_key=True),
    sa.Column("ciphertext", sa.Text, comment="empty when the first token was refused"),
    sa.Column("expires_at", Moment),
    sa.Column("updated_at", Moment, nullable=False),
    sa.Column("dead_at", Moment),
    sa.Column("dead_reason", FreeText),
    sa.Column(
        "bought_for", sa.String, nullable=False, server_default="", comment="whose, by the settings, as a digest"
    ),
)

consents = sa.Table(
    f"{PREFIX}consents",
    metadata,
    sa.Column("digest", sa.String, primary_key=True, comment="of the link's secret part"),
    sa.Column("connection", sa.String, nullable=False),
    sa.Column("made_by", FreeText, nullable=False),
    sa.Column("made_at", Moment, nullable=False),
    sa.Column("expires_at", Moment, nullable=False),
    sa.Column("redirect_uri", sa.Text, nullable=False),
    sa.Column("state", sa.String, unique=True, comment="digest of what comes back with the answer"),
    sa.Column("browser", sa.String, comment="digest of the secret of the browser that asks"),
    sa.Column("used_at", Moment),
)

leases = sa.Table(
    f"{PREFIX}leases",
    metadata,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("holder", sa.String, nullable=False),
    sa.Column("until", Moment, nullable=False),
)

budget_windows = sa.Table(
    f"{PREFIX}budget_windows",
    metadata,
    sa.Column("key", sa.String, primary_key=True),
    sa.Column("blocked_until", sa.Double, comment="seconds since 1970 UTC"),
)

budget_grants = sa.Table(
    f"{PREFIX}budget_grants",
    metadata,
    sa.Column("id", BIG_ID, primary_key=True),
    sa.Column("key", sa.ForeignKey(budget_windows.c.key), nullable=False),
    sa.Column("instant", sa.Double, nullable=False, comment="seconds since 1970 UTC; may be ahead of now"),
    sa.Index(None, "key", "instant"),
)

workers = sa.Table(
    f"{PREFIX}workers",
    metadata,
    sa.Column("executor_id", sa.String, primary_key=True),
    sa.Column("host", sa.String, nullable=False),
    sa.Column("pid", sa.Integer, nullable=False),
    sa.Column("started_at", Moment, nullable=False),
    sa.Column("beat_at", Moment, nullable=False),
    sa.Column("stopped_at", Moment),
    sa.Column("claimed_by", sa.String),
    sa.Column("claimed_at", Moment),
    sa.Column("taken_over_at", Moment),
)


def whole_schema(dialect: str) -> sa.MetaData:
    """Give all tables, with those of the modules beside this one.

    Args:
        dialect: Name of the database's.
    """
    from erpcore.store import schema_mirrors, schema_notices

    del schema_mirrors, schema_notices  # they have put their tables in
    if dialect == "postgresql":
        for index in (index for table in metadata.tables.values() for index in table.indexes):
            index.dialect_options["postgresql"]["where"] = index.dialect_options["sqlite"]["where"]
    return metadata
