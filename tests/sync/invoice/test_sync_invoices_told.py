"""Imports, what fails, and what breaks: nothing is missing, nothing is there twice, nobody's copy is written over."""

from __future__ import annotations

from contextvars import Context
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from erpcore.errors import RateLimitedError, RejectedError, TurnLostError, UnavailableError
from erpcore.store import list_runs
from erpcore.sync.effect import ComeBackLater
from tests.sync.invoice.conftest import MakeHome
from tests.sync.invoice_world import InvoiceWorld
from tests.sync.memory_plugin import Killed


def test_another_erp_database_s_invoice_is_never_written_over(make_home: MakeHome, tmp_path: Path) -> None:
    first = make_home(sync="first")
    first.look()
    first.books.put("90001")
    first.minutes(10)
    second = make_home(sync="second", strangers=("first",), file=tmp_path / "erpcore-0.db")
    second.crm, second.desk = first.crm, first.desk
    second.restart()
    second.look()
    second.books.put("90001", total=Decimal(7))
    second.minutes(10)
    assert [each.total for each in first.desk.copies["90001"]] == [1000]
    with second.store.read() as connection:
        (run,) = list_runs(connection)
    assert "of another ERP database (sync first)" in (second.work(run.id).error_text or "")


def test_a_first_import_begins_at_its_day(make_home: MakeHome) -> None:
    world = make_home(invoices_since=date(2026, 11, 1))
    world.books.put("1", invoice_date=date(2026, 10, 31))
    world.books.put("2", invoice_date=date(2026, 11, 1))
    world.look()
    assert [each.key for each in world.mirror()] == ["2"]


def test_an_earlier_day_in_the_rules_begins_the_import_anew(make_home: MakeHome) -> None:
    world = make_home(invoices_since=date(2026, 11, 1))
    world.books.put("1", invoice_date=date(2026, 10, 31))
    world.look()
    world.restart(invoices_since=date(2026, 10, 1))
    world.look()
    assert [each.key for each in world.mirror()] == ["1"]


def test_an_import_that_is_killed_twice_goes_on_where_it_was(make_home: MakeHome) -> None:
    world = make_home(invoices_since=date(2026, 1, 1))
    for number in range(40):
        world.books.put(f"{number:02}")
    reads: list[int] = []

    def go_on() -> bool:
        reads.append(1)
        if len(reads) in (9, 30):
            raise Killed
        return True

    for _ in range(2):
        with pytest.raises(Killed):
            world.look(go_on)
        world.time.move(120)  # until the lease of the killed worker is over
    before = world.books.calls["fetch_invoices"]
    world.look(go_on)
    assert len(world.mirror(limit=100)) == 40
    assert {number: len(copies) for number, copies in world.desk.copies.items()} == {f"{n:02}": 1 for n in range(40)}
    assert world.books.calls["fetch_invoices"] < 14 + before  # it did not begin anew


@pytest.mark.parametrize("hook", ["store_invoice", "show_invoices"])
@pytest.mark.parametrize("fault", ["before:killed", "after:killed", "before:lost", "after:lost", "after:garbage"])
@pytest.mark.parametrize("at", [0, 1, 2])
def test_whatever_breaks_a_write_there_is_one_copy_and_one_row(
    home: InvoiceWorld, hook: str, fault: str, at: int
) -> None:
    home.invoice_of_deal("1")
    home.books.put("2")
    home.books.put("3")
    home.desk.faults[hook] = [*([None] * at), fault]
    with pytest.raises((Killed, ComeBackLater)):
        home.minutes(10)
    home.minutes(2)
    assert {number: len(copies) for number, copies in home.desk.copies.items()} == {"1": 1, "2": 1, "3": 1}
    assert len(home.mirror()) == 3
    assert not any(each.waiting for each in home.mirror())
    assert home.desk.last("deal", "d1").balance == 1000
    assert home.desk.last("company", "c1").balance == 3000


def test_what_broke_off_may_still_arrive_and_is_not_told_again_in_the_same_look(home: InvoiceWorld) -> None:
    home.invoice_of_deal("1")
    home.desk.faults["store_invoice"] = ["before:unreachable", "before:lost"]
    with pytest.raises(UnavailableError):
        home.minutes(10)
    home.time.move(600)  # so that the look reads as well, and finds something to tell
    home.books.put("2")
    with pytest.raises(ComeBackLater):
        home.look()
    assert (home.desk.copies, home.desk.calls["store_invoice"]) == ({}, 2)
    assert [each.waiting for each in home.mirror()] == [True, True], "what was read is kept"
    with pytest.raises(TimeoutError):  # nor by anybody else before it can arrive no more
        home.minutes(1)
    home.minutes(1)
    assert {number: len(copies) for number, copies in home.desk.copies.items()} == {"1": 1, "2": 1}


@pytest.mark.parametrize("fault", ["unreachable", "too_fast"])
def test_a_crm_that_is_away_is_told_later_and_no_run_is_opened(home: InvoiceWorld, fault: str) -> None:
    home.books.put("1")
    home.desk.faults["store_invoice"] = [f"before:{fault}"]
    with pytest.raises((UnavailableError, RateLimitedError)):
        home.minutes(10)
    with home.store.read() as connection:
        assert list_runs(connection) == []
    home.minutes(1)
    assert list(home.desk.copies) == ["1"]


def test_only_what_fails_becomes_a_run(home: InvoiceWorld) -> None:
    for number in ("1", "2", "3"):
        home.books.put(number)
    home.desk.refused = {"2"}
    home.minutes(10)
    assert sorted(home.desk.copies) == ["1", "3"]
    with home.store.read() as connection:
        (run,) = list_runs(connection)
    run = home.work(run.id)
    assert (run.record, run.state, run.source, run.target) == ("invoice 2", "failed", "erp", "crm")
    assert "The field currency is read-only." in home.told("2", "invoice")
    home.minutes(10)
    assert home.desk.calls["store_invoice"] == 2  # it is not tried again by itself
    home.desk.refused = set()
    assert home.retry(run).state == "done"
    assert sorted(home.desk.copies) == ["1", "2", "3"]
    home.books.pay("2")
    home.minutes(10)
    assert home.desk.copies["2"][-1].balance == 0


def test_a_failed_invoice_that_changes_in_the_erp_is_tried_anew(home: InvoiceWorld) -> None:
    home.books.put("2")
    home.desk.refused = {"2"}
    home.minutes(10)
    with home.store.read() as connection:
        (run,) = list_runs(connection)
    assert home.work(run.id).state == "failed"
    home.desk.refused = set()
    home.books.put("2", currency="EUR")
    home.minutes(10)
    with home.store.read() as connection:
        newest = max(list_runs(connection), key=lambda each: each.id)
    assert newest.id != run.id
    assert home.work(newest.id).state == "done"
    assert home.desk.copies["2"][-1].currency == "EUR"


def test_a_worker_that_slept_writes_nothing_more(home: InvoiceWorld) -> None:
    home.books.put("1")

    def sleep_and_be_replaced(_operation: str) -> None:
        home.desk.before_gate = lambda _: None
        home.time.move(600)
        Context().run(home.look)  # in another process

    home.desk.before_gate = sleep_and_be_replaced
    with pytest.raises(TurnLostError):
        home.minutes(10)
    assert [len(copies) for copies in home.desk.copies.values()] == [1]


def test_a_second_worker_leaves_the_first_one_alone(home: InvoiceWorld) -> None:
    home.books.put("1")
    refused: list[Exception] = []

    def meanwhile(_operation: str) -> None:
        home.desk.before_gate = lambda _: None
        with pytest.raises(TimeoutError) as caught:
            home.look()
        refused.append(caught.value)

    home.desk.before_gate = meanwhile
    home.minutes(10)
    assert len(refused) == 1
    assert list(home.desk.copies) == ["1"]


def test_many_customers_owe_what_is_theirs(home: InvoiceWorld) -> None:
    for number in range(60):
        customer = str(number % 7)
        home.books.put(f"{number:02}", customer_number=customer, balance=Decimal(number))
    for customer in range(7):
        home.link("company", f"c{customer}", "customer", str(customer))
    home.minutes(10)
    owed = {f"c{customer}": sum(range(customer, 60, 7)) for customer in range(7)}
    assert {each: home.desk.last("company", each).balance for each in owed} == owed
    home.books.pay("08")
    home.minutes(10)
    assert home.desk.last("company", "c1").balance == owed["c1"] - 8


def test_a_cursor_that_the_erp_does_not_know_any_more_begins_the_round_anew(make_home: MakeHome) -> None:
    world = make_home(invoices_since=date(2026, 1, 1))
    for number in range(8):
        world.books.put(str(number))
    world.books.faults["fetch_invoices"] = [None, "before:unreachable"]
    with pytest.raises(UnavailableError):
        world.look()
    world.books.faults["fetch_invoices"] = ["before:refused"]
    world.look()
    assert sorted(each.key for each in world.mirror()) == [str(number) for number in range(8)]
    assert [len(copies) for copies in world.desk.copies.values()] == [1] * 8


def test_a_list_that_is_refused_from_its_beginning_is_told(home: InvoiceWorld) -> None:
    home.books.faults["fetch_invoices"] = ["before:refused"]
    with pytest.raises(RejectedError):
        home.minutes(10)
