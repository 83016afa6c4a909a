"""Working: a plan before anything is sent, the story afterwards, and mending."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from erpcore_fortnox.plugin import FortnoxPlugin

from erpcore.engine.queue import RunQueue
from erpcore.engine.worker import make_queue
from erpcore.errors import ErpcoreError, UncertainEffectError
from erpcore.problem import Problem
from erpcore.settings import load_settings, store_url
from erpcore.starts import Start
from erpcore.store import (
    begin_sending,
    finish_run,
    get_run,
    latest_run,
    links_from,
    open_run,
    open_store,
    plan_intent,
    put_link,
    record_done,
    reopen_run,
    tell,
)
from erpcore.store.runs import FinalState
from erpcore.sync.effect import two_documents as two_documents_of

pytestmark = pytest.mark.usefixtures("secrets")


@pytest.fixture
def consented(fortnox):
    """The Fortnox whose administrator has consented."""
    simulator, _ = fortnox
    simulator.tokens()
    return simulator


def deal_number(lime_go, name: str) -> str:
    simulator, _ = lime_go
    return str(next(deal["number"] for deal in simulator.state()["records"]["deals"] if deal["name"] == name))


def test_plan_prints_what_would_happen_and_what_would_be_lost_and_sends_nothing(
    cli, settings_file: Path, lime_go, consented
) -> None:
    simulator, _ = lime_go
    deal = deal_number(lime_go, "Specialbeslag")
    simulator.edit_deal(deal, name="Ä" * 300)
    simulator.win_deal(deal)
    consented.journal.clear()
    result = cli("plan", "won", deal)
    assert result.code == 0, result.err
    assert "Create the customer “Åkerlund & Söner HB”" in result.out
    assert "Create the article BESLAG-77" in result.out
    assert "Create an order with 2 rows, 3580" in result.out
    assert not [entry for entry in consented.journal.entries() if entry.method != "GET" and "oauth" not in entry.path]


def test_plan_of_a_company_tells_what_becomes_of_its_customer(cli, settings_file: Path, lime_go, consented) -> None:
    simulator, _ = lime_go
    company = simulator.state()["records"]["companies"][0]
    result = cli("plan", "won", f"pase{company['number']}", "--kind", "company")
    assert result.code == 0, result.err
    assert "The company is a customer in the CRM" in result.out
    assert "Write the customer number back to the CRM." in result.out


def test_check_says_what_is_to_begin(cli, settings_file: Path, consented, monkeypatch: pytest.MonkeyPatch) -> None:
    news = Start(date(2999, 1, 1), "orders carry a project (the vendor's news)")
    monkeypatch.setattr(FortnoxPlugin, "starts", {"order.project": news})
    assert "order.project: from 2999-01-01 on: orders carry a project" in cli("check", "books").out


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ('erp_db = "se"', "erp_db: Lime Go keeps no orders, and the rule is about orders."),
        ('invoice_minutes = 5\ninvoices = "off"', 'invoice_minutes says nothing while invoices = "off"'),
    ],
)
@pytest.mark.parametrize("command", [("check",), ("run",), ("plan", "won", "1")], ids=lambda command: command[0])
def test_a_rule_that_cannot_work_is_refused_by_each_command_alike(
    cli, settings_file: Path, consented, command: tuple[str, ...], rule: str, told: str
) -> None:
    settings_file.write_text(f"{settings_file.read_text()}{rule}\n")
    refused = cli(*command)
    assert refused.code in (1, 2)
    assert told in " ".join(f"{refused.out} {refused.err}".split())
    assert "syncs.won" in f"{refused.out} {refused.err}"


def test_plan_of_an_unknown_deal_and_an_unknown_sync_are_told(cli, settings_file: Path, consented) -> None:
    unknown = cli("plan", "won", "1")
    assert unknown.code == 1
    assert "deal 1" in unknown.err
    for command in ("plan", "send"):
        misspelt = cli(command, "wno", "1")
        assert misspelt.code == 2
        assert "there is no sync “wno”. Did you mean “won”?" in misspelt.err
        assert "there is no sync “orders”. The settings have: won." in cli(command, "orders", "1").err


def in_the_queue(queue: RunQueue) -> list[str]:
    """Give the ids of the attempts that wait for a worker."""
    return [each.workflow_id for each in queue.client.list_workflows(status=["ENQUEUED", "DELAYED", "PENDING"])]


def queued(settings_file: Path, record_id: str):
    settings = load_settings(settings_file)
    store = open_store(store_url(settings))
    with store.read() as connection:
        run = latest_run(connection, sync="won", record_kind="deal", record_id=record_id)
    assert run is not None
    return settings, store, run


def in_queue(queue: RunQueue) -> int:
    """How many attempts wait."""
    return len(queue.client.list_workflows(status=["ENQUEUED", "DELAYED"]))


def test_send_queues_a_deal_once_and_status_shows_it_with_its_story(cli, settings_file: Path) -> None:
    assert "Run 1 is queued" in cli("send", "won", "850000").out
    assert "Run 1 is queued" in cli("send", "won", "850000").out
    settings, store, run = queued(settings_file, "850000")
    queue = make_queue(settings, store)
    try:
        assert in_queue(queue) == 1
    finally:
        queue.close()
    with store.begin() as connection:
        tell(connection, run.id, "note", "Brackets like [red] are text.")
    store.close()
    assert "deal 850000" in cli("status").out
    story = cli("status", "1")
    assert "Brackets like [red] are text." in story.out


def test_retry_tells_what_cannot_be_retried(cli, settings_file: Path) -> None:
    cli("send", "won", "850000")
    result = cli("retry", "1")
    assert result.code == 1
    assert "Run 1:" in result.out
    assert "No run is named" in cli("retry").err


def test_an_answer_needs_a_number_only_when_the_document_was_made(cli, settings_file: Path) -> None:
    assert "need the document's number" in cli("answer", "1", "made").err
    assert "need the document's number" in cli("answer", "1", "not-made", "7").err


def linked_run(settings_file: Path, state: FinalState) -> int:
    """A run that ended in a state, of a deal that has its document; one that is uncertain asks what became of it."""
    store = open_store(store_url(load_settings(settings_file)))
    record = {"sync": "won", "record_kind": "deal", "record_id": "7"}
    with store.begin() as connection:
        run, _ = open_run(connection, source="lime", target="erp", **record)
        put_link(connection, sync="won", source_kind="deal", source_id="7", target_kind="order", number="1001")
        asked = Problem.of(UncertainEffectError("Was it meant?", cause="cleared_number"))
        finish_run(connection, run.id, state=state, summary="", problem=asked if state == "uncertain" else None)
    store.close()
    return run.id


def after(settings_file: Path, run_id: int) -> tuple[str, list[str], int]:
    """Give the run's state, the deal's live documents, and how many attempts are in the queue."""
    settings = load_settings(settings_file)
    store = open_store(store_url(settings))
    queue = make_queue(settings, store)
    try:
        with store.read() as connection:
            links = links_from(connection, sync="won", source_kind="deal", source_id="7")
            live = [link.number for link in links if link.cut_at is None]
            return get_run(connection, run_id).state, live, in_queue(queue)
    finally:
        queue.close()
        store.close()


@pytest.mark.parametrize("answer", ["new-document", "restore", "not-made"])
@pytest.mark.parametrize("state", ["nothing", "done", "failed"])
def test_an_answer_to_no_question_changes_nothing(cli, settings_file: Path, state: FinalState, answer: str) -> None:
    run_id = linked_run(settings_file, state)
    result = cli("answer", str(run_id), answer)
    assert result.code == 1
    assert "nothing was changed" in result.err
    assert after(settings_file, run_id) == (state, ["1001"], 0)


def test_an_answer_and_what_follows_from_it_are_one(cli, settings_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id = linked_run(settings_file, "uncertain")

    def full(*_: object, **__: object) -> str:
        raise ErpcoreError("the disk is full.")

    with monkeypatch.context() as broken:
        broken.setattr(RunQueue, "enqueue", full)
        assert cli("answer", str(run_id), "new-document").code == 1
    assert after(settings_file, run_id) == ("uncertain", ["1001"], 0)
    assert "--intent goes with" in cli("answer", str(run_id), "restore", "--intent", "1").err
    assert cli("answer", str(run_id), "new-document").code == 0
    assert after(settings_file, run_id) == ("queued", [], 1)


def two_documents(settings_file: Path) -> int:
    """A run that asks which of two orders counts."""
    run_id = linked_run(settings_file, "uncertain")
    store = open_store(store_url(load_settings(settings_file)))
    asked = Problem.of(two_documents_of("deal 7", "create_order", "1001", "1002"))
    with store.begin() as connection:
        wanted = {"sync": "won", "record": "deal 7", "operation": "create_order", "reference": "r-1"}
        intent = plan_intent(connection, fence_seconds=60, **wanted)
        turn = begin_sending(connection, intent.id, worker="w1")
        for number in ("1001", "1002"):
            record_done(connection, intent.id, attempt=turn.attempt, number=number)
        reopen_run(connection, run_id)
        finish_run(connection, run_id, state="uncertain", summary=asked.text, problem=asked)
    store.close()
    return run_id


def test_two_documents_are_listed_and_a_person_keeps_one(cli, settings_file: Path) -> None:
    run_id = two_documents(settings_file)
    for shown in (cli("status"), cli("status", "--state", "uncertain"), cli("status", str(run_id))):
        assert "uncertain" in shown.out
        assert "1001 and 1002" in " ".join(shown.out.split())
    story = cli("status", str(run_id)).out
    assert "“keep”" in story
    assert "not-made" not in story, "that is another question"
    assert "need the document's number" in cli("answer", str(run_id), "keep").err
    assert "are 1001 and 1002" in cli("answer", str(run_id), "keep", "7").err
    for other in (["made", "1001"], ["not-made"], ["new-document"], ["restore"]):
        assert "nothing was changed" in cli("answer", str(run_id), *other).err
    assert after(settings_file, run_id) == ("uncertain", ["1001"], 0)
    assert cli("answer", str(run_id), "keep", "1002").code == 0
    assert after(settings_file, run_id) == ("queued", ["1002"], 1)
    again = cli("answer", str(run_id), "keep", "1001")
    assert again.code == 1
    assert "nothing was changed" in again.err


def test_fields_are_printed_for_people_and_for_programs(cli) -> None:
    assert "OrderedQuantity" in cli("fields", "fortnox", "order_row").out
    table = json.loads(cli("fields", "fortnox", "order_row", "--json").out)
    assert {"field", "native", "state", "note"} == set(table["order_row"][0])
    assert "It has: " in cli("fields", "fortnox", "nothing").err
    assert "No plugin “nothing” is installed" in cli("fields", "nothing").err


def test_plugins_lists_both_with_their_operations(cli) -> None:
    listed = {plugin["name"]: plugin for plugin in json.loads(cli("plugins", "--json").out)}
    assert listed["fortnox"]["ok"]
    assert "create_order" in listed["fortnox"]["operations"]
    assert "fetch_deal" in listed["lime_go"]["operations"]


def test_a_store_is_copied_with_its_work_and_work_goes_on_there(cli, settings_file: Path, tmp_path: Path) -> None:
    cli("send", "won", "850000")
    failed = linked_run(settings_file, "failed")
    copied = cli("db", "copy", "--to", f"sqlite:///{tmp_path / 'other.db'}")
    assert copied.code == 0, copied.err
    assert "1 runs that are under way" in copied.out
    assert "set ERPCORE_KEY to what is in" in copied.out
    again = cli("db", "copy", "--to", f"sqlite:///{tmp_path / 'other.db'}")
    assert again.code == 2
    assert "is not empty" in again.err
    other = tmp_path / "other.toml"
    other.write_text(f'[store]\nurl = "sqlite:///other.db"\n{settings_file.read_text()}')
    assert "deal 850000" in cli("status", "--settings", str(other)).out
    settings = load_settings(other)
    store = open_store(store_url(settings))
    queue = make_queue(settings, store)
    try:
        assert len(in_the_queue(queue)) == 1
        assert after(other, failed)[:2] == ("failed", ["1001"])
    finally:
        queue.close()
        store.close()
