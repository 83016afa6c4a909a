"""Invoices come home: read, kept in the mirror, told to the CRM, and no more than what changed."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextvars import Context
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from erpcore.errors import RateLimitedError, TurnLostError, UnavailableError
from erpcore.models import Invoice
from erpcore.store import list_runs
from erpcore.sync.effect import ComeBackLater
from tests.sync.invoice_world import InvoiceWorld
from tests.sync.memory_plugin import Killed

MakeHome = Callable[..., InvoiceWorld]


@pytest.fixture
def make_home(tmp_path: Path, empty_store: Path) -> Iterator[MakeHome]:
    made: list[InvoiceWorld] = []

    def make(**options: Any) -> InvoiceWorld:
        file = options.pop("file", None) or shutil.copy(empty_store, tmp_path / f"erpcore-{len(made)}.db")
        made.append(InvoiceWorld(f"sqlite:///{file}", **options))
        return made[-1]

    yield make
    for world in made:
        world.close()


@pytest.fixture
def home(make_home: MakeHome) -> InvoiceWorld:
    """A sync that has begun, so that what changes from now on comes home."""
    world = make_home()
    world.look()
    return world


def test_the_first_look_asks_the_erp_for_nothing(make_home: MakeHome) -> None:
    world = make_home()
    world.books.put("1")
    world.look()
    assert world.books.calls["fetch_invoices"] == 0
    assert world.mirror() == []


def test_what_changes_from_then_on_comes_home_after_ten_minutes(home: InvoiceWorld) -> None:
    home.minutes(2)
    home.books.put("1")
    home.minutes(2)
    assert home.mirror() == []
    home.minutes(10)
    (found,) = home.mirror()
    assert found.invoice == home.books.invoices["1"]
    assert found.crm_key == "copy 1"
    assert home.desk.copies["1"] == [home.books.invoices["1"]]


def test_everything_an_invoice_says_is_in_the_mirror(home: InvoiceWorld) -> None:
    told = {
        "our_reference": "Anna",
        "your_reference": "Kim",
        "currency": "EUR",
        "currency_rate": Decimal("11.2345"),
        "cancelled": False,
        "kind": "cash",
        "rows": ({"article_number": "A1", "quantity": Decimal("1.50"), "amount": Decimal("10.10")},),
    }
    home.books.put("1", **told)
    home.minutes(10)
    assert home.mirrored("1").invoice == home.books.invoices["1"]
    assert str(home.mirrored("1").invoice.currency_rate) == "11.2345"


def test_paid_is_green(home: InvoiceWorld) -> None:
    home.invoice_of_deal("1")
    home.minutes(10)
    home.books.pay("1")
    home.minutes(10)
    assert home.desk.colours("deal", "d1") == ["yellow", "green"]
    shown = home.desk.last("deal", "d1")
    assert (shown.balance, shown.paid_date, shown.numbers) == (0, date(2026, 11, 20), "1")


def test_unpaid_and_not_due_is_yellow(home: InvoiceWorld) -> None:
    home.invoice_of_deal("1")
    home.minutes(10)
    shown = home.desk.last("deal", "d1")
    assert (shown.colour, shown.total, shown.balance, shown.due_date) == ("yellow", 1000, 1000, date(2026, 12, 10))


def test_unpaid_and_past_due_is_red(home: InvoiceWorld) -> None:
    home.invoice_of_deal("1", due_date=date(2026, 11, 19))
    home.minutes(10)
    assert home.desk.colours("deal", "d1") == ["red"]


def test_on_the_day_of_payment_itself_it_is_yellow_still(home: InvoiceWorld) -> None:
    home.invoice_of_deal("1", due_date=date(2026, 11, 20))
    home.minutes(10)
    assert home.desk.colours("deal", "d1") == ["yellow"]


def test_turning_red_over_night_asks_the_erp_nothing_and_tells_each_record_once(home: InvoiceWorld) -> None:
    home.invoice_of_deal("1", due_date=date(2026, 11, 20))
    home.books.put("2", due_date=date(2026, 11, 30), order_number=None)
    home.minutes(10)
    home.desk.said.clear()
    stored = {number: len(copies) for number, copies in home.desk.copies.items()}
    home.time.move(14 * 3600)  # 00:10 in Stockholm
    home.books.faults["fetch_invoices"] = ["before:unreachable"] * 9
    with pytest.raises(UnavailableError):
        home.look()  # it is time to read, too; that the ERP is away keeps nothing from turning
    assert [(each.record_kind, each.record_id, each.colour) for each in home.desk.said] == [
        ("invoice", "copy 1", "red"),
        ("deal", "d1", "red"),
        ("company", "c1", "red"),
    ]
    assert {number: len(copies) for number, copies in home.desk.copies.items()} == stored
    with pytest.raises(UnavailableError):
        home.look()
    assert len(home.desk.said) == 3


def test_the_day_is_the_company_s(make_home: MakeHome) -> None:
    colours = {}
    for zone in ("Europe/Stockholm", "America/New_York"):
        world = make_home(time_zone=zone)
        world.look()
        world.books.put("1", due_date=date(2026, 11, 20))
        world.time.move(14 * 3600 + 1800)  # 00:30 in Stockholm, 18:30 the day before in New York
        world.look()
        (colours[zone],) = [each.told_colour for each in world.mirror()]
    assert colours == {"Europe/Stockholm": "red", "America/New_York": "yellow"}


def test_partly_paid_stays_yellow_with_what_is_left(home: InvoiceWorld) -> None:
    home.invoice_of_deal("1")
    home.books.pay("1", "400")
    home.minutes(10)
    shown = home.desk.last("deal", "d1")
    assert (shown.colour, shown.balance, shown.paid_date) == ("yellow", 600, None)


def test_the_erp_s_word_that_it_is_paid_counts_where_rounding_leaves_some_ore(home: InvoiceWorld) -> None:
    home.invoice_of_deal("1", balance=Decimal("0.40"), payment_date=date(2026, 11, 19))
    home.minutes(10)
    assert home.desk.colours("deal", "d1") == ["green"]


def test_a_cash_invoice_is_green_when_it_is_made(home: InvoiceWorld) -> None:
    home.invoice_of_deal("1", kind="cash", balance=Decimal(0), due_date=date(2026, 11, 1))
    home.minutes(10)
    assert home.desk.colours("deal", "d1") == ["green"]


def test_a_credit_note_has_no_colour_and_counts_as_less(home: InvoiceWorld) -> None:
    home.invoice_of_deal("1")
    home.books.put(
        "2",
        kind="credit",
        order_number="order of d1",
        total=Decimal(-300),
        balance=Decimal(0),
        due_date=date(2026, 11, 1),
    )
    home.minutes(10)
    shown = home.desk.last("deal", "d1")
    assert (shown.colour, shown.total, shown.numbers) == ("yellow", 700, "1, 2")
    assert home.mirrored("2").told_colour is None


def test_a_credited_invoice_is_green(home: InvoiceWorld) -> None:
    home.invoice_of_deal("1")
    home.minutes(10)
    home.books.put("1", balance=Decimal(0))
    home.books.put("2", kind="credit", order_number="order of d1", total=Decimal(-1000), balance=Decimal(0))
    home.minutes(10)
    assert (home.desk.last("deal", "d1").colour, home.desk.last("deal", "d1").total) == ("green", 0)


def test_invoices_in_several_currencies_are_summed_in_the_company_s_own(home: InvoiceWorld) -> None:
    home.invoice_of_deal("1", currency="SEK", total=Decimal(100), balance=Decimal(100))
    home.books.put(
        "2",
        order_number="order of d1",
        currency="EUR",
        currency_rate=Decimal("11.5"),
        total=Decimal(10),
        balance=Decimal(10),
    )
    home.minutes(10)
    assert home.desk.last("deal", "d1").balance == Decimal("215.0")


def test_a_draft_is_in_the_mirror_and_not_in_the_crm(home: InvoiceWorld) -> None:
    home.invoice_of_deal("1", booked=False)
    home.minutes(10)
    assert [each.key for each in home.mirror(states=("draft",))] == ["1"]
    assert (home.desk.copies, home.desk.colours("deal", "d1")) == ({}, [])
    home.books.put("1", booked=True)
    home.minutes(10)
    assert list(home.desk.copies) == ["1"]
    assert home.desk.colours("deal", "d1") == ["yellow"]


def test_a_cancelled_invoice_is_told_and_owes_nothing(home: InvoiceWorld) -> None:
    home.invoice_of_deal("1")
    home.minutes(10)
    home.books.put("1", cancelled=True)
    home.minutes(10)
    assert home.desk.copies["1"][-1].cancelled
    assert home.desk.last("company", "c1").balance == 0


def test_an_invoice_made_by_hand_in_the_erp_is_shown_by_its_customer(home: InvoiceWorld) -> None:
    home.link("company", "c1", "customer", "50")
    home.books.put("77")
    home.minutes(10)
    assert [each.key for each in home.mirror(company="c1")] == ["77"]
    shown = home.desk.last("company", "c1")
    assert (shown.colour, shown.balance, shown.due_date) == ("yellow", 1000, date(2026, 12, 10))


def test_invoices_from_before_a_company_is_linked_become_its_own(home: InvoiceWorld) -> None:
    home.company()
    home.deal()
    home.books.customers.clear()
    home.books.put("77", customer_number="1")  # the number that the new customer will get
    home.minutes(10)
    assert home.mirrored("77").owner.company_id is None
    assert home.handle().state == "done"
    home.minutes(1)
    assert home.desk.last("company", "c1").balance == 1000


def test_several_invoices_of_one_order_show_the_worst_colour(home: InvoiceWorld) -> None:
    home.invoice_of_deal("1", balance=Decimal(0))
    home.books.put("2", order_number="order of d1", due_date=date(2026, 11, 1))
    home.minutes(10)
    assert home.desk.last("deal", "d1").colour == "red"
    home.books.pay("2")
    home.minutes(10)
    assert home.desk.last("deal", "d1").colour == "green"


def test_only_what_changed_is_told(home: InvoiceWorld) -> None:
    for number in range(1, 31):
        home.books.put(f"{number:02}")
    home.minutes(10)
    stores = home.desk.calls["store_invoice"]
    home.minutes(10)  # the overlap reads nothing new
    home.books.pay("07")
    home.books.put("08")  # stamped as changed, and is not
    home.minutes(10)
    assert stores == 30
    assert home.desk.calls["store_invoice"] == 31
    assert home.desk.copies["07"][-1].balance == 0


def test_what_the_erp_does_not_show_this_time_stays_in_the_mirror(home: InvoiceWorld) -> None:
    home.books.put("1", your_reference="Kim")
    home.minutes(10)
    full = home.books.invoices["1"]
    home.books.invoices["1"] = Invoice(number="1", booked=True, balance=Decimal(0))
    home.books.changed["1"] = home.time.now()
    home.minutes(10)
    now = home.mirrored("1").invoice
    assert (now.your_reference, now.total, now.balance) == ("Kim", full.total, 0)


def test_an_invoice_that_has_just_been_made_is_looked_for_at_once(home: InvoiceWorld) -> None:
    home.restart(convert_to_invoice=True)
    home.company()
    home.deal()
    assert home.handle().state == "done"
    home.books.changed["1"] = home.time.now()
    home.minutes(0.2)
    (found,) = home.mirror()
    assert (found.key, found.owner.record_id) == ("1", "d1")
    asked = home.books.calls["fetch_invoices"]
    home.minutes(0.2)
    assert home.books.calls["fetch_invoices"] == asked


def test_with_mirror_alone_the_crm_is_told_nothing(make_home: MakeHome) -> None:
    world = make_home(invoices="mirror")
    world.look()
    world.invoice_of_deal("1")
    world.minutes(10)
    assert len(world.mirror()) == 1
    assert (world.desk.copies, world.desk.said) == ({}, [])


def test_a_company_whose_numbers_are_another_erp_s_is_left_alone(make_home: MakeHome) -> None:
    world = make_home(customer_number_in_crm="another_erp")
    world.look()
    world.invoice_of_deal("1")
    world.minutes(10)
    assert world.desk.colours("deal", "d1") == ["yellow"]
    assert world.desk.colours("company", "c1") == []


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
