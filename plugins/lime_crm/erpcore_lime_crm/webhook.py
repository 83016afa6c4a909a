"""Deliveries: who may deliver, and what is read of it. No I/O.

Both signature versions are Lime's (Webhooks add-on, Securing webhooks; Lime's own client for version 2). Version 1
signs the body; version 2 signs the delivery's id, its time and the body's digest, and is bound to the time.

Lime delivers again, under the same id and with the time of the first attempt, what was not answered with 2xx. So a
late delivery is believed up to `webhook_late_seconds`, and one that was taken in before is not refused unless
`webhook_repeated` says so, which would make Lime go on trying: its events have the keys that they had the first time,
and the inbox knows them. What comes under the same id with another body is none of Lime's, and is refused. For that
an event stands for each delivery of version 2; version 1 tells neither id nor time.
"""

from __future__ import annotations

import hashlib
import hmac

from erpcore.errors import WebhookRefusedError
from erpcore.http import from_json, storable
from erpcore.models import CrmEvent, WebhookRequest

from .events import event_of, is_own
from .records import Record, from_webhook
from .settings import LimeCrmSettings

_CHANGES = ("new", "update", "restore")
_LONGEST_ID = 200
_PREFIXES = {"v1": "sha256=", "v2": "v2="}


def read_delivery(request: WebhookRequest, settings: LimeCrmSettings) -> list[CrmEvent]:
    """Read one delivery.

    Args:
        request: As it came in.
        settings: The connection's settings.

    Returns:
        With version 2 an event that stands for the delivery itself. Then what happened; nothing when there is nothing
        to do, or when the change was our own.

    Raises:
        WebhookRefusedError: 404 where no webhook is set up, 413 for too much, 415 for another form than JSON, 401 for
            a delivery that is not believed, 400 for JSON that is no delivery, 422 for an event nobody asked for.
    """
    if settings.webhook_secret is None:
        raise WebhookRefusedError("There is nothing at this address.", status=404)
    if len(request.body) > settings.webhook_max_bytes:
        raise WebhookRefusedError(f"The delivery has more than {settings.webhook_max_bytes} bytes.", status=413)
    _require_signature(request, settings)
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != "application/json" and not content_type.endswith("+json"):
        raise WebhookRefusedError("The delivery is not JSON.", status=415)
    record, what = _delivered(request.body, settings)
    seen = [_seen(request, settings)] if settings.webhook_signature == "v2" else []
    if what == "delete":
        key = f"{record.limetype}:{record.id}:deleted"
        return [*seen, CrmEvent(key=key, kind="other", record_id=str(record.id), facts={"deleted": True})]
    if is_own(record, settings):
        return seen
    event = event_of(record, settings)
    return seen if event is None else [*seen, event]


def watched_events(settings: LimeCrmSettings) -> list[str]:
    """List the events to subscribe to.

    Args:
        settings: The connection's settings.
    """
    limetypes = [settings.order.limetype, settings.company.limetype]
    if settings.watch_deals:
        limetypes.append(settings.deal.limetype)
    return [f"{limetype}.{what}" for limetype in limetypes if limetype for what in _CHANGES]


def _require_signature(request: WebhookRequest, settings: LimeCrmSettings) -> None:
    version = settings.webhook_signature
    told = request.headers.get("x-lime-signature", "")
    if not told.startswith(_PREFIXES[version]):
        # Also a valid one of the other version: a recorded delivery of version 1 must not pass where 2 is expected.
        raise WebhookRefusedError(f"The delivery is not signed with version {version}.", status=401)
    signed = request.body if version == "v1" else _signed_v2(request)
    secrets = [each for each in (settings.webhook_secret, settings.webhook_previous_secret) if each is not None]
    fits = False
    for secret in secrets:
        digest = hmac.new(secret.get_secret_value().encode(), signed, hashlib.sha256).hexdigest()
        # Bytes, since a text with other letters than ASCII cannot be compared in constant time.
        fits |= hmac.compare_digest(f"{_PREFIXES[version]}{digest}".encode(), told.encode("utf-8", "replace"))
    if not fits:
        raise WebhookRefusedError("The delivery's signature is wrong.", status=401)
    if version == "v2":
        _require_fresh(request, settings)


def _signed_v2(request: WebhookRequest) -> bytes:
    delivery, at = _header(request, "x-lime-delivery-id"), _header(request, "x-lime-delivery-timestamp")
    digest = hashlib.sha256(request.body).hexdigest()
    return f"v2:{delivery}:{at}:{digest}".encode("utf-8", "replace")


def _header(request: WebhookRequest, name: str) -> str:
    value = request.headers.get(name, "").strip()
    if not value or len(value) > _LONGEST_ID:
        raise WebhookRefusedError(f"The delivery has no usable header {name}.", status=401)
    return value


def _seen(request: WebhookRequest, settings: LimeCrmSettings) -> CrmEvent:
    facts = {"body": hashlib.sha256(request.body).hexdigest()}
    if settings.webhook_repeated == "refuse":
        facts["received"] = request.received_at.isoformat()  # so that no second one is the same
    return CrmEvent(key=f"delivery:{_header(request, 'x-lime-delivery-id')}", kind="other", facts=facts)


def _require_fresh(request: WebhookRequest, settings: LimeCrmSettings) -> None:
    told = _header(request, "x-lime-delivery-timestamp")
    if not (told.isascii() and told.isdigit() and len(told) <= 12):
        raise WebhookRefusedError("The delivery's time is no time.", status=401)
    age = request.received_at.timestamp() - int(told)
    oldest = max(settings.webhook_fresh_seconds, settings.webhook_late_seconds)
    if age > oldest:
        raise WebhookRefusedError(f"The delivery is older than {oldest} seconds.", status=401)
    if age < -settings.webhook_fresh_seconds:
        raise WebhookRefusedError("The delivery's time is in the future.", status=401)


def _delivered(body: bytes, settings: LimeCrmSettings) -> tuple[Record, str]:
    try:
        held = from_json(body)
    except ValueError:
        held = None
    event = held.get("event") if isinstance(held, dict) else None
    inner = held.get("body") if isinstance(held, dict) else None
    if not isinstance(event, str) or not isinstance(inner, dict) or not storable(held):
        raise WebhookRefusedError("The delivery holds no event.", status=400)
    limetype, _, what = event.rpartition(".")
    if f"{limetype}.new" not in watched_events(settings) or what not in (*_CHANGES, "delete"):
        raise WebhookRefusedError("The delivery tells of an event that nobody asked for.", status=422)
    record = from_webhook(inner, settings.zone)
    if record is None or record.limetype != limetype or (what != "delete" and record.timestamp is None):
        raise WebhookRefusedError("The delivery's body does not fit its event.", status=400)
    return record, what
