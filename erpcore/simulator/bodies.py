"""The JSON of a request, as a careful server reads it."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any


def read_json(raw: bytes | str, *, exact: bool = True) -> Any:
    """Read JSON.

    Args:
        raw: The body.
        exact: Give numbers with decimals as Decimal, for systems that count money in them; else as float.

    Raises:
        ValueError: It is no JSON, holds NaN or Infinity (which Python alone writes), or is nested so deeply that no
            real document is.
    """
    try:
        return json.loads(raw, parse_float=Decimal if exact else float, parse_constant=_no_number)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
