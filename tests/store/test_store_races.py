"""Several threads and processes at the same row: one of them wins."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Connection

from erpcore.store import (
    Store,
    Turn,
    begin_sending,
    finish_run,
    history_of,
    list_runs,
    open_run,
    plan_intent,
    put_event,
    take_run,
)

THREADS = 6
RECORD = {"sync": "s", "source": "crm", "record_kind": "deal", "record_id": "1"}
PROCESS = """
import json, sys
from erpcore.store import begin_sending, open_run, open_store
url, records, intents = sys.argv[1], json.loads(sys.argv[2]), json.loads(sys.argv[3])
store = open_store(url)
print("ready", flush=True)
sys.stdin.readline()
won = {"intents": [], "runs": []}
for intent in intents:
    with store.begin() as connection:
        if begin_sending(connection, intent, worker="process").action == "send":
            won["intents"].append(intent)
for record in records:
    with store.begin() as connection:
        run, new = open_run(connection, sync="s", source="crm", target="erp", record_kind="deal", record_id=record)
        if new:
            won["runs"].append([record, run.generation])
print(json.dumps(won))
"""


def _event(connection: Connection, key: str) -> None:
    record = {name: value for name, value in RECORD.items() if name != "sync"}
    put_event(connection, event_key=key, kind="changed", **record)


def _intent(store: Store, reference: str) -> int:
    with store.begin() as connection:
        return plan_intent(
            connection,
            sync="s",
            record=reference,
            operation="create_order",
            reference=reference,
            fence_seconds=60,
        ).id


def test_one_thread_of_many_may_send(store: Store) -> None:
    for round_number in range(5):
        intent_id = _intent(store, f"r{round_number}")
        gate = threading.Barrier(THREADS)

        def begin(worker: int, intent_id: int = intent_id, gate: threading.Barrier = gate) -> Turn:
            gate.wait()
            with store.begin() as connection:
                return begin_sending(connection, intent_id, worker=f"w{worker}")

        with ThreadPoolExecutor(THREADS) as pool:
            turns = list(pool.map(begin, range(THREADS)))
        assert sorted(turn.action for turn in turns) == ["look_up"] * (THREADS - 1) + ["send"]
        with store.read() as connection:
            assert [event.what for event in history_of(connection, intent_id)] == ["planned", "sending"]


def test_one_thread_of_many_opens_the_run(store: Store) -> None:
    for round_number in range(5):
        gate = threading.Barrier(THREADS)

        def enter(_: int, gate: threading.Barrier = gate, record: str = str(round_number)) -> tuple[int, bool]:
            gate.wait()
            with store.begin() as connection:
                run, new = open_run(
                    connection, sync="s", source="crm", target="erp", record_kind="deal", record_id=record
                )
                return run.id, new

        with ThreadPoolExecutor(THREADS) as pool:
            results = list(pool.map(enter, range(THREADS)))
        assert len({run_id for run_id, _ in results}) == 1
        assert sum(new for _, new in results) == 1


def test_a_run_cannot_finish_while_an_event_for_it_is_being_written(store: Store) -> None:
    with store.begin() as connection:
        run, _ = open_run(connection, target="erp", **RECORD)
        take_run(connection, run.id, 1, worker="w")

    def finish() -> bool:
        with store.begin() as connection:
            return finish_run(connection, run.id, state="done", summary="")

    with ThreadPoolExecutor(1) as pool:
        with store.begin() as connection:
            _event(connection, "1")
            assert open_run(connection, target="erp", **RECORD)[1] is False
            finishing = pool.submit(finish)
            time.sleep(0.2)  # long enough for it to slip through if nothing held it
            assert not finishing.done()
        assert finishing.result(30), "the event was seen"


def test_an_event_that_comes_while_a_run_finishes_opens_the_next(store: Store) -> None:
    with store.begin() as connection:
        run, _ = open_run(connection, target="erp", **RECORD)
        take_run(connection, run.id, 1, worker="w")

    def deliver() -> tuple[int, bool]:
        with store.begin() as connection:
            _event(connection, "1")
            following, new = open_run(connection, target="erp", **RECORD)
            return following.generation, new

    with ThreadPoolExecutor(1) as pool:
        with store.begin() as connection:
            assert not finish_run(connection, run.id, state="done", summary="")
            delivering = pool.submit(deliver)
            time.sleep(0.2)  # as above
            assert not delivering.done()
        assert delivering.result(30) == (2, True)


def test_no_event_is_left_behind_when_a_run_finishes_at_that_moment(store: Store) -> None:
    """Events come from one thread while another works runs off; in the end a run covers every one."""
    count = 30
    to_do: list[int] = []
    all_in = threading.Event()

    def deliver() -> None:
        for number in range(count):
            with store.begin() as connection:
                _event(connection, str(number))
                run, new = open_run(connection, target="erp", **RECORD)
            if new:
                to_do.append(run.id)
        all_in.set()

    def work() -> None:
        while not (all_in.is_set() and not to_do):
            if not to_do:
                continue
            run_id = to_do.pop()
            with store.begin() as connection:
                take_run(connection, run_id, 1, worker="w")
            with store.begin() as connection:
                if finish_run(connection, run_id, state="done", summary=""):
                    run, new = open_run(connection, target="erp", **RECORD)
                    if new:
                        to_do.append(run.id)

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(deliver), pool.submit(work)]:
            done.result(60)
    with store.read() as connection:
        open_runs = list_runs(connection, states=("queued", "running", "waiting"))
        covered = connection.exec_driver_sql("SELECT count(DISTINCT event_id) FROM erpcore_inbox_runs").scalar_one()
    assert open_runs == []
    assert covered == count


@pytest.mark.slow
def test_two_processes_share_the_work_without_overlap(store: Store, store_url: str) -> None:
    intents = [_intent(store, f"r{number}") for number in range(20)]
    records = [str(number) for number in range(20)]
    command = [sys.executable, "-c", PROCESS, store_url, json.dumps(records), json.dumps(intents)]
    processes = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    results = [json.loads(process.communicate("go\n", timeout=60)[0]) for process in processes]
    assert sorted(results[0]["intents"] + results[1]["intents"]) == intents
    opened = results[0]["runs"] + results[1]["runs"]
    assert sorted(record for record, _ in opened) == sorted(records)
    assert {generation for _, generation in opened} == {1}
