"""What `erpcore invoices` shows: the mirror with its colours, for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from erpcore.models import Invoice
from erpcore.settings import load_settings, store_url
from erpcore.store import Owner, Store, invoices_cursor, leave_to_runs, mirror_invoices, now, open_store, put_cursor
from erpcore.sync.invoice.place import Place

pytestmark = pytest.mark.usefixtures("secrets")


@pytest.fixture
def store(settings_file: Path) -> Iterator[Store]:
    opened = open_store(store_url(load_settings(settings_file)))
    yield opened
    opened.close()


def mirrored(store: Store, number: str, due_in_days: int = 10, company: str | None = "c1", **values: Any) -> None:
    with store.begin() as connection:
        today = now(connection).date()
        usual = {
            "number": number,
            "kind": "invoice",
            "booked": True,
            "customer_number": "50",
            "customer_name": "Acme AB",
            "currency": "SEK",
            "invoice_date": today,
            "due_date": today + timedelta(days=due_in_days),
            "total": Decimal("1000.50"),
            "balance": Decimal("1000.50"),
        }
        owner = Owner(company, "deal", "850000") if number == "1" else Owner(company)
        mirror_invoices(connection, "won", [(Invoice.model_validate({**usual, **values}), owner)])


def fill(store: Store) -> None:
    mirrored(store, "1")
    mirrored(store, "2", due_in_days=-5)
    mirrored(store, "3", balance=Decimal(0), company="c2", customer_number="51")
    mirrored(store, "4", booked=False)
    mirrored(store, "5", kind="credit")


def test_invoices_are_shown_with_their_colours(cli: Any, store: Store) -> None:
    fill(store)
    shown = cli("invoices", "won")
    lines = {line.split()[0]: line for line in shown.out.splitlines() if line.strip()[:1].isdigit()}
    for number, words in {"1": "open", "2": "overdue", "3": "paid", "4": "draft", "5": "credit note"}.items():
        assert words in lines[number]
    assert "1 000.50 SEK" in lines["1"]
    assert "deal 850000" in lines["1"]


@pytest.mark.parametrize(
    ("options", "numbers"),
    [
        (("--state", "red"), ["2"]),
        (("--state", "green"), ["3"]),
        (("--state", "red", "--state", "yellow"), ["1", "2"]),
        (("--state", "draft"), ["4"]),
        (("--state", "credit"), ["5"]),
        (("--company", "c2"), ["3"]),
        (("--company", "51"), ["3"]),
        (("--company", "c2", "--state", "red"), []),
        (("--most", "2"), ["4", "5"]),
    ],
)
def test_a_list_can_be_narrowed(cli: Any, store: Store, options: tuple[str, ...], numbers: list[str]) -> None:
    fill(store)
    told = json.loads(cli("invoices", "won", "--json", *options).out)
    assert sorted(each["number"] for each in told["invoices"]) == numbers
    assert told["count"] == 5


def test_programs_get_amounts_with_their_digits_and_whose_it_is(cli: Any, store: Store) -> None:
    mirrored(store, "1")
    with store.begin() as connection:
        leave_to_runs(connection, "won", ["1"])
    out = cli("invoices", "won", "--json").out
    assert '"total":1000.50' in out.replace(" ", "")
    (told,) = json.loads(out)["invoices"]
    assert (told["state"], told["company"], told["record"], told["failed"]) == ("yellow", "c1", "deal 850000", True)
    assert told["due_date"] > told["invoice_date"]


def test_a_first_import_tells_how_far_it_has_come(cli: Any, store: Store) -> None:
    mirrored(store, "1")
    with store.begin() as connection:
        place = Place(changed_since=None, began=now(connection), page="3", under_way=True, first=True, read=1200)
        put_cursor(connection, "books", invoices_cursor("won"), place.text)
    assert "The first import is under way: 1200 read so far, 1 kept." in cli("invoices", "won").out
    told = json.loads(cli("invoices", "won", "--json").out)
    assert (told["importing"], told["imported"]) == (True, 1200)


def test_before_the_first_look_it_says_so(cli: Any, store: Store) -> None:
    assert "Nothing has been read yet" in cli("invoices", "won").out


def test_a_sync_that_reads_none_says_what_to_set(cli: Any, store: Store, settings_file: Path) -> None:
    settings_file.write_text(settings_file.read_text() + "\n[syncs.quiet]\ncrm = 'lime'\nerp = 'books'\n", "utf-8")
    text = settings_file.read_text().replace("[syncs.won]", '[syncs.won]\ninvoices = "off"')
    settings_file.write_text(text.replace("[syncs.quiet]", '[syncs.quiet]\nwon_deal = "nothing"\ninvoices = "off"'))
    refused = cli("invoices", "won")
    assert refused.code == 2
    assert "syncs.won.invoices" in refused.err
