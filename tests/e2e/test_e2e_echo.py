"""What erpcore writes to Lime CRM comes back to it as deliveries and in lists: none of that starts anything."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.installation import working
from tests.e2e.order_world import SECRET, WEBHOOK, OrderWorld, order_world_in, row

pytestmark = pytest.mark.xdist_group("e2e_orders")

ROUNDS, WRONG_USER = 3, 999


@pytest.fixture(
    scope="module",
    params=[{}, {"api_user_id": None}, {"api_user_id": WRONG_USER}],
    ids=["own user known", "own user not set", "own user wrong"],
)
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OrderWorld]:
    """Lime CRM delivers and is read, and erpcore knows its own user's id or does not; deals are watched too."""
    lime = {"webhook_secret": SECRET, "watch_deals": True, "overlap_seconds": 0, **request.param}
    with (
        order_world_in(
            tmp_path_factory.mktemp("echo"),
            lime=lime,
            rules={"customer_delay_seconds": 0.1},
            worker={"webhook_port": 0},
            erp_dbs=["1"],
        ) as made,
        working(made) as port,
    ):
        made.subscribe("lime_crm", f"http://127.0.0.1:{port}{WEBHOOK}")
        yield made


def quiet(world: OrderWorld) -> None:
    """Wait until the deliveries so far are answered, several rounds were read, and nothing is open."""
    assert world.lime.settle()
    before = world.rounds()
    world.wait(lambda: world.rounds() >= before + ROUNDS)
    for run in world.runs():
        world.ended(run.record_id)


def nothing_more(world: OrderWorld) -> None:
    """The promise: after a flow nothing runs, the ERP is not asked, and nothing is written to the CRM."""
    quiet(world)
    quiet(world)
    runs, written = [(run.record_id, run.generation) for run in world.runs()], world.lime.state()["objects"]
    world.forget()
    quiet(world)
    assert [(run.record_id, run.generation) for run in world.runs()] == runs
    assert world.asked() == []
    assert world.lime.state()["objects"] == written


def runs_of(world: OrderWorld, record: Any) -> list[str]:
    return [run.state for run in world.runs(str(record))]


def test_a_whole_order_is_one_run_of_the_order_and_none_of_its_company(world: OrderWorld) -> None:
    company = world.company()
    order = world.order(company, create_invoice_from_order=True)
    world.forget()
    world.ready(order)
    world.wait(lambda: world.shows(order, "order_status") == "synced")
    quiet(world)
    # Ours: in process, the company's number, the order's number, the invoice's; each was delivered.
    assert world.deliveries().count(202) >= 4
    assert set(world.deliveries()) == {202}
    assert runs_of(world, order) == ["done"]
    if world.settings.connections["lime_crm"].options.get("api_user_id") != WRONG_USER:
        # A wrong id is warned of, and the change that it hides ends after one look.
        assert runs_of(world, company.id) == []
    nothing_more(world)
    world.import_invoices()
    nothing_more(world)
    assert runs_of(world, order) == ["done"]
    assert (len(world.orders(company)), len(world.invoices(company))) == (0, 1)


def test_an_order_that_fails_stays_failed_until_a_person_does_something(world: OrderWorld) -> None:
    company = world.company()
    order = world.order(company, row("NOT-THERE"))
    world.ready(order)
    world.wait(lambda: world.shows(order, "order_status") == "error")
    nothing_more(world)
    assert runs_of(world, order) == ["failed"]
    world.ready(order)
    world.ended(order, runs=2)
    nothing_more(world)
    assert runs_of(world, order) == ["failed", "failed"]


@pytest.mark.parametrize("sent", ["send_company", "edited"])
def test_a_company_s_own_sending_is_one_run(world: OrderWorld, sent: str) -> None:
    company = world.company()
    if sent == "send_company":
        world.lime.send_company(company.id)
    else:
        world.known_customer(company, "1")
        nothing_more(world)
        world.lime.edit_company(company.id, phone="22 00 00 99")
    world.wait(lambda: world.customers(company) and company.values["erp_status"] == "synced")
    nothing_more(world)
    (customer,) = world.customers(company)
    assert (customer["PhoneNumber"] or "") == company.values["phone"]
    ends = runs_of(world, company.id)
    assert set(ends) <= {"done", "nothing"}
    assert ends.count("done") >= 1
