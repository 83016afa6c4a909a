"""One request out, one answer in. The only module that knows the HTTP library.

It tells the two kinds of failure apart that everything above depends on: the request surely did not leave, or it may
have arrived. Its exceptions never leave this module, since they carry the request with its secrets along.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from ssl import SSLContext

import httpx  # noqa: TID251 this is the one module that the ban points to

from erpcore.errors import InvalidValueError
from erpcore.http.clock import SYSTEM_CLOCK, Clock
from erpcore.http.exchange import Exchange, OnExchange, log_exchange
from erpcore.http.redaction import Redactor, guard_library_loggers
from erpcore.http.reply import Reply

BaseTransport = httpx.BaseTransport
"""What carries a request; a test or a wire tap derives from it."""
HTTPTransport = httpx.HTTPTransport
"""The ordinary transport over the network. A transport of one's own hands over to it, or cassettes record nothing."""
Request = httpx.Request
"""A request as transports see it."""
Response = httpx.Response
"""A response as transports see it."""

_LOG = logging.getLogger("erpcore.http")
_READABLE_TYPES = ("text/", "application/json", "application/xml", "application/x-www-form-urlencoded")
_LONGEST_SECRET = 16_000
"""Characters of the longest secret that may stand in a body, a signed token with many claims."""
_REQUEST_ID_HEADERS = ("x-request-id", "request-id", "x-correlation-id", "x-ms-request-id")


@dataclass(frozen=True)
class Timeouts:
    """How long to wait, in seconds.

    Args:
        connect: For a connection.
        read: For the next piece of the answer.
        write: For the next piece of the request to be taken.
        pool: For one of our own connections to come free.
        total: From sending to the end of the answer; catches an answer that trickles.
    """

    connect: float = 10.0
    read: float = 30.0
    write: float = 30.0
    pool: float = 10.0
    total: float = 90.0


@dataclass(frozen=True)
class Failure:
    """No answer, or not all of it.

    Args:
        left: Whether the request may have reached the system. False only when it surely did not.
        reason: What happened, in words, without secrets.
    """

    left: bool
    reason: str


class Wire:
    """Sends requests of one connection and reports each.

    Args:
        connection: Name of the connection.
        redactor: Its secrets.
        timeouts: How long to wait.
        max_body: The largest answer in bytes, unpacked.
        on_exchange: Is given each exchange.
        record_bodies: Whether exchanges hold bodies; never for token requests.
        max_recorded: The most characters of a body in an exchange.
        transport: Carries the requests; the network when None.
        clock: Time.
    """

    def __init__(
        self,
        connection: str,
        redactor: Redactor,
        *,
        timeouts: Timeouts,
        max_body: int,
        on_exchange: OnExchange | None = None,
        record_bodies: bool = True,
        max_recorded: int = 20_000,
        transport: BaseTransport | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        guard_library_loggers()
        self._connection = connection
        self._redactor = redactor
        self._timeouts = timeouts
        self._max_body = max_body
        self._on_exchange = on_exchange
        self._record_bodies = record_bodies
        self._max_recorded = max_recorded
        self._clock = clock
        self._client = httpx.Client(
            transport=transport,
            verify=_certificates(),
            # No cookies: each request stands for itself, whichever thread or process sends it.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            follow_redirects=False,
            timeout=httpx.Timeout(
                connect=timeouts.connect, read=timeouts.read, write=timeouts.write, pool=timeouts.pool
            ),
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        params: Sequence[tuple[str, str]] = (),
        body: bytes | None = None,
        of_write: bool,
    ) -> Reply | Failure:
        """Send one request and read its answer to the end.

        Args:
            method: HTTP method.
            url: Absolute URL. Parameters in it are kept.
            headers: Headers, secrets included.
            params: Query parameters to add.
            body: Body as bytes.
            of_write: Whether it may change something.

        Raises:
            InvalidValueError: The URL holds something that no URL can. Nothing was sent.
        """
        at = self._clock.now()
        start = self._clock.monotonic()
        # Merged here: the library's own `params` would throw away those that the URL has already.
        address = self._address(url)
        if params:
            address = address.copy_with(params=address.params.merge(_grouped(params)))
        outcome = self._carry(method, address, headers, body, of_write, start + self._timeouts.total)
        self._report(
            Exchange(
                connection=self._connection,
                at=at,
                method=method,
                path=self._redactor.text(address.raw_path.decode("ascii")),
                status=outcome.status if isinstance(outcome, Reply) else None,
                milliseconds=round((self._clock.monotonic() - start) * 1000),
                request_id=outcome.request_id if isinstance(outcome, Reply) else None,
                request_body=self._as_text(headers.get("content-type", ""), body or b""),
                response_body=self._as_text(outcome.headers.get("content-type", ""), outcome.body)
                if isinstance(outcome, Reply)
                else "",
                failure=outcome.reason if isinstance(outcome, Failure) else None,
            )
        )
        return outcome

    def _address(self, url: str) -> httpx.URL:
        try:
            return httpx.URL(url)
        except httpx.InvalidURL as error:
            reason = self._redactor.text(str(error))
        raise InvalidValueError(
            f"The address of the request is not possible: {reason}",
            connection=self._connection,
            advice="Look for an odd character in the number that the record is looked up by.",
        )

    def _carry(
        self,
        method: str,
        url: httpx.URL,
        headers: Mapping[str, str],
        body: bytes | None,
        of_write: bool,
        deadline: float,
    ) -> Reply | Failure:
        try:
            with self._client.stream(method, url, headers=dict(headers), content=body) as response:
                received = bytearray()
                for chunk in response.iter_bytes():
                    received += chunk
                    if len(received) > self._max_body:
                        break
                    if self._clock.monotonic() > deadline:
                        return Failure(
                            left=True, reason=f"the answer was not complete within {self._timeouts.total:g} s"
                        )
        except httpx.RequestError as error:
            return self._failure(error)
        return Reply(
            connection=self._connection,
            request=f"{method} {self._redactor.text(url.path)}",
            of_write=of_write,
            status=response.status_code,
            headers={name.lower(): value for name, value in response.headers.items()},
            body=bytes(received[: self._max_body]),
            too_large=len(received) > self._max_body,
            request_id=self._redactor.text(_first(response.headers, _REQUEST_ID_HEADERS)) or None,
        )

    def _failure(self, error: httpx.RequestError) -> Failure:
        told = self._redactor.text(str(error)) or type(error).__name__
        match error:
            case httpx.ConnectTimeout():
                return Failure(left=False, reason=f"no connection within {self._timeouts.connect:g} s")
            case httpx.PoolTimeout():
                return Failure(left=False, reason=f"no free connection within {self._timeouts.pool:g} s")
            case httpx.ConnectError() | httpx.ProxyError():
                return Failure(left=False, reason=f"no connection ({told})")
            case httpx.UnsupportedProtocol() | httpx.LocalProtocolError():
                # Found wrong while it was being put together, before anything was written.
                return Failure(left=False, reason=f"the request could not be put together ({told})")
            case httpx.ReadTimeout():
                return Failure(left=True, reason=f"no answer within {self._timeouts.read:g} s")
            case httpx.WriteTimeout():
                return Failure(left=True, reason=f"the request was not taken within {self._timeouts.write:g} s")
            case _:
                return Failure(left=True, reason=f"the connection broke ({told})")

    def _report(self, exchange: Exchange) -> None:
        log_exchange(exchange)
        if self._on_exchange is None:
            return
        try:
            self._on_exchange(exchange)
        except Exception as error:  # whoever watches must not make us lose the answer to a write
            _LOG.error("%s: the exchange could not be recorded: %s", self._connection, self._redactor.text(str(error)))

    def _as_text(self, content_type: str, body: bytes) -> str:
        if not body or self._on_exchange is None:
            return ""
        if not self._record_bodies:
            return "[not recorded]"
        kind = content_type.partition(";")[0].strip().lower()
        if not (kind == "" or kind.startswith(_READABLE_TYPES) or kind.endswith(("+json", "+xml"))):
            return f"[{kind}, {len(body)} bytes]"
        # Hidden first, cut afterwards: half a secret is not recognised. But not all of a huge body is searched.
        most = self._max_recorded + _LONGEST_SECRET
        text = self._redactor.text(body[: 4 * most].decode("utf-8", errors="replace")[:most])
        return text if len(text) <= self._max_recorded else f"{text[: self._max_recorded]} [cut off]"


@cache
def _certificates() -> SSLContext:
    """The certificates that servers are checked with: read once per process, since reading them takes 40 ms."""
    return httpx.create_ssl_context()


def _grouped(params: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for name, value in params:
        grouped.setdefault(name, []).append(value)
    return grouped


def _first(headers: Mapping[str, str], names: Iterable[str]) -> str:
    return next((headers[name] for name in names if headers.get(name)), "")
