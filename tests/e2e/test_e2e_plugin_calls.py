"""What breaks inside a plugin's call after a write, or because of our own store: one order, and nobody is blamed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from erpcore.errors import MissingRecordError, NotFoundError, RejectedError, UnavailableError
from erpcore.simulator import Fault
from tests.e2e.reading_back import ReadsBack
from tests.e2e.world import World, working, world_in

pytestmark = pytest.mark.slow

QUICK = {"longest_request_seconds": 5.0}
LIME = {"request_seconds": 4.0}
FORTNOX = {"request_seconds": 4.0, "fence_seconds": 0.0}
OF_A_READ = (
    UnavailableError("GET /3/orders/1: no connection"),
    NotFoundError("There is no order 1."),
    RejectedError("The order may not be read."),
    MissingRecordError("The order that was read has no number."),
    KeyError("Order"),
)
"""What the reading may raise: by its class, nothing was made, or nobody knows whose fault it is."""


def one_order(world: World, company: Any, deal: str) -> None:
    """Wait for a deal's end: it has one order, which is known everywhere."""
    world.done(deal)
    (order,) = world.orders(company)
    assert world.erp_id(deal) == order["DocumentNumber"]
    assert {intent.state for intent in world.intents()} == {"done"}
    assert world.unrecorded() == []


def test_a_plugin_that_reads_its_order_back_and_fails_in_that_makes_one(tmp_path: Path) -> None:
    fortnox = {**FORTNOX, "wrappers": ["tests.e2e.reading_back:ReadsBack"]}
    with world_in(tmp_path, worker=QUICK, lime=LIME, fortnox=fortnox) as world, working(world):
        for error in OF_A_READ:
            company = world.company()
            deal = world.deal(company)
            world.forget()
            ReadsBack.fails.append(error)
            world.win(deal)
            one_order(world, company, deal)
            assert ReadsBack.fails == []
            assert world.asked(writes=True).count("POST orders") == 1, "it was looked for, not made again"


class Hiccup:
    """Our own store fails at one statement, once.

    Args:
        table: In which it writes.
        about: What is written there.
        times: How often that goes well before.
    """

    def __init__(self, table: str, about: str, times: int) -> None:
        self._table, self._about = table, about
        self.left = times + 1

    def __call__(self, _connection: Any, _cursor: Any, statement: str, given: Any, *_rest: Any) -> None:
        if self.left and statement.startswith(f"INSERT INTO {self._table}") and self._about in str(given):
            self.left -= 1
            if not self.left:
                raise sa.exc.OperationalError(statement, None, OSError("the disk hiccups"))


@pytest.mark.parametrize(
    ("table", "about", "times"),
    [
        pytest.param("erpcore_leases", "token:fortnox", 0, id="lease for a token"),
        pytest.param("erpcore_tokens", "fortnox", 0, id="the new token"),
    ],
)
def test_a_hiccup_of_our_own_store_inside_a_plugins_call_is_waited_for(
    tmp_path: Path, table: str, about: str, times: int
) -> None:
    hiccup = Hiccup(table, about, times)
    with world_in(tmp_path, worker=QUICK, lime=LIME, fortnox=FORTNOX) as world, working(world):
        company = world.company()
        deal = world.deal(company)
        world.fortnox.faults.add(Fault("expired_token", method="POST", path="/3/orders"))
        sa.event.listen(sa.Engine, "before_cursor_execute", hiccup)
        try:
            world.win(deal)
            one_order(world, company, deal)
        finally:
            sa.event.remove(sa.Engine, "before_cursor_execute", hiccup)
        assert hiccup.left == 0
        (run,) = world.runs(deal)
        assert run.problem is None
        story = world.told(deal)
        assert "fault of the plugin" not in story
        assert "hiccups" not in story, "it is no matter of the deal's"
