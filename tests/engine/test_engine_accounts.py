"""A connection that has come to another company's account: what goes on, and what does not."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from erpcore.engine.accounts import Accounts
from erpcore.errors import AuthenticationError, ConfigurationError, ConsentNeededError, ErpcoreError, UnavailableError
from erpcore.host import Token
from erpcore.models import Account
from erpcore.settings import Settings, parse_settings
from erpcore.store import Store, StoreTokenStore, noted_accounts, open_run, open_store, rename_connection

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
        self.error: ErpcoreError | None = None

    def can(self, operation: str) -> bool:
        return self.offers and operation == "identify_account"

    def identify_account(self, context: Any) -> Account:
        self.asked += 1
        if self.error is not None:
            raise self.error
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


def begun(store: Store, sync: str) -> None:
    """Let something be remembered of a sync."""
    with store.begin() as writing:
        open_run(writing, sync=sync, source="lime", target="books", record_kind="deal", record_id="1")


def test_it_is_asked_once_in_the_life_of_a_process(settings: Settings, store: Store) -> None:
    known, lime, books = accounts(settings, store), Told("lime", "L1"), Told("books", "B1")
    for _ in range(3):
        known.make_sure(lime, books, sync="won")
    assert (lime.asked, books.asked) == (1, 1)


def test_another_account_stops_its_own_syncs_alone(settings: Settings, store: Store) -> None:
    lime, others = Told("lime", "L1"), Told("others", "O1")
    accounts(settings, store).ask_all([lime, Told("books", "B1"), others])
    begun(store, "won")
    later = accounts(settings, store)
    later.ask_all([lime, stranger := Told("books", "B2"), others])
    with pytest.raises(ConfigurationError, match=r"connection books was B1 AB \(B1\), and is now B2 AB \(B2\)"):
        later.make_sure(lime, stranger, sync="won")
    later.make_sure(lime, others, sync="elsewhere")
    later.make_sure(lime)  # the feed may be read


def test_a_process_at_work_hears_of_what_another_one_has_found(settings: Settings, store: Store) -> None:
    worker, books = accounts(settings, store), Told("books", "B1")
    worker.make_sure(books, sync="won")
    begun(store, "won")
    accounts(settings, store).ask(Told("books", "B2"))  # a consent for another company
    with pytest.raises(ConfigurationError, match="is now B2 AB"):
        worker.make_sure(books, sync="won")
    accounts(settings, store).ask(Told("books", "B1"))  # and back again
    worker.make_sure(books, sync="won")


def test_out_of_reach_at_the_start_it_is_asked_before_anything_is_sent(
    settings: Settings, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    known, books = accounts(settings, store), Told("books", "B1")
    books.error = UnavailableError("It is out of reach.", connection="books")
    with caplog.at_level(logging.WARNING):
        assert known.ask_all([books]) == {}
    assert "whose account books is could not be asked" in caplog.text
    with pytest.raises(UnavailableError):
        known.make_sure(books, sync="won")  # a run waits for it like for any other request
    books.error = None
    known.make_sure(books, sync="won")
    assert books.asked == 3


@pytest.mark.parametrize("silent", [Told("books", None), Told("books", "B1", can=False)])
def test_a_system_that_does_not_tell_is_in_nobody_s_way(settings: Settings, store: Store, silent: Told) -> None:
    known = accounts(settings, store)
    assert known.ask(silent).words is None
    known.make_sure(silent, sync="won")


def test_an_account_of_which_nothing_is_remembered_gives_way(settings: Settings, store: Store) -> None:
    known = accounts(settings, store)
    assert known.ask(Told("books", "B1")).in_place_of is None
    assert known.ask(Told("books", "B2")).in_place_of == "B1 AB (B1)"
    known.make_sure(Told("books", "B2"), sync="won")
    # What one sync remembers is of its own side; the other sync's connection may change.
    begun(store, "won")
    assert known.ask(Told("others", "O1")).in_place_of is None
    assert known.ask(Told("others", "O2")).in_place_of == "O1 AB (O1)"
    assert known.ask(Told("books", "B3")).in_place_of is None
    with pytest.raises(ConfigurationError, match="is now B3 AB"):
        known.make_sure(Told("books", "B3"), sync="won")


def test_a_sync_that_got_another_name_is_told_and_one_of_another_company_is_not(
    settings: Settings, store: Store, tmp_path: Path
) -> None:
    accounts(settings, store).make_sure(Told("lime", "L1"), Told("books", "B1"), sync="won")
    renamed = parse_settings(TEXT.replace("[syncs.won]", "[syncs.sold]"), tmp_path / "erpcore.toml")
    again = accounts(renamed, store)
    again.make_sure(Told("lime", "L1"), Told("books", "B1"), sync="sold")
    assert again.renamed_syncs(begun=False) == {}, "nothing was made under the old name"
    begun(store, "won")
    with pytest.raises(ConfigurationError, match="erpcore rename sync won sold"):
        accounts(renamed, store).make_sure(Told("lime", "L1"), Told("books", "B1"), sync="sold")
    assert accounts(settings, store).renamed_syncs(begun=False) == {}
    real = accounts(parse_settings(TEXT.replace("[syncs.won]", "[syncs.real]"), tmp_path / "erpcore.toml"), store)
    real.make_sure(Told("lime", "L1"), Told("books", "B2"), sync="real")
    assert real.renamed_syncs(begun=False) == {}, "the real company in place of the test company"
    begun(store, "sold")
    again.make_sure(Told("lime", "L1"), Told("books", "B1"), sync="sold")  # it has worked under that name for long
    assert "name it “won” again" in str(again.renamed_syncs(begun=True)["sold"])


def test_a_connection_that_got_another_name_is_told(settings: Settings, store: Store, tmp_path: Path) -> None:
    accounts(settings, store).make_sure(Told("lime", "L1"), Told("books", "B1"), sync="won")
    text = TEXT.replace("[connections.lime]", "[connections.crm]").replace('crm = "lime"', 'crm = "crm"')
    again = accounts(parse_settings(text, tmp_path / "erpcore.toml"), store)
    assert again.renamed_connections() == []
    again.ask(Told("crm", "L1"))
    (words,) = again.renamed_connections()
    assert words.startswith("connections.crm: it is the account that “lime” was")
    assert words.endswith("erpcore rename connection lime crm")
    with store.begin() as writing:
        rename_connection(writing, "lime", "crm")
    assert again.renamed_connections() == []


def test_what_the_system_refuses_is_told_and_noted_nowhere(settings: Settings, store: Store) -> None:
    known, lime, books = accounts(settings, store), Told("lime", "L1"), Told("books", "B1")
    lime.error = AuthenticationError("The key is not accepted.", connection="lime")
    assert known.ask_all([lime, books]) == {"lime": lime.error}
    with store.read() as reading:
        assert [noted.owner for noted in noted_accounts(reading, [*known.owners("lime"), *known.owners("books")])] == [
            "connections.books",
            "syncs.won.erp",
        ]


@pytest.mark.parametrize(("bought_for", "refused"), [("these settings", False), ("other settings", True), (None, True)])
def test_a_consent_that_has_died_is_waited_for_and_one_that_never_was_is_refused(
    settings: Settings, store: Store, bought_for: str | None, refused: bool
) -> None:
    tokens, books = StoreTokenStore(store), Told("books", "B1")
    if bought_for is not None:
        tokens.save("books", Token("access", "refresh", bought_for=bought_for))
    tokens.mark_dead("books", "withdrawn", "these settings")
    books.error = ConsentNeededError("The consent is gone.", connection="books")
    assert accounts(settings, store).ask_all([books]) == ({"books": books.error} if refused else {})
