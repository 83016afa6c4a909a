"""The webhook port under odd deliveries, half of them rightly signed: no fault of ours, nobody in, memory bounded."""

from __future__ import annotations

import resource
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from erpcore.store.schema import inbox
from tests.e2e.installation import Installation, working
from tests.e2e.order_world import SECRET, WEBHOOK, order_world_in
from tests.e2e.webhook_fuzz import Target, answered, deal_of_lime_go, order_of_lime_crm, requests, signing
from tests.e2e.world import world_in

TOKEN = "fuzz-token-4711-4711-4711"
MOST_MORE = 150 * 1024
"""Kilobytes that the process may grow by, however many deliveries come."""


@pytest.fixture(params=["lime_crm", "lime_go"])
def at_work(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Installation, int, Target]]:
    worker: dict[str, Any] = {"webhook_port": 0, "poll_seconds": 3600}
    with ExitStack() as stack:
        installation: Installation
        if request.param == "lime_crm":
            lime: dict[str, Any] = {"webhook_secret": SECRET, "webhook_signature": "v2"}
            installation = stack.enter_context(order_world_in(tmp_path, lime=lime, worker=worker, erp_dbs=["1"]))
            target = Target(WEBHOOK.encode(), order_of_lime_crm, signing(SECRET))
        else:
            installation = stack.enter_context(world_in(tmp_path, lime={"webhook_token": TOKEN}, worker=worker))
            target = Target(f"/webhooks/lime_go/{TOKEN}".encode(), deal_of_lime_go, None)
        port = stack.enter_context(working(installation))
        assert port is not None
        yield installation, port, target


def kept_records(installation: Installation) -> list[str]:
    with installation.store.read() as connection:
        return [str(each) for each in connection.execute(sa.select(inbox.c.record_id)).scalars()]


def peak() -> int:
    """Give the most memory that the process has had, in kilobytes."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most // 1024 if sys.platform == "darwin" else most


@pytest.mark.parametrize(
    "count", [120, pytest.param(5_000, marks=[pytest.mark.proof, pytest.mark.timeout(1800)])], ids=["sample", "whole"]
)
def test_odd_deliveries_break_nothing_and_let_nobody_in(
    at_work: tuple[Installation, int, Target], count: int, caplog: pytest.LogCaptureFixture
) -> None:
    installation, port, target = at_work
    sent = list(requests(target, count, seed=20261128))
    assert 0.4 < sum(each.believed for each in sent) / count < 0.6
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(partial(answered, port), sent[:40]))
        before = peak()
        statuses = list(pool.map(partial(answered, port), sent))
    grown = peak() - before
    told = Counter(statuses)
    assert not [status for status in told if status is not None and status >= 500], told
    unanswered = [each.data[:200] for each, status in zip(sent, statuses, strict=True) if status is None and each.whole]
    assert unanswered == []
    let_in = [each for each, status in zip(sent, statuses, strict=True) if status == 202 and not each.believed]
    assert let_in == []
    assert told[202] > count / 25, "those that the CRM could have sent are taken in"
    assert grown < MOST_MORE, f"{grown} kB"
    assert [record for record in caplog.records if record.exc_info] == [], "nobody outside fills the log"
    kept = kept_records(installation)
    assert kept
    assert not [record for record in kept if record[:7].count("7") > 5], "nobody is in"
