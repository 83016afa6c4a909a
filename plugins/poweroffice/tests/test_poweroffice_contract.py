"""PowerOffice Go keeps the whole contract."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import ClassVar

from erpcore_poweroffice.plugin import PowerOfficePlugin
from erpcore_poweroffice.simulator import Behaviour, PowerOfficeSimulator, demo, invoices, ledger
from erpcore_poweroffice.simulator.calls import Call

from erpcore.models import Address, Ref, RegisterEntry
from erpcore.testing.contract import Answer, Bench, ErpContract, NativeError
from plugins.poweroffice.tests.poweroffice_witness import WITNESSES


def refused(status: int, title: str, detail: str) -> Answer:
    return Answer(status, body={"title": title, "status": status, "detail": detail})


def gateway(status: int, message: str, headers: dict[str, str] | None = None) -> Answer:
    return Answer(status, headers or {}, {"statusCode": status, "message": message})


INVALID = "Customer validation error(s)"
USED = "ExternalImportReference is already in use. 'k' is used on (contact) Id = 7."
PLACE = {"postal_code": "0150", "city": "Oslo"}
PRICED = {"article_number": "S-1", "quantity": Decimal(1), "unit_price": Decimal(100)}


def _reverse(bench: Bench, number: str) -> None:
    """Let a person reverse the invoice's voucher."""
    invoice = bench.system.books.by("invoices", "InvoiceNo", int(number))
    invoice.values["IsReversed"] = True
    bench.system.books.touch(invoice)


def _credit(bench: Bench, number: str) -> None:
    """Let a person credit the invoice, by an order of what is taken back that names it."""
    books = bench.system.books
    invoice = books.by("invoices", "InvoiceNo", int(number))
    amounts = ("NetAmount", "TotalAmount", "NetPostedAmount", "TotalPostedAmount")
    owed = invoices.entry_of(books, invoice).values
    less = {name: -owed[name] for name in ("Amount", "CurrencyAmount")}
    entry = ledger.post(books, {**owed, **less, "VoucherType": "OutgoingCreditNote"}, Call())
    own = {"EntryId": entry.id, "InvoiceNo": books.count_up("invoice"), "RelatedInvoiceNo": int(number)}
    turned = {name: -invoice.values[name] for name in amounts}
    values = {**invoice.values, **own, **turned, "VoucherType": "OutgoingCreditNote"}
    books.add("invoices", books.new_uuid(), values, Call()).created_at = books.now()


class TestPowerOfficeContract(ErpContract):
    plugin_class = PowerOfficePlugin
    witnesses = WITNESSES
    simulator = partial(PowerOfficeSimulator, rate_limit=None, behaviour=Behaviour(sending_seconds=0))
    settings: ClassVar = {
        "application_key": demo.APPLICATION_KEY,
        "client_key": demo.CLIENT_KEY,
        "subscription_key": demo.SUBSCRIPTION_KEY,
        "base_url": "{address}",
        "requests_per_window": 10_000,
        "request_seconds": 5.0,
        "sent_state_waits": [0.01, 0.05, 0.2],
        "fence_seconds": 0.4,
    }
    sign_in = "/OAuth/.*"
    seed: ClassVar = {
        "customers": [{"Name": "Kunde En AS", "Number": 10001}, {"Name": "Kunde To AS", "Number": 10002}],
        "products": [{"Code": "S-1", "Name": "Vare"}, {"Code": "S-2", "Name": "Annen vare"}],
        "projects": [{"Code": "7", "Name": "Prosjekt"}],
    }
    lag_kind = "replica_lag"
    native_errors = (
        NativeError("credentials", gateway(401, "Access denied due to invalid key."), "Access denied"),
        NativeError("right", refused(403, "Forbidden", "Role Customer_Full is missing."), "Customer_Full", "Forbidden"),
        NativeError("missing", refused(404, "Object(s) not found", "Customer not found."), "Customer not found."),
        NativeError("duplicate", refused(400, INVALID, USED), "already in use", INVALID, of="write"),
        NativeError("values", refused(400, INVALID, "Navn er feil: Å"), "Navn er feil: Å", INVALID),
        NativeError("too_fast", gateway(429, "Try again in 120 seconds."), "Try again", retry_after=120.0),
        NativeError("unavailable", gateway(500, "Internal server error"), "Internal"),
        NativeError("secret", lambda secret: refused(400, INVALID, f"Feil: {secret}"), "Feil:", INVALID),
    )
    sample_values: ClassVar = {
        "customer_number": "10001",
        "other_customer_number": "10002",
        "article_number": "S-1",
        "order_row.*": PRICED,
        "order_row.article_number": "S-2",
        "article.*": {"number": "K-100"},
        "customer.number": "12345",
        "organisation_number": "923609016",
        "our_reference": "2",
        "terms_of_payment": "3100001",
        "project": "7",
        "cost_center": "1",
        "group": "1",
        "income_account": "3000",
        "invoices": (Ref(number="9912"),),
        "unit": "EA",
    }
    companions: ClassVar = {
        "article.currency": {"price": Decimal(10)},
        **{
            f"{model}.{address}.{part}": {address: PLACE}
            for model, address in (
                ("customer", "invoice_address"),
                ("customer", "delivery_address"),
                ("order", "delivery_address"),
            )
            for part in Address.model_fields
        },
    }
    held_registers: ClassVar = {
        "terms_of_payment": [RegisterEntry(code="3100003", key="3100003", name="14 dager", days=14, active=True)],
        "vat_code": [RegisterEntry(code="31", name="Utgående merverdiavgift, middels sats", percent=Decimal(15))],
        "currency": [RegisterEntry(code="DKK", name="DKK", active=False)],
    }
    paging: ClassVar = {"page_size": 3, "detailed_page_size": 3}
    search_lag = 0.3
    states: ClassVar = {
        "invoice.cancelled": lambda bench, number: _reverse(bench, number),
        "invoice.booked": lambda bench, number: None,  # it is booked when it is made
        "invoice.paid": lambda bench, number: invoices.pay(bench.system.books, int(number)),
        "invoice.credited": _credit,
        "invoice.part_paid": lambda bench, number: invoices.pay(bench.system.books, int(number), Decimal(10)),
    }
    cassettes = Path(__file__).parent / "cassettes"
