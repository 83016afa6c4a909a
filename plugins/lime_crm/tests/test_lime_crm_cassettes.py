"""The operations, replayed from cassettes without a network.

Record anew from the simulator with ``pytest plugins/lime_crm/tests/test_lime_crm_cassettes.py --record-mode=rewrite``,
or from an installation of your own with ``--record-live`` besides and these in the environment: ``LIME_CRM_URL`` (with
the application's name), ``LIME_CRM_API_KEY``, ``LIME_CRM_ORDER`` and ``LIME_CRM_DEAL`` (ids of an order and of a deal
that may be changed) and ``LIME_CRM_CUSTOMER_NUMBER`` (that of a company). Names that differ from the defaults go into
``LIME_CRM_SETTINGS`` as JSON.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from erpcore_lime_crm.plugin import LimeCrmPlugin
from erpcore_lime_crm.settings import LimeCrmSettings

from erpcore import Context
from erpcore.connection import CrmConnection
from erpcore.host import Host
from erpcore.models import Article, Invoice, InvoiceRow, WriteBack
from erpcore.simulator import Clock, running
from erpcore.testing.cassettes import Provenance, cassette_config
from plugins.lime_crm.tests import test_lime_crm_witness as witness

pytestmark = [pytest.mark.vcr, pytest.mark.block_network]

CONTEXT = Context(correlation_id="cassette")
STAND_IN = "https://lime-crm.invalid"
DEMO = {
    "LIME_CRM_API_KEY": "lime-crm-demo-key",
    "LIME_CRM_ORDER": "1013",
    "LIME_CRM_DEAL": "1012",
    "LIME_CRM_CUSTOMER_NUMBER": "10001",
    "LIME_CRM_SETTINGS": "{}",
}
ALL_NAMED = {"deal": {"erp_id": "erp_ordernumber"}}
"""Names that the standard leaves empty, for a test that writes every field."""


@dataclass(frozen=True)
class Source:
    """What is asked: a cassette, the simulator, or an installation of somebody's own."""

    url: str
    provenance: Provenance
    rename: dict[str, str] = field(default_factory=dict)
    told: dict[str, str] = field(repr=False, default_factory=lambda: dict(DEMO))


@pytest.fixture
def source(request: pytest.FixtureRequest, record_mode: str) -> Iterator[Source]:
    if request.config.getoption("--record-live"):
        address = os.environ["LIME_CRM_URL"].rstrip("/")
        yield Source(address, Provenance("live installation", "v1"), {address: f"{STAND_IN}/demo"}, dict(os.environ))
    elif record_mode == "none":
        yield Source(f"{STAND_IN}/demo", Provenance("simulator", "v1"))
    else:
        from erpcore_lime_crm.simulator import LimeCrmSimulator

        lime = LimeCrmSimulator(clock=Clock(datetime(2026, 11, 22, 9, 0, tzinfo=UTC)))
        lime.set_ready(int(DEMO["LIME_CRM_ORDER"]))
        with running(lime) as url:
            yield Source(f"{url}/demo", Provenance("simulator", "v1"), {url: STAND_IN})


@pytest.fixture
def vcr_config(source: Source) -> dict[str, Any]:
    return cassette_config(source.provenance, rename=source.rename, secrets=[source.told["LIME_CRM_API_KEY"]])


@pytest.fixture
def connection(request: pytest.FixtureRequest, source: Source, vcr: Any) -> Iterator[CrmConnection]:
    told = {"url": source.url, "api_key": source.told["LIME_CRM_API_KEY"], "page_size": 20}
    told |= ALL_NAMED if "every" in request.node.name else {}
    told |= json.loads(source.told.get("LIME_CRM_SETTINGS", "{}"))
    host = Host.in_memory("lime")
    made = CrmConnection(LimeCrmPlugin(LimeCrmSettings.model_validate(told), host))
    yield made
    made.close()


def test_it_is_checked(connection: CrmConnection) -> None:
    assert connection.check_connection(CONTEXT).ok


def test_a_ready_order_is_found_and_read(connection: CrmConnection, source: Source) -> None:
    (event,) = connection.fetch_events(None, CONTEXT).events
    assert (event.kind, event.record_id) == ("order_ready", source.told["LIME_CRM_ORDER"])
    order = connection.fetch_order(event.record_id or "", CONTEXT)
    assert order.status == "readytobesent"
    assert order.rows
    assert order.customer_number == source.told["LIME_CRM_CUSTOMER_NUMBER"]
    company = connection.fetch_customer(order.company_id or "", CONTEXT)
    assert company.erp_number == order.customer_number


def test_number_and_status_are_written_back(connection: CrmConnection, source: Source) -> None:
    key = source.told["LIME_CRM_ORDER"]
    for told in ({"status": "inprocess"}, {"status": "synced", "order_number": "4711", "message": None}):
        assert connection.write_back(
            WriteBack.model_validate({"record_kind": "order", "record_id": key, **told}), CONTEXT
        )
    order = connection.fetch_order(key, CONTEXT)
    assert (order.status, order.order_number, order.message) == ("synced", "4711", None)


def test_an_invoice_is_stored_twice_and_is_one(connection: CrmConnection, source: Source) -> None:
    invoice = Invoice(
        number="90001",
        customer_number=source.told["LIME_CRM_CUSTOMER_NUMBER"],
        kind="invoice",
        invoice_date=date(2026, 11, 22),
        currency="NOK",
        net=Decimal("100.00"),
        vat=Decimal("25.00"),
        total=Decimal("125.00"),
        balance=Decimal(0),
        payment_date=date(2026, 11, 23),
        rows=(InvoiceRow(article_number="KURS-1", quantity=Decimal(1), amount=Decimal("100.00")),),
    )
    first = connection.store_invoice(invoice, CONTEXT)
    assert connection.store_invoice(invoice, CONTEXT).key == first.key


def test_an_article_is_stored_and_read(connection: CrmConnection) -> None:
    article = Article(number="NY-1", description="Ny", price=Decimal("99.50"), vat_percent=Decimal(25), group="Nye")
    connection.store_article(article, CONTEXT)
    page = connection.fetch_articles(None, None, CONTEXT)
    assert [(each.price, each.group) for each in page.items if each.number == "NY-1"] == [(Decimal("99.50"), "Nye")]


def test_every_field_is_written(connection: CrmConnection, source: Source) -> None:
    order = connection.fetch_order(source.told["LIME_CRM_ORDER"], CONTEXT)
    for kind, key in (("order", order.id), ("company", order.company_id), ("deal", source.told["LIME_CRM_DEAL"])):
        told: Any = witness.STATED[kind][1].record
        assert connection.write_back(told.model_copy(update={"record_id": key}), CONTEXT)
    paid: Any = witness.PAID_INVOICE.record
    named = {"number": "90002", "customer_number": source.told["LIME_CRM_CUSTOMER_NUMBER"]}
    connection.store_invoice(paid.model_copy(update=named), CONTEXT)
    article: Any = witness.ARTICLE.record
    connection.store_article(article.model_copy(update={"group": "Kvarnar"}), CONTEXT)
