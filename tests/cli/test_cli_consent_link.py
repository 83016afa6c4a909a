"""A consent by a link: given by somebody elsewhere, in a browser of their own, once."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx  # noqa: TID251  a browser
import pytest
import sqlalchemy as sa
from erpcore_fortnox.simulator import FortnoxSimulator

from erpcore.engine.worker import Worker
from erpcore.settings import load_settings, store_url
from erpcore.store import Store, open_run, open_store
from erpcore.store.schema import consents
from erpcore.worker import serving_webhooks

pytestmark = pytest.mark.usefixtures("secrets")


@pytest.fixture
def face(settings_file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, Store]]:
    """The worker's face on the internet, and its store; nobody has consented yet."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    monkeypatch.delenv("ERPCORE_CONNECTIONS__BOOKS__TENANT_ID")
    settings_file.write_text(
        f'{settings_file.read_text()}\n[worker]\nwebhook_port = {port}\npublic_url = "http://127.0.0.1:{port}"\n'
    )
    settings = load_settings(settings_file)
    store = open_store(store_url(settings))
    worker = Worker(settings, store)
    with serving_webhooks(settings, worker):
        yield f"http://127.0.0.1:{port}", store
    worker.assembly.close()
    worker.queue.close()
    store.close()


def made(cli) -> str:
    told = cli("connect", "books", "--link")
    assert told.code == 0, told.err
    assert "No worker is running" in told.out
    return next(line for line in told.out.splitlines() if "/consent/" in line and "callback" not in line)


def begun(browser: httpx.Client, link: str) -> str:
    """Press the page's button and give the address of the sign-in."""
    page = browser.post(link)
    assert page.status_code == 200, page.text
    return re.findall(r'<a href="([^"]+)"', page.text)[0].replace("&amp;", "&")


def test_somebody_elsewhere_gives_the_consent(cli, face, fortnox) -> None:
    link = made(cli)
    with httpx.Client(follow_redirects=True) as browser:
        shown = browser.get(link)
        assert "Consent for Fortnox" in shown.text
        assert "asks you to let erpcore work with the company that you sign in with" in shown.text
        assert "frame-ancestors 'none'" in shown.headers["content-security-policy"]
        assert shown.headers["cache-control"] == "no-store"
        done = browser.get(begun(browser, link))
        assert "erpcore works with Demobolaget AB (tenant id 1234567" in done.text
        assert browser.get(link).status_code == 404, "a link is used once"
        assert browser.get(str(done.url)).status_code == 404
    assert "Demobolaget AB" in cli("check", "books").out


def test_a_scanner_that_opens_the_link_changes_nothing(cli, face) -> None:
    link = made(cli)
    for _ in range(3):
        assert httpx.get(link).status_code == 200
    with face[1].read() as reading:
        assert reading.execute(sa.select(consents.c.state)).scalars().all() == [None]


def test_what_is_not_valid_is_told_and_changes_nothing(cli, face) -> None:
    url, store = face
    assert "This link is not valid" in httpx.get(f"{url}/consent/guessed").text
    assert httpx.post(f"{url}/consent/guessed").status_code == 404
    first = made(cli)
    second = made(cli)
    assert httpx.get(first).status_code == 404, "another one was made since"
    with store.begin() as writing:
        writing.execute(sa.update(consents).values(expires_at=sa.text("'2020-01-01 00:00:00'")))
    assert httpx.get(second).status_code == 404, "its day is over"


def test_an_answer_in_another_browser_is_nobody_s(cli, face) -> None:
    link = made(cli)
    with httpx.Client() as browser:
        address = begun(browser, link)
        with httpx.Client(follow_redirects=True) as other:
            foreign = other.get(address)
        assert foreign.status_code == 400
        assert "does not belong to a question that was asked from this browser" in foreign.text
        state = parse_qs(urlsplit(address).query)["state"][0]
        denied = browser.get(f"{face[0]}/consent/callback", params={"state": state, "error_description": "<b>Nej</b>"})
        assert "The consent was not given: &lt;b&gt;Nej&lt;/b&gt;. The link can be used again." in denied.text
        assert browser.get(link).status_code == 200


def test_another_company_is_refused_with_both_names(cli, face, fortnox, settings_file: Path) -> None:
    _, store = face
    with httpx.Client(follow_redirects=True) as browser:
        link = made(cli)
        browser.get(begun(browser, link))
        with store.begin() as writing:
            open_run(writing, sync="won", source="lime", target="books", record_kind="deal", record_id="1")
        simulator: FortnoxSimulator = fortnox[0]
        simulator.seed({"company": {"Name": "Helt Annan AB", "OrganizationNumber": "559999-0005"}})
        again = made(cli)
        assert "work with Demobolaget AB" in browser.get(again).text
        refused = browser.get(begun(browser, again))
        assert refused.status_code == 400
        assert "was Demobolaget AB" in refused.text
        assert "is now Helt Annan AB" in refused.text
        assert browser.get(again).status_code == 200, "it was not used up"


def test_a_link_that_nobody_could_reach_is_not_made(cli, settings_file: Path) -> None:
    told = cli("connect", "books", "--link")
    assert told.code == 2
    assert "worker.webhook_port: nobody elsewhere could reach the link." in told.err
    settings_file.write_text(f'{settings_file.read_text()}\n[worker]\nwebhook_port = 1\npublic_url = "http://erp.se"\n')
    assert "this address is not encrypted" in cli("connect", "books", "--link").err
    settings_file.write_text(settings_file.read_text().replace("http://erp.se", "https://erp.se"))
    assert "wants no consent in a browser" in cli("connect", "lime", "--link").err
