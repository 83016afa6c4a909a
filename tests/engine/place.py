"""One installation with its worker processes, and what a test looks at in it."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from erpcore.engine.worker import make_queue
from erpcore.settings import Settings, load_settings, store_url
from erpcore.store import Run, Store, StoryLine, list_runs, open_store, story_of_run
from erpcore.store.schema import inbox
from tests.forked import Forked


@dataclass
class Place:
    """One installation: settings, store and the folder that is both systems."""

    settings_file: Path
    site: Path
    folder: Any
    processes: list[Forked] = field(default_factory=list)

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

    def start(self, name: str = "w1", *, ready: bool = True, program: str = "worker_process") -> Forked:
        """Start a worker process; wait until it takes runs."""
        environment = {**os.environ, "PYTHONPATH": str(self.site)}
        log = self.settings_file.parent / f"{name}-{len(self.processes)}.log"
        process = Forked(f"tests.engine.{program}:main", [str(self.settings_file), name], log, environment)
        self.processes.append(process)
        if ready:
            self.wait(lambda: process.poll() is not None or "ready\n" in self.log(process))
            assert "ready\n" in self.log(process), self.log(process)
        return process

    def log(self, process: Forked) -> str:
        return process.log.read_text() if process.log.exists() else ""

    def end(self) -> None:
        """Kill what still runs."""
        if "looking" in vars(self):
            self.looking.close()
        for process in self.processes:
            self.kill(process)

    def retry(self, run: Run) -> None:
        """Send a run again, as a person does."""
        queue = make_queue(self.settings, self.looking)
        try:
            queue.retry(run.id)
        finally:
            queue.close()

    def kill(self, process: Forked) -> None:
        process.kill()
        process.wait(10)

    def terminate(self, process: Forked) -> int:
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


def kept_events(store: Store) -> list[tuple[str, str, str, Any]]:
    columns = (inbox.c.event_key, inbox.c.record_kind, inbox.c.record_id, inbox.c.payload)
    with store.read() as connection:
        return [tuple(row) for row in connection.execute(sa.select(*columns).order_by(inbox.c.id)).all()]
