"""One request and one answer, as the resources see them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from erpcore.simulator.bodies import read_json
from erpcore_fortnox.simulator.errors import Refused


@dataclass(frozen=True)
class Call:
    """A request that has passed the gate.

    Attributes:
        method: The HTTP verb.
        path: The address, for faults.
        params: What stood in the places of the address, decoded.
        query: The parameters after the question mark.
        body: The raw body.
    """

    method: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def payload(self, envelope: str) -> Any:
        """Return what stands inside the envelope; numbers with a point as Decimal.

        Raises:
            Refused: There is no body, it is no JSON, or it has another envelope.
        """
        if not self.body.strip():
            raise Refused("body")
        try:
            document = read_json(self.body)
        except ValueError:
            raise Refused("json") from None
        if not isinstance(document, dict) or envelope not in document:
            raise Refused("body")
        if strangers := document.keys() - {envelope}:
            raise Refused("field_name", min(strangers))
        return document[envelope]


@dataclass(frozen=True)
class Answer:
    """What goes back.

    Attributes:
        content: JSON values.
        status: The HTTP status.
        location: The collection's bare name, which a 201 carries (recorded replies).
    """

    content: dict[str, Any]
    status: int = 200
    location: str | None = None


@dataclass(frozen=True)
class Operation:
    """One address and verb of a resource, and the scope that it needs."""

    method: str
    path: str
    scope: str
    handle: Callable[[Call], Answer]
