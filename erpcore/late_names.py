"""Packages whose names are loaded when they are asked for, each from the module where it is at home (PEP 562)."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def late_names(package: str, rooms: Mapping[str, str]) -> Callable[[str], Any]:
    """Give the ``__getattr__`` of a package.

    Args:
        package: Its name.
        rooms: Names that it gives, separated by spaces, by the module of the package that they come from.
    """
    homes = {name: room for room, names in rooms.items() for name in names.split()}

    def load(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        found = getattr(import_module(f"{package}.{homes[name]}"), name)
        setattr(sys.modules[package], name, found)  # asked for once
        return found

    return load
