"""What goes wrong at the ADK, before anybody above gives it a kind of their own.

`Refused` is the DLL's own answer; the others are ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from erpcore_visma_admin.adk.constants import RESULTS


@dataclass(frozen=True)
class Told:
    """What the DLL told, as a result or as a warning.

    Attributes:
        code: The result code.
        table: Code of the table that is concerned.
        field: Number of the field that is concerned.
        function: Code of the function that told it.
        part: Number of the part of the program.
        text: The DLL's own sentence.
    """

    code: int
    table: int
    field: int
    function: int
    part: int
    text: str

    @property
    def name(self) -> str:
        """The ADK's name of the code; the number where the plugin has no use for the name."""
        return RESULTS[self.code].name if self.code in RESULTS else f"code {self.code}"

    def as_json(self) -> dict[str, Any]:
        """Give it as plain values."""
        return {
            "code": self.code,
            "name": self.name,
            "table": self.table,
            "field": self.field,
            "function": self.function,
            "part": self.part,
            "text": self.text,
        }


class AdkProblem(Exception):
    """Base of everything that may come of a call.

    Args:
        message: What happened, for people.
    """

    kind = "broken"
    """Short name. Of ``hung``, ``unreadable`` and ``broken`` it is not known what was done; of others, nothing was."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Refused(AdkProblem):
    """The DLL refused a call.

    Args:
        told: What it told.
    """

    kind = "refused"

    def __init__(self, told: Told) -> None:
        super().__init__(told.text or told.name)
        self.told = told


class BadCall(AdkProblem):
    """A call that is not one of the list, or whose values no field could take. Nothing was done."""

    kind = "bad_call"


class NoLibrary(AdkProblem):
    """The DLL is not there, or cannot be loaded into this process."""

    kind = "no_library"


class InUse(AdkProblem):
    """Another process has the ADK. Nothing was done."""

    kind = "in_use"


class TooLate(AdkProblem):
    """The call's time ran out before its turn came. Nothing was done, and nothing will be."""

    kind = "too_late"


class Hung(AdkProblem):
    """The DLL did not come back from a call in time. What it did is not known."""

    kind = "hung"


class Stuck(AdkProblem):
    """An earlier call hangs in the DLL, so that no other is begun. Nothing was done."""

    kind = "stuck"


class Unreadable(AdkProblem):
    """The DLL gave something that is not in its own form, such as a date that is none."""

    kind = "unreadable"
