"""Every operation against recorded exchanges: what the plugin sends stays what it was.

The cassettes were recorded from the simulator, and say so. To record them again::

    pytest plugins/visma_eaccounting/tests/test_visma_cassettes.py --record-mode=rewrite

To record them from a test company of one's own (customers, articles, orders and drafts are made in it), with an access
token, which lasts an hour::

    VISMA_EACCOUNTING_ACCESS_TOKEN=... \\
        pytest plugins/visma_eaccounting/tests/test_visma_cassettes.py --record-mode=rewrite --record-live

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
from erpcore_visma_eaccounting.simulator import VismaEAccountingSimulator

from erpcore.connection import ErpConnection
from erpcore.errors import ConflictError, MissingRecordError, NotFoundError, RejectedError
from erpcore.hookspecs import Context
from erpcore.host import Host, MemoryTokenStore, Token
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
from erpcore.testing.cassettes import Provenance, cassette_config
from plugins.visma_eaccounting.tests import visma_witness as witness

pytestmark = [pytest.mark.vcr, pytest.mark.block_network]

ADDRESS = "https://visma.invalid"
NAME = "visma"
START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
LUND = Address(street="Bandgatan 1", postal_code="222 22", city="Lund", country_code="SE")
CUSTOMER = Customer(
    name="Kassettbolaget AB",
    kind="company",
    organisation_number="556036-0793",
    email="post@example.com",
    phone="046-10 00 00",
    invoice_address=LUND,
)
ARTICLE = Article(number="KASSETT", description="Kassettband", unit="st", price=Decimal("49.50"))


@dataclass(frozen=True)
class Source:
    """What a test talks to: recorded answers, the simulator, or a company.

    Attributes:
        base_url: Address of the interface.
        access_token: What signs in.
        provenance: What cassettes recorded now say about themselves.
    """

    base_url: str
    access_token: str
    provenance: Provenance


@pytest.fixture
def source(record_mode: str, request: pytest.FixtureRequest) -> Iterator[Source]:
    simulated = Provenance("simulator", "2")
    if record_mode == "none":
        yield Source(ADDRESS, "made-up-token", simulated)
    elif request.config.getoption("--record-live"):
        token = os.environ["VISMA_EACCOUNTING_ACCESS_TOKEN"]
        yield Source("https://eaccountingapi.vismaonline.com", token, Provenance("live test company", "2"))
    else:
        simulator = VismaEAccountingSimulator(clock=Clock(START))
        with running(simulator) as base_url:
            yield Source(base_url, simulator.tokens().access_token, simulated)


@pytest.fixture
def vcr_config(source: Source) -> dict[str, Any]:
    return cassette_config(
        source.provenance, rename={source.base_url: ADDRESS}, secrets=[source.access_token, source.base_url]
    )


@pytest.fixture
def visma(source: Source, vcr: Any) -> Iterator[ErpConnection]:
    tokens = MemoryTokenStore()
    tokens.save(NAME, Token(source.access_token))
    host = Host.in_memory(NAME, tokens=tokens)
    settings = {
        "client_id": "made-up",
        "client_secret": "made-up-secret",
        "base_url": source.base_url,
        "search_days": None,  # a bound would be another one each day
    }
    connection = connect_erp("visma_eaccounting", host, settings)
    yield connection
    connection.close()


def context(reference: str | None = None) -> Context:
    return Context("cassette", reference=reference)


def order(customer_number: str) -> Order:
    row = OrderRow(
        article_number="KASSETT", quantity=Decimal("1.5"), unit_price=Decimal(900), discount_amount=Decimal(135)
    )
    return Order(
        customer_number=customer_number,
        your_reference="Inköp",
        order_date=date(2026, 11, 20),
        rows=(OrderRow(description="Projekt Kassett"), row),
    )


def test_check_connection(visma: ErpConnection) -> None:
    assert visma.check_connection(context()).ok
    assert visma.identify_account(context()).key


def test_create_find_and_update_a_customer(visma: ErpConnection) -> None:
    number = visma.create_customer(CUSTOMER, context()).number
    (found,) = visma.find_customers(CustomerQuery(organisation_number="SE556036079301"), context())
    assert (found.number, found.name) == (number, CUSTOMER.name)
    visma.update_customer(Ref(number=number), Customer(phone="046-11 11 11"), context())
    (changed,) = visma.find_customers(CustomerQuery(number=number), context())
    assert (changed.phone, changed.email) == ("046-11 11 11", "post@example.com")


def test_create_a_contact_person(visma: ErpConnection) -> None:
    number = visma.create_customer(CUSTOMER, context()).number
    person = ContactPerson(first_name="In", last_name="Köpare", email="inkop@example.com")
    assert visma.create_contact_person(Ref(number=number), person, context()).number == "In Köpare"
    assert visma.create_contact_person(Ref(number=number), person, context()).number == "In Köpare"


def test_create_find_and_sync_articles(visma: ErpConnection) -> None:
    visma.create_article(ARTICLE, context())
    (found,) = visma.find_articles(ArticleQuery(number="KASSETT"), context())
    assert (found.description, found.price, found.vat_percent) == ("Kassettband", Decimal("49.5"), 25)
    dearer = Article(number="KASSETT", description="Kassettband", price=Decimal("59.50"))
    new = Article(number="KASSETTVÄSKA", description="Kassettväska", price=Decimal(5))
    done = visma.sync_articles([dearer, new], context())
    assert (done.created, done.updated) == (("KASSETTVÄSKA",), ("KASSETT",))
    assert visma.sync_articles([dearer, new], context()).unchanged == ("KASSETT", "KASSETTVÄSKA")


def test_fetch_articles(visma: ErpConnection) -> None:
    visma.create_article(ARTICLE, context())
    page = visma.fetch_articles(datetime(2026, 11, 20, 8, 0, tzinfo=UTC), None, context())
    assert "KASSETT" in [article.number for article in page.items]


def test_list_register(visma: ErpConnection) -> None:
    assert 30 in [terms.days for terms in visma.list_register("terms_of_payment", context())]


def test_create_find_and_convert_an_order(visma: ErpConnection) -> None:
    customer = visma.create_customer(CUSTOMER, context()).number
    visma.create_article(ARTICLE, context())
    made = visma.create_order(order(customer), context("cassette-order"))
    assert made.total == Decimal("1518.75")
    (found,) = visma.find_orders(DocumentQuery(reference="cassette-order"), context())
    assert (found.number, found.invoices) == (made.number, None)
    invoice = visma.convert_to_invoice(Ref(number=made.number), context())
    (invoiced,) = visma.find_orders(DocumentQuery(number=made.number), context())
    assert [each.number for each in invoiced.invoices or ()] == [invoice.number]
    with pytest.raises(ConflictError):
        visma.convert_to_invoice(Ref(number=made.number), context())


def test_create_find_and_fetch_invoices(visma: ErpConnection) -> None:
    customer = visma.create_customer(CUSTOMER, context()).number
    visma.create_article(ARTICLE, context())
    row = InvoiceRow(article_number="KASSETT", quantity=Decimal(2), unit_price=Decimal("49.50"))
    draft = Invoice(customer_number=customer, rows=(row,))
    number = visma.create_invoice(draft, context("cassette-invoice")).number
    (found,) = visma.find_invoices(DocumentQuery(reference="cassette-invoice"), context())
    assert (found.number, found.booked, found.total) == (number, False, Decimal("123.75"))
    since = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
    page = visma.fetch_invoices(since, None, context())
    assert number in [item.number for item in page.items]
    assert page.next_cursor is not None
    changed = visma.fetch_invoices(since, page.next_cursor, context())
    paid = visma.fetch_invoices(since, changed.next_cursor, context())
    assert (len(paid.items), paid.next_cursor) == (0, None)


def test_refusals(visma: ErpConnection) -> None:
    with pytest.raises(NotFoundError):
        visma.update_customer(Ref(number="19998"), Customer(name="Ingen"), context())
    number = visma.create_customer(CUSTOMER, context()).number
    with pytest.raises(MissingRecordError):
        visma.create_order(order(number), context())
    with pytest.raises(RejectedError) as refused:
        visma.create_customer(CUSTOMER.model_copy(update={"vat_number": "SE1"}), context())
    assert refused.value.vendor_text


def test_every_field_is_sent(visma: ErpConnection) -> None:
    terms = {"terms_of_payment": visma.list_register("terms_of_payment", context())[0].key}
    customer = visma.create_customer(witness.CUSTOMER.record.model_copy(update=terms), context())
    # The account is left out: the coding of 12 % has another one.
    article = visma.create_article(witness.ARTICLE.record.model_copy(update={"income_account": None}), context())
    visma.update_customer(Ref(number="1001"), Customer(active=True), context())
    visma.sync_articles([Article(number="EK-1", active=True)], context())
    visma.create_contact_person(Ref(number="1001"), witness.PERSON.record, context())
    for stated, create in ((witness.ORDER, visma.create_order), (witness.INVOICE, visma.create_invoice)):
        document: Any = stated.record
        rows = tuple(row.model_copy(update={"article_key": article.key}) for row in document.rows)
        named = {**terms, "customer_key": customer.key, "rows": rows}
        made = create(document.model_copy(update=named), context(f"cassette:{create.__name__}"))
        assert made.net == Decimal("269.68")
