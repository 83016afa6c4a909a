"""Secrets stay out of logs, stories, runs, errors and the database, whatever goes wrong and however much is logged."""

from __future__ import annotations

import base64
import http.client
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import sqlalchemy as sa
from erpcore_fortnox.simulator import FortnoxSimulator
from erpcore_lime_go.simulator import LimeGoSimulator

from erpcore.demo.lime_go_fortnox import FORTNOX, LIME_GO
from erpcore.host import Token
from erpcore.simulator import Fault
from erpcore.store import StoreTokenStore, put_secret
from tests.e2e.world import World, working, world_in

API_KEY = "5ec7e7a0-aaaa-4bbb-8ccc-0123456789ab"
CLIENT_SECRET = "Fx+Client/Secret=4711"
WEBHOOK_TOKEN = "webhook-token-4711-4711"


@contextmanager
def logged_to(file: Path) -> Iterator[None]:
    """Log everything of every library to a file, with no filter of erpcore's on the way."""
    handler = logging.FileHandler(file, encoding="utf-8")
    loggers = [logging.getLogger(name) for name in (None, "sqlalchemy.engine", "dbos", "alembic", "httpx", "httpcore")]
    levels = [logger.level for logger in loggers]
    loggers[0].addHandler(handler)
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
        loggers[0].removeHandler(handler)
        handler.close()


def deliver(port: int, token: str) -> int:
    """Deliver an event of no deal to the worker, and give the status of the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=40)
    try:
        body = json.dumps({"eventType": "CallPositive", "position": 1})
        connection.request("POST", f"/webhooks/lime_go/{token}", body, {"Content-Type": "application/json"})
        return connection.getresponse().status
    finally:
        connection.close()


def spellings(secret: str) -> set[str]:
    pair = base64.b64encode(f"demo-client:{secret}".encode()).decode()
    return {secret, quote(secret, safe=""), base64.b64encode(secret.encode()).decode(), pair}


def everything_stored(world: World) -> str:
    """Give every value of every table of the store that is no ciphertext, as text."""
    found: list[str] = []
    tables = sa.MetaData()
    tables.reflect(world.store.engine)
    with world.store.read() as connection:
        for table in tables.sorted_tables:
            found += [f"{table.name}: {tuple(row)}" for row in connection.execute(sa.select(table))]
    return "\n".join(found)


def test_no_secret_is_written_anywhere_in_plain_text(tmp_path: Path) -> None:
    lime = LimeGoSimulator(api_keys={API_KEY: "full_access"}, with_demo=False)
    fortnox = FortnoxSimulator(rate_limit=None, client_secret=CLIENT_SECRET)
    lime.seed(dict(LIME_GO))
    fortnox.seed(FORTNOX)
    log = tmp_path / "everything.log"
    with (
        logged_to(log),
        world_in(
            tmp_path,
            lime_simulator=lime,
            fortnox_simulator=fortnox,
            lime={"api_key": None, "webhook_token": None},
            fortnox={"client_secret": None, "grant": "authorization_code"},
            rules={"convert_field": "Fakturera direkt"},
            worker={"retry_seconds": [0.2], "webhook_port": 0},
        ) as world,
    ):
        vault = world.store.vault
        with world.store.begin() as connection:
            for name, secret, value in (
                ("lime_go", "api_key", API_KEY),
                ("lime_go", "webhook_token", WEBHOOK_TOKEN),
                ("fortnox", "client_secret", CLIENT_SECRET),
            ):
                put_secret(connection, vault, name, secret, value)
        issued = fortnox.tokens()
        first = Token(issued.access_token, issued.refresh_token, datetime(2026, 1, 1, tzinfo=UTC))
        StoreTokenStore(world.store).save("fortnox", first)
        tokens = {issued.access_token, str(issued.refresh_token)}
        deals = [str(deal["number"]) for deal in lime.state()["records"]["deals"]]
        with working(world) as port:
            assert deliver(int(port or 0), WEBHOOK_TOKEN) == 202
            assert deliver(int(port or 0), f"{WEBHOOK_TOKEN}-guessed") == 404
            # What goes wrong is what tempts a program to write down what it sent.
            for fault in (
                Fault("expired_token", path="/3/customers"),
                Fault("error_before", path="/3/customers", status=503, form="html"),
                Fault("too_many_requests", path="/3/articles/.*"),
                Fault("lose_answer", path="/3/orders"),
                Fault("garbage", method="GET", path="/3/articles/.*"),
            ):
                fortnox.faults.add(fault)
            lime.faults.add(Fault("error_before", path="/v1/graphql", status=500))
            world.win(*deals)
            for deal in deals:
                world.wait(lambda d=deal: world.runs(d))
                run = world.ended(deal)
                if run.state != "done":
                    world.send(run)
                    world.done(deal)
            kept = StoreTokenStore(world.store).load("fortnox")
            assert kept is not None
            tokens |= {kept.access_token, str(kept.refresh_token)}
        stored = everything_stored(world)
        database = b"".join(file.read_bytes() for file in sorted(tmp_path.glob("erpcore.db*")) if file.suffix != ".key")
        keys = (tmp_path / "erpcore.db.key").read_text().split()
    text = log.read_text(encoding="utf-8")
    assert len(fortnox.state()["orders"]) == 3
    assert fortnox.journal.count("POST", "/oauth-v1/token") >= 2, "tokens were renewed"
    for sign in ("send_request_headers", "INSERT INTO erpcore_tokens", "fortnox: POST /3/orders", "/oauth-v1/token"):
        assert sign in text, "everything was logged"
    found = [
        (name, secret[:6])
        for secret in {API_KEY, CLIENT_SECRET, WEBHOOK_TOKEN, *keys, *tokens}
        for spelling in spellings(secret)
        for name, place in (("log", text), ("tables", stored), ("file", database.decode("latin-1")))
        if spelling in place
    ]
    assert found == []
