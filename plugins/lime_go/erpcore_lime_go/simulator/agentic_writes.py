"""Writing over the Agentic API: PATCH of a record's custom fields.

Each write needs an Idempotency-Key: the same key with the same request gives the first answer again and does nothing.
Only answers that did something are remembered, so a refused write can be mended and sent with the same key.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from .account import Account
from .agentic_kinds import Kind
from .agentic_protocol import Asked, Refusal, Reply
from .agentic_reads import Reads, etag
from .classic_views import rows_as_json
from .records import Deal, Record
from .switches import Switches


class _Change(BaseModel):
    """Attributes of a PATCH; what it does not know it refuses, as the API does."""

    model_config = ConfigDict(extra="forbid")

    custom_fields: dict[str, Any] = Field(default_factory=dict, max_length=100)


@dataclass(frozen=True)
class Carried:
    """A write that was carried out: what was asked, what was answered, and until when the key is remembered."""

    fingerprint: str
    reply: Reply
    until: datetime


class Writes:
    """Answers every PATCH.

    Args:
        account: the records.
        switches: gives the switches as they are now.
        reads: forms the answers.
    """

    def __init__(self, account: Account, switches: Callable[[], Switches], reads: Reads) -> None:
        self._account = account
        self._switches = switches
        self._reads = reads
        self._remembered: dict[tuple[str, str], Carried] = {}

    def once(self, asked: Asked, work: Callable[[Asked], Reply]) -> Reply:
        """Run a write once per Idempotency-Key.

        Raises:
            Refusal: no key, or a key that was used for something else.
        """
        switches, key = self._switches(), asked.header("idempotency-key")
        if not key:
            raise Refusal(
                switches.missing_idempotency_key_status,
                "A write needs an Idempotency-Key.",
                code="idempotency_key_required",
                source={"header": "Idempotency-Key"},
            )
        fingerprint = _fingerprint(asked)
        with self._account.lock:
            known = self._remembered.get((asked.caller.integration, key))
            if known and known.until > self._account.now():
                if known.fingerprint != fingerprint:
                    raise Refusal(
                        switches.idempotency_conflict_status,
                        "This Idempotency-Key was used for another request.",
                        code="idempotency_key_reused",
                        source={"header": "Idempotency-Key"},
                    )
                return known.reply
            reply = work(asked)
            until = self._account.now() + timedelta(hours=switches.idempotency_hours)
            self._remembered[asked.caller.integration, key] = Carried(fingerprint, reply, until)
            return reply

    def memory(self) -> dict[tuple[str, str], Carried]:
        """The living Idempotency-Keys with their answers."""
        now = self._account.now()
        return {key: carried for key, carried in self._remembered.items() if carried.until > now}

    def remember(self, memory: dict[tuple[str, str], Carried]) -> None:
        """Hold what `memory` returned, and nothing else."""
        self._remembered = memory

    def change(self, kind: Kind, asked: Asked) -> Reply:
        """``PATCH /{type}/{id}``."""
        asked.caller.require(f"{kind.scope}:write")
        record = self._reads.record(kind, asked.path("id"))
        _match(asked, record)
        data = _data(kind, asked)
        if data.get("id", record.id) != record.id:
            raise Refusal(409, "data.id is not the id in the path.", source={"pointer": "/data/id"})
        sent = self._custom_fields(kind, record, data)
        kept = vars(record)["custom_fields"] if self._switches().custom_fields_patch == "merge" else {}
        vars(record)["custom_fields"] = {key: value for key, value in {**kept, **sent}.items() if value is not None}
        self._account.touch(record, origin=asked.caller.integration)
        return self._reads.single(kind, record)

    def _custom_fields(self, kind: Kind, record: Record, data: dict[str, Any]) -> dict[str, Any]:
        try:
            change = _Change.model_validate(data.get("attributes", {}))
        except ValidationError as error:
            first = error.errors()[0]
            pointer = "/".join(["/data/attributes", *(str(part) for part in first["loc"])])
            raise Refusal(422, f"{kind.name}: {first['msg']}.", source={"pointer": pointer}) from error
        kept = {}
        for key, value in change.custom_fields.items():
            definition = self._account.custom_field_or_none(kind.name, key)
            if definition is None or definition.key != key:
                pointer = f"/data/attributes/custom_fields/{key}"
                raise Refusal(422, f"{kind.name} have no custom field {key}.", source={"pointer": pointer})
            # A client that reads all fields and writes them back must not freeze the rows it was shown.
            if isinstance(record, Deal) and record.rows and value == rows_as_json(record):
                continue
            kept[key] = value
        return kept


def _data(kind: Kind, asked: Asked) -> dict[str, Any]:
    data = asked.body.get("data") if isinstance(asked.body, dict) else None
    if not isinstance(data, dict):
        raise Refusal(400, "The document has no data object.", code="invalid_document", source={"pointer": "/data"})
    if data.get("type") != kind.name:
        raise Refusal(409, f"data.type must be {kind.name}.", source={"pointer": "/data/type"})
    return data


def _match(asked: Asked, record: Record) -> None:
    sent = asked.header("if-match")
    if sent is None:
        raise Refusal(428, "This request needs If-Match.", source={"header": "If-Match"})
    if sent != etag(record):
        raise Refusal(412, "The record has changed; read it again.", source={"header": "If-Match"})


def _fingerprint(asked: Asked) -> str:
    parts = [asked.request.method, asked.request.url.path, json.dumps(asked.body, sort_keys=True)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
