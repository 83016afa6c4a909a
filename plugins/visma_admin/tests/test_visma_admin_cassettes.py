"""Every operation against recorded exchanges with the agent: what the plugin sends stays what it was.

The cassettes were recorded from the simulator, and say so. To record them again::

    pytest plugins/visma_admin/tests/test_visma_admin_cassettes.py --record-mode=rewrite

To record them from a practice company (Övningsbolaget) of one's own, through an agent on its server (customers,
articles, orders and invoices are made in it)::

    VISMA_ADMIN_URL=https://... VISMA_ADMIN_TOKEN=... \\
        pytest plugins/visma_admin/tests/test_visma_admin_cassettes.py --record-mode=rewrite --record-live

What is recorded is that company's data: use one without personal data, and read the files before they are shared.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from erpcore_visma_admin.simulator import TOKEN, VismaAdminSimulator
from erpcore_visma_admin.simulator.library import compiler

from erpcore.connection import ErpConnection
from erpcore.errors import ConflictError, MissingRecordError, NotFoundError, RejectedError
from erpcore.hookspecs import Context
from erpcore.host import SYSTEM_CLOCK, Clock as HostClock, Host
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
from plugins.visma_admin.tests import visma_admin_witness as witness

pytestmark = [pytest.mark.vcr, pytest.mark.block_network]

ADDRESS = "https://visma-admin.invalid"
START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
DAY = date(2026, 11, 20)
CONTEXT = Context("cassette")
CUSTOMER = Customer(
    name="Kassettbolaget Örn AB",
    organisation_number="556703-7485",
    email="post@example.com",
    invoice_address=Address(street="Bandgatan 1", postal_code="123 45", city="Åmål", country_code="SE"),
    terms_of_payment="30",
)
ARTICLE = Article(number="KASSETT", description="Kassettband", kind="goods", unit="st", price=Decimal("49.50"))
ROW = {"article_number": "KASSETT", "quantity": Decimal(2), "unit_price": Decimal("49.50"), "vat_percent": Decimal(25)}
REGISTERS = {
    "PROJECT": [{"CODE_OF_PROJECT": "P7", "NAME": "Ån"}],
    "CODE_OF_UNIT": [{"CODE": "h", "TEXT": "Timme"}],
    "CODE_OF_ARTICLE_GROUP": [{"CODE": "7", "TEXT": "Dynor"}],
}
"""What the records of the witness name; a company of one's own needs them too."""


@dataclass(frozen=True)
class Source:
    """What a test talks to: recorded answers, the simulator, or a company.

    Attributes:
        url: Address of the agent.
        token: Its token.
        provenance: What cassettes recorded now say about themselves.
        clock: The time of its requests, which the agent holds against its own.
    """

    url: str
    token: str
    provenance: Provenance
    clock: HostClock = SYSTEM_CLOCK


@pytest.fixture
def source(request: pytest.FixtureRequest, record_mode: str) -> Iterator[Source]:
    simulated = Provenance("simulator", "2021.1")
    if record_mode == "none":
        yield Source(ADDRESS, TOKEN, simulated)
    elif request.config.getoption("--record-live"):
        live = Provenance("live practice company", "see about")
        yield Source(os.environ["VISMA_ADMIN_URL"], os.environ["VISMA_ADMIN_TOKEN"], live)
    elif compiler() is None:
        pytest.skip("recording from the simulator needs a C compiler")
    else:
        simulator = VismaAdminSimulator(clock=Clock(START))
        simulator.seed(REGISTERS)
        time = simulator.clock
        with running(simulator) as url:
            yield Source(url, TOKEN, simulated, HostClock(time.monotonic, time.now, lambda seconds: None))


@pytest.fixture
def vcr_config(source: Source) -> dict[str, Any]:
    return cassette_config(source.provenance, rename={source.url: ADDRESS}, secrets=[source.token])


@pytest.fixture
def company(source: Source, vcr: Any) -> Iterator[ErpConnection]:
    settings = {"url": source.url, "token": source.token}
    connection = connect_erp("visma_admin", Host.in_memory("visma", clock=source.clock), settings)
    yield connection
    connection.close()


def customer_of(company: ErpConnection) -> str:
    return company.create_customer(Customer(name="Kassettkund AB"), CONTEXT).number


def order_of(company: ErpConnection, reference: str) -> str:
    company.create_article(ARTICLE, CONTEXT)
    order = Order(customer_number=customer_of(company), order_date=DAY, rows=(OrderRow(**ROW),))
    return company.create_order(order, Context("cassette", reference=reference)).number


def test_check_connection(company: ErpConnection) -> None:
    report = company.check_connection(CONTEXT)
    assert report.ok
    assert [check.name for check in report.checks] == [
        "company",
        "edition",
        "widths",
        "coding",
        "VAT rates",
        "units",
        "currencies",
        "own currency",
    ]
    assert company.identify_account(CONTEXT).key == "organisation number 556703-7485"


def test_create_find_and_update_a_customer(company: ErpConnection) -> None:
    along = Context("cassette", reference="cassette-customer")
    number = company.create_customer(CUSTOMER, along).number
    assert company.find_customers(CustomerQuery(organisation_number="16556703-7485"), CONTEXT)
    assert company.find_customers(CustomerQuery(name=CUSTOMER.name), CONTEXT)
    company.update_customer(Ref(number=number), Customer(phone="08-123 45 67", email=None), CONTEXT)
    (held,) = company.find_customers(CustomerQuery(reference="cassette-customer"), CONTEXT)
    assert (held.number, held.phone, held.email) == (number, "08-123 45 67", None)


def test_create_a_contact_person(company: ErpConnection) -> None:
    number = customer_of(company)
    person = ContactPerson(first_name="Åsa", last_name="Örn", email="asa@example.com")
    made = company.create_contact_person(Ref(number=number), person, CONTEXT)
    assert company.create_contact_person(Ref(number=number), person, CONTEXT).number == made.number


def test_create_find_and_sync_articles(company: ErpConnection) -> None:
    company.create_article(ARTICLE, CONTEXT)
    (held,) = company.find_articles(ArticleQuery(number="KASSETT"), CONTEXT)
    assert (held.description, held.price) == ("Kassettband", Decimal("49.50"))
    done = company.sync_articles([ARTICLE, Article(number="NY", description="Ny", price=Decimal(5))], CONTEXT)
    assert (done.created, done.unchanged) == (("NY",), ("KASSETT",))
    assert company.find_articles(ArticleQuery(description="Ny"), CONTEXT)


def test_fetch_articles(company: ErpConnection) -> None:
    company.create_article(ARTICLE, CONTEXT)
    for since in (None, START):
        page = company.fetch_articles(since, None, CONTEXT)
        assert [article.number for article in page.items] == ["KASSETT"]
    beside = company.fetch_articles(START, page.next_cursor, CONTEXT)
    assert (beside.items, beside.next_cursor) == ((), None)


def test_list_register(company: ErpConnection) -> None:
    assert [terms.code for terms in company.list_register("terms_of_payment", CONTEXT)] == ["10", "20", "30", "K"]


def test_create_find_and_convert_an_order(company: ErpConnection) -> None:
    number = order_of(company, "cassette-order")
    (order,) = company.find_orders(DocumentQuery(reference="cassette-order"), CONTEXT)
    assert (order.number, order.net, order.total) == (number, Decimal("99"), Decimal("123.75"))
    invoice = company.convert_to_invoice(Ref(number=number), CONTEXT)
    assert invoice.total == Decimal("123.75")
    (order,) = company.find_orders(DocumentQuery(number=number), CONTEXT)
    assert [each.number for each in order.invoices or ()] == [invoice.number]
    with pytest.raises(ConflictError):
        company.convert_to_invoice(Ref(number=number), CONTEXT)


def test_create_find_and_fetch_invoices(company: ErpConnection) -> None:
    company.create_article(ARTICLE, CONTEXT)
    invoice = Invoice(customer_number=customer_of(company), invoice_date=DAY, rows=(InvoiceRow(**ROW),))
    made = company.create_invoice(invoice, Context("cassette", reference="cassette-invoice"))
    (held,) = company.find_invoices(DocumentQuery(reference="cassette-invoice"), CONTEXT)
    assert (held.number, held.booked, held.balance) == (made.number, False, Decimal("123.75"))
    page = company.fetch_invoices(START, None, CONTEXT)
    assert [each.number for each in page.items] == [made.number]
    assert company.fetch_invoices(START, page.next_cursor, CONTEXT).items == ()


def test_refusals(company: ErpConnection) -> None:
    with pytest.raises(NotFoundError):
        company.update_customer(Ref(number="999999"), Customer(name="Ingen"), CONTEXT)
    with pytest.raises(NotFoundError):
        company.convert_to_invoice(Ref(number="999999"), CONTEXT)
    row = OrderRow(**{**ROW, "article_number": "FINNS INTE"})
    with pytest.raises(MissingRecordError):
        company.create_order(Order(customer_number=customer_of(company), order_date=DAY, rows=(row,)), CONTEXT)
    with pytest.raises(RejectedError, match="betalningsvillkor"):
        company.create_customer(Customer(name="Fel", terms_of_payment="X9"), CONTEXT)


def test_every_field_is_sent(company: ErpConnection) -> None:
    company.create_customer(witness.CUSTOMER.record, CONTEXT)
    company.create_article(witness.ARTICLE.record, CONTEXT)
    company.update_customer(Ref(number="1001"), Customer(active=True), CONTEXT)
    company.sync_articles([Article(number="AM-1", active=True)], CONTEXT)
    company.create_contact_person(Ref(number="1001"), witness.PERSON.record, CONTEXT)
    for stated, create in ((witness.ORDER, company.create_order), (witness.INVOICE, company.create_invoice)):
        document: Any = stated.record
        rows = tuple(row.model_copy(update={"article_number": "AM-1"}) for row in document.rows)
        context = Context("cassette", reference=f"cassette:{create.__name__}")
        made = create(document.model_copy(update={"rows": rows}), context)
        assert made.net == Decimal("289.83")
