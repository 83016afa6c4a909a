"""Putting a seed's records in, one by one in the simulator's order, and telling which one does not fit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any


def no_strangers(data: Mapping[str, Any], known: Iterable[str]) -> None:
    """Refuse a seed with a name that the simulator does not know, so that a mistyped one is not taken for done.

    Raises:
        ValueError: There is one; the message names all that are known.
    """
    known = list(known)
    if strangers := sorted(data.keys() - set(known)):
        raise ValueError(f"A seed has no {', '.join(strangers)}; it may have {', '.join(known)}.")


def put_records(
    data: Mapping[str, Any], makers: Mapping[str, Callable[[Any], object]], refusal: type[Exception] = ValueError
) -> None:
    """Put the records of a seed in.

    Args:
        data: Lists of records by kind; a kind may be missing. Names that are no kind are passed over, see
            `no_strangers`.
        makers: What makes a record of each kind, in the order in which the kinds are put in.
        refusal: How the simulator's own resources say no.

    Raises:
        ValueError: A record does not fit; what came before it is in.
    """
    for kind, make in makers.items():
        records = data.get(kind, [])
        if isinstance(records, str) or not isinstance(records, Iterable):
            raise ValueError(f"The seed's {kind} must be a list of records, not {type(records).__name__}.")
        for position, record in enumerate(records, 1):
            try:
                make(record)
            except (refusal, ValueError, TypeError, LookupError, ArithmeticError) as error:
                raise ValueError(f"The seed's {kind} {position} is refused: {error}") from error
