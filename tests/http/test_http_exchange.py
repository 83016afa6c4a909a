"""What is told and logged about each request."""

from __future__ import annotations

import json
import logging

import pytest

from erpcore.errors import NotFoundError
from erpcore.host import Exchange
from erpcore.http import ApiClient


def test_each_attempt_is_told_once(server, movable, answer) -> None:
    told: list[Exchange] = []
    server.answers(answer(503, "down"), answer(200, '{"ok": true}', x_request_id="r-9"))
    with ApiClient(server.url, movable.host(observer=told.append)) as client:
        client.read("/orders", params={"page": 1})
    assert [(each.connection, each.method, each.path, each.status) for each in told] == [
        ("acme", "GET", "/orders?page=1", 503),
        ("acme", "GET", "/orders?page=1", 200),
    ]
    assert json.loads(told[1].response_body) == {"ok": True}
    assert told[1].request_id == "r-9"
    assert told[1].at.tzinfo is not None


def test_bodies_that_nobody_can_read_or_that_are_long_are_cut(server, movable, answer) -> None:
    told: list[Exchange] = []
    with ApiClient(server.url, movable.host(observer=told.append)) as client:
        server.answers(answer(200, b"%PDF-1.4", content_type="application/pdf"))
        client.read("/pdf")
        server.answers(answer(200, b'"' + b"x" * 50_000 + b'"'))
        client.read("/long")
    assert told[0].response_body == "[application/pdf, 8 bytes]"
    assert told[1].response_body.endswith(" [cut off]")
    assert len(told[1].response_body) < 21_000


def test_a_watcher_that_fails_does_not_lose_the_answer(server, movable, answer, caplog) -> None:
    def watcher(_exchange: Exchange) -> None:
        raise OSError("disk full")

    server.answers(answer(201, '{"Number": 5}'))
    with ApiClient(server.url, movable.host(observer=watcher)) as client:
        assert client.write("POST", "/orders", json={}).json() == {"Number": 5}
    assert "could not be recorded: disk full" in caplog.text


def test_writes_and_trouble_are_logged_at_info_and_reads_at_debug(server, client, answer, caplog) -> None:
    caplog.set_level(logging.DEBUG, "erpcore.exchange")
    server.answers(answer(200, "[]"), answer(201, "{}", x_request_id="r-5"), answer(404, "{}"))
    client.read("/a")
    client.write("POST", "/b", json={})
    with pytest.raises(NotFoundError):
        client.read("/c")
    lines = [(record.levelname, record.getMessage()) for record in caplog.records if record.name == "erpcore.exchange"]
    assert [level for level, _ in lines] == ["DEBUG", "INFO", "INFO"]
    assert lines[1][1].startswith("acme: POST /3/b -> 201 in ")
    assert lines[1][1].endswith("(request r-5)")
