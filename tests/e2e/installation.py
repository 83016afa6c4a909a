"""An installation for one test: settings file, store and workers, whatever the systems between which it works.

The worker runs in a thread of the test's process or, where it shall be killed, as a process of its own.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from erpcore.engine.assembly import Assembly
from erpcore.engine.worker import Worker, make_queue
from erpcore.hookspecs import Context
from erpcore.settings import Settings, load_settings, store_url
from erpcore.store import (
    Intent,
    IntentEvent,
    Run,
    Store,
    StoryLine,
    history_of,
    list_runs,
    open_store,
    story_of_run,
    upgrade,
)
from erpcore.store.intents import read_intents
from erpcore.worker import open_worker_store, serving_webhooks
from tests.forked import Forked

OPEN_STATES = ("queued", "running", "waiting")
PROGRAM = Path(sys.executable).with_name("erpcore")
Process = Forked | subprocess.Popen[str]


@dataclass
class Installation:
    """One installation.

    Attributes:
        folder: Settings file, SQLite file, logs.
        settings: As in the settings file.
        store: A view of its own into the store.
        processes: Workers that run as processes.
    """

    kind: ClassVar[str]
    """What its main records are: ``deal`` or ``order``."""
    sync: ClassVar[str | None] = None
    """The sync whose runs tests look at, where there are several."""

    folder: Path
    settings: Settings
    store: Store
    processes: list[Process] = field(default_factory=list, kw_only=True)

    # --- what is there

    def runs(self, record: str | None = None) -> list[Run]:
        """Give the runs, or those of a record, the oldest first."""
        with self.store.read() as connection:
            found = list_runs(connection, limit=1000)
        return sorted((run for run in found if record in (None, run.record_id)), key=lambda run: run.id)

    def story(self, record: str) -> list[StoryLine]:
        """Give the story of the newest run of a main record."""
        own = [run for run in self.runs(record) if run.record_kind == self.kind and self.sync in (None, run.sync)]
        with self.store.read() as connection:
            return story_of_run(connection, own[-1].id) if own else []

    def told(self, record: str, kind: str | None = None) -> str:
        """Give the texts of that story, all or of a kind."""
        return "\n".join(line.text for line in self.story(record) if kind in (None, line.kind))

    def intents(self, record: str | None = None) -> list[Intent]:
        """Give the whole ledger, or what it has on a record."""
        with self.store.read() as connection:
            found = read_intents(connection)
        return [intent for intent in found if record in (None, intent.record)]

    def history(self, intent: Intent) -> list[IntentEvent]:
        """Give what happened to an intent, the oldest first."""
        with self.store.read() as connection:
            return history_of(connection, intent.id)

    # --- waiting

    def wait(self, what: Callable[[], Any], seconds: float = 60.0) -> Any:
        """Wait until something is so.

        Raises:
            AssertionError: It does not come; tells the runs and the workers' logs.
        """
        until = time.monotonic() + seconds
        while not (found := what()):
            if time.monotonic() > until:
                runs = [
                    (run.record_id, run.generation, run.state, run.error_text or run.summary) for run in self.runs()
                ]
                logs = "\n".join(log.read_text(errors="replace")[-4000:] for log in sorted(self.folder.glob("*.log")))
                raise AssertionError(f"waited {seconds} s in vain; runs: {runs}\n{logs}")
            time.sleep(0.06)
        return found

    def ended(self, record: str, runs: int = 1) -> Run:
        """Wait until a record has had so many runs and none of its runs is open; give the newest."""

        def newest() -> Run | None:
            found = [run for run in self.runs(record) if self.sync in (None, run.sync)]
            well = len(found) >= runs and all(run.state not in OPEN_STATES for run in found)
            return found[-1] if well else None

        run: Run = self.wait(newest)
        return run

    def done(self, record: str, runs: int = 1) -> Run:
        """Wait as `ended` does; the newest run must have gone well."""
        run = self.ended(record, runs)
        assert run.state == "done", f"{run.state}: {run.error_text or run.summary}\n{self.told(record)}"
        return run

    # --- what people do

    def send(self, run: Run) -> None:
        """Send a run again, as ``erpcore retry`` does."""
        queue = make_queue(self.settings, self.store)
        try:
            queue.retry(run.id)
        finally:
            queue.close()

    @contextmanager
    def assembled(self) -> Iterator[Assembly]:
        """Give the installation's connections, as a command has them."""
        assembly = Assembly(self.settings, self.store, worker="a person")
        try:
            yield assembly
        finally:
            assembly.close()

    def subscribe(self, crm: str, address: str) -> None:
        """Have a CRM deliver its events to an address."""
        with self.assembled() as assembly:
            assembly.crm(crm).subscribe_events(address, Context(correlation_id="subscribe"))

    def command(self, *words: str) -> str:
        """Give one of erpcore's commands in a terminal; it must succeed. Gives what it prints."""
        whole = [str(PROGRAM), *words, "--settings", str(self.settings.file)]
        environment = {**os.environ, "COLUMNS": "200", "NO_COLOR": "1"}
        done = subprocess.run(whole, capture_output=True, text=True, check=False, timeout=60, env=environment)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    # --- workers as processes

    def start(self, name: str = "w1") -> Forked:
        """Start ``erpcore run`` as a process; it may not be ready yet."""
        environment = {**os.environ, "ERPCORE_WORKER__EXECUTOR_ID": name}
        process = Forked("erpcore.cli:main", ["run", *self._with_settings], self._log(name), environment)
        self.processes.append(process)
        return process

    def start_program(self, name: str, program: Sequence[str] = (str(PROGRAM),)) -> subprocess.Popen[str]:
        """Start ``erpcore run`` by the installed command, or by another program."""
        with self._log(name).open("w") as log:
            process = subprocess.Popen(
                [*program, "run", *self._with_settings],
                stdout=log,
                stderr=log,
                text=True,
                env={**os.environ, "ERPCORE_WORKER__EXECUTOR_ID": name},
            )
        self.processes.append(process)
        return process

    def start_sleeper(self, place: str) -> subprocess.Popen[str]:
        """Start a worker that will fall asleep at a place of `sleeping_worker`."""
        return self.start_program("w1", [sys.executable, str(Path(__file__).with_name("sleeping_worker.py")), place])

    @property
    def _with_settings(self) -> list[str]:
        return ["--settings", str(self.settings.file)]

    def _log(self, name: str) -> Path:
        return self.folder / f"{name}-{len(self.processes)}.log"

    def kill(self, process: Process) -> None:
        """End a worker as a power cut would."""
        process.kill()
        process.wait(10)

    def is_stopped(self, process: subprocess.Popen[str]) -> bool:
        """Tell whether a worker stands still; one that has ended instead is a failure."""
        assert process.poll() is None, f"it ended with exit code {process.returncode}"
        looking = os.WSTOPPED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, process.pid, looking) is not None


def installed(stack: ExitStack, folder: Path, text: str) -> tuple[Settings, Store]:
    """Write a settings file and make its store.

    Args:
        stack: Closes the store.
        folder: Where.
        text: Of the settings file.
    """
    file = folder / "erpcore.toml"
    file.write_text(text, encoding="utf-8")
    settings = load_settings(file)
    upgrade(store_url(settings))
    store = open_store(store_url(settings), synchronous="NORMAL")
    stack.callback(store.close)
    return settings, store


@contextmanager
def working(installation: Installation, name: str = "thread") -> Iterator[int | None]:
    """Run a worker in a thread while the block runs.

    Yields:
        The port on which it takes deliveries in, if the settings name one.
    """
    store = open_worker_store(installation.settings)
    worker = Worker(installation.settings, store, executor_id=name)
    ready, failures = threading.Event(), list[BaseException]()

    def work() -> None:
        try:
            worker.run(ready.set)
        except BaseException as error:
            # Kept for the thread that waits: an exception in a thread is seen by nobody.
            failures.append(error)
            ready.set()

    thread = threading.Thread(target=work, name="worker under test")
    try:
        with serving_webhooks(installation.settings, worker) as port:
            thread.start()
            try:
                assert ready.wait(60)
                if failures:
                    raise failures[0]
                yield port
            finally:
                worker.stop()
                thread.join(60)
    finally:
        store.close()


def end_all(processes: Sequence[Process]) -> None:
    """End workers that run as processes."""
    for process in processes:
        if process.poll() is None:
            process.terminate()
            process.send_signal(signal.SIGCONT)  # one that is stopped would not notice
    for process in processes:
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)
