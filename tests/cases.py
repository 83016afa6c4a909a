"""Which cases of a test are run, where they are prepared together."""

from __future__ import annotations

from typing import Any

import pytest


def cases(request: pytest.FixtureRequest, name: str) -> list[Any]:
    """Give the values of a parameter of a test's cases that this run has, each once.

    Args:
        request: Of one of the cases, or of what prepares them.
        name: Of the parameter.
    """
    specs = (getattr(item, "callspec", None) for item in request.session.items if item.path == request.path)
    return list(dict.fromkeys(spec.params[name] for spec in specs if spec is not None and name in spec.params))
