"""How deliveries come in: judged, kept, answered, and taken in."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable
from typing import Any

import httpx  # noqa: TID251  a stranger's client
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings, strategies as st

from erpcore.engine.pages import TakenIn
from erpcore.engine.worker import Worker
from erpcore.store.schema import runs
from erpcore.web import webhooks
from erpcore.web.webhooks import LARGEST_BODY, webhook_app
from tests.engine.place import kept_events


class Sender:
    """A CRM that delivers."""

    def __init__(self, worker: Worker) -> None:
        self._app = webhook_app({"crm"}, worker.assembly.crm, worker.intake)

    def post(self, path: str, content: str | bytes = b"", *, method: str = "POST") -> httpx.Response:
        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(self._app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://erpcore") as client:
                return await client.request(method, path, content=content)

        return asyncio.run(send())


@pytest.fixture
def client(worker: Worker) -> Sender:
    return Sender(worker)


def delivery(*keys: str) -> str:
    return json.dumps([{"key": key, "kind": "deal_won", "record_id": f"deal-{key}"} for key in keys])


def test_a_delivery_is_answered_after_it_is_kept(client: Sender, worker: Worker, place: Any) -> None:
    answer = client.post("/webhooks/crm/sesame", content=delivery("a", "b"))
    assert (answer.status_code, answer.json()) == (202, {"new": 2, "known": 0})
    assert len(place.runs()) == 2
    again = client.post("/webhooks/crm/sesame", content=delivery("b", "c"))
    assert (again.status_code, again.json()) == (202, {"new": 1, "known": 1})


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/webhooks/crm/wrong", delivery("a"), 404),
        ("/webhooks/erp/sesame", delivery("a"), 404),
        ("/webhooks/nobody/sesame", delivery("a"), 404),
        ("/webhooks/crm/sesame", "no json", 400),
        ("/webhooks/crm/sesame", delivery("a\x00"), 400),
        ("/webhooks/crm/sesame", delivery("a\ud800"), 400),
        ("/webhooks/crm/sesame", "x" * (LARGEST_BODY + 1), 413),
        ("/elsewhere", "", 404),
    ],
)
def test_a_delivery_that_is_not_believed_starts_nothing(
    client: Sender, worker: Worker, path: str, body: str, status: int
) -> None:
    assert client.post(path, content=body).status_code == status
    assert kept_events(worker._store) == []


def test_only_post_is_taken(client: Sender) -> None:
    assert client.post("/webhooks/crm/sesame", method="GET").status_code == 405


def test_a_store_that_is_away_asks_the_sender_to_send_again(
    client: Sender, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> TakenIn:
        raise sa.exc.OperationalError("insert", None, Exception("locked"))

    monkeypatch.setattr(worker.intake, "take_in", away)
    answer = client.post("/webhooks/crm/sesame", content=delivery("a"))
    assert answer.status_code == 503
    assert "locked" not in answer.text


def test_neither_token_nor_body_is_logged(client: Sender, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", logger="erpcore")
    client.post("/webhooks/crm/wr0ng-t0ken", content='[{"key": "s3cret-body"}]')
    client.post("/webhooks/crm/sesame", content='[{"key": "s3cret-body", "kind": 1}]')
    client.post("/webhooks/crm/sesame", content=delivery("s3cret-body"))
    ours = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("erpcore"))
    assert "refused" in ours
    assert "1 new events" in ours
    for secret in ("wr0ng-t0ken", "s3cret-body", "sesame"):
        assert secret not in ours


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(body=st.binary(max_size=200), token=st.sampled_from(["sesame", "x", "%00", "ü"]))
def test_no_delivery_breaks_it(client: Sender, body: bytes, token: str) -> None:
    assert client.post(f"/webhooks/crm/{token}", content=body).status_code in (202, 400, 404)


def test_many_deliveries_at_once_are_all_kept(worker: Worker, place: Any, client: Sender) -> None:
    statuses: list[int] = []

    def deliver(number: int) -> None:
        for turn in range(5):
            answer = client.post("/webhooks/crm/sesame", content=delivery(f"{number}-{turn}", f"all-{turn}"))
            statuses.append(answer.status_code)

    threads = [threading.Thread(target=deliver, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [202] * 20
    assert len(kept_events(worker._store)) == 25


def counted(worker: Worker) -> int:
    with worker._store.read() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(runs)).scalar_one())


LARGE = delivery(*(str(number) for number in range(900)))


def test_a_large_delivery_is_kept_answered_and_taken_in_piece_by_piece(client: Sender, worker: Worker) -> None:
    answer = client.post("/webhooks/crm/sesame", content=LARGE)
    assert (answer.status_code, answer.json()) == (202, {"later": 900})
    assert kept_events(worker._store) == [], "whoever delivers does not wait for this"
    assert client.post("/webhooks/crm/sesame", content=delivery("0", "new")).json() == {"new": 2, "known": 0}
    assert worker.intake.take_in_kept() == TakenIn(new=899, known=1, runs=899)
    assert len(kept_events(worker._store)) == 901
    assert counted(worker) == 901
    assert worker.intake.take_in_kept() == TakenIn(), "it is done with"


def test_a_large_delivery_that_breaks_off_is_begun_anew(
    client: Sender, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    enqueue, calls = worker.queue.enqueue, list[Any]()

    def broken(*args: Any, **options: Any) -> str:
        calls.append(args)
        if len(calls) == 250:
            raise OSError("the disk is full")
        return enqueue(*args, **options)

    client.post("/webhooks/crm/sesame", content=LARGE)
    monkeypatch.setattr(worker.queue, "enqueue", broken)
    with pytest.raises(OSError, match="disk"):
        worker.intake.take_in_kept()
    assert len(kept_events(worker._store)) == 200
    assert worker.intake.take_in_kept(lambda: False) == TakenIn(), "a worker that stops leaves it to the next start"
    assert worker.intake.take_in_kept() == TakenIn(new=700, known=200, runs=700)
    assert counted(worker) == 900


def test_a_delivery_that_cannot_be_kept_in_time_is_sent_again(
    client: Sender, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "ANSWER_SECONDS", 0.2)
    over, take_in = threading.Event(), worker.intake.take_in

    def slow(*given: Any) -> TakenIn:
        assert over.wait(30)
        return take_in(*given)

    monkeypatch.setattr(worker.intake, "take_in", slow)
    threading.Timer(1.0, over.set).start()
    assert client.post("/webhooks/crm/sesame", content=delivery("a")).status_code == 503
    assert client.post("/webhooks/crm/sesame", content=delivery("a")).json() == {"new": 0, "known": 1}


@pytest.mark.slow
def test_a_worker_takes_deliveries_in_on_its_port(make_place: Callable[..., Any]) -> None:
    import socket
    import urllib.request

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    place = make_place(worker=f"webhook_port = {port}")
    place.folder.deal("deal-a")
    process = place.start()
    request = urllib.request.Request(f"http://127.0.0.1:{port}/webhooks/crm/sesame", data=delivery("a").encode())
    with urllib.request.urlopen(request, timeout=40) as answer:  # noqa: S310  our own port
        assert answer.status == 202
    place.wait_for_state("done")
    large = json.dumps([{"key": f"o{each}", "kind": "other", "record_id": f"x{each}"} for each in range(900)])
    began = time.monotonic()
    request = urllib.request.Request(f"http://127.0.0.1:{port}/webhooks/crm/sesame", data=large.encode())
    with urllib.request.urlopen(request, timeout=40) as answer:  # noqa: S310  our own port
        assert json.load(answer) == {"later": 900}
    assert time.monotonic() - began < 10
    place.wait(lambda: len(kept_events(place.looking)) == 901)
    assert place.erp_id("deal-a") == "1"
    assert place.terminate(process) == 0
