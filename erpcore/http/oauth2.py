"""Signing in with OAuth2, with one place that refreshes.

A token is renewed under the connection's lock, which holds across threads and processes; the stored token is read again
once the lock is held, because somebody else may have renewed it meanwhile; and the new pair is stored before anybody
uses it. A pair that the store could not take stays in memory and is stored at the next use, because the stored one is
spent. That is what keeps a grant with single-use refresh tokens alive (Fortnox developer guide, Authorization).
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from erpcore.errors import AuthenticationError, ConsentNeededError, UnavailableError
from erpcore.host import HeldToken, Host, RateLimit, Token, same_owner
from erpcore.http.auth import Credentials
from erpcore.http.oauth2_settings import OAuth2Settings
from erpcore.http.token_endpoint import TokenEndpoint
from erpcore.redaction import Redactor


@dataclass(frozen=True)
class RenewalRules:
    """When to renew a token.

    Args:
        leeway: Seconds before its end that an access token counts as used up. More than a request waits for its turn.
        after_failure: Seconds to leave the sign-in alone after it could not be reached. Its answer may be lost, and
            with it a rotated token: asking in a storm would not bring it back.
        after_refusal: When the system refuses a token that was renewed because the system refused the one before,
            seconds to wait before renewing again: it is not the token then.
    """

    leeway: float = 60.0
    after_failure: float = 5.0
    after_refusal: float = 10.0


class OAuth2Auth:
    """Signs a connection's requests in with OAuth2. One per connection and process; threads share it.

    Args:
        host: What erpcore lends to the plugin; its `tokens` keep the token, for all processes.
        settings: How the vendor does OAuth2.
        rules: When to renew.
        limits: The vendor's limits that token requests count towards too.
    """

    def __init__(
        self,
        host: Host,
        settings: OAuth2Settings,
        *,
        rules: RenewalRules = RenewalRules(),
        limits: Sequence[RateLimit] = (),
    ) -> None:
        self.redactor = Redactor()
        self.endpoint = TokenEndpoint(host, settings, self.redactor, limits=limits)
        self._connection = host.connection
        self._grant = settings.grant
        self._bought_for = settings.bought_for
        self._store = host.tokens
        self._rules = rules
        self._clock = host.clock
        # Threads of this process queue here, so that only one of them asks the store for the lock of all processes.
        self._queue = threading.Lock()
        self._token: Token | None = None
        self._not_stored: tuple[str, Token] | None = None
        """A refresh token that is spent, and the token that it gave and the store could not take yet."""
        self._alone_until = float("-inf")
        self._failure = ""
        self._renewed_over_refusal: tuple[str, float] | None = None
        self._refused: tuple[str, float] | None = None

    def __repr__(self) -> str:
        return f"OAuth2Auth({self._connection!r})"

    def close(self) -> None:
        """Close the connections to the sign-in."""
        self.endpoint.close()

    def credentials(self) -> Credentials:
        """See `Auth.credentials`."""
        token = self._token
        if token is None or not self._fresh(token):
            token = self._current_or_renewed(refused=None)
        if (refused := self._refused) is not None and refused[0] == token.access_token:
            token = self._in_place_of_refused(*refused)
        return Credentials({"authorization": f"Bearer {token.access_token}"})

    def renew(self, refused: Credentials) -> bool:
        """See `Auth.renew`."""
        access_token = refused.headers.get("authorization", "").removeprefix("Bearer ")
        now = self._clock.monotonic()
        if self._renewed_over_refusal is not None:
            renewed, at = self._renewed_over_refusal
            if renewed == access_token and now - at < self._rules.after_refusal:
                self._refused = (access_token, at + self._rules.after_refusal)
                return False
        token = self._current_or_renewed(refused=access_token)
        self._renewed_over_refusal = (token.access_token, now)
        return token.access_token != access_token

    def _in_place_of_refused(self, access_token: str, until: float) -> Token:
        """Give another token than one that was refused, though it was new; no request is spent on that one again."""
        now = self._clock.monotonic()
        if now < until:
            raise AuthenticationError(
                "The credentials are refused, though they were renewed a moment ago.",
                connection=self._connection,
                advice=f"Check the connection's credentials: erpcore connect {self._connection}",
                retry_after=until - now,
            )
        token = self._current_or_renewed(refused=access_token)
        self._renewed_over_refusal = (token.access_token, now)
        return token

    def adopt(self, token: Token) -> None:
        """Store a token that a person's consent gave, in place of whatever there was.

        Args:
            token: From `TokenEndpoint.exchange_code`.
        """
        with self._queue, self._store.locked(self._connection) as held:
            self._keep(held, token)

    def _fresh(self, token: Token) -> bool:
        return token.usable(self._clock.now(), self._rules.leeway)

    def _keep(self, held: HeldToken, token: Token, spent: str | None = None) -> Token:
        self._not_stored = None if spent is None else (spent, token)
        held.save(token)  # first: from here on it is the only one that works
        self._not_stored = None
        return self._use(token)

    def _kept_late(self, held: HeldToken) -> None:
        """Store what the store could not take before, unless a person's consent has taken its place since."""
        if self._not_stored is not None:
            spent, token = self._not_stored
            stored = self._ours(held.load())
            if stored is not None and stored.refresh_token == spent:
                self._keep(held, token, spent)
            self._not_stored = None

    def _use(self, token: Token) -> Token:
        for secret in (token.access_token, token.refresh_token):
            if secret:
                self.redactor.add(secret, passing=True)
        self._token = token
        return token

    def _current_or_renewed(self, refused: str | None) -> Token:
        with self._queue:
            token = self._token
            if token is None or not self._good(token, refused):
                token = self._ours(self._store.load(self._connection))
            if token is not None and self._good(token, refused) and not self._dead_reason():
                return self._use(token)
            self._stop_if_dead()
            if self._clock.monotonic() < self._alone_until:
                return self._still_usable(token, refused)
            try:
                with self._store.locked(self._connection) as held:
                    return self._renew(held, refused)
            except UnavailableError as error:
                self._alone_until = self._clock.monotonic() + max(self._rules.after_failure, error.retry_after or 0.0)
                self._failure = error.message
                if token is None or not self._usable_meanwhile(token, refused):
                    raise
            return self._use(token)

    def _ours(self, token: Token | None) -> Token | None:
        """Leave out a token that was bought by other settings: it may open another company."""
        return token if token is not None and same_owner(token.bought_for, self._bought_for) else None

    def _dead_reason(self) -> str | None:
        return self._store.dead_reason(self._connection, self._bought_for)

    def _good(self, token: Token, refused: str | None) -> bool:
        return self._fresh(token) and token.access_token != refused

    def _usable_meanwhile(self, token: Token, refused: str | None) -> bool:
        return token.usable(self._clock.now(), 0.0) and token.access_token != refused

    def _still_usable(self, token: Token | None, refused: str | None) -> Token:
        if token is not None and self._usable_meanwhile(token, refused):
            return self._use(token)
        raise UnavailableError(
            self._failure,
            connection=self._connection,
            retry_after=max(0.0, self._alone_until - self._clock.monotonic()),
        )

    def _stop_if_dead(self) -> None:
        # Whoever else asks with the spent refresh token is refused; what is in memory brings the grant back to life.
        if self._not_stored is None and (reason := self._dead_reason()):
            self._token = None
            raise self.endpoint.consent_needed(reason)

    def _renew(self, held: HeldToken, refused: str | None) -> Token:
        """Renew with the lock held."""
        self._kept_late(held)
        self._stop_if_dead()
        stored = self._ours(held.load())
        if stored is not None and self._good(stored, refused):
            return self._use(stored)  # somebody else did, while we waited for the lock
        if self._grant == "client_credentials":
            return self._keep(held, self._bought(held, None))
        if stored is None or stored.refresh_token is None:
            never = "There is no refresh token: the connection was never made with these settings."
            raise self.endpoint.consent_needed(never)
        return self._keep(held, self._bought(held, stored.refresh_token), stored.refresh_token)

    def _bought(self, held: HeldToken, refresh_token: str | None) -> Token:
        try:
            if refresh_token is None:
                return self.endpoint.client_credentials()
            return self.endpoint.refresh(refresh_token)
        except ConsentNeededError as error:
            refusal = error
        newest = self._ours(held.load())
        if refresh_token is not None and newest is not None and newest.refresh_token not in {None, refresh_token}:
            return newest  # somebody whose lock had run out came back with the pair that replaced ours
        self._token = None
        self._store.mark_dead(self._connection, refusal.vendor_text or refusal.message, self._bought_for)
        raise refusal
