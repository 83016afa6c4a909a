"""The tables of the mirrors, of invoices and of articles; see `erpcore.store.schema` for the others."""

from __future__ import annotations

import sqlalchemy as sa

from erpcore.store.columns import JsonValue, Moment
from erpcore.store.schema import PREFIX, metadata

invoices = sa.Table(
    f"{PREFIX}invoices",
    metadata,
    sa.Column("sync", sa.String, primary_key=True),
    sa.Column("key", sa.String, primary_key=True, comment="the ERP's own key; the number where it has no other"),
    sa.Column("number", sa.String),
    sa.Column("customer_number", sa.String),
    sa.Column("invoice_date", sa.Date),
    sa.Column("due_date", sa.Date),
    sa.Column("unsettled", sa.Boolean, nullable=False, comment="booked, and something is left to pay or to pay back"),
    sa.Column("facts", JsonValue, nullable=False, comment="the canonical invoice"),
    sa.Column("version", sa.Integer, nullable=False, comment="goes up when the ERP shows something else"),
    sa.Column("company_id", sa.String, comment="the CRM's company"),
    sa.Column("record_kind", sa.String, comment="what it was made for in the CRM: deal or order"),
    sa.Column("record_id", sa.String),
    sa.Column("crm_key", sa.String, comment="the CRM's own key of its copy"),
    sa.Column("waiting", sa.Boolean, nullable=False, comment="the CRM is to be told"),
    sa.Column("by_run", sa.Boolean, nullable=False, comment="it failed, and is told by runs of its own"),
    sa.Column("told_version", sa.Integer, nullable=False, comment="what the CRM was told last"),
    sa.Column("told_colour", sa.String, comment="and as which colour"),
    sa.Column("told_company", sa.String, comment="the company that the CRM was told it of"),
    sa.Column("told_record", sa.String, comment="the deal or order that the CRM was told it of, such as deal 17"),
    sa.Column("changed_at", Moment, nullable=False),
    sa.Column("draft", sa.Boolean, nullable=False, server_default=sa.false(), comment="not booked yet"),
    sa.Column("looked_at", Moment, comment="when the ERP showed something else last, or was asked for it"),
    sa.Column(
        "gone", sa.Boolean, nullable=False, server_default=sa.false(), comment="the ERP does not have it any more"
    ),
    sa.Index(
        "ix_erpcore_invoices_draft",
        "sync",
        "looked_at",
        sqlite_where=sa.text("draft"),
    ),
    sa.Index(
        "ix_erpcore_invoices_waiting",
        "sync",
        "customer_number",
        "key",
        sqlite_where=sa.text("waiting"),
    ),
    sa.Index(
        "ix_erpcore_invoices_turning",
        "sync",
        "due_date",
        sqlite_where=sa.text("told_colour = 'yellow'"),
    ),
    sa.Index(None, "sync", "company_id", "unsettled"),
    sa.Index(None, "sync", "record_kind", "record_id"),
    sa.Index(None, "sync", "number"),
    sa.Index(None, "sync", "customer_number"),
    sa.Index(None, "sync", "invoice_date", "key"),
)

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
