"""What the OAuth servers of the vendors have in common; how they word it is each simulator's own.

Authorization code, refresh with rotation, and client credentials. Tokens live by the movable clock, and nothing
here knows about HTTP: a simulator's token endpoint turns `OAuthRefused` into the vendor's own answer.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random, SystemRandom
from typing import Any, Literal

from erpcore.simulator.clock import Clock


class OAuthRefused(Exception):
    """A grant that is not given.

    Args:
        error: The error code of RFC 6749, section 5.2, such as ``invalid_grant``.
        description: What is wrong, in words.
    """

    def __init__(self, error: str, description: str) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description


@dataclass(frozen=True)
class Grant:
    """What a token stands for: which client may do what in which company.

    Attributes:
        client_id: The application.
        tenant: The company, in the vendor's own numbering.
        scopes: What may be done.
        service: Whether a service account, not a person, holds the grant.
    """

    client_id: str
    tenant: str
    scopes: tuple[str, ...] = ()
    service: bool = False


@dataclass(frozen=True)
class IssuedTokens:
    """What a token endpoint hands out: `expires_in` in seconds, `refresh_token` None where the grant has none."""

    access_token: str
    refresh_token: str | None
    expires_in: int
    grant: Grant


@dataclass(frozen=True)
class _Code:
    grant: Grant
    redirect_uri: str | None
    dies_at: datetime
    refreshable: bool


@dataclass(frozen=True)
class _Live:
    grant: Grant
    dies_at: datetime


OAUTH_KINDS: tuple[type, ...] = (Grant, _Code, _Live)
"""The dataclasses in `OAuthServer.memory`."""


class OAuthServer:
    """Codes, tokens and consents of one vendor.

    Args:
        clock: Whose time the lifetimes are counted in.
        clients: Client id to client secret.
        access_seconds: How long an access token lives.
        refresh_seconds: How long a refresh token lives.
        code_seconds: How long an authorization code can be redeemed.
        form: ``opaque`` tokens, or ``jwt`` ones whose claims a client can read.
        claims: For ``jwt``: the vendor's own claims of a grant, beside iat, exp and jti.
        random: What tokens and codes are drawn from; nobody can foresee them when left out.
    """

    def __init__(
        self,
        clock: Clock,
        clients: Mapping[str, str],
        *,
        access_seconds: int = 3600,
        refresh_seconds: int = 45 * 86400,
        code_seconds: int = 600,
        form: Literal["opaque", "jwt"] = "opaque",
        claims: Callable[[Grant], Mapping[str, Any]] | None = None,
        random: Random | None = None,
    ) -> None:
        self.clients = dict(clients)
        self._clock = clock
        self._access_seconds = access_seconds
        self._refresh_seconds = refresh_seconds
        self._code_seconds = code_seconds
        self._form = form
        self._claims = claims
        self._random = random or SystemRandom()
        self._key = self._random.randbytes(32)
        self._lock = threading.RLock()
        self._codes: dict[str, _Code] = {}
        self._access: dict[str, _Live] = {}
        self._refresh: dict[str, _Live] = {}
        self._consents: dict[tuple[str, str], Grant] = {}

    def knows(self, client_id: str, client_secret: str) -> bool:
        """Say whether this client id has this secret."""
        known = self.clients.get(client_id)
        return known is not None and hmac.compare_digest(known.encode(), client_secret.encode())

    def consent(self, grant: Grant) -> None:
        """Remember that the company agreed; what client credentials are given on."""
        with self._lock:
            self._consents[grant.client_id, grant.tenant] = grant

    def consent_of(self, client_id: str, tenant: str) -> Grant | None:
        """Return what the company agreed to, or None."""
        with self._lock:
            return self._consents.get((client_id, tenant))

    def withdraw_consent(self, client_id: str, tenant: str) -> None:
        """Take the consent back: every code and token of this client in this company is dead at once."""
        with self._lock:
            self._consents.pop((client_id, tenant), None)

            def stays(grant: Grant) -> bool:
                return (grant.client_id, grant.tenant) != (client_id, tenant)

            self._codes = {key: code for key, code in self._codes.items() if stays(code.grant)}
            self._access = {key: live for key, live in self._access.items() if stays(live.grant)}
            self._refresh = {key: live for key, live in self._refresh.items() if stays(live.grant)}

    def issue_code(self, grant: Grant, redirect_uri: str | None = None, *, refreshable: bool = True) -> str:
        """Consent and hand out an authorization code, to be redeemed once.

        Args:
            grant: What was agreed to.
            redirect_uri: The address that the code is sent to, if the client named one.
            refreshable: Whether redeeming it gives a refresh token.
        """
        code = _base64url(self._random.randbytes(24))
        dies_at = self._clock.now() + timedelta(seconds=self._code_seconds)
        with self._lock:
            self.consent(grant)
            self._codes[code] = _Code(grant, redirect_uri, dies_at, refreshable)
        return code

    def redeem_code(self, client_id: str, code: str, redirect_uri: str | None = None) -> IssuedTokens:
        """Exchange an authorization code for tokens.

        Raises:
            OAuthRefused: ``invalid_grant``: unknown, used, too old, another client's or another redirect address's.
        """
        with self._lock:
            held = self._codes.pop(code, None)
            if (
                held is None
                or held.dies_at <= self._clock.now()
                or held.grant.client_id != client_id
                or held.redirect_uri != redirect_uri
            ):
                raise OAuthRefused("invalid_grant", "Invalid authorization code")
            return self._issue(held.grant, with_refresh=held.refreshable)

    def refresh(self, client_id: str, refresh_token: str) -> IssuedTokens:
        """Exchange a refresh token for a new pair; the old refresh token is dead at once.

        Raises:
            OAuthRefused: ``invalid_grant``: unknown, used before, too old, or another client's.
        """
        with self._lock:
            held = self._refresh.get(refresh_token)
            if held is None or held.dies_at <= self._clock.now() or held.grant.client_id != client_id:
                raise OAuthRefused("invalid_grant", "Invalid refresh token")
            del self._refresh[refresh_token]
            return self._issue(held.grant, with_refresh=True)

    def client_credentials(self, client_id: str, tenant: str, scopes: tuple[str, ...] | None = None) -> IssuedTokens:
        """Issue an access token, without a refresh token, on a consent given before.

        Args:
            client_id: The application, whose secret the caller has checked.
            tenant: The company.
            scopes: A subset of the consented scopes; others are left out. None asks for all.

        Raises:
            OAuthRefused: ``invalid_grant``: the company has not consented.
        """
        with self._lock:
            held = self._consents.get((client_id, tenant))
            if held is None:
                raise OAuthRefused("invalid_grant", "No consent for this client in this company")
            given = held.scopes if scopes is None else tuple(scope for scope in held.scopes if scope in scopes)
            return self._issue(Grant(client_id, tenant, given, held.service), with_refresh=False)

    def issue(self, grant: Grant) -> IssuedTokens:
        """Consent and hand out a pair at once, for tests and demos that begin connected."""
        with self._lock:
            self.consent(grant)
            return self._issue(grant, with_refresh=True)

    def bearer(self, access_token: str) -> Grant | None:
        """Return what a living access token stands for; None for an unknown or dead one."""
        with self._lock:
            held = self._access.get(access_token)
            return None if held is None or held.dies_at <= self._clock.now() else held.grant

    def revoke(self, token: str) -> bool:
        """Kill one access or refresh token; False when there was none such."""
        with self._lock:
            known = self._refresh.pop(token, None) or self._access.pop(token, None)
            return known is not None

    def expire_access_tokens(self) -> int:
        """Kill every access token (refresh tokens live on); return how many there were."""
        with self._lock:
            count = len(self._access)
            self._access.clear()
            return count

    def memory(self) -> dict[str, Any]:
        """Return the living codes and tokens, and the consents, to be kept; needs `OAUTH_KINDS`.

        The key that signs ``jwt`` tokens is not among them: a token is known by being in the list.
        """
        with self._lock:
            now = self._clock.now()
            return {
                "codes": {code: held for code, held in self._codes.items() if held.dies_at > now},
                "access": {token: live for token, live in self._access.items() if live.dies_at > now},
                "refresh": {token: live for token, live in self._refresh.items() if live.dies_at > now},
                "consents": dict(self._consents),
            }

    def remember(self, memory: Mapping[str, Any]) -> None:
        """Hold what `memory` returned, and nothing else."""
        with self._lock:
            self._codes = dict(memory["codes"])
            self._access = dict(memory["access"])
            self._refresh = dict(memory["refresh"])
            self._consents = dict(memory["consents"])

    def _issue(self, grant: Grant, *, with_refresh: bool) -> IssuedTokens:
        now = self._clock.now()
        access = self._new_access_token(grant)
        self._access[access] = _Live(grant, now + timedelta(seconds=self._access_seconds))
        refresh = None
        if with_refresh:
            refresh = self._random.randbytes(20).hex()
            self._refresh[refresh] = _Live(grant, now + timedelta(seconds=self._refresh_seconds))
        return IssuedTokens(access, refresh, self._access_seconds, grant)

    def _new_access_token(self, grant: Grant) -> str:
        if self._form == "opaque":
            return _base64url(self._random.randbytes(32))
        issued = int(self._clock.now().timestamp())
        claims = {
            **(self._claims(grant) if self._claims else {}),
            "iat": issued,
            "exp": issued + self._access_seconds,
            "jti": self._random.randbytes(8).hex(),
        }
        unsigned = f"{_part({'alg': 'HS256', 'typ': 'JWT'})}.{_part(claims)}"
        signature = hmac.new(self._key, unsigned.encode(), hashlib.sha256).digest()
        return f"{unsigned}.{_base64url(signature)}"


def basic_credentials(authorization: str | None) -> tuple[str, str] | None:
    """Return user and password of an ``Authorization: Basic`` header; None when it is no such header."""
    scheme, _, value = (authorization or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, colon, password = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (user, password) if colon else None


def bearer_token(authorization: str | None) -> str | None:
    """Return the token of an ``Authorization: Bearer`` header; None when it is no such header."""
    scheme, _, token = (authorization or "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def _part(claims: Mapping[str, Any]) -> str:
    return _base64url(json.dumps(claims, separators=(",", ":")).encode())


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
