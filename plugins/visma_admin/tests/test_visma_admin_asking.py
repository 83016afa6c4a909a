"""The other direction: an agent that cannot be reached asks for work at erpcore's face, and does the same calls."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest
import uvicorn
from erpcore_visma_admin.access.meeting import Meeting
from erpcore_visma_admin.adk.owner import Owner
from erpcore_visma_admin.agent.app import Agent
from erpcore_visma_admin.agent.asking import Asker
from erpcore_visma_admin.agent.gate import Gate
from erpcore_visma_admin.agent.settings import AgentSettings
from erpcore_visma_admin.agent.signing import sign
from erpcore_visma_admin.simulator.company import Company
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.routing import Mount

from erpcore.connection import ErpConnection
from erpcore.errors import AuthenticationError, OutcomeUnknownError, UnavailableError
from erpcore.hookspecs import Context
from erpcore.host import Host
from erpcore.listening import listening_socket
from erpcore.models import Customer, CustomerQuery
from erpcore.registry import connect_erp

TOKEN = "t" * 40
CONTEXT = Context(correlation_id="asking")
LARGEST = 20_000


@contextmanager
def served(app: Any) -> Iterator[str]:
    """Serve an application on loopback, and give its address."""
    server = uvicorn.Server(
        uvicorn.Config(app, log_config=None, lifespan="off", ws="none", timeout_graceful_shutdown=1)
    )
    with listening_socket("127.0.0.1", 0) as listener:
        listener.listen()
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(5)


@pytest.fixture
def meeting() -> Iterator[str]:
    """The address of a face at which the agent of the connection “visma” asks."""
    gate = Gate(TOKEN, 30.0, time.time)
    face = Meeting(gate, largest_request=LARGEST, longest_call=9.0)
    with served(Starlette(routes=[Mount("/plugins/visma", app=face.asgi())])) as url:
        yield f"{url}/plugins/visma"


@pytest.fixture
def agent(company: Company, owners: Callable[..., Owner]) -> Agent:
    gate = Gate(TOKEN, 30.0, time.time)
    return Agent(owners(company), gate, largest_request=LARGEST, longest_call=60.0, version="0")


@contextmanager
def asking(agent: Any, address: str, token: str = TOKEN, *, waiting: float = 1.0) -> Iterator[Asker]:
    asker = Asker(agent, address, token, wait_seconds=waiting)
    thread = threading.Thread(target=asker.run, daemon=True)
    thread.start()
    try:
        yield asker
    finally:
        asker.stop()
        thread.join(20)
        assert not thread.is_alive()


@pytest.fixture
def connect(meeting: str) -> Iterator[Callable[..., ErpConnection]]:
    made: list[ErpConnection] = []

    def build(*, token: str = TOKEN, seconds: float = 8.0) -> ErpConnection:
        settings = {"url": meeting, "asking": True, "token": token, "request_seconds": seconds}
        host = replace(Host.in_memory("visma"), longest_request=seconds + 1)
        made.append(connect_erp("visma_admin", host, settings))
        return made[-1]

    yield build
    for each in made:
        each.close()


def names(company: Company) -> list[str]:
    return [str(each.values["NAME"]) for each in company.read().registers.get("CUSTOMER", [])]


def test_the_same_calls_are_done_for_an_agent_that_asks(
    meeting: str, agent: Agent, company: Company, connect: Callable[..., ErpConnection]
) -> None:
    erp, before = connect(), names(company)
    with asking(agent, meeting):
        made = erp.create_customer(Customer(name="Fråga AB"), CONTEXT)
        (found,) = erp.find_customers(CustomerQuery(number=made.number), CONTEXT)
        assert found.name == "Fråga AB"
        assert erp.check_connection(CONTEXT).ok
    with asking(agent, meeting, waiting=10.0):  # longer than a call may take
        assert erp.check_connection(CONTEXT).ok
    assert names(company) == [*before, "Fråga AB"]


def test_without_an_agent_nothing_is_done_and_it_may_be_sent_again(
    company: Company, connect: Callable[..., ErpConnection], meeting: str, agent: Agent
) -> None:
    erp, before = connect(seconds=7.0), names(company)
    with pytest.raises(UnavailableError) as caught:
        erp.create_customer(Customer(name="Ingen AB"), CONTEXT)
    assert caught.value.vendor_code == "no_agent"
    with asking(agent, meeting):
        time.sleep(1.5)
        assert erp.find_customers(CustomerQuery(name="Ingen AB"), CONTEXT) == []
    assert names(company) == before, "a call whose caller has given up is not done later"


def test_two_tokens_that_differ_are_told_on_either_side(
    meeting: str, agent: Agent, company: Company, connect: Callable[..., ErpConnection]
) -> None:
    with asking(agent, meeting), pytest.raises(AuthenticationError):
        connect(token="u" * 40).find_customers(CustomerQuery(number="1"), CONTEXT)
    with asking(agent, meeting, token="u" * 40), pytest.raises(UnavailableError) as caught:
        connect(seconds=7.0).find_customers(CustomerQuery(number="1"), CONTEXT)
    assert caught.value.vendor_code == "no_agent", "an agent that is not believed is given nothing"


def send(address: str, path: str, body: bytes, *, token: str = TOKEN, header: str | None = None) -> tuple[int, Any]:
    signature = header or sign(token, "POST", path, body, round(time.time() * 1000) + 20).header()
    parts = urlsplit(address)
    connection = HTTPConnection(str(parts.hostname), parts.port, timeout=10)
    try:
        connection.request("POST", f"{parts.path}{path}", body, {"authorization": signature})
        reply = connection.getresponse()
        answer = reply.read()
        return reply.status, json.loads(answer) if answer.startswith(b"{") else {}
    except (ConnectionResetError, BrokenPipeError):
        # The refusal of something too large may come before all of it was sent.
        return 413, {"error": {"kind": "too_large"}}
    finally:
        connection.close()


def test_what_is_not_believed_or_understood_is_refused(meeting: str) -> None:
    ask = b'{"seconds": 0.2}'
    assert send(meeting, "/ask", ask)[0] == 204, "there is no work"
    longer = b'{"seconds": 25, "arguments": {}}'
    assert send(meeting, "/v1/companies/main/CUSTOMER/find", longer)[1]["error"]["kind"] == "bad_call"
    header = sign(TOKEN, "POST", "/ask", ask, round(time.time() * 1000) + 20).header()
    assert send(meeting, "/ask", ask, header=header)[0] == 204
    assert send(meeting, "/ask", ask, header=header)[1]["error"]["kind"] == "replay"
    assert send(meeting, "/ask", ask, token="u" * 40)[1]["error"]["kind"] == "token"
    assert send(meeting, "/ask", b"x" * (LARGEST + 1))[1]["error"]["kind"] == "too_large"
    for nonsense in (b"", b"[]", b'{"seconds": true}', b'{"seconds": 0}', b'{"seconds": 1e9}', b"[" * 5000):
        assert send(meeting, "/ask", nonsense)[1]["error"]["kind"] == "bad_call"
        assert send(meeting, "/v1/companies/main/CUSTOMER/add", nonsense)[1]["error"]["kind"] == "bad_call"
    assert send(meeting, "/answers/nobody", b'{"status": 200, "answer": {}}')[1]["error"]["kind"] == "gone"
    assert send(meeting, "/answers/nobody", b'{"status": "200"}')[1]["error"]["kind"] == "bad_call"
    assert send(meeting, "/other", ask)[0] == 404


class Broken:
    """An agent that does what it is asked, and whose answer does not come."""

    def __init__(self, agent: Agent, *, before: bool = False) -> None:
        self.agent = agent
        self.before = before

    def answer_to(self, *given: Any) -> tuple[int, dict[str, Any]]:
        if not self.before:
            self.agent.answer_to(*given)
        raise OSError("the agent was killed")


@pytest.mark.parametrize("before", [True, False])
def test_an_agent_that_dies_with_a_call_in_hand_leaves_an_unknown_outcome(
    meeting: str, agent: Agent, company: Company, connect: Callable[..., ErpConnection], before: bool
) -> None:
    erp = connect(seconds=7.0)
    with asking(Broken(agent, before=before), meeting), pytest.raises(OutcomeUnknownError):
        erp.create_customer(Customer(name="Borta AB"), CONTEXT)
    with asking(agent, meeting):
        found = connect().find_customers(CustomerQuery(name="Borta AB"), CONTEXT)
    assert [each.name for each in found] == ([] if before else ["Borta AB"])


def test_a_call_that_hangs_in_the_library_is_told_and_no_other_is_begun(
    meeting: str, agent: Agent, company: Company, connect: Callable[..., ErpConnection]
) -> None:
    erp, before = connect(seconds=9.0), names(company)
    company.strike("hang_after", "AdkAdd", 6.5)
    with asking(agent, meeting):
        with pytest.raises(OutcomeUnknownError) as hung:
            erp.create_customer(Customer(name="Hänger AB"), CONTEXT)
        assert hung.value.vendor_code == "hung"
        with pytest.raises(UnavailableError) as stuck:
            erp.create_customer(Customer(name="Väntar AB"), CONTEXT)
        assert stuck.value.vendor_code == "stuck", "nothing is begun beside a call that hangs"
        until = time.monotonic() + 15
        while agent._owner.state().stuck:
            assert time.monotonic() < until
            time.sleep(0.2)
        assert [each.name for each in connect().find_customers(CustomerQuery(name="Hänger AB"), CONTEXT)] == [
            "Hänger AB"
        ]
    assert names(company) == [*before, "Hänger AB"]


def test_an_agent_stands_an_outage_of_the_face(
    agent: Agent, company: Company, connect: Callable[..., ErpConnection], meeting: str
) -> None:
    with asking(agent, "http://127.0.0.1:9/plugins/visma") as asker:
        time.sleep(0.3)
        asker._address = meeting  # the face is back
        assert connect().find_customers(CustomerQuery(number="404404"), CONTEXT) == []


def test_a_call_takes_no_longer_than_is_left_of_its_time(agent: Agent) -> None:
    path = "/v1/companies/main/CUSTOMER/find"
    body = json.dumps({"seconds": 30, "arguments": {"key": "1"}}).encode()

    def answered(at_most: float) -> tuple[int, dict[str, Any]]:
        header = sign(TOKEN, "POST", path, body, round(time.time() * 1000) + 20).header()
        return agent.answer_to("POST", path, header, body, at_most)

    assert answered(5.0)[0] == 200
    assert answered(0.0)[1]["error"]["kind"] == "too_late"
    wrong = agent.answer_to("POST", "/v1/elsewhere", sign(TOKEN, "POST", "/v1/elsewhere", b"", 0).header(), b"", 5.0)
    assert wrong[1]["error"]["kind"] == "clock"


@pytest.mark.parametrize(
    "given",
    [
        {"ask": ["http://erpcore.example/plugins/visma"]},
        {"ask": ["erpcore.example"]},
        {"listen": False},
    ],
)
def test_an_agent_asks_over_https_alone_and_has_one_way_at_least(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        AgentSettings.model_validate({"companies": {"main": {}}, **given})
    fine = {"ask": ["https://erpcore.example/plugins/visma"], "listen": False}
    assert AgentSettings.model_validate({"companies": {"main": {}}, **fine}).ask
