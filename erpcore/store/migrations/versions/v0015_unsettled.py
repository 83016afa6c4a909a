"""What a company owes counts credit notes and overpayments too; whose the CRM was told an invoice is, is kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

_TABLE = "erpcore_invoices"
_INDEX = "ix_erpcore_invoices_sync_company_id_"


def upgrade() -> None:
    op.drop_index(op.f(f"{_INDEX}owed"), table_name=_TABLE)
    op.execute(f"ALTER TABLE {_TABLE} RENAME COLUMN owed TO unsettled")
    op.create_index(op.f(f"{_INDEX}unsettled"), _TABLE, ["sync", "company_id", "unsettled"])
    if op.get_bind().dialect.name == "postgresql":
        comment = "booked, and something is left to pay or to pay back"
        op.execute(f"COMMENT ON COLUMN {_TABLE}.unsettled IS '{comment}'")
    for name, comment in (
        ("told_company", "the company that the CRM was told it of"),
        ("told_record", "the deal or order that the CRM was told it of, such as deal 17"),
    ):
        op.add_column(_TABLE, sa.Column(name, sa.String(), comment=comment))
    op.execute(
        f"UPDATE {_TABLE} SET told_company = company_id, told_record = record_kind || ' ' || record_id "  # noqa: S608
        "WHERE told_version > 0"
    )
    # What is to be paid back counts from now on: the CRM is told anew of whose it is.
    op.execute(
        f"UPDATE {_TABLE} SET unsettled = true, waiting = true "  # noqa: S608
        'WHERE NOT gone AND NOT draft AND facts LIKE \'%"balance":"-%\' AND facts NOT LIKE \'%"cancelled"\\:true%\' '
        'AND facts NOT LIKE \'%"kind":"cash"%\''
    )
