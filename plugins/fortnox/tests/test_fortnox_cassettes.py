"""Every operation against recorded exchanges: what the plugin sends stays what it was.

The cassettes were recorded from the simulator, and say so. To record them again::

    pytest plugins/fortnox/tests/test_fortnox_cassettes.py --record-mode=rewrite

To record them from a company of one's own (a test company: customers, articles and documents are made in it)::

    FORTNOX_CLIENT_ID=... FORTNOX_CLIENT_SECRET=... FORTNOX_TENANT_ID=... \\
        pytest plugins/fortnox/tests/test_fortnox_cassettes.py --record-mode=rewrite --record-live

The company must have given consent to the client id with a service account (``erpcore connect``). What is recorded from
it is that company's data: use one without personal data, and read the files before they are shared.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from erpcore_fortnox.simulator import FortnoxSimulator

from erpcore.connection import ErpConnection
from erpcore.errors import ConflictError, NotFoundError, RejectedError
from erpcore.hookspecs import Context
from erpcore.host import Host
from erpcore.models import (
    Address,
    Article,
    ArticleQuery,
    ContactPerson,
    Customer,
    CustomerQuery,
    DocumentQuery,
    Invoice,
    InvoiceRow,
    Order,
    OrderRow,
    Ref,
)
from erpcore.registry import connect_erp
from erpcore.simulator import Clock, running
from erpcore.testing.cassettes import SCRUBBED_NUMBER, Provenance, cassette_config
from plugins.fortnox.tests import fortnox_witness as witness

pytestmark = [pytest.mark.vcr, pytest.mark.block_network]

API, SIGN_IN = "https://fortnox.invalid", "https://fortnox.invalid/oauth-v1"
START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
ORGANISATION = "556036-0793"
CUSTOMER = Customer(
    name="Cassettbolaget AB",
    kind="company",
    organisation_number=ORGANISATION,
    email="ekonomi@example.com",
    phone="08-000 00 00",
    invoice_address=Address(street="Bandgatan 1", postal_code="111 22", city="Stockholm", country_code="SE"),
)
ARTICLE = Article(
    number="CASS-1", description="Kassettband", kind="goods", price=Decimal("49.50"), vat_percent=Decimal(25)
)
REGISTERS = {
    "projects": [{"ProjectNumber": "P7", "Description": "Kvarnen"}],
    "costcenters": [{"Code": "KS7", "Description": "Kvarn"}],
}
"""What the records of the witness name; a company of one's own needs them too."""


@dataclass(frozen=True)
class Source:
    """What a test talks to: recorded answers, the simulator, or a company.

    Attributes:
        base_url: Address of the interface.
        auth_url: Address of the sign-in.
        credentials: Client id, client secret, tenant id.
        provenance: What cassettes recorded now say about themselves.
    """

    base_url: str
    auth_url: str
    credentials: dict[str, str]
    provenance: Provenance


@pytest.fixture
def source(request: pytest.FixtureRequest, record_mode: str) -> Iterator[Source]:
    demo = {"client_id": "demo-client", "client_secret": "demo-secret", "tenant_id": "1234567"}
    simulated = Provenance("simulator", "3")
    if record_mode == "none":
        yield Source(API, SIGN_IN, {**demo, "tenant_id": SCRUBBED_NUMBER}, simulated)
    elif request.config.getoption("--record-live"):
        own = {name: os.environ[f"FORTNOX_{name.upper()}"] for name in demo}
        live = Provenance("live test company", "3")
        yield Source("https://api.fortnox.se", "https://apps.fortnox.se/oauth-v1", own, live)
    else:
        simulator = FortnoxSimulator(clock=Clock(START))
        simulator.seed(REGISTERS)
        with running(simulator) as base_url:
            yield Source(base_url, f"{base_url}/oauth-v1", demo, simulated)


@pytest.fixture
def vcr_config(source: Source) -> dict[str, Any]:
    return cassette_config(
        source.provenance,
        rename={source.auth_url: SIGN_IN, source.base_url: API},
        secrets=list(source.credentials.values()),
    )


@pytest.fixture
def fortnox(source: Source, vcr: Any) -> Iterator[ErpConnection]:
    host = Host.in_memory("fortnox")
    settings = {**source.credentials, "base_url": source.base_url, "auth_url": source.auth_url}
    connection = connect_erp("fortnox", host, settings)
    yield connection
    connection.close()


def context(reference: str | None = None) -> Context:
    return Context("cassette", reference=reference)


def order(customer_number: str) -> Order:
    return Order(
        customer_number=customer_number,
        your_reference="Inköp",
        order_date=date(2026, 11, 20),
        rows=(
            OrderRow(description="Projekt Kassett"),
            OrderRow(description="Bandbyte", quantity=Decimal("1.5"), unit_price=Decimal(900), vat_percent=Decimal(25)),
        ),
    )


def test_check_connection(fortnox: ErpConnection) -> None:
    report = fortnox.check_connection(context())
    assert report.ok
    assert report.account


def test_create_find_and_update_a_customer(fortnox: ErpConnection) -> None:
    number = fortnox.create_customer(CUSTOMER, context("cassette:customer")).number
    (found,) = fortnox.find_customers(CustomerQuery(organisation_number="5560360793"), context())
    assert (found.number, found.name) == (number, CUSTOMER.name)
    assert len(fortnox.find_customers(CustomerQuery(name="Cassettbolaget AB"), context())) == 1
    fortnox.update_customer(Ref(number=number), Customer(phone="08-111 11 11"), context())
    (changed,) = fortnox.find_customers(CustomerQuery(number=number), context())
    assert (changed.phone, changed.email) == ("08-111 11 11", "ekonomi@example.com")
    assert changed.external_reference == "cassette:customer"


def test_create_a_contact_person(fortnox: ErpConnection) -> None:
    number = fortnox.create_customer(CUSTOMER, context()).number
    person = ContactPerson(first_name="Inköps", last_name="Avdelningen")
    assert fortnox.create_contact_person(Ref(number=number), person, context()).number == "Inköps Avdelningen"


def test_create_find_and_sync_articles(fortnox: ErpConnection) -> None:
    fortnox.create_article(ARTICLE, context())
    (found,) = fortnox.find_articles(ArticleQuery(number="CASS-1"), context())
    assert (found.description, found.price) == ("Kassettband", Decimal("49.5"))
    dearer = Article(number="CASS-1", description="Kassettband", price=Decimal("59.50"))
    new = Article(number="CASS-2", description="Kassettask", price=Decimal(5))
    done = fortnox.sync_articles([dearer, new], context())
    assert (done.created, done.updated) == (("CASS-2",), ("CASS-1",))
    again = fortnox.sync_articles([dearer, new], context())
    assert again.unchanged == ("CASS-1", "CASS-2")


def test_fetch_articles(fortnox: ErpConnection) -> None:
    fortnox.create_article(ARTICLE, context())
    page = fortnox.fetch_articles(datetime(2026, 11, 20, 8, 0, tzinfo=UTC), None, context())
    assert "CASS-1" in [article.number for article in page.items]


def test_list_register(fortnox: ErpConnection) -> None:
    assert 30 in [terms.days for terms in fortnox.list_register("terms_of_payment", context())]


def test_create_find_and_convert_an_order(fortnox: ErpConnection) -> None:
    customer = fortnox.create_customer(CUSTOMER, context()).number
    made = fortnox.create_order(order(customer), context("cassette:order"))
    assert made.total == Decimal(1688)
    (found,) = fortnox.find_orders(DocumentQuery(reference="cassette:order"), context())
    assert (found.number, found.invoices) == (made.number, ())
    invoice = fortnox.convert_to_invoice(Ref(number=made.number), context())
    (invoiced,) = fortnox.find_orders(DocumentQuery(number=made.number), context())
    assert [each.number for each in invoiced.invoices or ()] == [invoice.number]
    with pytest.raises(ConflictError):
        fortnox.convert_to_invoice(Ref(number=made.number), context())


def test_create_find_and_fetch_invoices(fortnox: ErpConnection) -> None:
    customer = fortnox.create_customer(CUSTOMER, context()).number
    row = InvoiceRow(description="Bandhyra", quantity=Decimal(2), unit_price=Decimal(100), discount_percent=Decimal(10))
    invoice = Invoice(customer_number=customer, invoice_date=date(2026, 11, 20), rows=(row,))
    made = fortnox.create_invoice(invoice, context("cassette:invoice"))
    (found,) = fortnox.find_invoices(DocumentQuery(reference="cassette:invoice"), context())
    assert (found.number, found.booked, found.total) == (made.number, False, Decimal(225))
    since = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
    page = fortnox.fetch_invoices(since, None, context())
    assert [(item.number, item.net) for item in page.items] == [(made.number, Decimal(180))]
    assert page.next_cursor is not None
    assert fortnox.fetch_invoices(since, page.next_cursor, context()).next_cursor is None


def test_refusals(fortnox: ErpConnection) -> None:
    with pytest.raises(NotFoundError) as missing:
        fortnox.update_customer(Ref(number="0"), Customer(name="Ingen"), context())
    assert missing.value.vendor_code == "2000433"
    with pytest.raises(RejectedError) as refused:
        fortnox.create_article(Article(number="BAND Å", description="Fel nummer"), context())
    assert refused.value.vendor_text


def test_every_field_is_sent(fortnox: ErpConnection) -> None:
    fortnox.create_customer(witness.CUSTOMER.record, context())
    fortnox.create_article(witness.ARTICLE.record, context())
    fortnox.update_customer(Ref(number="1001"), Customer(active=True), context())
    fortnox.sync_articles([Article(number="KV-1", active=True)], context())
    order = fortnox.create_order(witness.ORDER.record, context("cassette:whole order"))
    invoice = fortnox.create_invoice(witness.INVOICE.record, context("cassette:whole invoice"))
    assert order.currency == invoice.currency == "NOK"
