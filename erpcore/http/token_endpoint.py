"""Talking to a vendor's OAuth2 token endpoint.

The protocol is oauthlib's, which does no I/O of its own: the forms of the grants, the address that asks for consent,
and the reading of the answer to it. What a token endpoint answers is read here, since oauthlib refuses a token whose
lifetime is written oddly, and with that a rotated pair would be lost. When to refresh, the lock and the store are
`erpcore.http.oauth2`.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from erpcore.errors import AuthenticationError, ConsentNeededError, RemoteError, UnavailableError
from erpcore.exact_json import from_json
from erpcore.host import Host, RateLimit, Token
from erpcore.http.oauth2_settings import OAuth2Settings
from erpcore.http.reply import Failure, Reply, Timeouts
from erpcore.http.retry import retry_after
from erpcore.redaction import Redactor

_TIMEOUTS = Timeouts(total=45.0, connect=10.0, piece=20.0)
"""Under a minute with the wait for the budget, which is what a token store's lock counts on."""
_BUDGET_WAIT = 10.0
_MAX_BODY = 1_000_000
_NOT_THERE = frozenset({301, 302, 303, 307, 308, 404, 405, 410})
"""Statuses that say that an address is wrong."""
_WHAT_FAILED = {
    "mismatching_state": "the answer does not belong to this question",
    "missing_code": "the address has no code",
}
_READ_MEMBERS = frozenset({"access_token", "refresh_token", "scope", "expires_in", "expires_at"})


class TokenEndpoint:
    """Asks one vendor's token endpoint, for one connection.

    Args:
        host: What erpcore lends to the plugin. It is told of each token request, without bodies.
        settings: How the vendor does OAuth2.
        redactor: Learns the secrets and the tokens.
        limits: The vendor's limits that token requests count towards too.
    """

    def __init__(
        self,
        host: Host,
        settings: OAuth2Settings,
        redactor: Redactor,
        *,
        limits: Sequence[RateLimit] = (),
    ) -> None:
        self._connection = host.connection
        self._settings = settings
        self._redactor = redactor
        self._budget = host.budget
        self._limits = limits
        self._clock = host.clock
        secret = settings.client_secret.get_secret_value()
        redactor.add(secret)
        redactor.add(f"{settings.client_id}:{secret}")
        self._in_form: dict[str, Any] = {"include_client_id": False}
        self._headers = {"accept": "application/json", "content-type": "application/x-www-form-urlencoded"}
        self._headers |= {name.lower(): value for name, value in settings.headers.items()}
        if settings.client_auth == "client_secret_post":
            self._in_form = {"client_secret": secret}
        else:
            basic = base64.b64encode(f"{settings.client_id}:{secret}".encode()).decode()
            self._headers["authorization"] = f"Basic {basic}"
        from oauthlib.oauth2 import WebApplicationClient

        from erpcore.http.wire import Wire

        self._person = WebApplicationClient(settings.client_id)
        self._wire = Wire(host, redactor, timeouts=_TIMEOUTS, max_body=_MAX_BODY, record_bodies=False)

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
        named = {} if "include_client_id" in self._in_form else {"client_id": self._settings.client_id}
        token = self._buy(self._person.prepare_refresh_body(refresh_token=refresh_token, **self._in_form, **named))
        return token if token.refresh_token else replace(token, refresh_token=refresh_token)

    def client_credentials(self) -> Token:
        """Buy a token with the client's credentials.

        Raises:
            ConsentNeededError: The grant is dead.
            AuthenticationError: The client itself is refused.
            UnavailableError: No answer, or one that is no token reply.
        """
        from oauthlib.oauth2 import BackendApplicationClient

        client = BackendApplicationClient(self._settings.client_id)
        scope = self._settings.scope or None
        return self._buy(client.prepare_request_body(scope=scope, **{"include_client_id": True, **self._in_form}))

    def authorization_url(self, redirect_uri: str, *, state: str, **extra: str) -> str:
        """Build the address at which a person gives consent.

        Args:
            redirect_uri: Where the vendor sends the person back to; registered with the vendor.
            state: Ties the answer to this question; nobody can guess it.
            extra: The vendor's own parameters, such as Fortnox's ``access_type="offline"``.

        Raises:
            AuthenticationError: This connection has no consent page.
        """
        if self._settings.authorize_url is None:
            raise AuthenticationError("There is no consent page for this connection.", connection=self._connection)
        scheme, _, place = self._settings.authorize_url.partition("://")
        url: str = self._person.prepare_request_uri(
            f"https://{place}", redirect_uri=redirect_uri, scope=self._settings.scope or None, state=state, **extra
        )
        return f"{scheme}{url.removeprefix('https')}"  # a simulator on this machine has no certificate

    def exchange_code(self, callback_url: str, *, state: str, redirect_uri: str) -> Token:
        """Buy the first token with the code that the vendor sent the person back with.

        Args:
            callback_url: The whole address that the person came back to.
            state: What was given to `authorization_url`.
            redirect_uri: The same as was given to `authorization_url`.

        Raises:
            AuthenticationError: Consent was not given, the answer belongs to another question, or the code is used up.
            UnavailableError: No answer, or one that is no token reply.
        """
        from oauthlib.oauth2 import OAuth2Error

        query = urlsplit(callback_url).query
        for code in parse_qs(query).get("code", ()):
            self._redactor.add(code, passing=True)
        if not state:
            raise self._failed_consent("its question is not known", "")
        try:
            # Only the query counts. A person may come back to an address of this machine, which needs no encryption.
            answer = self._person.parse_request_uri_response(f"https://localhost/?{query}", state=state)
            form = self._person.prepare_request_body(code=answer["code"], redirect_uri=redirect_uri, **self._in_form)
            return self._buy(form)
        except OAuth2Error as error:
            what = _WHAT_FAILED.get(str(error.error), "the system answered")
            told = f"{error.error}: {error.description}"
        except ConsentNeededError as error:
            what, told = "the code is used up or too old", error.vendor_text or ""
        raise self._failed_consent(what, told)

    def consent_needed(self, reason: str, *, code: str | None = None) -> ConsentNeededError:
        """Build the error for a dead grant.

        Args:
            reason: What the vendor said.
            code: Its error code.
        """
        return ConsentNeededError(
            "The consent to use this account is gone.",
            connection=self._connection,
            advice=f"Run “erpcore connect {self._connection}”.",
            vendor_text=reason,
            vendor_code=code,
        )

    def _buy(self, form: str) -> Token:
        for limit in self._limits:
            self._budget.acquire(limit.key, limit.limit, limit.seconds + limit.margin, longest_wait=_BUDGET_WAIT)
        address = self._wire.address(self._settings.token_url)
        outcome = self._wire.send("POST", address, headers=self._headers, body=form.encode(), of_write=False)
        for limit in self._limits:
            self._budget.answered(limit.key, limit.margin)
        bought = self._unreachable(outcome) if isinstance(outcome, Failure) else self._bought(outcome)
        if isinstance(bought, Token):
            return bought
        raise self._redactor.error(bought)

    def _bought(self, reply: Reply) -> Token | RemoteError:
        try:
            # Whatever the content type says: Fortnox answers in JSON under text/html (seen in recorded replies).
            members = from_json(reply.body)
        except ValueError:
            members = None
        members = members if isinstance(members, dict) else {}
        # Known to the redactor before anybody can say anything about them.
        for name in ("access_token", "refresh_token", "id_token"):
            if isinstance(members.get(name), str):
                self._redactor.add(members[name], passing=True)
        if "error" in members and reply.status < 500:
            return self._refused(str(members["error"]), str(members.get("error_description") or ""))
        if reply.ok and isinstance(members.get("access_token"), str) and members["access_token"]:
            return self._token(members)
        return self._no_token(reply)

    def _token(self, members: Mapping[str, Any]) -> Token:
        refresh_token = members.get("refresh_token")
        try:
            lifetime = float(members.get("expires_in") or self._settings.default_lifetime)
            expires_at = self._clock.now() + timedelta(seconds=lifetime)
        except (TypeError, ValueError, OverflowError):
            expires_at = self._clock.now() + timedelta(seconds=self._settings.default_lifetime)
        return Token(
            access_token=members["access_token"],
            refresh_token=refresh_token if isinstance(refresh_token, str) and refresh_token else None,
            expires_at=expires_at,
            scope=str(members.get("scope") or ""),
            extra={name: value for name, value in members.items() if name not in _READ_MEMBERS},
            bought_for=self._settings.bought_for,
        )

    def _refused(self, code: str, description: str) -> RemoteError:
        if code in self._settings.dead_errors:
            return self.consent_needed(description or code, code=code)
        if code in {"temporarily_unavailable", "server_error"}:
            return UnavailableError(
                "The sign-in is out of order for now.",
                connection=self._connection,
                vendor_text=description or None,
                vendor_code=code,
            )
        return AuthenticationError(
            "The sign-in refused this integration.",
            connection=self._connection,
            advice="Check the connection's client id, secret, scopes and tenant.",
            vendor_text=description or code,
            vendor_code=code,
        )

    def _no_token(self, reply: Reply) -> RemoteError:
        """Build the error for an answer that is neither a token nor an OAuth error."""
        advice: str | None = None
        what = f"The sign-in answered with status {reply.status} and something that is no token."
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
            vendor_text=" ".join(reply.text.split()) or None,
            status=reply.status,
            request_id=reply.request_id,
            retry_after=retry_after(reply.headers, self._clock.now()),
        )

    def _unreachable(self, failure: Failure) -> RemoteError:
        return UnavailableError(
            f"The sign-in could not be reached: {failure.reason}. Nothing was sent to the system.",
            connection=self._connection,
        )

    def _failed_consent(self, what: str, vendor_text: str) -> AuthenticationError:
        error = AuthenticationError(
            f"The connection was not made: {what}.",
            connection=self._connection,
            advice=f"Run “erpcore connect {self._connection}” again.",
            vendor_text=vendor_text or None,
        )
        self._redactor.error(error)
        return error
