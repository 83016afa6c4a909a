"""The last look before a write leaves, and what a call knows afterwards of what it wrote."""

from __future__ import annotations

import contextlib

import pytest

from erpcore.errors import NotSentError, RejectedError, RemoteError, UnavailableError
from erpcore.host import MemoryBudget, RateLimit, asking_before_writes, one_call
from erpcore.http import NO_RETRIES, ApiClient, Credentials, StaticAuth


def test_a_write_is_asked_for_last_of_all(server, movable, answer) -> None:
    """After the sign-in and the wait for the budget, directly before it leaves; a read is not asked for."""
    order: list[str] = []

    class Auth(StaticAuth):
        def credentials(self) -> Credentials:
            order.append("sign-in")
            return super().credentials()

    class Budget(MemoryBudget):
        def acquire(self, *args, **kwargs) -> float:
            order.append("budget")
            return super().acquire(*args, **kwargs)

    server.answers(answer(200, "{}"))
    host = movable.host(budget=Budget(movable.clock))
    limits = [RateLimit("k", 10, 1.0)]
    with (
        ApiClient(server.url, host, auth=Auth(), limits=limits) as client,
        asking_before_writes(lambda: order.append("asked")),
    ):
        client.write("POST", "/orders", json={})
        client.read("/orders")
    assert order == ["sign-in", "budget", "asked", "sign-in", "budget"]


def test_what_refuses_a_write_comes_out_as_it_is_and_nothing_is_sent(server, client, answer) -> None:
    def refuse() -> None:
        raise NotSentError("This worker was asleep for too long.")

    server.answers(answer(201, "{}"))
    with asking_before_writes(refuse):
        with pytest.raises(NotSentError, match="asleep"):
            client.write("POST", "/orders", json={})
        client.read("/orders")
    assert [seen.method for seen in server.seen] == ["GET"]


@pytest.mark.parametrize(
    ("status", "idempotent", "wrote"),
    [
        (201, False, True),
        (500, False, True),
        (408, False, True),
        (302, False, True),
        (400, False, False),
        (404, False, False),
        (409, False, False),
        (429, False, False),
        (201, True, False),
        (500, True, False),
    ],
)
def test_what_may_stand_in_the_system_is_known_of_the_call(server, movable, answer, status, idempotent, wrote) -> None:
    server.answers(answer(status, "{}"))
    with ApiClient(server.url, movable.host(), retry=NO_RETRIES) as client, one_call() as call:
        with contextlib.suppress(RemoteError):
            client.write("POST", "/orders", json={}, idempotent=idempotent)
        client.read("/orders") if status < 300 else None
    assert call.wrote is wrote


def test_a_refusal_that_the_plugin_reads_in_a_good_answer_is_one(server, movable, answer) -> None:
    server.answers(answer(200, '{"errors": ["no"]}'))
    client = ApiClient(server.url, movable.host(), error_reader=lambda reply: RejectedError("no"))
    with client, one_call() as call, pytest.raises(RejectedError):
        client.write("POST", "/graphql", json={})
    assert not call.wrote


def test_a_write_that_surely_did_not_leave_does_not_count(closed_port, movable) -> None:
    client = ApiClient(f"http://127.0.0.1:{closed_port}", movable.host(), retry=NO_RETRIES)
    with client, one_call() as call, pytest.raises(UnavailableError):
        client.write("POST", "/orders", json={})
    assert not call.wrote
