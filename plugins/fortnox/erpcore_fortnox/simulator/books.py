"""The company's books: everything the simulated Fortnox remembers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from erpcore.simulator import LEDGER_KINDS, Clock, FaultSwitches, Ledger, Numbering
from erpcore_fortnox.simulator.behaviour import Behaviour
from erpcore_fortnox.simulator.errors import Refused

STOCKHOLM = ZoneInfo("Europe/Stockholm")
"""Fortnox's own time: today's date, and the moments in `lastmodified`, are Swedish."""

URL = "https://api.fortnox.se/3"
"""What the ``@url`` members begin with, wherever the simulator runs (recorded replies)."""


def url_of(*parts: str) -> str:
    """Return the ``@url`` of a record; what is no plain letter is percent-encoded (recorded replies)."""
    return "/".join([URL, *(quote(part, safe="") for part in parts)])


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


KEPT_KINDS: tuple[type, ...] = (Record, FinancialYear, *LEDGER_KINDS)
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
)


class Books:
    """All records of the one company, and what they are kept with.

    Args:
        tenant: The company's number at Fortnox.
        clock: The time it lives in.
        faults: Asked for `index_lag`.
        behaviour: The unconfirmed sides.

    Attributes:
        ledger: What each invoice comes to, and what is paid, written off or set off against a credit note; in the
            invoice's currency.
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
        self.locked_until: date | None = None
        self.company: dict[str, Any] = {}
        year = self.today().year
        self.financial_years = [
            FinancialYear(number, date(year - 5 + number, 1, 1), date(year - 5 + number, 12, 31))
            for number in range(1, 7)
        ]
        self.ledger: Ledger[str] = Ledger()
        self._numbering = Numbering()

    def now(self) -> datetime:
        """Return the time (aware, UTC)."""
        return self._clock.now()

    def today(self) -> date:
        """Return the date in Sweden."""
        return self.now().astimezone(STOCKHOLM).date()

    def memory(self) -> dict[str, Any]:
        """Return all records, numbering and switches. Records name each other by number, so nothing is in it twice."""
        return {
            **{name: getattr(self, name) for name in _KEPT},
            "ledger": self.ledger.memory(),
            "numbering": self._numbering.memory(),
            "locked_until": self.locked_until,
            "financial_years": self.financial_years,
            "behaviour": dict(self.behaviour),
        }

    def remember(self, memory: Mapping[str, Any]) -> None:
        """Hold what `memory` returned, and nothing else."""
        for name in _KEPT:
            # In place: the resources hold on to these dicts.
            held: dict[Any, Any] = getattr(self, name)
            held.clear()
            held.update(memory[name])
        self.ledger.remember(memory["ledger"])
        self._numbering.remember(memory["numbering"])
        self.locked_until = memory["locked_until"]
        self.financial_years = memory["financial_years"]
        self.behaviour = Behaviour.model_validate(memory["behaviour"])

    def new_record(self, values: dict[str, Any], method: str, path: str) -> Record:
        """Return a record made now by this request; an `index_lag` keeps it out of lists for a while."""
        now = self.now()
        lag = self._faults.seconds("index_lag", method, path, self.behaviour.index_lag_seconds)
        return Record(values, now, now + timedelta(seconds=lag))

    def touch(self, record: Record) -> None:
        """Note that a record was changed now."""
        record.changed_at = self.now()

    def count_up(self, series: str) -> int:
        """Return the next number of a series, from 1."""
        return self._numbering.next(series)

    def free_number(self, series: str, taken: Collection[str]) -> str:
        """Return the next number of a series that nobody has."""
        return str(self._numbering.next_free(series, lambda number: str(number) in taken))

    def register(self, name: str) -> dict[str, Record]:
        """Return a small register by the name of its address, such as ``units``."""
        return self.registers.setdefault(name, {})

    def require_named(self, values: Mapping[str, Any]) -> None:
        """Refuse a project or a cost centre that is not there.

        Raises:
            Refused: One is not.
        """
        for member, register, problem in (
            ("Project", "projects", "project"),
            ("CostCenter", "costcenters", "cost_center"),
        ):
            if values.get(member) and values[member] not in self.register(register):
                raise Refused(problem, values[member], status=400)

    def financial_year(self, day: date) -> FinancialYear | None:
        """Return the year that a date falls in."""
        return next((year for year in self.financial_years if year.first <= day <= year.last), None)
