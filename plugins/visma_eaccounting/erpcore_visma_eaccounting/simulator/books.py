"""The company's books: everything that the simulated Visma eAccounting remembers."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from erpcore.simulator import LEDGER_KINDS, Clock, FaultSwitches, Ledger, Numbering
from erpcore_visma_eaccounting.simulator.behaviour import Behaviour
from erpcore_visma_eaccounting.simulator.errors import missing

TABLES = (
    "customers",
    "articles",
    "orders",
    "customerinvoicedrafts",
    "customerinvoices",
    "customerledgeritems",
    "termsofpayments",
    "units",
    "articleaccountcodings",
    "currencies",
)
_FIRST_NUMBERS = {"customers": 1, "orders": 1, "customerinvoices": 1001, "vouchers": 1}
_ZONE = ZoneInfo("Europe/Stockholm")
_AS_JSON_HAS_IT = frozenset({str, int, bool, type(None)})

COMPANY: Mapping[str, Any] = {
    "Name": "Demobolaget AB",
    "Address1": "Storgatan 1",
    "PostalCode": "352 31",
    "City": "Växjö",
    "CountryCode": "SE",
    "Email": "demo@example.com",
    "CurrencyCode": "SEK",
    "CorporateIdentityNumber": "556036-0793",
    "CompanyIdentifier": "c0ffee00-0000-4000-8000-000000000001",
    "CompanyStatus": 1,
    "ProductVariant": 1,
    "ActivatedModules": ["api_standard", "sales_standard"],
    "ShowPricesExclVatPC": False,
    "DomesticCurrencyRounding": 0,
    "KeepOriginalDraftDate": False,
    "UsesReverseConstructionVat": True,
    "UsesPaymentReferenceNumber": True,
}
"""The company's settings at the start; those of `Books.company` that a seed may change too."""


@dataclass
class Record:
    """One record.

    Attributes:
        values: Its members by wire name, in Python's types; of a document, its rows too.
        listed_from: From when lists show it (aware).
    """

    values: dict[str, Any]
    listed_from: datetime


KEPT_KINDS: tuple[type, ...] = (Record, *LEDGER_KINDS)
"""The dataclasses in `Books.memory`."""


class Books:
    """All records of the one company.

    Args:
        clock: The time it lives in.
        faults: Asked for `index_lag`.
        behaviour: The unconfirmed sides.
        random: What ids are drawn from.

    Attributes:
        company: What ``/companysettings`` shows.
        ledger: What is left to pay of each invoice, by its Id, in the invoice's currency.
    """

    def __init__(self, clock: Clock, faults: FaultSwitches, behaviour: Behaviour, random: Random) -> None:
        self.behaviour = behaviour
        self.company: dict[str, Any] = dict(COMPANY)
        self.ledger: Ledger[str] = Ledger()
        self.numbering = Numbering(_FIRST_NUMBERS)
        self._clock = clock
        self._random = random
        self._faults = faults
        self._tables: dict[str, dict[str, Record]] = {name: {} for name in TABLES}

    def new_id(self) -> str:
        """Draw an id."""
        return str(uuid.UUID(bytes=self._random.randbytes(16), version=4))

    def now(self) -> datetime:
        """Return the time (aware, UTC)."""
        return self._clock.now()

    def today(self) -> date:
        """Return the date where the company is."""
        return self.now().astimezone(_ZONE).date()

    def add(self, table: str, values: dict[str, Any]) -> dict[str, Any]:
        """Put a record in, with a new Id; an `index_lag` keeps it out of lists for a while."""
        lag = self._faults.seconds("index_lag", "POST", f"/v2/{table}", self.behaviour.index_lag_seconds)
        values["Id"] = values.get("Id") or self.new_id()
        self._tables[table][values["Id"]] = Record(values, self.now() + timedelta(seconds=lag))
        return values

    def one(self, table: str, key: Any, what: str, *, status: int | None = None) -> dict[str, Any]:
        """Return a record by its Id.

        Args:
            table: The table.
            key: The Id.
            what: What it is, for the refusal.
            status: HTTP status of the refusal: 404 where the address names it.

        Raises:
            Refused: There is none.
        """
        found = self._tables[table].get(str(key).lower())
        if found is None:
            raise missing(what, status=status)
        return found.values

    def get(self, table: str, key: Any) -> dict[str, Any] | None:
        """Return a record by its Id, or None."""
        found = self._tables[table].get(str(key))
        return None if found is None else found.values

    def all(self, table: str) -> Iterator[dict[str, Any]]:
        """Give every record of a table."""
        return (record.values for record in self._tables[table].values())

    def listed(self, table: str) -> list[dict[str, Any]]:
        """Return the records that a list shows now."""
        now = self.now()
        return [record.values for record in self._tables[table].values() if record.listed_from <= now]

    def drop(self, table: str, key: str) -> None:
        """Take a record out."""
        del self._tables[table][key]

    def memory(self) -> dict[str, Any]:
        """Return everything, to be kept; needs `KEPT_KINDS`."""
        return {
            "tables": self._tables,
            "company": self.company,
            "ledger": self.ledger.memory(),
            "numbering": self.numbering.memory(),
            "behaviour": dict(self.behaviour),
        }

    def remember(self, memory: Mapping[str, Any]) -> None:
        """Hold what `memory` returned, and nothing else."""
        self._tables = memory["tables"]
        self.company = memory["company"]
        self.ledger.remember(memory["ledger"])
        self.numbering.remember(memory["numbering"])
        self.behaviour = Behaviour.model_validate(memory["behaviour"])


def wire(value: Any, dates: str = "plain") -> Any:
    """Return a value as JSON has it: numbers as doubles, moments with seven digits after the second.

    Args:
        value: A record, or anything in it.
        dates: The switch of that name.
    """
    if type(value) in _AS_JSON_HAS_IT:  # asked first: most values are
        return value
    if isinstance(value, dict):
        return {name: wire(item, dates) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [wire(item, dates) for item in value]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%S.%f}0Z"
    if isinstance(value, date):
        return value.isoformat() if dates == "plain" else f"{value.isoformat()}T00:00:00Z"
    return value
