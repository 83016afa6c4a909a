"""A stranger's HTTP client for the simulated PowerOffice Go, shared by the simulator's tests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import httpx  # noqa: TID251 a stranger's client
from erpcore_poweroffice.simulator import Behaviour, PowerOfficeSimulator
from erpcore_poweroffice.simulator.demo import CLIENT_KEY, SUBSCRIPTION_KEY

from erpcore.simulator import Clock
from erpcore.testing.straight import Straight

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""What the still clock of every simulated company shows at first."""

PATCH = {"Content-Type": "application/json-patch+json"}


class Company:
    """A connected client of one simulated company."""

    def __init__(self, simulator: PowerOfficeSimulator, client_key: str = CLIENT_KEY) -> None:
        self.simulator = simulator
        self.clock = simulator.clock
        headers = {
            "Authorization": f"Bearer {simulator.token(client_key)}",
            "Ocp-Apim-Subscription-Key": SUBSCRIPTION_KEY,
        }
        self.http = httpx.Client(base_url="http://poweroffice/v2", headers=headers, transport=Straight(simulator))

    def ok(self, method: str, path: str, body: object = None, status: int = 200, **params: Any) -> Any:
        response = self._send(method, path, body, params)
        assert response.status_code == status, response.text
        return response.json() if response.content else None

    def refused(self, method: str, path: str, body: object = None, status: int = 400, **params: Any) -> str:
        response = self._send(method, path, body, params)
        assert response.status_code == status, response.text
        told = response.json()
        assert told["status"] == status
        assert told["title"]
        return json.dumps(told["errors"]) if "errors" in told else str(told["detail"])

    def patch(self, path: str, *steps: dict[str, Any], status: int = 200) -> Any:
        return self.ok("PATCH", path, list(steps), status)

    def customer(self, **members: Any) -> dict[str, Any]:
        return self.ok("POST", "/Customers", {"Name": "Kunde AS", **members}, 201)

    def product(self, code: str = "S1", price: float | None = 100, **members: Any) -> dict[str, Any]:
        body = {"Name": "Stol", "Code": code, "UnitPrice": price, **members}
        return self.ok("POST", "/Products", body, 201)

    def order(self, *lines: dict[str, Any], **members: Any) -> dict[str, Any]:
        body = {"CustomerNo": 10000, "SalesOrderLines": list(lines), **members}
        return self.ok("POST", "/SalesOrders/Complete", body, 201)

    def invoice(self, *lines: dict[str, Any], **members: Any) -> dict[str, Any]:
        """Make an order, have it sent without delivery, and return the invoice."""
        made = self.order(*lines, **members)
        self.ok("POST", f"/SalesOrders/{made['Id']}/CreateAndSendInvoice", {"DeliveryType": "PdfPrintForDownload"}, 202)
        self.clock.advance(1)
        return self.ok("GET", f"/OutgoingInvoices/{made['Id']}")

    def sent_state(self, order_id: str) -> dict[str, Any]:
        (state,) = self.ok("GET", "/SalesOrders/SentState", id=order_id)
        return state

    def values(self, path: str, member: str, **params: Any) -> list[Any]:
        response = self._send("GET", path, None, params)
        if response.status_code == 204:
            assert response.content == b""
            return []
        assert response.status_code == 200, response.text
        return [row[member] for row in response.json()]

    def _send(self, method: str, path: str, body: object, params: dict[str, Any]) -> httpx.Response:
        headers = PATCH if method == "PATCH" else {}
        return self.http.request(method, path, json=body, params=params or None, headers=headers)


@contextmanager
def connected(behaviour: Behaviour | None = None, **options: Any) -> Iterator[Company]:
    """A new company without a rate window, on a still clock, and its client."""
    clock = Clock(START, ticking=False)
    simulator = PowerOfficeSimulator(rate_limit=None, behaviour=behaviour, clock=clock, **options)
    company = Company(simulator)
    with company.http:
        yield company


@contextmanager
def furnished(behaviour: Behaviour | None = None) -> Iterator[Company]:
    """A connected company with customer 10000 and the products S1 (100.00) and S2 (without a price)."""
    with connected(behaviour) as company:
        company.simulator.seed(
            {
                "customers": [{"Name": "Kunde AS", "InvoiceEmailAddress": "faktura@example.com"}],
                "products": [{"Name": "Stol", "Code": "S1", "UnitPrice": 100}, {"Name": "Bord", "Code": "S2"}],
            }
        )
        yield company


def line(quantity: float = 1, code: str = "S1", **members: Any) -> dict[str, Any]:
    return {"ProductCode": code, "Quantity": quantity, **members}


def replace(path: str, value: Any) -> dict[str, Any]:
    return {"op": "replace", "path": path, "value": value}
