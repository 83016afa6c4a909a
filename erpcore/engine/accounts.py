"""Making sure that a connection still is the company that it was.

Links, intents and events are true of one company. Customer 1 of the test company is a stranger in the real one, so a
sync whose connection has come to another account does nothing until a person has decided.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import sqlalchemy as sa

from erpcore.connection import CrmConnection, ErpConnection
from erpcore.errors import ConfigurationError, ConsentNeededError, ErpcoreError
from erpcore.hookspecs import Context
from erpcore.models import Account
from erpcore.settings import Settings
from erpcore.store import (
    NotedAccount,
    Store,
    StoreTokenStore,
    accounts_of_syncs,
    begin_anew,
    kept_names,
    note_account,
    noted_accounts,
    owns_anything,
)

_log = logging.getLogger(__name__)

_AT_ONCE = 8
_SURE_SECONDS = 10.0


@dataclass(frozen=True)
class Found:
    """Whose account a connection is.

    Attributes:
        words: The account in words; None when the system does not tell.
        in_place_of: The account that was noted before and of which nothing was remembered, in words.
    """

    words: str | None = None
    in_place_of: str | None = None


class Accounts:
    """Asks each connection once whose account it is. Threads may share it.

    Args:
        settings: The settings.
        store: Where the answers are noted, for this process and every later one.
    """

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store
        self._asked: set[str] = set()
        self._sure_until: dict[str, float] = {}
        self._renamed: dict[str, ConfigurationError | None] = {}

    def owners(self, name: str) -> list[str]:
        """Give the dotted names under which a connection's account is noted: its own, and its side of each sync.

        Args:
            name: Name of the connection.
        """
        sides = [
            f"syncs.{sync}.{side}"
            for sync, rules in self._settings.syncs.items()
            for side in ("crm", "erp")
            if getattr(rules, side) == name
        ]
        return [f"connections.{name}", *sides]

    def ask(self, connection: CrmConnection | ErpConnection) -> Found:
        """Ask whose account it is, and note it.

        Args:
            connection: The connection.

        Raises:
            AuthenticationError: The credentials are refused; nothing is noted.
            ConfigurationError: The settings name another account; nothing is noted.
            ErpcoreError: It could not be asked.
        """
        found = identify(connection)
        with self._store.begin() as writing:
            noted = self.note(writing, connection, found)
        self._asked.add(connection.name)
        if noted.in_place_of is not None:
            _log.warning(
                "%s is %s now; it was %s, of which nothing was kept", connection.name, noted.words, noted.in_place_of
            )
        return noted

    def note(self, writing: sa.Connection, connection: CrmConnection | ErpConnection, found: Account) -> Found:
        """Note whose account a connection is. One of which nothing is remembered gives way to it.

        Args:
            writing: A writing transaction.
            connection: The connection.
            found: Whose it is (`identify`).
        """
        if found.key is None:
            return Found()
        before: str | None = None
        for owner in self.owners(connection.name):
            for noted in noted_accounts(writing, [owner]):
                if noted.key != found.key and not owns_anything(writing, self._syncs(owner)):
                    before = _in_words(noted.name, noted.key)
                    crm = connection.name if isinstance(connection, CrmConnection) else None
                    begin_anew(writing, [owner], crm=crm, syncs=[])
            note_account(writing, owner, key=found.key, name=found.name)
        return Found(_in_words(found.name, found.key), before)

    def renamed_syncs(self, *, begun: bool) -> dict[str, ConfigurationError]:
        """Tell of syncs that join the same two companies as one that the settings do not name any more.

        Args:
            begun: Whether those that have made something under their new name are wanted, which may go on; or those
                that have not, and send nothing.

        Returns:
            What is wrong, by name of the sync.
        """
        with self._store.read() as connection:
            joined = accounts_of_syncs(connection)
            gone = [each for each in joined if each not in self._settings.syncs and owns_anything(connection, [each])]
            found = {
                new: old
                for old in sorted(gone)
                for new in self._settings.syncs
                if len(joined[old]) == 2 and joined[old] == joined.get(new)
            }
            known = [new for new in found if owns_anything(connection, [new]) == begun]
        unknown = "are not known" if begun else "would not be known under the new name, so nothing is sent"
        return {
            new: self._settings.locate(
                ConfigurationError(
                    f"sync {new} joins the same two companies as “{found[new]}” did, which the settings do not name "
                    f"any more. The links, documents and open runs of “{found[new]}” {unknown}: what became an order "
                    "there could become another one here.",
                    setting=f"syncs.{new}",
                    advice=(
                        f"If it only has a new name: name it “{found[new]}” again. If it began anew"
                        if begun
                        else f"If it only has a new name: erpcore rename sync {found[new]} {new}. If it begins anew"
                    )
                    + f": erpcore rename sync {found[new]} --aside",
                )
            )
            for new in known
        }

    def renamed_connections(self) -> list[str]:
        """Tell of connections that are the same account as one that the settings do not name any more."""
        with self._store.read() as connection:
            kept = [each for each in kept_names(connection)["connection"] if each not in self._settings.connections]
            noted = noted_accounts(connection, [f"connections.{each}" for each in [*self._settings.connections, *kept]])
        keys = {each.owner.removeprefix("connections."): each.key for each in noted}
        return [
            f"connections.{new}: it is the account that “{old}” was, which the settings do not name any more. How far "
            f"“{old}” was read, its events and its tokens are used no more, so what happened since is missed. Stop the "
            f"worker, then: erpcore rename connection {old} {new}"
            for new in self._settings.connections
            for old in kept
            if new in keys and keys[new] == keys.get(old)
        ]

    def ask_all(self, connections: Iterable[CrmConnection | ErpConnection]) -> dict[str, ErpcoreError]:
        """Ask several side by side. One that is out of reach is logged, and asked when it is first needed.

        Args:
            connections: The connections.

        Returns:
            Why nothing may be sent, by name of the connection: its credentials are refused, or the settings name
            another account. A consent that has died is none of those: it may be given again while a worker runs.
        """
        tokens = StoreTokenStore(self._store)

        def attempt(connection: CrmConnection | ErpConnection) -> ErpcoreError | None:
            try:
                self.ask(connection)
            except ErpcoreError as error:
                died = isinstance(error, ConsentNeededError) and tokens.had_grant(connection.name)
                if error.retryable or died:
                    _log.warning("whose account %s is could not be asked: %s", connection.name, error)
                    return None
                return error
            return None

        known = list(connections)
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="account") as pool:
            told = zip(known, pool.map(attempt, known), strict=True)
            return {connection.name: error for connection, error in told if error is not None}

    def make_sure(self, *connections: CrmConnection | ErpConnection, sync: str | None = None) -> None:
        """Let nothing pass that would be meant for another company.

        A connection that this process has not asked yet is asked now; after that only the store is looked into, where
        a later ``erpcore connect`` or ``erpcore check`` notes what it finds.

        Args:
            *connections: The connections that are going to be used.
            sync: The sync that uses them; without it only the connections themselves are looked at.

        Raises:
            ConfigurationError: One is another account than it was.
            ErpcoreError: One could not be asked.
        """
        for connection in connections:
            if connection.name not in self._asked:
                # Two threads may ask at once at first; no lock is held while a system is asked.
                self.ask(connection)
        owners = [f"connections.{connection.name}" for connection in connections]
        if sync is not None:
            owners += [f"syncs.{sync}.crm", f"syncs.{sync}.erp"]
        with self._store.read() as reading:
            problems = self.problems(reading, owners)
        if problems:
            raise problems[0]
        if sync is not None:
            if sync not in self._renamed:
                self._renamed[sync] = self.renamed_syncs(begun=False).get(sync)
            if (renamed := self._renamed[sync]) is not None:
                raise renamed

    def make_sure_lately(self, connection: CrmConnection) -> None:
        """Let nothing be read that is another company's, as `make_sure` does, looking into the store now and then.

        Args:
            connection: One that is only read from, every few seconds.

        Raises:
            ConfigurationError: It is another account than it was.
            ErpcoreError: It could not be asked.
        """
        at = self._store.clock.monotonic()
        if at >= self._sure_until.get(connection.name, at):
            self._sure_until.pop(connection.name, None)
            self.make_sure(connection)
            self._sure_until[connection.name] = at + _SURE_SECONDS

    def problems(self, reading: sa.Connection, owners: Sequence[str]) -> list[ConfigurationError]:
        """Give one error for each owner whose account is another one than it was.

        Args:
            reading: A transaction.
            owners: Dotted names, as `owners` gives them.
        """
        changed = [noted for noted in noted_accounts(reading, owners) if noted.other_key is not None]
        # What is wrong with a connection need not be said again of each sync that uses it.
        told = {(noted.key, noted.other_key) for noted in changed if noted.owner.startswith("connections.")}
        return [
            self._problem(noted)
            for noted in changed
            if noted.owner.startswith("connections.") or (noted.key, noted.other_key) not in told
        ]

    def _syncs(self, owner: str) -> list[str]:
        """Name the syncs whose links and documents are of an owner's account."""
        table, name, *_ = owner.split(".")
        if table == "syncs":
            return [name]
        return [sync for sync, rules in self._settings.syncs.items() if name in (rules.crm, rules.erp)]

    def _problem(self, noted: NotedAccount) -> ConfigurationError:
        table, name, *side = noted.owner.split(".")
        subject = f"connection {name}" if table == "connections" else f"sync {name} ({side[0]})"
        connection = getattr(self._settings.syncs[name], side[0]) if side else name
        was, found = _in_words(noted.name, noted.key), _in_words(noted.other_name, noted.other_key or "")
        return self._settings.locate(
            ConfigurationError(
                f"{subject} was {was}, and is now {found}. What erpcore remembers of the first would be taken for the "
                "second's, so nothing is sent.",
                setting=noted.owner,
                advice="Give the connection and its sync other names in the settings, or put the first account's "
                f"credentials back. If it is the same company: erpcore account {connection} --same. To begin anew "
                f"under the same names: erpcore account {connection} --anew",
            )
        )


def identify(connection: CrmConnection | ErpConnection) -> Account:
    """Ask a system whose account the credentials are, which proves them; an account without a key where it cannot tell.

    Args:
        connection: The connection.

    Raises:
        AuthenticationError: The credentials are refused.
        ConfigurationError: The settings name another account.
        ErpcoreError: It could not be asked.
    """
    if not connection.can("identify_account"):
        return Account()
    return connection.identify_account(Context(correlation_id=f"account:{connection.name}"))


def _in_words(name: str | None, key: str) -> str:
    return f"{name} ({key})" if name and name not in key else key
