"""Workers, in this process and as processes of their own, on a CRM and an ERP whose state outlives them."""

from __future__ import annotations

import importlib
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet

from erpcore.engine.attempts import Attempts
from erpcore.engine.queue import RunQueue
from erpcore.engine.recovery import Recovery
from erpcore.engine.runtime import Runtime
from erpcore.engine.worker import Worker, make_queue
from erpcore.problem import Problem
from erpcore.settings import WorkerSettings, store_url
from erpcore.store import Run, Store, StoryLine, get_run, open_run, open_store, story_of_run, upgrade
from erpcore.sync.flow import Ending
from tests.conftest_postgres import new_database
from tests.engine.place import Place

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


@pytest.fixture
def folder_class(plugin_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(plugin_path))
    return importlib.import_module("folder_plugin").Folder


def _lay_out(url: str) -> None:
    upgrade(url)
    store = open_store(url, synchronous="NORMAL")
    queue = RunQueue(store, lanes=1)
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

    def make(
        url: str = "sqlite:///erpcore.db", *, dead_after: float = 30.0, worker: str = "", laid_out: bool = True
    ) -> Place:
        settings = tmp_path / "erpcore.toml"
        folder = tmp_path / "systems"
        settings.write_text(SETTINGS.format(url=url, folder=folder, dead_after=dead_after, worker=worker))
        place = Place(settings, plugin_path, folder_class(folder))
        place.folder.company("c1")
        places.append(place)
        if not laid_out:
            return place
        if place.settings.store.url.startswith("sqlite"):
            shutil.copy(laid_out_file, tmp_path / "erpcore.db")
        upgrade(store_url(place.settings))
        with place.store() as store:
            queue = make_queue(place.settings, store)
            queue.make_tables()
            queue.close()
        return place

    yield make
    for place in places:
        place.end()


@pytest.fixture
def worker(place: Any) -> Iterator[Worker]:
    """A worker that is not running: its parts are used one by one."""
    with place.store() as store:
        worker = Worker(place.settings, store, executor_id="w1")
        yield worker
        worker.assembly.close()
        worker.queue.close()


@pytest.fixture
def place_class() -> type[Place]:
    return Place


class FakeFlow:
    """A flow that does what a test tells it: a step's name is looked up in `does`."""

    def __init__(self) -> None:
        self.steps = ["read", "plan", "first", "second"]
        self.does: dict[str, Callable[[Run], object]] = {}
        self.done: list[str] = []
        self.told: list[str] = []

    def _do(self, name: str, run: Run) -> None:
        self.done.append(name)
        self.does.get(name, lambda _: None)(run)

    def carry_out(self, run: Run, *, look_again: Callable[[sa.Connection], None]) -> Ending:
        for name in self.steps:
            self._do(name, run)
        return Ending("done", f"{len(self.steps)} steps", {"steps": self.steps})

    def tell_failure(self, run: Run, problem: Problem) -> None:
        self.told.append(" ".join(filter(None, (problem.text, problem.advice))))
        self._do("tell_failure", run)


@dataclass
class Bench:
    """An engine's parts in this process, with a flow that the test decides on."""

    store: Store
    queue: RunQueue
    flow: FakeFlow
    settings: WorkerSettings

    @property
    def workflows(self) -> sa.TableClause:
        """The engine's own table, to put it into states that take days to come about."""
        names = ("workflow_uuid", "status", "application_version", "executor_id", "serialization")
        return sa.table("workflow_status", *map(sa.column, names), schema=self.schema)

    @property
    def inputs(self) -> sa.TableClause:
        """What the engine's work is given."""
        return sa.table("workflow_input", sa.column("inputs"), schema=self.schema)

    @property
    def steps(self) -> sa.TableClause:
        """Where the engine would keep results of steps."""
        return sa.table("operation_outputs", sa.column("output"), schema=self.schema)

    @property
    def schema(self) -> str | None:
        """Where the engine's tables are."""
        return None if self.store.is_sqlite else "dbos"

    def attempts(self, name: str = "w1") -> Attempts:
        """Give what carries attempts out in a worker of this name."""
        return Attempts(self.store, self.queue, lambda *_: self.flow, self.settings, name)

    def carry_out(self, run: Run, attempt: int = 1, name: str = "w1") -> str:
        """Carry out an attempt, as a worker of this name does that has it from the queue."""
        return self.attempts(name).carry_out(run.id, attempt)

    def runtime(self, name: str = "w1") -> Runtime:
        return Runtime(self.store, self.queue, self.attempts(name), self.settings, name)

    def recovery(self, name: str = "w1") -> Recovery:
        return Recovery(self.store, self.queue, self.attempts(name), self.settings, name)

    def open(self, record: str = "d1", *, enqueue: bool = True) -> Run:
        with self.store.begin() as connection:
            run, _ = open_run(
                connection, sync="deals", source="crm", target="erp", record_kind="deal", record_id=record
            )
            if enqueue:
                self.queue.enqueue(connection, run, attempt=1)
        return run

    def run(self, run_id: int) -> Run:
        with self.store.read() as connection:
            return get_run(connection, run_id)

    def lines(self, run_id: int, kind: str) -> list[StoryLine]:
        with self.store.read() as connection:
            return [line for line in story_of_run(connection, run_id) if line.kind == kind]

    def queued(self, run: Run) -> list[tuple[int, str]]:
        """Give the attempts at a run that the engine knows, with their states there."""
        record = quote(run.record_id, safe="")
        found = self.queue.client.list_workflows(
            workflow_id_prefix=f"{run.sync}:{run.record_kind}:{record}:{run.generation}:"
        )
        return sorted((int(each.workflow_id.rpartition(":")[2]), each.status) for each in found)

    def put(self, status: str, executor: str | None = None) -> None:
        """Put the work of every run into a state of the engine's."""
        with self.store.begin() as connection:
            connection.execute(sa.update(self.workflows).values(status=status, executor_id=executor))

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
    queue = RunQueue(store, lanes=4)
    queue.make_tables()
    yield Bench(store, queue, FakeFlow(), settings)
    queue.close()
    store.close()


@pytest.fixture
def place(make_place: Callable[..., Place]) -> Place:
    """An installation on a SQLite file."""
    return make_place()
