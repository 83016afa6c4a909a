"""A CRM that tells no changes of companies: linked ones are looked at in turn, as many an hour as the rule says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.e2e.world import World, working, world_in


def phones(world: World) -> dict[str, Any]:
    return {held["Name"]: held["Phone1"] for held in world.fortnox.state()["customers"]}


def test_a_changed_telephone_of_a_linked_company_arrives(tmp_path: Path) -> None:
    with (
        world_in(tmp_path, rules={"companies_per_hour": 36_000, "customer_delay_seconds": 0.1}) as world,
        working(world),
    ):
        changed, other = world.company(phone="08-1"), world.company(phone="08-2")
        for company in (changed, other):
            deal = world.deal(company)
            world.win(deal)
            world.wait(lambda deal=deal: world.erp_id(deal))  # type: ignore[misc] # bound at once
        world.lime.edit_company(changed.id, phone="08-99 99 99")
        world.wait(lambda: phones(world)[changed.name] == "08-99 99 99" or None)
        assert phones(world)[other.name] == "08-2"
        world.wait(lambda: world.runs(changed.classic_id)[-1].state == "done" or None)


def test_no_company_is_looked_at_where_the_rule_says_none(tmp_path: Path) -> None:
    with world_in(tmp_path, rules={"companies_per_hour": 0}) as world, working(world):
        company = world.company(phone="08-1")
        deal = world.deal(company)
        world.win(deal)
        world.wait(lambda: world.erp_id(deal))
        world.lime.edit_company(company.id, phone="08-99 99 99")
        second = world.deal(company, "Nästa")
        world.win(second)
        world.wait(lambda: world.erp_id(second))
        assert phones(world)[company.name] == "08-99 99 99", "it arrives with the next win"
