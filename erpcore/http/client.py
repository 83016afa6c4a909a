"""The client that plugins of HTTP systems ask and tell with.

Two verbs on purpose. A *read* changes nothing, so it may be repeated. A *write* is repeated only when it surely had no
effect: it did not leave (no connection), or the system refused it for coming too fast (429) or for stale credentials
(401). Everything else that goes wrong with a write after it left is `OutcomeUnknownError`, and whoever catches that
looks before sending again.

Directly before a write leaves, after the sign-in and the wait for the budget, the host is asked whether it still may;
what refuses it comes out of `ApiClient.write` as it is.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit

from erpcore.errors import (
    AuthenticationError,
    ConfigurationError,
    ConflictError,
    ConsentNeededError,
    MalformedReplyError,
    NotFoundError,
    OutcomeUnknownError,
    PermissionDeniedError,
    RateLimitedError,
    RejectedError,
    RemoteError,
)
from erpcore.exact_json import to_json
from erpcore.host import Host, RateLimit
from erpcore.http.auth import Auth, Credentials
from erpcore.http.reply import Failure, Reply, Timeouts
from erpcore.http.retry import RetryRules, retry_after
from erpcore.http.status_errors import error_for_failure, error_for_reply
from erpcore.redaction import Redactor

_LOG = logging.getLogger("erpcore.http")

ErrorReader = Callable[[Reply], RemoteError | None]
"""A plugin's own reading of an answer, also of a 2xx one: its error, or None to leave it to the status."""
LimitsFor = Callable[[str, str], Sequence[RateLimit]]
"""Gives the limits that a request counts towards, from its method and path."""
Params = Mapping[str, str | int | None]
"""Query parameters; those that are None are left out."""

_TIMEOUTS = Timeouts()
_RETRY = RetryRules()
_BUDGET_WAIT = 30.0
"""Seconds to wait for the budget. Less than the leeway of a sign-in, so that credentials stay fresh."""
_REFUSALS = (
    AuthenticationError,
    PermissionDeniedError,
    NotFoundError,
    ConflictError,
    RejectedError,
    RateLimitedError,
)
"""Answers to a write that say that it changed nothing."""


class ApiClient:
    """Asks and tells one system, for one connection. Threads may share it.

    Args:
        base_url: Where paths start, such as ``https://api.fortnox.se/3``.
        host: What erpcore lends to the plugin.
        auth: Signs in; None when nothing is needed. Closed together with the client.
        limits: The vendor's limits, or a function of method and path where they differ. Where several are given, a
            request waits for each in turn. Put the narrowest one last, so that nothing is waited for after it.
        timeouts: How long to wait for the system.
        retry: How often to ask again.
        max_body: The largest answer in bytes.
        headers: Sent with each request.
        error_reader: The plugin's reading of answers. Asked first.
        record_bodies: Whether the host is told what was sent and answered; False for a client that buys tokens, since
            nobody knows yet what to hide of an answer that holds a new one.

    Raises:
        ConfigurationError: `base_url` is no http or https address.
    """

    def __init__(
        self,
        base_url: str,
        host: Host,
        *,
        auth: Auth | None = None,
        limits: Sequence[RateLimit] | LimitsFor = (),
        timeouts: Timeouts = _TIMEOUTS,
        retry: RetryRules = _RETRY,
        max_body: int = 20_000_000,
        headers: Mapping[str, str] | None = None,
        error_reader: ErrorReader | None = None,
        record_bodies: bool = True,
    ) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ConfigurationError(
                f"The address of connection {host.connection} must start with https:// (or http://) and name a host.",
                setting=f"connections.{host.connection}",
            )
        self.connection = host.connection
        self.host = host
        self._base_url = base_url.rstrip("/")
        self._auth = auth
        self._limits = limits
        self._retry = retry
        self._headers = {"accept": "application/json", "user-agent": "erpcore"} | _lower(headers)
        self._error_reader = error_reader
        # One redactor for everything that this client says: the sign-in's, so that its new tokens are known at once.
        self._redactor = Redactor() if auth is None else auth.redactor
        from erpcore.http.wire import Wire

        self._wire = Wire(host, self._redactor, timeouts=timeouts, max_body=max_body, record_bodies=record_bodies)

    def __repr__(self) -> str:
        return f"ApiClient({self.connection!r}, {self._redactor.text(self._base_url)!r})"

    def __enter__(self) -> ApiClient:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections, those of the sign-in too."""
        self._wire.close()
        if self._auth is not None:
            self._auth.close()

    def read(
        self,
        path: str,
        *,
        params: Params | None = None,
        method: str = "GET",
        json: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Ask for something, changing nothing.

        Args:
            path: Path under the base address, quoted where it must be; or a link from the system itself, which must
                lead under the base address too.
            params: Query parameters.
            method: Another one than GET where the system reads that way (GraphQL).
            json: Body, for such a method.
            headers: Headers for this request.

        Raises:
            RemoteError: See `erpcore.errors`; never `OutcomeUnknownError`.
        """
        body, content_type = _body(json, None, None)
        return self._call(method, path, params, body, content_type | _lower(headers), of_write=False, repeatable=True)

    def write(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        body: bytes | None = None,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        idempotent: bool = False,
        repeatable_call: bool = False,
    ) -> Reply:
        """Tell something that may change the system.

        Args:
            method: HTTP method.
            path: As for `read`.
            json: Body as JSON; Decimal goes out as an exact number.
            form: Body as a form.
            body: Body as it is; name its type in `headers`.
            params: Query parameters.
            headers: Headers for this request.
            idempotent: Doing it twice is the same as doing it once, so it may be repeated. When it fails all the same
                after it left, the `OutcomeUnknownError` is marked retryable.
            repeatable_call: It is not repeated here, but the whole hook may be called again whatever became of it: it
                makes what the hook looks for first (an address before its order), or what the system takes once only.

        Raises:
            RemoteError: See `erpcore.errors`. `UnavailableError` and `RateLimitedError` mean that nothing was changed.
            NotSentError: Nothing may be sent any more, and nothing was; or whatever else the host refuses it with.
        """
        content, content_type = _body(json, form, body)
        return self._call(
            method,
            path,
            params,
            content,
            content_type | _lower(headers),
            of_write=True,
            repeatable=idempotent,
            repeatable_call=idempotent or repeatable_call,
        )

    def _call(
        self,
        method: str,
        path: str,
        params: Params | None,
        body: bytes | None,
        headers: Mapping[str, str],
        *,
        of_write: bool,
        repeatable: bool,
        repeatable_call: bool = False,
    ) -> Reply:
        url = self._url(path)
        limits = self._limits(method, path) if callable(self._limits) else self._limits
        query = [(name, str(value)) for name, value in (params or {}).items() if value is not None]
        attempt, waited, renewed = 1, 0.0, False
        while True:
            credentials = self._auth.credentials() if self._auth else Credentials()
            address = self._wire.address(url, [*query, *credentials.params.items()])
            self._spend(limits)
            if of_write:
                self.host.before_write(repeatable_call=repeatable_call)
            sent, left_at = {**self._headers, **headers, **credentials.headers}, self.host.clock.monotonic()
            outcome = self._wire.send(method, address, headers=sent, body=body, of_write=of_write)
            self._answered(limits)
            if isinstance(outcome, Failure):
                # The root of a system is asked for by no path, which would be no words for a person.
                request = f"{method} {path.partition('?')[0] or urlsplit(url).path}"
                error = error_for_failure(outcome, connection=self.connection, request=request, of_write=of_write)
            elif (told := self._error_told_by(outcome)) is None:
                return outcome
            else:
                error = told
            not_left = isinstance(outcome, Failure) and not outcome.left
            if of_write and (not_left or isinstance(error, _REFUSALS)):
                self.host.had_no_effect()
            self._redactor.error(error)
            if self._refused_credentials(error) and not renewed and self._auth and self._auth.renew(credentials):
                renewed = True
                continue
            least = error.retry_after
            if isinstance(error, OutcomeUnknownError) and repeatable:
                error.retryable = True
                least = max(least or 0.0, self._under_way(left_at))
            pause = None
            if error.retryable and (repeatable or not_left or isinstance(error, RateLimitedError)):
                pause = self._retry.wait(attempt, waited, least, self.host.random.random)
            if isinstance(error, RateLimitedError):
                self._learn(limits, error.retry_after or pause or self._retry.longest_wait)
            if pause is None:
                raise error
            self.host.clock.sleep(pause)
            attempt, waited = attempt + 1, waited + pause

    def _under_way(self, left_at: float) -> float:
        """Tell for how many seconds a write may still be under way that was given up for taking too long.

        It may be carried out after all, and would undo what was written meanwhile. What was answered, or broke, long
        before its time is not waited for.
        """
        seconds = self.host.longest_request - (self.host.clock.monotonic() - left_at)
        return max(seconds, 0.0) if seconds <= self._retry.total_wait else 0.0

    def _spend(self, limits: Sequence[RateLimit]) -> None:
        for limit in limits:
            seconds = limit.seconds + limit.margin
            self.host.budget.acquire(limit.key, limit.limit, seconds, longest_wait=_BUDGET_WAIT)

    def _answered(self, limits: Sequence[RateLimit]) -> None:
        try:
            for limit in limits:
                self.host.budget.answered(limit.key, limit.margin)
        except Exception as error:  # the budget must not make us lose the answer to a write
            _LOG.warning("%s: the budget could not be corrected: %s", self.connection, self._redactor.text(str(error)))

    def _learn(self, limits: Sequence[RateLimit], seconds: float) -> None:
        for limit in limits:
            self.host.budget.close_window(limit.key, seconds)

    @staticmethod
    def _refused_credentials(error: RemoteError) -> bool:
        return isinstance(error, AuthenticationError) and not isinstance(error, ConsentNeededError)

    def _error_told_by(self, reply: Reply) -> RemoteError | None:
        now = self.host.clock.now()
        error = self._read_error(reply) or error_for_reply(reply, now)
        if error is not None:
            _complete(error, reply, now)
        return error

    def _read_error(self, reply: Reply) -> RemoteError | None:
        if self._error_reader is None:
            return None
        try:
            return self._error_reader(reply)
        except (MalformedReplyError, OutcomeUnknownError):
            return None  # a body that is not in the system's own form: its status says what there is to say
        except Exception as error:  # a fault in a plugin must not hide what became of a write
            fault = f"could not be examined, because the plugin failed on it ({type(error).__name__})"
        return reply.unreadable(fault) if reply.ok else None

    def _url(self, path: str) -> str:
        parts = urlsplit(path)
        if any(unquote(segment) in (".", "..") for segment in parts.path.replace("\\", "/").split("/")):
            raise MalformedReplyError(
                "The system gave a link, or a record a number, that leads out of this connection's address with “..”; "
                "nothing is sent there.",
                connection=self.connection,
                advice="Check the connection's address.",
            )
        if not parts.scheme and not path.startswith("//"):
            return f"{self._base_url}/{path.lstrip('/')}"
        if path.startswith(f"{self._base_url}/"):
            return path
        raise MalformedReplyError(
            f"The system gave a link to {parts.netloc or 'nowhere'}, which is not under this connection's "
            "address; the credentials are not sent there.",
            connection=self.connection,
            advice="Check the connection's address.",
        )


def _complete(error: RemoteError, reply: Reply, now: datetime) -> None:
    """Fill in what the plugin left out."""
    error.connection = error.connection or reply.connection
    error.status = error.status or reply.status
    error.request_id = error.request_id or reply.request_id
    if error.retry_after is None:
        error.retry_after = retry_after(reply.headers, now)


def _lower(headers: Mapping[str, str] | None) -> dict[str, str]:
    return {name.lower(): value for name, value in (headers or {}).items()}


def _body(json: Any, form: Mapping[str, str] | None, body: bytes | None) -> tuple[bytes | None, dict[str, str]]:
    if sum(part is not None for part in (json, form, body)) > 1:
        raise TypeError("a request has one body: json, form or body")
    if json is not None:
        return to_json(json), {"content-type": "application/json"}
    if form is not None:
        return urlencode(form).encode(), {"content-type": "application/x-www-form-urlencoded"}
    return body, {}
