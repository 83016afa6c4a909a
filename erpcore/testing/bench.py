"""Benches: a system that the contract is checked on, with everything that the rules need to do to it.

`HttpBench` serves a simulator of `erpcore.simulator`; `erpcore.testing.call_bench.CallBench` holds a system that is
reached without HTTP.
"""

from __future__ import annotations

import json
import ssl
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta, timezone, tzinfo
from functools import cache, cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, TypeVar
from unittest.mock import patch

from pydantic import SecretStr

from erpcore.connection import Connection, CrmConnection, ErpConnection
from erpcore.hookspecs import Context
from erpcore.host import SYSTEM_CLOCK, Clock, Exchange, Host, MemoryTokenStore, TokenStore, Transport
from erpcore.http import HTTPTransport
from erpcore.plugin import CrmPlugin, ErpPlugin, Plugin
from erpcore.simulator import Fault, Simulator
from erpcore.sync.shared.reference import LONGEST_REFERENCE
from erpcore.testing.noting import NotingBudget, NotingCrm, NotingErp
from erpcore.testing.straight import straight
from erpcore.testing.tap import Answer, Sent, Tap, WireTap

FaultName = Literal["lose_answer", "error_after", "error_before"]
CONNECTION = "contract"
_BEFORE_MIDNIGHT = 0.05
"""Seconds: less than the first write of a rule takes to come back."""
_certificates = cache(ssl.create_default_context)
_C = TypeVar("_C", bound=Connection[Any])


class Bench(ABC):
    """A system with a tap on it. Opened once for all rules of one group, and put back before each.

    Args:
        plugin_class: The plugin.
        system: The system itself, for what an author lets happen in it: a simulator, or what is called.
        tap: Where the plugin's requests are listened to.

    Attributes:
        told: The requests that plugins have told their host of.
        spent: The budgets that plugins have asked, by key, a turn each.
        called: The hooks that were called on its connections since this was cleared.
        hurried: Whether plugins that wait are only told that the time has passed.
        clock: The time of plugins.
        samples: How many drawn records a rule sends beside the fixed ones (``--contract-samples``).
        at_midnight: Whether each rule begins a moment before midnight, in UTC (``--contract-midnight``).
    """

    samples = 3
    at_midnight = False
    transport: Transport | None = None

    def __init__(self, plugin_class: type[Plugin[Any]], system: Any, tap: Tap) -> None:
        self.plugin_class = plugin_class
        self.system = system
        self.tap = tap
        self.called: set[str] = set()
        self.hurried = False
        self.told: list[Exchange] = []
        self.spent: list[str] = []
        self._begun = 0.0
        self._slept = 0.0
        self._stands: datetime | None = None
        self.clock = Clock(
            lambda: SYSTEM_CLOCK.monotonic() + self._slept,
            lambda: (self._stands or SYSTEM_CLOCK.now()) + timedelta(seconds=self._slept),
            self._sleep,
        )
        self._connections: list[Connection[Any]] = []

    @abstractmethod
    def settings(self) -> dict[str, Any]:
        """Return the settings of a connection to the system."""

    @abstractmethod
    def state(self) -> Mapping[str, Any]:
        """Return everything that the system holds, as registers: lists of records by name."""

    @abstractmethod
    def advance(self, seconds: float, *, known: bool = True) -> None:
        """Let time pass in the system, and for its plugins unless they do not know (`known`)."""

    @abstractmethod
    def lag(self, seconds: float) -> None:
        """Let new records be missing from searches for so long, from now on until `reset`."""

    @abstractmethod
    def strike(self, number: int, fault: FaultName) -> None:
        """Let something happen to the request with this number, counted from 0 since the last `reset`."""

    @abstractmethod
    def _serve(self, stack: ExitStack) -> None: ...

    @abstractmethod
    def _save(self) -> None: ...

    @abstractmethod
    def _restore(self) -> None: ...

    @contextmanager
    def open(self) -> Iterator[Bench]:
        """Serve the system, with the tap on, while the block runs."""
        with ExitStack() as stack:
            self._serve(stack)
            stack.enter_context(self.tap.open())
            self._begin_what_begins()
            self._save()
            yield self
            self._close_connections()
            if opened := self.__dict__.pop("silent", None):
                opened.close()

    def keep(self) -> None:
        """Make what the system holds now what `reset` goes back to."""
        self._save()

    @abstractmethod
    def kept_now(self) -> Callable[[], None]:
        """Give what puts the system back to what it holds now, while connections go on as if nothing had happened.

        What happens to it meanwhile has then happened to another one: numbers and keys are given out again.
        """

    def reset(self) -> None:
        """Put the system back, close all connections, and forget what was said and struck."""
        self._close_connections()
        self.tap.clear()
        self.told.clear()
        self.spent.clear()
        self._slept = self._begun
        self._restore()
        if self.at_midnight:
            now = self.now()
            midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
            self.advance(max(0.0, (midnight - now).total_seconds() - _BEFORE_MIDNIGHT))

    def now(self) -> datetime:
        """Return the time of plugins, aware, in UTC: the system's own, but for what passed without their knowing."""
        return self.clock.now()

    @contextmanager
    def standing(self) -> Iterator[None]:
        """Let the plugins' time of day stand still while the block runs: what is sent in it is sent on one day."""
        self._stands = SYSTEM_CLOCK.now()
        try:
            yield
        finally:
            self._stands = None

    def erp(self, name: str = CONNECTION, *, tokens: TokenStore | None = None, **changes: Any) -> ErpConnection:
        """Make a connection with a plugin instance of its own, as another process would.

        Args:
            name: Of the connection.
            tokens: Where its tokens are; in a store of its own when None.
            **changes: Settings that are others.
        """
        plugin = self._plugin(ErpPlugin, self.host(name, tokens), changes)
        return self._opened(NotingErp(plugin, self.called))

    @cached_property
    def silent(self) -> ErpConnection:
        """A connection to an ERP that is asked for its declarations alone: nothing of it has to be put back."""
        return ErpConnection(self._plugin(ErpPlugin, self.host(CONNECTION, MemoryTokenStore()), {}))

    def crm(self, name: str = CONNECTION, *, tokens: TokenStore | None = None, **changes: Any) -> CrmConnection:
        """Make a connection to a CRM, as `erp` does to an ERP."""
        plugin = self._plugin(CrmPlugin, self.host(name, tokens), changes)
        return self._opened(NotingCrm(plugin, self.called))

    def host(self, name: str, tokens: TokenStore | None = None) -> Host:
        """Give what is lent to a connection, which notes what is asked of it.

        Args:
            name: Of the connection.
            tokens: Where its tokens are; `new_tokens` when None.
        """
        return Host.in_memory(
            name,
            clock=self.clock,
            zone=another_day(self.now()),
            budget=NotingBudget(self.clock, self.spent),
            observer=self.told.append,
            tokens=self.new_tokens(name) if tokens is None else tokens,
            transport=self.transport,
        )

    def new_tokens(self, name: str) -> TokenStore:
        """Give the tokens that a new connection begins with: none, unless a person's consent is what it needs.

        Args:
            name: Of the connection.
        """
        return MemoryTokenStore()

    def secrets(self) -> list[str]:
        """Return the values of all settings that are secrets."""
        settings = self.plugin_class.Settings.model_validate(self.settings())
        values = (getattr(settings, name) for name in type(settings).model_fields)
        return [value.get_secret_value() for value in values if isinstance(value, SecretStr)]

    def answer(self, answer: Answer, first: int = 0, last: int | None = None) -> None:
        """Answer in the system's place: the requests with these numbers since the last `clear`, or each."""
        self.tap.script = lambda at, sent: answer if first <= at and (last is None or at <= last) else None

    def said(self, act: Callable[[], Any], *, watch: bool = False) -> list[Sent]:
        """Return what was said while something is done."""
        self.tap.clear()
        self.tap.watch = watch
        act()
        sent = list(self.tap.sent)
        self.tap.clear()
        return sent

    def counts(self) -> dict[str, int]:
        """Return how many records each register holds."""
        return {name: len(held) for name, held in self.state().items() if isinstance(held, Sequence | Mapping)}

    def _plugin(self, kind: type[Any], host: Host, changes: Mapping[str, Any]) -> Any:
        settings = self.plugin_class.Settings.model_validate({**self.settings(), **changes})
        plugin = self.plugin_class(settings, host)
        if not isinstance(plugin, kind):
            raise TypeError(f"{self.plugin_class.__name__} is no {kind.__name__}.")
        return plugin

    def _begin_what_begins(self) -> None:
        """Let the day come on which the last of what the system begins with is there."""
        days = [(start.day - self.clock.now().date()).days for start in self.plugin_class.starts.values()]
        if (last := max(days, default=0)) > 0:
            self._begun = last * 86_400.0
            self.advance(self._begun)

    def _sleep(self, seconds: float) -> None:
        if self.hurried:
            self._slept += seconds
        else:
            SYSTEM_CLOCK.sleep(seconds)

    def _opened(self, connection: _C) -> _C:
        self._connections.append(connection)
        return connection

    def _close_connections(self) -> None:
        while self._connections:
            self._connections.pop().close()


class HttpBench(Bench):
    """A simulator, served on 127.0.0.1.

    Args:
        plugin_class: The plugin.
        simulator: The system; without a rate window, since many requests come at once.
        settings: Gives the settings from the address that it is served at.
        sign_in: A regular expression for the paths of the sign-in, which the rules do not look at.
        seed: What it holds at the start, beside what it comes with.
        lag_kind: The simulator's fault that keeps new records out of searches.
    """

    def __init__(
        self,
        plugin_class: type[Plugin[Any]],
        simulator: Simulator,
        settings: Callable[[str], dict[str, Any]],
        *,
        sign_in: str | None = None,
        seed: Mapping[str, Any] | None = None,
        lag_kind: str = "index_lag",
    ) -> None:
        super().__init__(plugin_class, simulator, WireTap(self.state, sign_in))
        self.simulator = simulator
        self._given = settings
        self._seed = seed
        self._lag_kind = lag_kind
        self._file = Path()
        self.base_url = ""

    def settings(self) -> dict[str, Any]:
        """See `Bench.settings`."""
        return self._given(self.base_url)

    def state(self) -> Mapping[str, Any]:
        """See `Bench.state`."""
        return self.simulator.state()

    def advance(self, seconds: float, *, known: bool = True) -> None:
        """See `Bench.advance`."""
        self._slept += seconds if known else 0.0
        self.simulator.clock.advance(seconds)

    def lag(self, seconds: float) -> None:
        """See `Bench.lag`."""
        if seconds == 0:
            return  # a system that keeps nothing out of searches needs no fault for it
        if self._lag_kind not in self.simulator.fault_kinds:
            raise TypeError(f"The simulator {self.simulator.name} has no fault {self._lag_kind}.")
        self.simulator.faults.add(Fault(self._lag_kind, times=None, seconds=seconds))

    def strike(self, number: int, fault: FaultName) -> None:
        """See `Bench.strike`."""

        def script(at: int, sent: Sent) -> Answer | None:
            if at == number:
                self.simulator.faults.add(Fault(fault))
            return None

        self.tap.script = script

    def _serve(self, stack: ExitStack) -> None:
        if self._seed:
            self.simulator.seed(json.loads(json.dumps(self._seed)))
        self._file = Path(stack.enter_context(TemporaryDirectory())) / "kept.json"
        self.base_url = stack.enter_context(straight(self.simulator))
        # Each client reads all the world's certificates, which takes longer than a rule; the bench speaks plain HTTP.
        stack.enter_context(patch.object(ssl, "create_default_context", _certificates))
        # One for all connections: each of its own would read the machine's settings for proxies.
        self.transport = stack.enter_context(HTTPTransport())

    def _save(self) -> None:
        self.simulator.keep(self._file)

    def kept_now(self) -> Callable[[], None]:
        """See `Bench.kept_now`."""
        file = self._file.with_name("now.json")
        self.simulator.keep(file)
        return lambda: _recalled(self.simulator, file)

    def _restore(self) -> None:
        self.simulator.held.release()
        self.simulator.faults.clear()
        self.simulator.journal.clear()
        self.simulator.recall(self._file)


def _recalled(simulator: Simulator, file: Path) -> None:
    """Put back what a simulator held; its time goes on."""
    ahead = simulator.clock.ahead
    simulator.recall(file)
    simulator.clock.set_ahead(ahead)


def another_day(moment: datetime) -> tzinfo:
    """Give a zone in which it is another day than in UTC: the company's day is neither UTC's nor the machine's.

    Args:
        moment: Aware, in UTC.
    """
    return timezone(timedelta(hours=14) if moment.hour >= 12 else timedelta(hours=-12))


def full_reference(name: str) -> str:
    """Give a reference as long as ours are, which only its end tells from others.

    Args:
        name: What it ends with.
    """
    head = "erpcore-contract-"
    return head + name[-(LONGEST_REFERENCE - len(head)) :].rjust(LONGEST_REFERENCE - len(head), "0")


def context(reference: str | None = None) -> Context:
    """Give a context for one call."""
    return Context("contract", reference=reference)


def attempt(act: Callable[[], Any], *expected: type[BaseException]) -> BaseException | None:
    """Do something that may fail in an expected way; return how it failed, or None."""
    try:
        act()
    except expected as error:
        return error
    return None
