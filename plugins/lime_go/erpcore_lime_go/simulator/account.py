"""One Lime Go account in memory: its records, the change feed and the event feed that both APIs read.

Nothing here knows about HTTP. One re-entrant lock guards everything, since server threads and the test's own thread
meet here.
"""

from __future__ import annotations

import copy
import re
import threading
import unicodedata
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

from erpcore.simulator.numbering import Numbering

from .records import (
    RECORD_TYPES,
    Company,
    Contact,
    CustomFieldDefinition,
    Deal,
    Owner,
    Record,
    Stage,
)

R = TypeVar("R", bound=Record)

ERP_ID_TITLE = "ERP ID"
ROWS_TITLE = "ERP rows"

_IDS = uuid.UUID("6f0a4a9e-6a0b-5c59-9a52-6d1f4f6e6c31")
_FIRST_NUMBER = {"companies": 100001, "contacts": 200001, "deals": 850000}


class UnknownRecordError(LookupError):
    """There is no such record in the account."""


@dataclass(frozen=True)
class Change:
    """One entry of the change feed; ``origin`` is the integration that made it, None for a person."""

    sequence: int
    resource_type: str
    resource_id: str
    revision: int
    deleted: bool
    origin: str | None


@dataclass(frozen=True)
class Event:
    """One entry of the classic event feed, with copies of the coworker and the record as they were then."""

    position: int
    event_type: str
    coworker: Owner | None
    subject: Deal | Company


class Account:
    """The records of one account, and what happened to them.

    Args:
        now: gives the account's time (aware, UTC).
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.lock = threading.RLock()
        self.changes: list[Change] = []
        self.events: list[Event] = []
        self.on_event: list[Callable[[Event], None]] = []
        self._now = now
        self._records: dict[str, dict[str, Record]] = {kind: {} for kind in RECORD_TYPES}
        self._numbering = Numbering(_FIRST_NUMBER)

    def clear(self) -> None:
        """Empty the account: no records, no changes, no events. Numbering starts over."""
        with self.lock:
            self.changes.clear()
            self.events.clear()
            self._numbering.clear()
            for records in self._records.values():
                records.clear()

    def memory(self) -> dict[str, Any]:
        """Records, numbering and what happened. Records name each other by id, so nothing is held twice in it."""
        return {
            "records": self._records,
            "numbering": self._numbering.memory(),
            "changes": self.changes,
            "events": self.events,
        }

    def remember(self, memory: dict[str, Any]) -> None:
        """Hold what `memory` returned, and nothing else. No listener is told."""
        with self.lock:
            for kind, records in self._records.items():
                records.clear()
                records.update(memory["records"][kind])
            self._numbering.remember(memory["numbering"])
            self.changes[:] = memory["changes"]
            self.events[:] = memory["events"]

    def now(self) -> datetime:
        """The account's time, aware, UTC."""
        return self._now().astimezone(UTC)

    # --- records

    def of_type(self, kind: str) -> list[Record]:
        """All records of a JSON:API type, in the order they were made."""
        return list(self._records[kind].values())

    def all(self, cls: type[R]) -> list[R]:
        """All records of a class, in the order they were made."""
        return [cast(R, record) for record in self._records[kind_of(cls)].values()]

    def find(self, kind: str, record_id: str | None) -> Record | None:
        """The record of a JSON:API type with this UUID, or None."""
        return self._records[kind].get(record_id) if record_id else None

    def get(self, cls: type[R], reference: str | int) -> R:
        """A record by UUID, by classic number, or by classic id such as ``pase100001``.

        Raises:
            UnknownRecordError: there is none.
        """
        record = self._records[kind_of(cls)].get(str(reference))
        if record is None:
            record = self._by_number(kind_of(cls), str(reference))
        if record is None:
            raise UnknownRecordError(f"the account has no {cls.__name__.lower()} {reference!r}")
        return cast(R, record)

    def _by_number(self, kind: str, reference: str) -> Record | None:
        match = re.fullmatch(r"(?:pase)?(\d+)", reference)
        number = int(match[1]) if match else None
        return next((r for r in self._records[kind].values() if r.number == number), None)

    def add(self, cls: type[R], **values: Any) -> R:
        """Make a record and report it on the change feed.

        Args:
            cls: which kind of record.
            values: the record's fields.
        """
        kind = kind_of(cls)
        with self.lock:
            number, now = self._numbering.next(kind), self.now()
            # Derived ids: the same seed gives the same account each time, so that a recording can be replayed.
            record = cls(
                id=str(uuid.uuid5(_IDS, f"{kind}/{number}")),
                number=number,
                created_at=now,
                updated_at=now,
                **values,
            )
            self._records[kind][record.id] = record
            self._report(record, deleted=False, origin=None)
            return record

    def touch(self, record: Record, *, origin: str | None = None) -> None:
        """Note that a record was changed: next revision, new time, an entry on the change feed."""
        with self.lock:
            record.revision += 1
            record.updated_at = self.now()
            self._report(record, deleted=False, origin=origin)

    def remove(self, record: Record) -> None:
        """Delete a record and every mention of it in other records."""
        with self.lock:
            del self._records[kind_of(type(record))][record.id]
            record.revision += 1
            self._report(record, deleted=True, origin=None)
            for records in self._records.values():
                for other in records.values():
                    _forget(other, record.id)

    def _report(self, record: Record, *, deleted: bool, origin: str | None) -> None:
        self.changes.append(
            Change(len(self.changes) + 1, kind_of(type(record)), record.id, record.revision, deleted, origin)
        )

    # --- events

    def emit(self, event_type: str, coworker: Owner | None, subject: Deal | Company) -> None:
        """Put an event on the feed, with the record as it is now, and tell the listeners."""
        with self.lock:
            # Copies all the way down, so that a later change of a record does not rewrite history.
            event = Event(len(self.events) + 1, event_type, copy.deepcopy(coworker), copy.deepcopy(subject))
            self.events.append(event)
            for listener in self.on_event:
                listener(event)

    # --- custom fields

    def custom_field(self, entity_type: str, label: str) -> CustomFieldDefinition:
        """The definition with this title (or key), made when the account has none yet."""
        with self.lock:
            known = self.custom_field_or_none(entity_type, label)
            if known is not None:
                return known
            return self.add(CustomFieldDefinition, key=_slug(label), label=label, entity_type=entity_type)

    def custom_field_or_none(self, entity_type: str, label: str) -> CustomFieldDefinition | None:
        """The definition with this title or key, or None."""
        for definition in self.all(CustomFieldDefinition):
            if definition.entity_type == entity_type and label in (definition.label, definition.key):
                return definition
        return None

    def put_custom_field(self, record: Company | Contact | Deal, title: str, value: Any) -> None:
        """Set one custom field by title; None or "" empties it. The caller touches the record."""
        key = self.custom_field(kind_of(type(record)), title).key
        if value in (None, ""):
            record.custom_fields.pop(key, None)
        else:
            record.custom_fields[key] = value

    # --- stages

    def stages(self, pipeline: str) -> list[Stage]:
        """The stages of a pipeline in order.

        Raises:
            UnknownRecordError: there is no such pipeline.
        """
        found = sorted((s for s in self.all(Stage) if s.pipeline == pipeline), key=lambda s: s.position)
        if not found:
            raise UnknownRecordError(f"the account has no pipeline {pipeline!r}")
        return found

    def stage_of(self, deal: Deal) -> Stage | None:
        """The stage that a deal is in."""
        return cast("Stage | None", self.find("stages", deal.stage))

    def stage_named(self, label: str, near: Deal | None = None) -> Stage:
        """The stage with this label, in the deal's own pipeline when it is there.

        Raises:
            UnknownRecordError: no pipeline has such a stage.
        """
        current = self.stage_of(near) if near else None
        found = [s for s in self.all(Stage) if s.name.casefold() == label.casefold()]
        if not found:
            raise UnknownRecordError(f"the account has no stage {label!r}")
        return next((s for s in found if current and s.pipeline == current.pipeline), found[0])

    # --- what records point at

    def company_of(self, record: Deal | Contact) -> Company | None:
        """The company that a deal or a contact belongs to."""
        return cast("Company | None", self.find("companies", record.company))

    def owner_of(self, record: Deal | Company) -> Owner | None:
        """The responsible coworker: a company's owner, a deal's first owner."""
        owner_id = record.owner if isinstance(record, Company) else next(iter(record.owners), None)
        return cast("Owner | None", self.find("owners", owner_id))

    def contact_of(self, deal: Deal) -> Contact | None:
        """A deal's (first) contact person."""
        return cast("Contact | None", self.find("contacts", next(iter(deal.contacts), None)))


def kind_of(cls: type[Record]) -> str:
    """The JSON:API type of a record class."""
    return next(kind for kind, known in RECORD_TYPES.items() if known is cls)


def _slug(label: str) -> str:
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", plain.casefold()).strip("_") or "field"


def _forget(record: Record, gone: str) -> None:
    for name, value in list(vars(record).items()):
        if name == "id":
            continue
        if value == gone:
            setattr(record, name, None)
        elif isinstance(value, list) and gone in value:
            setattr(record, name, [item for item in value if item != gone])
