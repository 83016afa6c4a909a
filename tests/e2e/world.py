"""A whole installation for one test: both simulators on loopback, a store, and a worker between them.

The worker runs in a thread of the test's process or, where it shall be killed, as a process of its own.
"""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from erpcore_fortnox.simulator import FortnoxSimulator
from erpcore_lime_go.simulator import LimeGoSimulator, Switches
from stdnum import luhn

from erpcore.engine.worker import Worker, make_queue
from erpcore.settings import Settings, load_settings, store_url
from erpcore.simulator import Fault, running
from erpcore.store import (
    Intent,
    IntentEvent,
    Run,
    Store,
    StoryLine,
    history_of,
    latest_run,
    list_runs,
    open_store,
    story_of_run,
    upgrade,
)
from erpcore.store.intents import read_intents
from erpcore.worker import open_worker_store, serving_webhooks
from tests.e2e.settings_file import SYNC, settings_text

OPEN_STATES = ("queued", "running", "waiting")
PROGRAM = Path(sys.executable).with_name("erpcore")

_numbers = itertools.count(1)


def organisation_number() -> str:
    """Make up a Swedish organisation number that no other test has, with a right check digit."""
    digits = f"5597{next(_numbers):05d}"
    whole = digits + luhn.calc_check_digit(digits)
    return f"{whole[:6]}-{whole[6:]}"


@dataclass
class World:
    """One installation.

    Attributes:
        folder: Settings file, SQLite file, logs.
        lime: Lime Go.
        fortnox: Fortnox. Neither has a rate window, and the plugins' budgets are out of the way.
        lime_url: Address of Lime Go.
        fortnox_url: Address of Fortnox.
        settings: As in the settings file.
        store: A view of its own into the store.
        seeded: What Fortnox holds that erpcore did not make, by register.
        processes: Workers that run as processes.
    """

    folder: Path
    lime: LimeGoSimulator
    fortnox: FortnoxSimulator
    lime_url: str
    fortnox_url: str
    settings: Settings
    store: Store
    seeded: dict[str, set[str]] = field(default_factory=dict)
    processes: list[subprocess.Popen[str]] = field(default_factory=list)

    # --- what people do

    def company(self, name: str | None = None, **values: Any) -> Any:
        """Add a company to Lime Go, with a number of its own unless one is given."""
        given = {"business_id": organisation_number(), "city": "Stockholm", "country": "SE", **values}
        return self.lime.add_company(name or f"Bolag {given['business_id']} AB", **given)

    def deal(self, company: Any, name: str = "Affären", **values: Any) -> str:
        """Add a deal to Lime Go; without rows or value it is worth 1000 SEK."""
        if "rows" not in values:
            values.setdefault("value", "1000")
        return self.key(self.lime.add_deal(name, company=company.id, **values))

    def key(self, deal: Any) -> str:
        """Give the deal's key as the connection's API knows it."""
        return str(deal.id if self.settings.connections["lime_go"].options["api"] == "agentic" else deal.number)

    def win(self, *deals: str, pipeline: str | None = None) -> None:
        """Win deals in Lime Go."""
        for deal in deals:
            self.lime.win_deal(int(deal) if deal.isdigit() else deal, pipeline)

    def seed_fortnox(self, data: Mapping[str, Any]) -> None:
        """Put records into Fortnox that are not erpcore's."""
        before = self._held()
        self.fortnox.seed(data)
        for register, numbers in self._held().items():
            self.seeded.setdefault(register, set()).update(numbers - before[register])

    # --- what is there

    def runs(self, deal: str | None = None) -> list[Run]:
        """Give the runs, or those of a deal, the oldest first."""
        with self.store.read() as connection:
            return sorted(list_runs(connection, record_id=deal, limit=1000), key=lambda run: run.id)

    def story(self, deal: str) -> list[StoryLine]:
        """Give the story of the deal's newest run."""
        with self.store.read() as connection:
            run = latest_run(connection, sync=SYNC, record_kind="deal", record_id=deal)
            return [] if run is None else story_of_run(connection, run.id)

    def told(self, deal: str, kind: str | None = None) -> str:
        """Give the texts of that story, all or of a kind."""
        return "\n".join(line.text for line in self.story(deal) if kind in (None, line.kind))

    def intents(self, record: str | None = None) -> list[Intent]:
        """Give the whole ledger, or what it has on a record."""
        with self.store.read() as connection:
            found = read_intents(connection)
        return [intent for intent in found if record in (None, intent.record)]

    def history(self, intent: Intent) -> list[IntentEvent]:
        """Give what happened to an intent, the oldest first."""
        with self.store.read() as connection:
            return history_of(connection, intent.id)

    def erp_id(self, deal: str) -> str | None:
        """Give the deal's ERP ID in Lime Go; an empty one is none."""
        return self.lime.custom_field(int(deal) if deal.isdigit() else deal, "ERP ID") or None

    def orders(self, company: Any) -> list[dict[str, Any]]:
        """Give a company's orders in Fortnox."""
        return self.documents("orders", company)

    def documents(self, register: str, company: Any) -> list[dict[str, Any]]:
        """Give a company's documents in Fortnox."""
        numbers = {customer["CustomerNumber"] for customer in self.customers(company)}
        return [document for document in self.fortnox.state()[register] if document["CustomerNumber"] in numbers]

    def customers(self, company: Any) -> list[dict[str, Any]]:
        """Give the customers in Fortnox that have a company's number, or its name when it has none."""
        member, value = ("OrganisationNumber", company.business_id) if company.business_id else ("Name", company.name)
        return [customer for customer in self.fortnox.state()["customers"] if customer[member] == value]

    def asked(self, *, writes: bool = False) -> list[str]:
        """Give what Fortnox was asked since `forget`: verb and register, as ``GET customers``."""
        return [
            f"{entry.method} {'/'.join(entry.path.split('/')[2:3])}"
            for entry in self.fortnox.journal.entries(path="/3/.*")
            if not (writes and entry.method == "GET")
        ]

    def forget(self) -> None:
        """Empty both journals."""
        self.lime.journal.clear()
        self.fortnox.journal.clear()

    def unrecorded(self) -> list[str]:
        """Compare what Fortnox holds, beside the seed, with what the ledger says is done.

        Returns:
            What only one of them knows; empty when they agree.
        """
        operations = {
            "customers": ("create_customer",),
            "articles": ("create_article",),
            "orders": ("create_order",),
            "invoices": ("create_invoice", "convert_to_invoice"),
        }
        done = [(intent.operation, str(intent.erp_number)) for intent in self.intents() if intent.state == "done"]
        found: list[str] = []
        for register, numbers in self._held().items():
            made = numbers - self.seeded.get(register, set())
            noted = {number for operation, number in done if operation in operations[register]}
            found += [f"{register} {number} is not in the ledger" for number in sorted(made - noted)]
            found += [f"{register} {number} is in the ledger alone" for number in sorted(noted - numbers)]
        return found

    def _held(self) -> dict[str, set[str]]:
        state = self.fortnox.state()
        keys = {
            "customers": "CustomerNumber",
            "articles": "ArticleNumber",
            "orders": "DocumentNumber",
            "invoices": "DocumentNumber",
        }
        return {register: {str(record[key]) for record in state[register]} for register, key in keys.items()}

    # --- waiting

    def wait(self, what: Callable[[], Any], seconds: float = 20.0) -> Any:
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
            time.sleep(0.02)
        return found

    def ended(self, deal: str, runs: int = 1) -> Run:
        """Wait until a deal has had so many runs and none of its runs is open; give the newest."""

        def newest() -> Run | None:
            found = self.runs(deal)
            well = len(found) >= runs and all(run.state not in OPEN_STATES for run in found)
            return found[-1] if well else None

        run: Run = self.wait(newest)
        return run

    def done(self, deal: str, runs: int = 1) -> Run:
        """Wait as `ended` does; the newest run must have gone well."""
        run = self.ended(deal, runs)
        assert run.state == "done", f"{run.state}: {run.error_text or run.summary}\n{self.told(deal)}"
        return run

    def send(self, run: Run) -> None:
        """Send a run again, as ``erpcore retry`` does."""
        queue = make_queue(self.settings, self.store)
        try:
            queue.retry(run.id)
        finally:
            queue.close()

    # --- workers as processes

    def start(self, name: str = "w1") -> subprocess.Popen[str]:
        """Start ``erpcore run`` as a process; it may not be ready yet."""
        log = (self.folder / f"{name}-{len(self.processes)}.log").open("w")
        process = subprocess.Popen(
            [str(PROGRAM), "run", "--settings", str(self.settings.file)],
            stdout=log,
            stderr=log,
            text=True,
            env={**os.environ, "ERPCORE_WORKER__EXECUTOR_ID": name},
        )
        log.close()
        self.processes.append(process)
        return process

    def kill(self, process: subprocess.Popen[str]) -> None:
        """End a worker as a power cut would."""
        process.send_signal(signal.SIGKILL)
        process.wait(10)

    def hold(self, method: str, path: str) -> None:
        """Let Fortnox do the work of the next such request and keep its answer back."""
        self.fortnox.faults.add(Fault("hold", method=method, path=path))


MakeWorld = Callable[..., World]
"""Builds an installation with a worker at work; arguments as for `world_in`, without the folder."""


@contextmanager
def world_in(
    folder: Path,
    *,
    switches: Mapping[str, Any] | None = None,
    lime_simulator: LimeGoSimulator | None = None,
    fortnox_simulator: FortnoxSimulator | None = None,
    **settings: Any,
) -> Iterator[World]:
    """Build an installation without a worker.

    Args:
        folder: For everything that is written.
        switches: Switches of the Lime Go simulator.
        lime_simulator: Lime Go, instead of one with the demonstration's account.
        fortnox_simulator: Fortnox, instead of one without a rate window.
        settings: As for `settings_text`.
    """
    limits = {"integration_limit": 100_000, "organization_limit": 100_000}
    lime = lime_simulator or LimeGoSimulator(Switches.model_validate({**limits, **(switches or {})}))
    fortnox = fortnox_simulator or FortnoxSimulator(rate_limit=None)
    with ExitStack() as stack:
        lime_url = stack.enter_context(running(lime))
        fortnox_url = stack.enter_context(running(fortnox))
        file = folder / "erpcore.toml"
        file.write_text(settings_text(lime_url, fortnox_url, **settings), encoding="utf-8")
        read = load_settings(file)
        upgrade(store_url(read))
        store = open_store(store_url(read), synchronous="NORMAL")
        stack.callback(store.close)
        made = World(folder, lime, fortnox, lime_url, fortnox_url, read, store)
        stack.callback(_end, made.processes)
        yield made


@contextmanager
def working(world: World, name: str = "thread") -> Iterator[int | None]:
    """Run a worker in a thread while the block runs.

    Yields:
        The port on which it takes deliveries in, if the settings name one.
    """
    store = open_worker_store(world.settings)
    worker = Worker(world.settings, store, executor_id=name)
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
        with serving_webhooks(world.settings, worker) as port:
            thread.start()
            try:
                ready.wait(20)
                if failures:
                    raise failures[0]
                yield port
            finally:
                worker.stop()
                thread.join(20)
    finally:
        store.close()


def _end(processes: Sequence[subprocess.Popen[str]]) -> None:
    for process in processes:
        if process.poll() is None:
            process.terminate()
    for process in processes:
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)
