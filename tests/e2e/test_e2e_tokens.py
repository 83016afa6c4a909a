"""Processes renew one rotating Fortnox token over one store, at each use: the grant is never lost."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import erpcore_fortnox.simulator.oauth as fortnox_oauth
import pytest
from cryptography.fernet import Fernet
from erpcore_fortnox.simulator import FortnoxSimulator

from erpcore.engine.assembly import Assembly
from erpcore.hookspecs import Context
from erpcore.host import SYSTEM_CLOCK, Clock, Token
from erpcore.models import CustomerQuery
from erpcore.settings import store_url
from erpcore.simulator import Fault
from erpcore.store import StoreTokenStore, open_store
from tests.e2e.world import world_in
from tests.forked import Forked

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


def use_by_many(
    folder: Path, request: pytest.FixtureRequest, store: str, *, many: int, seconds: float, lock: str
) -> None:
    """Let many processes use one rotating token, each use of which renews it; nobody may see an error.

    Raises:
        AssertionError: Somebody did, or the grant is lost.
    """
    url = "sqlite:///erpcore.db" if store == "sqlite" else request.getfixturevalue("postgres_url")
    fortnox = FortnoxSimulator(rate_limit=None)
    fortnox.seed({"customers": [{"CustomerNumber": "1", "Name": "Kunden AB"}]})
    with world_in(folder, url=url, fortnox={"grant": "authorization_code"}, fortnox_simulator=fortnox) as world:
        issued, tokens = fortnox.tokens(), StoreTokenStore(world.store)
        tokens.save("fortnox", Token(issued.access_token, issued.refresh_token, datetime(2026, 1, 1, tzinfo=UTC)))
        file = world.settings.file
        assert file is not None
        processes = [
            Forked("tests.e2e.token_process:main", [str(file), str(seconds), lock, str(each)], log, dict(os.environ))
            for each in range(many)
            for log in [folder / f"user-{each}.log"]
        ]
        world.wait(lambda: len(list(folder.glob("ready-*"))) == many)
        (folder / "go").touch()
        codes = [process.wait(seconds + 110) for process in processes]
        told = [process.log.read_text() for process in processes]
        renewals = [entry.status for entry in fortnox.journal.entries("POST", "/oauth-v1/token")]
        assert codes == [0] * many, told
        assert len(renewals) >= many, "it was renewed over and over"
        assert set(renewals) == {200}
        assert {entry.status for entry in fortnox.journal.entries(path="/3/.*")} == {200}
        assert tokens.dead_reason("fortnox") is None
        kept = tokens.load("fortnox")
        assert kept is not None
        assert kept.refresh_token is not None
        assert fortnox.oauth.server.refresh("demo-client", kept.refresh_token).refresh_token


LONG = [pytest.mark.proof, pytest.mark.timeout(600)]
EIGHT_FOR_A_MINUTE = (8, 60.0)


@pytest.mark.parametrize(
    ("store", "many", "seconds"),
    [
        pytest.param("sqlite", 4, 1.5, id="sample"),
        pytest.param("sqlite", *EIGHT_FOR_A_MINUTE, marks=LONG, id="sqlite"),
        pytest.param("postgresql", *EIGHT_FOR_A_MINUTE, marks=LONG, id="postgresql"),
    ],
)
@pytest.mark.parametrize("lock", ["locked", "unlocked"])
def test_many_processes_and_one_rotating_token(
    store: str,
    many: int,
    seconds: float,
    lock: str,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ERPCORE_KEY", Fernet.generate_key().decode())
    monkeypatch.setattr(fortnox_oauth, "ACCESS_SECONDS", 30)
    if lock == "locked":
        use_by_many(tmp_path, request, store, many=many, seconds=seconds, lock=lock)
        return
    with pytest.raises(AssertionError):  # that the lock is what holds it
        use_by_many(tmp_path, request, store, many=many, seconds=seconds, lock=lock)


@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
@pytest.mark.parametrize("days", [1, -1], ids=["forward", "back"])
def test_tokens_are_renewed_with_a_clock_that_is_set_by_a_day(
    store: str, days: int, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ERPCORE_KEY", Fernet.generate_key().decode())
    url = "sqlite:///erpcore.db" if store == "sqlite" else request.getfixturevalue("postgres_url")
    fortnox = FortnoxSimulator(rate_limit=None)
    fortnox.seed({"customers": [{"CustomerNumber": "1", "Name": "Kunden AB"}]})
    off_by, passed = timedelta(), 0.0
    clock = Clock(lambda: SYSTEM_CLOCK.monotonic() + passed, lambda: datetime.now(UTC) + off_by, SYSTEM_CLOCK.sleep)
    with world_in(tmp_path, url=url, fortnox={"grant": "authorization_code"}, fortnox_simulator=fortnox) as world:
        opened = open_store(store_url(world.settings), synchronous="NORMAL", clock=clock)
        issued, tokens = fortnox.tokens(), StoreTokenStore(opened)
        tokens.save("fortnox", Token(issued.access_token, issued.refresh_token, datetime.now(UTC) + timedelta(hours=1)))
        assembly = Assembly(world.settings, opened, worker="clock test")

        def use() -> None:
            query, context = CustomerQuery(number="1"), Context(correlation_id="clock test")
            assert [each.number for each in assembly.erp("fortnox").find_customers(query, context)] == ["1"]

        use()
        for day in (days, 0, -days, 0):
            off_by, passed = timedelta(days=day), passed + 600
            use()
            passed += 600
            # What our clock says of the token is worth nothing now: the vendor says that it has run out.
            fortnox.faults.add(Fault("expired_token", path="/3/customers.*"))
            use()
        kept = tokens.load("fortnox")
        assert kept is not None
        assert kept.access_token != issued.access_token
        assert tokens.dead_reason("fortnox") is None
        renewals = fortnox.journal.entries("POST", "/oauth-v1/token")
        assert {entry.status for entry in renewals} == {200}
        assert 4 <= len(renewals) <= 8, "each time that it had run out, and no oftener"
        assembly.close()
        opened.close()
