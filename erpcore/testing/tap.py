"""Taps: what a plugin says to its system, seen where it leaves the process.

A tap is put on the class that carries requests, so a plugin cannot go around it by building a client of its own: on the
HTTP transport for systems that speak HTTP (`WireTap`), on the one function that everything goes through for others
(`CallTap`). Beside listening it can answer in the system's place, and let something happen just before a request goes
on or after it came back.
"""

from __future__ import annotations

import base64
import json
import re
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, unquote

from erpcore.http import HTTPTransport, Request, Response

_POWER = re.compile(r"-?\d+(\.\d+)?E[+-]?\d+")
_OF_THE_BODY = frozenset({"content-length", "content-encoding", "transfer-encoding"})
_PASSING_HEADERS = re.compile(
    r"authorization|cookie|date|user-agent|host|connection|content-length|.*(?:request|correlation|trace|idempotency).*"
)


@dataclass(frozen=True)
class Sent:
    """One request that left.

    Attributes:
        what: Method and path, or the name of the function.
        content: Query and body, or the arguments, with numbers as Decimal; floats only where a float was given.
        headers: Headers that say something about the content.
        changed: Whether the system holds something else afterwards; only known while `Tap.watch` is on.
    """

    what: str
    content: Any
    headers: Mapping[str, str] = field(default_factory=dict)
    changed: bool = False

    @property
    def text(self) -> str:
        """Everything that was said, as one text to search in."""
        return json.dumps([self.what, self.content, dict(self.headers)], ensure_ascii=False, default=str)

    def same(self, other: Sent) -> bool:
        """Whether the other says the same."""
        return (self.what, self.content, self.headers) == (other.what, other.content, other.headers)


@dataclass(frozen=True)
class Answer:
    """What the tap says in the system's place.

    Attributes:
        status: HTTP status.
        headers: HTTP headers.
        body: The body as bytes or text; anything else is sent as JSON. For a function: what it returns.
        raises: For a function: what it raises instead.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = b""
    raises: BaseException | None = None


Script = Callable[[int, Sent], Answer | None]
"""Decides from the number of the request (from 0) and its content whether to answer in the system's place."""


class Tap(ABC):
    """Listens to all requests while it is open.

    Args:
        state: Gives everything that the system holds, to tell which requests change it.
    """

    def __init__(self, state: Callable[[], Any]) -> None:
        self._state = state
        self._lock = threading.Lock()
        self.sent: list[Sent] = []
        self.watch = False
        self.script: Script = lambda number, sent: None
        self.after: Callable[[int, Sent], None] = lambda number, sent: None
        self.alter: Callable[[Any], Any] | None = None

    def clear(self) -> None:
        """Forget what was said, and the script."""
        with self._lock:
            self.sent = []
        self.watch = False
        self.script = lambda number, sent: None
        self.after = lambda number, sent: None
        self.alter = None

    @contextmanager
    def open(self) -> Iterator[None]:
        """Listen while the block runs."""
        restore = self._put_on()
        try:
            yield
        finally:
            restore()

    @abstractmethod
    def _put_on(self) -> Callable[[], None]:
        """Put the tap on and return what takes it off."""

    def _pass(self, sent: Sent, go_on: Callable[[], Any], answer_as: Callable[[Answer], Any]) -> Any:
        with self._lock:
            number = len(self.sent)
            self.sent.append(sent)
        answer = self.script(number, sent)
        if answer is not None:
            return answer_as(answer)
        before = self._state() if self.watch else None
        try:
            result = go_on()
        finally:
            if self.watch and self._state() != before:
                with self._lock:
                    self.sent[number] = Sent(sent.what, sent.content, sent.headers, changed=True)
        self.after(number, sent)
        return result if self.alter is None else self._altered(result, self.alter)

    def _altered(self, result: Any, alter: Callable[[Any], Any]) -> Any:
        """Give a result whose content was altered."""
        return alter(result)


class WireTap(Tap):
    """Listens on the HTTP transport.

    Args:
        state: See `Tap`.
        ignore: A regular expression for paths that are not the plugin's own business, such as the sign-in.

    Attributes:
        passed: How many requests were not looked at for it.
        sign_ins: What those said since `clear`, in words: address, headers and body, Basic credentials unpacked.
        given: The texts in their answers since `clear`.
        carried: The address and the headers of each other request since `clear`, credentials included.
        repeats: Whether whoever asks at one place again gets what was answered there first, as if a list had no end.
        at_sign_in: What those are answered in the system's place, until `clear`; None lets them through.
    """

    def __init__(self, state: Callable[[], Any], ignore: str | None = None) -> None:
        super().__init__(state)
        self._ignore = re.compile(ignore) if ignore else None
        self.passed = 0
        self.sign_ins: list[str] = []
        self.given: list[str] = []
        self.carried: list[str] = []
        self.repeats = False
        self._first: dict[str, Response] = {}
        self.at_sign_in: Answer | None = None

    def _altered(self, result: Any, alter: Callable[[Any], Any]) -> Any:
        """See `Tap._altered`: of a response, JSON is altered."""
        result.read()
        try:
            content = json.loads(result.content)
        except ValueError:
            return result
        changed = alter(content)
        if changed == content:
            return result
        kept = {name: value for name, value in result.headers.items() if name not in _OF_THE_BODY}
        return Response(result.status_code, headers=kept, json=changed)

    def clear(self) -> None:
        """See `Tap.clear`."""
        super().clear()
        self.sign_ins, self.given, self.carried = [], [], []
        self.at_sign_in = None
        self.repeats, self._first = False, {}

    def _repeated(self, what: str, request: Request, go_on: Callable[[], Response]) -> Response:
        """Give what was answered first at a place."""
        if what not in self._first:
            self._first[what] = go_on()
            self._first[what].read()
        first = self._first[what]
        unpacked = {name: value for name, value in first.headers.items() if name != "content-encoding"}
        return Response(first.status_code, headers=unpacked, content=first.content, request=request)

    def _signed_in(self, request: Request, response: Response) -> Response:
        """Note what was said to the sign-in and what it gave."""
        said = f"{_address_and_headers(request)} {unquote(request.read().decode('utf-8', 'replace'))}"
        self.sign_ins.append(said)
        response.read()
        with suppress(ValueError):  # other than JSON, nothing is known of what it gave
            self.given += texts_in(json.loads(response.content))
        return response

    def _put_on(self) -> Callable[[], None]:
        original = HTTPTransport.handle_request

        def handle_request(transport: HTTPTransport, request: Request) -> Response:
            if self._ignore and self._ignore.fullmatch(request.url.path):
                self.passed += 1
                if self.at_sign_in is not None:
                    return _response(self.at_sign_in, request)
                return self._signed_in(request, original(transport, request))
            request.read()
            sent = _from_request(request)
            self.carried.append(_address_and_headers(request))

            def go_on() -> Response:
                return original(transport, request)

            answered: Response = self._pass(
                sent,
                (lambda: self._repeated(sent.what, request, go_on)) if self.repeats else go_on,
                lambda answer: _response(answer, request),
            )
            return answered

        setattr(HTTPTransport, "handle_request", handle_request)  # noqa: B010 that is what a tap is; mypy refuses "="

        def take_off() -> None:
            setattr(HTTPTransport, "handle_request", original)  # noqa: B010 as above

        return take_off


class CallTap(Tap):
    """Listens on a function that everything goes through, such as a vendor's library or a bridge to it.

    Args:
        owner: The class whose method it is.
        method: Its name.
        state: See `Tap`.
        secrets: How many of the last arguments are credentials, which are not looked at.
    """

    def __init__(self, owner: type, method: str, state: Callable[[], Any], *, secrets: int = 0) -> None:
        super().__init__(state)
        self._owner = owner
        self._method = method
        self._secrets = secrets

    def _put_on(self) -> Callable[[], None]:
        original = getattr(self._owner, self._method)

        def tapped(target: Any, function: str, *arguments: Any) -> Any:
            told = list(arguments[: len(arguments) - self._secrets])
            return self._pass(Sent(function, told), lambda: original(target, function, *arguments), _returned)

        setattr(self._owner, self._method, tapped)
        return lambda: setattr(self._owner, self._method, original)


def members_in(content: Any, place: str = "") -> list[str]:
    """List the members in what was said, by their dotted place; those of a list's items by the list's place.

    Args:
        content: `Sent.content`.
        place: What stands before.
    """
    match content:
        case Mapping():
            inside = [(f"{place}{name}", value) for name, value in content.items()]
            return [each for name, value in inside for each in (name, *members_in(value, f"{name}."))]
        case list() | tuple():
            return [each for value in content for each in members_in(value, place)]
    return []


def texts_in(content: Any) -> list[str]:
    """List the texts in an answer.

    Args:
        content: Of JSON.
    """
    match content:
        case str():
            return [content]
        case Mapping():
            return [text for value in content.values() for text in texts_in(value)]
        case list():
            return [text for value in content for text in texts_in(value)]
    return []


def floats_in(content: Any) -> list[str]:
    """List the places of floats in what was said: money must never have been one.

    Args:
        content: `Sent.content`.
    """
    match content:
        case float():
            return [str(content)]
        case Mapping():
            return [f"{name}: {place}" for name, value in content.items() for place in floats_in(value)]
        case list() | tuple():
            return [place for value in content for place in floats_in(value)]
    return []


def powers_in(content: Any) -> list[str]:
    """List the numbers that were written in powers of ten, such as ``1E+2``, as text: few systems read them.

    Args:
        content: `Sent.content`.
    """
    match content:
        case str():
            return [content] if _POWER.fullmatch(content) else []
        case Mapping():
            return [text for value in content.values() for text in powers_in(value)]
        case list() | tuple():
            return [text for value in content for text in powers_in(value)]
    return []


def _from_request(request: Request) -> Sent:
    body = request.content
    try:
        content = json.loads(body, parse_float=Decimal) if body else None
    except ValueError:
        content = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)) or repr(body)
    query = parse_qsl(request.url.query.decode("ascii"), keep_blank_values=True)
    headers = {n: v for n, v in request.headers.items() if not _PASSING_HEADERS.fullmatch(n.lower())}
    return Sent(f"{request.method} {unquote(request.url.path)}", {"query": query, "body": content}, headers)


def _address_and_headers(request: Request) -> str:
    headers = [*request.headers.values()]
    for value in (each for each in headers if each.startswith("Basic ")):
        try:
            headers.append(base64.b64decode(value.removeprefix("Basic ")).decode("utf-8", "replace"))
        except ValueError:
            continue
    return " ".join((str(request.url), *headers))


def _response(answer: Answer, request: Request) -> Response:
    body, headers = answer.body, dict(answer.headers)
    if isinstance(body, str):
        body = body.encode()
    elif not isinstance(body, bytes):
        body = json.dumps(body, ensure_ascii=False).encode()
        headers = {"content-type": "application/json", **headers}
    return Response(answer.status, headers=headers, content=body, request=request)


def _returned(answer: Answer) -> Any:
    if answer.raises is not None:
        raise answer.raises
    return answer.body
