"""A system's answer, read to the end; how long it is waited for, and why there is none."""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from erpcore.errors import MalformedReplyError, OutcomeUnknownError, RemoteError
from erpcore.exact_json import from_json

_CHARSET = re.compile(r"charset=\"?([\w.:-]+)", re.IGNORECASE)


@dataclass(frozen=True)
class Timeouts:
    """How long to wait, in seconds.

    Args:
        total: For the whole request, from looking for a connection to the last byte of the answer.
        connect: For a connection.
        piece: For the next piece of the request to be taken, or of the answer to come.
    """

    total: float = 45.0
    connect: float = 10.0
    piece: float = 30.0


@dataclass(frozen=True)
class Failure:
    """No answer, or not all of it.

    Args:
        left: Whether the request may have reached the system. False only when it surely did not.
        reason: What happened, in words, without secrets.
    """

    left: bool
    reason: str


class _Object(dict[str, Any]):
    """An object of an answer."""

    def __init__(self, members: dict[str, Any], reply: Reply) -> None:
        super().__init__(members)
        self._reply = reply

    def __missing__(self, name: str) -> Any:
        raise self._reply.unreadable(f"has no member {name} where one is looked for")

    def __reduce__(self) -> tuple[type, tuple[dict[str, Any]]]:
        return dict, (dict(self),)  # a copy is of the members alone, without the answer


@dataclass(frozen=True)
class Reply:
    """One answer. Its body is not in its `repr`: it may hold customers' data or secrets.

    Args:
        connection: Name of the connection.
        request: Method and path, for error texts; without query and secrets.
        of_write: Whether it answers a write, which changes what an unreadable answer means.
        status: HTTP status.
        headers: Names in lower case; a header sent more than once is joined with commas.
        body: The bytes, unpacked.
        too_large: Whether the body passed the client's limit; `body` is then its beginning.
        request_id: The vendor's own id of the request, when it gave one.
    """

    connection: str
    request: str
    of_write: bool
    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    too_large: bool = False
    request_id: str | None = None

    @property
    def ok(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300

    @property
    def content_type(self) -> str:
        """The media type in lower case, without parameters; empty when none was sent."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def text(self) -> str:
        """The body as text: in the charset it names, else UTF-8; what cannot be read becomes a question mark sign."""
        named = _CHARSET.search(self.headers.get("content-type", ""))
        try:
            charset = codecs.lookup(named[1]).name if named else "utf-8"
        except LookupError:
            charset = "utf-8"
        return self.body.decode(charset, errors="replace")

    def json(self) -> Any:
        """Read the body as JSON whatever its content type says. Numbers with a point become Decimal.

        An object in it is a dict, but ``found["Id"]`` raises the errors below where it has no ``Id``: the answer is to
        blame then, and not who reads it.

        Raises:
            MalformedReplyError: It is not JSON (HTML, cut short, empty, too large).
            OutcomeUnknownError: The same, as the 2xx answer to a write: it was carried out, its result is lost.
        """
        reason = self._why_unreadable()
        if reason is None:
            try:
                return from_json(self.body, lambda members: _Object(members, self))
            except ValueError as error:
                reason = f"is not JSON ({error})"
        # Outside the handler above: the reader's exception holds the whole body.
        raise self.unreadable(reason)

    def record(self, *path: str) -> dict[str, Any]:
        """Read the object at a place in the body.

        Args:
            *path: Members on the way to it; none for the body itself.

        Raises:
            MalformedReplyError: There is none.
            OutcomeUnknownError: The same, as the 2xx answer to a write.
        """
        found = self._at(path)
        if not isinstance(found, dict):
            raise self.unreadable(f"has no object {'.'.join(path)}" if path else "is no object")
        return found

    def records(self, *path: str, known_by: Sequence[str] = ()) -> list[dict[str, Any]]:
        """Read the list of objects at a place in the body; errors as for `record`.

        Args:
            *path: As for `record`.
            known_by: Members that the objects are known and compared by. One that is there and is neither text nor a
                number is told: a comparison would pass over its record as if it were another one.
        """
        found = self._at(path)
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            raise self.unreadable(f"has no list of objects {'.'.join(path)}" if path else "is no list of objects")
        for name in known_by:
            if any(isinstance(each.get(name), list | dict) for each in found):
                raise self.unreadable(f"has a record whose {name} is neither text nor a number")
        return found

    def _at(self, path: tuple[str, ...]) -> Any:
        found = self.json()
        for name in path:
            found = found.get(name) if isinstance(found, dict) else None
        return found

    def unreadable(self, reason: str) -> RemoteError:
        """Build the error for an answer that the plugin cannot make sense of.

        Args:
            reason: What is wrong with it, continuing "the answer ...", such as ``"has no member Order"``.
        """
        start = f"{self.request} was answered with status {self.status}, but the answer {reason}."
        if self.of_write and self.ok:
            return OutcomeUnknownError(
                f"{start} It was most likely carried out.",
                connection=self.connection,
                status=self.status,
                request_id=self.request_id,
            )
        return MalformedReplyError(
            start,
            connection=self.connection,
            advice="Check the connection's address; if it is right, the system is having a bad time: try again later.",
            status=self.status,
            request_id=self.request_id,
        )

    def _why_unreadable(self) -> str | None:
        if self.too_large:
            return "is larger than the limit set for this connection"
        if not self.body.strip():
            return "is empty"
        if self.body.lstrip()[:1] == b"<":
            return "is a web page or XML"
        return None
