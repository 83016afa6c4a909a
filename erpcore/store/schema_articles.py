"""The table of the mirror of articles; see `erpcore.store.schema` for the others."""

from __future__ import annotations

import sqlalchemy as sa

from erpcore.store.columns import JsonValue, Moment
from erpcore.store.schema import PREFIX, metadata

articles = sa.Table(
    f"{PREFIX}articles",
    metadata,
    sa.Column("sync", sa.String, primary_key=True),
    sa.Column("number", sa.String, primary_key=True),
    *(
        column
        for side in ("crm", "erp")
        for column in (
            sa.Column(side, JsonValue, comment="values that it shows; empty where it has no such article"),
            sa.Column(f"{side}_agreed", JsonValue, comment="values that it showed when the two were last equal"),
            sa.Column(f"{side}_key", sa.String, comment="its own key of the article"),
            sa.Column(f"{side}_changed_at", Moment, comment="as it tells itself"),
            sa.Column(f"{side}_read_at", Moment, comment="when the reading began that showed it"),
            sa.Column(f"{side}_gone", sa.Boolean, nullable=False, server_default=sa.false()),
        )
    ),
    sa.Column("due", sa.Boolean, nullable=False, comment="whether it is to be compared"),
    sa.Column("troubled", sa.Boolean, nullable=False, comment="whether it is left to runs until one ends well"),
    sa.Column("chosen", sa.String, comment="the side that counts, by a person's answer"),
    sa.Column("sending_at", Moment, comment="when its making was begun, without an answer yet"),
    sa.Index(None, "sync", "due", "number"),
)
