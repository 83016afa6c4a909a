"""Addresses of plugins at the workers' faces: of several workers, one serves a connection's."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx  # noqa: TID251 what asks
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from erpcore.host import Clock
from erpcore.simulator import Clock as MovableClock
from erpcore.store import Store, open_store, upgrade
from erpcore.web.faces import leave, plugin_faces


class Served:
    """A plugin with an address of its own."""

    def face(self) -> Any:
        return Starlette(routes=[Route("/ask", lambda request: PlainTextResponse("work"))])


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def store(tmp_path: Path, clock: MovableClock) -> Iterator[Store]:
    url = f"sqlite:///{tmp_path / 'faces.db'}"
    upgrade(url)
    told = Clock(lambda: clock.now().timestamp(), clock.now, lambda seconds: None)
    made = open_store(url, clock=told)
    yield made
    made.close()


def face(store: Store, worker: str) -> Starlette:
    connections: Any = [SimpleNamespace(name="visma", plugin=Served()), SimpleNamespace(name="other", plugin=object())]
    return Starlette(routes=plugin_faces(connections, store, worker))


def asked(app: Starlette) -> httpx.Response:
    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://worker") as client:
            return await client.get("/plugins/visma/ask")

    return asyncio.run(ask())


def test_the_worker_that_is_reached_first_serves_and_the_other_says_which_one_it_is(store: Store) -> None:
    first, second = face(store, "a"), face(store, "b")
    assert asked(first).text == "work"
    refused = asked(second)
    assert refused.status_code == 503
    assert refused.json()["error"]["kind"] == "not_here"
    assert "meets at worker a" in refused.json()["error"]["message"]
    assert asked(face(store, "a")).text == "work", "after a restart it serves at once"


def test_a_worker_that_is_not_reached_any_more_is_followed_by_another(store: Store, clock: MovableClock) -> None:
    first, second = face(store, "a"), face(store, "b")
    assert asked(first).text == "work"
    clock.advance(60)
    assert asked(first).text == "work", "it is kept by being reached"
    clock.advance(60)
    assert asked(second).status_code == 503
    clock.advance(16)
    assert asked(second).text == "work"
    assert asked(first).status_code == 503


def test_a_worker_that_stops_leaves_its_addresses_to_another(store: Store) -> None:
    first, second = face(store, "a"), face(store, "b")
    assert asked(first).text == "work"
    leave([each for each in first.routes if isinstance(each, Mount)])
    assert asked(second).text == "work"
    assert asked(first).status_code == 503


def test_a_store_that_is_away_is_told(store: Store, tmp_path: Path) -> None:
    store.engine.dispose()
    (tmp_path / "faces.db").unlink()
    refused = asked(face(store, "a"))
    assert refused.status_code == 503
    assert "cannot tell whether it may serve" in refused.json()["error"]["message"]
