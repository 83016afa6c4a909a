"""Workers, in this process and as processes of their own, on a CRM and an ERP whose state outlives them."""

from __future__ import annotations

import importlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import IO, Any

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet

from erpcore.engine.attempts import RunHandler
from erpcore.engine.queue import Attempt, RunQueue
from erpcore.engine.recovery import Recovery
from erpcore.engine.runtime import Runtime
from erpcore.engine.worker import make_queue
from erpcore.settings import Settings, WorkerSettings, load_settings, store_url
from erpcore.store.database import Store, open_store, upgrade
from erpcore.store.runs import Run, get_run, list_runs, open_run
from erpcore.store.story import StoryLine, story_of_run
from tests.conftest_postgres import new_database

HERE = Path(__file__).parent
SETTINGS = """\
[store]
url = "{url}"
synchronous = "NORMAL"

[worker]
poll_seconds = 0.1
queue_seconds = 0.05
concurrency = 6
dead_after_seconds = {dead_after}
retry_seconds = [0.3, 0.6]
stop_seconds = 2
{worker}

[connections.crm]
plugin = "folder_crm"
folder = "{folder}"

[connections.erp]
plugin = "folder_erp"
folder = "{folder}"

[syncs.deals]
crm = "crm"
erp = "erp"
"""


@pytest.fixture(scope="session")
def plugin_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for PYTHONPATH in which the folder plugins are installed, with metadata like any other plugin's."""
    site = tmp_path_factory.mktemp("site")
    shutil.copy(HERE / "folder_plugin.py", site / "folder_plugin.py")
    info = site / "erpcore_folder-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: erpcore-folder\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[erpcore.crm]\nfolder_crm = folder_plugin:FolderCrm\n[erpcore.erp]\nfolder_erp = folder_plugin:FolderErp\n"
    )
    return site


@dataclass
class Place:
    """One installation: settings, store and the folder that is both systems."""

    settings_file: Path
    site: Path
    folder: Any
    processes: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def settings(self) -> Settings:
        return load_settings(self.settings_file)

    @contextmanager
    def store(self) -> Iterator[Store]:
        store = open_store(store_url(self.settings), synchronous="NORMAL")
        try:
            yield store
        finally:
            store.close()

    @cached_property
    def looking(self) -> Store:
        """The store, for looking in often; left open until the end."""
        return open_store(store_url(self.settings), synchronous="NORMAL")

    def runs(self) -> list[Run]:
        with self.looking.read() as connection:
            return sorted(list_runs(connection), key=lambda run: run.id)

    def story(self, run: Run) -> list[StoryLine]:
        with self.looking.read() as connection:
            return story_of_run(connection, run.id)

    def orders(self) -> list[tuple[str, dict[str, Any]]]:
        return list(self.folder.all("order"))

    def erp_id(self, deal: str) -> str | None:
        return (self.folder.get("deal", deal) or {})["erp_id"]

    def start(self, name: str = "w1", *, ready: bool = True) -> subprocess.Popen[str]:
        """Start a worker process; wait until it takes runs."""
        log: IO[str] = (self.settings_file.parent / f"{name}-{len(self.processes)}.log").open("w+")
        env = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(self.site), str(HERE.parent.parent)]),
        }
        process = subprocess.Popen(
            [sys.executable, str(HERE / "worker_process.py"), str(self.settings_file), name],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=env,
        )
        process.log = log  # type: ignore[attr-defined]  # closed and shown with the process
        self.processes.append(process)
        if ready:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line == "ready\n", self.log(process)
        return process

    def log(self, process: subprocess.Popen[str]) -> str:
        process.log.seek(0)  # type: ignore[attr-defined]
        return str(process.log.read())  # type: ignore[attr-defined]

    def end(self) -> None:
        """Kill what still runs."""
        if "looking" in vars(self):
            self.looking.close()
        for process in self.processes:
            if process.poll() is None:
                process.kill()
                process.wait(10)
            assert process.stdout is not None
            process.stdout.close()
            process.log.close()  # type: ignore[attr-defined]

    def kill(self, process: subprocess.Popen[str]) -> None:
        process.send_signal(signal.SIGKILL)
        process.wait(10)

    def terminate(self, process: subprocess.Popen[str]) -> int:
        process.terminate()
        try:
            return process.wait(60)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGUSR1)
            time.sleep(0.5)
            raise AssertionError(f"the worker does not stop:\n{self.log(process)}") from None

    def wait(self, what: Callable[[], Any], seconds: float = 40.0) -> Any:
        """Wait until something is so; show the workers' logs when it does not come."""
        until = time.monotonic() + seconds
        while not (found := what()):
            if time.monotonic() > until:
                logs = "\n".join(self.log(process) for process in self.processes)
                raise AssertionError(f"waited {seconds} s in vain; runs: {self.runs()}\n{logs}")
            time.sleep(0.1)
        return found

    def wait_for_state(self, *states: str, count: int = 1, seconds: float = 40.0) -> list[Run]:
        """Wait until there are so many runs and all of them are in one of these states."""

        def there() -> list[Run]:
            runs = self.runs()
            return runs if len(runs) >= count and all(run.state in states for run in runs) else []

        found: list[Run] = self.wait(there, seconds)
        return found


@pytest.fixture
def folder_class(plugin_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(plugin_path))
    return importlib.import_module("folder_plugin").Folder


def _lay_out(url: str) -> None:
    upgrade(url)
    store = open_store(url, synchronous="NORMAL")
    queue = RunQueue(store, erp_of_sync={}, lanes=1)
    queue.make_tables()
    queue.close()
    store.close()


@pytest.fixture(scope="session")
def laid_out_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the store's and the engine's tables: copying it is quicker than making them for each test."""
    file = tmp_path_factory.mktemp("laid_out") / "erpcore.db"
    _lay_out(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def laid_out_database(postgres_server: str) -> Iterator[str]:
    """Name of a PostgreSQL database with the same tables."""
    with new_database(postgres_server) as url:
        _lay_out(url)
        yield str(sa.make_url(url).database)


@pytest.fixture
def make_place(
    tmp_path: Path, plugin_path: Path, folder_class: Any, laid_out_file: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Place]]:
    monkeypatch.setenv("ERPCORE_KEY", Fernet.generate_key().decode())
    places: list[Place] = []

    def make(url: str = "sqlite:///erpcore.db", *, dead_after: float = 30.0, worker: str = "") -> Place:
        settings = tmp_path / "erpcore.toml"
        folder = tmp_path / "systems"
        settings.write_text(SETTINGS.format(url=url, folder=folder, dead_after=dead_after, worker=worker))
        place = Place(settings, plugin_path, folder_class(folder))
        place.folder.company("c1")
        if place.settings.store.url.startswith("sqlite"):
            shutil.copy(laid_out_file, tmp_path / "erpcore.db")
        upgrade(store_url(place.settings))
        with place.store() as store:
            queue = make_queue(place.settings, store)
            queue.make_tables()
            queue.close()
        places.append(place)
        return place

    yield make
    for place in places:
        place.end()


@pytest.fixture
def place_class() -> type[Place]:
    return Place


class FakeFlow:
    """A flow that does what a test tells it: a step's name is looked up in `does`."""

    def __init__(self) -> None:
        self.steps = ["first", "second"]
        self.does: dict[str, Callable[[], Any]] = {}
        self.done: list[str] = []
        self.told: list[str] = []

    def _do(self, name: str) -> Any:
        self.done.append(name)
        return self.does.get(name, lambda: None)()

    def read_crm(self, run_id: int) -> Any:
        return self._do("read_crm") or {"run": run_id}

    def make_plan(self, run_id: int, crm: Any) -> Any:
        self._do("make_plan")
        return {"steps": [{"step": name} for name in self.steps], "of": crm}

    def do_step(self, run_id: int, plan: Any, index: int, results: Any) -> Any:
        assert len(results) == index
        self._do(plan["steps"][index]["step"])
        return {"number": index}

    def finish(self, run_id: int, plan: Any, results: Any) -> Any:
        self._do("finish")
        return {"state": "done", "summary": f"{len(results)} steps"}

    def tell_failure(self, run_id: int, message: str) -> None:
        self.told.append(message)
        self._do("tell_failure")


@dataclass
class Bench:
    """An engine's parts in this process, with a flow that the test decides on."""

    store: Store
    queue: RunQueue
    flow: FakeFlow
    handler: RunHandler
    settings: WorkerSettings

    @property
    def workflows(self) -> sa.TableClause:
        """The engine's own table, to put it into states that take days to come about."""
        names = ("status", "application_version", "executor_id", "serialization")
        return sa.table("workflow_status", *map(sa.column, names), schema=None if self.store.is_sqlite else "dbos")

    @property
    def steps(self) -> sa.TableClause:
        return sa.table("operation_outputs", sa.column("output"), schema=None if self.store.is_sqlite else "dbos")

    def runtime(self, name: str = "w1") -> Runtime:
        return Runtime(self.store, self.queue, self.handler, self.settings, name)

    def recovery(self, name: str = "w1", *, holds: Callable[[Attempt], bool] = lambda _: False) -> Recovery:
        return Recovery(self.store, self.queue, self.handler, self.settings, name, holds)

    def open(self, record: str = "d1", *, enqueue: bool = True) -> Run:
        with self.store.begin() as connection:
            run, _ = open_run(
                connection, sync="deals", source="crm", target="erp", record_kind="deal", record_id=record
            )
            if enqueue:
                self.queue.enqueue(connection, run)
        return run

    def run(self, run_id: int) -> Run:
        with self.store.read() as connection:
            return get_run(connection, run_id)

    def lines(self, run_id: int, kind: str) -> list[StoryLine]:
        with self.store.read() as connection:
            return [line for line in story_of_run(connection, run_id) if line.kind == kind]

    def attempts(self, run: Run) -> list[tuple[int, str]]:
        return [(attempt.number, attempt.status) for attempt in self.queue.attempts(run)]

    def wait(self, what: Callable[[], Any], seconds: float = 40.0) -> Any:
        until = time.monotonic() + seconds
        while not (found := what()):
            assert time.monotonic() < until, "waited in vain"
            time.sleep(0.05)
        return found

    @contextmanager
    def running(self, name: str = "w1") -> Iterator[Runtime]:
        runtime = self.runtime(name)
        before = set(threading.enumerate())
        runtime.start()
        try:
            yield runtime
        finally:
            runtime.stop(0)
            # A run is done a moment before the engine has noted that, and the test's database goes next.
            for thread in set(threading.enumerate()) - before:
                thread.join(30)


@pytest.fixture(params=["sqlite", "postgresql"])
def laid_out_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of a store of this test's own, with the engine's tables in it."""
    if request.param == "sqlite":
        file = shutil.copy(request.getfixturevalue("laid_out_file"), tmp_path / "erpcore.db")
        yield f"sqlite:///{file}"
        return
    server = request.getfixturevalue("postgres_server")
    with new_database(server, template=request.getfixturevalue("laid_out_database")) as url:
        yield url


@pytest.fixture
def bench(laid_out_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setenv("ERPCORE_KEY", Fernet.generate_key().decode())
    store = open_store(laid_out_url, synchronous="NORMAL")
    settings = WorkerSettings(queue_seconds=0.05, retry_seconds=(0.2, 0.4), dead_after_seconds=0.5, concurrency=4)
    queue = RunQueue(store, erp_of_sync={"deals": "erp"}, lanes=4)
    queue.make_tables()
    flow = FakeFlow()
    yield Bench(store, queue, flow, RunHandler(store, queue, lambda *_: flow, settings), settings)
    queue.close()
    store.close()


@pytest.fixture
def place(make_place: Callable[..., Place]) -> Place:
    """An installation on a SQLite file."""
    return make_place()
