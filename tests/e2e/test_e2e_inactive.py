"""A customer and an article that are inactive in a Visma ERP: seen by the sync, each by the rule that is for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from erpcore.connection import ErpConnection
from erpcore.hookspecs import Context
from erpcore.host import Host, MemoryTokenStore
from erpcore.models import Address, Article, Customer, CustomerQuery, DealRow, DocumentQuery
from erpcore.registry import connect_erp
from erpcore.simulator import running
from tests.e2e.article_world import _MADE, _tokens
from tests.sync.world import ACME, World

CONTEXT = Context("person")
ROW = DealRow(article_number="A1", description="Lamp", quantity=Decimal(1), unit_price=Decimal(9))
Make = Callable[..., tuple[World, ErpConnection]]


@pytest.fixture(params=["visma_eaccounting", "visma_admin"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Make]:
    """Gives a sync with one of the ERPs, in which Acme is an inactive customer and A1 an article."""
    with ExitStack() as stack:

        def build(**rules: Any) -> tuple[World, ErpConnection]:
            simulator, settings_of, more = _MADE[request.param]
            system: Any = simulator()
            url = stack.enter_context(running(system))
            host = Host.in_memory("erp", tokens=_tokens(system) or MemoryTokenStore())
            erp = connect_erp(request.param, host, {**settings_of(url), **more, "fence_seconds": 0})
            stack.callback(erp.close)
            place = Address(street="Box 1", postal_code="111 22", city="Stockholm", country_code="SE")
            customer = erp.create_customer(
                Customer(name="Acme AB", organisation_number=ACME, invoice_address=place), CONTEXT
            )
            erp.update_customer(customer, Customer(active=False), CONTEXT)
            erp.sync_articles([Article(number="A1", description="Lamp")], CONTEXT)
            world = World(f"sqlite:///{tmp_path / 'erpcore.db'}", erp_class=lambda books: erp.plugin, **rules)  # type: ignore[arg-type,return-value] # the class is not asked for anything else
            stack.callback(world.close)
            world.company()
            world.deal(rows=(ROW,))
            return world, erp

        yield build


def acme(erp: ErpConnection) -> Customer:
    (found,) = erp.find_customers(CustomerQuery(organisation_number=ACME), CONTEXT)
    return found


def test_an_inactive_customer_stops_the_deal_in_words(make: Make) -> None:
    world, erp = make()
    run = world.handle()
    assert run.state == "failed"
    assert "inactive" in str(run.error_text)
    assert acme(erp).active is False


def test_an_inactive_customer_is_made_active_where_the_rule_says_so(make: Make) -> None:
    world, erp = make(inactive_customer="activate")
    run = world.handle()
    assert run.state == "done", run.error_text
    assert acme(erp).active is True


def test_an_inactive_article_stops_the_deal_in_words(make: Make) -> None:
    world, erp = make(inactive_customer="activate")
    erp.sync_articles([Article(number="A1", active=False)], CONTEXT)
    run = world.handle()
    assert run.state == "failed"
    assert "inactive" in str(run.error_text)
    assert not erp.find_orders(DocumentQuery(number="1"), CONTEXT)
