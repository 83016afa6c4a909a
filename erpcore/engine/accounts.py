"""Making sure that a connection still is the company that it was.

Links, intents and events are true of one company. Customer 1 of the test company is a stranger in the real one, so a
sync whose connection has come to another account does nothing until a person has decided.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

from erpcore.connection import CrmConnection, ErpConnection
from erpcore.errors import ConfigurationError, ErpcoreError
from erpcore.hookspecs import Context
from erpcore.settings import Settings
from erpcore.store import NotedAccount, Store, note_account, noted_accounts

_log = logging.getLogger(__name__)

_AT_ONCE = 8


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

    def ask(self, connection: CrmConnection | ErpConnection) -> str | None:
        """Ask whose account it is, and note it.

        Args:
            connection: The connection.

        Returns:
            The account in words; None when the system does not tell.

        Raises:
            ErpcoreError: It could not be asked.
        """
        if not connection.can("identify_account"):
            self._asked.add(connection.name)
            return None
        found = connection.identify_account(Context(correlation_id=f"account:{connection.name}"))
        if found.key is not None:
            with self._store.begin() as writing:
                for owner in self.owners(connection.name):
                    note_account(writing, owner, key=found.key, name=found.name)
        self._asked.add(connection.name)
        return None if found.key is None else _in_words(found.name, found.key)

    def ask_all(self, connections: Iterable[CrmConnection | ErpConnection]) -> None:
        """Ask several side by side. One that is out of reach is logged, and asked when it is first needed.

        Args:
            connections: The connections.
        """

        def attempt(connection: CrmConnection | ErpConnection) -> None:
            try:
                self.ask(connection)
            except ErpcoreError as error:
                _log.warning("whose account %s is could not be asked: %s", connection.name, error)

        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="account") as pool:
            list(pool.map(attempt, connections))

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
        if problems := self.problems(owners):
            raise problems[0]

    def problems(self, owners: Sequence[str]) -> list[ConfigurationError]:
        """Give one error for each owner whose account is another one than it was.

        Args:
            owners: Dotted names, as `owners` gives them.
        """
        with self._store.read() as connection:
            changed = [noted for noted in noted_accounts(connection, owners) if noted.other_key is not None]
        # What is wrong with a connection need not be said again of each sync that uses it.
        told = {(noted.key, noted.other_key) for noted in changed if noted.owner.startswith("connections.")}
        return [
            self._problem(noted)
            for noted in changed
            if noted.owner.startswith("connections.") or (noted.key, noted.other_key) not in told
        ]

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


def _in_words(name: str | None, key: str) -> str:
    return f"{name} ({key})" if name and name not in key else key
