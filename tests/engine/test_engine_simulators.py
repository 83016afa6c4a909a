"""The promise end to end: Lime Go and Fortnox as simulators, a worker as a process of its own, the worst moments."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from erpcore_fortnox.simulator import FortnoxSimulator
from erpcore_lime_go.simulator import LimeGoSimulator

from erpcore.demo.lime_go_fortnox import SCENARIO
from erpcore.engine.worker import make_queue
from erpcore.simulator import Fault, running

pytestmark = pytest.mark.slow

DEAL = "Ställningar etapp 1"
"""A new customer, three known articles."""


class World:
    """Both simulators, and an installation between them."""

    def __init__(self, place: Any, lime_go: Any, fortnox: Any) -> None:
        self.place = place
        self.lime_go = lime_go
        self.fortnox = fortnox

    def set(self, old: str, new: str) -> None:
        """Change the settings file."""
        text = self.place.settings_file.read_text()
        assert old in text
        self.place.settings_file.write_text(text.replace(old, new))

    def told(self) -> list[str]:
        return [str(run.summary) for run in self.place.runs() if run.record_kind == "deal"]

    def win(self, name: str) -> str:
        deals = self.lime_go.state()["records"]["deals"]
        number = next(str(deal["number"]) for deal in deals if deal["name"] == name)
        self.lime_go.win_deal(number)
        return number

    def orders(self) -> list[dict[str, Any]]:
        return list(self.fortnox.state()["orders"])

    def erp_id(self, name: str) -> str | None:
        deals = self.lime_go.state()["records"]["deals"]
        fields = next(deal["custom_fields"] for deal in deals if deal["name"] == name)
        return fields.get(self.lime_go.account.custom_field("deals", "ERP ID").key)

    def settle(self, *states: str, count: int) -> None:
        """Wait until there are so many runs and those of deals are in one of these states, then see to the companies'.

        A company's run that came first, on a slow machine, would look the customer up in the deal's stead.
        """

        def deals_are_through() -> bool:
            runs = self.place.runs()
            return len(runs) >= count and all(run.state in states for run in runs if run.record_kind == "deal")

        self.place.wait(deals_are_through)
        with self.place.store() as store:
            queue = make_queue(self.place.settings, store)
            for each in queue.client.list_workflows(status="DELAYED"):
                queue.client.set_workflow_delay(each.workflow_id, delay_seconds=0)
            queue.close()
        self.place.wait_for_state(*states, count=count)

    def sent(self, method: str, path: str) -> int:
        return int(self.fortnox.journal.count(method, path))


@pytest.fixture
def world(tmp_path: Path, place_class: Any, plugin_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setenv("ERPCORE_KEY", Fernet.generate_key().decode())
    lime_go, fortnox = LimeGoSimulator(), FortnoxSimulator()
    lime_go.seed(dict(SCENARIO.crm_seed))
    fortnox.seed(dict(SCENARIO.erp_seed))
    with running(lime_go) as crm_url, running(fortnox) as erp_url:
        tables = {
            "store": {"url": "sqlite:///erpcore.db", "synchronous": "NORMAL"},
            "worker": {"poll_seconds": 0.2, "queue_seconds": 0.05, "retry_seconds": [0.5, 1], "stop_seconds": 1},
            "connections.lime_go": dict(SCENARIO.crm_connection(crm_url)),
            "connections.fortnox": dict(SCENARIO.erp_connection(erp_url)),
            # The company that the win makes a customer has a run of its own, after the deal's: when `settle` says.
            "syncs.deals": {
                "crm": "lime_go",
                "erp": "fortnox",
                "customer_delay_seconds": 600,
                # The first win may come before the worker's first look into the feed.
                "feed_history": "send",
            },
        }
        text = "\n".join(
            f"[{table}]\n" + "\n".join(f"{name} = {json.dumps(value)}" for name, value in values.items())
            for table, values in tables.items()
        )
        file = tmp_path / "erpcore.toml"
        file.write_text(text)
        place = place_class(file, plugin_path, None)
        yield World(place, lime_go, fortnox)
        place.end()


def test_a_won_deal_needs_as_few_requests_as_promised(world: World) -> None:
    world.place.start()
    at_start = [entry.path for entry in world.fortnox.journal.entries()]
    assert at_start == ["/oauth-v1/token", "/3/companyinformation"], "whose account it is, once for each worker"
    world.fortnox.journal.clear()
    world.win(DEAL)
    world.settle("done", "nothing", count=2)
    (order,) = world.orders()
    assert world.erp_id(DEAL) == str(order["DocumentNumber"])
    assert world.sent("GET", "/3/customers") == 1
    assert world.sent("POST", "/3/customers") == 1
    assert world.sent("POST", "/3/orders") == 1
    run, company = sorted(world.place.runs(), key=lambda run: run.record_kind, reverse=True)
    assert (company.state, company.token) == ("nothing", 0), "its company has nothing left to do: nobody takes its run"
    assert run.requests["fortnox"] == len(world.fortnox.journal.entries())


def test_killed_while_fortnox_answers_there_is_one_order(world: World) -> None:
    world.fortnox.faults.add(Fault("hold", method="POST", path="/3/orders"))
    process = world.place.start()
    world.win(DEAL)
    world.place.wait(lambda: world.sent("POST", "/3/orders") == 1)
    assert len(world.orders()) == 1
    world.place.kill(process)
    assert not world.erp_id(DEAL)
    world.fortnox.faults.clear()
    world.fortnox.held.release()
    world.place.start()
    world.settle("done", "nothing", count=2)
    (order,) = world.orders()
    assert world.erp_id(DEAL) == str(order["DocumentNumber"])
    assert world.sent("POST", "/3/orders") == 1


@pytest.mark.parametrize("kind", ["lose_answer", "error_after"])
def test_the_answer_of_an_order_that_was_made_is_lost(world: World, kind: str) -> None:
    world.fortnox.faults.add(Fault(kind, method="POST", path="/3/orders"))
    world.place.start()
    world.win(DEAL)
    world.settle("done", "nothing", count=2)
    (order,) = world.orders()
    assert world.erp_id(DEAL) == str(order["DocumentNumber"])
    assert world.sent("POST", "/3/orders") == 1


def test_winning_again_makes_no_second_order_where_numbers_are_not_written_back(world: World) -> None:
    """The classic API as its README sets it up: an ERP ID that is shown, and no mutation to write it with."""
    world.set('set_custom_field_mutation = "setDealCustomField"\n', "")
    world.place.start()
    world.win(DEAL)
    world.settle("done", "nothing", count=2)
    before = len(world.place.runs())
    world.win(DEAL)
    world.settle("done", "nothing", count=before + 1)
    assert len(world.orders()) == 1
    assert any("never stood in the CRM" in summary for summary in world.told())


def test_a_new_installation_makes_nothing_of_an_old_feed(world: World) -> None:
    world.set('feed_history = "send"', 'feed_history = "leave"')
    world.win(DEAL)
    world.place.start()
    world.settle("nothing", count=2)
    assert any("before erpcore read it for the first time" in summary for summary in world.told())
    assert world.sent("POST", "/3/customers") == 0
    assert world.orders() == []
    before = len(world.place.runs())
    world.win(DEAL)
    world.settle("done", "nothing", count=before + 1)
    assert len(world.orders()) == 1
