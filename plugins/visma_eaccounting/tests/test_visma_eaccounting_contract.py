"""Visma eAccounting keeps the whole contract."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import ClassVar

from erpcore_visma_eaccounting.plugin import VismaEAccountingPlugin
from erpcore_visma_eaccounting.simulator import VismaEAccountingSimulator
from erpcore_visma_eaccounting.simulator.errors import Refused
from erpcore_visma_eaccounting.simulator.seed import TERMS_10

from erpcore.host import MemoryTokenStore, Token, TokenStore
from erpcore.models import RegisterEntry
from erpcore.testing.bench import Bench, HttpBench
from erpcore.testing.contract import Answer, ErpContract, NativeError
from plugins.visma_eaccounting.tests.visma_witness import WITNESSES


class ConnectedBench(HttpBench):
    """A simulator to which somebody has given consent: each connection has tokens of its own."""

    def new_tokens(self, name: str) -> TokenStore:
        issued = self.system.tokens()
        until = datetime.now(UTC) + timedelta(seconds=issued.expires_in)
        tokens = MemoryTokenStore()
        tokens.save(name, Token(issued.access_token, issued.refresh_token, until))
        return tokens


def refused(status: int, code: int, text: str) -> Answer:
    body = {"ErrorCode": code, "DeveloperErrorMessage": text, "Errors": None, "ErrorId": "e0"}
    return Answer(status, body=body)


PRICED = {"article_number": "S-1", "quantity": Decimal(1), "unit_price": Decimal(100)}
DENIED = "AuthorizationException - Authorization has been denied for this request."
FULL = "API calls quota exceeded! maximum admitted 600 per Minute. Try again in 40 seconds."
WRONG = "DataModelValidationException - Fel värde: Å"


def _booked(bench: Bench, number: str) -> int:
    """Let a person book a draft; give the invoice's number, also of what is booked already."""
    try:
        return int(bench.system.book_draft(number))
    except Refused:
        return int(number)


class TestVismaEAccountingContract(ErpContract):
    plugin_class = VismaEAccountingPlugin
    witnesses = WITNESSES
    simulator = partial(VismaEAccountingSimulator, rate_limit=None)
    settings: ClassVar = {
        "client_id": "demo-client",
        "client_secret": "demo-secret",
        "base_url": "{address}",
        "identity_url": "{address}",
        "default_city": "Okänd",
        "default_postal_code": "000 00",
        "requests_per_window": 10_000,
        "request_seconds": 5.0,
    }
    sign_in = "/connect/.*"
    seed: ClassVar = {
        "customers": [{"Name": "Kund Ett AB"}, {"Name": "Kund Två AB"}],
        "articles": [{"Number": number, "Name": f"Vara {number}", "NetPrice": 50} for number in ("S-1", "S-2")],
    }
    native_errors = (
        NativeError("credentials", refused(401, 4005, DENIED), "denied", "4005"),
        NativeError("right", refused(403, 4006, "No access to scopes: ea:sales"), "ea:sales", "4006"),
        NativeError("missing", refused(404, 3000, "Customer not found"), "Customer not found", "3000"),
        NativeError("duplicate", refused(400, 4000, "Number is in use"), "in use", "4000", of="write"),
        NativeError("values", refused(400, 2000, WRONG), "Fel värde: Å", "2000"),
        NativeError("too_fast", refused(429, 4010, FULL), "quota exceeded", "4010", retry_after=40.0),
        NativeError("unavailable", refused(500, 5000, "InternalServerError"), "InternalServerError", "5000"),
        NativeError("secret", lambda secret: refused(400, 2000, f"Fel: {secret}"), "Fel:", "2000"),
    )
    sample_values: ClassVar = {
        "customer_number": "1",
        "other_customer_number": "2",
        "article_number": "S-1",
        "order_row.*": PRICED,
        "order_row.article_number": "S-2",
        "invoice_row.*": PRICED,
        "invoice_row.article_number": "S-2",
        "article.*": {"number": "K-100"},
        "terms_of_payment": TERMS_10,
        "invoice.currency": "SEK",
        "article.unit": "tim",
        "article.income_account": "3002",
    }
    companions: ClassVar = {"article.currency": {"price": Decimal(10)}}
    held_registers: ClassVar = {
        "terms_of_payment": [
            RegisterEntry(code="70000000-0000-4000-8000-000000000010", name="10 dagar netto", days=10)
        ],
    }
    paging: ClassVar = {"page_size": 3}
    search_lag = 9.0
    whole_units = "0.50"
    states: ClassVar = {
        "invoice.booked": lambda bench, number: bench.system.book_draft(number),
        "invoice.paid": lambda bench, number: bench.system.pay_invoice(_booked(bench, number)),
        "invoice.part_paid": lambda bench, number: bench.system.pay_invoice(_booked(bench, number), "10.00"),
        "invoice.credited": lambda bench, number: bench.system.credit_invoice(bench.system.book_draft(number)),
    }
    cassettes = Path(__file__).parent / "cassettes"

    @classmethod
    def make_bench(cls) -> Bench:
        return ConnectedBench(cls.plugin_class, cls.simulator(), cls.settings_at, sign_in=cls.sign_in, seed=cls.seed)
