"""A sync between the memory CRM and the memory ERP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.sync.world import World

MakeWorld = Callable[..., World]


@pytest.fixture
def make_world(tmp_path: Path) -> Iterator[MakeWorld]:
    made: list[World] = []

    def make(**options: object) -> World:
        made.append(World(f"sqlite:///{tmp_path / f'erpcore-{len(made)}.db'}", **options))
        return made[-1]

    yield make
    for world in made:
        world.close()


@pytest.fixture
def world(make_world: MakeWorld) -> World:
    """A world with one company and its won deal."""
    made = make_world()
    made.company()
    made.deal()
    return made
