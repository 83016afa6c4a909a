"""A customer that is not there any more, or is inactive, when a document names it: what Fortnox itself says of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.e2e.world import World, working, world_in


def linked(world: World) -> Any:
    """A company whose customer is linked, because a deal of it was sent."""
    company = world.company()
    first = world.deal(company, "Första")
    world.win(first)
    world.wait(lambda: world.erp_id(first))
    return company


def test_a_deleted_customer_cuts_the_link_with_a_line_and_nothing_is_made_for_it(tmp_path: Path) -> None:
    with world_in(tmp_path) as world, working(world):
        company = linked(world)
        with world.fortnox.lock:
            number = world.customers(company)[0]["CustomerNumber"]
            del world.fortnox.books.customers[number]
        second = world.deal(company, "Andra")
        world.win(second)
        # One that was made a moment ago may only not be shown yet, so it is made anew after the fence alone.
        world.wait(lambda: "its link is cut, and the company is matched anew" in world.told(second) or None)
        assert len(world.fortnox.state()["orders"]) == 1


def test_a_linked_customer_that_is_inactive_stops_the_deal_in_words(tmp_path: Path) -> None:
    with world_in(tmp_path) as world, working(world):
        company = linked(world)
        with world.fortnox.lock:
            for held in world.fortnox.books.customers.values():
                held.values["Active"] = False
        second = world.deal(company, "Andra")
        world.win(second)
        run = world.wait(lambda: next((run for run in world.runs(second) if run.state == "failed"), None))
        assert "inactive" in str(run.error_text)
        assert "inactive_customer" in str(run.advice)
