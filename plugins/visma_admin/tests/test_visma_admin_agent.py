"""The agent: whom it believes, what it refuses, and what it tells."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from erpcore_visma_admin.adk.owner import Owner
from erpcore_visma_admin.agent.app import STATE_PATH, Agent
from erpcore_visma_admin.agent.gate import Gate
from erpcore_visma_admin.agent.settings import AgentSettings, SettingsProblem, is_this_computer, load, token_of
from erpcore_visma_admin.agent.signing import sign
from erpcore_visma_admin.simulator.company import Company
from starlette.types import ASGIApp, Message

TOKEN = "t" * 40
LARGEST = 20_000
ADD = {"call": "add", "table": "CUSTOMER", "fields": {"NAME": "Hemliga Kunden AB"}}
CALL_PATH = "/v1/companies/main/CUSTOMER/add"
ARGUMENTS = {"fields": {"NAME": "Hemliga Kunden AB"}}
BODY = json.dumps({"seconds": 5, "arguments": ARGUMENTS}).encode()


def now() -> int:
    return int(time.time() * 1000)


def ask(app: ASGIApp, method: str, path: str, header: str, body: bytes = b"") -> tuple[int, dict[str, Any]]:
    """Ask an application without a server; the body comes in small pieces."""
    pieces = [body[at : at + 7000] for at in range(0, len(body), 7000)] or [b""]
    sent: list[Message] = []
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "https",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"authorization", header.encode())] if header else [],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8743),
    }

    async def receive() -> Message:
        return {"type": "http.request", "body": pieces.pop(0), "more_body": bool(pieces)}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))  # type: ignore[arg-type]
    answered = b"".join(message.get("body", b"") for message in sent)
    return sent[0]["status"], json.loads(answered) if answered.startswith(b"{") else {}


class Caller:
    """Speaks to an agent."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    def send(self, body: bytes, header: str, path: str = CALL_PATH) -> tuple[int, dict[str, Any]]:
        return ask(self.app, "POST", path, header, body)

    def call(self, call: dict[str, Any], *, company: str = "main", seconds: float = 5.0) -> tuple[int, dict[str, Any]]:
        where = "/".join(str(call[part]) for part in ("table", "call") if part in call)
        path = f"/v1/companies/{company}/{where}"
        arguments = {name: value for name, value in call.items() if name not in ("call", "table")}
        body = json.dumps({"seconds": seconds, "arguments": arguments}).encode()
        return self.send(body, sign(TOKEN, "POST", path, body, now()).header(), path)

    def state(self) -> dict[str, Any]:
        header = sign(TOKEN, "GET", STATE_PATH, b"", now()).header()
        status, answer = ask(self.app, "GET", STATE_PATH, header)
        assert status == 200
        found: dict[str, Any] = answer["result"]
        return found


def kind(answer: tuple[int, dict[str, Any]]) -> tuple[int, str]:
    return answer[0], answer[1]["error"]["kind"]


@pytest.fixture
def caller(company: Company, owners: Callable[..., Owner]) -> Caller:
    time.sleep(0.002)  # a request that is signed in the millisecond of the start was made before it
    agent = Agent(
        owners(company),
        Gate(TOKEN, 30.0, lambda: time.time() - 0.01),
        largest_request=LARGEST,
        longest_call=60.0,
        version="0",
    )
    return Caller(agent.asgi())


def test_a_call_is_done_and_its_result_given_back(caller: Caller, company: Company) -> None:
    status, answer = caller.call(ADD)
    assert (status, answer["result"]["record"]["NUMBER"], answer["warnings"]) == (200, "101", [])
    assert company.read().by("CUSTOMER", "NUMBER", "101").values["NAME"] == "Hemliga Kunden AB"
    state = caller.state()
    assert (state["companies"], state["open_company"], state["stuck"]) == (["main"], "main", False)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer " + TOKEN,
        "Erpcore-HMAC-SHA256 time=1, nonce=x, signature=y",
    ],
)
def test_who_does_not_sign_is_not_believed(caller: Caller, company: Company, header: str) -> None:
    body = BODY
    assert kind(caller.send(body, header)) == (401, "token")
    assert "CUSTOMER" not in company.read().registers


def test_a_signature_is_of_one_token_path_and_body(caller: Caller, company: Company) -> None:
    body = BODY
    right = sign(TOKEN, "POST", CALL_PATH, body, now())
    wrong = [
        sign("u" * 40, "POST", CALL_PATH, body, now()).header(),
        sign(TOKEN, "GET", CALL_PATH, body, now()).header(),
        sign(TOKEN, "POST", STATE_PATH, body, now()).header(),
        sign(TOKEN, "POST", CALL_PATH, body + b" ", now()).header(),
        right.header().replace(right.nonce, "0" * 32),
        right.header().replace(str(right.time), str(right.time + 1)),
    ]
    for header in wrong:
        assert kind(caller.send(body, header)) == (401, "token")
    assert "CUSTOMER" not in company.read().registers
    assert caller.send(body, right.header())[0] == 200


def test_a_request_that_is_sent_again_is_refused(caller: Caller, company: Company) -> None:
    body = BODY
    header = sign(TOKEN, "POST", CALL_PATH, body, now()).header()
    assert caller.send(body, header)[0] == 200
    assert kind(caller.send(body, header)) == (409, "replay")
    assert len(company.read().registers["CUSTOMER"]) == 1


@pytest.mark.parametrize("apart", [-60_000, 60_000])
def test_a_request_of_another_time_is_refused_in_words(caller: Caller, apart: int) -> None:
    body = BODY
    status, answer = caller.send(body, sign(TOKEN, "POST", CALL_PATH, body, now() + apart).header())
    assert (status, answer["error"]["kind"]) == (403, "clock")
    assert "60 seconds" in answer["error"]["message"]


def test_what_was_seen_is_forgotten_only_when_nobody_would_believe_it_any_more() -> None:
    clock = [1000.0]
    gate = Gate(TOKEN, 30.0, lambda: clock[0])

    def judged(at: float) -> str | None:
        signature = sign(TOKEN, "POST", CALL_PATH, b"", round(at * 1000), nonce="a" * 32)
        disbelief = gate.judge("POST", CALL_PATH, signature.header(), b"")
        return disbelief.kind if disbelief else None

    assert judged(999.9) == "before_start"
    # A sender whose clock is as far ahead as is allowed: a copy is believable for twice the tolerance.
    assert judged(1030.0) is None
    for later in (1000.0, 1030.0, 1060.0):
        clock[0] = later
        assert judged(1030.0) == "replay"
    clock[0] = 1060.1
    assert judged(1030.0) == "clock"


def test_a_request_from_before_a_restart_is_not_believed() -> None:
    clock = [1000.0]
    body = b"{}"
    signature = sign(TOKEN, "POST", CALL_PATH, body, 1_000_000)
    first = Gate(TOKEN, 30.0, lambda: clock[0])
    assert first.judge("POST", CALL_PATH, signature.header(), body) is None
    clock[0] = 1000.5
    again = Gate(TOKEN, 30.0, lambda: clock[0])
    disbelief = again.judge("POST", CALL_PATH, signature.header(), body)
    assert disbelief is not None
    assert (disbelief.status, disbelief.kind) == (409, "before_start")


def test_a_request_that_is_too_large_is_not_read(caller: Caller) -> None:
    body = b"x" * (LARGEST + 1)
    assert kind(caller.send(body, sign(TOKEN, "POST", CALL_PATH, body, now()).header())) == (413, "too_large")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"{}",
        *(
            json.dumps(wrong).encode()
            for wrong in (
                {"seconds": 5, "arguments": ARGUMENTS, "more": 1},
                {"seconds": 5, "arguments": []},
                {"seconds": 5, "arguments": {**ARGUMENTS, "table": "ARTICLE"}},
                {"seconds": 5, "arguments": {**ARGUMENTS, "more": 1}},
                {"seconds": 5, "arguments": {"fields": {"CREDIT_LIMIT": "1"}}},
                {"seconds": "5", "arguments": ARGUMENTS},
                {"seconds": True, "arguments": ARGUMENTS},
                {"seconds": 0, "arguments": ARGUMENTS},
                {"seconds": 61, "arguments": ARGUMENTS},
                {"seconds": float("nan"), "arguments": ARGUMENTS},
            )
        ),
        b"[" * 9000,
    ],
)
def test_what_is_no_call_is_refused_and_does_nothing(caller: Caller, company: Company, body: bytes) -> None:
    assert kind(caller.send(body, sign(TOKEN, "POST", CALL_PATH, body, now()).header())) == (400, "bad_call")
    assert caller.state()["open_company"] is None
    assert "CUSTOMER" not in company.read().registers


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (ADD, "other"),
        ({**ADD, "table": "SUPPLIER"}, "main"),
        ({**ADD, "call": "delete"}, "main"),
        ({"call": "find"}, "main"),
        ({"call": "about", "table": "CUSTOMER"}, "main"),
    ],
)
def test_what_is_not_on_the_list_is_refused(caller: Caller, call: dict[str, Any], name: str) -> None:
    assert kind(caller.call(call, company=name)) == (400, "bad_call")
    assert caller.state()["open_company"] is None


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/companies", "/v2/state", "/docs", "/v1/../secret"])
def test_there_are_no_other_addresses(caller: Caller, path: str) -> None:
    header = sign(TOKEN, "GET", path, b"", now()).header()
    assert ask(caller.app, "GET", path, header)[0] in (307, 404)
    assert ask(caller.app, "DELETE", CALL_PATH, header)[0] == 405


def test_what_the_program_refuses_is_told_as_it_told_it(caller: Caller) -> None:
    status, answer = caller.call({"call": "add", "table": "ORDER_HEAD", "fields": {"CUSTOMER_NUMBER": "999"}})
    assert status == 422
    error = answer["error"]
    assert (error["kind"], error["message"], error["told"]["code"]) == ("refused", "Kunden finns inte.", 49)


def test_a_call_that_hangs_is_seen_and_lets_no_other_begin(caller: Caller, company: Company) -> None:
    caller.call({"call": "about"})
    company.strike("hang_after", "AdkAdd", 0.8)
    assert kind(caller.call(ADD, seconds=0.2)) == (504, "hung")
    state = caller.state()
    assert (state["stuck"], state["doing"]) == (True, "add")
    assert kind(caller.call(ADD)) == (503, "stuck")
    while caller.state()["stuck"]:
        time.sleep(0.02)
    assert len(company.read().registers["CUSTOMER"]) == 1
    assert caller.call(ADD)[0] == 200


@pytest.mark.parametrize(
    ("switches", "code"), [({"licences": 0}, 135), ({"refuse_open": 223}, 223), ({"refuse_open": 583}, 583)]
)
def test_a_company_that_does_not_open_is_told(
    caller: Caller, company: Company, switches: dict[str, int], code: int
) -> None:
    company.switch(**switches)
    status, answer = caller.call(ADD)
    assert (status, answer["error"]["told"]["code"]) == (422, code)


def test_a_fault_of_the_agents_own_is_told_as_one(
    caller: Caller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(Owner, "do", lambda *given: 1 / 0)
    assert kind(caller.call(ADD)) == (500, "broken")
    assert "ZeroDivisionError" in caplog.text


def test_the_log_names_calls_and_codes_and_nobody(caller: Caller, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "erpcore")
    caller.call(ADD)
    caller.call({"call": "find", "table": "CUSTOMER", "key": "101"})
    caller.call({"call": "add", "table": "CUSTOMER", "fields": {"NUMBER": "101", "NAME": "Hemliga Kunden AB"}})
    caller.call({"call": "find", "table": "CUSTOMER", "key": "101", "name": "Hemliga Kunden AB"})
    assert "main: add CUSTOMER -> done" in caplog.text
    assert "main: add CUSTOMER -> refused code 214" in caplog.text
    assert "Hemliga" not in caplog.text
    assert TOKEN not in caplog.text


def settings_file(folder: Path, text: str) -> Path:
    path = folder / "agent.toml"
    path.write_text(text)
    return path


COMPANY = "[companies.main]\nsystem_path = 'S'\ncompany_path = 'C'\n"


def test_settings_are_read_and_secrets_come_from_the_environment(tmp_path: Path) -> None:
    settings = load(settings_file(tmp_path, f"port = 1\n{COMPANY}"), {"ERPCORE_ADK_TOKEN": TOKEN})
    assert (settings.port, token_of(settings)) == (1, TOKEN)
    assert TOKEN not in repr(settings)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("port =", "is no TOML"),
        ("port = 1", "companies: Field required"),
        (f"colour = 'red'\n{COMPANY}", "colour: Extra inputs"),
        (f"host = '0.0.0.0'\n{COMPANY}", "listens on this computer alone"),
        (f"host = 'erp.example.com'\n{COMPANY}", "listens on this computer alone"),
        (f"certificate = 'c.pem'\n{COMPANY}", "certificate and key go together"),
    ],
)
def test_settings_that_are_wrong_are_told_in_words(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(SettingsProblem, match=words):
        load(settings_file(tmp_path, text), {})


def test_a_settings_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsProblem, match="cannot be read"):
        load(tmp_path / "none.toml", {})


@pytest.mark.parametrize("token", [None, "short"])
def test_a_token_that_is_none_is_told(tmp_path: Path, token: str | None) -> None:
    settings = AgentSettings.model_validate({"token": token, "companies": {"main": {}}})
    with pytest.raises(SettingsProblem, match="at least 32 characters"):
        token_of(settings)


def test_only_this_computers_own_addresses_go_without_tls() -> None:
    own = ["127.0.0.1", "127.8.8.8", "::1", "[::1]", "localhost"]
    assert [is_this_computer(host) for host in [*own, "0.0.0.1", "192.168.1.2", "::", "localhost.example"]] == [
        *[True] * 5,
        *[False] * 4,
    ]
