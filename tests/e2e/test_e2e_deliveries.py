"""What is not believed at the webhook endpoint: refused with the right status, logged without body and secret."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa

from erpcore.store.schema import inbox
from tests.e2e.installation import working
from tests.e2e.order_world import SECRET, WEBHOOK, OrderWorld, order_world_in

pytestmark = pytest.mark.xdist_group("e2e_orders")

HOUR = 3600
BODY_MARK = "a-word-of-the-body"


@dataclass
class Endpoint:
    """The endpoint of a worker at work, as somebody outside sees it."""

    world: OrderWorld
    port: int

    def post(self, body: bytes, headers: dict[str, str], path: str = WEBHOOK) -> int:
        """Deliver; give the status of the answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=40)
        try:
            connection.request("POST", path, body, headers)
            return connection.getresponse().status
        finally:
            connection.close()

    def kept(self) -> int:
        """Count the events that are kept."""
        with self.world.store.read() as connection:
            return int(connection.execute(sa.select(sa.func.count()).select_from(inbox)).scalar_one())


def serving(**settings: Any) -> dict[str, Any]:
    return {"webhook_secret": SECRET, "webhook_signature": "v2", **settings}


@pytest.fixture(
    scope="module",
    params=[serving(), serving(webhook_repeated="refuse"), serving(webhook_signature="v1")],
    ids=["v2", "v2 refusing repetitions", "v1"],
)
def endpoint(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    folder, worker = tmp_path_factory.mktemp("deliveries"), {"webhook_port": 0, "poll_seconds": 3600}
    with (
        order_world_in(folder, lime=request.param, worker=worker, erp_dbs=["1"]) as world,
        working(world) as port,
    ):
        assert port is not None
        yield Endpoint(world, port)


@pytest.fixture
def version(endpoint: Endpoint) -> str:
    return str(endpoint.world.settings.connections["lime_crm"].options["webhook_signature"])


def told(order: str, moment: str = "2026-11-22T13:00:00+01:00", event: str = "order.update") -> bytes:
    """Give the body of a delivery that says that an order is ready."""
    values = {"id": int(order), "order_status": "readytobesent", "updateduser": 3, "timestamp": moment}
    values |= {"customer_reference": BODY_MARK}
    body = {"id": int(order), "limetype": "order", "values": values, "original_values": {"order_status": "notready"}}
    return json.dumps({"event": event, "body": body}).encode()


def signed(
    body: bytes, version: str, *, age: float = 0, key: str | None = None, secret: str = SECRET
) -> dict[str, str]:
    """Give the headers of a delivery as Lime CRM signs it."""
    headers = {"Content-Type": "application/json"}
    if version == "v1":
        return headers | {"X-Lime-Signature": f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"}
    key, stamp = key or str(uuid.uuid4()), str(int(time.time() - age))
    text = f"v2:{key}:{stamp}:{hashlib.sha256(body).hexdigest()}".encode()
    headers |= {"X-Lime-Delivery-Id": key, "X-Lime-Delivery-Timestamp": stamp}
    return headers | {"X-Lime-Signature": f"v2={hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()}"}


Broken = Callable[[bytes, str], tuple[bytes, dict[str, str]]]
BROKEN: dict[str, tuple[int, Broken]] = {
    "wrong signature": (401, lambda body, version: (body, signed(body, version, secret="another-secret-than-ours"))),
    "no signature": (401, lambda body, version: (body, {"Content-Type": "application/json"})),
    "signature of another body": (401, lambda body, version: (body, signed(body + b" ", version))),
    "the other version": (
        401,
        lambda body, version: (body, signed(body, "v1" if version == "v2" else "v2")),
    ),
    "huge body": (413, lambda body, version: (body + b" " * 262_145, signed(body + b" " * 262_145, version))),
    "far too huge body": (413, lambda body, version: (body + b" " * 2**21, signed(body, version))),
    "wrong content type": (415, lambda body, version: (body, {**signed(body, version), "Content-Type": "text/plain"})),
    "no JSON": (400, lambda body, version: (body[1:], signed(body[1:], version))),
    "unknown event": (
        422,
        lambda body, version: (
            body.replace(b"order.update", b"order.approved"),
            signed(body.replace(b"order.update", b"order.approved"), version),
        ),
    ),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_what_is_not_believed_is_refused_and_starts_nothing(
    endpoint: Endpoint, version: str, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    order = endpoint.world.order(endpoint.world.company())
    kept, (status, broken) = endpoint.kept(), BROKEN[fault]
    body, headers = broken(told(order), version)
    assert endpoint.post(body, headers) == status
    assert endpoint.kept() == kept
    assert endpoint.world.runs(order) == []
    log = logged(caplog)
    assert "a delivery of 127.0.0.1 was refused" in log
    assert_tells_nothing(log)


@pytest.mark.parametrize(
    ("age", "status"), [(0, 202), (2 * HOUR, 202), (25 * HOUR, 401), (-HOUR, 401)], ids=["now", "late", "old", "early"]
)
def test_how_old_a_delivery_may_be(
    endpoint: Endpoint, version: str, age: float, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    order = endpoint.world.order(endpoint.world.company())
    kept, body = endpoint.kept(), told(order)
    if version == "v1":
        status = 202  # its signature binds no time
    assert endpoint.post(body, signed(body, version, age=age)) == status
    assert (endpoint.kept() > kept) == (status == 202)
    assert len(endpoint.world.runs(order)) == (1 if status == 202 else 0)
    assert_tells_nothing(logged(caplog))


def test_a_delivery_that_comes_again_starts_nothing(
    endpoint: Endpoint, version: str, caplog: pytest.LogCaptureFixture
) -> None:
    order = endpoint.world.order(endpoint.world.company())
    body = told(order)
    headers = signed(body, version)
    assert endpoint.post(body, headers) == 202
    endpoint.world.ended(order)
    kept = endpoint.kept()
    refuses = endpoint.world.settings.connections["lime_crm"].options.get("webhook_repeated") == "refuse"
    for _ in range(3):
        assert endpoint.post(body, headers) == (409 if refuses else 202)
    assert endpoint.kept() == kept
    assert len(endpoint.world.runs(order)) == 1
    assert logged(caplog).count("A delivery of this id came before") == (3 if refuses else 0)
    assert_tells_nothing(logged(caplog))


def test_another_body_under_an_id_that_came_before_is_refused(
    endpoint: Endpoint, version: str, caplog: pytest.LogCaptureFixture
) -> None:
    refused = version == "v2"  # version 1 has no ids
    order, other = (endpoint.world.order(endpoint.world.company()) for _ in range(2))
    key = str(uuid.uuid4())
    assert endpoint.post(told(order), signed(told(order), version, key=key)) == 202
    kept = endpoint.kept()
    assert endpoint.post(told(other), signed(told(other), version, key=key)) == (409 if refused else 202)
    assert (endpoint.kept() == kept) == refused
    assert bool(endpoint.world.runs(other)) != refused
    assert ("refused: A delivery of this id came before" in logged(caplog)) == refused
    assert_tells_nothing(logged(caplog))


def logged(caplog: pytest.LogCaptureFixture) -> str:
    return "\n".join(record.getMessage() + str(record.exc_info or "") for record in caplog.records)


def assert_tells_nothing(log: str) -> None:
    """The log has neither the body, nor the secret, nor the secret end of the address."""
    for secret in (BODY_MARK, "readytobesent", SECRET, WEBHOOK.rpartition("/")[2]):
        assert secret not in log
