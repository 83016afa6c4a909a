"""Every write of both pairs of systems, broken in three ways: all end as if nothing had broken.

A worker that is killed, an outage in the middle, and a lost answer that is followed by an outage: afterwards there are
the same records, prices, links and intents, and the CRM shows the same numbers, compared as wholes.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.broken_writes import (
    FIRST,
    SCENARIOS,
    Break,
    Write,
    differences,
    ended,
    installed_for,
    sent,
    systems,
    whole,
    written,
)
from tests.e2e.world import working
from tests.sync.world import kinds_of_step

pytestmark = pytest.mark.slow

Whole = dict[str, Any]
TELLING = ("mark_in_process", "write_back", "write_back_customer")
"""Kinds of step that write to the CRM, and so need no hook of the ERP."""
SAMPLE = {
    ("won deal", "create_article, POST articles", "kill"),
    ("won deal", "create_article, POST articles", "lost answer"),
    ("won deal", "create_order, POST orders", "outage"),
    ("contact person by hand", "create_contact_person, PUT customers", "kill"),
    ("won deal of Visma eAccounting", "convert_to_invoice, POST customerinvoicedrafts", "kill"),
    ("ready order", "create_order, POST Complete", "kill"),
    ("ready order", "create_article, POST Products", "lost answer"),
    ("ready order", "create_customer, POST Customers", "outage"),
}
"""What every run of the tests has a look at: one write for each way and pair."""


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Whole]:
    """Give what is there after a scenario in which nothing breaks."""
    known: dict[str, Whole] = {}

    def after(name: str) -> Whole:
        if name not in known:
            scenario = SCENARIOS[name]
            with installed_for(scenario, tmp_path_factory.mktemp("usual")) as (world, record), working(world):
                run_id = sent(world, scenario, record)
                assert ended(world, run_id).state == "done"
                known[name] = whole(world, run_id)
        return known[name]

    return after


def test_no_kind_of_step_that_writes_is_left_out() -> None:
    """A new one with a hook needs a scenario here, and so does one that tells the CRM."""
    writing = {kind.name for kind in kinds_of_step() if kind.hook is not None} | set(TELLING)
    looking = {"use_customer", "settle_document", "compare_sums", "find_contact_person"}
    writing -= looking  # who is looked for and not found is added as by hand, through the same hook
    assert {kind.name for kind in kinds_of_step()} - writing == looking
    assert {write.step for scenario in SCENARIOS.values() for write in scenario.writes} == writing


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_writes_of_a_run_are_those_that_are_broken_here(name: str, tmp_path: Path) -> None:
    scenario = SCENARIOS[name]
    with installed_for(scenario, tmp_path) as (world, record), working(world):
        world.forget()
        run = ended(world, sent(world, scenario, record))
        seen = written(world)
    assert run.state == "done"
    assert len(seen) == len(scenario.writes), seen
    fitting = [write.fits(*request) for request, write in zip(seen, scenario.writes, strict=True)]
    assert all(fitting), seen


def cases() -> list[Any]:
    """Every write in every way; what is no sample is for the long run."""
    found, sampled = [], set()
    for name, scenario in SCENARIOS.items():
        for write in scenario.writes:
            for way in FIRST:
                case = (name, str(write), way)
                sampled |= {case} & SAMPLE
                marks = [] if case in SAMPLE else [pytest.mark.proof]
                found.append(pytest.param(name, write, way, id=" - ".join(case), marks=marks))
    assert sampled == SAMPLE
    return found


@pytest.mark.parametrize(("name", "write", "way"), cases())
def test_a_broken_write_leaves_what_there_is_when_nothing_breaks(
    name: str, write: Write, way: str, tmp_path: Path, usual: Callable[[str], Whole]
) -> None:
    scenario = SCENARIOS[name]
    with installed_for(scenario, tmp_path) as (world, record):
        system = systems(world)[write.system]
        broken = Break(system, write, way)
        if way == "kill":
            process = world.start()
            run_id = sent(world, scenario, record)
            world.wait(lambda: len(system.held))
            world.kill(process)
            system.held.release()
            world.start()
            run = ended(world, run_id)
        else:
            with working(world):
                run_id = sent(world, scenario, record)
                run = ended(world, run_id)
        assert broken.struck
        ends = ("done", "nothing") if scenario.kind == "company" else ("done",)
        assert run.state in ends, f"{run.state}: {run.error_text}"
        found = whole(world, run_id)
    assert differences(found, usual(name)) == []
