"""JSON Patch (RFC 6902) on the members of a record: ``replace`` alone, with the refusals of the description."""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from erpcore.simulator.bodies import read_json
from erpcore_poweroffice.simulator.calls import Call, Refused
from erpcore_poweroffice.simulator.members import SHAPES, Member, Shape, read, wire


def patched(shape: Shape, held: Mapping[str, Any], call: Call) -> dict[str, Any]:
    """Return the patchable members after a patch; the record itself is not touched.

    Args:
        shape: What the record is.
        held: Its members.
        call: The request, whose body is the patch.

    Raises:
        Refused: It is no patch, reaches what cannot be patched, or has a value of a wrong kind.
    """
    values = {name: deepcopy(held.get(name)) for name, member in shape.members.items() if member.patch}
    for step in _steps(shape, call):
        segment = step["path"].removeprefix("/")
        member = shape.patchable(segment)
        if member is None:
            raise _refused(shape, f"The target location specified by path segment '{segment}' was not found.")
        values[member.name] = _value(shape, member, step.get("value"))
    return values


def differ(before: Mapping[str, Any], after: Mapping[str, Any], *apart_from: str) -> bool:
    """Say whether members have other values; one that is missing and one that is null are the same."""
    names = (before.keys() | after.keys()) - set(apart_from)
    return any(before.get(name) != after.get(name) for name in names)


def _steps(shape: Shape, call: Call) -> list[dict[str, Any]]:
    malformed = _refused(shape, "The JSON patch document was malformed and could not be parsed.")
    try:
        steps = read_json(call.body)
    except ValueError:
        raise malformed from None
    if not isinstance(steps, list):
        raise malformed
    for step in steps:
        if not isinstance(step, dict) or step.get("op") != "replace" or not isinstance(step.get("path"), str):
            raise malformed
    return steps


def _value(shape: Shape, member: Member, value: Any) -> Any:
    try:
        return _read(member, value)
    except ValueError:
        told = value if isinstance(value, str) else json.dumps(wire(value))
        raise _refused(shape, f"The value '{told}' is invalid for target location.") from None


def _read(member: Member, value: Any) -> Any:
    if value is None:
        return None
    if member.kind.startswith("{"):
        if not isinstance(value, dict):
            raise ValueError(f"{value!r} is no object")
        inner = {name: SHAPES[member.kind[1:-1]].patchable(name) for name in value}
        return {known.name: _read(known, value[name]) for name, known in inner.items() if known is not None}
    made = read(member.kind, value, lenient=True)
    if member.limit is not None and len(made) > member.limit:
        raise ValueError(f"longer than {member.limit}")
    return made


def _refused(shape: Shape, told: str) -> Refused:
    return shape.refused(f"{shape.name}PatchDto: {told}")
