"""The vault: encrypted at rest, exchanged without loss, and plain words when the key is wrong."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from erpcore.errors import ConfigurationError
from erpcore.host import Token
from erpcore.store import (
    Store,
    StoreTokenStore,
    Vault,
    get_secret,
    open_store,
    put_secret,
    rotate_keys,
    secret_names,
    upgrade,
)
from erpcore.store.schema import secrets, tokens


@pytest.fixture(autouse=True)
def _no_key_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ERPCORE_KEY", raising=False)


def _fill(store: Store) -> None:
    vault = store.vault
    with store.begin() as connection:
        put_secret(connection, vault, "fortnox", "client_secret", "hush-åäö")
    StoreTokenStore(store).save("fortnox", Token("access-1", "refresh-1"))


def _read(store: Store) -> tuple[str | None, Token | None]:
    vault = store.vault
    with store.read() as connection:
        secret = get_secret(connection, vault, "fortnox", "client_secret")
    return secret, StoreTokenStore(store).load("fortnox")


FILLED = ("hush-åäö", Token("access-1", "refresh-1"))


def test_secrets_are_kept_encrypted(store: Store) -> None:
    _fill(store)
    assert _read(store) == FILLED
    with store.read() as connection:
        kept = str(connection.execute(secrets.select()).all()) + str(connection.execute(tokens.select()).all())
        assert secret_names(connection, "fortnox") == ["client_secret"]
        assert get_secret(connection, store.vault, "fortnox", "other") is None
    for plain in ("hush", "access-1", "refresh-1"):
        assert plain not in kept


def test_a_wrong_key_is_told_before_anything_is_written(store: Store, store_url: str) -> None:
    _fill(store)
    wrong = open_store(store_url, key=Fernet.generate_key().decode())
    with pytest.raises(ConfigurationError, match="does not fit") as caught:
        StoreTokenStore(wrong).save("other", Token("a"))
    assert "erpcore connect" in str(caught.value)
    wrong.close()


def test_what_is_no_key_is_told(store_url: str, store: Store) -> None:
    broken = open_store(store_url, key="not a key")
    with pytest.raises(ConfigurationError, match="not a Fernet key"):
        _ = broken.vault
    broken.close()


def test_keys_from_the_environment_are_exchanged(store: Store, store_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _fill(store)
    new = Fernet.generate_key().decode()
    monkeypatch.setenv("ERPCORE_KEY", f"{new},{store.key}")
    both = open_store(store_url)
    assert _read(both) == FILLED
    assert rotate_keys(both) == 2
    both.close()
    monkeypatch.setenv("ERPCORE_KEY", new)
    only_new = open_store(store_url)
    assert _read(only_new) == FILLED
    only_new.close()
    old = open_store(store_url, key=store.key)
    with pytest.raises(ConfigurationError, match="does not fit"):
        _ = old.vault
    old.close()


def test_postgresql_has_no_place_for_a_key_file(postgres_url: str) -> None:
    upgrade(postgres_url)
    store = open_store(postgres_url)
    with pytest.raises(ConfigurationError, match="has no key"):
        _ = store.vault
    store.close()


def test_the_key_file_is_made_at_first_use_and_for_its_owner_only(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'a.db'}")
    file = tmp_path / "a.db.key"
    assert not file.exists()
    _fill(store)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    store.close()
    again = open_store(f"sqlite:///{tmp_path / 'a.db'}")
    assert _read(again) == FILLED
    before = file.read_text()
    assert rotate_keys(again) == 2
    assert file.read_text() != before
    assert len(file.read_text().split()) == 1
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert _read(again) == FILLED
    again.close()


def test_a_lost_key_file_is_not_replaced_in_silence(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'a.db'}")
    _fill(store)
    store.close()
    (tmp_path / "a.db.key").unlink()
    again = open_store(f"sqlite:///{tmp_path / 'a.db'}")
    with pytest.raises(ConfigurationError, match="does not fit"):
        _ = again.vault
    assert not (tmp_path / "a.db.key").exists()
    again.close()


def test_a_failed_exchange_changes_nothing(store: Store) -> None:
    _fill(store)
    stranger = Vault([Fernet.generate_key().decode()])
    with store.begin() as connection:
        put_secret(connection, stranger, "zz", "written with another key", "x")
    with pytest.raises(ConfigurationError, match="does not fit"):
        rotate_keys(store)
    assert _read(store) == FILLED
