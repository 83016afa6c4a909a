"""One request out, one answer in. The only module that knows the HTTP library; loaded when a client is built.

It tells the two kinds of failure apart that everything above depends on: the request surely did not leave, or it may
have arrived. Its exceptions never leave this module, since they carry the request with its secrets along.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from ssl import SSLCertVerificationError, SSLContext

import httpx  # noqa: TID251 this is the one module that the ban points to

from erpcore.errors import InvalidValueError
from erpcore.host import Exchange, Host, Transport
from erpcore.http.deadline import Deadline, DeadlineNetwork, within
from erpcore.http.reply import Failure, Reply, Timeouts
from erpcore.http.retry import date_of
from erpcore.http.unpacking import ASKED_FOR, UnpackingError, unpacked
from erpcore.redaction import Redactor, guard_library_loggers

BaseTransport = httpx.BaseTransport
"""What carries a request; a test or a wire tap derives from it."""
HTTPTransport = httpx.HTTPTransport
"""The ordinary transport over the network. A transport of one's own hands over to it, or cassettes record nothing."""
Request = httpx.Request
"""A request as transports see it."""
Response = httpx.Response
"""A response as transports see it."""

_READABLE_TYPES = ("text/", "application/json", "application/xml", "application/x-www-form-urlencoded")
_MOST_RECORDED = 20_000
"""The most characters of a body in an exchange."""
_LONGEST_SECRET = 16_000
"""Characters of the longest secret that may stand in a body, a signed token with many claims."""
_REQUEST_ID_HEADERS = ("x-request-id", "request-id", "x-correlation-id", "x-ms-request-id")


class _Lent(httpx.BaseTransport):
    """A transport that belongs to the host: it is not closed together with a client."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response: httpx.Response = self._transport.handle_request(request)
        return response


class Wire:
    """Sends requests of one connection and tells its host of each.

    Args:
        host: What erpcore lends to the plugin.
        redactor: The connection's secrets.
        timeouts: How long to wait.
        max_body: The largest answer in bytes, unpacked.
        record_bodies: Whether exchanges hold bodies; never for token requests.
    """

    def __init__(
        self,
        host: Host,
        redactor: Redactor,
        *,
        timeouts: Timeouts,
        max_body: int,
        record_bodies: bool = True,
    ) -> None:
        guard_library_loggers()
        self._host = host
        self._redactor = redactor
        self._timeouts = timeouts
        self._max_body = max_body
        self._record_bodies = record_bodies
        self._client = httpx.Client(
            transport=None if host.transport is None else _Lent(host.transport),
            verify=_certificates(),
            # No cookies: each request stands for itself, whichever thread or process sends it.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            headers={"accept-encoding": ASKED_FOR},
            follow_redirects=False,
            timeout=httpx.Timeout(timeouts.piece, connect=timeouts.connect, pool=timeouts.total),
        )
        _keep_deadlines(self._client)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def address(self, url: str, params: Sequence[tuple[str, str]] = ()) -> httpx.URL:
        """Put an address together.

        Args:
            url: Absolute URL. Parameters in it are kept.
            params: Query parameters to add.

        Raises:
            InvalidValueError: The URL holds something that no URL can. Nothing was sent.
        """
        try:
            address = httpx.URL(url)
            # Merged here: the library's own `params` would throw away those that the URL has already.
            return address.copy_with(params=address.params.merge(_grouped(params))) if params else address
        except httpx.InvalidURL as error:
            reason = self._redactor.text(str(error))
        raise InvalidValueError(
            f"The address of the request is not possible: {reason}",
            connection=self._host.connection,
            advice="Look for an odd character in the number that the record is looked up by.",
        )

    def send(
        self,
        method: str,
        address: httpx.URL,
        *,
        headers: Mapping[str, str],
        body: bytes | None = None,
        of_write: bool,
    ) -> Reply | Failure:
        """Send one request and read its answer to the end.

        Args:
            method: HTTP method.
            address: From `address`.
            headers: Headers, secrets included.
            body: Body as bytes.
            of_write: Whether it may change something.
        """
        clock = self._host.clock
        at, start = clock.now(), clock.monotonic()
        outcome = self._carry(method, address, headers, body, of_write, Deadline(start + self._timeouts.total, clock))
        reply = outcome if isinstance(outcome, Reply) else None
        failure = outcome if isinstance(outcome, Failure) else None
        if reply is not None and (theirs := date_of(reply.headers.get("date", ""))) is not None:
            self._host.hear_time(theirs)
        self._host.tell(
            Exchange(
                connection=self._host.connection,
                at=at,
                method=method,
                path=self._redactor.text(address.raw_path.decode("ascii")),
                write=of_write,
                left=failure is None or failure.left,
                ok=reply is not None and reply.status < 400,
                status=reply.status if reply else None,
                milliseconds=round((clock.monotonic() - start) * 1000),
                request_id=reply.request_id if reply else None,
                request_body=self._as_text(headers.get("content-type", ""), body or b""),
                response_body=self._as_text(reply.headers.get("content-type", ""), reply.body) if reply else "",
                failure=failure.reason if failure else None,
            )
        )
        return outcome

    def _carry(
        self,
        method: str,
        url: httpx.URL,
        headers: Mapping[str, str],
        body: bytes | None,
        of_write: bool,
        deadline: Deadline,
    ) -> Reply | Failure:
        try:
            with within(deadline), self._client.stream(method, url, headers=dict(headers), content=body) as response:
                received = bytearray()
                for chunk in _pieces(response):
                    received += chunk
                    if len(received) > self._max_body:
                        break
                    if deadline.passed:
                        return Failure(left=True, reason=self._time_is_up)
        except httpx.RequestError as error:
            return self._failure(error, deadline)
        except UnpackingError as error:
            return Failure(left=True, reason=str(error))
        return Reply(
            connection=self._host.connection,
            request=f"{method} {self._redactor.text(url.path)}",
            of_write=of_write,
            status=response.status_code,
            headers={name.lower(): value for name, value in response.headers.items()},
            body=bytes(received[: self._max_body]),
            too_large=len(received) > self._max_body,
            request_id=self._redactor.text(_first(response.headers, _REQUEST_ID_HEADERS)) or None,
        )

    @property
    def _time_is_up(self) -> str:
        return f"it was not over within {self._timeouts.total:g} s"

    def _failure(self, error: httpx.RequestError, deadline: Deadline) -> Failure:
        told = self._redactor.text(str(error)) or type(error).__name__
        times = self._timeouts
        match error:
            case httpx.ConnectTimeout() | httpx.PoolTimeout():
                return Failure(
                    left=False,
                    reason=self._time_is_up if deadline.passed else f"no connection within {times.connect:g} s",
                )
            case httpx.ConnectError() | httpx.ProxyError():
                return Failure(left=False, reason=_wrong_certificate(error) or f"no connection ({told})")
            case httpx.UnsupportedProtocol() | httpx.LocalProtocolError():
                # Found wrong while it was being put together, before anything was written.
                return Failure(left=False, reason=f"the request could not be put together ({told})")
            case httpx.TimeoutException() if deadline.passed:
                return Failure(left=True, reason=self._time_is_up)
            case httpx.ReadTimeout():
                return Failure(left=True, reason=f"no answer within {times.piece:g} s")
            case httpx.WriteTimeout():
                return Failure(left=True, reason=f"the request was not taken within {times.piece:g} s")
            case _:
                return Failure(left=True, reason=f"the connection broke ({told})")

    def _as_text(self, content_type: str, body: bytes) -> str:
        if not body:
            return ""
        if not self._record_bodies:
            return "[not recorded]"
        kind = content_type.partition(";")[0].strip().lower()
        if not (kind == "" or kind.startswith(_READABLE_TYPES) or kind.endswith(("+json", "+xml"))):
            return f"[{kind}, {len(body)} bytes]"
        # Hidden first, cut afterwards: half a secret is not recognised. But not all of a huge body is searched.
        most = _MOST_RECORDED + _LONGEST_SECRET
        text = self._redactor.text(body[: 4 * most].decode("utf-8", errors="replace")[:most])
        return text if len(text) <= _MOST_RECORDED else f"{text[:_MOST_RECORDED]} [cut off]"


def _pieces(response: httpx.Response) -> Iterable[bytes]:
    """Give the unpacked body piece by piece; a transport in memory has read and unpacked it whole."""
    if response.is_stream_consumed:
        return [response.content]
    return unpacked(response.iter_raw(), response.headers.get("content-encoding", ""))


def _wrong_certificate(error: BaseException) -> str | None:
    """Say in words what is wrong with a server's certificate, where that is why there is no connection.

    The codes are OpenSSL's, ``X509_V_ERR_*`` (OpenSSL, X509_STORE_CTX_get_error).
    """
    found: BaseException | None = error
    while found is not None and not isinstance(found, SSLCertVerificationError):
        found = found.__cause__ or found.__context__
    if found is None:
        return None
    match found.verify_code:
        case 9 | 10:
            why = "it is not valid today. Either it has run out, or this machine's clock is wrong"
        case 62 | 64:
            why = "it is another host's. Either the address is wrong, or somebody stands in between"
        case 18 | 19 | 20 | 21:
            why = "nobody whom this machine trusts has signed it. Perhaps a proxy of your own stands in between"
        case _:
            why = "it does not hold"
    return f"no connection, since the server's certificate is refused: {why} ({found.verify_message})"


def _keep_deadlines(client: httpx.Client) -> None:
    """Put the network with deadlines under a client's own transports, those to proxies included.

    httpx has no way to hand one in; a test says when this no longer works.
    """
    for transport in (client._transport, *client._mounts.values()):
        if isinstance(transport, HTTPTransport):
            transport._pool._network_backend = DeadlineNetwork()


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
