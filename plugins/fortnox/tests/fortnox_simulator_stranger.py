"""A stranger's HTTP client for the simulated Fortnox, shared by the simulator's tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import httpx  # noqa: TID251 a stranger's client
from erpcore_fortnox.simulator import FortnoxSimulator

from erpcore.simulator import Clock
from erpcore.testing.straight import Straight

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""What the still clock of every simulated company shows at first."""


class Company:
    """A connected client of one simulated company."""

    def __init__(self, simulator: FortnoxSimulator) -> None:
        self.simulator = simulator
        headers = {"Authorization": f"Bearer {simulator.tokens().access_token}"}
        self.http = httpx.Client(base_url="http://fortnox/3", headers=headers, transport=Straight(simulator))

    def ok(self, method: str, path: str, body: object = None, status: int = 200, **params: Any) -> Any:
        response = self.http.request(method, path, json=body, params=params)
        assert response.status_code == status, response.text
        return response.json() if response.content else None

    def refused(self, method: str, path: str, body: object = None, status: int = 400, **params: Any) -> int:
        response = self.http.request(method, path, json=body, params=params)
        assert response.status_code == status, response.text
        information = response.json()["ErrorInformation"]
        assert information.keys() == ({"Error", "Message", "Code"} if status == 404 else {"error", "message", "code"})
        return int(information["Code" if status == 404 else "code"])

    def customer(self, **members: Any) -> dict[str, Any]:
        return self.ok("POST", "/customers", {"Customer": {"Name": "Kund AB", **members}}, 201)["Customer"]

    def article(self, price: float | None = None, **members: Any) -> dict[str, Any]:
        made = self.ok("POST", "/articles", {"Article": {"Description": "Vara", **members}}, 201)["Article"]
        if price is not None:
            body = {"ArticleNumber": made["ArticleNumber"], "PriceList": "A", "Price": price}
            self.ok("POST", "/prices", {"Price": body}, 201)
        return made

    def order(self, *rows: dict[str, Any], **members: Any) -> dict[str, Any]:
        body = {"CustomerNumber": "1", "DeliveryState": "delivery", "OrderRows": list(rows), **members}
        return self.ok("POST", "/orders", {"Order": body}, 201)["Order"]

    def invoice(self, *rows: dict[str, Any], **members: Any) -> dict[str, Any]:
        body = {"CustomerNumber": "1", "InvoiceRows": list(rows), **members}
        return self.ok("POST", "/invoices", {"Invoice": body}, 201)["Invoice"]

    def numbers(self, path: str, key: str = "DocumentNumber", **params: Any) -> list[str]:
        reply = self.ok("GET", path, **params)
        (many,) = reply.keys() - {"MetaInformation"}
        return [entry[key] for entry in reply[many]]


@contextmanager
def connected(**behaviour: Any) -> Iterator[Company]:
    """A new company without a rate window, on a still clock, with these switches moved, and its client."""
    company = Company(FortnoxSimulator(rate_limit=None, clock=Clock(START, ticking=False)))
    company.simulator.seed({"behaviour": behaviour})
    with company.http:
        yield company


def row(quantity: float = 1, price: float | None = 100, **members: Any) -> dict[str, Any]:
    made: dict[str, Any] = {"Description": "Tjänst", "OrderedQuantity": quantity, "DeliveredQuantity": quantity}
    return {**made, **({} if price is None else {"Price": price}), **members}


def line(quantity: float = 1, price: float = 100, **members: Any) -> dict[str, Any]:
    return {"Description": "Tjänst", "DeliveredQuantity": quantity, "Price": price, **members}
