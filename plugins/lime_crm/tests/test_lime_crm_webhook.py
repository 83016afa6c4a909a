"""Deliveries: believed only when they are signed as agreed, and never a reason to fall over."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from erpcore_lime_crm.settings import LimeCrmSettings
from erpcore_lime_crm.webhook import read_delivery
from hypothesis import given, strategies as st

from erpcore.errors import WebhookRefusedError
from erpcore.models import CrmEvent, WebhookRequest

SECRET = "a-secret-of-the-subscription"
NOW = datetime(2026, 11, 22, 12, 0, 5, tzinfo=UTC)
BASE = {"url": "https://lime.invalid/app", "api_key": "x", "api_user_id": 2, "webhook_secret": SECRET}
V1 = LimeCrmSettings.model_validate(BASE)
V2 = LimeCrmSettings.model_validate(BASE | {"webhook_signature": "v2"})


def order(status: str = "readytobesent", *, user: int = 3, event: str = "order.update", **body: Any) -> dict[str, Any]:
    values = {"id": 1012, "order_status": status, "updateduser": user, "timestamp": "2026-11-22T13:00:00.000000+01:00"}
    held = {"id": 1012, "limetype": "order", "values": values, "original_values": {"order_status": "notready"}}
    return {"event": event, "body": held | body}


def company(status: str, changed: list[str], *, user: int = 3) -> dict[str, Any]:
    values = {"id": 7, "erp_status": status, "updateduser": user, "timestamp": "2026-11-22T13:00:00+01:00"}
    before = dict.fromkeys(changed, "")
    return {
        "event": "company.update",
        "body": {"id": 7, "limetype": "company", "values": values, "original_values": before},
    }


def raw(body: Any) -> bytes:
    return body if isinstance(body, bytes) else json.dumps(body).encode()


def sign_v1(body: bytes, secret: str = SECRET) -> dict[str, str]:
    return {"x-lime-signature": f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"}


def sign_v2(body: bytes, *, at: datetime = NOW, key: str = "7d3f0d1a", secret: str = SECRET) -> dict[str, str]:
    stamp = str(int(at.timestamp()))
    signed = f"v2:{key}:{stamp}:{hashlib.sha256(body).hexdigest()}".encode()
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return {
        "x-lime-signature": f"v2={digest}",
        "x-lime-delivery-id": key,
        "x-lime-delivery-timestamp": stamp,
    }


def request(body: bytes, headers: dict[str, str], content_type: str | None = "application/json") -> WebhookRequest:
    typed = {} if content_type is None else {"content-type": content_type}
    return WebhookRequest(path="/webhooks/lime/x", headers=typed | headers, body=body, received_at=NOW)


def read(body: Any, settings: LimeCrmSettings = V1, **headers: Any) -> list[CrmEvent]:
    """Give what a delivery tells of records."""
    held = raw(body)
    signed = sign_v1(held) if settings.webhook_signature == "v1" else sign_v2(held, **headers)
    return [event for event in read_delivery(request(held, signed), settings) if event.record_id is not None]


def status_of(held: WebhookRequest, settings: LimeCrmSettings = V1) -> int:
    with pytest.raises(WebhookRefusedError) as caught:
        read_delivery(held, settings)
    assert SECRET not in str(caught.value)
    return caught.value.status


@pytest.mark.parametrize("settings", [V1, V2], ids=["v1", "v2"])
def test_a_signed_delivery_is_read(settings: LimeCrmSettings) -> None:
    (event,) = read(order(), settings)
    assert (event.kind, event.record_id) == ("order_ready", "1012")
    assert event.key == "order:1012:2026-11-22T12:00:00.000000+00:00"
    assert event.happened_at == datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def test_a_delivery_that_asks_for_nothing_gives_no_event() -> None:
    assert read(order("notready")) == []
    assert read(company("empty", ["phone"])) == []


@pytest.mark.parametrize(
    ("status", "changed", "kind"),
    [
        ("readyforfirstsync", ["erp_status"], "company_is_customer"),
        ("updatesmade", ["erp_status"], "company_changed"),
        ("synced", ["phone"], "company_changed"),
        ("synced", ["erp_turnover_yearnow"], None),
        ("inprocess", ["phone"], None),
    ],
)
def test_a_company_is_told_by_its_status_or_by_what_changed(status: str, changed: list[str], kind: str | None) -> None:
    assert [event.kind for event in read(company(status, changed))] == ([kind] if kind else [])


def test_our_own_changes_are_left_out() -> None:
    assert read(order(user=2)) == []
    assert read(company("synced", ["phone"], user=2)) == []
    assert len(read(order(user=2), V1.model_copy(update={"api_user_id": None}))) == 1


def test_a_deletion_is_told_as_such() -> None:
    (event,) = read({"event": "order.delete", "body": {"id": 1012, "limetype": "order"}})
    assert (event.kind, event.record_id, event.facts) == ("other", "1012", {"deleted": True})


def test_a_delivery_sent_again_has_the_key_that_it_had() -> None:
    first, again = read(order(), V2), read(order(), V2)
    assert [event.key for event in first] == [event.key for event in again]
    late = read(order(), V2, at=NOW - timedelta(hours=3))
    assert [event.key for event in late] == [event.key for event in first]


@pytest.mark.parametrize(
    ("age", "late", "status"),
    [
        (timedelta(seconds=300), 0, None),
        (timedelta(seconds=301), 0, 401),
        (timedelta(seconds=301), 86_400, None),
        (timedelta(hours=24), 86_400, None),
        (timedelta(hours=25), 86_400, 401),
        (timedelta(seconds=-299), 86_400, None),
        (timedelta(seconds=-302), 86_400, 401),
    ],
)
def test_how_old_a_delivery_may_be(age: timedelta, late: int, status: int | None) -> None:
    settings = V2.model_copy(update={"webhook_late_seconds": late})
    body = raw(order())
    held = request(body, sign_v2(body, at=NOW - age))
    if status is None:
        assert [event.kind for event in read_delivery(held, settings)] == ["other", "order_ready"]
    else:
        assert status_of(held, settings) == status


def stands_for(body: Any, settings: LimeCrmSettings, *, later: float = 0, **headers: Any) -> CrmEvent:
    """Give the event that stands for a delivery."""
    held = raw(body)
    came = request(held, sign_v2(held, **headers))
    came = came.model_copy(update={"received_at": NOW + timedelta(seconds=later)})
    return read_delivery(came, settings)[0]


def test_an_event_stands_for_each_delivery_of_version_2() -> None:
    first = stands_for(order(), V2)
    assert (first.key, first.kind, first.record_id) == ("delivery:7d3f0d1a", "other", None)
    assert stands_for(order(), V2, later=60) == first, "sent again it is the same"
    assert stands_for(order("notready"), V2).facts != first.facts, "another body is not"
    assert stands_for(order(), V2, key="another").key != first.key
    assert stands_for(order(user=2), V2).key == first.key, "a change of our own is one too"
    assert read_delivery(request(raw(order(user=2)), sign_v1(raw(order(user=2)))), V1) == []
    once = V2.model_copy(update={"webhook_repeated": "refuse"})
    assert stands_for(order(), once, later=1).facts != stands_for(order(), once).facts


def test_the_previous_secret_is_believed_for_a_while() -> None:
    body = raw(order())
    old = request(body, sign_v1(body, "the-secret-before-this-one"))
    assert status_of(old) == 401
    rotated = LimeCrmSettings.model_validate(BASE | {"webhook_previous_secret": "the-secret-before-this-one"})
    assert len(read_delivery(old, rotated)) == 1


def test_without_a_secret_there_is_nothing_at_the_address() -> None:
    body = raw(order())
    settings = LimeCrmSettings.model_validate({name: value for name, value in BASE.items() if name != "webhook_secret"})
    assert status_of(request(body, sign_v1(body, "")), settings) == 404


def test_what_is_not_signed_as_agreed_is_refused() -> None:
    body = raw(order())
    good, good2 = sign_v1(body), sign_v2(body)
    assert status_of(request(body, {})) == 401
    assert status_of(request(body, {"x-lime-signature": "sha256="})) == 401
    assert status_of(request(body, {"x-lime-signature": "sha256=å"})) == 401
    assert status_of(request(body, {"x-lime-signature": good["x-lime-signature"].upper()})) == 401
    assert status_of(request(body, sign_v1(body, "another-secret-than-ours"))) == 401
    assert status_of(request(body + b" ", good)) == 401
    assert status_of(request(body, good), V2) == 401, "version 1 is not enough where 2 was agreed"
    assert status_of(request(body, good2), V1) == 401
    for name in ("x-lime-delivery-id", "x-lime-delivery-timestamp"):
        assert status_of(request(body, {**good2, name: ""}), V2) == 401
        assert status_of(request(body, {**good2, name: "1" * 300}), V2) == 401
        assert status_of(request(body, {**good2, name: "1790000001"}), V2) == 401
    soon = sign_v2(body) | {"x-lime-delivery-timestamp": "soon"}
    assert status_of(request(body, soon), V2) == 401


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b" " * 262_145, "application/json", 413),
        (raw(order()), "text/plain", 415),
        (raw(order()), None, 415),
        (b"", "application/json", 400),
        (b"{", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"[]", "application/json", 400),
        (b'{"event": "order.update"}', "application/json", 400),
        (b'{"event": "order.update", "body": []}', "application/json", 400),
        (raw(order(id="1012")), "application/json", 400),
        (raw(order(id=0)), "application/json", 400),
        (raw(order(limetype="company")), "application/json", 400),
        (raw(order(values=[])), "application/json", 400),
        (raw(order(values={})), "application/json", 400),
        (raw(order(original_values=[1])), "application/json", 400),
        (b'{"event": "order.update", "body": {"a": "\\ud800"}}', "application/json", 400),
        (b'{"event": "order.update", "body": {"a": "a\\u0000b"}}', "application/json", 400),
        (b'{"event":"order.update","body":' + b'{"a":' * 60 + b"1" + b"}" * 61, "application/json", 400),
        (raw(order(event="person.update")), "application/json", 422),
        (raw(order(event="deal.update")), "application/json", 422),
        (raw(order(event="order.approved")), "application/json", 422),
        (raw(order(event="")), "application/json", 422),
    ],
)
def test_what_is_no_delivery_is_refused(body: bytes, content_type: str | None, status: int) -> None:
    assert status_of(request(body, sign_v1(body), content_type)) == status


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
stamps = st.sampled_from(["2026-11-22T13:00:00+01:00", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00", "now"])
values = st.fixed_dictionaries(
    {"timestamp": stamps | json_values},
    optional={
        "order_status": st.just("readytobesent") | json_values,
        "erp_status": st.sampled_from(["synced", "updatesmade"]) | json_values,
        "updateduser": json_values,
    },
)
deliveries = st.fixed_dictionaries(
    {"event": st.sampled_from(["order.update", "company.update", "order.delete", "person.new"]) | st.text()},
    optional={
        "body": st.fixed_dictionaries(
            {"id": st.integers() | json_values, "limetype": st.sampled_from(["order", "company"]) | json_values},
            optional={"values": values | json_values, "original_values": json_values},
        )
    },
)


def only_events_or_a_refusal(body: bytes, settings: LimeCrmSettings = V1) -> None:
    try:
        found = read(body, settings)
        status = 202
    except WebhookRefusedError as refused:
        found, status = [], refused.status
    assert status in {202, 400, 413, 422}
    for event in found:
        again = CrmEvent.model_validate_json(event.model_dump_json())
        assert again == event
        assert event.record_id


@given(st.binary(max_size=300))
def test_any_signed_bytes_are_events_or_refused(body: bytes) -> None:
    only_events_or_a_refusal(body)


@given(deliveries | json_values)
def test_any_signed_json_is_events_or_refused(value: Any) -> None:
    only_events_or_a_refusal(json.dumps(value).encode(), V2)


@given(st.binary(max_size=50), st.dictionaries(st.text(), st.text(), max_size=3), st.text(), st.text(), st.text())
def test_anything_unsigned_is_refused(
    body: bytes, others: dict[str, str], signature: str, key: str, stamp: str
) -> None:
    told = {"x-lime-signature": signature, "x-lime-delivery-id": key, "x-lime-delivery-timestamp": stamp}
    for settings in (V1, V2):
        assert status_of(request(body, others | told), settings) == 401
        prefixed = told | {"x-lime-signature": f"{'sha256' if settings is V1 else 'v2'}={signature}"}
        assert status_of(request(body, others | prefixed), settings) == 401
