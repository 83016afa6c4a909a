"""A connection's secret that a wrapper logs and raises: in no log, store, CRM, mail, delivery, page, list or cassette.

With the redactor off the same test finds it in every one of them.
"""

from __future__ import annotations

import io
import json
import logging
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import httpx  # noqa: TID251  a browser
import pytest
from erpcore_fortnox.simulator import FortnoxSimulator

from erpcore import redaction
from erpcore.cli import main
from erpcore.engine.trial import plugin_of
from erpcore.errors import RejectedError
from erpcore.host import SYSTEM_CLOCK, Clock, Token
from erpcore.logs import FORMAT, JsonLines
from erpcore.notify import Notices
from erpcore.redaction import SecretFormatter
from erpcore.settings import store_url
from erpcore.store import StoreTokenStore, make_consent_link, open_store
from erpcore.testing.cassettes import Scrubber
from tests.e2e.planting import Planting
from tests.e2e.test_e2e_secrets import everything_stored
from tests.e2e.world import World, working, world_in
from tests.notify.conftest import Ear, ear

__all__ = ["ear"]

SECRET = "PLANTED+Client/Secret=4711"
LISTENER = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
TOLD = f"cannot reach https://x/?q={SECRET} as it is"


@contextmanager
def logged() -> Iterator[dict[str, io.StringIO]]:
    """Everything of every level, as the two kinds of log write it."""
    root, before = logging.getLogger(), logging.getLogger().level
    streams: dict[str, io.StringIO] = {}
    handlers = []
    for name, inner in (("log in words", logging.Formatter(FORMAT)), ("log in JSON", JsonLines())):
        streams[name] = io.StringIO()
        handler = logging.StreamHandler(streams[name])
        handler.setFormatter(SecretFormatter(inner))
        handlers.append(handler)
        root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield streams
    finally:
        root.setLevel(before)
        for handler in handlers:
            root.removeHandler(handler)


def page_of_a_failed_consent(world: World, port: int) -> str:
    """Give a consent by link that comes to nothing, and give the page that says so."""
    address = f"http://127.0.0.1:{port}/consent"
    with world.store.begin() as connection:
        secret = make_consent_link(connection, "fortnox", person="Anna", redirect_uri=f"{address}/callback")
    Planting.raises = {"identify_account": RejectedError(TOLD)}
    with httpx.Client(follow_redirects=True) as browser:
        begun = browser.post(f"{address}/{secret}")
        (way_on,) = re.findall(r'<a href="([^"]+)"', begun.text)
        return browser.get(way_on.replace("&amp;", "&")).text


def mails_in(folder: Path) -> str:
    mails = [message_from_bytes(file.read_bytes(), policy=default) for file in folder.glob("*.eml")]
    assert mails
    return "\n".join(str(part.get_content()) for mail in mails for part in mail.walk() if not part.is_multipart())


def recorded(*, scrubbed: bool) -> str:
    """Record an exchange as a cassette does, whose request and answer have the secret."""
    scrub = Scrubber({}, [SECRET] if scrubbed else [])
    request = scrub.request(SimpleNamespace(uri="https://x.invalid/a", headers={}, body=f'{{"Note": "{SECRET}"}}'))
    answer = scrub.response(
        {"status": {"code": 400}, "headers": {}, "body": {"string": f'{{"Message": "{SECRET}"}}'.encode()}}
    )
    return f"{request.body!r} {answer!r}"


def sinks(
    folder: Path, ear: Ear, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *, hiding: bool
) -> dict[str, str]:
    """Let a worker meet what tells the secret; give everything that is written anywhere, by where."""
    fortnox = FortnoxSimulator(rate_limit=None, client_secret=SECRET)
    monkeypatch.setattr(Planting, "says", TOLD)
    monkeypatch.setattr(Planting, "raises", {})
    with (
        logged() as logs,
        world_in(
            folder,
            fortnox_simulator=fortnox,
            lime={"message_field": "ERP message"},
            fortnox={
                "client_secret": SECRET,
                "grant": "authorization_code",
                "tenant_id": None,
                "wrappers": ["tests.e2e.planting:Planting"],
            },
            rules={"mail_to": ["sales@nordverk.example"]},
            worker={"webhook_port": 0},
            more={
                "mail": {"folder": "mails", "sender": "erpcore@nordverk.example"},
                "listeners.board": {"url": ear.url, "secret": LISTENER},
            },
        ) as world,
    ):
        issued = fortnox.tokens()
        first = Token(issued.access_token, issued.refresh_token, datetime.now(UTC) + timedelta(hours=1))
        StoreTokenStore(world.store).save("fortnox", first)
        deals = [world.deal(world.company()) for _ in range(2)]
        with working(world) as port:
            Planting.raises = {"create_order": RejectedError(TOLD, vendor_text=TOLD)}
            world.win(deals[0])
            assert world.ended(deals[0]).state == "failed"
            Planting.raises = {"find_customers": RuntimeError(TOLD)}
            world.win(deals[1])
            assert world.ended(deals[1]).state == "failed"
            assert port is not None
            page = page_of_a_failed_consent(world, port)
        later = Clock(SYSTEM_CLOCK.monotonic, lambda: datetime.now(UTC) + timedelta(hours=2), SYSTEM_CLOCK.sleep)
        store = open_store(store_url(world.settings), clock=later)
        notices = Notices(world.settings, store, partial(plugin_of, world.settings))
        notices.round()
        notices.close()
        store.close()
        capsys.readouterr()
        shown = []
        for command in (["status"], ["status", "1"], ["status", "2"], ["status", "--json"], ["status", "1", "--json"]):
            monkeypatch.setattr(sys, "argv", ["erpcore", *command, "--settings", str(folder / "erpcore.toml")])
            with suppress(SystemExit):
                main()
            shown.append(capsys.readouterr().out)
        database = b"".join(file.read_bytes() for file in sorted(folder.glob("erpcore.db*")) if file.suffix != ".key")
        return {
            **{name: stream.getvalue() for name, stream in logs.items()},
            "store": everything_stored(world),
            "file of the store": database.decode("latin-1"),
            "CRM": json.dumps(world.lime.state(), default=str),
            "mail": mails_in(folder / "mails"),
            "listener": "\n".join(body.decode() for _, body in ear.taken),
            "status": "\n".join(shown),
            "web page": page,
            "cassette": recorded(scrubbed=hiding),
        }


def test_the_planted_secret_is_found_nowhere(
    tmp_path: Path, ear: Ear, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    written = sinks(tmp_path, ear, capsys, monkeypatch, hiding=True)
    assert [name for name, text in written.items() if "PLANTED" in text] == []
    for name in ("store", "CRM", "mail", "listener", "status", "web page"):
        assert "cannot reach" in written[name], f"{name}: what was wrong is told all the same"
    assert "see the log" in written["CRM"] or "RuntimeError" in written["CRM"]


def test_with_the_redactor_off_it_is_found_everywhere(
    tmp_path: Path, ear: Ear, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redaction.Redactor, "known", lambda self, text: text)
    monkeypatch.setattr(redaction.Redactor, "text", lambda self, text: text)
    written = sinks(tmp_path, ear, capsys, monkeypatch, hiding=False)
    assert [name for name, text in written.items() if "PLANTED" not in text] == []
