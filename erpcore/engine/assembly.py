"""From settings to live connections: what a process builds once and uses for every run."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import UTC, tzinfo
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy.exc import SQLAlchemyError

from erpcore import registry
from erpcore.connection import CrmConnection, ErpConnection
from erpcore.engine.accounts import Accounts
from erpcore.engine.beside import beside_others
from erpcore.engine.requests import gone_wrong, observe, so_far
from erpcore.errors import ConfigurationError, PluginError
from erpcore.host import Budget, Host, TokenStore, Transport
from erpcore.models import RecordKind
from erpcore.redaction import Redactor, is_secret_name
from erpcore.settings import ConnectionSettings, Settings, SyncSettings
from erpcore.store import Store, StoreTokenStore, budget_of, get_secret, secret_names
from erpcore.sync.article.flow import ArticleFlow
from erpcore.sync.company.flow import CompanyCustomer
from erpcore.sync.deal.flow import WonDeal
from erpcore.sync.flow import Flow
from erpcore.sync.invoice.flow import InvoiceRun
from erpcore.sync.invoice.home import InvoicesHome
from erpcore.sync.order.flow import ReadyOrder
from erpcore.sync.shared.known_articles import KnownArticles
from erpcore.sync.shared.reading import Sides
from erpcore.sync.shared.registers import KnownRegisters
from erpcore.sync.shared.workable import cannot_work
from erpcore.sync.window import Window

T = TypeVar("T")


class Assembly:
    """The connections and syncs of one process, each built when it is first asked for. Threads may share it.

    Args:
        settings: The settings.
        store: The store, open.
        worker: Name of this process in the intent ledger.
        budget: The request budget; the store's when left out.
        transport: Carries the plugins' requests in place of the network.
        tokens: Where tokens are kept; the store when left out.
        secrets: Secrets of connections, by name, that go before the vault's; None for one that counts as not there.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        *,
        worker: str,
        budget: Budget | None = None,
        transport: Transport | None = None,
        tokens: TokenStore | None = None,
        secrets: Mapping[str, Mapping[str, str | None]] | None = None,
    ) -> None:
        self.settings = settings
        self.store = store
        self.accounts = Accounts(settings, store)
        self._worker = worker
        self._budget = budget or budget_of(store)
        self._tokens = tokens or StoreTokenStore(store, longest_request=settings.worker.longest_request_seconds)
        self._secrets = secrets or {}
        self.clock = store.clock
        self._transport = transport
        self._crms: dict[str, CrmConnection] = {}
        self._erps: dict[str, ErpConnection] = {}
        self._articles: dict[str, KnownArticles] = {}
        self._registers: dict[str, KnownRegisters] = {}
        self._flows: dict[str, Flow[Any]] = {}
        self._homes: dict[str, InvoicesHome] = {}
        self._article_flows: dict[str, ArticleFlow] = {}
        self._lock = threading.RLock()

    def crm(self, name: str) -> CrmConnection:
        """Give a CRM connection.

        Args:
            name: As in the settings.

        Raises:
            ConfigurationError: There is none of this name, or a setting of it is wrong.
            PluginError: Its plugin cannot be used.
        """
        return self._built(self._crms, name, lambda: self._connect(registry.connect_crm, name))

    def erp(self, name: str) -> ErpConnection:
        """Give an ERP connection, as `crm` does."""
        return self._built(self._erps, name, lambda: self._connect(registry.connect_erp, name))

    def trusted_crm(self, name: str) -> CrmConnection:
        """Give a CRM connection whose events may be taken in, as `crm` does.

        Raises:
            ConfigurationError: Besides: it is another company's account than it was.
            ErpcoreError: Whose account it is could not be asked.
        """
        connection = self.crm(name)
        self.accounts.make_sure_lately(connection)
        return connection

    def pair(self, sync: str) -> tuple[CrmConnection, ErpConnection]:
        """Give the two systems of a sync, as `flow` gives its flows."""
        rules = self._rules(sync)
        crm, erp = self.crm(rules.crm), self.erp(rules.erp)
        self.accounts.make_sure(crm, erp, sync=sync)
        return crm, erp

    def connections(self) -> list[CrmConnection | ErpConnection]:
        """Give every connection of the syncs, each once.

        Raises:
            ConfigurationError: Settings are wrong; all that are, of all connections, are told. Or a rule of
                a sync cannot work.
            PluginError: As for `crm`.
        """
        syncs = self.settings.syncs.values()
        wanted: list[tuple[Callable[[str], CrmConnection | ErpConnection], str]] = [
            *((self.crm, name) for name in dict.fromkeys(rules.crm for rules in syncs)),
            *((self.erp, name) for name in dict.fromkeys(rules.erp for rules in syncs)),
        ]
        built, problems = [], []
        for give, name in wanted:
            try:
                built.append(give(name))
            except ConfigurationError as error:
                problems.append(error)
        for sync, rules in self.settings.syncs.items() if not problems else ():
            problems += self.cannot_work(sync, rules)
        if problems:
            raise ConfigurationError.together(problems)
        return built

    def flow(self, sync: str, kind: str) -> Flow[Any]:
        """Give the flow of a sync for a kind of record.

        Args:
            sync: Name of the sync, as in the settings.
            kind: ``deal``, ``order`` or ``company``.

        Raises:
            ConfigurationError: There is none of this name, a setting of a connection is wrong, or a connection is
                another company's account than it was.
            PluginError: A plugin cannot be used.
            ErpcoreError: Whose account a connection is could not be asked.
        """
        rules = self._rules(sync)
        if f"{kind} {sync}" not in self._flows and (problems := self.cannot_work(sync, rules)):
            raise ConfigurationError.together(problems)
        self.pair(sync)
        return self._built(self._flows, f"{kind} {sync}", lambda: self._make_flow(sync, rules, kind))

    def invoices(self, sync: str) -> InvoicesHome:
        """Give the invoices of a sync, as `flow` gives its flows."""
        self.pair(sync)
        return self._built(self._homes, sync, lambda: self._make_home(sync, self._rules(sync)))

    def articles(self, sync: str) -> ArticleFlow:
        """Give the articles of a sync, as `flow` gives its flows.

        Raises:
            ConfigurationError: Besides: the rules ask for what a plugin cannot do.
        """
        self.pair(sync)
        return self._built(self._article_flows, sync, lambda: self._make_articles(sync, self._rules(sync)))

    def handling(self, sync: str, kind: str) -> Flow[Any] | InvoiceRun | ArticleFlow:
        """Give what is done in a run for a record of a kind, as `flow` gives its flows."""
        if kind == "invoice":
            return InvoiceRun(self.invoices(sync), Window(self.store, self._worker, self.clock))
        return self.articles(sync) if kind == "article" else self.flow(sync, kind)

    def company_flow(self, sync: str) -> CompanyCustomer:
        """Give the flow of a sync's companies, as `flow` does."""
        flow = self.flow(sync, "company")
        assert isinstance(flow, CompanyCustomer)  # noqa: S101 tells the type checker what `_make_flow` makes
        return flow

    def usual_kind(self, sync: str) -> RecordKind:
        """Tell what a sync is mostly for: orders where its CRM keeps them, else deals.

        Args:
            sync: Name of the sync, as in the settings.

        Raises:
            ConfigurationError: As for `flow`.
            PluginError: As for `flow`.
        """
        return "order" if self.crm(self._rules(sync).crm).can("fetch_order") else "deal"

    def _zone(self, connection: str) -> tzinfo:
        """Where the company is: what a sync of the connection says."""
        syncs = self.settings.syncs.values()
        return next((ZoneInfo(rules.time_zone) for rules in syncs if connection in (rules.erp, rules.crm)), UTC)

    def _rules(self, sync: str) -> SyncSettings:
        rules = self.settings.syncs.get(sync)
        if rules is None:
            raise ConfigurationError(
                f"there is no sync “{sync}” in the settings any more.",
                setting=f"syncs.{sync}",
                file=str(self.settings.file) if self.settings.file else None,
                advice=f"Put it back. If it has a new name: erpcore rename sync {sync} NEW-NAME. If it has ended, let "
                "its work be (erpcore dismiss).",
            )
        return rules

    def cannot_work(self, sync: str, rules: SyncSettings) -> list[ConfigurationError]:
        """Give the rules of a sync that cannot work with its two plugins, or beside the other syncs.

        Args:
            sync: Name of the sync.
            rules: Its rules.

        Raises:
            ConfigurationError: As for `flow`.
            PluginError: As for `flow`.
        """
        found = cannot_work(sync, rules, self.crm(rules.crm), self.erp(rules.erp))
        if self.crm(rules.crm).can("fetch_order"):
            found += beside_others(sync, rules, self.settings.syncs)
        return [self.settings.locate(error) for error in found]

    def _make_articles(self, sync: str, rules: SyncSettings) -> ArticleFlow:
        window = Window(
            self.store,
            self._worker,
            self.clock,
            longest_request=self.settings.worker.longest_request_seconds,
            oldest_turn=self._oldest_turn(rules),
        )
        known = (self._known_articles(rules), self._known_registers(rules))
        sides = Sides(sync, rules, self.crm(rules.crm), self.erp(rules.erp), self.store, *known)
        try:
            return ArticleFlow(sides, window)
        except ConfigurationError as error:
            raise self.settings.locate(error) from error

    def _known_articles(self, rules: SyncSettings) -> KnownArticles:
        """What one flow learns of the ERP's articles, the others on it need not ask again."""
        return self._built(self._articles, rules.erp, lambda: KnownArticles(self.clock.monotonic))

    def _known_registers(self, rules: SyncSettings) -> KnownRegisters:
        """The same of the ERP's registers."""
        return self._built(self._registers, rules.erp, lambda: KnownRegisters(self.clock.monotonic))

    def _oldest_turn(self, rules: SyncSettings) -> float:
        """What is left of the fence once a request has had all of its own time."""
        request_seconds: float = self.erp(rules.erp).plugin.settings.request_seconds
        return self.settings.worker.longest_request_seconds - request_seconds

    def _make_flow(self, sync: str, rules: SyncSettings, kind: str) -> Flow[Any]:
        shared: dict[str, Any] = {
            "worker": self._worker,
            "articles": self._known_articles(rules),
            "registers": self._known_registers(rules),
            "clock": self.clock,
            "requests": so_far,
            "failures": gone_wrong,
            "longest_request": self.settings.worker.longest_request_seconds,
            "oldest_turn": self._oldest_turn(rules),
        }
        sides = (sync, rules, self.crm(rules.crm), self.erp(rules.erp), self.store)
        if kind == "order":
            return ReadyOrder(*sides, erp_dbs=self._erp_dbs(rules), **shared)
        if kind == "company":
            return CompanyCustomer(*sides, **shared)
        if rules.won_deal != "nothing":
            self.settings.refuse_shared_deals(rules.crm)
        return WonDeal(*sides, **shared)

    def _make_home(self, sync: str, rules: SyncSettings) -> InvoicesHome:
        others = self.settings.syncs.items()
        return InvoicesHome(
            sync,
            rules,
            self.crm(rules.crm),
            self.erp(rules.erp),
            self.store,
            siblings=[name for name, other in others if (other.crm, other.erp) == (rules.crm, rules.erp)],
            strangers=[name for name, other in others if other.crm == rules.crm and other.erp != rules.erp],
            today=lambda: rules.day_of(self.clock.now()),
        )

    def _erp_dbs(self, rules: SyncSettings) -> frozenset[str]:
        """The keys by which orders of a CRM choose their sync; none where there is one sync that takes all."""
        keys = (other.erp_db for other in self.settings.syncs.values() if other.crm == rules.crm)
        return frozenset(key for key in keys if key is not None)

    def close(self) -> None:
        """Close every connection that was built."""
        with self._lock:
            open_ones: list[CrmConnection | ErpConnection] = [*self._crms.values(), *self._erps.values()]
            self._crms.clear()
            self._erps.clear()
            self._flows.clear()
            self._homes.clear()
            self._article_flows.clear()
        for connection in open_ones:
            connection.close()

    def _built(self, known: dict[str, T], name: str, build: Callable[[], T]) -> T:
        with self._lock:
            if name not in known:
                known[name] = build()
            return known[name]

    def _connect(self, connect: Callable[[str, Host, dict[str, Any], list[object]], T], name: str) -> T:
        chosen = self.settings.connections.get(name)
        if chosen is None:
            raise ConfigurationError(f"there is no connection “{name}”.", setting=f"connections.{name}")
        host = Host(
            connection=name,
            budget=self._budget,
            tokens=self._tokens,
            observer=observe,
            clock=self.clock,
            random=self.store.random,
            longest_request=self.settings.worker.longest_request_seconds,
            transport=self._transport,
            own_errors=(SQLAlchemyError,),
            zone=self._zone(name),
        )
        options = self._options(name, chosen)
        # The connection hides its secrets once it is there; until then this does.
        loading = Redactor(value for option, value in options.items() if is_secret_name(option) and value)
        try:
            return connect(chosen.plugin, host, options, self._wrappers(name, chosen))
        except ConfigurationError as error:
            raise self.settings.locate(self._stored_ones(name, chosen, loading.error(error))) from error
        except PluginError as error:
            error.connection = error.connection or name
            loading.error(error)
            raise

    def _options(self, name: str, chosen: ConnectionSettings) -> dict[str, Any]:
        """The plugin's settings: file and environment, and from the vault what they leave out."""
        given = self._secrets.get(name, {})
        options = {**{secret: value for secret, value in given.items() if value is not None}, **chosen.options}
        with self.store.read() as reading:
            missing = [secret for secret in secret_names(reading, name) if secret not in {*options, *given}]
        if missing:
            vault = self.store.vault
            with self.store.read() as reading:
                options |= {secret: get_secret(reading, vault, name, secret) for secret in missing}
        return options

    def _stored_ones(self, name: str, chosen: ConnectionSettings, error: ConfigurationError) -> ConfigurationError:
        """Say of secrets in the vault that they stand there: they have no line in the settings file."""
        with self.store.read() as reading:
            stored = [secret for secret in secret_names(reading, name) if secret not in chosen.options]
        given = self._secrets.get(name, {})
        for each in (error, *error.others):
            secret = (each.setting or "").removeprefix(f"connections.{name}.")
            if secret in given:
                each.file = "as entered"
            elif secret in stored:
                each.file = f"as stored by “erpcore connect {name}”"
        return error

    def _wrappers(self, name: str, chosen: ConnectionSettings) -> list[object]:
        return [
            registry.load_wrapper(path, f"connections.{name}.wrappers.{index}")
            for index, path in enumerate(chosen.wrappers)
        ]
