"""A simulated company behind the real binding, for every test of the plugin."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from erpcore_visma_admin.adk.calls import read_call
from erpcore_visma_admin.adk.company import Place
from erpcore_visma_admin.adk.owner import Owner, Rules
from erpcore_visma_admin.simulator.books import new_books
from erpcore_visma_admin.simulator.company import Company
from erpcore_visma_admin.simulator.library import build, compiler

CALL_SECONDS = 10.0


@pytest.fixture(scope="session")
def dll() -> str:
    """The simulated library."""
    if compiler() is None:
        pytest.skip("the simulated Visma Administration is a C library, and there is no C compiler here")
    return str(build())


@pytest.fixture
def company(dll: str, tmp_path: Path) -> Company:
    """A new company."""
    made = Company(tmp_path)
    made.write(new_books())
    return made


Do = Callable[..., Any]


@pytest.fixture
def owners(dll: str, tmp_path: Path) -> Iterator[Callable[..., Owner]]:
    """Make owners of the library for companies: `owners(company, **rules)`."""
    with ExitStack() as stack:

        def make(company: Company, *, user: str | None = None, password: str | None = None, **rules: Any) -> Owner:
            place = Place(str(company.system_path), str(company.path), user, password)
            owner = Owner(lambda: dll, {"main": place}, Rules(**{"lease_folder": tmp_path, **rules}))
            stack.callback(owner.stop)
            return owner

        yield make


@pytest.fixture
def do(company: Company, owners: Callable[..., Owner]) -> Do:
    """Do a call in the company: `do("find", table="CUSTOMER", key="101")`; returns its result."""
    owner = owners(company)

    def doing(call: str, **arguments: Any) -> Any:
        result = owner.do("main", read_call({"call": call, **arguments}), CALL_SECONDS)["result"]
        return result.get("record", result)

    return doing
