"""Several workers on PostgreSQL, and an agent that asks at one of them: all reach it, or say why not."""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from erpcore_visma_admin.simulator.library import compiler

from erpcore.connection import ErpConnection
from erpcore.errors import UnavailableError
from erpcore.hookspecs import Context
from erpcore.host import Host
from erpcore.listening import free_port
from erpcore.models import CustomerQuery
from erpcore.registry import connect_erp
from erpcore.settings import load_settings
from tests.e2e.agent_world import TOKEN, AgentWorld, agent_world_in, went_well

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(compiler() is None, reason="the simulated Visma Administration needs a C compiler"),
]
ORDERS = 4


def another(world: AgentWorld, name: str, line: str) -> AgentWorld:
    """The same installation with another file of settings, whose worker takes deliveries in elsewhere or nowhere."""
    assert world.settings.file is not None
    text = re.sub(r"webhook_port = \d+", line, world.settings.file.read_text())
    file = world.folder / f"{name}.toml"
    file.write_text(text, encoding="utf-8")
    return replace(world, settings=load_settings(file), processes=world.processes)


def at(world: AgentWorld, port: int) -> ErpConnection:
    """Visma Administration, asked at a worker's port."""
    settings = {"url": f"http://127.0.0.1:{port}/plugins/visma", "asking": True, "token": TOKEN}
    return connect_erp("visma_admin", Host.in_memory("visma"), {**settings, "request_seconds": 8.0})


def test_workers_without_a_port_hand_in_at_the_one_that_has_it(
    tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ERPCORE_KEY", Fernet.generate_key().decode())
    # Several lanes, or the first to look would take them all.
    with agent_world_in(tmp_path, asks=True, url=postgres_url, worker={"lanes": 8, "concurrency": 2}) as world:
        portless, elsewhere = another(world, "portless", ""), free_port()
        alone = portless.start("w2")
        assert alone.wait(60) != 0
        log = "".join(each.read_text() for each in tmp_path.glob("w2-*.log"))
        assert "this worker has no port, and no other worker is running" in log
        assert "Traceback" not in log
        world.start("w1")
        world.wait(lambda: any("Working on" in each.read_text() for each in tmp_path.glob("w1-*.log")))
        portless.start("w2")
        another(world, "elsewhere", f"webhook_port = {elsewhere}").start("w3")
        world.wait(
            lambda: all(
                any("Working on" in each.read_text() for each in tmp_path.glob(f"{name}-*.log"))
                for name in ("w2", "w3")
            )
        )
        orders = [world.order() for _ in range(ORDERS)]
        for _, order in orders:
            world.done(order)
        for company, order in orders:
            went_well(world, company, order)
        senders = {
            event.who for intent in world.intents() for event in world.history(intent) if event.what == "sending"
        }
        assert len(senders) > 1, "more than one worker handed work in"
        with (
            closing(at(world, elsewhere)) as erp,
            pytest.raises(UnavailableError, match="meets at worker w1") as caught,
        ):
            erp.find_customers(CustomerQuery(number="1"), Context(correlation_id="elsewhere"))
        assert caught.value.vendor_code == "not_here"
