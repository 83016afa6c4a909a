"""Workers on one machine have names of their own, which stay the same over a restart."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from erpcore.engine.worker import Worker
from erpcore.settings import parse_settings
from erpcore.store import Store, open_store, register_worker, stop_worker, upgrade
from tests.conftest_postgres import new_database

HOST = socket.gethostname()


@pytest.fixture
def store(postgres_server: str) -> Iterator[Store]:
    with new_database(postgres_server) as url:
        upgrade(url)
        opened = open_store(url, key=Fernet.generate_key().decode())
        yield opened
        opened.close()


def named(store: Store, tmp_path: Path) -> str:
    worker = Worker(parse_settings("", tmp_path / "erpcore.toml"), store)
    worker.queue.close()
    return worker.executor_id


def test_the_first_free_name_of_the_machine_is_taken(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert named(store, tmp_path) == HOST
    # Processes that live, as this one's parent does.
    with store.begin() as connection:
        register_worker(connection, HOST, host=HOST, pid=os.getppid())
    assert named(store, tmp_path) == f"{HOST}-2"
    with store.begin() as connection:
        register_worker(connection, f"{HOST}-2", host=HOST, pid=os.getppid())
    assert named(store, tmp_path) == f"{HOST}-3"
    with store.begin() as connection:
        stop_worker(connection, HOST)
    assert named(store, tmp_path) == HOST, "a restart gets its name again"
    with store.begin() as connection:
        register_worker(connection, HOST, host=HOST, pid=2**22 + 1)
    assert named(store, tmp_path) == HOST, "so does one whose process was killed"


def test_where_no_question_to_a_process_can_be_asked_its_heartbeat_tells(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    monkeypatch.setattr("erpcore.engine.worker.os.kill", lambda pid, signal: asked.append(pid))
    monkeypatch.setattr("erpcore.engine.worker._WINDOWS", True)
    with store.begin() as connection:
        register_worker(connection, HOST, host=HOST, pid=2**22 + 1)
    assert named(store, tmp_path) == f"{HOST}-2"
    assert asked == [], "on Windows signal 0 would be a Ctrl-C"
