"""The classic GraphQL schema as introspection tells it, and selections that ask only for what it has.

Lime's reference lists few fields, and other programs are seen to read more (a deal's value, addresses). So the schema
is asked once, and each query takes the wanted fields that exist. Nothing is assumed about the names of types.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

INTROSPECTION = """query ErpcoreSchema {
  __schema {
    queryType { name }
    mutationType { name }
    types { kind name fields { name type { ...Reference } args { name defaultValue type { ...Reference } } } }
  }
}
fragment Reference on __Type {
  kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } }
}"""

_OBJECTS = frozenset({"OBJECT", "INTERFACE", "UNION"})


@dataclass(frozen=True)
class SchemaField:
    """One field of a type.

    Args:
        type: Name of its type, without list and non-null marks.
        is_object: Whether it needs a selection of its own.
        arguments: Name -> type as a variable declares it, such as ``Int!``.
        needs_arguments: Whether it cannot be asked for without arguments.
    """

    type: str
    is_object: bool
    arguments: Mapping[str, str] = field(default_factory=dict)
    needs_arguments: bool = False


@dataclass(frozen=True)
class Schema:
    """What can be asked for.

    Args:
        query: Name of the type that queries start at.
        mutation: Name of the type that mutations start at; None when there are none.
        types: Name of a type -> its fields.
    """

    query: str
    mutation: str | None
    types: Mapping[str, Mapping[str, SchemaField]]

    def root(self, name: str, *, mutation: bool = False) -> SchemaField | None:
        """Find a query or mutation.

        Args:
            name: Its name.
            mutation: Which of the two.
        """
        start = self.mutation if mutation else self.query
        return self.types.get(start or "", {}).get(name)


@dataclass(frozen=True)
class Want:
    """A field to ask for.

    Args:
        name: What the reading calls it.
        candidates: What the API may call it, best first; its own name when left out.
        children: What to ask for in it.
        documented: Whether it is in Lime's published list, and so asked for even when the schema cannot be read.
    """

    name: str
    candidates: tuple[str, ...] = ()
    children: tuple[Want, ...] = ()
    documented: bool = True


def read_schema(data: Mapping[str, Any]) -> Schema:
    """Read the answer to `INTROSPECTION`.

    Args:
        data: The answer's ``data``.

    Raises:
        MalformedReplyError, TypeError, AttributeError: It is no such answer.
    """
    schema = data["__schema"]
    return Schema(
        query=schema["queryType"]["name"],
        mutation=(schema.get("mutationType") or {}).get("name"),
        types={
            each["name"]: {one["name"]: _field(one) for one in each.get("fields") or ()} for each in schema["types"]
        },
    )


def _field(raw: Mapping[str, Any]) -> SchemaField:
    kind, name = _named(raw["type"])
    arguments = raw.get("args") or ()
    return SchemaField(
        type=name,
        is_object=kind in _OBJECTS,
        arguments={each["name"]: _written(each["type"]) for each in arguments},
        needs_arguments=any(
            each["type"]["kind"] == "NON_NULL" and each.get("defaultValue") is None for each in arguments
        ),
    )


def _named(reference: Mapping[str, Any]) -> tuple[str, str]:
    while reference.get("ofType"):
        reference = reference["ofType"]
    return reference["kind"], reference["name"]


def _written(reference: Mapping[str, Any]) -> str:
    match reference["kind"]:
        case "NON_NULL":
            return f"{_written(reference['ofType'])}!"
        case "LIST":
            return f"[{_written(reference['ofType'])}]"
        case _:
            return str(reference["name"])


def selection(wants: Sequence[Want], schema: Schema | None, type_name: str) -> str:
    """Write a selection set with those of the wanted fields that exist, under the reading's own names.

    Args:
        wants: What to ask for.
        schema: The schema; None when it cannot be read, and then the published fields are asked for.
        type_name: The type that they are fields of.

    Returns:
        Such as ``{ id value: dealValue }``; empty when nothing is left.
    """
    parts = [part for want in wants if (part := _part(want, schema, type_name))]
    return f"{{ {' '.join(parts)} }}" if parts else ""


def _part(want: Want, schema: Schema | None, type_name: str) -> str:
    found = found_name(want, schema, type_name)
    if found is None:
        return ""
    asked = found if found == want.name else f"{want.name}: {found}"
    if not want.children:
        return asked
    inner_type = "" if schema is None else schema.types[type_name][found].type
    inner = selection(want.children, schema, inner_type)
    return f"{asked} {inner}" if inner else ""


def found_name(want: Want, schema: Schema | None, type_name: str) -> str | None:
    """Tell what the API calls a wanted field; None when it has none.

    Args:
        want: The field.
        schema: The schema, or None.
        type_name: The type that it is a field of.
    """
    candidates = want.candidates or (want.name,)
    if schema is None:
        return candidates[0] if want.documented else None
    fields = schema.types.get(type_name, {})
    for candidate in candidates:
        known = fields.get(candidate)
        if known is not None and known.is_object == bool(want.children) and not known.needs_arguments:
            return candidate
    return None


def shows(schema: Schema | None, query: str, want: Want) -> bool:
    """Tell whether the account is known to show a field.

    Args:
        schema: The schema; None when it cannot be read.
        query: The query that gives the record, such as ``deal``.
        want: The field.
    """
    root = schema.root(query) if schema else None
    return root is not None and found_name(want, schema, root.type) is not None
