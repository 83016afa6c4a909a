"""Lime CRM to Visma Administration through a real agent: killed with it, killed around it, restarted, answers lost.

The agent is a process of its own, started again when it dies, as Windows does with a service. The library under it is
the simulated one, which dies where a test says so. Whatever happens, the order is one order and one invoice.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Iterable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from erpcore_visma_admin.simulator.library import compiler

from tests.e2e.agent_world import AgentWorld, agent_world_in, went_well
from tests.e2e.sleeping_worker import BEFORE_A_PRICE

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("e2e_adk_agent"),
    pytest.mark.skipif(compiler() is None, reason="the simulated Visma Administration needs a C compiler"),
]


WAYS = ("called", "asking")
"""The agent is called at its own port, or asks at the worker's, since it cannot be reached."""
TABLES = {"create_customer": "CUSTOMER", "create_order": "ORDER_HEAD", "convert_to_invoice": "INVOICE_HEAD"}
KINDS: tuple[Any, ...] = ("crash_before", "crash_after", "error_after")
SAMPLE = {
    ("called", "create_customer", "crash_before"),
    ("called", "create_order", "crash_after"),
    ("called", "convert_to_invoice", "error_after"),
    ("asking", "create_customer", "error_after"),
    ("asking", "create_order", "crash_before"),
    ("asking", "convert_to_invoice", "crash_after"),
}
"""What every run of the tests has a look at: each write and each kind of break, in either way."""
SLEEPS = 4.0
"""Seconds, after which nothing is sent of what was read before, and before which a worker is not taken for dead."""
SAMPLE_OF_PRICES = {("called", "crash_after"), ("asking", "crash_before"), ("asking", "error_after")}


def cases(*sides: Iterable[str], sample: set[Any]) -> list[Any]:
    """Give all that can be combined; what is no sample is for the long run."""
    every = list(product(*sides))
    assert sample <= set(every)
    assert [set(side) for side in zip(*sample, strict=True)] == [set(side) for side in zip(*every, strict=True)]
    return [pytest.param(*case, marks=[] if case in sample else [pytest.mark.proof]) for case in every]


@pytest.fixture(scope="module", params=WAYS)
def world(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[AgentWorld]:
    """An installation in one of the two ways, with a worker at work."""
    with agent_world_in(tmp_path_factory.mktemp("adk_agent"), asks=request.param == "asking") as made:
        made.start()
        yield made


def test_undisturbed_an_order_becomes_an_invoice(world: AgentWorld) -> None:
    went_well(world, *world.order())


@pytest.mark.parametrize(("world", "operation", "kind"), cases(WAYS, TABLES, KINDS, sample=SAMPLE), indirect=["world"])
def test_the_agent_dies_or_errs_in_the_middle(world: AgentWorld, operation: str, kind: Any) -> None:
    starts = world.service.starts
    world.company.strike(kind, "AdkAdd", 1, TABLES[operation])
    company, order = world.order()
    went_well(world, company, order)
    assert world.service.starts == starts + (kind != "error_after")


@pytest.mark.parametrize(("world", "kind"), cases(WAYS, KINDS, sample=SAMPLE_OF_PRICES), indirect=["world"])
def test_the_agent_dies_or_errs_at_the_price_of_an_article(world: AgentWorld, kind: Any) -> None:
    number = f"N-{KINDS.index(kind)}"
    world.company.strike(kind, "AdkAdd", 1, "PRICE")
    went_well(world, *world.order(number))
    prices = world.company.read().registers["PRICE"]
    assert [price.values["ARTICLE_NUMBER"] for price in prices].count(number) == 1


@pytest.mark.proof
def test_an_article_whose_answer_was_lost_gets_its_price_from_a_worker_that_slept_before_it(tmp_path: Path) -> None:
    """Found by pairs of strikes: the attempt that found the article sent no price, and that counted as nothing made."""
    with agent_world_in(tmp_path, asks=False) as world:
        world.company.strike("crash_after", "AdkAdd", 1, "ARTICLE")
        sleeper = world.start_sleeper(BEFORE_A_PRICE)
        company, order = world.order("F-1")
        world.wait(lambda: world.is_stopped(sleeper))
        time.sleep(SLEEPS)
        sleeper.send_signal(signal.SIGCONT)
        went_well(world, company, order)
        (price,) = [each for each in world.company.read().registers["PRICE"] if each.values["ARTICLE_NUMBER"] == "F-1"]
        assert price.values["PRICE"] == 100


def test_the_agent_is_restarted_in_the_middle_of_an_order(world: AgentWorld) -> None:
    world.company.strike("hang_before", "AdkAdd", 2.0, "ORDER_HEAD")
    company, order = world.order()
    world.wait(lambda: not list((world.company.path / "faults").glob("[0-9]*")))
    time.sleep(0.2)
    world.service.process.terminate()
    went_well(world, company, order)


def test_a_call_that_hangs_longer_than_its_request_is_waited_for(world: AgentWorld) -> None:
    world.company.strike("hang_after", "AdkAdd", 6.0, "ORDER_HEAD")
    went_well(world, *world.order())


def test_the_worker_dies_while_the_agent_works(world: AgentWorld) -> None:
    world.company.strike("hang_after", "AdkAdd", 1.5, "ORDER_HEAD")
    company, order = world.order()
    world.wait(lambda: not list((world.company.path / "faults").glob("[0-9]*")))
    world.kill(next(process for process in world.processes if process.poll() is None))
    world.start()
    went_well(world, company, order)
