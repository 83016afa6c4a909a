"""Trying a connection's credentials before anything of them is kept.

A mistyped key must leave nothing behind: no secret, no token, and no account that the right key would then be a
stranger to. So the connection is built with what was entered and with a token store in memory, the system is asked
whose account it is, and only what was accepted is kept, in one transaction. The token follows: without it a person is
asked to connect again, which does no harm.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Literal, Self

import sqlalchemy as sa

from erpcore import registry
from erpcore.connection import CrmConnection, ErpConnection
from erpcore.engine.accounts import Found, identify
from erpcore.engine.assembly import Assembly
from erpcore.errors import ConfigurationError, ErpcoreError, PluginError
from erpcore.hookspecs import Context
from erpcore.host import MemoryTokenStore
from erpcore.models import Account
from erpcore.plugin import AsksForConsent, Plugin
from erpcore.settings import Settings
from erpcore.store import Store, StoreTokenStore, accept_account, begin_anew, forget_secret, put_secret

OtherAccount = Literal["refuse", "same", "anew"]
"""What to do when it is another account than before: refuse it, take it for the same company, or begin anew with it."""


class Trial:
    """One connection on trial. A context manager, which closes it.

    Args:
        settings: The settings.
        store: Where what is accepted is kept.
        name: Name of the connection.
        secrets: What was entered, by name of the setting; None for a secret that is taken back.

    Attributes:
        connection: The connection.

    Raises:
        ConfigurationError: A setting is wrong, what was entered included.
        PluginError: Its plugin cannot be used.
    """

    def __init__(self, settings: Settings, store: Store, name: str, secrets: Mapping[str, str | None]) -> None:
        self._settings, self._store, self._name, self._secrets = settings, store, name, secrets
        self._vault = store.vault  # first of all: a person must not be asked for what could not be kept
        self._tokens = MemoryTokenStore()
        self._assembly = Assembly(settings, store, worker="connect", tokens=self._tokens, secrets={name: secrets})
        self._is_crm = connection_kind(settings, name) == "crm"
        self.connection: CrmConnection | ErpConnection
        self.connection = self._assembly.crm(name) if self._is_crm else self._assembly.erp(name)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._assembly.close()

    @property
    def consent(self) -> AsksForConsent | None:
        """The plugin, where its system wants a person's consent."""
        plugin: object = self.connection.plugin
        return plugin if isinstance(plugin, AsksForConsent) else None

    def keep(
        self, other: OtherAccount = "refuse", *, also: Callable[[sa.Connection], None] = lambda writing: None
    ) -> Found:
        """Ask whose account it is, and keep everything.

        Args:
            other: What to do when it is another account than before.
            also: Is called with the transaction in which it is kept.

        Returns:
            Whose account it is.

        Raises:
            AuthenticationError: The credentials are refused; nothing is kept.
            ConfigurationError: It is another company's account; nothing is kept.
            ErpcoreError: It could not be tried; nothing is kept.
        """
        account = self._accepted()
        accounts = self._assembly.accounts
        owners = accounts.owners(self._name)
        with self._store.begin() as writing:
            if other == "anew":
                syncs = [name for name, rules in self._settings.syncs.items() if self._name in (rules.crm, rules.erp)]
                begin_anew(writing, owners, crm=self._name if self._is_crm else None, syncs=syncs)
            found = accounts.note(writing, self.connection, account)
            if other == "same":
                accept_account(writing, owners)
            if problems := accounts.problems(writing, owners):
                raise _not_kept(problems[0], self._name)
            for secret, value in self._secrets.items():
                if value is None:
                    forget_secret(writing, self._name, secret)
                else:
                    put_secret(writing, self._vault, self._name, secret, value)
            also(writing)
        if (token := self._tokens.load(self._name)) is not None:
            kept = StoreTokenStore(self._store, longest_request=self._settings.worker.longest_request_seconds)
            with kept.locked(self._name) as held:
                held.save(token)
        return found

    def _accepted(self) -> Account:
        if self.connection.can("identify_account") or not self.connection.can("check_connection"):
            return identify(self.connection)
        report = self.connection.check_connection(Context(correlation_id=f"connect:{self._name}"))
        if not report.ok:
            told = " ".join(f"{check.name}: {check.detail}" for check in report.checks if check.state == "error")
            raise ErpcoreError(told, connection=self._name)
        return Account(name=report.account)


def connection_kind(settings: Settings, name: str) -> registry.PluginKind:
    """Tell what a connection is: what the syncs use it as, or else what its plugin is for.

    Args:
        settings: The settings.
        name: Name of one that they have.

    Raises:
        PluginError: Its plugin is not installed.
    """
    used: list[registry.PluginKind] = [
        kind for kind in registry.GROUPS if any(getattr(sync, kind) == name for sync in settings.syncs.values())
    ]
    plugin = settings.connections[name].plugin
    return used[0] if len(used) == 1 else registry.kind_of(plugin, preferred=used)


def plugin_of(settings: Settings, name: str) -> type[Plugin[Any]] | None:
    """Give the plugin of a connection; None when there is no such connection any more, or its plugin cannot be used.

    Args:
        settings: The settings.
        name: Name of the connection.
    """
    chosen = settings.connections.get(name)
    if chosen is None:
        return None
    try:
        return registry.load(connection_kind(settings, name), chosen.plugin)
    except PluginError:
        return None


def _not_kept(problem: ConfigurationError, name: str) -> ConfigurationError:
    problem.message = f"{problem.message} Nothing was kept."
    problem.advice = (
        "Give the connection and its sync other names in the settings, or enter the first account's credentials. If it "
        f"is the same company: erpcore connect {name} --same. To begin anew under the same names: erpcore connect "
        f"{name} --anew"
    )
    return problem
