"""Crash points by name: whichever write is struck, there is one document; a table says what became of each."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from erpcore_visma_admin.simulator.library import compiler

from erpcore.testing.simulation import Bench
from erpcore.testing.simulation.author import AuthorPair, contract_in
from tests.simulation.crash_points import SYSTEMS, cases, counted, states, strategy, token_cases

SAMPLED = ("visma_eaccounting", "visma_eaccounting, no reference", "visma_admin")
"""Systems of which every run of the tests has a look at some cases."""
SAMPLE = 5
"""Every so many cases of them."""


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def table(name: str, every: int) -> list[str]:
    """Strike a system's writes, and check and tell what became of each."""
    if name == "visma_admin" and compiler() is None:
        pytest.skip("the simulated Visma Administration needs a C compiler")
    make, writes = SYSTEMS[name]
    bench, lines, uncertain = Bench(make()), list[str](), 0
    struck = [*cases(bench, writes), *(token_cases(bench) if name.startswith("visma_eaccounting") else ())]
    for case in struck[::every]:
        told = f"{case.write.name}: {case.name}"
        result = bench.run(case.strikes)
        assert set(result.strikes) == set(case.strikes), f"{told}: each strike happens"
        assert result.violations == (), told
        kind, ends, (documents, *beside) = strategy(bench.pair, case.write), states(bench.pair), counted(result)
        if "uncertain" in ends:
            uncertain += 1
            assert kind == "none", f"{told}: the strategy {kind} promises an answer"
            assert documents <= 1
        else:
            assert documents == 1, f"{told}: {documents} documents, {ends}"
            # A run after the one that did it all finds nothing to do.
            assert set(ends.split(", ")) <= {"done", "nothing"}, f"{told}: {ends}"
        assert max(beside) <= 1, f"{told}: {result.books}"
        lines.append(f"{name:32} {told:58} {documents:>2} {beside[0]:>2}  {ends:16} {kind}")
    lines.append(f"{name}: {len(struck[::every])} of {len(struck)} cases, {uncertain} uncertain")
    return lines


@pytest.mark.parametrize("name", SAMPLED)
def test_a_sample_of_the_crash_points_leaves_one_document(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    told = table(name, SAMPLE)
    with capsys.disabled():
        print(f"\n{told[-1]}", end="")  # noqa: T201  the sum


@pytest.mark.proof
@pytest.mark.parametrize("name", SYSTEMS)
def test_every_crash_point_leaves_one_document(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    told = table(name, 1)
    with capsys.disabled():
        print("", *told, sep="\n")  # noqa: T201  the table


def test_an_article_whose_price_meets_an_outage_has_it_in_the_end() -> None:
    """At Visma Administration a price is a record of its own; an article without one is not whole."""
    if compiler() is None:
        pytest.skip("the simulated Visma Administration needs a C compiler")
    contract = contract_in(Path("plugins/visma_admin/tests/test_visma_admin_contract.py"))
    assert Bench(AuthorPair(contract)).run({"A wire POST erp/N/companies/main/PRICE/add #1": "outage"}).violations == ()
