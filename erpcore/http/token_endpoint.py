"""Talking to a vendor's OAuth2 token endpoint.

The protocol is Authlib's: the authorization address, the forms of the grants, the client's own sign-in and the reading
of replies and of OAuth errors. Authlib's own HTTP clients are not used: they refresh once per thread, which kills a
single-use refresh token, do not refresh on 401, and are bound to one HTTP library. So Authlib's client works here on a
session that sends through `Wire`. When to refresh, the lock and the store are `erpcore.http.oauth2`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urldefrag, urlencode, urlsplit

from authlib.common.errors import AuthlibBaseError
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.client import OAuth2Client

from erpcore.errors import AuthenticationError, ConsentNeededError, RemoteError, UnavailableError
from erpcore.http.clock import SYSTEM_CLOCK, Clock
from erpcore.http.exchange import OnExchange
from erpcore.http.json_body import from_json
from erpcore.http.oauth2_settings import OAuth2Settings
from erpcore.http.redaction import Redactor
from erpcore.http.reply import Reply
from erpcore.http.retry import retry_after
from erpcore.http.tokens import Token
from erpcore.http.wire import BaseTransport, Failure, Timeouts, Wire

TOKEN_TIMEOUTS = Timeouts(connect=10.0, read=20.0, write=10.0, pool=5.0, total=45.0)
"""Together under a minute, which is what a token store's lock counts on."""
_BY_ITSELF = "A sync tries it again by itself."
_VENDOR_TEXT_LENGTH = 500
_MAX_BODY = 1_000_000
_LIFETIME = "erpcore_lifetime"
_NOT_THERE = frozenset({301, 302, 303, 307, 308, 404, 405, 410})
"""Statuses that say that an address is wrong."""
_READ_MEMBERS = frozenset({"access_token", "refresh_token", "scope", _LIFETIME})


class _OAuthRefusal(Exception):
    """An OAuth error reply. Authlib's own class raises over letters outside ASCII, which vendors' texts do have."""

    def __init__(self, error: Any = None, description: Any = None) -> None:
        super().__init__(str(error))
        self.error = str(error)
        self.description = str(description or "")


class _NoToken(Exception):
    """Whatever came instead of a token; carries the error for it."""

    def __init__(self, error: RemoteError) -> None:
        super().__init__(error.message)
        self.error = error


@dataclass(frozen=True)
class _Answer:
    """A reply in the form that Authlib reads."""

    reply: Reply
    redactor: Redactor
    endpoint: TokenEndpoint

    @property
    def status_code(self) -> int:
        return self.reply.status

    def json(self) -> Any:
        # Whatever the content type says: Fortnox answers in JSON under text/html (seen in recorded replies).
        members = from_json(self.reply.body)
        if not isinstance(members, dict):
            raise ValueError("not a JSON object")
        if not self.reply.ok and "error" not in members:
            self.raise_for_status()
        # Known to the redactor before anybody can say anything about them.
        for name in ("access_token", "refresh_token", "id_token"):
            if isinstance(members.get(name), str):
                self.redactor.add(members[name], passing=True)
        # Authlib makes a time of these and raises over an odd one, which would lose a rotated token: `_token` reads it.
        members.pop("expires_at", None)
        members[_LIFETIME] = members.pop("expires_in", None)
        return members

    def raise_for_status(self) -> None:
        raise _NoToken(self.endpoint.no_token(self.reply))


@dataclass(frozen=True)
class _Session:
    """What Authlib posts with."""

    wire: Wire
    endpoint: TokenEndpoint
    redactor: Redactor
    extra_headers: Mapping[str, str]

    def post(self, url: str, *, data: Mapping[str, str], headers: Mapping[str, str], auth: ClientAuth) -> _Answer:
        sent = {name.lower(): value for name, value in {**headers, **self.extra_headers}.items()}
        address, sent, body = auth.prepare("POST", url, sent, urlencode(data))
        outcome = self.wire.send(
            "POST",
            address,
            headers={name.lower(): value for name, value in sent.items()},
            body=body.encode(),
            of_write=False,
        )
        if isinstance(outcome, Failure):
            raise _NoToken(self.endpoint.unreachable(outcome))
        return _Answer(outcome, self.redactor, self.endpoint)


class TokenEndpoint:
    """Asks one vendor's token endpoint, for one connection.

    Args:
        connection: Name of the connection.
        settings: How the vendor does OAuth2.
        redactor: Learns the secrets and the tokens.
        timeouts: How long to wait.
        on_exchange: Is given each token request, without bodies.
        transport: Carries the requests; the network when None.
        clock: Time.
    """

    def __init__(
        self,
        connection: str,
        settings: OAuth2Settings,
        redactor: Redactor,
        *,
        timeouts: Timeouts = TOKEN_TIMEOUTS,
        on_exchange: OnExchange | None = None,
        transport: BaseTransport | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self._connection = connection
        self._settings = settings
        self._redactor = redactor
        self._clock = clock
        secret = settings.client_secret.get_secret_value()
        redactor.add(secret)
        redactor.add(f"{settings.client_id}:{secret}")
        self._wire = Wire(
            connection,
            redactor,
            timeouts=timeouts,
            max_body=_MAX_BODY,
            on_exchange=on_exchange,
            record_bodies=False,
            transport=transport,
            clock=clock,
        )

    def __repr__(self) -> str:
        return f"TokenEndpoint({self._connection!r}, {self._settings.token_url!r})"

    def close(self) -> None:
        """Close the connections."""
        self._wire.close()

    def refresh(self, refresh_token: str) -> Token:
        """Buy the next token with the last refresh token.

        Args:
            refresh_token: Dead afterwards at most vendors, also when the answer is lost.

        Returns:
            The new token; with the old refresh token when the vendor sent no new one.

        Raises:
            ConsentNeededError: The grant is dead.
            AuthenticationError: The client itself is refused.
            UnavailableError: No answer, or one that is no token reply. The token may or may not have been renewed.
        """
        self._redactor.add(refresh_token, passing=True)
        token = self._request(
            lambda client: client.refresh_token(
                self._settings.token_url, refresh_token=refresh_token, headers=self._form_headers()
            )
        )
        return token if token.refresh_token else replace(token, refresh_token=refresh_token)

    def client_credentials(self) -> Token:
        """Buy a token with the client's credentials.

        Raises:
            ConsentNeededError: The grant is dead.
            AuthenticationError: The client itself is refused.
            UnavailableError: No answer, or one that is no token reply.
        """
        wanted = {"scope": self._settings.scope} if self._settings.scope else {}
        return self._request(
            lambda client: client.fetch_token(
                self._settings.token_url, grant_type="client_credentials", headers=self._form_headers(), **wanted
            )
        )

    def authorization_url(self, redirect_uri: str, *, state: str | None = None, **extra: str) -> tuple[str, str]:
        """Build the address at which a person gives consent.

        Args:
            redirect_uri: Where the vendor sends the person back to; registered with the vendor.
            state: Ties the answer to this question; made up when None.
            extra: The vendor's own parameters, such as Fortnox's ``access_type="offline"``.

        Returns:
            The address, and the state to give to `exchange_code`.

        Raises:
            AuthenticationError: This connection has no consent page.
        """
        if self._settings.authorize_url is None:
            raise AuthenticationError("There is no consent page for this connection.", connection=self._connection)
        scope = self._settings.scope or None
        client = OAuth2Client(None, client_id=self._settings.client_id, scope=scope, redirect_uri=redirect_uri)
        url, state = client.create_authorization_url(self._settings.authorize_url, state=state, **extra)
        return str(url), str(state)

    def exchange_code(self, callback_url: str, *, state: str, redirect_uri: str) -> Token:
        """Buy the first token with the code that the vendor sent the person back with.

        Args:
            callback_url: The whole address that the person came back to.
            state: What `authorization_url` gave.
            redirect_uri: The same as was given to `authorization_url`.

        Raises:
            AuthenticationError: Consent was not given, the answer belongs to another question, or the code is used up.
            UnavailableError: No answer, or one that is no token reply.
        """
        callback_url = urldefrag(callback_url).url
        answer = parse_qs(urlsplit(callback_url).query)
        for code in answer.get("code", ()):
            self._redactor.add(code, passing=True)
        if "error" in answer:
            raise self._failed_consent("the system answered", ": ".join(_last(answer, "error", "error_description")))
        # Without a code Authlib would ask for client credentials, and without a state it would not compare it.
        if "code" not in answer or not state:
            raise self._failed_consent("the address has no code, or its question is not known", "")
        try:
            return self._request(
                lambda client: client.fetch_token(
                    self._settings.token_url,
                    authorization_response=callback_url,
                    state=state,
                    redirect_uri=redirect_uri,
                    headers=self._form_headers(),
                )
            )
        except ConsentNeededError as error:
            refusal = error
        raise self._failed_consent("the code is used up or too old", refusal.vendor_text or "")

    def no_token(self, reply: Reply) -> RemoteError:
        """Build the error for an answer that is neither a token nor an OAuth error.

        Args:
            reply: The answer.
        """
        what, advice = f"The sign-in answered with status {reply.status} and something that is no token.", _BY_ITSELF
        refused = reply.status in {400, 401, 403}
        if refused:
            advice = "Check the connection's client id and secret."
        elif refused := reply.status in _NOT_THERE:
            # Asking there again gives the same: a setting is wrong, not the system.
            what = f"There is no sign-in at {self._settings.token_url}: it answered with status {reply.status}."
            advice = "Correct the connection's address in the settings."
        return (AuthenticationError if refused else UnavailableError)(
            what,
            connection=self._connection,
            advice=advice,
            vendor_text=self._redactor.text(" ".join(reply.text.split()))[:_VENDOR_TEXT_LENGTH] or None,
            status=reply.status,
            request_id=reply.request_id,
            retry_after=retry_after(reply.headers, self._clock.now()),
        )

    def unreachable(self, failure: Failure) -> RemoteError:
        """Build the error for a token request without an answer.

        Args:
            failure: What happened.
        """
        return UnavailableError(
            f"The sign-in could not be reached: {failure.reason}. Nothing was sent to the system.",
            connection=self._connection,
            advice=_BY_ITSELF,
        )

    def _form_headers(self) -> dict[str, str]:
        return {"accept": "application/json", "content-type": "application/x-www-form-urlencoded"}

    def _request(self, ask: Callable[[Any], Mapping[str, Any]]) -> Token:
        client = OAuth2Client(
            _Session(self._wire, self, self._redactor, self._settings.headers),
            client_id=self._settings.client_id,
            client_secret=self._settings.client_secret.get_secret_value(),
            token_endpoint_auth_method=self._settings.client_auth,
        )
        client.oauth_error_class = _OAuthRefusal
        try:
            return self._token(ask(client))
        except _NoToken as stop:
            error = stop.error
        except _OAuthRefusal as refusal:
            error = self._refused(refusal)
        except AuthlibBaseError as wrong:
            error = self._failed_consent("the answer does not belong to this question", str(wrong.error))
        except ValueError as wrong:
            error = UnavailableError(
                f"The sign-in answered with something that is no token ({wrong}).",
                connection=self._connection,
                advice=_BY_ITSELF,
            )
        # Outside the handlers: what they caught may hold the reply, and with it a token.
        raise self._redactor.error(error)

    def _token(self, members: Mapping[str, Any]) -> Token:
        access_token, refresh_token = members.get("access_token"), members.get("refresh_token")
        if not isinstance(access_token, str) or not access_token:
            raise ValueError("it has no access_token")
        try:
            lifetime = float(members.get(_LIFETIME) or self._settings.default_lifetime)
            expires_at = self._clock.now() + timedelta(seconds=lifetime)
        except (TypeError, ValueError, OverflowError):
            expires_at = self._clock.now() + timedelta(seconds=self._settings.default_lifetime)
        return Token(
            access_token=access_token,
            refresh_token=refresh_token if isinstance(refresh_token, str) and refresh_token else None,
            expires_at=expires_at,
            scope=str(members.get("scope") or ""),
            extra={name: value for name, value in members.items() if name not in _READ_MEMBERS},
        )

    def _refused(self, refusal: _OAuthRefusal) -> RemoteError:
        if refusal.error in self._settings.dead_errors:
            return self.consent_needed(refusal.description or refusal.error, code=refusal.error)
        if refusal.error in {"temporarily_unavailable", "server_error"}:
            return UnavailableError(
                "The sign-in is out of order for now.",
                connection=self._connection,
                advice=_BY_ITSELF,
                vendor_text=refusal.description or None,
                vendor_code=refusal.error,
            )
        return AuthenticationError(
            "The sign-in refused this integration.",
            connection=self._connection,
            advice="Check the connection's client id, secret, scopes and tenant.",
            vendor_text=refusal.description or refusal.error,
            vendor_code=refusal.error,
        )

    def consent_needed(self, reason: str, *, code: str | None = None) -> ConsentNeededError:
        """Build the error for a dead grant.

        Args:
            reason: What the vendor said.
            code: Its error code.
        """
        return ConsentNeededError(
            "The consent to use this account is gone.",
            connection=self._connection,
            advice=f"Run `erpcore connect {self._connection}`.",
            vendor_text=reason,
            vendor_code=code,
        )

    def _failed_consent(self, what: str, vendor_text: str) -> AuthenticationError:
        error = AuthenticationError(
            f"The connection was not made: {what}.",
            connection=self._connection,
            advice=f"Run `erpcore connect {self._connection}` again.",
            vendor_text=vendor_text or None,
        )
        self._redactor.error(error)
        return error


def _last(answer: Mapping[str, list[str]], *names: str) -> list[str]:
    return [answer[name][-1] for name in names if answer.get(name)]
