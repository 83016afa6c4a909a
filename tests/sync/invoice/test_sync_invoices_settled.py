"""What is credited, paid too much, paid back or moved: what a deal and a company are said to owe."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from erpcore.models import Invoice, Ref
from tests.sync.invoice_world import InvoiceWorld


def credit(home: InvoiceWorld, amount: int, *, settled: bool = False, **values: Any) -> Invoice:
    """A credit note of invoice 1 that names nothing else of where it comes from."""
    left = Decimal(0) if settled else Decimal(-amount)
    return home.books.put(
        "9", **{"kind": "credit", "credits": Ref(number="1"), "total": Decimal(-amount), "balance": left, **values}
    )


def owed(home: InvoiceWorld, company: str = "c1") -> tuple[str | None, Decimal | None, date | None]:
    said = home.desk.last("company", company)
    return said.colour, said.balance, said.due_date


@pytest.mark.parametrize("together", [True, False], ids=["on-one-page", "later"])
def test_a_credit_note_counts_for_the_deal_whose_invoice_it_credits(home: InvoiceWorld, together: bool) -> None:
    home.invoice_of_deal("1")
    if not together:
        home.minutes(10)
    credit(home, 400)
    home.minutes(10)
    said = home.desk.last("deal", "d1")
    assert (said.numbers, said.total, said.balance, said.colour) == ("1, 9", 600, 600, "yellow")


def test_a_company_owes_what_its_credit_notes_leave(home: InvoiceWorld) -> None:
    home.invoice_of_deal("1")
    credit(home, 400)
    home.minutes(10)
    assert owed(home) == ("yellow", 600, date(2026, 12, 10))
    home.books.put("9", balance=Decimal(0))
    home.books.put("1", balance=Decimal(600))
    home.minutes(10)
    assert owed(home) == ("yellow", 600, date(2026, 12, 10))


def test_a_company_whose_paid_invoice_is_credited_is_owed_money(home: InvoiceWorld) -> None:
    home.invoice_of_deal("1")
    home.books.pay("1")
    credit(home, 1000)
    home.minutes(10)
    assert owed(home) == ("green", -1000, None)
    assert [each.key for each in home.mirror(states=("credit",))] == ["9"]
    assert [each.key for each in home.mirror(states=("green",))] == ["1"]


def test_what_is_paid_too_much_of_one_invoice_is_taken_off_another(home: InvoiceWorld) -> None:
    home.invoice_of_deal("1")
    home.books.put("2", total=Decimal(500), balance=Decimal(500))
    home.books.pay("1", "1200")
    home.minutes(10)
    assert owed(home) == ("yellow", 300, date(2026, 12, 10))


def test_a_credit_note_that_is_not_booked_counts_nothing_yet(home: InvoiceWorld) -> None:
    home.invoice_of_deal("1")
    credit(home, 1000, booked=False)
    home.minutes(10)
    assert owed(home) == ("yellow", 1000, date(2026, 12, 10))
    assert "9" not in home.desk.copies
    home.books.put("9", booked=True)
    home.minutes(10)
    assert owed(home) == ("green", 0, None)


def test_a_payment_that_is_taken_back_is_told_though_the_erp_only_leaves_the_day_of_payment_out(
    home: InvoiceWorld,
) -> None:
    home.invoice_of_deal("1")
    home.books.pay("1")
    home.minutes(10)
    assert home.desk.last("deal", "d1").colour == "green"
    shown = {name: getattr(home.books.invoices["1"], name) for name in home.books.invoices["1"].model_fields_set}
    del shown["payment_date"]
    home.books.invoices["1"] = Invoice(**{**shown, "balance": Decimal(1000)})
    home.books.changed["1"] = home.books.now()
    home.minutes(10)
    assert (home.desk.last("deal", "d1").colour, owed(home)[:2]) == ("yellow", ("yellow", 1000))


def test_a_deal_that_was_deleted_in_the_crm_keeps_nothing_from_being_told(
    home: InvoiceWorld, caplog: pytest.LogCaptureFixture
) -> None:
    home.desk.deleted.add("d1")
    home.invoice_of_deal("1")
    home.minutes(10)
    assert owed(home)[:2] == ("yellow", 1000)
    assert (home.mirrored("1").waiting, home.mirrored("1").by_run) == (False, False)
    assert "invoice 1 is not told to deal d1" in caplog.text


def test_a_company_that_was_deleted_in_the_crm_keeps_its_deal_from_nothing(home: InvoiceWorld) -> None:
    home.desk.deleted.add("c1")
    home.invoice_of_deal("1")
    home.minutes(10)
    assert home.desk.last("deal", "d1").colour == "yellow"
    assert not home.mirrored("1").waiting


def test_a_copy_that_was_deleted_in_the_crm_is_made_again_when_it_turns_red(home: InvoiceWorld) -> None:
    home.invoice_of_deal("1", due_date=date(2026, 11, 25))
    home.minutes(10)
    assert home.mirrored("1").crm_key == "copy 1"
    home.desk.deleted.add("copy 1")
    del home.desk.copies["1"]
    home.minutes(24 * 60 * 30)
    assert "1" in home.desk.copies


def test_what_a_company_owes_is_told_though_the_crm_refuses_the_copy(home: InvoiceWorld) -> None:
    home.desk.refused.add("1")
    home.invoice_of_deal("1")
    home.minutes(10)
    assert owed(home)[:2] == ("yellow", 1000)
    assert home.mirrored("1").by_run


def test_an_invoice_that_goes_to_another_customer_is_owed_by_that_one_alone(home: InvoiceWorld) -> None:
    """Customers are merged in the ERP: what was the one's is the other's then."""
    home.link("company", "c2", "customer", "51")
    home.invoice_of_deal("1")
    home.minutes(10)
    home.books.put("1", customer_number="51")
    home.minutes(10)
    assert owed(home, "c2")[:2] == ("yellow", 1000)
    assert owed(home) == ("green", 0, None)


def test_an_invoice_that_goes_to_another_deal_leaves_the_first_one(home: InvoiceWorld) -> None:
    home.invoice_of_deal("1")
    home.minutes(10)
    home.link("deal", "d2", "order", "another order")
    home.books.put("1", order_number="another order")
    home.minutes(10)
    assert home.desk.last("deal", "d2").balance == 1000
    left = home.desk.last("deal", "d1")
    assert (left.numbers, left.balance, left.colour) == ("", 0, None)


def test_an_invoice_of_a_company_that_is_linked_to_another_customer_follows_the_new_link(home: InvoiceWorld) -> None:
    """A company is merged into another in the CRM: the link of the one that is left takes its customer's invoices."""
    home.invoice_of_deal("1")
    home.minutes(10)
    home.cut("company", "c1", "customer")
    home.link("company", "c2", "customer", "50")
    home.minutes(10)
    assert owed(home, "c2")[:2] == ("yellow", 1000)
    assert owed(home)[:2] == ("green", 0)


def test_a_cancelled_invoice_has_nothing_left_to_pay_in_the_crm_whatever_the_erp_shows(home: InvoiceWorld) -> None:
    home.invoice_of_deal("1")
    home.minutes(10)
    home.books.put("1", cancelled=True)
    home.minutes(10)
    assert home.desk.copies["1"][-1].balance == 0
    assert owed(home) == ("green", 0, None)


def test_companies_that_share_a_customer_all_show_what_it_owes(home: InvoiceWorld) -> None:
    home.invoice_of_deal("1")
    home.minutes(10)
    home.link("company", "c2", "customer", "50")
    home.books.put("2", total=Decimal(500), balance=Decimal(500))
    home.minutes(10)
    assert owed(home) == owed(home, "c2") == ("yellow", 1500, date(2026, 12, 10))
