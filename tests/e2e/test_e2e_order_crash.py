"""Workers killed in the middle of an order: one customer, order and invoice afterwards, and Lime CRM knows them."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest

from tests.e2e.order_world import OrderWorld, order_world_in

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("e2e_order_crash")]

WRITES = {
    "create_customer": "/v2/Customers",
    "create_order": "/v2/SalesOrders/Complete",
    "convert_to_invoice": "/v2/SalesOrders/.*/CreateAndSendInvoice",
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OrderWorld]:
    worker = {"dead_after_seconds": 5.0, "retry_seconds": [0.5]}
    with order_world_in(tmp_path_factory.mktemp("order_crash"), worker=worker, erp_dbs=["1"]) as made:
        yield made


@pytest.fixture
def worker(world: OrderWorld) -> subprocess.Popen[str]:
    """The worker that is at work, started if there is none."""
    world.forget()
    alive = [process for process in world.processes if process.poll() is None]
    return alive[0] if alive else world.start()


@pytest.mark.parametrize("operation", WRITES)
def test_killed_between_sending_and_recording(world: OrderWorld, worker: subprocess.Popen[str], operation: str) -> None:
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
