"""Lime CRM keeps the whole contract."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

from erpcore_lime_crm.plugin import LimeCrmPlugin
from erpcore_lime_crm.simulator import LimeCrmSimulator
from erpcore_lime_crm.simulator.account import ZONE, LimeObject
from erpcore_lime_crm.simulator.demo import API_KEY, API_USER

from erpcore.models import Invoice, InvoiceRow, WebhookRequest, WriteBack
from erpcore.simulator import Clock
from erpcore.testing.contract import Answer, Bench, CrmContract, HttpBench, NativeError

SECRET = "a-secret-of-the-subscription"
DEMO = LimeCrmSimulator()
COMPANY = str(DEMO.object("company", "Fjellvik Bygg AS").id)
NEW_COMPANY = str(DEMO.object("company", "Sundet Handel AS").id)
DEAL = str(DEMO.object("deal", "Kurspakke høst").id)
ORDER = str(DEMO.account.all("order")[0].id)


def refused(status: int, text: str, **headers: str) -> Answer:
    return Answer(status, {"content-type": "application/json", **headers}, json.dumps({"error": text}))


def simulator_of(bench: Bench) -> LimeCrmSimulator:
    assert isinstance(bench, HttpBench)
    assert isinstance(bench.simulator, LimeCrmSimulator)
    return bench.simulator


def held_invoice(held: LimeObject, rows: Sequence[LimeObject]) -> Invoice:
    """The invoice as the simulator's own table shows it; the plugin's field maps have no part in this."""
    values = held.values
    return Invoice(
        number=values["invoice_number"],
        customer_number=values["customerid"],
        your_reference=values["customer_reference"],
        kind="credit" if values["invoice_type"] == "Credit" else "invoice",
        invoice_date=day(values, "invoice_date"),
        due_date=day(values, "invoice_expires"),
        payment_date=day(values, "paid_date"),
        currency=values["currency"],
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


def day(values: Mapping[str, Any], name: str) -> date:
    at: datetime = values[name]
    return at.astimezone(ZONE).date()


class TestLimeCrmContract(CrmContract):
    plugin_class = LimeCrmPlugin
    cassettes = Path(__file__).parent / "cassettes"
    deal_id = DEAL
    company_id = COMPANY
    order_id = ORDER
    write_backs = (
        WriteBack(record_kind="order", record_id=ORDER, order_number="4711", status="synced", message=None),
        WriteBack(record_kind="company", record_id=NEW_COMPANY, erp_id="10002", status="synced"),
    )
    # When a record was changed and when a company was last synced: each telling has its own moment. The first time of
    # being synced is not among them, since telling it again must leave that alone.
    passing: ClassVar[frozenset[str]] = frozenset({"timestamp", "erp_lastsynced"})
    sample_values: ClassVar[dict[str, Any]] = {
        "customer_number": "10001",
        "article_number": "KURS-1",
        "contribution_margin": Decimal("61.50"),
    }
    paging: ClassVar[dict[str, Any]] = {"page_size": 3}
    native_errors = (
        NativeError("credentials", refused(401, "The API key is not known"), "The API key is not known"),
        NativeError("right", refused(403, "Not with these policies"), "Not with these policies"),
        NativeError("missing", refused(404, "No such order"), "No such order", of="write"),
        NativeError("values", refused(400, "Fel värde: Å"), "Fel värde: Å"),
        NativeError("values", refused(422, "Ogiltigt: Ø"), "Ogiltigt: Ø"),
        NativeError("too_fast", refused(429, "Too many", **{"retry-after": "120"}), "Too many", retry_after=120.0),
        NativeError("unavailable", refused(500, "Broken"), "Broken"),
        NativeError("gateway", Answer(502, {"content-type": "text/html"}, "<html>Bad Gateway</html>")),
        NativeError("secret", lambda secret: refused(400, f"Not with {secret}"), "Not with"),
    )

    @classmethod
    def make_bench(cls) -> Bench:
        def settings(address: str) -> dict[str, Any]:
            return {
                "url": f"{address}/demo",
                "api_key": API_KEY,
                "api_user_id": API_USER,
                "webhook_secret": SECRET,
            }

        # A server tells its time in whole seconds, so what it holds at the start is from before.
        simulator = LimeCrmSimulator(clock=Clock(datetime.now(UTC) - timedelta(minutes=1)))
        simulator.clock.advance(60)
        simulator.switch(requests=100_000)
        return HttpBench(cls.plugin_class, simulator, settings)

    @classmethod
    def make_events(cls, bench: Bench, number: int) -> None:
        simulator = simulator_of(bench)
        for _ in range(number):
            order = simulator.add_order("Fjellvik Bygg AS", [{"article": "KURS-1", "quantity": "1"}])
            simulator.set_ready(order.id)

    @classmethod
    def held_invoices(cls, bench: Bench) -> Sequence[Invoice]:
        account = simulator_of(bench).account
        return [held_invoice(each, account.related(each, "invoicerow")) for each in account.all("invoice")]

    @classmethod
    def delivery(cls, bench: Bench) -> WebhookRequest:
        values = {
            "id": int(ORDER),
            "order_status": "readytobesent",
            "updateduser": 3,
            "timestamp": "2026-11-22T13:00:00.000000+01:00",
        }
        inner = {"id": int(ORDER), "limetype": "order", "values": values, "original_values": {}}
        body = json.dumps({"event": "order.update", "body": inner}).encode()
        signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        return WebhookRequest(
            path="/webhooks/lime/contract",
            headers={"content-type": "application/json", "x-lime-signature": f"sha256={signature}"},
            body=body,
            received_at=datetime.now(UTC),
        )
