"""What stands in the simulator's own tables, and what happens there; the plugin's field maps have no part in this."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from erpcore_lime_crm.simulator.account import ZONE, LimeObject
from erpcore_lime_crm.simulator.actions import PERSON

from erpcore.models import Invoice, InvoiceRow
from erpcore.testing.contract import Bench


def held_invoice(held: LimeObject, rows: Sequence[LimeObject]) -> Invoice:
    """The invoice as the simulator's own table shows it; the plugin's field maps have no part in this."""
    values = held.values
    return Invoice(
        number=values["invoice_number"],
        customer_number=values["customerid"],
        your_reference=values["customer_reference"],
        kind={"Credit": "credit", "Cash": "cash"}.get(str(values["invoice_type"]), "invoice"),
        invoice_date=day(values, "invoice_date"),
        due_date=day(values, "invoice_expires"),
        payment_date=day(values, "paid_date"),
        currency=values["currency"] or None,
        currency_rate=values["exchange_rate"],
        net=values["invoice_sum"],
        vat=values["invoice_vat"],
        total=values["invoice_total_sum"],
        balance=values["invoice_balance"],
        cancelled=values["invoice_shredded"],
        rows=tuple(
            InvoiceRow(
                row_id=row.values["rowid"],
                article_number=row.values["item"],
                description=row.values["description"],
                quantity=row.values["units"],
                amount=row.values["row_value"],
                contribution_margin=row.values["row_margin"],
            )
            for row in rows
        ),
    )


def day(values: Mapping[str, Any], name: str) -> date | None:
    at: datetime | None = values[name]
    return None if at is None else at.astimezone(ZONE).date()


def ready_again(bench: Bench, order: str) -> None:
    account = bench.system.account
    account.change(account.get("order", int(order)), {"order_status": "notready"}, PERSON)
    bench.system.set_ready(int(order))


def company_stored(bench: Bench, moment: datetime) -> str:
    account = bench.system.account
    values = {"name": "Endret Selskap AS", "erp_id": f"2{len(account.all('company')):04}", "erp_status": "synced"}
    stored: LimeObject = account.create("company", values, PERSON)
    stored.timestamp = moment.astimezone(ZONE)
    return str(stored.id)


def more_persons(bench: Bench) -> None:
    """Somebody who works nowhere, and somebody at a company whose id begins as another one's."""
    account = bench.system.account
    memory = account.memory()
    memory["numbering"]["objects"] = 10_209
    account.remember(memory)
    bench.system.seed(
        {
            "companies": [{"name": "Nabo AS"}],
            "persons": [{"name": "Nils Nabo", "company": "Nabo AS"}, {"name": "Siv Fri"}],
        }
    )
