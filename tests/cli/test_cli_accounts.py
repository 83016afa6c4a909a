"""Knowing a company again: test company and real one, deliveries, a lost key."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from erpcore_fortnox.simulator import FortnoxSimulator

from erpcore.settings import load_settings, store_url
from erpcore.simulator import running
from erpcore.store import get_secret, links_from, open_store, put_link, put_secret, register_worker, stop_worker

KEY = "11111111-1111-4111-8111-111111111111"
TOKEN = "0123456789abcdef0123456789abcdef"


pytestmark = pytest.mark.usefixtures("secrets")


@pytest.fixture
def test_company(fortnox):
    simulator, _ = fortnox
    simulator.tokens()
    return simulator


@pytest.fixture
def real_company():
    """Another company with the same tenant id in the settings: only its organisation number differs."""
    simulator = FortnoxSimulator(consented=True)
    simulator.seed({"company": {"Name": "Helt Annan AB", "OrganizationNumber": "559999-0005"}})
    simulator.tokens()
    with running(simulator) as url:
        yield simulator, url


def move(settings_file: Path, fortnox, real_company) -> None:
    settings_file.write_text(settings_file.read_text().replace(fortnox[1], real_company[1]))


def remembered(settings_file: Path, crm_id: str = "pase1"):
    store = open_store(store_url(load_settings(settings_file)))
    with store.begin() as connection:
        if not links_from(connection, sync="won", source_kind="company", source_id=crm_id):
            put_link(
                connection, sync="won", source_kind="company", source_id=crm_id, target_kind="customer", number="1"
            )
    return store


def test_the_real_company_in_place_of_the_test_company_is_refused(
    cli, settings_file: Path, fortnox, test_company, real_company, lime_go
) -> None:
    assert "Known by: Demobolaget AB" in cli("check", "books").out
    remembered(settings_file).close()
    move(settings_file, fortnox, real_company)
    checked = cli("check", "books")
    assert checked.code == 1
    words = " ".join(checked.out.split())
    assert "connection books was Demobolaget AB (tenant id 1234567, organisation number " in words
    assert "and is now Helt Annan AB (tenant id 1234567, organisation number 559999-0005)" in words
    assert "erpcore account books --anew" in words
    assert words.count("and is now") == 1, "it is not told again of each sync"
    lime_go[0].win_deal("850000")
    planned = cli("plan", "won", "850000")
    assert planned.code == 2
    assert "Helt Annan AB" in planned.err
    ran = cli("run")
    assert ran.code == 2, ran
    assert "Helt Annan AB" in ran.err
    assert ran.err.count("Helt Annan AB") == 1
    assert "Working on" not in ran.out
    assert not [
        entry for entry in real_company[0].journal.entries() if entry.method != "GET" and "oauth" not in entry.path
    ]


def test_a_sync_that_is_given_another_connection_is_refused_too(
    cli, settings_file: Path, fortnox, test_company, real_company, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cli("check").code == 0
    remembered(settings_file).close()
    monkeypatch.setenv("ERPCORE_CONNECTIONS__REAL__CLIENT_SECRET", "demo-secret")
    monkeypatch.setenv("ERPCORE_CONNECTIONS__REAL__TENANT_ID", "1234567")
    text = settings_file.read_text().replace('erp = "books"', 'erp = "real"')
    url = real_company[1]
    settings_file.write_text(
        f'{text}\n[connections.real]\nplugin = "fortnox"\nbase_url = "{url}"\nauth_url = "{url}/oauth-v1"\n'
        'client_id = "demo-client"\n'
    )
    checked = cli("check", "real")
    assert checked.code == 1
    assert "sync won (erp) was Demobolaget AB" in " ".join(checked.out.split())
    # Under a name of its own the sync begins with nothing, and nothing is in the way.
    settings_file.write_text(settings_file.read_text().replace("[syncs.won]", "[syncs.won_real]"))
    assert cli("check", "real").code == 0
    assert cli("plan", "won_real", "850000").code == 0


def test_beginning_anew_keeps_the_old_links_out_of_the_way(
    cli, settings_file: Path, fortnox, test_company, real_company
) -> None:
    assert cli("check", "books").code == 0
    remembered(settings_file).close()
    move(settings_file, fortnox, real_company)
    assert cli("check", "books").code == 1
    begun = cli("account", "books", "--anew", "--yes")
    assert begun.code == 0, begun.err
    assert "Put aside, under names that end in “until " in begun.out
    assert "books is Helt Annan AB" in begun.out
    store = open_store(store_url(load_settings(settings_file)))
    with store.read() as connection:
        assert links_from(connection, sync="won", source_kind="company", source_id="pase1") == []
        assert connection.exec_driver_sql("SELECT count(*) FROM erpcore_links").scalar() == 1
    store.close()
    assert cli("check", "books").code == 0
    assert cli("plan", "won", "850000").code == 0


def test_a_new_key_of_the_same_account_is_asked_about_once(
    cli, settings_file: Path, test_company, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cli("check", "lime").code == 0
    monkeypatch.setenv("ERPCORE_CONNECTIONS__LIME__API_KEY", f"go-api:{KEY}")
    assert cli("check", "lime").code == 0, "the same key, written in full"
    remembered(settings_file).close()
    settings_file.write_text(settings_file.read_text().replace('"lime_go"\n', '"lime_go"\norganisation = "Demo AB"\n'))
    assert cli("account", "lime").code == 1
    kept = cli("account", "lime", "--same")
    assert "Kept, as the same company." in kept.out
    assert "lime is Demo AB" not in kept.out, "the name is in the key already"
    assert cli("check", "lime").code == 0
    store = open_store(store_url(load_settings(settings_file)))
    with store.read() as connection:
        assert links_from(connection, sync="won", source_kind="company", source_id="pase1")
    store.close()
    assert cli("account", "lime", "--same", "--anew").code == 2


def test_webhooks_are_switched_on_remembered_and_checked(
    cli, settings_file: Path, lime_go, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = cli("webhooks", "subscribe", "lime", "--url", "https://erp.example.com")
    assert refused.code == 2
    assert "webhook_token" in refused.err
    monkeypatch.setenv("ERPCORE_CONNECTIONS__LIME__WEBHOOK_TOKEN", TOKEN)
    open_one = cli("webhooks", "subscribe", "lime", "--url", "http://erp.example.com")
    assert "is not encrypted" in open_one.err
    first = cli("webhooks", "subscribe", "lime", "--url", "https://erp.example.com/")
    assert first.code == 0, first.err
    assert "lime delivers to https://erp.example.com/webhooks/lime/… (subscription 1)" in first.out
    assert "set webhook_port under [worker]" in " ".join(first.out.split())
    assert TOKEN not in first.out + first.err
    assert "already (subscription 1)" in cli("webhooks", "subscribe", "lime", "--url", "https://erp.example.com").out
    simulator, _ = lime_go
    (held,) = simulator.journal.entries("POST", "/v1/event/subscription")
    assert f"https://erp.example.com/webhooks/lime/{TOKEN}" in str(held.as_json())
    assert "nothing takes them in" in cli("check", "lime").out
    settings_file.write_text(f"{settings_file.read_text()}\n[worker]\nwebhook_port = 8080\n")
    assert "Deliveries: to https://erp.example.com/webhooks/lime/…" in cli("check", "lime").out
    monkeypatch.setenv("ERPCORE_CONNECTIONS__LIME__WEBHOOK_TOKEN", TOKEN[::-1])
    assert "an earlier token" in cli("check", "lime").out
    again = cli("webhooks", "subscribe", "lime", "--url", "https://erp.example.com")
    assert "subscription 2" in again.out
    assert "The subscription before, 1" in again.out


def test_check_says_when_a_port_is_open_and_nobody_delivers(cli, settings_file: Path) -> None:
    settings_file.write_text(f"{settings_file.read_text()}\n[worker]\nwebhook_port = 8080\n")
    assert "erpcore webhooks subscribe lime --url" in cli("check", "lime").out


def secret_of(settings_file: Path) -> str | None:
    store = open_store(store_url(load_settings(settings_file)))
    try:
        vault = store.vault
        with store.read() as connection:
            return get_secret(connection, vault, "books", "client_secret")
    finally:
        store.close()


def put(settings_file: Path) -> Path:
    store = open_store(store_url(load_settings(settings_file)))
    vault = store.vault
    with store.begin() as connection:
        put_secret(connection, vault, "books", "client_secret", "demo-secret")
    store.close()
    return settings_file.parent / "erpcore.db.key"


def test_a_lost_key_has_a_way_on_and_the_advice_names_it(
    cli, settings_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ERPCORE_CONNECTIONS__BOOKS__CLIENT_SECRET")
    monkeypatch.setattr("sys.stdin", io.StringIO("demo-secret\n"))
    put(settings_file).unlink()
    stuck = cli("connect", "books", "--no-browser")
    assert stuck.code == 2
    assert "erpcore db forget-secrets" in stuck.err
    forgotten = cli("db", "forget-secrets", "--yes")
    assert forgotten.code == 0, forgotten.err
    assert "Deleted: 1 tokens and secrets" in forgotten.out
    assert "erpcore connect books" in forgotten.out
    assert secret_of(settings_file) is None
    put(settings_file)
    assert secret_of(settings_file) == "demo-secret"


def test_the_key_is_exchanged_by_a_command(cli, settings_file: Path) -> None:
    key = put(settings_file)
    before = key.read_text()
    rotated = cli("db", "rotate-key")
    assert "Encrypted anew: 1 tokens and secrets." in rotated.out
    assert key.read_text() != before
    assert secret_of(settings_file) == "demo-secret"


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_key_is_not_exchanged_while_a_worker_runs(
    cli, settings_file: Path, kind: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    if kind == "postgresql":
        monkeypatch.setenv("ERPCORE_STORE__URL", request.getfixturevalue("postgres_url"))
        monkeypatch.setenv("ERPCORE_KEY", f"{Fernet.generate_key().decode()},{Fernet.generate_key().decode()}")
        assert cli("db", "upgrade").code == 0
    store = open_store(store_url(load_settings(settings_file)))
    with store.begin() as connection:
        register_worker(connection, "vm", host="vm", pid=1)
    for command in (("rotate-key",), ("forget-secrets", "--yes"), ("copy", "--to", "sqlite:///other.db")):
        refused = cli("db", *command)
        assert refused.code == 2, command
        assert "a worker is running (vm on vm)" in refused.err
    with store.begin() as connection:
        stop_worker(connection, "vm")
    store.close()
    assert cli("db", "rotate-key").code == 0
