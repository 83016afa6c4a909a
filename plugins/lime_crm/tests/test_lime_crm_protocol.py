"""The protocol: refusals as typed errors, lost answers, the limit, secrets, subscriptions and deliveries end to end."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from erpcore_lime_crm.plugin import LimeCrmPlugin
from erpcore_lime_crm.settings import LimeCrmSettings
from erpcore_lime_crm.simulator import LimeCrmSimulator
from erpcore_lime_crm.simulator.demo import API_KEY, READ_ONLY_KEY

from erpcore import Context
from erpcore.connection import CrmConnection
from erpcore.errors import (
    AuthenticationError,
    ConfigurationError,
    MalformedReplyError,
    OutcomeUnknownError,
    PermissionDeniedError,
    RateLimitedError,
    RejectedError,
    UnavailableError,
    WebhookRefusedError,
)
from erpcore.host import Clock, Exchange, Host
from erpcore.models import CrmEvent, WebhookRequest, WriteBack
from erpcore.registry import load, operations
from erpcore.simulator import Fault

CONTEXT = Context(correlation_id="test")
Connect = Callable[..., CrmConnection]
SECRET = "a-secret-of-the-subscription"


@pytest.fixture
def order(lime: LimeCrmSimulator) -> str:
    return str(lime.account.all("order")[0].id)


def test_it_is_found_by_its_name_with_all_its_operations() -> None:
    assert load("crm", "lime_crm") is LimeCrmPlugin
    assert operations("crm", LimeCrmPlugin) == [
        "identify_account",
        "check_connection",
        "fetch_events",
        "receive_events",
        "subscribe_events",
        "fetch_deal",
        "fetch_customer",
        "fetch_companies",
        "fetch_persons",
        "fetch_order",
        "fetch_order_head",
        "take_order",
        "write_back",
        "store_invoice",
        "show_invoices",
        "fetch_articles",
        "store_article",
        "store_register",
    ]


def test_a_wrong_key_is_told(connect: Connect, order: str) -> None:
    with pytest.raises(AuthenticationError) as caught:
        connect(api_key="nonsense").fetch_order(order, CONTEXT)
    assert caught.value.vendor_text == "The API key is not known."


def test_a_user_who_may_only_read_is_told(connect: Connect, order: str) -> None:
    with pytest.raises(PermissionDeniedError):
        connect(api_key=READ_ONLY_KEY).write_back(
            WriteBack(record_kind="order", record_id=order, order_number="1"), CONTEXT
        )


@pytest.mark.parametrize("status", [400, 409, 422])
def test_refused_values_are_told_in_lime_s_words(
    lime: LimeCrmSimulator, connect: Connect, order: str, status: Any
) -> None:
    lime.switch(invalid_status=status)
    with pytest.raises(RejectedError) as caught:
        connect(order={"message": "gibberish"}).write_back(
            WriteBack(record_kind="order", record_id=order, message="Nei"), CONTEXT
        )
    assert "gibberish" in (caught.value.vendor_text or "")
    assert caught.value.status == status


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault("error_before"), UnavailableError),
        (Fault("lose_answer"), UnavailableError),
        (Fault("garbage"), MalformedReplyError),
        (Fault("html"), MalformedReplyError),
        (Fault("empty"), MalformedReplyError),
        (Fault("too_many_requests"), RateLimitedError),
    ],
)
def test_a_read_that_fails_is_a_typed_error(
    lime: LimeCrmSimulator, connect: Connect, order: str, fault: Fault, error: type[Exception]
) -> None:
    lime.faults.add(fault)
    with pytest.raises(error):
        connect().fetch_order(order, CONTEXT)


def test_a_write_whose_answer_is_lost_is_unknown(lime: LimeCrmSimulator, connect: Connect, order: str) -> None:
    lime.faults.add(Fault("garbage", method="PUT"))
    with pytest.raises(OutcomeUnknownError):
        connect().write_back(WriteBack(record_kind="order", record_id=order, order_number="1"), CONTEXT)


def test_the_limit_is_kept_before_lime_has_to_say_no(
    lime: LimeCrmSimulator, lime_url: str, order: str, exchanges: list[Exchange]
) -> None:
    lime.switch(requests=20, window_seconds=300)
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        lime.clock.advance(seconds)

    clock = Clock(monotonic=lime.clock.monotonic, now=lime.clock.now, sleep=sleep)
    told = {"url": f"{lime_url}/demo", "api_key": API_KEY, "attempts": 1, "requests_per_window": 20}
    host = Host.in_memory("lime", clock=clock, observer=exchanges.append)
    crm = CrmConnection(LimeCrmPlugin(LimeCrmSettings.model_validate(told), host))
    waits = 0
    for _ in range(25):
        try:
            crm.fetch_order(order, CONTEXT)
        except RateLimitedError as error:
            # Longer than a call waits: the engine puts the work off.
            waits += 1
            lime.clock.advance(error.retry_after or 0)
            crm.fetch_order(order, CONTEXT)
    crm.close()
    assert waits == 2
    assert all(exchange.status == 200 for exchange in exchanges)


def test_nothing_of_the_key_is_told(connect: Connect, exchanges: list[Exchange], order: str) -> None:
    crm = connect()
    crm.fetch_order(order, CONTEXT)
    assert API_KEY not in repr(exchanges)
    assert API_KEY not in repr(vars(crm.plugin))


def test_tables_are_those_of_the_installation(connect: Connect) -> None:
    lines = {line.field: line.native for line in connect(order={"status": "os"}).plugin.field_maps["crm_order"].table()}
    assert lines["status"] == "os"
    standard = {line.field: line for line in LimeCrmPlugin.field_maps["crm_order"].table()}
    assert standard["status"].native == "order_status"
    assert standard["coworker.number"].native == "coworker/employeeno"
    row = {line.field: line.native for line in LimeCrmPlugin.field_maps["crm_order_row"].table()}
    assert row["discount_amount"] == "discount"


# --- webhooks, end to end


@contextmanager
def receiver(answer: Callable[[WebhookRequest], int]) -> Iterator[str]:
    class Receiver(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            held = WebhookRequest(path=self.path, headers=headers, body=body, received_at=datetime.now(UTC))
            self.send_response(answer(held))
            self.end_headers()

        def log_message(self, *_: Any) -> None: ...

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/webhooks/lime/x"
        finally:
            server.shutdown()
            thread.join()


def settings_for(version: str) -> dict[str, Any]:
    extra = {"signature_version": "v2"} if version == "v2" else {}
    return {"webhook_secret": SECRET, "webhook_signature": version, "subscription_extra": extra}


def about_records(events: Sequence[CrmEvent]) -> list[CrmEvent]:
    """Leave out the event that stands for the delivery itself."""
    return [event for event in events if event.record_id is not None]


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_deliveries_and_polling_tell_the_same_events(
    lime: LimeCrmSimulator, connect: Connect, order: str, version: str
) -> None:
    crm = connect(**settings_for(version))
    delivered: list[CrmEvent] = []

    def answer(held: WebhookRequest) -> int:
        delivered.extend(about_records(crm.receive_events(held, CONTEXT)))
        return 202

    with receiver(answer) as target:
        key = crm.subscribe_events(target, CONTEXT)
        assert crm.subscribe_events(target, CONTEXT) == key
        assert len(lime.deliveries.subscriptions()) == 1
        lime.switch(deliver_twice=True)
        lime.set_ready(int(order))
        assert lime.settle()
        polled = crm.fetch_events(None, CONTEXT).events
        assert [event.key for event in delivered] == [polled[0].key] * 2
        crm.write_back(WriteBack(record_kind="order", record_id=order, status="inprocess"), CONTEXT)
        assert lime.settle()
        assert len(delivered) == 2, "our own change asks for nothing"


@pytest.mark.parametrize(("late", "taken"), [(86_400, 1), (0, 0)])
def test_a_late_repetition_of_lime_s_is_taken_in_as_the_settings_say(
    lime: LimeCrmSimulator, connect: Connect, order: str, late: int, taken: int
) -> None:
    crm = connect(**settings_for("v2"), webhook_late_seconds=late)
    attempts: list[WebhookRequest] = []
    delivered: list[CrmEvent] = []

    def answer(held: WebhookRequest) -> int:
        attempts.append(held)
        if len(attempts) <= 2:
            return 503
        later = held.model_copy(update={"received_at": held.received_at + timedelta(hours=2)})
        try:
            delivered.extend(about_records(crm.receive_events(later, CONTEXT)))
        except WebhookRefusedError as refused:
            return refused.status
        return 202

    with receiver(answer) as target:
        crm.subscribe_events(target, CONTEXT)
        lime.set_ready(int(order))
        assert lime.settle()
        assert lime.retry_deliveries() == 1
        assert lime.settle()
    assert len({held.headers["x-lime-delivery-id"] for held in attempts}) == 1
    assert len({held.headers["x-lime-delivery-timestamp"] for held in attempts}) == 1
    assert len(delivered) == taken


def test_a_new_secret_reaches_the_subscription(lime: LimeCrmSimulator, connect: Connect) -> None:
    target = "http://127.0.0.1:9/webhooks/lime/x"
    key = connect(webhook_secret=SECRET).subscribe_events(target, CONTEXT)
    assert connect(webhook_secret="another-secret-than-before").subscribe_events(target, CONTEXT) == key
    (held,) = lime.deliveries.subscriptions()
    assert held.secret == "another-secret-than-before"
    assert set(held.events) >= {"order.update", "company.update"}


def test_without_a_secret_nothing_is_subscribed(lime: LimeCrmSimulator, connect: Connect) -> None:
    with pytest.raises(ConfigurationError) as caught:
        connect().subscribe_events("http://127.0.0.1:9/x", CONTEXT)
    assert caught.value.setting == "connections.lime.webhook_secret"
    assert lime.deliveries.subscriptions() == []


def test_a_user_who_is_no_webhook_user_is_told(connect: Connect) -> None:
    with pytest.raises(PermissionDeniedError) as caught:
        connect(api_key=READ_ONLY_KEY, webhook_secret=SECRET).subscribe_events("http://127.0.0.1:9/x", CONTEXT)
    assert "Webhook Users" in str(caught.value)


def test_events_outlive_the_inbox(lime: LimeCrmSimulator, connect: Connect, order: str) -> None:
    lime.set_ready(int(order))
    (event,) = connect().fetch_events(None, CONTEXT).events
    assert CrmEvent.model_validate(json.loads(event.model_dump_json())) == event
