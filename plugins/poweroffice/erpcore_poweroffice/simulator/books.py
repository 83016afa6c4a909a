"""A company's books: everything the simulated PowerOffice Go remembers of one client."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from erpcore.simulator import LEDGER_KINDS, Clock, FaultSwitches, Ledger, Numbering
from erpcore_poweroffice.simulator.behaviour import Behaviour
from erpcore_poweroffice.simulator.calls import NOT_FOUND, Call, Refused

OSLO = ZoneInfo("Europe/Oslo")
"""Dates such as an invoice's are Norwegian."""

TABLES = {
    "customers": "Customer",
    "contact_persons": "Contact person",
    "delivery_addresses": "Contact delivery address",
    "employees": "Employee",
    "products": "Product",
    "product_groups": "Product group",
    "payment_terms": "Payment term",
    "delivery_terms": "Delivery term",
    "branding_themes": "Branding theme",
    "departments": "Department",
    "projects": "Project",
    "locations": "Location",
    "dimensions": "Custom dimension",
    "accounts": "General ledger account",
    "vat_codes": "VAT code",
    "currencies": "Currency",
    "series": "Sub-ledger number series",
    "orders": "Sales order",
    "invoices": "Outgoing invoice",
    "entries": "Customer ledger entry",
}
"""What refusals call a record of each table."""

_FIRST_NUMBERS = {"contact": 20_400_001, "id": 3_100_001, "order": 5001, "invoice": 10_001, "voucher": 2001}


@dataclass
class Record:
    """One record.

    Attributes:
        id: Its id: a number, or the text of a UUID.
        values: Its own members by wire name, in Python's types; what can be computed is not among them.
        created_at: When it was made (aware, UTC).
        changed_at: When it was last written (aware, UTC).
        visible_from: From when GETs find it, since they read a copy of the database.
        created_by: The application key that made it; "" for a person.
        lines: The lines of an order or invoice.
    """

    id: int | str
    values: dict[str, Any]
    created_at: datetime
    changed_at: datetime
    visible_from: datetime
    created_by: str = ""
    lines: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Sending:
    """The last wish to turn an order into an invoice.

    Attributes:
        wanted: The members of the request.
        done_at: When its processing ends; None for one that never ends.
        by: The application key that asked; "" for a person.
        processing: Whether it still is under way.
        error: Why it did not become an invoice; "" where it did or is under way.
        fails_with: The error that it is going to end in; "" for none but its own.
    """

    wanted: dict[str, Any]
    done_at: datetime | None
    by: str
    processing: bool = True
    error: str = ""
    fails_with: str = ""


@dataclass
class Integration:
    """What PowerOffice and the client have granted to the application.

    Attributes:
        application: The application key.
        privileges: What it may do, such as ``Customer_Full``.
        blocked: Privileges that are granted and of no use, since the client lacks the module.
        may_send: Whether it has the privilege to send invoices, which no other privilege implies.
    """

    application: str
    privileges: tuple[str, ...]
    blocked: tuple[str, ...] = ()
    may_send: bool = True


KEPT_KINDS: tuple[type, ...] = (Record, Sending, Integration, *LEDGER_KINDS)
"""The dataclasses that are kept."""


class Books:
    """All records of one company (the vendor says: client).

    Args:
        name: The company's name.
        clock: The time it lives in.
        faults: Asked for the simulator's own kinds.
        behaviour: The unconfirmed sides.
        integration: What the application may do.

    Attributes:
        client_id: The company's id.
        tables: Its records by id, by the names in `TABLES`.
        sendings: Wishes to send, by the order's id.
        ledger: What each entry of the customer ledger comes to and what cancels it out, in the company's currency.
        numbering: The company's number series.
        settings: Members of the company's settings, such as the sales accounts; rates by currency under "rates".
        receivers: Organisation numbers that can receive EHF (are registered in ELMA).
    """

    def __init__(
        self, name: str, clock: Clock, faults: FaultSwitches, behaviour: Behaviour, integration: Integration
    ) -> None:
        self.name = name
        self.clock = clock
        self.faults = faults
        self.behaviour = behaviour
        self.integration = integration
        self.client_id = str(uuid.uuid5(uuid.NAMESPACE_DNS, name))
        self.tables: dict[str, dict[int | str, Record]] = {table: {} for table in TABLES}
        self.sendings: dict[str, Sending] = {}
        self.ledger: Ledger[int | str] = Ledger()
        self.numbering = Numbering(_FIRST_NUMBERS)
        self.settings: dict[str, Any] = {}
        self.receivers: set[str] = set()

    def now(self) -> datetime:
        """Return the time (aware, UTC)."""
        return self.clock.now()

    def today(self) -> date:
        """Return the date in Norway."""
        return self.now().astimezone(OSLO).date()

    def count_up(self, series: str) -> int:
        """Return the next number of a series."""
        return self.numbering.next(series)

    def new_uuid(self) -> str:
        """Return a UUID that no other record of the company has."""
        return str(uuid.uuid5(uuid.UUID(self.client_id), str(self.count_up("uuid"))))

    def add(self, table: str, record_id: int | str, values: dict[str, Any], call: Call) -> Record:
        """Put a record in that this request makes, and return it."""
        now = self.now()
        seconds = self.faults.seconds("replica_lag", call.method, call.path, self.behaviour.replica_seconds)
        record = Record(record_id, values, now, now, now + timedelta(seconds=seconds), call.application)
        self.tables[table][record_id] = record
        return record

    def touch(self, record: Record) -> None:
        """Note that a record was changed now."""
        record.changed_at = self.now()

    def get(self, table: str, record_id: Any) -> Record:
        """Return a record for a write, which works on the database itself.

        Raises:
            Refused: There is none with this id.
        """
        record = self.tables[table].get(record_id)
        if record is None:
            raise Refused(404, NOT_FOUND, f"{TABLES[table]} with id = {record_id} not found.")
        return record

    def seen(self, table: str, record_id: Any) -> Record:
        """Return a record for a GET.

        Raises:
            Refused: There is none with this id, or it is not in the copy yet.
        """
        record = self.tables[table].get(record_id)
        if record is None or record.visible_from > self.now():
            raise Refused(404, NOT_FOUND, f"{TABLES[table]} with id = {record_id} not found.")
        return record

    def all_seen(self, table: str) -> Iterator[Record]:
        """Yield the records that GETs find, oldest first."""
        now = self.now()
        return (record for record in self.tables[table].values() if record.visible_from <= now)

    def by(self, table: str, member: str, value: Any) -> Record | None:
        """Return the first record with this value; text is compared without regard to case."""
        wanted = value.lower() if isinstance(value, str) else value
        for record in self.tables[table].values():
            held = record.values.get(member)
            if (held.lower() if isinstance(held, str) else held) == wanted:
                return record
        return None

    def named(self, table: str, record_id: Any) -> Record | None:
        """Return the record that a member names; None when it names none."""
        return self.tables[table].get(record_id)

    def value(self, table: str, record_id: Any, member: str) -> Any:
        """Return a member of a record; None when there is no such record."""
        record = self.named(table, record_id)
        return None if record is None else record.values.get(member)

    def memory(self) -> dict[str, Any]:
        """Return everything that outlives a restart. Records name each other by id, so nothing is in it twice."""
        return {
            "name": self.name,
            "tables": self.tables,
            "sendings": self.sendings,
            "ledger": self.ledger.memory(),
            "numbering": self.numbering.memory(),
            "settings": self.settings,
            "receivers": self.receivers,
        }

    def remember(self, memory: Mapping[str, Any]) -> None:
        """Hold what `memory` returned, and nothing else.

        Raises:
            ValueError: It was kept by a simulator with other tables.
        """
        if memory["tables"].keys() != TABLES.keys():
            raise ValueError("it was kept by another version")
        self.name = memory["name"]
        self.tables = memory["tables"]
        self.sendings = memory["sendings"]
        self.ledger.remember(memory["ledger"])
        self.numbering.remember(memory["numbering"])
        self.settings = memory["settings"]
        self.receivers = memory["receivers"]
