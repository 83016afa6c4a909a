"""A sync between the memory CRM and the memory ERP."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from erpcore.store import open_store
from tests.sync.world import World

MakeWorld = Callable[..., World]


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with its tables, to be copied: making them takes longer than most tests."""
    file = tmp_path_factory.mktemp("store") / "erpcore.db"
    open_store(f"sqlite:///{file}", synchronous="OFF").close()
    return file


@pytest.fixture
def make_world(tmp_path: Path, empty_store: Path) -> Iterator[MakeWorld]:
    made: list[World] = []

    def make(**options: object) -> World:
        file = shutil.copy(empty_store, tmp_path / f"erpcore-{len(made)}.db")
        made.append(World(f"sqlite:///{file}", **options))
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
