"""An invoice that was deleted in the ERP: no list tells it, so it is looked for."""

from __future__ import annotations

from decimal import Decimal

import pytest

from erpcore.errors import ErpcoreError
from tests.sync.invoice.conftest import MakeHome
from tests.sync.invoice_world import InvoiceWorld
from tests.sync.memory_plugin import Killed

DAY = 24 * 60 + 5


def test_a_draft_deleted_in_the_erp_is_marked_and_the_crm_is_told_once(home: InvoiceWorld) -> None:
    home.invoice_of_deal("1", booked=False)
    home.minutes(10)
    del home.books.invoices["1"], home.books.changed["1"]
    home.minutes(60)
    assert not home.mirrored("1").gone  # it was shown just now
    home.minutes(DAY)
    home.minutes(DAY)
    assert home.mirrored("1").gone
    assert [each.key for each in home.mirror(states=("cancelled",))] == ["1"]
    (said,) = home.desk.wrote
    assert (said.record_kind, said.record_id, said.shown("erp_id")) == ("deal", "d1", False)
    assert said.message is not None
    assert said.message.startswith("1 is not in the ERP any more")
    assert home.desk.copies == {}


def test_a_booked_one_owes_nothing_when_it_is_gone(home: InvoiceWorld) -> None:
    home.invoice_of_deal("1")
    home.minutes(10)
    del home.books.invoices["1"], home.books.changed["1"]
    home.minutes(DAY)
    assert home.books.calls["find_invoices"] == 0  # over night the ERP is asked nothing
    home.look_for_all()
    assert home.desk.copies["1"][-1].cancelled
    assert (home.desk.last("deal", "d1").colour, home.desk.last("deal", "d1").balance) == (None, 0)
    assert home.desk.last("company", "c1").balance == 0


def test_what_is_left_of_the_deal_counts_when_one_of_two_is_gone(home: InvoiceWorld) -> None:
    home.invoice_of_deal("1")
    home.books.put("2", order_number="order of d1", total=Decimal(10), balance=Decimal(10))
    home.minutes(10)
    del home.books.invoices["1"], home.books.changed["1"]
    home.look_for_all()
    assert (home.desk.last("deal", "d1").numbers, home.desk.last("deal", "d1").balance) == ("2", 10)
    assert home.desk.wrote == []


def test_one_that_comes_back_counts_again(home: InvoiceWorld) -> None:
    kept = home.invoice_of_deal("1")
    home.minutes(10)
    del home.books.invoices["1"], home.books.changed["1"]
    home.look_for_all()
    home.books.put("1", **{name: getattr(kept, name) for name in kept.model_fields_set - {"number"}})
    home.minutes(10)
    assert not home.mirrored("1").gone
    assert home.desk.colours("deal", "d1") == ["yellow", None, "yellow"]


def test_drafts_alone_are_looked_for_by_themselves_and_a_few_at_a_time(home: InvoiceWorld) -> None:
    for number in range(8):
        home.books.put(str(number), booked=False)
    for number in ("booked", "paid"):
        home.books.put(number, balance=Decimal(number == "booked"))
    home.minutes(10)
    home.minutes(DAY)
    assert home.books.calls["find_invoices"] == 5
    home.minutes(1)
    assert home.books.calls["find_invoices"] == 5
    home.minutes(5)
    assert home.books.calls["find_invoices"] == 8
    home.minutes(5)
    assert home.books.calls["find_invoices"] == 8
    assert sorted(each.key for each in home.look_for_all()) == [*map(str, range(8)), "booked"]


def test_a_change_that_no_list_told_comes_home_when_it_is_looked_for(home: InvoiceWorld) -> None:
    home.invoice_of_deal("1")
    home.minutes(10)
    home.books.invoices["1"] = home.books.invoices["1"].model_copy(update={"balance": Decimal(0)})
    home.look_for_all()
    assert home.desk.colours("deal", "d1") == ["yellow", "green"]


def test_a_cancelled_invoice_leaves_no_colour_on_its_deal(home: InvoiceWorld) -> None:
    home.invoice_of_deal("1")
    home.minutes(10)
    home.books.put("1", cancelled=True)
    home.minutes(10)
    assert home.desk.colours("deal", "d1") == ["yellow", None]
    assert (home.desk.last("deal", "d1").numbers, home.desk.last("deal", "d1").total) == ("", 0)


@pytest.mark.parametrize("fault", ["before:killed", "after:killed", "before:lost", "after:lost", "after:garbage"])
def test_whatever_breaks_the_telling_it_is_told_in_the_end(home: InvoiceWorld, fault: str) -> None:
    home.invoice_of_deal("1", booked=False)
    home.minutes(10)
    del home.books.invoices["1"], home.books.changed["1"]
    home.desk.faults["write_back"] = [fault]
    for _ in range(4):
        try:
            home.minutes(DAY)
        except (Killed, ErpcoreError):
            home.restart()
    assert home.mirrored("1").gone
    assert not home.mirrored("1").waiting
    assert len(home.desk.wrote) in (1, 2)
    assert {each.message for each in home.desk.wrote} == {home.desk.wrote[0].message}


@pytest.mark.parametrize("language", ["sv", "nb"])
def test_the_crm_s_users_read_it_in_their_language(make_home: MakeHome, language: str) -> None:
    world = make_home(language=language)
    world.look()
    world.invoice_of_deal("1", booked=False)
    world.minutes(10)
    del world.books.invoices["1"], world.books.changed["1"]
    world.minutes(DAY)
    (said,) = world.desk.wrote
    assert said.message is not None
    assert said.message.startswith({"sv": "1 finns inte längre", "nb": "1 finnes ikke lenger"}[language])


def test_a_cash_invoice_is_paid_whatever_balance_the_erp_shows(home: InvoiceWorld) -> None:
    home.invoice_of_deal("1", kind="cash")
    home.minutes(10)
    shown = home.desk.last("deal", "d1")
    assert (shown.colour, shown.balance, shown.total) == ("green", 0, 1000)
    assert home.desk.last("company", "c1").balance == 0
