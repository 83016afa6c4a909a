"""What nobody has published about a system, as switches: a client must stand every position of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError


class SwitchBoard(BaseModel):
    """The switches of one system: fields with a default each, beside which stands why it is the default.

    Positions are taken strictly, so that ``"false"`` is not taken for false; a list may stand for a tuple, since
    JSON has no other.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    def changed(self, changes: Mapping[str, Any]) -> Self:
        """Return these switches with some of them moved.

        Args:
            changes: Switch -> position, as JSON gives it.

        Raises:
            ValueError: There is no such switch, or it has no such position.
        """
        known = type(self).model_fields
        if strangers := sorted(changes.keys() - known.keys()):
            raise ValueError(f"There is no switch {', '.join(strangers)}; there are {', '.join(sorted(known))}.")
        given = {name: tuple(value) if isinstance(value, list) else value for name, value in changes.items()}
        try:
            return type(self).model_validate({**dict(self), **given}, strict=True)
        except ValidationError as error:
            wrong = [
                f"the switch {each['loc'][0]} has no position {changes[str(each['loc'][0])]!r} ({each['msg']})"
                for each in error.errors()
            ]
            raise ValueError("; ".join(wrong)) from error
