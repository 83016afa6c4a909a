"""The company's books: everything the simulated Fortnox remembers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from erpcore.simulator import Clock, FaultSwitches
from erpcore_fortnox.simulator.behaviour import Behaviour

STOCKHOLM = ZoneInfo("Europe/Stockholm")
"""Fortnox's own time: today's date, and the moments in `lastmodified`, are Swedish."""

URL = "https://api.fortnox.se/3"
"""What the ``@url`` members begin with, wherever the simulator runs (recorded replies)."""


@dataclass
class Record:
    """One record.

    Attributes:
        values: Its members by wire name, in Python's types.
        changed_at: When it was last written (aware, UTC); what `lastmodified` looks at.
        listed_from: From when lists and searches find it.
        rows: A document's rows.
    """

    values: dict[str, Any]
    changed_at: datetime
    listed_from: datetime
    rows: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class FinancialYear:
    """A year that documents can be booked in; both ends belong to it."""

    id: int
    first: date
    last: date


KEPT_KINDS: tuple[type, ...] = (Record, FinancialYear, Behaviour)
"""The dataclasses in `Books.memory`."""

_KEPT = (
    "customers",
    "articles",
    "orders",
    "invoices",
    "payments",
    "prices",
    "registers",
    "customer_references",
    "company",
    "_counters",
)


class Books:
    """All records of the one company, and what they are kept with.

    Args:
        tenant: The company's number at Fortnox.
        clock: The time it lives in.
        faults: Asked for `index_lag`.
        behaviour: The unconfirmed sides.
    """

    def __init__(self, tenant: str, clock: Clock, faults: FaultSwitches, behaviour: Behaviour) -> None:
        self.tenant = tenant
        self.behaviour = behaviour
        self._clock = clock
        self._faults = faults
        self.customers: dict[str, Record] = {}
        self.articles: dict[str, Record] = {}
        self.orders: dict[str, Record] = {}
        self.invoices: dict[str, Record] = {}
        self.payments: dict[str, Record] = {}
        self.prices: dict[tuple[str, str, str], Record] = {}
        self.registers: dict[str, dict[str, Record]] = {}
        self.customer_references: dict[int, dict[str, Any]] = {}
        self.projects: set[str] = set()
        self.dead_customer_numbers: set[str] = set()
        self.locked_until: date | None = None
        self.company: dict[str, Any] = {}
        year = self.today().year
        self.financial_years = [
            FinancialYear(number, date(year - 5 + number, 1, 1), date(year - 5 + number, 12, 31))
            for number in range(1, 7)
        ]
        self._counters: dict[str, int] = {}

    def now(self) -> datetime:
        """Return the time (aware, UTC)."""
        return self._clock.now()

    def today(self) -> date:
        """Return the date in Sweden."""
        return self.now().astimezone(STOCKHOLM).date()

    def memory(self) -> dict[str, Any]:
        """Return all records, numbering and switches. Records name each other by number, so nothing is in it twice."""
        return {
            **{name.lstrip("_"): getattr(self, name) for name in _KEPT},
            "projects": self.projects,
            "dead_customer_numbers": self.dead_customer_numbers,
            "locked_until": self.locked_until,
            "financial_years": self.financial_years,
            "behaviour": self.behaviour,
        }

    def remember(self, memory: Mapping[str, Any]) -> None:
        """Hold what `memory` returned, and nothing else."""
        for name in _KEPT:
            # In place: the resources hold on to these dicts.
            held: dict[Any, Any] = getattr(self, name)
            held.clear()
            held.update(memory[name.lstrip("_")])
        self.projects = memory["projects"]
        self.dead_customer_numbers = memory["dead_customer_numbers"]
        self.locked_until = memory["locked_until"]
        self.financial_years = memory["financial_years"]
        self.behaviour = memory["behaviour"]

    def new_record(self, values: dict[str, Any], method: str, path: str) -> Record:
        """Return a record made now by this request; an `index_lag` keeps it out of lists for a while."""
        now = self.now()
        fault = self._faults.take("index_lag", method, path)
        lag = self.behaviour.index_lag_seconds if fault is None else fault.seconds
        return Record(values, now, now + timedelta(seconds=lag))

    def touch(self, record: Record) -> None:
        """Note that a record was changed now."""
        record.changed_at = self.now()

    def count_up(self, series: str) -> int:
        """Return the next number of a series, from 1."""
        self._counters[series] = self._counters.get(series, 0) + 1
        return self._counters[series]

    def free_number(self, series: str, taken: Collection[str] | Callable[[str], bool]) -> str:
        """Return the next number of a series that nobody has."""
        is_taken = taken if callable(taken) else taken.__contains__
        while is_taken(number := str(self.count_up(series))):
            continue
        return number

    def register(self, name: str) -> dict[str, Record]:
        """Return a small register by the name of its address, such as ``units``."""
        return self.registers.setdefault(name, {})

    def financial_year(self, day: date) -> FinancialYear | None:
        """Return the year that a date falls in."""
        return next((year for year in self.financial_years if year.first <= day <= year.last), None)
