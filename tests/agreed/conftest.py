"""Worlds between a CRM in memory and the vendors' simulated ERPs."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from erpcore_visma_admin.simulator.library import compiler

from erpcore.store import open_store
from tests.agreed.vendor_shop import Shop
from tests.agreed.vendor_world import AdministrationBooks, Vendor, VendorWorld, vendor_world

MakeVendorWorld = Callable[..., VendorWorld]


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with its tables, to be copied."""
    file = tmp_path_factory.mktemp("store") / "erpcore.db"
    open_store(f"sqlite:///{file}", synchronous="OFF").close()
    return file


@pytest.fixture
def make_world(tmp_path: Path, empty_store: Path) -> Iterator[MakeVendorWorld]:
    """Make worlds: `make_world(vendor_class, **rules)`."""
    with ExitStack() as stack:
        made: list[VendorWorld] = []

        def make(vendor: type[Vendor], **rules: Any) -> VendorWorld:
            if issubclass(vendor, AdministrationBooks) and compiler() is None:
                pytest.skip("the simulated Visma Administration is a C library, and there is no C compiler here")
            file = Path(shutil.copy(empty_store, tmp_path / f"erpcore-{len(made)}.db"))
            made.append(stack.enter_context(vendor_world(file, vendor(), **rules)))
            return made[-1]

        yield make


@pytest.fixture
def make_shop(make_world: MakeVendorWorld) -> Any:
    def make(vendor: type[Vendor], made: str, **rules: Any) -> Shop:
        becomes = {"won_deal": "invoice" if made == "invoice" else "order"}
        if made == "invoice" and not vendor.drafts:
            becomes = {"won_deal": "order", "convert_to_invoice": True, "real_invoices": True}
        return Shop(make_world(vendor, **{**becomes, **rules}), made)

    return make
