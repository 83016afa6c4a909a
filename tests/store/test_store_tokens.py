"""Tokens over the store: one place refreshes, over threads and processes, and the grant is never lost."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest

from erpcore.errors import UnavailableError
from erpcore.host import Token
from erpcore.redaction import hidden_everywhere
from erpcore.store import Store, StoreTokenStore, hold_lease
from erpcore.store.leases import Lease

TOKEN = Token("access", "refresh", datetime(2026, 3, 1, tzinfo=UTC), "order customer", {"tenant": 7})

PROCESS = """
import sys
from pydantic import SecretStr
from erpcore.host import Host
from erpcore.http import OAuth2Auth, OAuth2Settings
from erpcore.store import StoreTokenStore, open_store
url, token_url, key, times = sys.argv[1:]
settings = OAuth2Settings(token_url=token_url, client_id="id", client_secret=SecretStr("secret"))
auth = OAuth2Auth(Host.in_memory("fortnox", tokens=StoreTokenStore(open_store(url, key=key))), settings)
print("ready", flush=True)
sys.stdin.readline()
for _ in range(int(times)):
    auth.credentials()
print("done", flush=True)
"""


class RotatingEndpoint:
    """Issues pairs and kills the old refresh token at once; an old one that is used again is a refusal."""

    def __init__(self) -> None:
        self.valid = "refresh-0"
        self.issued = 0
        self.refused = 0
        lock = threading.Lock()
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                with lock:
                    if parse_qs(body)["refresh_token"] != [endpoint.valid]:
                        endpoint.refused += 1
                        self._answer(400, {"error": "invalid_grant"})
                        return
                    endpoint.issued += 1
                    endpoint.valid = f"refresh-{endpoint.issued}"
                    pair = {"access_token": f"access-{endpoint.issued}", "refresh_token": endpoint.valid}
                    # One second is less than the leeway, so the next use refreshes again.
                    self._answer(200, {**pair, "token_type": "bearer", "expires_in": 1})

            def _answer(self, status: int, value: object) -> None:
                body = json.dumps(value).encode()
                self.send_response(status)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/token"


@pytest.fixture
def endpoint() -> Iterator[RotatingEndpoint]:
    made = RotatingEndpoint()
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


def test_a_token_comes_back_as_it_was_kept(store: Store) -> None:
    tokens = StoreTokenStore(store)
    assert tokens.load("fortnox") is None
    tokens.save("fortnox", TOKEN)
    assert tokens.load("fortnox") == TOKEN
    with tokens.locked("fortnox") as held:
        assert held.load() == TOKEN
        held.save(Token("second"))
    assert tokens.load("fortnox") == Token("second")
    assert tokens.load("other") is None


def test_a_token_that_was_kept_is_hidden_everywhere(store: Store) -> None:
    bought, other = "tok-7f2b9c4e-a81d-bought", "tok-55d0e1c3-9f6a-renewed"
    StoreTokenStore(store).save("bokia", Token(bought, other))
    assert hidden_everywhere(f"Not with {bought}, nor with {other}.") == "Not with [hidden], nor with [hidden]."


def test_a_dead_grant_is_shown_until_a_new_token_comes(store: Store) -> None:
    tokens = StoreTokenStore(store)
    tokens.save("fortnox", TOKEN)
    tokens.mark_dead("fortnox", "consent was withdrawn")
    tokens.mark_dead("never connected", "invalid_client")
    assert tokens.load("fortnox") == TOKEN
    assert tokens.load("never connected") is None
    assert tokens.dead_reason("fortnox") == "consent was withdrawn"
    assert [dead.connection for dead in tokens.dead_grants()] == ["fortnox", "never connected"]
    tokens.save("fortnox", TOKEN)
    assert tokens.dead_reason("fortnox") is None
    assert [dead.reason for dead in tokens.dead_grants()] == ["invalid_client"]


def test_whose_a_token_and_a_dead_grant_are_is_kept(store: Store) -> None:
    tokens = StoreTokenStore(store)
    tokens.save("fortnox", replace(TOKEN, bought_for="one company"))
    loaded = tokens.load("fortnox")
    assert loaded is not None
    assert loaded.bought_for == "one company"
    tokens.mark_dead("fortnox", "consent was withdrawn", "one company")
    assert tokens.dead_reason("fortnox", "one company") == "consent was withdrawn"
    assert tokens.dead_reason("fortnox") == "consent was withdrawn"
    assert tokens.dead_reason("fortnox", "another company") is None


def test_one_holder_at_a_time_and_writers_do_not_wait_for_it(store: Store) -> None:
    tokens = StoreTokenStore(store, lease_wait=0.1)
    with tokens.locked("fortnox"):
        with pytest.raises(UnavailableError, match="another worker"), tokens.locked("fortnox"):
            pytest.fail("held twice")
        with tokens.locked("other"):
            tokens.save("third", TOKEN)  # whoever waited for the holder, which is this thread, would wait in vain
    with tokens.locked("fortnox"):
        assert tokens.load("third") == TOKEN


def test_the_lock_of_a_killed_process_runs_out(store: Store) -> None:
    killed = Lease(store, "token:fortnox", seconds=0.2)
    started = time.monotonic()
    assert killed.take()
    with StoreTokenStore(store).locked("fortnox"):
        assert time.monotonic() - started >= 0.15
        assert not killed.renew()
        assert killed.lost
        killed.give_back()
        assert not Lease(store, "token:fortnox", seconds=1).take(), "giving back what was lost frees nothing"


def test_a_lease_outlasts_its_work_or_is_renewed_and_is_given_back(timed_store: Store, clock: Any) -> None:
    with hold_lease(timed_store, "sweep", seconds=30, wait=0) as lease:
        for _ in range(4):
            clock.move(20)
            assert not Lease(timed_store, "sweep", seconds=30).take()
            assert lease.renew()
        with pytest.raises(TimeoutError), hold_lease(timed_store, "sweep", seconds=30, wait=10):
            pytest.fail("held twice")
    assert Lease(timed_store, "sweep", seconds=30).take()


def test_who_waits_for_a_dead_holder_asks_less_and_less_often(timed_store: Store, clock: Any) -> None:
    naps: list[float] = []

    def sleep(seconds: float) -> None:
        naps.append(seconds)
        clock.move(seconds)

    clock.sleep = sleep
    assert Lease(timed_store, "sweep", seconds=75).take()
    with hold_lease(timed_store, "sweep", seconds=75, wait=90):
        assert 75 <= sum(naps) < 76
    assert naps[0] < 0.05
    assert len(naps) < 150


@pytest.mark.slow
def test_two_processes_refresh_a_hundred_times_and_the_grant_lives(
    store: Store, store_url: str, endpoint: RotatingEndpoint
) -> None:
    StoreTokenStore(store).save("fortnox", Token("access-0", "refresh-0", datetime(2026, 1, 1, tzinfo=UTC)))
    command = [sys.executable, "-c", PROCESS, store_url, endpoint.url, str(store.key), "50"]
    processes = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    assert [process.communicate("go\n", timeout=60)[0] for process in processes] == ["done\n"] * 2
    assert (endpoint.issued, endpoint.refused) == (100, 0)
    tokens = StoreTokenStore(store)
    kept = tokens.load("fortnox")
    assert kept is not None
    assert kept.refresh_token == endpoint.valid
    assert tokens.dead_reason("fortnox") is None
