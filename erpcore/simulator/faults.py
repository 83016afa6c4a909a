"""Faults that a test or a person switches on: what may go wrong between a client and a service.

======================  ===================================================================================
kind                    what happens to a request that fits
======================  ===================================================================================
``too_many_requests``   429, no work done; give `headers` ``{"Retry-After": "2"}`` where wanted
``error_before``        5xx (`status`, default 500), no work done
``error_after``         the work is done, then 5xx (`status`, default 500)
``lose_answer``         the work is done, then the connection breaks without an answer
``slow``                the work is done, the answer comes `seconds` late
``hold``                the work is done, the answer stays out until the held requests are released
``garbage``             the work is done, the answer is no JSON though its content type says so
``empty``               the work is done, the answer has its status and no body
``html``                the work is done, the answer is an HTML page (`status`, default 200)
======================  ===================================================================================

``error_before`` and ``error_after`` answer with JSON, or with an HTML page where `form` is ``html``.
Other kinds are names that a simulator's own resources ask for (its docstring lists them), such as ``index_lag``.
"""

from __future__ import annotations

import itertools
import re
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

BEFORE_WORK = frozenset({"too_many_requests", "error_before"})
AFTER_WORK = frozenset({"error_after", "lose_answer", "slow", "hold", "garbage", "empty", "html"})
TRANSPORT_KINDS = BEFORE_WORK | AFTER_WORK
"""The kinds that every simulator carries out by itself."""


@dataclass(frozen=True)
class Fault:
    """One thing that shall go wrong.

    Attributes:
        kind: One of the module's table, or a kind of the simulator's own.
        method: Strikes only this HTTP verb; None strikes all.
        path: A regular expression that must fit the whole path; None strikes all.
        times: How many requests it strikes before it is spent; None means until it is removed.
        seconds: For kinds that take time.
        status: HTTP status for kinds that answer; None means the kind's default.
        headers: Extra headers of the answer.
        form: Whether an error answer is JSON or an HTML page.
    """

    kind: str
    method: str | None = None
    path: str | None = None
    times: int | None = 1
    seconds: float = 0.0
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    form: Literal["json", "html"] = "json"

    def __post_init__(self) -> None:
        """Refuse what could never strike, so that a mistyped fault is not taken for a passed test.

        Raises:
            ValueError: A value is out of range, or `path` is not a regular expression.
        """
        if not self.kind:
            raise ValueError("A fault needs a kind.")
        if self.times is not None and self.times < 1:
            raise ValueError(f"A fault strikes at least once, not {self.times} times.")
        if self.seconds < 0:
            raise ValueError("A fault's seconds cannot be negative.")
        if self.form not in ("json", "html"):
            raise ValueError(f"A fault answers as 'json' or 'html', not {self.form!r}.")
        try:
            re.compile(self.path or "")
        except re.error as error:
            raise ValueError(f"The fault's path {self.path!r} is no regular expression: {error}.") from error

    def fits(self, method: str, path: str) -> bool:
        """Say whether a request with this verb and path is struck."""
        return (self.method is None or self.method.upper() == method.upper()) and (
            self.path is None or re.fullmatch(self.path, path) is not None
        )


class FaultSwitches:
    """The faults that are switched on, in the order in which they were added."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ids = itertools.count(1)
        self._on: dict[int, tuple[Fault, int | None]] = {}

    def add(self, fault: Fault) -> int:
        """Switch a fault on.

        Returns:
            Its id, for `remove`.
        """
        with self._lock:
            fault_id = next(self._ids)
            self._on[fault_id] = (fault, fault.times)
            return fault_id

    def remove(self, fault_id: int) -> bool:
        """Switch one fault off; False when it was not on (any more)."""
        with self._lock:
            return self._on.pop(fault_id, None) is not None

    def clear(self) -> None:
        """Switch all faults off."""
        with self._lock:
            self._on.clear()

    def take(self, kinds: str | Collection[str], method: str, path: str) -> Fault | None:
        """Return the first fault of these kinds that strikes this request, and count the strike.

        Args:
            kinds: One kind, or several.
            method: The request's HTTP verb.
            path: The request's path.
        """
        wanted = {kinds} if isinstance(kinds, str) else kinds
        with self._lock:
            for fault_id, (fault, left) in self._on.items():
                if fault.kind in wanted and fault.fits(method, path):
                    if left == 1:
                        del self._on[fault_id]
                    elif left is not None:
                        self._on[fault_id] = (fault, left - 1)
                    return fault
        return None

    def seconds(self, kind: str, method: str, path: str, otherwise: float = 0.0) -> float:
        """Return how long a fault of this kind holds this request's work back, and count the strike.

        Args:
            kind: The kind.
            method: The request's HTTP verb.
            path: The request's path.
            otherwise: What holds when none strikes.
        """
        fault = self.take(kind, method, path)
        return otherwise if fault is None else fault.seconds

    def as_json(self) -> list[dict[str, Any]]:
        """Return what is switched on, with the number of strikes left (None: until removed)."""
        with self._lock:
            return [
                {
                    "id": fault_id,
                    "kind": fault.kind,
                    "method": fault.method,
                    "path": fault.path,
                    "left": left,
                    "seconds": fault.seconds,
                    "status": fault.status,
                    "headers": dict(fault.headers),
                    "form": fault.form,
                }
                for fault_id, (fault, left) in self._on.items()
            ]
