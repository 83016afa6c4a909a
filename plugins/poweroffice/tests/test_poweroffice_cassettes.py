"""Every operation against recorded exchanges: what the plugin sends stays what it was.

The cassettes were recorded from the simulator, and say so. To record them again::

    pytest plugins/poweroffice/tests/test_poweroffice_cassettes.py --record-mode=rewrite

To record them from a company of one's own on the demo system (customers, products and orders are made in it, and orders
are turned into invoices)::

    POWEROFFICE_APPLICATION_KEY=... POWEROFFICE_CLIENT_KEY=... POWEROFFICE_SUBSCRIPTION_KEY=... \\
        pytest plugins/poweroffice/tests/test_poweroffice_cassettes.py --record-mode=rewrite --record-live

What is recorded from it is that company's data: use one without personal data, and read the files before they are
shared.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from erpcore_poweroffice.simulator import Behaviour, PowerOfficeSimulator, demo

from erpcore.connection import ErpConnection
from erpcore.errors import ConflictError, MissingRecordError, NotFoundError, RejectedError
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
    Order,
    OrderRow,
    Ref,
)
from erpcore.registry import connect_erp
from erpcore.simulator import Clock, running
from erpcore.testing.cassettes import Provenance, cassette_config
from plugins.poweroffice.tests import poweroffice_witness as witness

pytestmark = [pytest.mark.vcr, pytest.mark.block_network]

ADDRESS = "https://poweroffice.invalid"
START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
ORGANISATION = "923609016"
OSLO = Address(street="Båndgata 1", postal_code="0150", city="Oslo", country_code="NO")
CUSTOMER = Customer(
    name="Kassettselskapet AS",
    kind="company",
    organisation_number=ORGANISATION,
    email="post@example.com",
    phone="22 00 00 00",
    invoice_address=OSLO,
    delivery_address=OSLO,
)
ARTICLE = Article(number="KASSETT", description="Kassettbånd", kind="goods", unit="st", price=Decimal("49.50"))
REGISTERS = {
    "projects": [{"Code": "P7", "Name": "Fjorden"}],
    "departments": [{"Code": "KS7", "Name": "Kai"}],
    "accounts": [{"AccountNo": 3041, "Name": "Fisk", "VatCode": "3"}],
    "product_groups": [{"Code": "7", "Name": "Kroker"}],
    "employees": [
        {"Number": 101, "FirstName": "Anna", "LastName": "Selger"},
        {"Number": 102, "FirstName": "Bo", "LastName": "Selger"},
    ],
}
"""What the records of the witness name; a company of one's own needs them too."""


@dataclass(frozen=True)
class Source:
    """What a test talks to: recorded answers, the simulator, or a company.

    Attributes:
        base_url: Address of the interface.
        keys: The three keys.
        waits: Seconds before each question for an invoice's number.
        provenance: What cassettes recorded now say about themselves.
    """

    base_url: str
    keys: dict[str, str]
    waits: tuple[float, ...]
    provenance: Provenance


@pytest.fixture
def source(request: pytest.FixtureRequest, record_mode: str) -> Iterator[Source]:
    keys = {
        "application_key": demo.APPLICATION_KEY,
        "client_key": demo.CLIENT_KEY,
        "subscription_key": demo.SUBSCRIPTION_KEY,
    }
    simulated, quick = Provenance("simulator", "2"), (0.01,) * 20
    if record_mode == "none":
        yield Source(ADDRESS, keys, quick, simulated)
    elif request.config.getoption("--record-live"):
        own = {name: os.environ[f"POWEROFFICE_{name.upper()}"] for name in keys}
        live = Provenance("live test company", "2")
        yield Source("https://goapi.poweroffice.net/Demo", own, (1.0, 4.0, 10.0, 15.0), live)
    else:
        simulator = PowerOfficeSimulator(clock=Clock(START), behaviour=Behaviour(sending_seconds=0))
        simulator.seed(REGISTERS)
        with running(simulator) as base_url:
            yield Source(base_url, keys, quick, simulated)


@pytest.fixture
def vcr_config(source: Source) -> dict[str, Any]:
    return cassette_config(
        source.provenance,
        rename={source.base_url: ADDRESS},
        # The address too: some answers lead back to it.
        secrets=[*source.keys.values(), source.base_url],
    )


@pytest.fixture
def poweroffice(request: pytest.FixtureRequest, source: Source, vcr: Any) -> Iterator[ErpConnection]:
    host = Host.in_memory("poweroffice")
    # Without a bound on the search, which would be another one each day.
    settings = {**source.keys, "base_url": source.base_url, "sent_state_waits": source.waits, "search_days": None}
    settings["fence_seconds"] = 0 if source.provenance.recorded_from == "simulator" else 5
    if "every" in request.node.name:
        settings["vat_free_customers"] = "export"
    connection = connect_erp("poweroffice", host, settings)
    yield connection
    connection.close()


def context(reference: str | None = None) -> Context:
    return Context("cassette", reference=reference)


def order(customer_number: str) -> Order:
    return Order(
        customer_number=customer_number,
        your_reference="Innkjøp",
        order_date=date(2026, 11, 20),
        delivery_address=OSLO,
        rows=(
            OrderRow(description="Prosjekt Kassett"),
            OrderRow(
                article_number="KASSETT",
                quantity=Decimal("1.5"),
                unit="st",
                unit_price=Decimal(900),
                discount_amount=Decimal(135),
            ),
        ),
    )


def test_check_connection(poweroffice: ErpConnection) -> None:
    report = poweroffice.check_connection(context())
    assert report.ok
    assert report.account


def test_create_find_and_update_a_customer(poweroffice: ErpConnection) -> None:
    number = poweroffice.create_customer(CUSTOMER, context("cassette:customer")).number
    assert poweroffice.create_customer(CUSTOMER, context("cassette:customer")).number == number
    (found,) = poweroffice.find_customers(CustomerQuery(organisation_number="NO 923 609 016 MVA"), context())
    assert (found.number, found.name) == (number, CUSTOMER.name)
    assert len(poweroffice.find_customers(CustomerQuery(reference="cassette:customer"), context())) == 1
    poweroffice.update_customer(Ref(number=number), Customer(phone="22 11 11 11"), context())
    (changed,) = poweroffice.find_customers(CustomerQuery(number=number), context())
    assert (changed.phone, changed.email) == ("22 11 11 11", "post@example.com")


def test_create_a_contact_person(poweroffice: ErpConnection) -> None:
    number = poweroffice.create_customer(CUSTOMER, context()).number
    person = ContactPerson(first_name="Inn", last_name="Kjøper", email="innkjop@example.com")
    first = poweroffice.create_contact_person(Ref(number=number), person, context())
    assert poweroffice.create_contact_person(Ref(number=number), person, context()).number == first.number


def test_create_find_and_sync_articles(poweroffice: ErpConnection) -> None:
    poweroffice.create_article(ARTICLE, context())
    (found,) = poweroffice.find_articles(ArticleQuery(number="KASSETT"), context())
    assert (found.description, found.price, found.unit) == ("Kassettbånd", Decimal("49.5"), "EA")
    dearer = Article(number="KASSETT", description="Kassettbånd", price=Decimal("59.50"))
    new = Article(number="KASSETTVESKE", description="Kassettveske", price=Decimal(5))
    done = poweroffice.sync_articles([dearer, new], context())
    assert (done.created, done.updated) == (("KASSETTVESKE",), ("KASSETT",))
    assert poweroffice.sync_articles([dearer, new], context()).unchanged == ("KASSETT", "KASSETTVESKE")


def test_fetch_articles(poweroffice: ErpConnection) -> None:
    poweroffice.create_article(ARTICLE, context())
    page = poweroffice.fetch_articles(datetime(2026, 11, 20, 8, 0, tzinfo=UTC), None, context())
    assert "KASSETT" in [article.number for article in page.items]


def test_list_register(poweroffice: ErpConnection) -> None:
    assert 30 in [terms.days for terms in poweroffice.list_register("terms_of_payment", context())]


def test_create_find_and_convert_an_order(poweroffice: ErpConnection) -> None:
    customer = poweroffice.create_customer(CUSTOMER, context()).number
    poweroffice.create_article(ARTICLE, context())
    made = poweroffice.create_order(order(customer), context("cassette:order"))
    assert made.total == Decimal("1518.75")
    (found,) = poweroffice.find_orders(DocumentQuery(reference="cassette:order"), context())
    assert (found.number, found.invoices, found.delivery_address) == (made.number, None, OSLO)
    assert poweroffice.create_order(order(customer), context("cassette:order")).number == made.number
    invoice = poweroffice.convert_to_invoice(Ref(number=made.number), context())
    (invoiced,) = poweroffice.find_orders(DocumentQuery(number=made.number), context())
    assert [each.number for each in invoiced.invoices or ()] == [invoice.number]
    with pytest.raises(ConflictError):
        poweroffice.convert_to_invoice(Ref(number=made.number), context())


def test_find_and_fetch_invoices(poweroffice: ErpConnection) -> None:
    customer = poweroffice.create_customer(CUSTOMER, context()).number
    poweroffice.create_article(ARTICLE, context())
    number = poweroffice.create_order(order(customer), context("cassette:invoice")).number
    invoice = poweroffice.convert_to_invoice(Ref(number=number), context()).number
    (found,) = poweroffice.find_invoices(DocumentQuery(reference="cassette:invoice"), context())
    assert (found.number, found.booked, found.total) == (invoice, True, Decimal("1518.75"))
    since = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
    page = poweroffice.fetch_invoices(since, None, context())
    assert [(item.number, item.net, item.customer_name) for item in page.items] == [
        (invoice, Decimal(1215), CUSTOMER.name)
    ]
    assert page.next_cursor is not None
    assert poweroffice.fetch_invoices(since, page.next_cursor, context()).next_cursor is None


def test_refusals(poweroffice: ErpConnection) -> None:
    with pytest.raises(NotFoundError):
        poweroffice.update_customer(Ref(number="19998"), Customer(name="Ingen"), context())
    number = poweroffice.create_customer(CUSTOMER, context()).number
    with pytest.raises(MissingRecordError):
        poweroffice.create_order(order(number), context())
    with pytest.raises(RejectedError) as refused:
        poweroffice.create_customer(Customer(name="Utenfor serien AS", number="7"), context())
    assert refused.value.vendor_text


def test_every_field_is_sent(poweroffice: ErpConnection) -> None:
    terms = {"terms_of_payment": poweroffice.list_register("terms_of_payment", context())[0].key}
    poweroffice.create_customer(witness.CUSTOMER.record.model_copy(update=terms), context())
    poweroffice.create_customer(witness.ABROAD.record.model_copy(update={"name": "Havn Ltd"}), context())
    poweroffice.create_article(witness.ARTICLE.record, context())
    poweroffice.create_article(Article(number="X", description="Annet"), context())
    poweroffice.update_customer(Ref(number="10001"), Customer(active=True), context())
    poweroffice.sync_articles([Article(number="FJORDKROK", active=True)], context())
    kari = poweroffice.create_contact_person(Ref(number="10001"), witness.PERSON.record, context()).key
    poweroffice.create_order(witness.ORDER.record.model_copy(update=terms), context("cassette:whole order"))
    persons = witness.PERSONS_ORDER.record.model_copy(update={"contact_person_key": kari})
    made = poweroffice.create_order(persons, context("cassette:order of a person"))
    (shown,) = poweroffice.find_orders(DocumentQuery(number=made.number), context())
    assert (shown.contact_person_key, shown.your_reference) == (kari, "Kari Nordmann")
