"""Deliveries as Lime CRM signs them in version 2 of its webhooks (Webhooks add-on)."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime

from erpcore.models import WebhookRequest

_ID = "7f6c1d"


def signed_delivery(body: bytes, secret: str, at: datetime) -> WebhookRequest:
    """Give a delivery that arrives the moment it is signed.

    Args:
        body: What it tells.
        secret: The subscription's.
        at: The moment, aware.
    """
    told = str(int(at.timestamp()))
    signed = f"v2:{_ID}:{told}:{hashlib.sha256(body).hexdigest()}"
    signature = hmac.new(secret.encode(), signed.encode(), hashlib.sha256).hexdigest()
    headers = {
        "content-type": "application/json",
        "x-lime-signature": f"v2={signature}",
        "x-lime-delivery-id": _ID,
        "x-lime-delivery-timestamp": told,
    }
    return WebhookRequest(path="/webhooks/lime/contract", headers=headers, body=body, received_at=at)
