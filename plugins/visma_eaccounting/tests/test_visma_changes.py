"""A change never loses what it does not mean to change, though Visma empties whatever a change leaves out."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from decimal import Decimal
from typing import Any

import pytest
from erpcore_visma_eaccounting.simulator import VismaEAccountingSimulator, shapes
from erpcore_visma_eaccounting.simulator.seed import CODING_12, TERMS_10, UNIT_HOUR
from hypothesis import given, settings, strategies as st

from erpcore.models import Address, Article, ContactPerson, Customer, Ref
from erpcore.simulator import running
from plugins.visma_eaccounting.tests.conftest import Company

_FIXED: Mapping[str, st.SearchStrategy[Any]] = {
    "TermsOfPaymentId": st.just(TERMS_10),
    "UnitId": st.just(UNIT_HOUR),
    "CodingId": st.just(CODING_12),
    "CurrencyCode": st.sampled_from(["SEK", "EUR"]),
    "VatNumber": st.sampled_from([None, "SE556036079301"]),
    "ReverseChargeOnConstructionServices": st.just(value=False),
    "InvoiceCountryCode": st.sampled_from(["SE", "NO"]),
    "Number": st.just("A-1"),
    "CustomerNumber": st.just("17"),
}
_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=10).filter(
    str.strip
)
_BY_KIND: Mapping[str, st.SearchStrategy[Any]] = {
    "bool": st.booleans(),
    "uuid": st.uuids(allow_nil=False).map(str),
    "str": _TEXT,
    "list": st.lists(_TEXT, max_size=2),
    "obj": st.dictionaries(st.sampled_from(["MandateId", "Bic"]), _TEXT),
    "time": st.just("2026-11-20T09:00:00Z"),
    "day": st.dates().map(str),
}


def _member(name: str, member: shapes.Member) -> st.SearchStrategy[Any]:
    if name in _FIXED:
        return _FIXED[name]
    if member.kind == "str" and member.most is not None:
        return _TEXT.map(lambda text: text[: member.most])
    if member.kind in ("num", "int"):
        low, high = member.bounds or (Decimal(0), Decimal(9))
        whole = st.integers(int(low), min(int(high), 9))
        return whole if member.kind == "int" or high <= 1 else whole.map(lambda number: number + 0.25)
    return _BY_KIND[member.kind]


def records(shape: shapes.Shape) -> st.SearchStrategy[dict[str, Any]]:
    """Records as a person may have filled them in: any of the members that Visma does not set."""
    writable = {name: _member(name, member) for name, member in shape.items() if not member.read_only}
    required = {name: each for name, each in writable.items() if shape[name].required or name in _FIXED}
    return st.fixed_dictionaries(
        required, optional={name: writable[name] for name in writable.keys() - required.keys()}
    )


_SOME = settings(max_examples=30)

CHANGES: Mapping[str, tuple[Customer, set[str]]] = {
    "name": (Customer(name="Nytt namn AB"), {"Name"}),
    "phone": (Customer(phone="08-1"), {"Telephone"}),
    "street": (Customer(invoice_address=Address(street="Nygatan 1")), {"InvoiceAddress1"}),
    "delivery": (Customer(delivery_address=Address(city="Malmö")), {"DeliveryCity"}),
    "inactive": (Customer(active=False), {"IsActive"}),
    "nothing": (Customer(), set()),
}
PERSON = {"ContactPersonName", "ContactPersonEmail", "ContactPersonPhone", "ContactPersonMobile"}
ALWAYS = {"ChangedUtc", "ModifiedUtc", "TermsOfPayment"}


@pytest.fixture(scope="module")
def company() -> Iterator[Company]:
    with ExitStack() as stack:
        simulator = VismaEAccountingSimulator(rate_limit=None)
        company = Company(simulator, stack.enter_context(running(simulator)), {})
        stack.callback(company.connection.close)
        yield company


def fresh(company: Company, **records: Any) -> None:
    """Begin anew with these records alone."""
    company.simulator.remember({**company.simulator.memory(), "books": _empty(company)})
    company.simulator.seed({name: [record] for name, record in records.items()})


def _empty(company: Company) -> dict[str, Any]:
    memory = company.simulator.memory()["books"]
    registers = ("termsofpayments", "units", "articleaccountcodings", "currencies")
    return {**memory, "tables": {name: held if name in registers else {} for name, held in memory["tables"].items()}}


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> set[str]:
    return {name for name in before if before[name] != after[name]} - ALWAYS


@_SOME
@given(held=records(shapes.CUSTOMER), change=st.sampled_from(sorted(CHANGES)))
def test_a_changed_customer_keeps_the_rest(company: Company, held: dict[str, Any], change: str) -> None:
    fresh(company, customers=held)
    record, members = CHANGES[change]
    before = company.record("customers")
    company.connection.update_customer(Ref(number="17"), record, company.context)
    assert changed(before, company.record("customers")) <= members


@_SOME
@given(held=records(shapes.CUSTOMER), email=st.sampled_from([None, "ny@example.com"]))
def test_a_new_contact_person_leaves_the_customer_alone(
    company: Company, held: dict[str, Any], email: str | None
) -> None:
    fresh(company, customers=held)
    before = company.record("customers")
    person = ContactPerson(first_name="Ny", last_name="Person", mobile_phone="070-1")
    person = person if email is None else person.model_copy(update={"email": email})
    company.connection.create_contact_person(Ref(number="17"), person, company.context)
    after = company.record("customers")
    assert changed(before, after) <= PERSON
    # What stood beside another person's name goes with it; what stood beside none is nobody else's.
    kept = None if before["ContactPersonName"] else before["ContactPersonEmail"]
    assert (after["ContactPersonName"], after["ContactPersonEmail"]) == ("Ny Person", email or kept)
    company.connection.create_contact_person(Ref(number="17"), person, company.context)
    assert changed(after, company.record("customers")) == set()


@_SOME
@given(held=records(shapes.CUSTOMER), name=_TEXT.map(str.strip))
def test_a_changed_contact_person_leaves_the_customer_alone(company: Company, held: dict[str, Any], name: str) -> None:
    fresh(company, customers={**held, "ContactPersonName": name})
    before = company.record("customers")
    person = ContactPerson(first_name="Ny", last_name="Person", email="ny@example.com")
    company.connection.update_contact_person(Ref(number="17"), Ref(number=name), person, company.context)
    after = company.record("customers")
    assert changed(before, after) <= {"ContactPersonName", "ContactPersonEmail"}
    assert (after["ContactPersonName"], after["ContactPersonEmail"]) == ("Ny Person", "ny@example.com")


@_SOME
@given(held=records(shapes.ARTICLE))
def test_a_changed_article_keeps_the_rest(company: Company, held: dict[str, Any]) -> None:
    fresh(company, articles=held)
    before = company.record("articles")
    company.connection.sync_articles([Article(number="A-1", description="Nytt")], company.context)
    assert changed(before, company.record("articles")) <= {"Name"}
    dearer = [Article(number="A-1", price=Decimal("77.25"))]
    company.connection.sync_articles(dearer, company.context)
    after = company.record("articles")
    assert changed(before, after) <= {"Name", "NetPrice", "GrossPrice"}
    assert (after["NetPrice"], after["GrossPrice"]) == (77.25, 86.52)
    assert company.connection.sync_articles(dearer, company.context).unchanged == ("A-1",)


@_SOME
@given(
    held=records(shapes.ORDER).map(lambda order: {**order, "Status": 2, "RotReducedInvoicingType": 0}),
    rows=st.lists(records(shapes.ORDER_ROW), min_size=1, max_size=3),
)
def test_an_order_that_is_marked_as_invoiced_keeps_the_rest(
    company: Company, held: dict[str, Any], rows: list[dict[str, Any]]
) -> None:
    customer, article = str(uuid.uuid4()), str(uuid.uuid4())
    people = {"Id": customer, "Name": "Kund AB", "CurrencyCode": held["CurrencyCode"], "CustomerNumber": "17"}
    fresh(company)
    with company.simulator.lock:
        company.simulator.seed({"customers": [people], "articles": [{"Number": "A-1", "Name": "Vara"}]})
    customer = company.record("customers")["Id"]
    article = company.record("articles")["Id"]
    rows = [
        {
            **row,
            "ArticleId": None if row["IsTextRow"] else article,
            "Text": "Text",
            "Quantity": 2.25,
            "DeliveredQuantity": 0,
            "EligibleForReverseChargeOnVat": False,
        }
        for row in rows
    ]
    company.simulator.seed({"orders": [{**held, "CustomerId": customer, "Rows": rows}]})
    before = company.record("orders")
    company.connection.convert_to_invoice(Ref(number=str(before["Number"])), company.context)
    after = company.record("orders")
    assert changed(before, after) <= {"Status", "Rows"}
    assert [changed(one, other) for one, other in zip(before["Rows"], after["Rows"], strict=True)] == [{"Id"}] * len(
        rows
    )
    draft = company.record("customerinvoicedrafts")
    assert (draft["TotalAmount"], draft["TotalVatAmount"]) == (before["Amount"], before["VatAmount"])
