"""A person changes an article between its being read and its being written: no change is lost."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from erpcore.models import Article, Page
from tests.sync.article.conftest import MakeArticles
from tests.sync.article_world import article


@pytest.mark.parametrize("side", ["crm", "erp"])
def test_what_somebody_changes_between_reading_and_writing_is_not_written_over(
    make_articles: MakeArticles, side: str
) -> None:
    world = make_articles(article_conflict="newest")
    world.in_erp.put(article("A1"))
    world.round()
    here, there = (world.in_crm, world.in_erp) if side == "crm" else (world.in_erp, world.in_crm)
    there.edit("A1", price=Decimal(90))
    last_read, page = world.in_erp, world.in_erp.page

    def read_and_be_overtaken(*asked: Any) -> Page[Article]:
        found = page(*asked)
        last_read.page = page  # type: ignore[method-assign]
        world.time.move(1)
        here.edit("A1", price=Decimal(95))
        return found

    last_read.page = read_and_be_overtaken  # type: ignore[method-assign]
    world.round()
    assert here.held["A1"].price == 95, "a person's change was written over"
    world.round()
    assert (world.in_crm.held["A1"].price, world.in_erp.held["A1"].price) == (95, 95)
    writes = world.writes()
    world.round()
    assert world.writes() == writes


def test_a_run_that_meets_a_newer_change_in_the_crm_waits_for_it_to_be_read(make_articles: MakeArticles) -> None:
    world = make_articles(article_conflict="erp")
    world.in_erp.put(article("A1"))
    world.round()
    world.in_erp.edit("A1", price=Decimal(90))
    world.desk.faults["store_article"] = ["before:refused"] * 2
    world.round()
    world.in_crm.edit("A1", description="Pall")
    run = world.run_of("A1")
    assert run is not None
    world.desk.faults.clear()
    waiting = world.work(run.id)
    assert "was changed in the CRM since it was read" in str(waiting.error_text or waiting.summary)
    assert world.in_crm.held["A1"].description == "Pall"
    world.round()
    assert world.work(run.id).state == "done"
    assert (world.in_erp.held["A1"].description, world.in_crm.held["A1"].price) == ("Pall", 90)
