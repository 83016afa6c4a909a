"""The names of a model's fields, and that a table declares each of them once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING, Any, cast, get_args

if TYPE_CHECKING:
    from erpcore.models import CanonicalModel


def require_complete(model: type[CanonicalModel], declared: list[str]) -> None:
    """Require that a table declares each field once.

    Args:
        model: A canonical model.
        declared: Dotted names; the name of a nested record stands for all of its fields.

    Raises:
        ValueError: A field is missing, declared twice, or not in the model.
    """
    _require_complete(model, tuple(declared))


@cache  # a connection's tables often declare what those of other connections do
def _require_complete(model: type[CanonicalModel], declared: tuple[str, ...]) -> None:
    twice = {name for name, count in Counter(declared).items() if count > 1}
    if twice:
        raise ValueError(f"{model.__name__}: declared twice: {', '.join(sorted(twice))}")
    # Each with the names that stand for it: its own, and those of the records that it is in.
    leaves = {leaf: set(accumulate(leaf.split("."), "{}.{}".format)) for leaf in leaf_names(model)}
    unknown = [name for name in declared if not any(name in names for names in leaves.values())]
    if unknown:
        from difflib import get_close_matches

        near = [match for name in unknown for match in get_close_matches(name, leaves, 1)]
        meant = f"; did you mean {', '.join(near)}?" if near else ""
        raise ValueError(f"{model.__name__} has no field {', '.join(unknown)}{meant}")
    if missing := sorted(leaf for leaf, names in leaves.items() if names.isdisjoint(declared)):
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
    from erpcore.models import CanonicalModel

    return isinstance(annotation, type) and issubclass(annotation, CanonicalModel)
