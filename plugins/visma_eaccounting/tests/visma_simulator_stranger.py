"""A stranger's HTTP client for the simulated Visma eAccounting, shared by the simulator's tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import httpx  # noqa: TID251 a stranger's client
from erpcore_visma_eaccounting.simulator import Behaviour, VismaEAccountingSimulator
from erpcore_visma_eaccounting.simulator.seed import CODING_25, TERMS_30, UNIT_PIECE

from erpcore.simulator import Clock
from erpcore.testing.straight import Straight

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
"""What the still clock of every simulated company shows at first."""


class Company:
    """A connected client of one simulated company."""

    def __init__(self, simulator: VismaEAccountingSimulator) -> None:
        self.simulator = simulator
        self.clock = simulator.clock
        self.http = httpx.Client(base_url="http://visma", transport=Straight(simulator))
        self.sign_in()

    def sign_in(self, *scopes: str) -> None:
        issued = self.simulator.tokens(scopes) if scopes else self.simulator.tokens()
        self.http.headers["Authorization"] = f"Bearer {issued.access_token}"

    def ask(self, method: str, path: str, body: object = None, **params: Any) -> httpx.Response:
        named = {name.replace("_", "$", 1) if name.startswith("_") else name: value for name, value in params.items()}
        return self.http.request(method, f"/v2{path}", json=body, params=named or None)

    def ok(self, method: str, path: str, body: object = None, status: int = 200, **params: Any) -> Any:
        response = self.ask(method, path, body, **params)
        assert response.status_code == status, response.text
        return response.json()

    def refused(self, method: str, path: str, body: object = None, status: int = 400, **params: Any) -> dict[str, Any]:
        response = self.ask(method, path, body, **params)
        assert response.status_code == status, response.text
        told: dict[str, Any] = response.json()
        assert set(told) == {"ErrorCode", "DeveloperErrorMessage", "Errors", "ErrorId"}
        return told

    def list(self, path: str, **params: Any) -> list[dict[str, Any]]:
        """One page; a parameter that begins with an underscore has a dollar sign there."""
        found: list[dict[str, Any]] = self.ok("GET", path, **params)["Data"]
        return found

    def customer(self, **members: Any) -> dict[str, Any]:
        made: dict[str, Any] = self.ok("POST", "/customers", {**CUSTOMER, **members}, 201)
        return made

    def article(self, number: str = "A1", price: float = 100, **members: Any) -> dict[str, Any]:
        body = {**ARTICLE, "Number": number, "NetPrice": price, "GrossPrice": price * 1.25, **members}
        made: dict[str, Any] = self.ok("POST", "/articles", body, 201)
        return made

    def order(self, *rows: dict[str, Any], **members: Any) -> dict[str, Any]:
        made: dict[str, Any] = self.ok("POST", "/orders", {**ORDER, "Rows": list(rows), **members}, 201)
        return made

    def draft(self, *rows: dict[str, Any], **members: Any) -> dict[str, Any]:
        body = {"EuThirdParty": False, "RotReducedInvoicingType": 0, "Rows": list(rows), **members}
        made: dict[str, Any] = self.ok("POST", "/customerinvoicedrafts", body, 201)
        return made


CUSTOMER = {
    "Name": "Kund AB",
    "IsPrivatePerson": False,
    "IsActive": True,
    "TermsOfPaymentId": TERMS_30,
    "InvoiceCity": "Växjö",
    "InvoicePostalCode": "352 31",
}
ARTICLE = {"Name": "Stol", "IsActive": True, "UnitId": UNIT_PIECE, "CodingId": CODING_25}
ORDER = {
    "CurrencyCode": "SEK",
    "OrderDate": "2026-11-20",
    "Status": 2,
    "EuThirdParty": False,
    "RotReducedInvoicingType": 0,
    "ReverseChargeOnConstructionServices": False,
}


def order_row(article: dict[str, Any] | None, at: int = 0, **members: Any) -> dict[str, Any]:
    flags = {"IsTextRow": article is None, "IsWorkCost": False, "EligibleForReverseChargeOnVat": False}
    return {"LineNumber": at, "ArticleId": article and article["Id"], **flags, **members}


def draft_row(article: dict[str, Any] | None, **members: Any) -> dict[str, Any]:
    flags = {"IsTextRow": article is None, "ReversedConstructionServicesVatFree": False}
    return {"ArticleId": article and article["Id"], **flags, **members}


@contextmanager
def connected(behaviour: Behaviour | None = None, **options: Any) -> Iterator[Company]:
    """A new company without a rate window, on a still clock, and its client."""
    options = {"rate_limit": None, "clock": Clock(START, ticking=False), **options}
    company = Company(VismaEAccountingSimulator(behaviour=behaviour, **options))
    with company.http:
        yield company
