"""Writing over the Agentic API: POST, PATCH, PUT by external id, DELETE, and relationship writes.

Each write needs an Idempotency-Key: the same key with the same request gives the first answer again and does nothing.
Only answers that did something are remembered, so a refused write can be mended and sent with the same key.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import ValidationError

from . import actions
from .account import Account
from .agentic_kinds import Kind, Relation
from .agentic_protocol import Asked, Refusal, Reply
from .agentic_reads import MAX_PAGE, Reads, etag
from .classic_views import rows_as_json
from .records import RECORD_TYPES, Company, Deal, Record, Task
from .switches import Switches

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MAX_EXTERNAL_ID = 128


@dataclass(frozen=True)
class Carried:
    """A write that was carried out: what was asked, what was answered, and until when the key is remembered."""

    fingerprint: str
    reply: Reply
    until: datetime


class Writes:
    """Answers every POST, PATCH, PUT and DELETE.

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
        self._external: dict[tuple[str, str, str], str] = {}

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

    def memory(self) -> dict[str, Any]:
        """The living Idempotency-Keys with their answers, and the external ids."""
        now = self._account.now()
        living = {key: carried for key, carried in self._remembered.items() if carried.until > now}
        return {"idempotency_keys": living, "external_ids": self._external}

    def remember(self, memory: dict[str, Any]) -> None:
        """Hold what `memory` returned, and nothing else."""
        self._remembered = memory["idempotency_keys"]
        self._external = memory["external_ids"]

    def create(self, kind: Kind, asked: Asked) -> Reply:
        """``POST /{type}``."""
        asked.caller.require(f"{kind.scope}:write")
        record = self._make(kind, asked)
        reply = self._reads.single(kind, record)
        location = {"location": f"/api/v1/{kind.name}/{record.id}"}
        return Reply(reply.document, 201, reply.headers | location)

    def change(self, kind: Kind, asked: Asked) -> Reply:
        """``PATCH /{type}/{id}``."""
        asked.caller.require(f"{kind.scope}:write")
        record = self._reads.record(kind, asked.path("id"))
        _match(asked, record)
        data = _data(kind, asked)
        if data.get("id", record.id) != record.id:
            raise Refusal(409, "data.id is not the id in the path.", source={"pointer": "/data/id"})
        self._apply(kind, record, data, asked)
        return self._reads.single(kind, record)

    def upsert(self, kind: Kind, asked: Asked) -> Reply:
        """``PUT /{type}/external/{external_id}``; the external id belongs to the integration that sends it."""
        asked.caller.require(f"{kind.scope}:write")
        external = asked.path("external_id")
        if not 1 <= len(external) <= _MAX_EXTERNAL_ID:
            raise Refusal(422, f"An external id has 1 to {_MAX_EXTERNAL_ID} characters.")
        owner = (asked.caller.integration, kind.name, external)
        record = self._account.find(kind.name, self._external.get(owner))
        if record is None:
            record = self._make(kind, asked)
            self._external[owner] = record.id
            # Seen on the change feed: one upsert gives two revisions.
            self._account.touch(record, origin=asked.caller.integration)
            reply = self._reads.single(kind, record)
            return Reply(reply.document, 201, reply.headers)
        _match(asked, record)
        if self._switches().upsert_existing == "conflict":
            raise Refusal(409, "The external id belongs to a record already; change it with PATCH.")
        self._apply(kind, record, _data(kind, asked), asked)
        return self._reads.single(kind, record)

    def delete(self, kind: Kind, asked: Asked) -> Reply:
        """``DELETE /{type}/{id}``."""
        asked.caller.require(f"{kind.scope}:delete")
        record = self._reads.record(kind, asked.path("id"))
        _match(asked, record)
        self._account.remove(record, origin=asked.caller.integration)
        return Reply(None, 204)

    def relate(self, kind: Kind, relation: Relation, asked: Asked) -> Reply:
        """``POST`` (add), ``DELETE`` (remove) or ``PATCH`` (replace) of a to-many relationship."""
        asked.caller.require(f"{kind.scope}:write")
        record = self._reads.record(kind, asked.path("id"))
        _match(asked, record)
        body = asked.body if isinstance(asked.body, dict) else {}
        sent = self._targets(relation, body.get("data"), "/data")
        now: list[str] = getattr(record, relation.name)
        match asked.request.method:
            case "POST":
                now = [*now, *(each for each in sent if each not in now)]
            case "DELETE":
                now = [each for each in now if each not in sent]
            case _:
                now = sent
        setattr(record, relation.name, now)
        self._account.touch(record, origin=asked.caller.integration)
        return self._reads.linkage(record, relation, asked)

    # --- the parts of a write

    def _make(self, kind: Kind, asked: Asked) -> Record:
        data = _data(kind, asked)
        values = self._attributes(kind, kind.new, data)
        relations = self._relations(kind, data)
        if missing := sorted(kind.must_say - relations.keys()):
            pointer = f"/data/relationships/{missing[0]}"
            raise Refusal(422, f"{missing[0]} must be given, if only as null.", source={"pointer": pointer})
        record_id = data.get("id")
        if record_id is not None and not _UUID.fullmatch(str(record_id)):
            raise Refusal(422, "A client's own id must be a UUID.", source={"pointer": "/data/id"})
        if self._account.find(kind.name, record_id):
            raise Refusal(409, f"There is a {kind.name} {record_id} already.", source={"pointer": "/data/id"})
        if kind.name == "activities":
            values["occurred_at"] = values.get("occurred_at") or self._account.now()
        stage = relations.pop("stage", None)
        cls = RECORD_TYPES[kind.name]
        given = self._custom_fields(kind, values.pop("custom_fields", None))
        values |= {"custom_fields": given} if given else {}
        record = self._account.add(cls, origin=asked.caller.integration, record_id=record_id, **values, **relations)
        if stage is not None:
            self._move(record, stage, asked)
        return record

    def _apply(self, kind: Kind, record: Record, data: dict[str, Any], asked: Asked) -> None:
        values = self._attributes(kind, kind.change, data)
        if kind.fixed and data.get("relationships"):
            raise Refusal(
                422, f"What {kind.name} belong to is set when they are made.", source={"pointer": "/data/relationships"}
            )
        relations = self._relations(kind, data)
        if isinstance(record, Task) and "description" not in values:
            form = values.get("description_format", record.description_format)
            if form != record.description_format:
                pointer = "/data/attributes/description"
                raise Refusal(422, "A new description_format needs the description.", source={"pointer": pointer})
        if "custom_fields" in values:
            sent = self._custom_fields(kind, values.pop("custom_fields"), record)
            kept = vars(record)["custom_fields"] if self._switches().custom_fields_patch == "merge" else {}
            merged = {**kept, **sent}
            values["custom_fields"] = {k: v for k, v in merged.items() if v is not None}
        stage = relations.pop("stage", None)
        status = values.pop("status", None) if isinstance(record, Company) else None
        for name, value in (values | relations).items():
            setattr(record, name, value)
        if isinstance(record, Company) and status is not None and status != record.status:
            coworker = self._account.owner_of(record)
            actions.set_status(self._account, record, status, coworker, asked.caller.integration)
        else:
            self._account.touch(record, origin=asked.caller.integration)
        if stage is not None:
            self._move(record, stage, asked)

    def _move(self, record: Record, stage: str, asked: Asked) -> None:
        actions.move_deal(
            self._account,
            self._switches(),
            record.id,
            stage=stage,
            origin=asked.caller.integration,
            touch=False,
        )

    def _attributes(self, kind: Kind, model: Any, data: dict[str, Any]) -> dict[str, Any]:
        try:
            sent = model.model_validate(data.get("attributes", {}))
        except ValidationError as error:
            first = error.errors()[0]
            pointer = "/".join(["/data/attributes", *(str(part) for part in first["loc"])])
            raise Refusal(422, f"{kind.name}: {first['msg']}.", source={"pointer": pointer}) from error
        values: dict[str, Any] = sent.model_dump(exclude_unset=True)
        for name, value in values.items():
            if isinstance(value, datetime) and value.tzinfo is None:
                values[name] = value.replace(tzinfo=UTC)
        return values

    def _custom_fields(self, kind: Kind, sent: dict[str, Any] | None, record: Record | None = None) -> dict[str, Any]:
        kept = {}
        for key, value in (sent or {}).items():
            definition = self._account.custom_field_or_none(kind.name, key)
            if definition is None or definition.key != key:
                pointer = f"/data/attributes/custom_fields/{key}"
                raise Refusal(422, f"{kind.name} have no custom field {key}.", source={"pointer": pointer})
            # A client that reads all fields and writes them back must not freeze the rows it was shown.
            if isinstance(record, Deal) and record.rows and value == rows_as_json(record):
                continue
            kept[key] = value
        return kept

    def _relations(self, kind: Kind, data: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        sent = data.get("relationships") or {}
        if not isinstance(sent, dict):
            raise Refusal(422, "relationships is an object.", source={"pointer": "/data/relationships"})
        for name, value in sent.items():
            pointer = f"/data/relationships/{name}"
            relation = kind.relation(name)
            if relation is None or not isinstance(value, dict) or "data" not in value:
                detail = f"{kind.name} have no relationship {name}, or it has no data."
                raise Refusal(422, detail, source={"pointer": pointer})
            if relation.many:
                found[name] = self._targets(relation, value["data"], pointer)
            else:
                one = value["data"]
                found[name] = self._targets(relation, [one], pointer)[0] if one is not None else None
        return found

    def _targets(self, relation: Relation, sent: Any, pointer: str) -> list[str]:
        if not isinstance(sent, list):
            raise Refusal(422, f"{relation.name} takes a list.", source={"pointer": pointer})
        if len(sent) > MAX_PAGE:
            detail = f"At most {MAX_PAGE} ids in one call."
            raise Refusal(409, detail, code="relationship_too_large", source={"pointer": pointer})
        ids = []
        for each in sent:
            identifier = each if isinstance(each, dict) else {}
            if identifier.get("type") != relation.target:
                detail = f"{relation.name} takes identifiers of the type {relation.target}."
                raise Refusal(422, detail, source={"pointer": pointer})
            ids.append(self._existing(relation.target, identifier.get("id"), pointer))
        return ids

    def _existing(self, target: str, record_id: Any, pointer: str) -> str:
        record = self._account.find(target, str(record_id))
        if record is None:
            raise Refusal(422, f"There is no {target} {record_id}.", source={"pointer": pointer})
        return record.id


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
