"""The names of a model's fields, and that a table declares each of them once."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any, cast, get_args

from erpcore.models import CanonicalModel


def require_complete(model: type[CanonicalModel], declared: list[str]) -> None:
    """Require that a table declares each field once.

    Args:
        model: A canonical model.
        declared: Dotted names; the name of a nested record stands for all of its fields.

    Raises:
        ValueError: A field is missing, declared twice, or not in the model.
    """
    twice = {name for name in declared if declared.count(name) > 1}
    if twice:
        raise ValueError(f"{model.__name__}: declared twice: {', '.join(sorted(twice))}")
    leaves = set(leaf_names(model))
    covered = {leaf for leaf in leaves for name in declared if leaf == name or leaf.startswith(f"{name}.")}
    unknown = [name for name in declared if not any(leaf == name or leaf.startswith(f"{name}.") for leaf in leaves)]
    if unknown:
        near = [match for name in unknown for match in get_close_matches(name, leaves, 1)]
        meant = f"; did you mean {', '.join(near)}?" if near else ""
        raise ValueError(f"{model.__name__} has no field {', '.join(unknown)}{meant}")
    if missing := sorted(leaves - covered):
        raise ValueError(
            f"{model.__name__}: not declared: {', '.join(missing)}. Declare each, or say Unsupported and why"
        )


def leaf_names(model: type[CanonicalModel], place: str = "") -> Iterator[str]:
    """Give the dotted names of all fields, those of nested records instead of the record's own.

    Args:
        model: A canonical model.
        place: What to put in front.
    """
    for name, info in model.model_fields.items():
        nested = [part for part in (info.annotation, *get_args(info.annotation)) if _is_model(part)]
        if nested:
            yield from leaf_names(cast("type[CanonicalModel]", nested[0]), f"{place}{name}.")
        else:
            yield f"{place}{name}"


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, CanonicalModel)
