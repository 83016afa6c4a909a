"""Workers killed in the middle of an order: one customer, order and invoice afterwards, and Lime CRM knows them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from erpcore.simulator import Fault
from tests.e2e.installation import Process
from tests.e2e.order_world import OrderWorld, order_world_in, row

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("e2e_order_crash")]

WORKER = {"dead_after_seconds": 5.0, "retry_seconds": [0.5]}
WRITES = {
    "create_customer": "/v2/Customers",
    "create_order": "/v2/SalesOrders/Complete",
    "convert_to_invoice": "/v2/SalesOrders/.*/CreateAndSendInvoice",
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OrderWorld]:
    with order_world_in(tmp_path_factory.mktemp("order_crash"), worker=WORKER, erp_dbs=["1"]) as made:
        yield made


@pytest.fixture
def worker(world: OrderWorld) -> Process:
    """The worker that is at work, started if there is none."""
    world.forget()
    alive = [process for process in world.processes if process.poll() is None]
    return alive[0] if alive else world.start()


@pytest.mark.parametrize("operation", WRITES)
def test_killed_between_sending_and_recording(world: OrderWorld, worker: Process, operation: str) -> None:
    company = world.company()
    order = world.order(company, create_invoice_from_order=True)
    world.hold("POST", WRITES[operation])
    world.ready(order)
    world.wait(lambda: len(world.poweroffice.held))
    world.kill(worker)
    assert [intent.state for intent in world.intents() if intent.state != "done"] != [], "the answer is not noted"
    assert world.shown(order)[0] == "inprocess"
    world.poweroffice.held.release()
    world.start()
    world.wait(lambda: world.shown(order)[0] in ("synced", "error"))
    world.done(order)
    (invoice,) = world.invoices(company)
    assert (len(world.customers(company)), world.orders(company)) == (1, [])
    assert world.shown(order) == ("synced", str(invoice["OrderNo"]), str(invoice["InvoiceNo"]), "")
    assert company.values["erp_id"] == str(invoice["CustomerNo"])
    assert world.poweroffice.journal.count("POST", WRITES[operation]) == 1, "it was looked for, not sent again"
    assert {intent.state for intent in world.intents()} == {"done"}


def test_an_article_whose_look_up_meets_an_outage_is_known_to_the_ledger(tmp_path: Path) -> None:
    """The next attempt finds the article under its number; its making was noted under the product's id in the CRM."""
    rules = {"missing_article": "create"}
    with order_world_in(tmp_path, rules=rules, worker=WORKER, erp={"request_seconds": 2.0}, erp_dbs=["1"]) as world:
        world.start()
        article = world.lime.add_article(articleno="NEW-77", description="Ny vare", price=100)
        order = world.order(world.company(), {**row("NEW-77"), "article": article.id})
        world.hold("POST", "/v2/Products")
        world.ready(order)
        world.wait(lambda: len(world.poweroffice.held))
        away = Fault("error_before", method="GET", path="/v2/Products.*", status=503, times=3)
        world.poweroffice.faults.add(away)
        world.done(order)
        assert world.poweroffice.faults.as_json() == [], "PowerOffice was away when it was looked for"
        assert {intent.state for intent in world.intents()} == {"done"}, "nothing is left for a person to decide"
        (made,) = (intent for intent in world.intents() if intent.operation == "create_article")
        assert (made.record, made.number) == (f"article id {article.id}", "NEW-77")
        assert [product["UnitPrice"] for product in world.books()["products"] if product["Code"] == "NEW-77"] == [100]
        assert world.poweroffice.journal.count("POST", "/v2/Products") == 1
