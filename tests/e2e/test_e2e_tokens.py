"""Two processes renew one rotating Fortnox token a hundred times over one store: the grant is never lost."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import erpcore_fortnox.simulator.oauth as fortnox_oauth
import pytest
from cryptography.fernet import Fernet
from erpcore_fortnox.simulator import FortnoxSimulator

from erpcore.host import Token
from erpcore.store import StoreTokenStore
from tests.e2e.world import world_in

pytestmark = pytest.mark.slow

TIMES = 50
PROCESS = """
import sys
from pathlib import Path
from erpcore.engine.assembly import Assembly
from erpcore.hookspecs import Context
from erpcore.models import CustomerQuery
from erpcore.settings import load_settings, store_url
from erpcore.store import open_store
file, times = sys.argv[1:]
settings = load_settings(Path(file))
assembly = Assembly(settings, open_store(store_url(settings), synchronous="NORMAL"), worker="token test")
fortnox = assembly.erp("fortnox")
print("ready", flush=True)
sys.stdin.readline()
for _ in range(int(times)):
    found = fortnox.find_customers(CustomerQuery(number="1"), Context(correlation_id="token test"))
    assert [customer.number for customer in found] == ["1"]
print("done", flush=True)
"""


@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
def test_two_processes_renew_a_rotating_token_a_hundred_times(
    store: str, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ERPCORE_KEY", Fernet.generate_key().decode())
    # Less than erpcore's leeway, so that every use renews, and enough for the request itself.
    monkeypatch.setattr(fortnox_oauth, "ACCESS_SECONDS", 30)
    url = "sqlite:///erpcore.db" if store == "sqlite" else request.getfixturevalue("postgres_url")
    fortnox = FortnoxSimulator(rate_limit=None)
    fortnox.seed({"customers": [{"CustomerNumber": "1", "Name": "Kunden AB"}]})
    with world_in(tmp_path, url=url, fortnox={"grant": "authorization_code"}, fortnox_simulator=fortnox) as world:
        issued = fortnox.tokens()
        tokens = StoreTokenStore(world.store)
        tokens.save("fortnox", Token(issued.access_token, issued.refresh_token, datetime(2026, 1, 1, tzinfo=UTC)))
        command = [sys.executable, "-c", PROCESS, str(world.settings.file), str(TIMES)]
        processes = [
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            for _ in range(2)
        ]
        told = []
        for process in processes:
            assert process.stdout is not None
            told.append(process.stdout.readline())
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        ends = [process.communicate(timeout=110) for process in processes]
        assert told == ["ready\n"] * 2, ends
        assert [out for out, _ in ends] == ["done\n"] * 2, ends

        renewals = fortnox.journal.entries("POST", "/oauth-v1/token")
        assert [entry.status for entry in renewals] == [200] * (2 * TIMES)
        assert {entry.status for entry in fortnox.journal.entries(path="/3/.*")} == {200}
        assert tokens.dead_reason("fortnox") is None
        kept = tokens.load("fortnox")
        assert kept is not None
        assert kept.refresh_token is not None
        again = fortnox.oauth.server.refresh("demo-client", kept.refresh_token)
        assert again.refresh_token, "the pair that is stored is the one that works"
