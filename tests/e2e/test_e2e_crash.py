"""Workers killed between sending and recording, and answers that are lost: one of everything afterwards, and known.

The workers are processes (``erpcore run``), the systems real simulators whose searches lag behind what was made.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from erpcore.simulator import Fault
from tests.e2e.installation import Process
from tests.e2e.world import World, world_in

pytestmark = pytest.mark.slow

INVOICE_NOW = "Fakturera direkt"
WRITES = {
    "create_customer": ("POST", "/3/customers"),
    "create_article": ("POST", "/3/articles"),
    "create_order": ("POST", "/3/orders"),
    "convert_to_invoice": ("PUT", "/3/orders/[0-9]+/createinvoice"),
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    worker = {"dead_after_seconds": 5.0, "retry_seconds": [0.5]}
    folder = tmp_path_factory.mktemp("crash")
    with world_in(folder, rules={"convert_field": INVOICE_NOW}, worker=worker) as made:
        yield made


@pytest.fixture
def worker(world: World) -> Process:
    """The worker that is at work, started if there is none."""
    alive = [process for process in world.processes if process.poll() is None]
    return alive[0] if alive else world.start()


@pytest.fixture(autouse=True)
def _no_faults_left(world: World) -> Iterator[None]:
    world.forget()
    yield
    world.fortnox.faults.clear()
    world.lime.faults.clear()
    world.fortnox.held.release()
    world.lime.held.release()


def lag(world: World, seconds: float) -> None:
    world.fortnox.seed({"behaviour": {"index_lag_seconds": seconds}})


def a_deal_with_every_write(world: World, name: str) -> tuple[Any, str, str]:
    """Give a new company, its deal and the number of an article that Fortnox lacks."""
    company, article = world.company(), f"NEW-{name}"
    rows = [{"article_number": article, "text": f"Vara {article}", "quantity": "1", "price": "100.00"}]
    deal = world.deal(company, f"Affär {name}", rows=rows, custom_fields={INVOICE_NOW: "ja"})
    return company, deal, article


def one_of_everything(world: World, company: Any, deal: str, article: str) -> None:
    """The promise: one customer, article, order and invoice; the deal has its number; the ledger says done."""
    assert len(world.customers(company)) == 1
    articles = [held for held in world.fortnox.state()["articles"] if held["ArticleNumber"] == article]
    assert len(articles) == 1
    (order,) = world.orders(company)
    (invoice,) = world.documents("invoices", company)
    assert (order["InvoiceReference"], invoice["OrderReference"]) == (
        invoice["DocumentNumber"],
        order["DocumentNumber"],
    )
    assert world.erp_id(deal) == order["DocumentNumber"]
    assert world.unrecorded() == []
    assert [intent.state for intent in world.intents() if intent.state != "done"] == []


def price_of(world: World, article: str) -> Decimal | None:
    """Give the price that Fortnox shows for an article."""
    (held,) = (held for held in world.fortnox.state()["articles"] if held["ArticleNumber"] == article)
    return None if held["SalesPrice"] is None else Decimal(str(held["SalesPrice"]))


@pytest.mark.parametrize("operation", WRITES)
def test_killed_between_sending_and_recording(world: World, worker: Process, operation: str) -> None:
    lag(world, 4.0 if operation == "create_order" else 1.0)
    company, deal, article = a_deal_with_every_write(world, operation)
    method, path = WRITES[operation]
    world.hold(method, path)
    world.win(deal)
    world.wait(lambda: len(world.fortnox.held))
    world.kill(worker)
    assert [intent.state for intent in world.intents() if intent.state != "done"] != [], "the answer is not noted"
    assert world.erp_id(deal) is None or operation == "convert_to_invoice"
    world.fortnox.held.release()
    world.start()
    world.done(deal)
    one_of_everything(world, company, deal, article)
    assert world.fortnox.journal.count(method, path) == 1, "it was looked for and found, not sent again"
    assert "An earlier attempt had carried it out" in world.told(deal, "step")


def test_killed_while_the_number_goes_back_to_lime_go(world: World, worker: Process) -> None:
    lag(world, 0.0)
    company, deal, article = a_deal_with_every_write(world, "write-back")
    world.hold("POST", "/3/orders")
    world.win(deal)
    world.wait(lambda: len(world.fortnox.held))
    # With the order held, the next question to Lime Go's GraphQL is the one that writes its number.
    world.lime.faults.add(Fault("hold", method="POST", path="/v1/graphql"))
    world.fortnox.held.release()
    world.wait(lambda: len(world.lime.held))
    assert world.erp_id(deal) == world.orders(company)[0]["DocumentNumber"]
    world.kill(worker)
    world.lime.held.release()
    world.start()
    world.done(deal)
    one_of_everything(world, company, deal, article)
    assert world.fortnox.journal.count("POST", "/3/orders") == 1


@pytest.mark.parametrize("kind", ["lose_answer", "error_after"])
@pytest.mark.usefixtures("worker")
def test_every_write_is_carried_out_and_its_answer_is_lost(world: World, kind: str) -> None:
    lag(world, 1.0)
    company, deal, article = a_deal_with_every_write(world, kind)
    for method, path in WRITES.values():
        world.fortnox.faults.add(Fault(kind, method=method, path=path))
    world.win(deal)
    world.wait(lambda: world.runs(deal) and world.runs(deal)[-1].state in ("done", "failed", "uncertain"))
    world.done(deal)
    assert world.fortnox.faults.as_json() == [], "every write was struck"
    one_of_everything(world, company, deal, article)
    for operation, (method, path) in WRITES.items():
        assert world.fortnox.journal.count(method, path) == 1, operation


@pytest.mark.parametrize("kind", ["lose_answer", "error_after"])
@pytest.mark.usefixtures("worker")
def test_the_answer_to_a_new_articles_price_is_lost(world: World, kind: str) -> None:
    lag(world, 0.0)
    company, deal, article = a_deal_with_every_write(world, f"price-{kind}")
    world.fortnox.faults.add(Fault(kind, method="PUT", path="/3/prices/.*"))
    world.win(deal)
    world.done(deal)
    one_of_everything(world, company, deal, article)
    assert price_of(world, article) == 100


@pytest.mark.parametrize("kind", ["lose_answer", "error_after"])
@pytest.mark.usefixtures("worker")
def test_an_article_whose_answer_is_lost_has_its_price(world: World, kind: str) -> None:
    lag(world, 0.0)
    _, deal, article = a_deal_with_every_write(world, f"priced-{kind}")
    world.fortnox.faults.add(Fault(kind, method="POST", path="/3/articles"))
    world.win(deal)
    world.done(deal)
    assert price_of(world, article) == 100


@pytest.mark.usefixtures("worker")
def test_an_article_whose_look_up_meets_an_outage_has_its_price(world: World) -> None:
    """The attempt ends there, and the next one finds an article without a price: it was not made in all its parts."""
    lag(world, 0.0)
    company, deal, article = a_deal_with_every_write(world, "priced-outage")
    world.hold("POST", "/3/customers")
    world.win(deal)
    world.wait(lambda: len(world.fortnox.held))
    world.fortnox.faults.add(Fault("lose_answer", method="POST", path="/3/articles"))
    away = Fault("error_before", method="GET", path="/3/articles.*", status=503, times=3)
    world.fortnox.faults.add(away)
    world.fortnox.held.release()
    world.done(deal)
    assert world.fortnox.faults.as_json() == [], "Fortnox was away when it was looked for"
    assert "It is tried again" in world.told(deal, "waiting")
    assert price_of(world, article) == 100
    one_of_everything(world, company, deal, article)
    assert world.fortnox.journal.count("POST", "/3/articles") == 1


def test_killed_between_an_article_and_its_price(world: World, worker: Process) -> None:
    lag(world, 0.0)
    _, deal, article = a_deal_with_every_write(world, "priced-killed")
    world.hold("POST", "/3/articles")
    world.win(deal)
    world.wait(lambda: len(world.fortnox.held))
    world.kill(worker)
    world.fortnox.held.release()
    world.start()
    world.done(deal)
    assert price_of(world, article) == 100


@pytest.mark.parametrize("kind", ["lose_answer", "error_after"])
@pytest.mark.usefixtures("worker")
def test_the_answer_to_the_number_is_lost(world: World, kind: str) -> None:
    lag(world, 0.0)
    company, deal, article = a_deal_with_every_write(world, f"told-{kind}")
    world.hold("POST", "/3/orders")
    world.win(deal)
    world.wait(lambda: len(world.fortnox.held))
    world.lime.faults.add(Fault(kind, method="POST", path="/v1/graphql"))
    world.fortnox.held.release()
    world.wait(lambda: world.runs(deal)[-1].state in ("done", "failed", "uncertain"))
    world.done(deal)
    assert world.lime.faults.as_json() == []
    one_of_everything(world, company, deal, article)
    assert world.fortnox.journal.count("POST", "/3/orders") == 1
