"""Deliveries of the classic API: believed only at the right address, and never a reason to fall over."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from erpcore_lime_go.settings import LimeGoSettings
from erpcore_lime_go.simulator import LimeGoSimulator
from erpcore_lime_go.webhook import read_delivery
from hypothesis import given, strategies as st

from erpcore import Context
from erpcore.connection import CrmConnection
from erpcore.errors import WebhookRefusedError
from erpcore.models import CrmEvent, WebhookRequest

CONTEXT = Context(correlation_id="test")
TOKEN = "an-unguessable-token-5e1f"
NOW = datetime(2026, 11, 22, 12, 0, 5, tzinfo=UTC)
SETTINGS = LimeGoSettings.model_validate({"api_key": "x", "webhook_token": TOKEN})
WON = {"position": "7", "eventType": "DealWon", "deal": {"id": 850000, "name": "A", "value": 12.5}}


def delivery(
    body: Any,
    *,
    path: str = f"/webhooks/lime/{TOKEN}",
    content_type: str | None = "application/json",
    at: datetime = NOW,
) -> WebhookRequest:
    return WebhookRequest(
        path=path,
        headers={} if content_type is None else {"content-type": content_type},
        body=body if isinstance(body, bytes) else json.dumps(body).encode(),
        received_at=at,
    )


def read(body: Any, settings: LimeGoSettings = SETTINGS, **request: Any) -> list[CrmEvent]:
    return read_delivery(delivery(body, **request), settings)


def test_a_delivery_is_read() -> None:
    (event,) = read(WON)
    assert (event.key, event.kind, event.record_id) == ("position:7", "deal_won", "850000")
    assert event.facts["deal_value"] == "12.5"


@pytest.mark.parametrize("body", [[WON, {**WON, "position": "8"}], {"items": [WON, {**WON, "position": "8"}]}])
def test_several_events_may_come_at_once(body: Any) -> None:
    assert [event.key for event in read(body)] == ["position:7", "position:8"]


@pytest.mark.parametrize("content_type", [None, "application/json; charset=utf-8", "application/problem+json"])
def test_json_may_be_called_so_in_several_ways(content_type: str | None) -> None:
    assert len(read(WON, content_type=content_type)) == 1


@pytest.mark.parametrize(
    "path", ["/webhooks/lime/", "/webhooks/lime/wrong", f"/{TOKEN}/x", "", "/%ff%fe", f"/{TOKEN}å"]
)
def test_a_wrong_address_is_not_there(path: str) -> None:
    with pytest.raises(WebhookRefusedError) as caught:
        read(WON, path=path)
    assert caught.value.status == 404
    assert TOKEN not in str(caught.value)


def test_without_a_token_in_the_settings_no_address_is_there() -> None:
    with pytest.raises(WebhookRefusedError) as caught:
        read(WON, LimeGoSettings.model_validate({"api_key": "x"}), path="/webhooks/lime/")
    assert caught.value.status == 404


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b" " * 65_537, "application/json", 413),
        ([WON] * 1001, "application/json", 413),
        (WON, "text/plain", 415),
        (WON, "application/x-www-form-urlencoded", 415),
        (b"", "application/json", 400),
        (b"{", "application/json", 400),
        (b"[" * 60_000, "application/json", 400),
        (b"null", "application/json", 400),
        ([], "application/json", 400),
        (["DealWon"], "application/json", 400),
        (b'{"eventType": "DealWon", "deal": {"id": NaN}}', "application/json", 400),
        (b'{"eventType": "\\ud800"}', "application/json", 400),
        (b'{"eventType": "a\\u0000b"}', "application/json", 400),
        (b'{"a":' * 60 + b"1" + b"}" * 60, "application/json", 400),
    ],
)
def test_what_is_no_event_is_refused(body: Any, content_type: str, status: int) -> None:
    big = (
        SETTINGS
        if status != 413 or isinstance(body, bytes)
        else SETTINGS.model_copy(update={"webhook_max_bytes": 1_000_000})
    )
    with pytest.raises(WebhookRefusedError) as caught:
        read(body, big, content_type=content_type)
    assert caught.value.status == status


def test_without_a_position_a_repeated_delivery_is_one_event_and_a_later_one_another() -> None:
    bare = {name: value for name, value in WON.items() if name != "position"}
    (first,) = read(bare)
    (again,) = read(dict(reversed(bare.items())), at=NOW + timedelta(seconds=20))
    (later,) = read(bare, at=NOW + timedelta(minutes=5))
    assert first.key == again.key
    assert later.key != first.key


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
members = st.sampled_from(["position", "eventType", "deal", "organization", "coworker", "timestamp", "items", "dealId"])
event_types = st.sampled_from(["DealWon", "OrganizationIsACustomer", "CallPositive"])
events = st.dictionaries(members, json_values | event_types | st.fixed_dictionaries({"id": json_values}), max_size=6)


def only_events_or_a_refusal(body: bytes) -> None:
    try:
        found = read_delivery(delivery(body), SETTINGS)
    except WebhookRefusedError as refused:
        found, status = [], refused.status
    else:
        status = 202 if found else 0
    assert status in {202, 400, 413}
    for event in found:
        again = CrmEvent.model_validate_json(event.model_dump_json())
        assert again == event
        assert event.kind == "other" or event.record_id


@given(st.binary(max_size=300))
def test_any_bytes_are_events_or_refused(body: bytes) -> None:
    only_events_or_a_refusal(body)


@given(events | st.lists(events, max_size=3) | json_values)
def test_any_json_is_events_or_refused(value: Any) -> None:
    only_events_or_a_refusal(json.dumps(value).encode())


@given(st.text(), st.text(), st.text())
def test_any_address_and_type_are_answered(path: str, content_type: str, header: str) -> None:
    request = WebhookRequest(path=path, headers={"content-type": content_type, header: ""}, body=b"{}", received_at=NOW)
    with pytest.raises(WebhookRefusedError):
        read_delivery(request, SETTINGS)


def test_a_subscription_is_made_once_and_its_deliveries_have_the_keys_of_the_feed(
    lime: LimeGoSimulator, connect: Callable[..., CrmConnection]
) -> None:
    taken: list[WebhookRequest] = []

    class Receiver(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            taken.append(WebhookRequest(path=self.path, headers=headers, body=body, received_at=datetime.now(UTC)))
            self.send_response(202)
            self.end_headers()

        def log_message(self, *_: Any) -> None: ...

    connection = connect(webhook_token=TOKEN)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        target = f"http://127.0.0.1:{server.server_port}/webhooks/lime/{TOKEN}"
        assert connection.subscribe_events(target, CONTEXT) == "1"
        assert connection.subscribe_events(target, CONTEXT) == "1"
        followed = connection.fetch_events(None, CONTEXT).next_cursor
        lime.win_deal("850000")
        assert lime.settle()
        server.shutdown()
    assert len(lime.state()["subscriptions"]) == 1
    delivered = [event for request in taken for event in connection.receive_events(request, CONTEXT)]
    assert tuple(delivered) == connection.fetch_events(followed, CONTEXT).events


def test_the_subscriptions_id_may_come_bare(lime: LimeGoSimulator, connect: Callable[..., CrmConnection]) -> None:
    lime.switch(subscription_reply="bare")
    assert connect().subscribe_events("http://127.0.0.1:9/x", CONTEXT) == "1"


def test_a_short_token_is_refused_when_the_settings_are_read() -> None:
    with pytest.raises(ValueError, match="webhook_token must have at least 16 characters"):
        LimeGoSettings.model_validate({"api_key": "x", "webhook_token": "short"})
