"""A sync between the memory CRM and the memory ERP."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from erpcore.models import Customer
from erpcore.store import open_store
from tests.sync.order_plugin import AddingErp, OrderCrm
from tests.sync.world import World

MakeWorld = Callable[..., World]
MakeShop = Callable[..., World]


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


@pytest.fixture
def make_shop(make_world: MakeWorld) -> MakeShop:
    """A sync of orders: a company that is customer 50 in the ERP, and the article A1."""

    def make(**options: Any) -> World:
        world = make_world(**{"crm_class": OrderCrm, "erp_class": AddingErp, **options})
        world.company(erp_number="50")
        world.books.customers["50"] = Customer(number="50", name="Acme AB", organisation_number="556000-4615")
        world.article("A1")
        world.order(customer_number="50")
        return world

    return make


@pytest.fixture
def shop(make_shop: MakeShop) -> World:
    return make_shop()
