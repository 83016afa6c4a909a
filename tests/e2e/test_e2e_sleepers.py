"""A worker that is stopped for longer than takeover and fence, and goes on: one document, whatever it was about to do.

Two worker processes on PostgreSQL. The first falls asleep (see `sleeping_worker`), the second takes the deal over and
brings it to its end, and then the first goes on where it was. Only who sleeps in the last milliseconds, between the
last look and the request, can make a second document; then a person is asked.
"""

from __future__ import annotations

import re
import signal
import subprocess
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

from erpcore.simulator import Fault
from tests.e2e.order_world import order_world_in
from tests.e2e.sleeping_worker import PLACES
from tests.e2e.world import World, organisation_number, world_in

pytestmark = pytest.mark.slow

AFTER_THE_GUARD = "after the guard"
SIGNING_IN = "in the middle of sign-in"
ONE_DOCUMENT = (*(place for place in PLACES if place != AFTER_THE_GUARD), SIGNING_IN)
BRIEFLY = ("after reading and before planning", "before the guard")
"""Places that every run of the tests has a look at."""
QUICK_WORKER = {"dead_after_seconds": 3.0, "longest_request_seconds": 5.0, "stop_seconds": 10}
QUICK_REQUESTS = {"request_seconds": 4.0}
TELLS = {"status_field": "ERP status", "message_field": "ERP message"}
OF_A_TAKEOVER = re.compile(
    r"This broke off in the middle; worker wN begins it again\.|.* It is tried again in N seconds\.|Customer N .*|"
    r"An earlier attempt to make the document ended without an answer\. It is looked for in the ERP first\."
)
"""Lines that a deal has beside those of any other when it was taken over. All of them are true."""


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ERPCORE_KEY", Fernet.generate_key().decode())


def quick_world(folder: Path, url: str) -> AbstractContextManager[World]:
    """Waits of seconds instead of minutes."""
    fortnox = {**QUICK_REQUESTS, "fence_seconds": 1.0}
    return world_in(folder, url=url, worker=QUICK_WORKER, lime={**TELLS, **QUICK_REQUESTS}, fortnox=fortnox)


def usual_world(folder: Path, url: str) -> AbstractContextManager[World]:
    """Every wait at its default."""
    worker = {"retry_seconds": None, "queue_seconds": None, "stop_seconds": None}
    return world_in(folder, url=url, worker=worker, lime=TELLS, fortnox={"request_seconds": None})


def a_deal(world: World) -> tuple[Any, str]:
    """A deal of a company that is a customer already: its document is all that is made, and all stories are alike."""
    number = organisation_number()
    company = world.company(business_id=number)
    world.seed_fortnox({"customers": [{"Name": company.name, "OrganisationNumber": number}]})
    return company, world.deal(company)


def win_and_fall_asleep(world: World, deal: str, place: str) -> subprocess.Popen[str]:
    """Win a deal whose worker falls asleep at a place; give the worker, once it stands still."""
    if place != SIGNING_IN:
        sleeper = world.start_sleeper(place)
        world.win(deal)
    else:
        sleeper = world.start_program("w1")
        world.fortnox.faults.add(Fault("expired_token", method="POST", path="/3/orders"))
        world.wait(lambda: world.asked())  # it has signed in, for the account
        world.hold("POST", "/oauth-v1/token")
        world.win(deal)
        world.wait(lambda: len(world.fortnox.held))
        sleeper.send_signal(signal.SIGSTOP)
    world.wait(lambda: world.is_stopped(sleeper))
    world.fortnox.held.release()
    return sleeper


def wake(sleeper: subprocess.Popen[str]) -> None:
    """Let a worker go on, until it has ended: it was taken for dead, and what was in its hand has come to rest."""
    sleeper.send_signal(signal.SIGCONT)
    assert sleeper.wait(120) == 1


def words(world: World, deal: str) -> list[str]:
    """Give a deal's story without what differs between two deals."""
    return [re.sub(r"[\d-]+", "N", line.text) for line in world.story(deal)]


def one_document(world: World, place: str, takeover_seconds: float) -> None:
    """Sleep at a place while another worker does all there is to do, wake up, and change nothing."""
    company, deal = a_deal(world)
    sleeper = win_and_fall_asleep(world, deal, place)
    assert (world.orders(company), world.erp_id(deal)) == ([], None)
    world.start("w2")
    world.wait(lambda: world.runs(deal)[-1].state == "done", takeover_seconds)
    assert world.is_stopped(sleeper), "it slept through all of that"
    (order,) = world.orders(company)
    wake(sleeper)
    assert world.orders(company) == [order]
    (run,) = world.runs(deal)
    assert (run.state, run.summary) == ("done", f"Order {order['DocumentNumber']}.")
    assert world.erp_id(deal) == order["DocumentNumber"]
    assert {intent.state for intent in world.intents()} == {"done"}
    assert world.unrecorded() == []
    _, another = a_deal(world)
    world.win(another)
    world.done(another)
    told, usual = words(world, deal), words(world, another)
    assert set(usual) - set(told) == set(), "nothing is missing in the story"
    assert [line for line in told if line not in usual and not OF_A_TAKEOVER.fullmatch(line)] == []
    assert len(set(told)) == len(told), "nothing is told twice"


def two_documents(world: World, kept: int, takeover_seconds: float) -> None:
    """Sleep between the last look and the request; what comes of it is seen everywhere, and mended by an answer."""
    company, deal = a_deal(world)
    sleeper = win_and_fall_asleep(world, deal, AFTER_THE_GUARD)
    world.start("w2")
    world.wait(lambda: world.runs(deal)[-1].state == "done", takeover_seconds)
    wake(sleeper)
    numbers = [order["DocumentNumber"] for order in world.orders(company)]
    assert len(numbers) == 2
    world.wait(lambda: world.runs(deal)[-1].state == "uncertain")
    (run,) = world.runs(deal)
    assert run.cause == "two_documents"
    for words_of_status in ([], [str(run.id)]):
        assert "uncertain" in world.command("status", *words_of_status)
    message = str(world.lime.custom_field(int(deal), "ERP message"))
    assert all(number in said for number in numbers for said in (str(run.summary), message))
    assert world.lime.custom_field(int(deal), "ERP status") == "error"
    world.command("answer", str(run.id), "keep", numbers[kept])
    world.done(deal)
    assert world.erp_id(deal) == numbers[kept]
    assert world.lime.custom_field(int(deal), "ERP status") == "synced"
    assert not world.lime.custom_field(int(deal), "ERP message")
    assert len(world.orders(company)) == 2, "annulling one is a person's work, in Fortnox"


@pytest.mark.parametrize("place", BRIEFLY)
def test_a_worker_that_slept_briefly_makes_no_second_document(tmp_path: Path, postgres_url: str, place: str) -> None:
    with quick_world(tmp_path, postgres_url) as world:
        one_document(world, place, 60)


@pytest.mark.proof
@pytest.mark.parametrize("place", [place for place in ONE_DOCUMENT if place not in BRIEFLY])
def test_one_document_wherever_it_slept(tmp_path: Path, postgres_url: str, place: str) -> None:
    with quick_world(tmp_path, postgres_url) as world:
        one_document(world, place, 100)


@pytest.mark.proof
@pytest.mark.timeout(400)
@pytest.mark.parametrize("place", ONE_DOCUMENT)
def test_one_document_with_every_wait_at_its_default(tmp_path: Path, postgres_url: str, place: str) -> None:
    with usual_world(tmp_path, postgres_url) as world:
        one_document(world, place, 240)


@pytest.mark.proof
@pytest.mark.parametrize("kept", [0, 1])
def test_two_documents_are_seen_everywhere(tmp_path: Path, postgres_url: str, kept: int) -> None:
    with quick_world(tmp_path, postgres_url) as world:
        two_documents(world, kept, 60)


@pytest.mark.proof
@pytest.mark.timeout(400)
def test_two_documents_with_every_wait_at_its_default(tmp_path: Path, postgres_url: str) -> None:
    with usual_world(tmp_path, postgres_url) as world:
        two_documents(world, 1, 240)


@pytest.mark.proof
@pytest.mark.parametrize("place", PLACES)
def test_one_order_of_lime_crm_in_poweroffice(tmp_path: Path, postgres_url: str, place: str) -> None:
    """Even after the last look: PowerOffice Go refuses a second order with our reference."""
    quick = {"fence_seconds": 1.0, **QUICK_REQUESTS}
    worker = {**QUICK_WORKER, "retry_seconds": [0.5]}
    with order_world_in(
        tmp_path, url=postgres_url, worker=worker, lime=QUICK_REQUESTS, erp=quick, erp_dbs=["1"]
    ) as world:
        company = world.company()
        order = world.order(company)
        sleeper = world.start_sleeper(place)
        world.ready(order)
        world.wait(lambda: world.is_stopped(sleeper))
        world.start("w2")
        world.wait(lambda: world.runs(order)[-1].state == "done", 100)
        wake(sleeper)
        (made,) = world.orders(company)
        (run,) = world.runs(order)
        assert (run.state, world.shown(order)) == ("done", ("synced", str(made["SalesOrderNo"]), "", ""))
        assert len(world.customers(company)) == 1
