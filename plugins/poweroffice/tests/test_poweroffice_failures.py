"""When the network or PowerOffice fails: a write is never repeated blindly, and what became of it can be found out."""

from __future__ import annotations

from contextlib import closing
from decimal import Decimal
from typing import Any

import pytest
from erpcore_poweroffice.simulator import Behaviour

from erpcore.errors import ConflictError, MalformedReplyError, OutcomeUnknownError, RateLimitedError, UnavailableError
from erpcore.hookspecs import Context
from erpcore.host import Host
from erpcore.http import Request, Response
from erpcore.models import Address, Article, Customer, CustomerQuery, DocumentQuery, Order, OrderRow, Ref
from erpcore.plugin import EffectKind
from erpcore.registry import connect_erp
from erpcore.simulator import Fault
from erpcore.sync.steps.customer import created_customer

KEY = Context("test", reference="lime-order-1")
ROW = OrderRow(article_number="S-1", quantity=Decimal(1), unit_price=Decimal(100))
ORDER = Order(customer_number="10001", rows=(ROW,))
CREATE = "/v2/SalesOrders/Complete"


@pytest.mark.parametrize(
    "fault",
    [
        Fault("lose_answer", method="POST", path=CREATE),
        Fault("error_after", method="POST", path=CREATE),
        Fault("error_after", method="POST", path=CREATE, status=502, form="html"),
        Fault("slow", method="POST", path=CREATE, seconds=600),
        Fault("garbage", method="POST", path=CREATE),
        Fault("empty", method="POST", path=CREATE),
        Fault("html", method="POST", path=CREATE),
    ],
    ids=lambda fault: f"{fault.kind}-{fault.form}",
)
def test_an_order_whose_answer_is_lost_is_unknown_sent_once_and_found_by_our_key(furnish: Any, fault: Fault) -> None:
    company = furnish(request_seconds=1.0 if fault.kind == "slow" else 5.0)
    company.simulator.faults.add(fault)
    company.asked()
    with pytest.raises(OutcomeUnknownError) as caught:
        company.connection.create_order(ORDER, KEY)
    assert not caught.value.retryable
    assert "looked up" in str(caught.value)
    company.simulator.held.release()
    assert company.asked() == ["POST SalesOrders/Complete"]
    (found,) = company.connection.find_orders(DocumentQuery(reference=KEY.reference), company.context)
    # And whoever sends it again all the same gets the first one.
    assert company.connection.create_order(ORDER, KEY).number == found.number
    assert len(company.simulator.state()["orders"]) == 1


def test_a_customer_whose_answer_is_lost_is_found_by_our_key(company: Any) -> None:
    company.simulator.faults.add(Fault("lose_answer", method="POST", path="/v2/Customers"))
    with pytest.raises(OutcomeUnknownError):
        company.connection.create_customer(Customer(name="Fjord AS"), KEY)
    (found,) = company.connection.find_customers(CustomerQuery(reference=KEY.reference), company.context)
    assert company.connection.create_customer(Customer(name="Fjord AS"), KEY).number == found.number


def test_a_customer_that_is_found_after_a_lost_answer_gets_its_delivery_address(company: Any) -> None:
    customer = Customer(name="Fjord AS", delivery_address=Address(street="Kaia 1", postal_code="0150", city="Oslo"))
    company.simulator.faults.add(Fault("lose_answer", method="POST", path="/v2/Customers"))
    with pytest.raises(OutcomeUnknownError):
        company.connection.create_customer(customer, KEY)
    assert company.simulator.state()["delivery_addresses"] == []
    assert created_customer(company.connection, customer, str(KEY.reference), KEY)() is not None
    (stored,) = company.simulator.state()["delivery_addresses"]
    assert stored["AddressLine1"] == "Kaia 1"


def test_a_customer_that_a_person_made_meanwhile_is_used_as_it_is(company: Any) -> None:
    number = "910000012"
    company.simulator.seed({"customers": [{"Name": "Fjord AS", "OrganizationNumber": number}]})
    ours = Customer(name="Fjord", organisation_number=number)
    assert created_customer(company.connection, ours, str(KEY.reference), KEY)() is not None
    (held,) = [each for each in company.simulator.state()["customers"] if each["OrganizationNumber"] == number]
    assert held["Name"] == "Fjord AS"


def test_a_product_whose_answer_is_lost_is_found_by_its_code(company: Any) -> None:
    company.simulator.faults.add(Fault("lose_answer", method="POST", path="/v2/Products"))
    article = Article(number="N-1", description="Ny")
    with pytest.raises(OutcomeUnknownError):
        company.connection.create_article(article, company.context)
    assert company.connection.create_article(article, company.context).number == "N-1"
    assert len([held for held in company.simulator.state()["products"] if held["Code"] == "N-1"]) == 1


@pytest.mark.parametrize("kind", ["order", "customer"])
def test_the_record_that_has_the_key_is_waited_for_when_reading_lags_behind(furnish: Any, kind: str) -> None:
    def create(company: Any) -> Any:
        if kind == "order":
            return company.connection.create_order(ORDER, KEY)
        return company.connection.create_customer(Customer(name="Ny AS"), KEY)

    company = furnish(Behaviour(replica_seconds=0.3), fence_seconds=0.8)
    assert create(company).number == create(company).number
    company = furnish(Behaviour(replica_seconds=30), fence_seconds=0)
    create(company)
    with pytest.raises(ConflictError, match="has our key already"):
        create(company)


def test_a_delivery_address_whose_answer_is_lost_stops_the_order_before_it_is_sent(furnished: Any) -> None:
    furnished.simulator.faults.add(Fault("lose_answer", method="POST", path="/v2/ContactDeliveryAddresses/.*"))
    address = Address(street="Lager 2", postal_code="5003", city="Bergen")
    order = ORDER.model_copy(update={"delivery_address": address})
    with pytest.raises(UnavailableError, match="nothing more was sent") as caught:
        furnished.connection.create_order(order, KEY)
    assert caught.value.retryable
    assert furnished.simulator.state()["orders"] == []
    furnished.connection.create_order(order, KEY)
    assert len(furnished.simulator.state()["delivery_addresses"]) == 1


def test_a_change_of_a_customer_is_repeated_by_itself(furnished: Any) -> None:
    furnished.simulator.faults.add(Fault("lose_answer", method="PATCH"))
    furnished.connection.update_customer(Ref(number="10001"), Customer(phone="1"), furnished.context)
    assert len(furnished.simulator.journal.entries("PATCH")) == 2


def test_a_read_is_repeated_by_itself_and_then_told_as_out_of_reach(furnished: Any) -> None:
    furnished.simulator.faults.add(Fault("error_before", method="GET", status=503, form="html"))
    query = CustomerQuery(number="10001")
    assert len(furnished.connection.find_customers(query, furnished.context)) == 1
    furnished.simulator.faults.add(Fault("error_before", method="GET", times=3))
    with pytest.raises(UnavailableError):
        furnished.connection.find_customers(query, furnished.context)


@pytest.mark.parametrize(("kind", "words"), [("html", "web page"), ("garbage", "not JSON"), ("empty", "is empty")])
def test_an_answer_in_an_unknown_form_is_told_and_not_guessed_at(furnished: Any, kind: str, words: str) -> None:
    furnished.simulator.faults.add(Fault(kind, method="GET"))
    with pytest.raises(MalformedReplyError, match=words):
        furnished.connection.find_customers(CustomerQuery(number="10001"), furnished.context)


def test_nobody_listening_means_that_nothing_was_sent(connect: Any) -> None:
    company = connect(base_url="http://127.0.0.1:9")
    with pytest.raises(UnavailableError) as caught:
        company.connection.create_order(ORDER, KEY)
    assert caught.value.retryable


def test_a_429_is_waited_out_and_one_that_lasts_is_told_with_the_vendors_time(furnished: Any) -> None:
    furnished.asked()
    furnished.simulator.faults.add(
        Fault("too_many_requests", method="POST", path=CREATE, headers={"Retry-After": "0.1"})
    )
    assert furnished.connection.create_order(ORDER, KEY).number
    assert furnished.asked() == ["POST SalesOrders/Complete"] * 2
    furnished.simulator.faults.add(Fault("too_many_requests", path=CREATE, headers={"Retry-After": "600"}))
    with pytest.raises(RateLimitedError) as caught:
        furnished.connection.create_order(ORDER, Context("test", reference="other"))
    assert caught.value.retry_after is not None
    assert caught.value.retry_after >= 1


def test_a_new_record_that_reading_does_not_show_yet_is_why_there_is_a_fence(furnish: Any) -> None:
    company = furnish(Behaviour(replica_seconds=4))
    company.connection.create_order(ORDER, KEY)
    query = DocumentQuery(reference=KEY.reference)
    assert company.connection.find_orders(query, company.context) == []
    effect = company.connection.effect("create_order")
    assert effect.kind is EffectKind.UNIQUE_REFERENCE
    company.simulator.clock.advance(effect.fence_seconds)
    assert len(company.connection.find_orders(query, company.context)) == 1


def test_every_write_declares_how_a_repeat_is_kept_harmless(company: Any) -> None:
    writes = list(company.connection.plugin.effects)
    assert all(company.connection.can(name) for name in writes)
    assert not company.connection.can("create_invoice")
    assert all(company.connection.effect(name).why for name in writes)


def test_a_value_in_a_form_that_nobody_expects_is_told(furnished: Any) -> None:
    furnished.connection.create_order(ORDER, KEY)
    (order,) = furnished.simulator.books.tables["orders"].values()
    order.values["CurrencyCode"] = "kroner"
    with pytest.raises(MalformedReplyError, match=r"order \d+: The system shows it in a form that is not known"):
        furnished.connection.find_orders(DocumentQuery(reference=KEY.reference), furnished.context)


@pytest.mark.parametrize("last_page", ["empty_link", "no_link", "no_header"])
@pytest.mark.parametrize("customers", [3, 4])
def test_a_list_is_read_to_its_end_whatever_the_last_page_says(connect: Any, last_page: Any, customers: int) -> None:
    company = connect(behaviour=Behaviour(last_page=last_page), page_size=2)
    made = {
        company.connection.create_customer(Customer(name="Lik AS"), company.context).number for _ in range(customers)
    }
    found = company.connection.find_customers(CustomerQuery(name="Lik AS"), company.context)
    assert {customer.number for customer in found} == made


@pytest.mark.parametrize("null_members", ["shown", "left_out"])
def test_empty_members_shown_or_not_read_alike(connect: Any, null_members: Any) -> None:
    company = connect(behaviour=Behaviour(null_members=null_members))
    ref = company.connection.create_customer(Customer(name="Bar AS"), KEY)
    (found,) = company.connection.find_customers(CustomerQuery(number=ref.number), company.context)
    assert (found.name, found.phone, found.invoice_address) == ("Bar AS", None, None)
    company.connection.update_customer(Ref(number=ref.number), Customer(phone="1"), company.context)


class Endless:
    """Answers every list with one full page that names itself as the next."""

    def __init__(self) -> None:
        self.asked = 0

    def handle_request(self, request: Request) -> Response:
        if request.url.path.endswith("/OAuth/Token"):
            return Response(200, json={"access_token": "a.b.c", "expires_in": 1200})
        self.asked += 1
        page = [{"Id": number, "SalesOrderNo": number, "Number": number} for number in range(1000)]
        return Response(200, json=page, headers={"X-Pagination": '{"nextPageLink": "?PageNumber=1"}'})


@pytest.mark.parametrize(
    "look",
    [
        lambda connection: connection.find_orders(DocumentQuery(reference="r-1"), KEY),
        lambda connection: connection.find_customers(CustomerQuery(name="Nobody AS"), KEY),
    ],
    ids=["orders", "customers"],
)
def test_a_list_without_an_end_is_given_up(look: Any) -> None:
    endless = Endless()
    keys = dict.fromkeys(("application_key", "client_key", "subscription_key"), "a key")
    connection = connect_erp("poweroffice", Host.in_memory("poweroffice", transport=endless), keys)
    with closing(connection), pytest.raises(MalformedReplyError, match="has no end"):
        look(connection)
    assert endless.asked == 2
