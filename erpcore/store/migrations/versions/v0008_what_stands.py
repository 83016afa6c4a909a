"""What stands of each record, filled from its newest run; and how each connection does."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_OF_THE_CONNECTION = {"AuthenticationError", "ConsentNeededError", "RateLimitedError", "UnavailableError"}
_AT_ONCE = 1_000


def upgrade() -> None:
    op.create_table(
        "erpcore_records",
        sa.Column("sync", sa.String(), nullable=False),
        sa.Column("record_kind", sa.String(), nullable=False),
        sa.Column("record_id", sa.String(), nullable=False),
        sa.Column(
            "run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, comment="its newest run"
        ),
        sa.Column("state", sa.String(), nullable=False, comment="what stands"),
        sa.Column("trying", sa.String(), comment="state of the attempt that may change it"),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cause", sa.String(), comment="key of what must be mended"),
        sa.Column("name", sa.Text()),
        sa.Column("customer", sa.Text()),
        sa.Column("seller", sa.Text()),
        sa.Column("amount", sa.String(), comment="decimal digits"),
        sa.Column("currency", sa.String()),
        sa.Column("documents", sa.Text(), comment="number by kind"),
        sa.Column("set_aside_by", sa.Text()),
        sa.Column("set_aside_why", sa.Text()),
        sa.PrimaryKeyConstraint("sync", "record_kind", "record_id", name=op.f("pk_erpcore_records")),
    )
    op.create_table(
        "erpcore_health",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False, comment="feed, or requests"),
        sa.Column("well_at", sa.DateTime(timezone=True), comment="last time that it went well, to the minute"),
        sa.Column("failing_since", sa.DateTime(timezone=True)),
        sa.Column("problem", sa.Text(), comment="what the error knew"),
        sa.PrimaryKeyConstraint("connection", "what", name=op.f("pk_erpcore_health")),
    )
    _fill(op.get_bind())
    for columns in (["run_id"], ["state", "run_id"], ["cause", "state"], ["changed_at"]):
        op.create_index(op.f(f"ix_erpcore_records_{'_'.join(columns)}"), "erpcore_records", columns)


def _fill(connection: sa.Connection) -> None:
    names = ("id", "sync", "record_kind", "record_id", "generation", "state", "problem", "queued_at", "finished_at")
    runs = sa.table("erpcore_runs", *(sa.column(name) for name in names))
    key = ("sync", "record_kind", "record_id")
    newest = sa.select(sa.func.max(runs.c.id)).group_by(*(runs.c[name] for name in key))
    found = connection.execute(sa.select(runs).where(runs.c.id.in_(newest)).order_by(runs.c.id))
    columns = (*key, "run_id", "state", "since", "changed_at", "cause", "documents")
    records = sa.table("erpcore_records", *(sa.column(name) for name in columns))
    links = sa.table(
        "erpcore_links",
        *(sa.column(name) for name in ("id", "sync", "source_kind", "source_id", "target_kind", "number", "cut_at")),
    )
    documents: dict[tuple[str, str, str], dict[str, str]] = {}
    of_documents = sa.select(links).where(
        links.c.cut_at.is_(None), links.c.source_kind.in_(("deal", "order", "company"))
    )
    for link in connection.execute(of_documents.order_by(links.c.id)):
        documents.setdefault((link.sync, link.source_kind, link.source_id), {})[link.target_kind] = link.number
    for page in found.partitions(_AT_ONCE):
        rows = []
        for run in page:
            at = run.finished_at or run.queued_at
            made = documents.get((run.sync, run.record_kind, run.record_id))
            rows.append(
                {
                    **{name: getattr(run, name) for name in key},
                    "run_id": run.id,
                    "state": run.state,
                    "since": at,
                    "changed_at": at,
                    "cause": _cause(json.loads(run.problem)) if run.problem else None,
                    "documents": json.dumps(made, ensure_ascii=False) if made else None,
                }
            )
        connection.execute(sa.insert(records), rows)


def _cause(problem: dict[str, Any]) -> str:
    """As `erpcore.problem.Problem.key` made it when this was written."""
    parts = [problem.get("connection") or "", problem["error_class"]]
    if problem["error_class"] not in _OF_THE_CONNECTION:
        parts += [problem.get(name) or "" for name in ("vendor_code", "subject_kind", "subject", "cause")]
        if problem.get("subject") is None:
            parts += [re.sub(r"\[\d+\]", "", problem.get("field") or ""), problem.get("operation") or ""]
    return f"v1:{hashlib.sha256('|'.join(parts).encode()).hexdigest()[:12]}"
