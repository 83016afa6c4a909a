"""The mirror of the ERP's invoices."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_TABLE = "erpcore_invoices"


def upgrade() -> None:
    op.create_table(
        _TABLE,
        sa.Column("sync", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False, comment="the ERP's own key; the number where it has no other"),
        sa.Column("number", sa.String()),
        sa.Column("customer_number", sa.String()),
        sa.Column("invoice_date", sa.Date()),
        sa.Column("due_date", sa.Date()),
        sa.Column("owed", sa.Boolean(), nullable=False, comment="booked, and not paid in full"),
        sa.Column("facts", sa.Text(), nullable=False, comment="the canonical invoice"),
        sa.Column("version", sa.Integer(), nullable=False, comment="goes up when the ERP shows something else"),
        sa.Column("company_id", sa.String(), comment="the CRM's company"),
        sa.Column("record_kind", sa.String(), comment="what it was made for in the CRM: deal or order"),
        sa.Column("record_id", sa.String()),
        sa.Column("crm_key", sa.String(), comment="the CRM's own key of its copy"),
        sa.Column("waiting", sa.Boolean(), nullable=False, comment="the CRM is to be told"),
        sa.Column("by_run", sa.Boolean(), nullable=False, comment="it failed, and is told by runs of its own"),
        sa.Column("told_version", sa.Integer(), nullable=False, comment="what the CRM was told last"),
        sa.Column("told_colour", sa.String(), comment="and as which colour"),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sync", "key", name=op.f("pk_erpcore_invoices")),
    )
    for name, columns, condition in (
        ("waiting", ["sync", "customer_number", "key"], "waiting"),
        ("turning", ["sync", "due_date"], "told_colour = 'yellow'"),
    ):
        where = sa.text(condition)
        op.create_index(f"ix_erpcore_invoices_{name}", _TABLE, columns, sqlite_where=where, postgresql_where=where)
    for columns in (
        ["sync", "company_id", "owed"],
        ["sync", "record_kind", "record_id"],
        ["sync", "number"],
        ["sync", "customer_number"],
        ["sync", "invoice_date", "key"],
    ):
        op.create_index(op.f(f"ix_erpcore_invoices_{'_'.join(columns)}"), _TABLE, columns)
