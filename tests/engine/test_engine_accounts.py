"""A connection that has come to another company's account: what goes on, and what does not."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from erpcore.engine.accounts import Accounts
from erpcore.errors import ConfigurationError, UnavailableError
from erpcore.models import Account
from erpcore.settings import Settings, parse_settings
from erpcore.store import Store, open_store

TEXT = """\
[connections.lime]
plugin = "lime_go"
[connections.books]
plugin = "fortnox"
[connections.others]
plugin = "fortnox"
[syncs.won]
crm = "lime"
erp = "books"
[syncs.elsewhere]
crm = "lime"
erp = "others"
won_deal = "nothing"
"""


class Told:
    """A connection that says whose account it is, and counts how often it was asked."""

    def __init__(self, name: str, key: str | None, *, can: bool = True) -> None:
        self.name, self.key, self.offers, self.asked = name, key, can, 0
        self.down = False

    def can(self, operation: str) -> bool:
        return self.offers and operation == "identify_account"

    def identify_account(self, context: Any) -> Account:
        self.asked += 1
        if self.down:
            raise UnavailableError("It is out of reach.", connection=self.name)
        return Account(key=self.key, name=None if self.key is None else f"{self.key} AB")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = open_store(f"sqlite:///{tmp_path / 'erpcore.db'}", synchronous="NORMAL")
    yield store
    store.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return parse_settings(TEXT, tmp_path / "erpcore.toml")


def accounts(settings: Settings, store: Store) -> Accounts:
    """As a process that has just started."""
    return Accounts(settings, store)


def test_it_is_asked_once_in_the_life_of_a_process(settings: Settings, store: Store) -> None:
    known, lime, books = accounts(settings, store), Told("lime", "L1"), Told("books", "B1")
    for _ in range(3):
        known.make_sure(lime, books, sync="won")
    assert (lime.asked, books.asked) == (1, 1)


def test_another_account_stops_its_own_syncs_alone(settings: Settings, store: Store) -> None:
    lime, others = Told("lime", "L1"), Told("others", "O1")
    accounts(settings, store).ask_all([lime, Told("books", "B1"), others])
    later = accounts(settings, store)
    later.ask_all([lime, stranger := Told("books", "B2"), others])
    with pytest.raises(ConfigurationError, match=r"connection books was B1 AB \(B1\), and is now B2 AB \(B2\)"):
        later.make_sure(lime, stranger, sync="won")
    later.make_sure(lime, others, sync="elsewhere")
    later.make_sure(lime)  # the feed may be read


def test_a_process_at_work_hears_of_what_another_one_has_found(settings: Settings, store: Store) -> None:
    worker, books = accounts(settings, store), Told("books", "B1")
    worker.make_sure(books, sync="won")
    accounts(settings, store).ask(Told("books", "B2"))  # a consent for another company
    with pytest.raises(ConfigurationError, match="is now B2 AB"):
        worker.make_sure(books, sync="won")
    accounts(settings, store).ask(Told("books", "B1"))  # and back again
    worker.make_sure(books, sync="won")


def test_out_of_reach_at_the_start_it_is_asked_before_anything_is_sent(
    settings: Settings, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    known, books = accounts(settings, store), Told("books", "B1")
    books.down = True
    with caplog.at_level(logging.WARNING):
        known.ask_all([books])
    assert "whose account books is could not be asked" in caplog.text
    with pytest.raises(UnavailableError):
        known.make_sure(books, sync="won")  # a run waits for it like for any other request
    books.down = False
    known.make_sure(books, sync="won")
    assert books.asked == 3


@pytest.mark.parametrize("silent", [Told("books", None), Told("books", "B1", can=False)])
def test_a_system_that_does_not_tell_is_in_nobody_s_way(settings: Settings, store: Store, silent: Told) -> None:
    known = accounts(settings, store)
    assert known.ask(silent) is None
    known.make_sure(silent, sync="won")
