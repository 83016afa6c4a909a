"""The simulated Lime CRM after a restart, and run again: it goes on as if it had never stopped, and repeats itself."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlencode

from erpcore_lime_crm.simulator import LimeCrmSimulator
from erpcore_lime_crm.simulator.demo import API_KEY

from erpcore.simulator import Answered, Clock, InProcess

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
API = "/demo/api/v1"
SUBSCRIPTION = {"events": ["order.update"], "target_url": "http://127.0.0.1:9/x", "secret": "s3cret"}
ORDER = LimeCrmSimulator().account.all("order")[0].id
QUERY = {"limetype": "order", "responseFormat": {"object": {"order_status": ""}}}
ASKED: list[tuple[str, str, Any]] = [
    ("POST", f"{API}/subscription/", SUBSCRIPTION),
    ("POST", "/_simulator/switches", {"default_limit": 2, "deliver_twice": True}),
    ("POST", "/_simulator/add_company", {"name": "Ny AS"}),
    ("POST", "/_simulator/edit_company", {"company": "Ny AS", "phone": "1"}),
    ("POST", "/_simulator/add_order", {"company": "Ny AS", "rows": [{"article": "LIS-1", "quantity": "2"}]}),
    ("POST", "/_simulator/set_ready", {"order": ORDER}),
    ("PUT", f"{API}/limeobject/order/{ORDER}/", {"order_status": {"key": "inprocess"}}),
    ("POST", f"{API}/limeobject/articlegroup/", {"name": "Ny"}),
    ("GET", f"{API}/limeobject/order/?_embed=company", None),
    ("GET", f"{API}/limetype/order/?_embed=properties", None),
    ("GET", f"{API}/query/?{urlencode({'q': json.dumps(QUERY)})}", None),
    ("GET", "/_simulator/state", None),
]


def ask(lime: LimeCrmSimulator) -> list[Answered]:
    """What a client is answered, in one thread."""
    call, headers = InProcess(lime.asgi), [(b"x-api-key", API_KEY.encode())]
    return [
        call(method, f"http://lime{path}", headers, b"" if body is None else json.dumps(body).encode())
        for method, path, body in ASKED
    ]


def test_it_goes_on_after_a_restart(tmp_path: Path) -> None:
    one = LimeCrmSimulator(clock=Clock(START))
    assert all(answered.status < 300 for answered in ask(one))
    assert one.settle()
    one.keep(tmp_path / "lime")
    two = LimeCrmSimulator(with_demo=False, clock=Clock(START))
    assert two.recall(tmp_path / "lime")
    assert two.state() == one.state()
    assert two.deliveries.memory() == one.deliveries.memory()
    assert two.account.memory() == one.account.memory()
    assert two.add_company("Neste AS").id == one.account.memory()["numbering"]["objects"] + 1


def test_a_run_is_repeated_byte_for_byte() -> None:
    def run() -> tuple[list[Answered], list[str]]:
        lime = LimeCrmSimulator(clock=Clock(START, ticking=False), random=Random(7))
        told = ask(lime)
        assert lime.settle()
        return told, [f"{each.id} {each.body}" for each in lime.deliveries.memory()["refused"]]

    first, second = run(), run()
    assert first == second
    assert all(answered.status < 300 for answered in first[0])
    assert first[1]
