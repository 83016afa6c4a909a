"""Invoices come home: read, kept in the mirror, told to the CRM, and no more than what changed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from erpcore.errors import UnavailableError
from erpcore.models import Invoice
from tests.sync.invoice.conftest import MakeHome
from tests.sync.invoice_world import InvoiceWorld


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


def test_an_invoice_whose_credit_note_is_not_settled_yet_is_green(home: InvoiceWorld) -> None:
    home.invoice_of_deal("1")
    home.books.put("2", kind="credit", order_number="order of d1", total=Decimal(-1000), balance=Decimal(-1000))
    home.minutes(10)
    told = home.desk.last("deal", "d1")
    assert (told.colour, told.balance, told.total) == ("green", 0, 0)


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


def test_what_a_company_owes_in_another_currency_is_told_in_the_erp_company_s_own(home: InvoiceWorld) -> None:
    foreign = {"currency": "EUR", "currency_rate": Decimal("11.2345")}
    home.invoice_of_deal("1", total=Decimal("10.55"), balance=Decimal("10.55"), **foreign)
    home.minutes(10)
    assert home.desk.last("deal", "d1").balance == Decimal("10.55"), "as on the invoice"
    assert home.desk.last("company", "c1").balance == Decimal("118.52"), "a company's field says no currency"


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
