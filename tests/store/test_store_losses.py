"""What it means to lose the key, the store, or both, and where else than in a file the key may be."""

from __future__ import annotations

import shutil
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keyring
import pytest
from cryptography.fernet import Fernet
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked

from erpcore.errors import ConfigurationError
from erpcore.host import Token
from erpcore.store import (
    Store,
    StoreTokenStore,
    forget_secrets,
    get_secret,
    live_link,
    open_store,
    put_link,
    put_secret,
    rotate_keys,
)

SECRET = "hush-åäö-4711"
TOKEN = Token("access-4711", "refresh-4711")
LINK = {"sync": "won", "source_kind": "company", "source_id": "c1", "target_kind": "customer"}


@pytest.fixture(autouse=True)
def _no_key_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ERPCORE_KEY", raising=False)


def fill(store: Store) -> None:
    vault = store.vault
    with store.begin() as connection:
        put_secret(connection, vault, "fortnox", "client_secret", SECRET)
        put_link(connection, **LINK, number="1001")
    StoreTokenStore(store).save("fortnox", TOKEN)


def secret_of(store: Store) -> str | None:
    vault = store.vault
    with store.read() as connection:
        return get_secret(connection, vault, "fortnox", "client_secret")


def number_of(store: Store) -> str | None:
    with store.read() as connection:
        link = live_link(connection, **LINK)
    return None if link is None else link.number


class Installation:
    """A store in a folder, with its key file beside it."""

    def __init__(self, folder: Path) -> None:
        self.file, self.key, self.copies = folder / "a.db", folder / "a.db.key", folder / "copies"
        self.opened: list[Store] = []

    def open(self) -> Store:
        self.opened.append(open_store(f"sqlite:///{self.file}"))
        return self.opened[-1]

    def copy(self) -> None:
        shutil.copytree(self.file.parent, self.copies, ignore=shutil.ignore_patterns("copies"))

    def lose(self, *what: str) -> None:
        for name in what:
            for file in self.file.parent.glob("a.db.key" if name == "key" else "a.db*"):
                if name == "key" or file != self.key:
                    file.unlink()


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    made = Installation(tmp_path)
    store = made.open()
    fill(store)
    store.close()
    yield made
    for each in made.opened:
        each.close()


def test_without_the_key_the_links_are_there_and_a_new_key_has_a_way(installation: Installation) -> None:
    installation.lose("key")
    store = installation.open()
    assert number_of(store) == "1001"
    for what in (lambda: store.vault, lambda: StoreTokenStore(store).load("fortnox")):
        with pytest.raises(ConfigurationError, match="does not fit") as caught:
            what()
        assert "erpcore db forget-secrets" in str(caught.value)
    assert not installation.key.exists(), "no new key is made beside a store that it does not fit"
    with store.begin() as connection:
        assert forget_secrets(connection) == 2
    assert secret_of(store) is None
    assert StoreTokenStore(store).load("fortnox") is None
    assert number_of(store) == "1001"
    fill(store)
    assert secret_of(store) == SECRET
    assert installation.key.exists()


def test_without_the_store_the_key_opens_nothing_and_a_copy_opens_all(installation: Installation) -> None:
    installation.copy()
    installation.lose("store")
    store = installation.open()
    assert (number_of(store), secret_of(store), StoreTokenStore(store).load("fortnox")) == (None, None, None)
    store.close()
    installation.lose("store")
    for file in installation.copies.glob("a.db*"):
        if file.name != installation.key.name:
            shutil.copy(file, installation.file.parent)
    store = installation.open()
    assert (number_of(store), secret_of(store)) == ("1001", SECRET)
    assert StoreTokenStore(store).load("fortnox") == TOKEN


def test_without_both_it_begins_anew(installation: Installation) -> None:
    key = installation.key.read_text()
    installation.lose("store", "key")
    store = installation.open()
    assert (number_of(store), secret_of(store)) == (None, None)
    assert installation.key.read_text() != key
    fill(store)
    assert secret_of(store) == SECRET


def test_a_stolen_copy_of_the_store_shows_links_and_no_secret(installation: Installation, tmp_path: Path) -> None:
    stolen = Installation(tmp_path / "elsewhere")
    stolen.file.parent.mkdir()
    shutil.copy(installation.file, stolen.file)
    content = stolen.file.read_bytes()
    for plain in (SECRET, TOKEN.access_token, str(TOKEN.refresh_token)):
        assert plain.encode() not in content
    store = stolen.open()
    assert number_of(store) == "1001"
    with pytest.raises(ConfigurationError, match="does not fit"):
        secret_of(store)
    store.close()
    shutil.copy(installation.key, stolen.key)
    assert secret_of(stolen.open()) == SECRET, "whoever has both has all"
    for each in stolen.opened:
        each.close()


class Ring(KeyringBackend):
    """A keyring in memory, which may be locked."""

    priority = 1.0  # type: ignore[assignment]  # a class property in the library

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.locked:
            raise KeyringLocked("the keyring is locked")
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.locked:
            raise KeyringLocked("the keyring is locked")
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture
def ring() -> Iterator[Ring]:
    before, made = keyring.get_keyring(), Ring()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


@pytest.fixture
def opened(store_url: str) -> Iterator[Any]:
    """Open the store with its key in the keyring; anew each time."""
    stores: list[Store] = []

    def open_it() -> Store:
        stores.append(open_store(store_url, keyring=True))
        return stores[-1]

    yield open_it
    for each in stores:
        each.close()


def test_the_key_is_made_in_the_keyring_and_exchanged_there(opened: Any, ring: Ring, tmp_path: Path) -> None:
    fill(opened())
    assert secret_of(opened()) == SECRET
    ((place, before),) = ring.kept.items()
    assert place[0] == "erpcore"
    assert not list(tmp_path.glob("*.key"))
    store = opened()
    assert rotate_keys(store) == 2
    assert len(ring.kept[place].split()) == 1
    assert ring.kept[place] != before
    assert secret_of(store) == secret_of(opened()) == SECRET


def test_a_key_that_is_gone_from_the_keyring_is_not_replaced_in_silence(opened: Any, ring: Ring) -> None:
    fill(opened())
    ring.kept.clear()
    with pytest.raises(ConfigurationError, match="does not fit"):
        secret_of(opened())
    assert ring.kept == {}


def test_a_key_from_the_environment_goes_before_the_keyring(
    opened: Any, ring: Ring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ERPCORE_KEY", Fernet.generate_key().decode())
    fill(opened())
    assert ring.kept == {}


def test_a_keyring_that_is_locked_or_missing_is_told(
    opened: Any, ring: Ring, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    ring.locked = True
    with pytest.raises(ConfigurationError, match="the keyring is locked") as caught:
        secret_of(opened())
    assert "ERPCORE_KEY" in str(caught.value)
    from keyring.backends.fail import Keyring as NoKeyring

    keyring.set_keyring(NoKeyring())
    with pytest.raises(ConfigurationError, match="does not give or take"):
        secret_of(opened())
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(ConfigurationError, match=r"erpcore\[keyring\]"):
        secret_of(opened())


def test_a_refused_exchange_changes_nothing(store: Store) -> None:
    fill(store)
    key = store.vault

    def refuse(connection: Any) -> None:
        raise ConfigurationError("a worker is running.")

    with pytest.raises(ConfigurationError, match="a worker is running"):
        rotate_keys(store, refuse)
    assert store.vault is key
    assert secret_of(store) == SECRET


def test_who_begins_while_the_key_is_exchanged_waits_and_is_told(store_url: str, store: Store) -> None:
    """Two keys from outside, as on PostgreSQL: the new worker has the old one alone."""
    fill(store)
    new = Fernet.generate_key().decode()
    both, late = open_store(store_url, key=f"{new},{store.key}"), open_store(store_url, key=store.key)
    told: list[ConfigurationError] = []

    def begin() -> None:
        try:
            late.unlock()
        except ConfigurationError as error:
            told.append(error)

    beginning = threading.Thread(target=begin)

    def look(connection: Any) -> None:
        beginning.start()
        beginning.join(0.3)
        assert beginning.is_alive(), "it waits until the exchange is over"

    assert rotate_keys(both, look) == 2
    beginning.join(30)
    assert [str(error.message) for error in told] == [
        "the key of the vault does not fit this store: its tokens and secrets cannot be read."
    ]
    for each in (both, late):
        each.close()
