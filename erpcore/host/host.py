"""What erpcore lends to a plugin instance."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from random import Random
from typing import Any, Protocol

from erpcore.host import call
from erpcore.host.budget import Budget, MemoryBudget
from erpcore.host.clock import SYSTEM_CLOCK, Clock
from erpcore.host.exchange import Exchange, Observer, log_exchange
from erpcore.host.tokens import MemoryTokenStore, TokenStore

_LOG = logging.getLogger("erpcore.exchange")

LONGEST_REQUEST = 60.0
"""Seconds that one request may be under way unless the settings say otherwise, time-outs included: nobody sends again
while it may still arrive."""

_ALIKE = timedelta(minutes=1)
"""Clocks that are less apart count as alike: plugins go back further than asked anyway (`ErpHooks.fetch_invoices`)."""


class Transport(Protocol):
    """Carries requests in place of the network. The forms are those of the protocol's own library (httpx)."""

    def handle_request(self, request: Any) -> Any:
        """Send a request and give its answer."""


@dataclass(frozen=True)
class Host:
    """What erpcore lends to a plugin instance. A connection may be called by several threads at once.

    A plugin that talks HTTP gives its host to `erpcore.http.ApiClient`, which does all that is asked for here. One that
    talks otherwise calls `before_write` before each request that may change something, `had_no_effect` when it was
    refused or did not leave, and `tell` after each request.

    Attributes:
        connection: Name of the connection, for errors and as the key of its tokens.
        budget: Where each request asks for its turn, shared by all processes on the store.
        tokens: Where OAuth tokens are kept.
        observer: Is given each request that was made, with secrets hidden.
        clock: The only time that a plugin knows.
        random: The only source of randomness, for what need not be secret.
        longest_request: Seconds that one request may be under way, by the settings of the installation.
        transport: Carries requests in place of the network; it is never closed by a plugin.
        own_errors: Errors of erpcore's own, such as those of a store that is out of reach. They are no fault of the
            plugin inside whose call they happen, and pass through as they are.
        zone: Where the company is.
    """

    connection: str
    budget: Budget
    tokens: TokenStore
    observer: Observer
    clock: Clock
    random: Random
    longest_request: float = LONGEST_REQUEST
    transport: Transport | None = None
    own_errors: tuple[type[Exception], ...] = ()
    zone: tzinfo = UTC
    _heard: dict[str, timedelta] = field(default_factory=dict, repr=False, compare=False)

    def today(self) -> date:
        """Give the company's day, for what a plugin must date by itself."""
        return self.clock.now().astimezone(self.zone).date()

    @classmethod
    def in_memory(cls, connection: str, **changes: Any) -> Host:
        """Give a host for one process that keeps nothing: for tests, and for erpcore as a library.

        Args:
            connection: Name of the connection.
            **changes: Attributes that shall be others.
        """
        clock: Clock = changes.get("clock", SYSTEM_CLOCK)
        given: dict[str, Any] = {
            "budget": MemoryBudget(clock),
            "tokens": MemoryTokenStore(),
            "observer": lambda exchange: None,
            "clock": clock,
            "random": Random(),  # noqa: S311 it spreads waits, and hides nothing
        }
        return cls(connection, **{**given, **changes})

    def tell(self, exchange: Exchange) -> None:
        """Tell of a request that was made. What goes wrong with that must not lose the answer to a write: it is logged.

        Args:
            exchange: The request, with secrets hidden.
        """
        log_exchange(exchange)
        try:
            self.observer(exchange)
        except Exception as error:
            _LOG.error("%s: an exchange could not be recorded: %s", self.connection, error)

    def hear_time(self, theirs: datetime) -> None:
        """Note what the system's own clock shows, as its answers tell.

        Args:
            theirs: Its time now, aware.
        """
        self._heard["ahead"] = self.clock.now() - theirs

    def by_its_clock(self, moment: datetime) -> datetime:
        """Give a moment of our clock as the system's own shows it, where ours is ahead.

        Who asked for what has changed since a moment that has not come there would miss all that changes meanwhile.

        Args:
            moment: By our clock, aware.
        """
        ahead = self._heard.get("ahead", timedelta())
        return moment if ahead < _ALIKE else moment - ahead

    def before_write(self, *, repeatable_call: bool = False) -> None:
        """Take the last look before a request leaves that may change something, and note that it leaves.

        Args:
            repeatable_call: The whole hook may be called again whatever became of this write: it says the same twice,
                it makes what the hook looks for first (an address before its order), or what the system takes once.

        Raises:
            Exception: Nothing may be sent. Let it out of the hook as it is.
        """
        call.before_write(repeatable_call=repeatable_call)

    def had_no_effect(self) -> None:
        """Say that the last write of this call changed nothing: it surely did not leave, or the system refused it."""
        call.had_no_effect()
