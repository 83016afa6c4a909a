"""Signing in at Fortnox: consent given once by a person, and tokens bought with it (developer guide, Authorization).

With `client_credentials` nothing has to be kept: each token is bought with the client's secret and the company's tenant
id. With `authorization_code` each refresh token works once, and the next one is stored before its access token is used.
Both begin with a consent in the browser.
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any
from urllib.parse import urlencode

from erpcore.errors import AuthenticationError, ConfigurationError, ConsentNeededError
from erpcore.host import Host
from erpcore.http import OAuth2Auth, OAuth2Settings
from erpcore_fortnox.settings import FortnoxSettings


def oauth_settings(settings: FortnoxSettings, tenant_id: str | None) -> OAuth2Settings:
    """Tell how Fortnox does OAuth2.

    Args:
        settings: The connection's settings.
        tenant_id: The company, which client credentials are bought for.
    """
    by_client = settings.grant == "client_credentials"
    return OAuth2Settings(
        token_url=f"{settings.auth_url}/token",
        authorize_url=f"{settings.auth_url}/auth",
        client_id=settings.client_id,
        client_secret=settings.client_secret,
        grant="client_credentials" if by_client else "refresh_token",
        scope=" ".join(settings.scopes),
        headers={"TenantId": tenant_id} if by_client and tenant_id else {},
        dead_errors=settings.consent_errors,
        default_lifetime=3600.0,
        # As set, not as learnt: the token of the consent is bought before the company is known.
        account=settings.tenant_id or "",
    )


def known_tenant(settings: FortnoxSettings, host: Host) -> str | None:
    """Give the company's tenant id: as set, or as the stored token tells; None before consent.

    Args:
        settings: The connection's settings.
        host: Where tokens are kept.
    """
    if settings.tenant_id is not None:
        return settings.tenant_id
    token = host.tokens.load(host.connection)
    return None if token is None else tenant_of(token.access_token)


def signed_in(settings: FortnoxSettings, host: Host, tenant_id: str | None) -> OAuth2Auth:
    """Build what signs the connection's requests in.

    Args:
        settings: The connection's settings.
        host: Where tokens are kept.
        tenant_id: The company.

    Raises:
        ConsentNeededError: Client credentials need a tenant id, and none is known: nobody has given consent yet.
    """
    if settings.grant == "client_credentials" and tenant_id is None:
        raise ConsentNeededError(
            "The connection to Fortnox was never made: the company's tenant id is not known.",
            connection=host.connection,
            advice=f"Run “erpcore connect {host.connection}”, or set tenant_id if consent was given elsewhere.",
        )
    return OAuth2Auth(host, oauth_settings(settings, tenant_id))


def authorization_url(settings: FortnoxSettings, host: Host, redirect_uri: str, state: str) -> str:
    """Build the address at which a Fortnox system administrator gives consent.

    Args:
        settings: The connection's settings.
        host: Whose connection it is.
        redirect_uri: Where Fortnox sends the person back to; registered in the developer portal.
        state: Comes back with the person; the caller compares it.
    """
    kind = {"account_type": "service"} if settings.service_account else {}
    auth = OAuth2Auth(host, oauth_settings(settings, None))
    try:
        return auth.endpoint.authorization_url(redirect_uri, state=state, access_type="offline", **kind)
    finally:
        auth.close()


def finish_authorization(settings: FortnoxSettings, host: Host, code: str, redirect_uri: str) -> None:
    """Buy the first token with the code that came back, and store it.

    Args:
        settings: The connection's settings.
        host: Where the token is kept.
        code: The code; works once, within ten minutes.
        redirect_uri: The same as for `authorization_url`.

    Raises:
        AuthenticationError: The code is not accepted, or belongs to another company than `tenant_id`.
        ConfigurationError: The token does not tell the company, and `tenant_id` is not set.
        UnavailableError: Fortnox could not be reached.
    """
    auth = OAuth2Auth(host, oauth_settings(settings, None))
    try:
        # The caller has compared the state already; the endpoint wants to see the whole answer.
        answer = urlencode({"code": code, "state": "compared"})
        token = auth.endpoint.exchange_code(f"{redirect_uri}?{answer}", state="compared", redirect_uri=redirect_uri)
        tenant_id = tenant_of(token.access_token)
        if settings.tenant_id and tenant_id and tenant_id != settings.tenant_id:
            raise AuthenticationError(
                f"Consent was given for the company with tenant id {tenant_id}, but the connection is for "
                f"{settings.tenant_id}.",
                connection=host.connection,
                advice="Sign in to the right company at Fortnox and connect again, or correct tenant_id.",
            )
        auth.adopt(token)
    finally:
        auth.close()
    if settings.grant == "client_credentials" and not (settings.tenant_id or tenant_id):
        raise ConfigurationError(
            "Consent was given, but the token does not tell the company's tenant id.",
            setting=f"connections.{host.connection}.tenant_id",
            advice="Set it to the database number that Fortnox shows for the company.",
        )


def tenant_of(access_token: str) -> str | None:
    """Read the claim ``tenantId`` of an access token, or None when it is no such token.

    The signature is not looked at: the token came from Fortnox itself, and the id opens nothing.

    Args:
        access_token: A JSON web token.
    """
    parts = access_token.split(".")
    if len(parts) != 3:
        return None
    try:
        claims: Any = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (binascii.Error, ValueError):
        return None
    tenant = claims.get("tenantId") if isinstance(claims, dict) else None
    return None if tenant in (None, "") else str(tenant)
