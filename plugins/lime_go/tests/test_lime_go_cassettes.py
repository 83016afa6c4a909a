"""The operations, replayed from cassettes without a network.

Record anew from the simulator with ``pytest plugins/lime_go/tests/test_lime_go_cassettes.py --record-mode=rewrite``, or
from an account of your own with ``--record-live`` besides and these in the environment: ``LIME_GO_API_KEY`` for the
classic tests; ``LIME_GO_BASE_URL``, ``LIME_GO_CLIENT_ID`` and ``LIME_GO_CLIENT_SECRET`` for the Agentic ones; for both
``LIME_GO_DEAL`` (a won deal that may be changed, by the API's own key) and ``LIME_GO_ERP_ID_FIELD``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from erpcore_lime_go.plugin import LimeGoPlugin
from erpcore_lime_go.settings import CLASSIC_URL, LimeGoSettings

from erpcore import Context
from erpcore.connection import CrmConnection
from erpcore.host import Host
from erpcore.models import WriteBack
from erpcore.simulator import running
from erpcore.testing.cassettes import Provenance, cassette_config
from plugins.lime_go.tests import test_lime_go_witness as witness

pytestmark = [pytest.mark.vcr, pytest.mark.block_network]

CONTEXT = Context(correlation_id="cassette")
STAND_IN = "https://lime-go.invalid"
CLASSIC_DEAL, AGENTIC_DEAL = "850000", "f50a443f-960d-50ca-9031-fbf19bb710f2"
DEMO = {
    "LIME_GO_API_KEY": "11111111-1111-4111-8111-111111111111",
    "LIME_GO_CLIENT_ID": "demo-client",
    "LIME_GO_CLIENT_SECRET": "demo-secret",
    "LIME_GO_ERP_ID_FIELD": "ERP ID",
}
TITLES = {
    "erp_id_field": "ERP ID",
    "order_number_field": "Ordernr",
    "invoice_number_field": "Fakturanr",
    "status_field": "Status",
    "message_field": "Meddelande",
    "company_erp_number_field": "Kundnr",
    "invoices_field": "Fakturor",
    "invoice_colour_field": "Colour",
    "invoice_total_field": "Summa",
    "invoice_balance_field": "Kvar",
    "invoice_due_field": "Due",
    "invoice_paid_field": "Betald",
    "company_invoice_colour_field": "Colour of all",
    "company_balance_field": "Skuld",
    "company_due_field": "Due of all",
}
"""Titles of the custom fields that a test writes which writes every field, by the setting that names them."""
DEFINED = [
    {"title": title, "entity_type": "companies" if name.startswith("company") else "deals"}
    for name, title in TITLES.items()
    if title != "ERP ID"
]


@dataclass(frozen=True)
class Source:
    """What is asked: a cassette, the simulator, or an account of somebody's own."""

    base_url: str
    provenance: Provenance
    told: dict[str, str] = field(repr=False, default_factory=lambda: dict(DEMO))

    def deal(self, api: str) -> str:
        return self.told.get("LIME_GO_DEAL", CLASSIC_DEAL if api == "classic" else AGENTIC_DEAL)


@pytest.fixture
def api(request: pytest.FixtureRequest) -> str:
    return "agentic" if "agentic" in request.node.name else "classic"


@pytest.fixture
def source(request: pytest.FixtureRequest, record_mode: str, api: str) -> Iterator[Source]:
    version = "v1" if api == "classic" else "v1 pilot"
    if request.config.getoption("--record-live"):
        address = os.environ.get("LIME_GO_BASE_URL", CLASSIC_URL)
        yield Source(address, Provenance("live account", version), dict(os.environ))
    elif record_mode == "none":
        yield Source(STAND_IN, Provenance("simulator", version))
    else:
        from erpcore_lime_go.simulator import LimeGoSimulator

        lime = LimeGoSimulator()
        lime.switch(feed_page=3)
        lime.seed({"custom_fields": DEFINED})
        lime.win_deal(CLASSIC_DEAL)
        with running(lime) as url:
            yield Source(url, Provenance("simulator", version))


@pytest.fixture
def vcr_config(source: Source) -> dict[str, Any]:
    secrets = [source.told.get(name, "") for name in ("LIME_GO_API_KEY", "LIME_GO_CLIENT_SECRET")]
    return cassette_config(source.provenance, rename={source.base_url: STAND_IN}, secrets=secrets)


@pytest.fixture
def connection(request: pytest.FixtureRequest, source: Source, api: str, vcr: Any) -> Iterator[CrmConnection]:
    told = source.told
    settings = {"api": api, "base_url": source.base_url, "erp_id_field": told["LIME_GO_ERP_ID_FIELD"], "feed_page": 3}
    if api == "classic":
        settings |= {"api_key": told["LIME_GO_API_KEY"], "set_custom_field_mutation": "setDealCustomField"}
    else:
        settings |= {"client_id": told["LIME_GO_CLIENT_ID"], "client_secret": told["LIME_GO_CLIENT_SECRET"]}
    if "every" in request.node.name:
        settings |= {**TITLES, "invoice_colour_texts": witness.COLOURS}
    host = Host.in_memory("lime")
    made = CrmConnection(LimeGoPlugin(LimeGoSettings.model_validate(settings), host))
    yield made
    made.close()


def read_a_won_deal(connection: CrmConnection, deal_id: str) -> None:
    deal = connection.fetch_deal(deal_id, None, CONTEXT)
    assert deal.id == deal_id
    assert deal.name
    assert deal.shown("erp_id")
    company = connection.fetch_customer(deal.company_id or "", CONTEXT)
    assert company.id == deal.company_id
    assert company.name


def write_a_number_and_read_it(connection: CrmConnection, deal_id: str) -> None:
    told = WriteBack(record_kind="deal", record_id=deal_id, erp_id="4711")
    assert connection.write_back(told, CONTEXT)
    assert connection.fetch_deal(deal_id, None, CONTEXT).erp_id == "4711"


def test_classic_reads_a_won_deal_and_its_company(connection: CrmConnection, source: Source) -> None:
    read_a_won_deal(connection, source.deal("classic"))


def test_classic_writes_a_number(connection: CrmConnection, source: Source) -> None:
    write_a_number_and_read_it(connection, source.deal("classic"))


def test_classic_reads_the_feed_and_lets_a_page_go(connection: CrmConnection) -> None:
    page = connection.fetch_events(None, CONTEXT)
    assert any(event.kind == "deal_won" for event in page.events)
    assert connection.acknowledge_events(page, CONTEXT) == 3


def test_classic_subscribes(connection: CrmConnection) -> None:
    assert connection.subscribe_events("https://erpcore.invalid/webhooks/lime/token", CONTEXT)


def test_classic_is_checked(connection: CrmConnection) -> None:
    assert connection.check_connection(CONTEXT).ok


def test_agentic_reads_a_won_deal_and_its_company(connection: CrmConnection, source: Source) -> None:
    read_a_won_deal(connection, source.deal("agentic"))
    assert connection.fetch_deal(source.deal("agentic"), None, CONTEXT).won


def test_agentic_writes_a_number_and_finds_it_in_the_changes(connection: CrmConnection, source: Source) -> None:
    page = connection.fetch_events(None, CONTEXT)
    while page.more:
        page = connection.fetch_events(page.next_cursor, CONTEXT)
        assert all(event.history for event in page.events)
        if not json.loads(page.next_cursor or "").get("history"):
            break  # behind it is the feed, which is read when something has happened
    place = page.next_cursor
    write_a_number_and_read_it(connection, source.deal("agentic"))
    (event,) = connection.fetch_events(place, CONTEXT).events
    assert (event.kind, event.record_id) == ("deal_changed", source.deal("agentic"))


def test_agentic_is_checked(connection: CrmConnection) -> None:
    assert connection.check_connection(CONTEXT).ok


def write_every_field(connection: CrmConnection, deal_id: str, *, company: bool) -> None:
    told: Any = witness.TOLD_DEAL.record
    assert connection.write_back(told.model_copy(update={"record_id": deal_id}), CONTEXT)
    stands: Any = witness.STANDING_OF_DEAL.record
    assert connection.show_invoices(stands.model_copy(update={"record_id": deal_id}), CONTEXT)
    if company:
        at: dict[str, Any] = {"record_id": connection.fetch_deal(deal_id, None, CONTEXT).company_id}
        number: Any = witness.TOLD_COMPANY.record
        assert connection.write_back(number.model_copy(update=at), CONTEXT)
        all_of_it: Any = witness.STANDING_OF_COMPANY.record
        assert connection.show_invoices(all_of_it.model_copy(update=at), CONTEXT)


def test_classic_writes_every_field(connection: CrmConnection, source: Source) -> None:
    write_every_field(connection, source.deal("classic"), company=False)


def test_agentic_writes_every_field(connection: CrmConnection, source: Source) -> None:
    write_every_field(connection, source.deal("agentic"), company=True)
