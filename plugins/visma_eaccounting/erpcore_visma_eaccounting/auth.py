"""Signing in at Visma's identity server: consent given once by a person, and tokens renewed with a refresh token.

Each refresh gives a new refresh token. Whether the one before still works is unconfirmed, so it is taken for dead: the
new pair is stored before its access token is used. Without ``offline_access`` a consent lasts an hour (clients).
"""

from __future__ import annotations

from urllib.parse import urlencode

from erpcore.host import Host
from erpcore.http import OAuth2Auth, OAuth2Settings
from erpcore_visma_eaccounting.settings import VismaEAccountingSettings


def signed_in(settings: VismaEAccountingSettings, host: Host) -> OAuth2Auth:
    """Build what signs the connection's requests in.

    Args:
        settings: The connection's settings.
        host: Where tokens are kept.
    """
    vendor = OAuth2Settings(
        token_url=f"{settings.identity_url}/connect/token",
        authorize_url=f"{settings.identity_url}/connect/authorize",
        client_id=settings.client_id,
        client_secret=settings.client_secret,
        scope=" ".join(settings.scopes),
        client_auth=settings.client_auth,
        dead_errors=settings.consent_errors,
        default_lifetime=3600.0,
    )
    return OAuth2Auth(host, vendor)


def authorization_url(settings: VismaEAccountingSettings, host: Host, redirect_uri: str, state: str) -> str:
    """Build the address at which a user of the company gives consent, and chooses the company.

    Args:
        settings: The connection's settings.
        host: Whose connection it is.
        redirect_uri: Where Visma sends the person back to; registered with the integration.
        state: Comes back with the person; the caller compares it.
    """
    auth = signed_in(settings, host)
    try:
        return auth.endpoint.authorization_url(redirect_uri, state=state, **settings.consent_parameters)
    finally:
        auth.close()


def finish_authorization(settings: VismaEAccountingSettings, host: Host, code: str, redirect_uri: str) -> None:
    """Buy the first token with the code that came back, and store it.

    Args:
        settings: The connection's settings.
        host: Where the token is kept.
        code: The code; works once.
        redirect_uri: The same as for `authorization_url`.

    Raises:
        AuthenticationError: The code is not accepted.
        UnavailableError: Visma could not be reached.
    """
    auth = signed_in(settings, host)
    try:
        # The caller has compared the state already; the endpoint wants to see the whole answer.
        answer = urlencode({"code": code, "state": "compared"})
        token = auth.endpoint.exchange_code(f"{redirect_uri}?{answer}", state="compared", redirect_uri=redirect_uri)
        auth.adopt(token)
    finally:
        auth.close()
