"""The mirror of invoices, on both databases: what changed waits to be told, and only that."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from erpcore.models import Invoice
from erpcore.store import (
    Owner,
    Store,
    Told,
    begin_anew,
    get_cursor,
    invoices_cursor,
    invoices_of_record,
    invoices_to_tell,
    is_anything_turning,
    leave_to_runs,
    list_invoices,
    mirror_invoices,
    note_told,
    note_turning,
    owns_anything,
    put_cursor,
    put_link,
    tie_customer,
    unsettled_of_companies,
)

TODAY = date(2026, 11, 20)


def invoice(number: str, **values: Any) -> Invoice:
    usual = {
        "number": number,
        "kind": "invoice",
        "booked": True,
        "customer_number": "50",
        "due_date": TODAY,
        "total": Decimal("100.00"),
        "balance": Decimal("100.00"),
    }
    return Invoice.model_validate({**usual, **values})


def put(store: Store, *invoices: Invoice, owner: Owner | None = None) -> Any:
    with store.begin() as connection:
        return mirror_invoices(connection, "home", [(each, owner or Owner()) for each in invoices])


def waiting(store: Store) -> list[str]:
    with store.read() as connection:
        return [each.key for each in invoices_to_tell(connection, "home", limit=10)]


def tell_all(store: Store) -> None:
    with store.begin() as connection:
        found = invoices_to_tell(connection, "home", limit=10)
        told = [
            Told(each.key, each.version, each.invoice.colour(TODAY), f"copy {each.key}", each.owner) for each in found
        ]
        note_told(connection, "home", told)


def test_what_is_new_and_what_changed_waits_and_nothing_else(store: Store) -> None:
    assert (put(store, invoice("1"), invoice("2")).new, waiting(store)) == (2, ["1", "2"])
    tell_all(store)
    again = put(store, invoice("1", total=Decimal(100)), invoice("2", balance=Decimal(0)), invoice("3"))
    assert (again.new, again.changed, again.known) == (1, 1, 1)
    assert waiting(store) == ["2", "3"]


def test_the_same_invoice_twice_on_a_page_counts_as_it_came_last(store: Store) -> None:
    assert put(store, invoice("1"), invoice("1", balance=Decimal(0))).new == 1
    with store.read() as connection:
        assert [each.balance for each in unsettled_of_companies(connection, "home", ["c1"])] == []


def test_what_changes_while_it_is_told_goes_on_waiting(store: Store) -> None:
    put(store, invoice("1"))
    with store.read() as connection:
        (before,) = invoices_to_tell(connection, "home", limit=10)
    put(store, invoice("1", balance=Decimal(0)))
    with store.begin() as connection:
        note_told(connection, "home", [Told("1", before.version, "yellow", "copy 1", before.owner)])
    assert waiting(store) == ["1"]
    tell_all(store)
    assert waiting(store) == []


def test_what_turns_red_waits_once(store: Store) -> None:
    put(store, invoice("1"), invoice("2", due_date=None), invoice("3", balance=Decimal(0)))
    tell_all(store)
    after = TODAY.replace(day=21)
    with store.begin() as connection:
        assert not is_anything_turning(connection, "home", TODAY)
        assert is_anything_turning(connection, "home", after)
        assert note_turning(connection, "home", after) == 1
        assert note_turning(connection, "home", after) == 0
    assert waiting(store) == ["1"]


def test_what_is_left_to_runs_does_not_wait_and_tells_of_its_changes(store: Store) -> None:
    put(store, invoice("1"))
    with store.begin() as connection:
        leave_to_runs(connection, "home", ["1"])
    assert waiting(store) == []
    assert put(store, invoice("1", balance=Decimal(1))).by_run == ("1",)


def test_an_invoice_keeps_its_owner_and_a_linked_customer_gives_it_one(store: Store) -> None:
    put(store, invoice("1"), owner=Owner(None, "deal", "d1"))
    put(store, invoice("1", balance=Decimal(1)), invoice("2", customer_number="51"))
    with store.begin() as connection:
        assert [each.number for each in invoices_of_record(connection, "home", "deal", "d1")] == ["1"]
        assert tie_customer(connection, "home", "50", "c1") == 1
        assert [each.number for each in unsettled_of_companies(connection, "home", ["c1"])] == ["1"]


def test_a_company_that_is_linked_gets_its_customer_s_invoices(store: Store) -> None:
    put(store, invoice("1"))
    tell_all(store)
    with store.begin() as connection:
        same = {"sync": "home", "source_kind": "company", "source_id": "c1", "target_kind": "customer"}
        put_link(connection, **same, number="50")
        assert [each.number for each in unsettled_of_companies(connection, "home", ["c1"])] == ["1"]
    assert waiting(store) == ["1"]


def test_an_account_that_begins_anew_begins_without_invoices(store: Store) -> None:
    put(store, invoice("1"))
    with store.begin() as connection:
        put_cursor(connection, "erp", invoices_cursor("home"), "{}")
        assert owns_anything(connection, ["home"])
        begin_anew(connection, [], crm=None, syncs=["home"])
        assert list_invoices(connection, "home", today=TODAY) == []
        assert get_cursor(connection, "erp", invoices_cursor("home")) is None
