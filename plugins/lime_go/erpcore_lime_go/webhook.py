"""Deliveries of the classic API's events: who may deliver, and what is read of it. No I/O.

Lime signs nothing (Lime Go API reference, Event subscription: no signature is mentioned). So the path ends in a token
that nobody can guess, and what a delivery tells is only a reason to read the record.
"""

from __future__ import annotations

import hmac
from typing import Any
from urllib.parse import unquote

from erpcore.errors import WebhookRefusedError
from erpcore.http import from_json, storable
from erpcore.models import CrmEvent, WebhookRequest

from .events import read_events
from .settings import LimeGoSettings

_MOST_EVENTS = 1000


def read_delivery(request: WebhookRequest, settings: LimeGoSettings) -> list[CrmEvent]:
    """Read one delivery.

    Args:
        request: As it came in.
        settings: The connection's settings.

    Returns:
        Its events. Equal deliveries without a position within ``webhook_repeat_seconds`` have equal keys; longer apart
        they are taken for two events, since a deal that is won again may be told of in the same words, and reading a
        deal once too often does no harm.

    Raises:
        WebhookRefusedError: 404 for a wrong address, 413 for too much, 415 for another form than JSON, 400 for JSON
            that holds no event.
    """
    if not _is_ours(request.path, settings):
        # The same answer as for any wrong address: a guesser learns nothing.
        raise WebhookRefusedError("There is nothing at this address.", status=404)
    if len(request.body) > settings.webhook_max_bytes:
        raise WebhookRefusedError(f"The delivery has more than {settings.webhook_max_bytes} bytes.", status=413)
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type and content_type != "application/json" and not content_type.endswith("+json"):
        raise WebhookRefusedError("The delivery is not JSON.", status=415)
    window = int(request.received_at.timestamp()) // settings.webhook_repeat_seconds
    return read_events(_items(request.body), settings.event_names, str(window))


def _is_ours(path: str, settings: LimeGoSettings) -> bool:
    if settings.webhook_token is None:
        return False
    told = unquote(path.rstrip("/").rpartition("/")[2], errors="replace")
    token = settings.webhook_token.get_secret_value()
    return hmac.compare_digest(told.encode("utf-8", "replace"), token.encode("utf-8", "replace"))


def _items(body: bytes) -> list[Any]:
    try:
        held = from_json(body)
    except ValueError:
        held = None
    if isinstance(held, dict):
        held = held["items"] if isinstance(held.get("items"), list) else [held]
    if not isinstance(held, list) or not held or not all(isinstance(item, dict) for item in held):
        raise WebhookRefusedError("The delivery holds no event.", status=400)
    if len(held) > _MOST_EVENTS:
        raise WebhookRefusedError(f"The delivery holds more than {_MOST_EVENTS} events.", status=413)
    if not storable(held):
        raise WebhookRefusedError("The delivery holds texts or lists that no event has.", status=400)
    return held
