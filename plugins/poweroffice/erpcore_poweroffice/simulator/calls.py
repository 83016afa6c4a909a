"""One request and one answer, as the resources see them, and the refusals that they may end in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from erpcore_poweroffice.simulator.books import Books

NOT_FOUND = "Object(s) not found"
"""The title of an answer about an id that nothing has (vendor's description)."""


class Refused(Exception):
    """A request that is not carried out, told as ProblemDetails with small letters (seen in replies).

    Args:
        status: The HTTP status.
        title: What kind of mistake it is.
        detail: What is wrong, in the vendor's words where they are known.
        errors: Per member, for bodies that do not fit the model.
    """

    def __init__(
        self, status: int, title: str, detail: str = "", errors: Mapping[str, list[str]] | None = None
    ) -> None:
        super().__init__(f"{title}: {detail or errors}")
        self.status = status
        self.title = title
        self.detail = detail
        self.errors = errors

    def body(self) -> dict[str, Any]:
        """Return the answer's body."""
        told = {"errors": dict(self.errors)} if self.errors is not None else {"detail": self.detail}
        return {"title": self.title, "status": self.status, **told}


@dataclass(frozen=True)
class Call:
    """A request that has passed the gate.

    Attributes:
        method: The HTTP verb.
        path: The whole address, for faults.
        application: The application key whose integration asks; "" for a person in the program itself.
        root: What addresses in answers begin with, such as ``http://127.0.0.1:8703/v2``.
        here: The address below `root` as it was asked, for the link to the next page.
        params: What stood in the places of the address.
        query: The parameters after the question mark, names in small letters.
        body: The raw body.
    """

    method: str = "POST"
    path: str = ""
    application: str = ""
    root: str = ""
    here: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True)
class Answer:
    """What goes back: JSON values in Python's types, or None for no body."""

    content: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Operation:
    """One address and verb, and the privileges of which one is needed; none means that any token will do."""

    method: str
    path: str
    roles: tuple[str, ...]
    handle: Callable[[Books, Call], Answer]


def reading(area: str, *more: str) -> tuple[str, ...]:
    """Return the privileges that let one read an area, such as Customer."""
    return (area, f"{area}_Full", *more)


def writing(area: str, *more: str) -> tuple[str, ...]:
    """Return the privileges that let one write in an area."""
    return (f"{area}_Full", *more)
