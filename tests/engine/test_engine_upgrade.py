"""A store of an earlier version, whose worker was killed in the middle of an order, is taken up and ends well."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from erpcore.store import intents_of, open_store, story_of_run, uncertain_intents, upgrade
from erpcore.store.database import make_engine
from tests.store.old_store import LEFT_BY_A_WORKER, make_old_store

pytestmark = pytest.mark.slow

LONG = "keep_days = 36500"
"""The worker's rows are older each day."""


def old_place(
    make_place: Callable[..., Any], request: pytest.FixtureRequest, database: str, *, made: bool
) -> tuple[Any, str]:
    """An installation as that worker left it, and its two systems; `made`: whether its request had arrived."""
    url = str(request.getfixturevalue("postgres_url")) if database == "postgresql" else "sqlite:///erpcore.db"
    place = make_place(url, worker=LONG, laid_out=False)
    store_url = url if database == "postgresql" else f"sqlite:///{place.settings_file.parent / 'erpcore.db'}"
    make_old_store(store_url)
    folder = place.folder
    folder.company("bad", number="12345")
    reference = re.search(r"'(yn5awn-deals-deal-held-[^']+)'", LEFT_BY_A_WORKER.read_text())[1]  # type: ignore[index]  # it is there
    first = re.search(r"'(yn5awn-deals-deal-done-[^']+)'", LEFT_BY_A_WORKER.read_text())[1]  # type: ignore[index]  # it is there
    for deal, erp_id in {"done": "1", "waits": None, "held": None}.items():
        folder.deal(deal, erp_id=erp_id)
    folder.deal("failed", company="bad")
    folder.add("customer", {"name": "Company c1", "organisation_number": "556016-0680"})
    for held in (first, *([reference] if made else [])):
        folder.add("order", {"reference": held, "customer_number": "1"})
    return place, store_url


@pytest.mark.parametrize("made", [True, False], ids=["arrived", "did not arrive"])
@pytest.mark.parametrize(
    ("database", "worker"),
    [("sqlite", "w1"), ("postgresql", "w1"), ("postgresql", "w2")],
    ids=["sqlite", "postgresql", "postgresql, another worker"],
)
def test_what_it_had_in_hand_ends_in_one_order(
    make_place: Callable[..., Any], request: pytest.FixtureRequest, database: str, made: bool, worker: str
) -> None:
    place, url = old_place(make_place, request, database, made=made)
    engine = make_engine(url)
    with engine.begin() as connection:
        # The wait of the one that waits is over.
        schema = None if database == "sqlite" else "dbos"
        workflows = sa.table("workflow_status", sa.column("delay_until_epoch_ms"), schema=schema)
        connection.execute(sa.update(workflows).values(delay_until_epoch_ms=1))
    engine.dispose()
    assert upgrade(url)[0] == "0005"
    place.start(worker)
    place.wait(lambda: {run.record_id: run.state for run in place.runs()}["held"] == "done")
    place.wait(lambda: {run.record_id: run.state for run in place.runs()}["waits"] == "done")
    runs = {run.record_id: run for run in place.runs()}
    assert {record: run.state for record, run in runs.items()} == {
        "done": "done",
        "failed": "failed",
        "waits": "done",
        "held": "done",
    }
    orders = place.orders()
    assert len(orders) == 3
    assert len({order["reference"] for _, order in orders}) == 3
    numbers = {order["reference"].split("-deal-")[1].split("-")[0]: number for number, order in orders}
    assert {deal: place.erp_id(deal) for deal in numbers} == numbers
    assert len(place.folder.calls("create_order")) == (1 if made else 2)
    assert place.folder.calls("create_customer") == []
    held = runs["held"]
    assert held.taken_by == worker
    with place.looking.read() as connection:
        (intent,) = intents_of(connection, sync="deals", record="deal held")
        assert uncertain_intents(connection) == []
        texts = [line.text for line in story_of_run(connection, held.id)]
    assert (intent.state, intent.number, intent.attempts) == ("done", numbers["held"], 1 if made else 2)
    assert any("had carried it out" in text for text in texts) == made
    assert len(texts) == len(set(texts)), "what the earlier worker told is not told again"


def test_what_had_failed_there_is_sent_again_like_any_other(
    make_place: Callable[..., Any], request: pytest.FixtureRequest
) -> None:
    place, url = old_place(make_place, request, "sqlite", made=True)
    store = open_store(url)
    store.close()
    place.folder.company("bad")
    place.start("w1")
    place.retry(next(run for run in place.runs() if run.record_id == "failed"))
    place.wait(lambda: {run.record_id: run.state for run in place.runs()}["failed"] == "done")
    assert place.erp_id("failed") in dict(place.orders())
