"""A sync that brings invoices home."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.sync.invoice_world import InvoiceWorld

MakeHome = Callable[..., InvoiceWorld]


@pytest.fixture
def make_home(tmp_path: Path, empty_store: Path) -> Iterator[MakeHome]:
    made: list[InvoiceWorld] = []

    def make(**options: Any) -> InvoiceWorld:
        file = options.pop("file", None) or shutil.copy(empty_store, tmp_path / f"erpcore-{len(made)}.db")
        made.append(InvoiceWorld(f"sqlite:///{file}", **options))
        return made[-1]

    yield make
    for world in made:
        world.close()


@pytest.fixture
def home(make_home: MakeHome) -> InvoiceWorld:
    """A sync that has begun, so that what changes from now on comes home."""
    world = make_home()
    world.look()
    return world
