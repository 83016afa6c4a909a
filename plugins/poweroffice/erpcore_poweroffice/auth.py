"""Signing in: a token bought with the application key and the client key, and the subscription key beside it.

The subscription key goes with the token request and with every other request (PowerOffice's description of its token
endpoint). Nothing has to be kept: a token lives 20 minutes and is bought again.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from erpcore.http import Budget, HTTPTransport, OAuth2Auth, OAuth2Settings, RateLimit, Request, Response
from erpcore.plugin import Host
from erpcore_poweroffice.settings import PowerOfficeSettings

SUBSCRIPTION_HEADER = "Ocp-Apim-Subscription-Key"
_LONGEST_WAIT = 10.0
"""Seconds that a token request waits for its turn; together with its own time-outs within a token store's lock."""


class _TakingTurns(HTTPTransport):
    """Lets token requests wait for their turn too: PowerOffice counts them like all others (unconfirmed).

    Args:
        budget: The budget that all requests with the subscription key share.
        limit: Its limit.
    """

    def __init__(self, budget: Budget, limit: RateLimit) -> None:
        super().__init__()
        self._budget = budget
        self._limit = limit

    def handle_request(self, request: Request) -> Response:
        """Send a token request when it is its turn."""
        limit = self._limit
        self._budget.acquire(limit.key, limit.limit, limit.seconds + limit.margin, longest_wait=_LONGEST_WAIT)
        response = super().handle_request(request)
        self._budget.answered(limit.key, limit.margin)
        return response


def signed_in(settings: PowerOfficeSettings, host: Host) -> OAuth2Auth:
    """Build what signs the connection's requests in.

    Args:
        settings: The connection's settings.
        host: Where tokens are kept.
    """
    application_key = settings.application_key.get_secret_value()
    subscription_key = settings.subscription_key.get_secret_value()
    auth = OAuth2Auth(
        host.connection,
        OAuth2Settings(
            token_url=f"{settings.base_url}/OAuth/Token",
            client_id=application_key,
            client_secret=settings.client_key,
            grant="client_credentials",
            headers={SUBSCRIPTION_HEADER: subscription_key},
            # A key that is not accepted is corrected in the settings; nobody gives consent anew.
            dead_errors=frozenset(),
            default_lifetime=600.0,
        ),
        host.tokens,
        on_exchange=host.observer,
        transport=_TakingTurns(host.budget, rate_limit(settings)),
    )
    auth.redactor.add(application_key)
    auth.redactor.add(subscription_key)
    return auth


def rate_limit(settings: PowerOfficeSettings) -> RateLimit:
    """Give the limit, which PowerOffice counts by subscription key over all companies (developer portal, Requests).

    Connections that share the key share the budget. The budget is stored, so it is named by a digest of the key.

    Args:
        settings: The connection's settings.
    """
    key = settings.subscription_key.get_secret_value().encode()
    return RateLimit(
        key=f"poweroffice:{hashlib.sha256(key).hexdigest()[:20]}",
        limit=settings.requests_per_window,
        seconds=settings.window_seconds,
        margin=settings.window_margin_seconds,
    )


def claims_of(access_token: str) -> Mapping[str, Any]:
    """Read the claims of an access token; none when it is no JSON web token.

    The signature is not looked at: the token came from PowerOffice itself, and the claims only serve a report.

    Args:
        access_token: The token.
    """
    parts = access_token.split(".")
    if len(parts) != 3:
        return {}
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (binascii.Error, ValueError):
        return {}
    return claims if isinstance(claims, dict) else {}
