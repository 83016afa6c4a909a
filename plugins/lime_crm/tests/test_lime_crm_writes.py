"""What erpcore writes: numbers and status back, invoices, articles; done twice it changes nothing more."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from erpcore_lime_crm.simulator import LimeCrmSimulator, Model
from erpcore_lime_crm.simulator.account import ZONE

from erpcore import Context
from erpcore.connection import CrmConnection
from erpcore.errors import AmbiguousMatchError, InvalidValueError, NotFoundError, OutcomeUnknownError, RejectedError
from erpcore.fields import LossKind
from erpcore.models import Article, CrmOrder, Invoice, InvoiceColour, InvoiceRow, InvoiceStanding, WriteBack
from erpcore.simulator import Fault, running

CONTEXT = Context(correlation_id="test")
Connect = Callable[..., CrmConnection]
WRITES = r".*/limeobject/.*"


def back(kind: Any, key: int, **values: Any) -> WriteBack:
    return WriteBack(record_kind=kind, record_id=str(key), **values)


def writes(lime: LimeCrmSimulator) -> list[str]:
    return [each.method for each in lime.journal.entries(path=WRITES) if each.method != "GET"]


@pytest.fixture
def order(lime: LimeCrmSimulator) -> int:
    return lime.account.all("order")[0].id


# --- numbers and status


def test_numbers_status_and_message_go_back_to_an_order(lime: LimeCrmSimulator, connect: Connect, order: int) -> None:
    crm = connect()
    assert crm.write_back(back("order", order, status="inprocess"), CONTEXT)
    told = back("order", order, status="synced", order_number="4711", invoice_number="90001", message=None)
    assert crm.write_back(told, CONTEXT)
    held = lime.object("order", order).values
    assert (held["order_number"], held["invoice_number"], held["order_status"]) == ("4711", "90001", "synced")
    assert crm.fetch_order(str(order), CONTEXT).status == "synced"


def test_what_is_not_shown_is_left_alone_and_what_is_empty_is_emptied(
    lime: LimeCrmSimulator, connect: Connect, order: int
) -> None:
    crm = connect()
    crm.write_back(back("order", order, order_number="1", message="Mangler " + "x" * 600), CONTEXT)
    held = lime.object("order", order).values
    assert len(held["error_message"]) == 512
    crm.write_back(back("order", order, message=None), CONTEXT)
    assert (held["error_message"], held["order_number"]) == ("", "1")


def test_writing_back_twice_changes_nothing_more(lime: LimeCrmSimulator, connect: Connect, order: int) -> None:
    crm, told = connect(), back("order", order, status="error", message="Nei")
    crm.write_back(told, CONTEXT)
    before = lime.object("order", order).timestamp
    crm.write_back(told, CONTEXT)
    assert lime.object("order", order).timestamp == before


def test_the_keys_of_the_installation_are_written(connector: Connect) -> None:
    lime = LimeCrmSimulator(model=Model(option_keys={"order.order_status.synced": "sent"}))
    lime.switch(bare_option_keys=False)
    order = lime.account.all("order")[0].id
    with running(lime) as url:
        crm = connector(url, order_status_keys={"synced": "sent"})
        crm.write_back(back("order", order, status="synced"), CONTEXT)
        assert lime.object("order", order).values["order_status"] == "sent"
        assert crm.fetch_order(str(order), CONTEXT).status == "synced"


def taken(
    lime: LimeCrmSimulator, crm: CrmConnection, order: int, between: Callable[[], object]
) -> tuple[CrmOrder, int]:
    """Look at an order, take it after something has happened, and read it; give it and the number of requests."""
    before = len(lime.journal.entries(path=WRITES))
    head = crm.fetch_order_head(str(order), CONTEXT)
    between()
    head = crm.take_order(head, CONTEXT)
    read = crm.fetch_order(str(order), replace(CONTEXT, seen=head))
    return read, len(lime.journal.entries(path=WRITES)) - before


@pytest.mark.parametrize(("shows_all", "requests"), [(True, 3), (False, 4)])
def test_an_order_is_taken_and_read_as_it_is_then(
    lime: LimeCrmSimulator, connect: Connect, order: int, shows_all: bool, requests: int
) -> None:
    crm, held = connect(), lime.object("order", order)
    lime.switch(changes_show_all=shows_all)
    change = {"customer_reference": "Another", "customer_number": "77", "order_date": "2026-01-02T00:00:00+01:00"}
    read, counted = taken(lime, crm, order, lambda: lime.account.change(held, change, 3))
    assert (read.your_reference, read.status, counted) == ("Another", "inprocess", requests)
    assert read == crm.fetch_order(str(order), CONTEXT)


def test_an_order_that_gets_another_company_meanwhile_has_its_number(
    lime: LimeCrmSimulator, connect: Connect, order: int
) -> None:
    crm, held, other = connect(), lime.object("order", order), lime.object("company", "Sundet Handel AS")
    lime.account.change(other, {"erp_id": "555"}, 3)
    read, counted = taken(lime, crm, order, lambda: lime.account.change(held, {"company": other.id}, 3))
    assert (read.customer_number, read.company_id, counted) == ("555", str(other.id), 4)


def test_a_status_that_is_none_of_ours_is_refused_before_anything_is_sent(
    lime: LimeCrmSimulator, connect: Connect, order: int
) -> None:
    with pytest.raises(InvalidValueError):
        connect().write_back(back("order", order, status="wonderful"), CONTEXT)
    assert writes(lime) == []


def test_a_company_gets_its_number_and_the_first_and_last_moment(lime: LimeCrmSimulator, connect: Connect) -> None:
    crm, company = connect(), lime.object("company", "Sundet Handel AS")
    assert crm.write_back(back("company", company.id, erp_id="10002", status="synced"), CONTEXT)
    held = company.values
    first = held["erp_firstsynced"]
    assert isinstance(first, datetime)
    assert (held["erp_id"], held["erp_status"], held["erp_lastsynced"]) == ("10002", "synced", first)
    assert abs((datetime.now(ZONE) - first).total_seconds()) < 60
    lime.account.change(company, {"erp_firstsynced": "2020-01-01T00:00:00+01:00"}, 3)
    crm.write_back(back("company", company.id, status="synced"), CONTEXT)
    assert held["erp_firstsynced"].year == 2020
    assert held["erp_lastsynced"].year > 2020


@pytest.mark.parametrize("first", [None, "2020-01-01T00:00:00+01:00"])
def test_whether_a_company_is_told_first_is_seen_where_it_was_read(
    lime: LimeCrmSimulator, connect: Connect, first: str | None
) -> None:
    crm, company = connect(), lime.object("company", "Sundet Handel AS")
    lime.account.change(company, {"erp_firstsynced": first}, 3)
    seen = crm.fetch_customer(str(company.id), CONTEXT)
    before = len(lime.journal.entries(path=WRITES))
    crm.write_back(back("company", company.id, erp_id="10002", status="synced"), replace(CONTEXT, seen=seen))
    assert len(lime.journal.entries(path=WRITES)) == before + 1, "it is not read again"
    assert (company.values["erp_firstsynced"].year == 2020) == (first is not None)


def test_a_number_that_another_company_has_is_refused(lime: LimeCrmSimulator, connect: Connect) -> None:
    company = lime.object("company", "Sundet Handel AS")
    with pytest.raises(RejectedError) as caught:
        connect().write_back(back("company", company.id, erp_id="10001"), CONTEXT)
    assert "another company" in (caught.value.vendor_text or "")


def test_a_deal_is_written_only_where_it_has_a_field(lime: LimeCrmSimulator, connect: Connect) -> None:
    deal = lime.object("deal", "Kurspakke høst")
    assert not connect().write_back(back("deal", deal.id, erp_id="1", status="synced"), CONTEXT)
    assert writes(lime) == []
    assert connect(deal={"erp_id": "erp_ordernumber"}).write_back(back("deal", deal.id, erp_id="1"), CONTEXT)
    assert deal.values["erp_ordernumber"] == "1"


def test_a_record_that_is_gone_is_told(lime: LimeCrmSimulator, connect: Connect, order: int) -> None:
    lime.delete("order", order)
    with pytest.raises(NotFoundError):
        connect().write_back(back("order", order, status="error"), CONTEXT)


def test_a_lost_answer_to_a_write_back_is_sent_again(lime: LimeCrmSimulator, connect: Connect, order: int) -> None:
    lime.faults.add(Fault("error_after", method="PUT"))
    with pytest.raises(OutcomeUnknownError) as caught:
        connect().write_back(back("order", order, order_number="1"), CONTEXT)
    assert caught.value.retryable
    assert lime.object("order", order).values["order_number"] == "1"


# --- invoices


def invoice(**values: Any) -> Invoice:
    rows = (
        InvoiceRow(article_number="KURS-1", description="Kurs", quantity=Decimal(2), amount=Decimal("8550.00")),
        InvoiceRow(description="Sal " + "x" * 200, quantity=None, amount=None),
    )
    told: dict[str, Any] = {
        "number": "90001",
        "customer_number": "10001",
        "kind": "invoice",
        "our_reference": "Anna Exempel",
        "your_reference": "Kari Fjell",
        "invoice_date": date(2026, 11, 22),
        "due_date": date(2026, 12, 22),
        "currency": "NOK",
        "net": Decimal("8550.00"),
        "vat": Decimal("2137.50"),
        "total": Decimal("10687.50"),
        "balance": Decimal("10687.50"),
        "payment_date": None,
        "cancelled": False,
        "booked": True,
        "order_number": "4711",
        "rows": rows,
    }
    return Invoice.model_validate(told | values)


def test_an_invoice_is_stored_with_its_rows_and_tied(lime: LimeCrmSimulator, connect: Connect, order: int) -> None:
    crm = connect()
    crm.write_back(back("order", order, order_number="4711"), CONTEXT)
    stored = crm.store_invoice(invoice(), CONTEXT)
    held = lime.object("invoice", int(stored.key or 0))
    assert held.values["company"] == lime.object("company", "Fjellvik Bygg AS").id
    assert held.values["coworker"] == lime.object("coworker", "Anna Exempel").id
    assert held.values["invoice_date"] == datetime(2026, 11, 22, tzinfo=ZONE)
    assert (held.values["invoice_total_sum"], held.values["paid"]) == (Decimal("10687.50"), False)
    assert held.values["invoice_type"] == "Invoice"
    rows = lime.account.related(held, "invoicerow")
    assert [(row.values["rowid"], row.values["item"]) for row in rows] == [("90001_1", "KURS-1"), ("90001_2", "")]
    assert len(rows[1].values["description"]) == 128
    assert lime.object("order", order).values["invoice"] == held.id


def test_storing_it_again_writes_nothing(lime: LimeCrmSimulator, connect: Connect, order: int) -> None:
    crm = connect()
    crm.write_back(back("order", order, invoice_number="90001"), CONTEXT)
    crm.store_invoice(invoice(), CONTEXT)
    lime.journal.clear()
    crm.store_invoice(invoice(), CONTEXT)
    assert writes(lime) == []


def test_a_payment_changes_only_what_it_touches(lime: LimeCrmSimulator, connect: Connect) -> None:
    crm = connect()
    stored = crm.store_invoice(invoice(), CONTEXT)
    lime.journal.clear()
    crm.store_invoice(invoice(balance=Decimal(0), payment_date=date(2026, 12, 1)), CONTEXT)
    (put,) = lime.journal.entries("PUT")
    assert sorted(json.loads(put.body)) == ["invoice_balance", "paid", "paid_date"]
    held = lime.object("invoice", int(stored.key or 0)).values
    assert held["paid"] is True
    crm.store_invoice(invoice(), CONTEXT)
    assert held["paid"] is False
    assert held["paid_date"] is None, "a payment that was taken back"


def test_a_credit_note_is_paid_when_nothing_is_owed_any_more(lime: LimeCrmSimulator, connect: Connect) -> None:
    crm = connect()
    stored = crm.store_invoice(invoice(kind="credit", balance=Decimal("-5.00")), CONTEXT)
    held = lime.object("invoice", int(stored.key or 0)).values
    assert (held["invoice_type"], held["paid"]) == ("Credit", False)
    crm.store_invoice(invoice(kind="credit", balance=Decimal(0)), CONTEXT)
    assert held["paid"] is True


@pytest.mark.parametrize("shown", ["yellow", None])
def test_the_colour_of_an_invoice_that_nobody_has_to_pay_is_taken_away(
    lime: LimeCrmSimulator, connect: Connect, shown: InvoiceColour | None
) -> None:
    crm = connect(invoice={"colour": "invoice_colour"})
    stored = crm.store_invoice(invoice(), CONTEXT)
    held = lime.object("invoice", int(stored.key or 0)).values
    for colour in (shown, None):
        crm.show_invoices(InvoiceStanding(record_kind="invoice", record_id=str(stored.key), colour=colour), CONTEXT)
        assert held["invoice_colour"] == (colour or "")


def test_rows_that_the_erp_does_not_have_go_away(lime: LimeCrmSimulator, connect: Connect) -> None:
    crm = connect()
    stored = crm.store_invoice(invoice(), CONTEXT)
    crm.store_invoice(invoice(rows=(InvoiceRow(row_id="90001_2", description="Bare denne"),)), CONTEXT)
    rows = lime.account.related(lime.object("invoice", int(stored.key or 0)), "invoicerow")
    assert [row.values["description"] for row in rows] == ["Bare denne"]


def test_a_row_key_that_lime_has_no_room_for_is_replaced(lime: LimeCrmSimulator, connect: Connect) -> None:
    rows = (InvoiceRow(row_id="7", description="A"), InvoiceRow(row_id="x" * 36, description="B"))
    connect().store_invoice(invoice(rows=rows), CONTEXT)
    assert [each.values["rowid"] for each in lime.account.all("invoicerow")] == ["7", "90001_2"]


def test_an_invoice_whose_answer_was_lost_is_found_by_its_number(lime: LimeCrmSimulator, connect: Connect) -> None:
    crm = connect()
    for path in (r".*/invoice/", r".*/invoicerow/"):
        lime.faults.add(Fault("lose_answer", method="POST", path=path))
        with pytest.raises(OutcomeUnknownError):
            crm.store_invoice(invoice(), CONTEXT)
    crm.store_invoice(invoice(), CONTEXT)
    assert len(lime.account.all("invoice")) == 1
    assert len(lime.account.all("invoicerow")) == 2


def test_an_invoice_to_a_stranger_is_stored_without_a_company(lime: LimeCrmSimulator, connect: Connect) -> None:
    stored = connect().store_invoice(invoice(customer_number="999", our_reference="Nobody"), CONTEXT)
    held = lime.object("invoice", int(stored.key or 0)).values
    assert (held["company"], held["coworker"], held["customerid"]) == (None, None, "999")


def test_orders_of_two_databases_may_share_a_number(lime: LimeCrmSimulator, connect: Connect, order: int) -> None:
    crm = connect()
    other = lime.add_order("Sundet Handel AS", customer_number="20002", erp_db="2").id
    for each in (order, other):
        crm.write_back(back("order", each, order_number="4711"), CONTEXT)
    crm.store_invoice(invoice(), CONTEXT)
    assert lime.object("order", order).values["invoice"] is not None
    assert lime.object("order", other).values["invoice"] is None
    same = lime.add_order("Fjellvik Bygg AS").id
    crm.write_back(back("order", same, order_number="4711"), CONTEXT)
    with pytest.raises(AmbiguousMatchError) as caught:
        crm.store_invoice(invoice(), CONTEXT)
    assert f"order {same}" in str(caught.value)


def test_an_invoice_without_a_number_is_refused(connect: Connect) -> None:
    with pytest.raises(InvalidValueError):
        connect().store_invoice(Invoice(total=Decimal(1)), CONTEXT)


def test_days_are_written_alone_where_that_is_set(lime: LimeCrmSimulator, connect: Connect) -> None:
    lime.switch(date_only="accept")
    stored = connect(write_days_as="date").store_invoice(invoice(), CONTEXT)
    assert '"2026-11-22"' in lime.journal.entries("POST", r".*/invoice/")[0].body
    assert lime.object("invoice", int(stored.key or 0)).values["invoice_date"] == datetime(2026, 11, 22, tzinfo=ZONE)


# --- articles


def article(**values: Any) -> Article:
    told: dict[str, Any] = {
        "number": "NY-1",
        "description": "Ny artikkel",
        "price": Decimal("99.50"),
        "unit": "stk",
        "vat_percent": Decimal(25),
        "group": "Verktøy",
        "active": True,
    }
    return Article.model_validate(told | values)


def test_an_article_is_stored_after_its_group(lime: LimeCrmSimulator, connect: Connect) -> None:
    crm = connect()
    crm.store_article(article(), CONTEXT)
    held = lime.object("article", "NY-1").values
    assert (held["price"], held["vat"], held["active"]) == (Decimal("99.50"), Decimal("0.25"), True)
    assert held["articlegroup"] == lime.object("articlegroup", "Verktøy").id
    posted = [each.path.rsplit("/", 2)[1] for each in lime.journal.entries("POST")]
    assert posted == ["articlegroup", "article"]
    lime.journal.clear()
    crm.store_article(article(), CONTEXT)
    assert writes(lime) == []
    crm.store_article(article(price=Decimal(100), active=False, group=None), CONTEXT)
    assert (held["price"], held["active"], held["articlegroup"]) == (Decimal(100), False, None)


def test_a_long_description_is_a_declared_loss(lime: LimeCrmSimulator, connect: Connect) -> None:
    crm, long = connect(), article(description="x" * 60, ean="123")
    losses = {loss.field: loss.kind for loss in crm.losses(long)}
    assert losses == {"description": LossKind.TRUNCATED, "ean": LossKind.DROPPED}
    crm.store_article(long, CONTEXT)
    assert lime.object("article", "NY-1").values["description"] == "x" * 50


def test_articles_are_read_in_pages_with_their_groups(lime: LimeCrmSimulator, connect: Connect) -> None:
    crm = connect(page_size=2)
    first = crm.fetch_articles(None, None, CONTEXT)
    last = crm.fetch_articles(None, first.next_cursor, CONTEXT)
    assert [each.number for each in (*first.items, *last.items)] == ["KURS-1", "LIS-1", "TIME-1"]
    assert last.next_cursor is None
    assert (first.items[0].group, first.items[0].vat_percent) == ("Kurs", Decimal(25))
    since = lime.object("article", "TIME-1").timestamp
    assert [each.number for each in connect().fetch_articles(since, None, CONTEXT).items] == ["TIME-1"]


def test_two_articles_with_one_number_are_told(lime: LimeCrmSimulator, connect: Connect) -> None:
    for _ in range(2):
        lime.add_article("NY-1", "Dobbel")
    with pytest.raises(AmbiguousMatchError) as caught:
        connect().store_article(article(), CONTEXT)
    assert len(caught.value.candidates) == 2
