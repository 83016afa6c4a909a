"""The tables of what people and programs are told: part of the schema like those of `erpcore.store.schema`."""

from __future__ import annotations

import sqlalchemy as sa

from erpcore.store.columns import FreeText, JsonValue, Moment
from erpcore.store.schema import BIG_ID, PREFIX, metadata

notices = sa.Table(
    f"{PREFIX}notices",
    metadata,
    sa.Column("sync", sa.String, primary_key=True),
    sa.Column("cause", sa.String, primary_key=True, comment="that people were told of, and that is not over"),
    sa.Column("since", Moment, nullable=False),
    sa.Column("told_at", Moment, nullable=False, comment="when people were told of it last"),
    sa.Column("problem", JsonValue, nullable=False),
)

messages = sa.Table(
    f"{PREFIX}messages",
    metadata,
    sa.Column("id", BIG_ID, primary_key=True),
    sa.Column("sync", sa.String, nullable=False),
    sa.Column("channel", sa.String, nullable=False, comment="mail, or listener"),
    sa.Column("address", sa.String, nullable=False, comment="of a mail, or the listener's name"),
    sa.Column("body", JsonValue, nullable=False, comment="what is told"),
    sa.Column("made_at", Moment, nullable=False),
    sa.Column("due_at", Moment, nullable=False, comment="when it is tried next"),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("sent_at", Moment),
    sa.Column("error", FreeText, comment="why the last try failed; empty when it was sent"),
    sa.Index(None, "sent_at", "due_at"),
    sa.Index(None, "sync", "made_at"),
)
