"""JSON Patch (RFC 6902) on the members of a record, with the refusals of the vendor's description."""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from erpcore.simulator.bodies import read_json
from erpcore_poweroffice.simulator.calls import Call, Refused
from erpcore_poweroffice.simulator.members import SHAPES, Member, Shape, read, wire

_OPERATIONS = ("add", "replace", "remove", "copy", "move", "test")


def patched(shape: Shape, held: Mapping[str, Any], call: Call) -> dict[str, Any]:
    """Return the patchable members after a patch; the record itself is not touched.

    Args:
        shape: What the record is.
        held: Its members.
        call: The request, whose body is the patch.

    Raises:
        Refused: It is no patch, reaches what cannot be patched, has a value of a wrong kind, or its test fails.
    """
    values = {name: deepcopy(held.get(name)) for name, member in shape.members.items() if member.patch}
    for step in _steps(shape, call):
        _carry_out(_Target(shape, values), step)
    return values


def differ(before: Mapping[str, Any], after: Mapping[str, Any], *apart_from: str) -> bool:
    """Say whether members have other values; one that is missing and one that is null are the same."""
    names = (before.keys() | after.keys()) - set(apart_from)
    return any(before.get(name) != after.get(name) for name in names)


class _Target:
    """The record under a patch."""

    def __init__(self, shape: Shape, values: dict[str, Any]) -> None:
        self._shape = shape
        self._values = values

    def refused(self, told: str) -> Refused:
        return self._shape.refused(f"{self._shape.name}PatchDto: {told}")

    def get(self, path: str) -> Any:
        holder, key, _ = self._find(path)
        if isinstance(holder, list):
            return holder[self._index(holder, key)]
        return holder.get(key)

    def put(self, path: str, value: Any, *, insert: bool) -> None:
        holder, key, member = self._find(path)
        made = self._read(member, value, inside_list=isinstance(holder, list))
        if not isinstance(holder, list):
            holder[key] = made
        elif insert:
            holder.insert(len(holder) if key == "-" else self._index(holder, key, end=1), made)
        else:
            holder[self._index(holder, key)] = made

    def remove(self, path: str) -> None:
        holder, key, _ = self._find(path)
        if isinstance(holder, list):
            del holder[self._index(holder, key)]
        else:
            holder[key] = None

    def _find(self, path: str) -> tuple[dict[str, Any] | list[Any], str, Member]:
        first, *rest = _segments(path)
        member = self._shape.patchable(first)
        if member is None:
            raise self._no_place(first)
        if not rest:
            return self._values, member.name, member
        if member.kind == "ids" and len(rest) == 1:
            if self._values[member.name] is None:
                self._values[member.name] = []
            return self._values[member.name], rest[0], member
        if not member.kind.startswith("{") or len(rest) != 1:
            raise self._no_place(rest[0])
        inner = SHAPES[member.kind[1:-1]].patchable(rest[0])
        if inner is None:
            raise self._no_place(rest[0])
        if self._values[member.name] is None:
            self._values[member.name] = {}
        return self._values[member.name], inner.name, inner

    def _index(self, holder: list[Any], key: str, *, end: int = 0) -> int:
        index = len(holder) - 1 if key == "-" else int(key) if key.isdecimal() else -1
        if not 0 <= index < len(holder) + end:
            raise self.refused(f"The index value provided by path segment '{key}' is out of bounds of the array size.")
        return index

    def _read(self, member: Member, value: Any, *, inside_list: bool) -> Any:
        if value is None:
            return None
        try:
            if inside_list:
                return read("int", value, lenient=True)
            if member.kind.startswith("{"):
                return self._read_object(SHAPES[member.kind[1:-1]], value)
            made = read(member.kind, value, lenient=True)
            if member.limit is not None and len(made) > member.limit:
                raise ValueError(f"longer than {member.limit}")
        except ValueError:
            told = value if isinstance(value, str) else json.dumps(wire(value))
            raise self.refused(f"The value '{told}' is invalid for target location.") from None
        return made

    def _read_object(self, shape: Shape, value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise ValueError(f"{value!r} is no object")
        members = {name: shape.patchable(name) for name in value}
        return {
            member.name: self._read(member, value[name], inside_list=False)
            for name, member in members.items()
            if member is not None
        }

    def _no_place(self, segment: str) -> Refused:
        return self.refused(f"The target location specified by path segment '{segment}' was not found.")


def _steps(shape: Shape, call: Call) -> list[dict[str, Any]]:
    refusal = shape.refused(f"{shape.name}PatchDto: The JSON patch document was malformed and could not be parsed.")
    try:
        steps = read_json(call.body)
    except ValueError:
        raise refusal from None
    if not isinstance(steps, list):
        raise refusal
    for step in steps:
        if not isinstance(step, dict) or step.get("op") not in _OPERATIONS or not isinstance(step.get("path"), str):
            raise refusal
        if step["op"] in ("copy", "move") and not isinstance(step.get("from"), str):
            raise refusal
    return steps


def _carry_out(target: _Target, step: Mapping[str, Any]) -> None:
    path = step["path"]
    match step["op"]:
        case "add":
            target.put(path, step.get("value"), insert=True)
        case "replace":
            target.put(path, step.get("value"), insert=False)
        case "remove":
            target.remove(path)
        case "test":
            held = wire(target.get(path))
            if held != wire(step.get("value")):
                raise target.refused(
                    f"The current value '{held}' at path '{path}' is not equal to the test value '{step.get('value')}'."
                )
        case _:
            value = wire(target.get(step["from"]))
            if step["op"] == "move":
                target.remove(step["from"])
            target.put(path, value, insert=True)


def _segments(path: str) -> list[str]:
    return [part.replace("~1", "/").replace("~0", "~") for part in path.removeprefix("/").split("/")]
