"""What the operator sees: the head of status, lists, causes, a line for cron, and JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from erpcore.errors import ConsentNeededError, MissingRecordError, UnavailableError, UncertainEffectError
from erpcore.problem import Problem
from erpcore.settings import load_settings, store_url
from erpcore.store import (
    Store,
    StoreTokenStore,
    describe,
    finish_run,
    note_failing,
    note_well,
    open_run,
    open_store,
    put_link,
    register_worker,
    stop_worker,
)

pytestmark = pytest.mark.usefixtures("secrets")

MISSING = Problem.of(
    MissingRecordError(
        "The article “Beslag” (BESLAG-77) of row 1 is not in the ERP.",
        record="deal 850000",
        advice="Create it in the ERP.",
    ).about("article", "BESLAG-77")
)


@pytest.fixture
def store(settings_file: Path) -> Iterator[Store]:
    opened = open_store(store_url(load_settings(settings_file)))
    yield opened
    opened.close()


def ended(store: Store, record_id: str, state: Any, problem: Problem | None = None, kind: str = "deal") -> int:
    with store.begin() as connection:
        key = {"record_kind": kind, "record_id": record_id}
        run, _ = open_run(connection, sync="won", source="lime", target="books", **key)
        shown = {"name": "Specialbeslag", "customer": "Åkerlund & Söner HB", "seller": "Anna Exempel"}
        describe(connection, run, {**shown, "amount": Decimal(3580), "currency": "SEK"})
        finish_run(connection, run.id, state=state, summary=problem.text if problem else "Order 1001.", problem=problem)
    return run.id


def alive(store: Store) -> None:
    with store.begin() as connection:
        register_worker(connection, "vm", host="vm", pid=1)
        note_well(connection, "lime", "feed")
        note_well(connection, "books", "requests")


def head(cli, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("COLUMNS", "80")
    shown = cli("status")
    assert shown.code == 0, shown.err
    assert max(len(line) for line in shown.out.splitlines()) <= 80
    return " ".join(shown.out.split())


def checked(cli) -> tuple[int, str]:
    result = cli("status", "--check")
    assert len(result.out.splitlines()) == 1
    return result.code, result.out


def level(cli) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(cli("status", "--json").out)
    return told


def test_all_is_well(cli, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    alive(store)
    ended(store, "1", "done")
    assert "All is well." in head(cli, monkeypatch)
    assert "vm is alive" in head(cli, monkeypatch)
    assert checked(cli)[0] == 0
    assert "erpcore OK - " in checked(cli)[1]
    assert level(cli)["level"] == "well"


def test_a_worker_that_never_ran_was_stopped_or_is_silent_is_told(
    cli, store: Store, settings_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "worker has never run: erpcore run" in head(cli, monkeypatch)
    alive(store)
    settings_file.write_text(f"{settings_file.read_text()}\n[worker]\ndead_after_seconds = 0.001\n")
    assert "vm gives no sign of life: nothing is sent until erpcore run (since" in head(cli, monkeypatch)
    assert checked(cli)[0] == 2
    assert level(cli)["level"] == "critical"
    with store.begin() as connection:
        stop_worker(connection, "vm")
    assert "vm was stopped" in checked(cli)[1]


def test_a_system_that_is_away_and_a_consent_that_is_gone_are_told(
    cli, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    alive(store)
    with store.begin() as connection:
        note_failing(connection, "lime", "feed", Problem.of(UnavailableError("GET /v1 failed: no connection.")))
    StoreTokenStore(store).mark_dead("books", "withdrawn by the customer")
    shown = head(cli, monkeypatch)
    assert "2 things need somebody." in shown
    assert "lime its feed cannot be read: GET /v1 failed: no connection. (since" in shown
    assert "books needs consent: erpcore connect books [withdrawn by the customer]" in shown
    code, line = checked(cli)
    assert code == 2
    assert "erpcore CRITICAL - lime its feed cannot be read" in line
    signs = {sign["subject"]: sign["level"] for sign in level(cli)["signs"]}
    assert signs == {"worker": "well", "lime": "critical", "books": "critical", "records": "well"}


def test_a_full_disk_is_told(cli, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    alive(store)
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 3 * 2**20})())
    assert "disk is full: 3 MB are left for erpcore.db" in head(cli, monkeypatch)
    assert checked(cli)[0] == 2
    assert "disk" in {sign["subject"] for sign in level(cli)["signs"] if sign["level"] == "critical"}


def test_what_waits_for_a_person_is_told_by_its_cause(cli, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    alive(store)
    ended(store, "850000", "failed", MISSING)
    ended(store, "850001", "failed", MISSING)
    question = Problem.of(UncertainEffectError("Nobody knows.", record="deal 850002", advice="Look."))
    ended(store, "850002", "uncertain", question)
    shown = head(cli, monkeypatch)
    assert "1 thing needs somebody." in shown
    assert "records 2 failed, 1 uncertain" in shown
    assert f"{MISSING.key} Article missing, 2 records since" in shown
    assert "Waiting for an answer, 1 record" in shown
    assert checked(cli)[0] == 1
    told = level(cli)
    assert told["level"] == "warning"
    assert [(each["key"], each["count"], each["who"]) for each in told["causes"]] == [
        (MISSING.key, 2, "accounts"),
        (question.key, 1, "accounts"),
    ]
    assert told["causes"][0]["steps"][-1] == f"Send what waits for it again: erpcore retry --cause {MISSING.key}"


def test_a_row_names_deal_customer_seller_and_sum(cli, store: Store) -> None:
    with store.begin() as connection:
        put_link(connection, sync="won", source_kind="deal", source_id="1", target_kind="order", number="1001")
    run = ended(store, "1", "done")
    shown = " ".join(cli("status").out.split())
    assert "deal 1 Specialbeslag done 3 580.00 SEK" in shown
    assert "Åkerlund & Söner HB, Anna Exempel" in shown
    (told,) = level(cli)["records"]
    assert {**told, "since": 0, "changed_at": 0} == {
        "sync": "won",
        "kind": "deal",
        "id": "1",
        "run": run,
        "state": "done",
        "trying": None,
        "since": 0,
        "changed_at": 0,
        "cause": None,
        "name": "Specialbeslag",
        "customer": "Åkerlund & Söner HB",
        "seller": "Anna Exempel",
        "amount": 3580,
        "currency": "SEK",
        "documents": {"order": "1001"},
        "result": "Order 1001.",
        "set_aside_by": None,
        "set_aside_why": None,
    }


def test_lists_are_filtered_and_paged(cli, store: Store) -> None:
    ended(store, "1", "failed", MISSING)
    ended(store, "2", "done")
    ended(store, "pase1", "nothing", kind="company")
    listed = cli("status").out
    assert "deal 1" in listed
    assert "company pase1" not in listed, "what had nothing to do fills no list"
    assert "1 more had nothing to do: erpcore status --all" in listed
    assert "company pase1" in cli("status", "--all").out
    assert "deal 2" not in cli("status", "--state", "failed").out
    assert "deal 2" not in cli("status", "--cause", MISSING.key).out
    assert "deal 1" in cli("status", "--cause", MISSING.key).out
    assert "No records." in cli("status", "--sync", "other").out
    assert "No records." in cli("status", "--since", "2199-01-01").out
    assert "deal 1" in cli("status", "--until", "2199-01-01").out
    assert "company pase1" in cli("status", "--record", "pase1").out
    page = cli("status", "--all", "--most", "2").out
    assert "More: erpcore status --before 2" in page
    assert "deal 1" in cli("status", "--all", "--before", "2").out
    assert cli("status", "--most", "0").code == 2
    unknown = cli("status", "--state", "broken")
    assert unknown.code == 1
    assert "set_aside" in unknown.err


def test_a_story_ends_with_how_it_is_mended(cli, store: Store) -> None:
    run = ended(store, "850000", "failed", MISSING)
    shown = cli("status", str(run)).out
    assert "Article missing. A row names the article BESLAG-77, which the ERP does not have." in shown
    assert "Mended by accounts, in the ERP:" in shown
    assert f"2. Send what waits for it again: erpcore retry --cause {MISSING.key}" in shown
    told = json.loads(cli("status", str(run), "--json").out)
    assert told["run"]["state"] == "failed"
    assert told["problem"]["key"] == MISSING.key
    assert told["remedy"]["label"] == "Article missing"
    assert told["story"] == []


def test_what_is_dealt_with_elsewhere_is_set_aside_and_taken_back(cli, store: Store) -> None:
    run = ended(store, "850000", "failed", MISSING)
    aside = cli("dismiss", str(run), "--why", "invoiced by hand")
    assert aside.code == 0, aside.err
    assert "No records." in cli("status").out
    assert "invoiced by hand" in cli("status", "--state", "set_aside").out
    assert "Nothing stands as failed." in cli("retry", "--failed").out
    assert "set this aside: invoiced by hand" in cli("status", str(run)).out
    assert "nothing to set aside" in cli("dismiss", str(run), "--why", "again").err
    assert "--why is empty" in cli("dismiss", str(run), "--why", " ").err
    assert cli("retry", str(run)).code == 0
    assert "queued" in cli("status").out


def test_retry_takes_what_stands_as_failed_now_and_by_cause(cli, store: Store) -> None:
    first = ended(store, "1", "failed", MISSING)
    ended(store, "1", "done")
    second = ended(store, "2", "failed", MISSING)
    consent = Problem.of(ConsentNeededError("gone", connection="books"))
    third = ended(store, "3", "failed", consent)
    told = json.loads(cli("retry", "--cause", consent.key, "--json").out)
    assert told == {"queued": [third], "refused": [], "worker_alive": False}
    again = cli("retry", "--failed")
    assert again.code == 0
    assert f"Run {second} is queued again." in again.out
    assert f"Run {first} " not in again.out, "the deal has a newer run, which is done"
    assert "No worker is running: nothing happens until erpcore run." in again.out
    assert "failed" in cli("status").out, "it stands so until the new attempt is over"
    assert "queued again" in cli("status").out
    assert "Nothing stands as failed." in cli("retry", "--failed").out
    assert "No run is named" in cli("retry").err


def test_send_says_when_nobody_works(cli, store: Store) -> None:
    assert "No worker is running" in cli("send", "won", "850000").out
    told = json.loads(cli("send", "won", "850000", "--json").out)
    assert told == {"run": 1, "state": "queued", "new": False, "worker_alive": False}
    alive(store)
    assert "No worker is running" not in cli("send", "won", "850001").out


def test_programs_are_told_what_people_are(cli, settings_file: Path, fortnox, lime_go, store: Store) -> None:
    fortnox[0].tokens()
    lime_go[0].win_deal("850000")
    plan = json.loads(cli("plan", "won", "850000", "--json").out)
    assert plan["record"] == {"kind": "deal", "id": "850000"}
    assert {step["name"] for step in plan["steps"]} >= {"create_order"}
    assert all(step["words"] for step in plan["steps"])
    assert isinstance(plan["losses"], list)
    check = cli("check", "--json")
    told = json.loads(check.out)
    assert check.code == 0
    assert told["ok"]
    assert [each["name"] for each in told["connections"]] == ["lime", "books"]
    assert told["connections"][1]["account"] == "Demobolaget AB"
    assert {each["state"] for each in told["connections"][0]["checks"]} <= {"ok", "warning"}
    run = ended(store, "7", "uncertain", Problem.of(UncertainEffectError("Which?", cause="cleared_number")))
    with store.begin() as connection:
        put_link(connection, sync="won", source_kind="deal", source_id="7", target_kind="order", number="1001")
    answer = json.loads(cli("answer", str(run), "new-document", "--json").out)
    assert {**answer, "person": "x"} == {
        "run": run,
        "state": "queued",
        "answer": "new-document",
        "number": None,
        "person": "x",
        "worker_alive": False,
    }


def test_a_link_is_shown_set_and_cut(cli, settings_file: Path, fortnox, store: Store) -> None:
    fortnox[0].tokens()
    fortnox[0].seed({"customers": [{"CustomerNumber": "77", "Name": "Granudden Bygg AB"}]})
    company = ("link", "won", "pase1", "--kind", "company")
    assert "is nothing in the ERP that erpcore knows of" in cli(*company).out
    unknown = cli(*company, "--to", "4711")
    assert unknown.code == 1
    assert "Fortnox has no customer 4711. Nothing was changed." in unknown.err
    assert "is customer 77 in the ERP from now on" in cli(*company, "--to", "77").out
    changed = cli(*company, "--to", "10", "--why", "merged")
    assert changed.code == 0, changed.err
    assert "merged" in changed.out
    links = json.loads(cli(*company, "--json").out)["links"]
    assert [(link["number"], link["cut_at"] is None) for link in links] == [("77", False), ("10", True)]
    assert "is no customer in the ERP from now on" in cli(*company, "--cut").out
    assert "It is no customer in the ERP." in cli(*company, "--cut").err
    assert cli(*company, "--cut", "--to", "1").code == 2
    cli("send", "won", "pase1", "--kind", "company")
    assert "run 1 of it is queued" in cli(*company, "--to", "77").err


def test_what_was_made_is_told_anew_after_a_link_was_cut(cli, settings_file: Path, fortnox, store: Store) -> None:
    fortnox[0].tokens()
    with store.begin() as connection:
        put_link(connection, sync="won", source_kind="deal", source_id="1", target_kind="order", number="1001")
    run = ended(store, "1", "done")
    assert cli("link", "won", "1", "--cut", "--why", "made by mistake").code == 0
    assert level(cli)["records"][0]["documents"] == {}
    assert "made by mistake: no order any more" in cli("status", str(run)).out
