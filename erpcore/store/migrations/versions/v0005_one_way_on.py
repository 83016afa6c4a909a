"""Words without direction; whose turn a run is; what an error knew; and what flows had read out of stories."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_RENAMED = {
    "erpcore_runs": {"connection": "source"},
    "erpcore_inbox": {"connection": "source"},
    "erpcore_links": {
        "kind": "source_kind",
        "crm_id": "source_id",
        "erp_kind": "target_kind",
        "erp_number": "number",
        "erp_id": "key",
    },
    "erpcore_intents": {"erp_number": "number", "erp_id": "key"},
}
_INDEXES = {
    "erpcore_links": {
        "ix_erpcore_links_sync_kind_crm_id": ("sync", "source_kind", "source_id"),
        "ix_erpcore_links_sync_erp_kind_erp_number": ("sync", "target_kind", "number"),
        "ix_erpcore_links_sync_erp_kind_erp_id": ("sync", "target_kind", "key"),
    },
    "erpcore_inbox": {
        "ix_erpcore_inbox_connection_record_kind_record_id": ("source", "record_kind", "record_id"),
    },
}
_SECOND = "There is a second document, "
_LINES = {"marked": "marked", "failure_told": "failure_told"}
"""Kinds of story lines that were read as state, and the columns that take their place."""


def upgrade() -> None:
    for table, names in _RENAMED.items():
        for before, after in names.items():
            op.execute(f"ALTER TABLE {table} RENAME COLUMN {before} TO {after}")
    for table, indexes in _INDEXES.items():
        for name, columns in indexes.items():
            op.drop_index(name, table_name=table)
            op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns))
    op.add_column("erpcore_links", sa.Column("told_at", sa.DateTime(timezone=True)))
    op.execute("UPDATE erpcore_links SET told_at = updated_at WHERE sent_digest IS NOT NULL")
    op.add_column("erpcore_intents", sa.Column("second", sa.String(), comment="number of a second document"))
    for column in (
        sa.Column("target", sa.String()),
        sa.Column("token", sa.Integer(), nullable=False, server_default="0", comment="goes up with each taking"),
        sa.Column("takings", sa.Integer(), nullable=False, server_default="0", comment="of the newest attempt"),
        sa.Column("taken_by", sa.String()),
        sa.Column("taken_at", sa.DateTime(timezone=True)),
        sa.Column("waiting_since", sa.DateTime(timezone=True)),
        sa.Column("outages", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("cause", sa.String(), comment="what an uncertain run asks a person"),
        sa.Column("problem", sa.Text(), comment="what the error knew"),
        sa.Column("reason", sa.String(), comment="of the newest plan"),
        sa.Column("planned_at", sa.DateTime(timezone=True)),
        sa.Column("marked", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("failure_told", sa.Boolean(), nullable=False, server_default=sa.false()),
    ):
        op.add_column("erpcore_runs", column)
    _carry_over(op.get_bind())
    for name in ("error_class", "error_text", "advice"):
        op.execute(f"ALTER TABLE erpcore_runs DROP COLUMN {name}")
    op.execute("ALTER TABLE erpcore_budget_grants DROP COLUMN share")


def _carry_over(connection: sa.Connection) -> None:
    """Put what texts held into the columns that hold it now."""
    names = ("id", "state", "error_class", "error_text", "advice", "plan", "problem", "cause", "reason", "planned_at")
    runs = sa.table("erpcore_runs", *(sa.column(name) for name in (*names, "finished_at", "marked", "failure_told")))
    story = sa.table("erpcore_story", *(sa.column(name) for name in ("id", "run_id", "kind", "at", "data")))
    intents = sa.table("erpcore_intents", sa.column("id"), sa.column("error"), sa.column("second"))
    for kind, column in _LINES.items():
        told = sa.select(story.c.run_id).where(story.c.kind == kind)
        connection.execute(sa.update(runs).where(runs.c.id.in_(told)).values({column: sa.true()}))
    plans: dict[int, tuple[str | None, Any]] = {}
    of_plans = sa.select(story.c.run_id, story.c.data, story.c.at).where(story.c.kind == "plan").order_by(story.c.id)
    for run_id, data, at in connection.execute(of_plans):
        plans[run_id] = (json.loads(data).get("reason") if data else None, at)
    read = sa.select(*(runs.c[name] for name in names if name not in ("problem", "cause", "reason", "planned_at")))
    for row in connection.execute(read).all():
        values: dict[str, Any] = {}
        reason, planned_at = plans.get(row.id, (None, None))
        if reason is None and row.plan:
            reason = json.loads(row.plan).get("reason")
        if reason is not None:
            # The time of the plan itself where its line is there; else the run is old enough for its end to do.
            values |= {"reason": reason, "planned_at": runs.c.finished_at if planned_at is None else planned_at}
        if row.error_class:
            known = {"error_class": row.error_class, "message": row.error_text or "", "advice": row.advice}
            values["problem"] = json.dumps({name: value for name, value in known.items() if value is not None})
        if row.state == "uncertain":
            values["cause"] = "cleared_number" if (reason or "").endswith("cleared_ask") else "made_or_not"
        if values:
            connection.execute(sa.update(runs).where(runs.c.id == row.id).values(values))
    done = sa.select(intents.c.id, intents.c.error).where(intents.c.error.like(f"{_SECOND}%"))
    for intent_id, error in connection.execute(done).all():
        second = error.removeprefix(_SECOND).partition(",")[0]
        connection.execute(sa.update(intents).where(intents.c.id == intent_id).values(second=second, error=None))
