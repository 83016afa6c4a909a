"""Installations between real simulators on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.world import MakeWorld, World, working, world_in


@pytest.fixture
def make_world(tmp_path: Path) -> Iterator[MakeWorld]:
    """Build an installation with a worker at work; arguments are those of `settings_text`. One per test."""
    with ExitStack() as stack:

        def make(**settings: Any) -> World:
            world = stack.enter_context(world_in(tmp_path, **settings))
            stack.enter_context(working(world))
            return world

        yield make
