"""Lime Go keeps the whole contract, through both of its APIs."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

from erpcore_lime_go.plugin import LimeGoPlugin
from erpcore_lime_go.simulator import LimeGoSimulator
from erpcore_lime_go.simulator.demo import CLIENT_ID, CLIENT_SECRET, FULL_ACCESS_KEY

from erpcore.models import WebhookRequest, WriteBack
from erpcore.testing.contract import Answer, Bench, CrmContract, HttpBench, NativeError

TOKEN = "an-unguessable-token-5e1f"
CLASSIC_DEAL, AGENTIC_DEAL = "850000", "f50a443f-960d-50ca-9031-fbf19bb710f2"
AGENTIC_COMPANY = "da3202d2-762c-552d-a74e-bb0a105b55e7"


def refused(status: int, code: str, detail: str) -> Answer:
    body = {"errors": [{"status": str(status), "code": code, "title": detail, "detail": detail}]}
    return Answer(status, {"content-type": "application/vnd.api+json"}, json.dumps(body))


class LimeGoContract(CrmContract):
    """What both APIs share."""

    plugin_class = LimeGoPlugin
    cassettes = Path(__file__).parent / "cassettes"
    api: ClassVar[dict[str, Any]] = {}
    passing: ClassVar[frozenset[str]] = frozenset({"events", "feed_positions", "revision", "updated_at", "changed_at"})

    @classmethod
    def make_bench(cls) -> Bench:
        def settings(address: str) -> dict[str, Any]:
            return {**cls.api, "base_url": address, "erp_id_field": "ERP ID", "feed_page": 3}

        simulator = LimeGoSimulator()
        simulator.switch(feed_page=3, integration_limit=100_000, organization_limit=100_000)
        return HttpBench(cls.plugin_class, simulator, settings, sign_in="/oauth/.*")

    @classmethod
    def make_events(cls, bench: Bench, number: int) -> None:
        assert isinstance(bench, HttpBench)
        for count in range(number):
            bench.simulator.edit_deal(CLASSIC_DEAL, name=f"Affär {count} {datetime.now(UTC).timestamp()}")
            bench.simulator.win_deal(CLASSIC_DEAL)
            bench.simulator.move_deal(CLASSIC_DEAL, stage="Offert")


class TestLimeGoClassicContract(LimeGoContract):
    api: ClassVar[dict[str, Any]] = {
        "api": "classic",
        "api_key": FULL_ACCESS_KEY,
        "set_custom_field_mutation": "setDealCustomField",
        "webhook_token": TOKEN,
    }
    deal_id = CLASSIC_DEAL
    company_id = "pase100001"
    write_backs = (WriteBack(record_kind="deal", record_id=CLASSIC_DEAL, erp_id="4711"),)
    native_errors = (
        NativeError("credentials", Answer(401, body={"message": "Unknown API key"}), "Unknown API key"),
        NativeError("right", Answer(403, body={"message": "Key may not"}), "Key may not"),
        NativeError("missing", Answer(404, body={"message": "No such"}), "No such", of="write"),
        NativeError("values", Answer(400, body={"message": "Fel värde: Å"}), "Fel värde: Å"),
        NativeError("too_fast", Answer(429, {"retry-after": "120"}, {"message": "Slow"}), "Slow", retry_after=120.0),
        NativeError("unavailable", Answer(500, body={"message": "Broken"}), "Broken"),
        NativeError("gateway", Answer(502, {"content-type": "text/html"}, "<html>Bad Gateway</html>")),
        NativeError("secret", lambda secret: Answer(400, body={"message": f"Not with {secret}"}), "Not with"),
    )

    @classmethod
    def delivery(cls, bench: Bench) -> WebhookRequest:
        body = {"position": "7", "eventType": "DealWon", "deal": {"id": 850000, "name": "A", "value": 12.5}}
        return WebhookRequest(
            path=f"/webhooks/lime/{TOKEN}",
            headers={"content-type": "application/json"},
            body=json.dumps(body).encode(),
            received_at=datetime.now(UTC),
        )


class TestLimeGoAgenticContract(LimeGoContract):
    api: ClassVar[dict[str, Any]] = {"api": "agentic", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    deal_id = AGENTIC_DEAL
    company_id = AGENTIC_COMPANY
    not_offered: ClassVar[dict[str, str]] = {
        "receive_events": "the Agentic API delivers nothing; its change feed is read",
        "subscribe_events": "the Agentic API delivers nothing; its change feed is read",
    }
    write_backs = (WriteBack(record_kind="deal", record_id=AGENTIC_DEAL, erp_id="4711"),)
    native_errors = (
        NativeError("credentials", refused(401, "unauthorized", "Token is dead"), "Token is dead", "unauthorized"),
        NativeError("right", refused(403, "forbidden", "Not for you"), "Not for you", "forbidden"),
        NativeError("missing", refused(404, "not_found", "No such deal"), "No such deal", "not_found"),
        NativeError("values", refused(422, "invalid", "Fel värde: Å"), "Fel värde: Å", "invalid"),
        NativeError("too_fast", Answer(429, {"retry-after": "120"}, {"errors": []}), retry_after=120.0),
        NativeError("unavailable", refused(500, "internal", "Broken"), "Broken"),
        NativeError("gateway", Answer(502, {"content-type": "text/html"}, "<html>Bad Gateway</html>")),
        NativeError("secret", lambda secret: refused(422, "invalid", f"Not with {secret}"), "Not with", "invalid"),
    )
