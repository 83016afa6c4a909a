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

from erpcore.host import Host, RateLimit
from erpcore.http import OAuth2Auth, OAuth2Settings
from erpcore_poweroffice.settings import PowerOfficeSettings

SUBSCRIPTION_HEADER = "Ocp-Apim-Subscription-Key"


def signed_in(settings: PowerOfficeSettings, host: Host) -> OAuth2Auth:
    """Build what signs the connection's requests in.

    Args:
        settings: The connection's settings.
        host: Where tokens are kept.
    """
    application_key = settings.application_key.get_secret_value()
    subscription_key = settings.subscription_key.get_secret_value()
    auth = OAuth2Auth(
        host,
        OAuth2Settings(
            token_url=f"{settings.base_url}/OAuth/Token",
            client_id=application_key,
            client_secret=settings.client_key,
            grant="client_credentials",
            headers={SUBSCRIPTION_HEADER: subscription_key},
            # A key that is not accepted is corrected in the settings; nobody gives consent anew.
            dead_errors=frozenset(),
            default_lifetime=600.0,
            account=settings.client_key.get_secret_value(),  # a company's own key
        ),
        limits=[rate_limit(settings)],  # PowerOffice counts token requests like all others (unconfirmed)
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
