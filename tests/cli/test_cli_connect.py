"""Connecting: credentials are tried before anything is kept, and a consent is taken from wherever it comes."""

from __future__ import annotations

import io
import os
import socket
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from erpcore_fortnox.simulator import FortnoxSimulator

from erpcore.settings import load_settings, store_url
from erpcore.simulator import running
from erpcore.store import Store, noted_accounts, open_run, open_store, secret_names

KEY = "11111111-1111-4111-8111-111111111111"
PORT = 8799


def typed(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))


def opened(settings_file: Path) -> Store:
    return open_store(store_url(load_settings(settings_file)))


def kept(settings_file: Path, name: str) -> tuple[list[str], list[str]]:
    """Give the secrets and the accounts that are kept of a connection."""
    store = opened(settings_file)
    try:
        with store.read() as reading:
            return secret_names(reading, name), [each.key for each in noted_accounts(reading, [f"connections.{name}"])]
    finally:
        store.close()


def test_a_mistyped_key_leaves_nothing_behind_and_the_right_one_is_no_stranger(
    cli, settings_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(monkeypatch, "wrongkey")
    refused = cli("connect", "lime")
    assert refused.code == 1
    assert "Lime Go does not accept the API key" in refused.err
    assert "Nothing was kept." in refused.err
    assert kept(settings_file, "lime") == ([], [])
    typed(monkeypatch, KEY)
    connected = cli("connect", "lime")
    assert connected.code == 0, connected.err
    assert "api_key: stored, encrypted." in connected.out
    assert "Another company" not in connected.out
    assert kept(settings_file, "lime")[0] == ["api_key"]
    assert cli("check", "lime").code == 0


def test_a_wrong_key_in_the_environment_is_noted_by_no_command(
    cli, settings_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ERPCORE_CONNECTIONS__LIME__API_KEY", "wrongkey")
    assert cli("check", "lime").code == 1
    assert kept(settings_file, "lime") == ([], [])


def test_an_account_of_which_nothing_is_remembered_gives_way_with_a_sentence(
    cli, settings_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ERPCORE_CONNECTIONS__LIME__API_KEY", KEY)
    assert cli("check", "lime").code == 0
    settings_file.write_text(settings_file.read_text().replace('"lime_go"\n', '"lime_go"\norganisation = "Demo AB"\n'))
    other = cli("check", "lime")
    assert other.code == 0, other.out
    assert "before, of which nothing was remembered." in other.out
    store = opened(settings_file)
    with store.begin() as writing:
        open_run(writing, sync="won", source="lime", target="books", record_kind="deal", record_id="1")
    store.close()
    settings_file.write_text(settings_file.read_text().replace("Demo AB", "Real AB"))
    assert "Another company: " in cli("check", "lime").out


@pytest.mark.parametrize("entered", ["short", ""])
def test_a_secret_is_judged_before_it_is_stored_and_can_be_taken_back(
    cli, settings_file: Path, monkeypatch: pytest.MonkeyPatch, entered: str
) -> None:
    typed(monkeypatch, KEY, "0123456789abcdef0123456789abcdef")
    assert cli("connect", "lime").code == 0
    assert kept(settings_file, "lime")[0] == ["api_key", "webhook_token"]
    if entered:
        typed(monkeypatch, "", entered)
        judged = cli("connect", "lime")
        assert judged.code == 2
        assert "as entered: connections.lime.webhook_token: " in judged.err
        assert "must have at least 16 characters" in judged.err
        assert "erpcore.toml" not in judged.err
    taken = cli("connect", "lime", "--forget", "webhook_token")
    assert taken.code == 0, taken.err
    assert "webhook_token: forgotten." in taken.out
    assert kept(settings_file, "lime")[0] == ["api_key"]
    assert "lime has no secret “password”. It has: api_key, client_secret, webhook_token." in (
        cli("connect", "lime", "--forget", "password").err
    )


def test_nobody_is_asked_for_secrets_of_the_api_that_was_not_chosen(
    cli, settings_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("typer.prompt", lambda text, **_: asked.append(text.split()[0]) or "")
    cli("connect", "lime")
    assert asked == ["api_key", "webhook_token"]


def test_what_is_piped_in_is_not_warned_of(cli, settings_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    typed(monkeypatch, KEY)
    connected = cli("connect", "lime")
    assert connected.code == 0, connected.err
    assert "echoed" not in connected.out + connected.err


def test_a_system_out_of_reach_keeps_nothing_either(
    cli, settings_file: Path, lime_go, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings_file.write_text(settings_file.read_text().replace(lime_go[1], "http://127.0.0.1:9"))
    typed(monkeypatch, KEY)
    tried = cli("connect", "lime")
    assert tried.code == 1
    assert "Nothing was kept." in tried.err
    assert kept(settings_file, "lime") == ([], [])


# Consent: the person whose browser it is visits the pages in a thread.


def browser(monkeypatch: pytest.MonkeyPatch, visit: Callable[[str], None]) -> list[threading.Thread]:
    threads: list[threading.Thread] = []

    def opened_page(url: str) -> bool:
        threads.append(threading.Thread(target=visit, args=(url,)))
        threads[-1].start()
        return True

    monkeypatch.setattr("webbrowser.open", opened_page)
    return threads


def get(url: str) -> str:
    try:
        with urllib.request.urlopen(url) as answer:  # noqa: S310 addresses of this machine
            return str(answer.read().decode())
    except HTTPError as error:
        return error.read().decode()


def returning(page: str, **changes: str) -> str:
    """Give the address that the system would send the person back to, with other parameters."""
    query = {name: values[0] for name, values in parse_qs(urlsplit(page).query).items()}
    return f"{query['redirect_uri']}?{urlencode({'state': query['state'], **changes})}"


@pytest.fixture
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ERPCORE_CONNECTIONS__BOOKS__CLIENT_SECRET", "demo-secret")


def connect(cli):
    return cli("connect", "books", "--port", str(PORT))


def test_connect_keeps_secrets_encrypted_and_asks_for_consent(
    cli, settings_file: Path, fortnox, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    threads = browser(monkeypatch, lambda url: seen.append(get(url)))
    typed(monkeypatch, "demo-secret")
    connected = connect(cli)
    assert connected.code == 0, connected.err
    assert "Consent kept" in connected.out
    assert "Demobolaget AB" in connected.out
    assert b"demo-secret" not in (settings_file.parent / "erpcore.db").read_bytes()
    assert "demo-secret" not in connected.out + connected.err
    threads[0].join()
    assert "Done: books is connected to Demobolaget AB (tenant id 1234567" in seen[0]
    # A later process has all it needs.
    assert "Demobolaget AB" in cli("check", "books").out


@pytest.mark.usefixtures("secret")
def test_stray_requests_and_idle_connections_do_not_end_the_waiting(
    cli, settings_file: Path, fortnox, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages: list[str] = []

    def visit(url: str) -> None:
        idle = socket.create_connection(("127.0.0.1", PORT))  # as browsers keep one to spare
        pages.append(get(f"http://127.0.0.1:{PORT}/favicon.ico"))
        pages.append(get(returning(url, state="of somebody else", code="abc")))
        pages.append(get(url))
        idle.close()

    threads = browser(monkeypatch, visit)
    connected = connect(cli)
    assert connected.code == 0, connected.err
    threads[0].join()
    assert "There is no such page." in pages[0]
    assert "does not belong to the question" in pages[1]
    assert "Done: books is connected" in pages[2]


@pytest.mark.usefixtures("secret")
def test_the_page_says_that_a_consent_was_denied_and_so_does_the_command(
    cli, settings_file: Path, fortnox, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages: list[str] = []
    denied = {"error": "access_denied", "error_description": "Nej <tack>"}
    threads = browser(monkeypatch, lambda url: pages.append(get(returning(url, **denied))))
    refused = connect(cli)
    threads[0].join()
    assert refused.code == 1
    assert "The consent was not given." in refused.err
    assert "The connection was not made." in pages[0]
    assert "Nej &lt;tack&gt;" in pages[0]
    assert kept(settings_file, "books") == ([], [])


def test_the_page_says_that_the_secret_was_wrong(
    cli, settings_file: Path, fortnox, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages: list[str] = []
    threads = browser(monkeypatch, lambda url: pages.append(get(url)))
    typed(monkeypatch, "a-wrong-secret")
    refused = connect(cli)
    threads[0].join()
    assert refused.code == 1
    assert "The sign-in refused this integration." in pages[0]
    assert "a-wrong-secret" not in pages[0] + refused.err + refused.out
    assert kept(settings_file, "books") == ([], [])


@pytest.mark.usefixtures("secret")
def test_nobody_answers_until_the_deadline(cli, settings_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("erpcore.cli.consent.WAIT_SECONDS", 0.3)
    begun = time.monotonic()
    waited = cli("connect", "books", "--port", str(PORT), "--no-browser")
    assert waited.code == 1
    assert "Nobody consented" in waited.err
    assert time.monotonic() - begun > 0.3


@pytest.mark.usefixtures("secret")
def test_a_port_that_is_taken_is_told(cli, settings_file: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        taken = cli("connect", "books", "--port", str(port))
    assert taken.code == 2
    assert f"port {port} of this machine" in taken.err
    assert "--port" in taken.err


@pytest.mark.usefixtures("secret")
def test_ctrl_c_says_that_nothing_was_kept(cli, settings_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("erpcore.cli.consent._take_answer", interrupted)
    stopped = cli("connect", "books", "--port", str(PORT), "--no-browser")
    assert stopped.code == 1
    assert "Waiting was stopped; nothing was kept." in stopped.err


@pytest.mark.usefixtures("secret")
def test_the_address_that_the_browser_ended_at_is_pasted(
    cli, settings_file: Path, fortnox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The administrator's browser is on another machine, where nothing listens at localhost."""
    reading, writing = os.pipe()

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

        def fileno(self) -> int:
            return reading

    monkeypatch.setattr(sys, "stdin", Terminal())
    page = threading.Event()
    found: list[str] = []

    from erpcore_fortnox.plugin import FortnoxPlugin

    asked = FortnoxPlugin.authorization_url

    def authorization_url(self, redirect_uri: str, state: str) -> str:
        found.append(asked(self, redirect_uri, state))
        page.set()
        return found[0]

    monkeypatch.setattr(FortnoxPlugin, "authorization_url", authorization_url)

    def administrator() -> None:
        page.wait()
        opener = urllib.request.build_opener(Elsewhere())
        try:
            opener.open(found[0])  # the simulator sends the browser on; the page there cannot be opened
        except HTTPError as ended:
            os.write(writing, f"{ended.headers['location']}\n".encode())
            ended.close()

    thread = threading.Thread(target=administrator)
    thread.start()
    connected = cli("connect", "books", "--port", str(PORT), "--no-browser")
    thread.join()
    os.close(writing)
    os.close(reading)
    assert connected.code == 0, connected.err
    assert "paste the address that the browser ended at" in connected.out
    assert "Done: books is connected to Demobolaget AB" in " ".join(connected.out.split())


class Elsewhere(urllib.request.HTTPRedirectHandler):
    """A browser on a machine where nothing listens at the address that it is sent to."""

    def redirect_request(self, *_: object) -> None:
        return None


@pytest.mark.usefixtures("secret")
def test_another_company_s_consent_is_refused_before_anything_is_kept(
    cli, settings_file: Path, fortnox, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser(monkeypatch, get)
    assert connect(cli).code == 0
    store = opened(settings_file)
    with store.begin() as writing:
        open_run(writing, sync="won", source="lime", target="books", record_kind="deal", record_id="1")
    store.close()
    real = FortnoxSimulator(consented=False)
    real.seed({"company": {"Name": "Helt Annan AB", "OrganizationNumber": "559999-0005"}})
    with running(real) as url:
        settings_file.write_text(settings_file.read_text().replace(fortnox[1], url))
        pages: list[str] = []
        threads = browser(monkeypatch, lambda page: pages.append(get(page)))
        refused = connect(cli)
        threads[0].join()
        assert refused.code == 2
        assert "Nothing was kept." in refused.err
        for told in (refused.err, pages[0]):
            assert "was Demobolaget AB" in told
            assert "is now Helt Annan AB" in told
        anew = cli("connect", "books", "--port", str(PORT), "--anew")
        assert anew.code == 0, anew.err
        assert "Helt Annan AB" in cli("check", "books").out


@pytest.mark.usefixtures("secret")
def test_a_token_of_another_tenant_serves_no_changed_setting(
    cli, settings_file: Path, fortnox, lime_go, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ERPCORE_CONNECTIONS__LIME__API_KEY", KEY)
    browser(monkeypatch, get)
    assert connect(cli).code == 0
    settings_file.write_text(
        settings_file.read_text()
        .replace("[syncs.won]", "[syncs.won]")
        .replace('client_id = "demo-client"', 'client_id = "demo-client"\ntenant_id = "9999999"')
    )
    lime_go[0].win_deal("850000")
    assert cli("check", "books").code == 1
    ran = cli("run")
    assert ran.code != 0
    assert "Working on" not in ran.out
    assert not fortnox[0].state()["orders"]
