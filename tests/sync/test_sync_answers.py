"""What a person answers to a run: only to what it asks, and never half of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from erpcore.errors import MissingRecordError, UnavailableError
from erpcore.problem import Problem
from erpcore.store import Run, finish_run, get_run, keep_waiting, links_from, take_run, uncertain_intents
from erpcore.sync import answers
from tests.sync.conftest import MakeWorld
from tests.sync.memory_plugin import Killed
from tests.sync.world import SYNC, World

Given = Callable[[sa.Connection, Run], object]

ANSWERS: dict[str, Given] = {
    "new-document": lambda connection, run: answers.new_document(connection, run, "Kim"),
    "restore": answers.restore,
    "made": lambda connection, run: answers.settle(connection, run, "Kim", number="4711"),
    "not-made": lambda connection, run: answers.settle(connection, run, "Kim", number=None),
    "keep": lambda connection, run: answers.keep(connection, run, "Kim", number="1001"),
}
KINDS = {"deal": "d1", "order": "o1", "company": "c1"}


@pytest.fixture
def asking(make_world: MakeWorld) -> World:
    """A sync that asks when a number was cleared; its deal has a document, and its company is a customer."""
    world = make_world(on_cleared_erp_id="ask")
    world.company()
    world.deal()
    assert world.handle().state == "done"
    return world


def annulled(world: World) -> Run:
    """A run that ends as uncertain: what an attempt without answer made was annulled in the ERP."""
    world.company()
    world.deal()
    world.books.faults["create_order"] = ["after:killed"]
    world.event("d1")
    run_id = world.open("d1")
    with pytest.raises(Killed):
        world.work(run_id)
    world.books.orders["1001"] = world.books.orders["1001"].model_copy(update={"cancelled": True})
    run = world.work(run_id)
    assert run.state == "uncertain"
    return run


def standing(world: World, kind: str, state: str) -> Run:
    """Give a run of the record in a state; the record has its document, or its customer, all the while."""
    run_id = world.open(KINDS[kind], kind)
    with world.store.begin() as connection:
        if state != "queued":
            take_run(connection, run_id, 1, worker="test")
        if state == "waiting":
            away = Problem.of(UnavailableError("The ERP is away."))
            keep_waiting(connection, run_id, resume_at=world.time.at, summary=away.text, problem=away)
        elif state not in ("queued", "running"):
            ended: Any = state
            finish_run(connection, run_id, state=ended, summary="So it ended.")
        return get_run(connection, run_id)


def kept(world: World, kind: str) -> Any:
    with world.store.read() as connection:
        return links_from(connection, sync=SYNC, source_kind=kind, source_id=KINDS[kind])


@pytest.mark.parametrize("given", ANSWERS)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("state", ["queued", "running", "waiting", "done", "nothing", "failed", "uncertain"])
def test_what_a_run_does_not_ask_is_not_answered_and_nothing_changes(
    request: pytest.FixtureRequest, kind: str, state: str, given: str
) -> None:
    world: World = request.getfixturevalue("shop" if kind == "order" else "asking")
    if kind == "order":
        assert world.ready().state == "done"
    run, before = standing(world, kind, state), kept(world, kind)
    assert before
    with pytest.raises(MissingRecordError, match="nothing was changed") as refused, world.store.begin() as connection:
        ANSWERS[given](connection, run)
    assert refused.value.advice
    assert kept(world, kind) == before
    with world.store.read() as connection:
        assert get_run(connection, run.id) == run


def test_a_deal_that_was_done_keeps_its_document_whatever_is_answered(asking: World) -> None:
    """As when a person answers the wrong run: the link was cut before, and nothing made."""
    run = asking.handle(kind="deal_changed")
    assert run.state == "nothing"
    with pytest.raises(MissingRecordError, match="is cleared in the CRM"):
        asking.answer_new_document(run)
    assert asking.handle(kind="deal_changed").state == "nothing"
    assert "has its document 1001" in asking.told()


@pytest.mark.parametrize("given", ["made", "not-made", "keep"])
def test_a_question_about_a_cleared_number_is_not_one_whether_it_was_made(asking: World, given: str) -> None:
    asking.desk.change("d1", erp_id=None)
    run = asking.handle()
    assert run.state == "uncertain"
    said = "does not ask that" if given == "keep" else "answered new-document or restore"
    with pytest.raises(MissingRecordError, match=said), asking.store.begin() as connection:
        ANSWERS[given](connection, run)
    assert asking.answer_new_document(run) == 1


def test_a_question_that_was_asked_twice_may_be_answered(asking: World) -> None:
    asking.desk.change("d1", erp_id=None)
    run = asking.retry(asking.handle())
    assert run.state == "uncertain"
    assert asking.answer_restore(run) == "1001"


@pytest.mark.parametrize("ended", ["uncertain", "failed"])
def test_what_is_uncertain_may_be_answered_after_a_failure_too(make_world: MakeWorld, ended: str) -> None:
    world = make_world()
    run = annulled(world)
    if ended == "failed":
        del world.desk.deals["d1"]
        run = world.retry(run)
        assert run.state == "failed"
    with world.store.begin() as connection:
        assert answers.settle(connection, run, "Kim", number="4711").number == "4711"
    with world.store.read() as connection:
        assert not uncertain_intents(connection)


@pytest.mark.parametrize("given", ["new-document", "restore", "keep"])
def test_whether_it_was_made_is_not_answered_with_another_document(make_world: MakeWorld, given: str) -> None:
    world = make_world()
    run = annulled(world)
    assert run.cause == "made_or_not"
    assert "“not-made”" in str(run.advice) or "“not made”" in str(run.advice)
    with pytest.raises(MissingRecordError, match="Its story says what it asks"), world.store.begin() as connection:
        ANSWERS[given](connection, run)
