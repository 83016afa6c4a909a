"""Runs a benchmark: builds the scene, starts the work, waits for its end, and compares what both systems hold."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from measure import Outcome, Rate, Window, outcome, rate
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from scene import ERPCORE, Control, new_key, postgres, settings_text, simulator, worker

from erpcore.store import Store, count_records, open_store

_SILENCE = 20.0
"""Seconds after which nothing more is expected to happen."""
OPEN_STATES = ("queued", "running", "waiting")
Tables = dict[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Held:
    """What both systems hold at the end.

    Attributes:
        told: The number that each record of the CRM was told, by the record's name.
        made: The ERP's orders: the name of the record that each is for, and its number.
        customers: Names of the ERP's customers.
    """

    told: dict[str, str | None]
    made: list[tuple[str, str]]
    customers: list[str]


@dataclass(frozen=True)
class Benchmark:
    """What is run.

    Attributes:
        records: What the CRM's records are called, in the plural.
        crm: Name of the CRM's simulator.
        erp: Name of the ERP's simulator.
        window: The ERP's rate window.
        workers: How many processes work, one scene after the other, by kind of store.
        least_part: Part of the allowed rate that steady state must use.
        crm_seed: What the CRM holds at first, from the number of records.
        erp_seed: What the ERP holds at first, from the number of records.
        tables: The settings file's connections and syncs, from the addresses of CRM and ERP and the settings of the
            ERP connections that the caller asked for.
        start: Sets all records going in the CRM, and gives how many they are.
        held: Reads the states of CRM and ERP.
        syncs: Names of the syncs.
        poll_seconds: Seconds between two looks into what the CRM holds ready.
    """

    records: str
    crm: str
    erp: str
    window: Window
    workers: Mapping[str, Sequence[int]]
    least_part: float
    crm_seed: Callable[[int], dict[str, Any]]
    erp_seed: Callable[[int], dict[str, Any]]
    tables: Callable[[str, str, Mapping[str, Any]], Tables]
    start: Callable[[Control], int]
    held: Callable[[dict[str, Any], dict[str, Any]], Held]
    syncs: tuple[str, ...]
    poll_seconds: float = 2.0


@dataclass(frozen=True)
class Result:
    """What was measured with one store.

    Attributes:
        store: Its kind.
        workers: How many processes worked.
        least_part: Part of the allowed rate that was to be used.
        records: How many were set going.
        seconds: From the first of them to the end of the last run.
        rate: Requests to the ERP.
        crm_requests: Requests to the CRM.
        outcome: What became of the records.
        states: Runs by state at the end.
    """

    store: str
    workers: int
    least_part: float
    records: int
    seconds: float
    rate: Rate
    crm_requests: int
    outcome: Outcome
    states: dict[str, int]

    @property
    def promises(self) -> dict[str, bool]:
        """Each promise, and whether it was kept."""
        return {
            "every record has exactly one order and knows its number": self.outcome.is_right,
            "no request was answered with 429": not self.rate.refused_at,
            f"at least {self.least_part:.0%} of the allowed rate was used": self.rate.part >= self.least_part,
        }


def main(benchmark: Benchmark, description: str | None, usual: int) -> int:
    """Measure, print, and tell by the exit code whether every promise was kept.

    Args:
        benchmark: What is run.
        description: Of the command.
        usual: How many records when the caller does not say.
    """
    asked = _arguments(benchmark, description, usual)
    console = Console(soft_wrap=True)
    kept = True
    for store, workers in _scenes(benchmark, asked):
        with tempfile.TemporaryDirectory(prefix="erpcore-bench-", ignore_cleanup_errors=True) as name:
            try:
                result = measure(benchmark, store, workers, asked, Path(name), console)
            except (TimeoutError, RuntimeError, subprocess.CalledProcessError) as error:
                console.print(f"[red]{store}, {workers} worker(s): {error}[/]")
                _show_logs(Path(name), console)
                kept = False
                continue
            _show(benchmark, result, console)
            if asked.results is not None:
                _write(benchmark, result, asked.results)
            if not all(result.promises.values()):
                _show_logs(Path(name), console)
                kept = False
    return 0 if kept else 1


def _arguments(benchmark: Benchmark, description: str | None, usual: int) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        f"--{benchmark.records}", dest="records", type=int, default=usual, help=f"how many (default {usual})"
    )
    parser.add_argument("--store", choices=(*benchmark.workers, "all"), default="all")
    parser.add_argument("--workers", type=int, help="so many processes alone, instead of one scene for each number")
    parser.add_argument("--results", type=Path, help="a file to which each scene's figures are added, a line of JSON")
    parser.add_argument("--margin", type=float, help="window_margin_seconds of the ERP (the default if left out)")
    parser.add_argument("--edge", type=float, default=15.0, help="seconds left out at both ends (default 15)")
    parser.add_argument("--lanes", type=int, help="records at the same time per ERP (the default if left out)")
    parser.add_argument("--concurrency", type=int, help="records at the same time per worker (the default if left out)")
    return parser.parse_args()


def _scenes(benchmark: Benchmark, asked: argparse.Namespace) -> list[tuple[str, int]]:
    stores = tuple(benchmark.workers) if asked.store == "all" else (asked.store,)
    every = [(store, workers) for store in stores for workers in benchmark.workers[store]]
    return [scene for scene in every if asked.workers in (None, scene[1])]


def measure(
    benchmark: Benchmark, store: str, workers: int, asked: argparse.Namespace, folder: Path, console: Console
) -> Result:
    """Build the scene, set the records going, wait for the end, and compare what both systems hold.

    Args:
        benchmark: What is run.
        store: ``sqlite`` or ``postgres``.
        workers: How many processes work.
        asked: The arguments.
        folder: For everything that is written.
        console: For the progress bar.

    Raises:
        TimeoutError: It took much longer than the rate window explains.
        RuntimeError: A process ended early.
    """
    os.environ["ERPCORE_KEY"] = new_key()
    own = {name: value for name in ("lanes", "concurrency") if (value := getattr(asked, name)) is not None}
    erp_options = {} if asked.margin is None else {"window_margin_seconds": asked.margin}
    with ExitStack() as stack:
        url = "sqlite:///erpcore.db" if store == "sqlite" else stack.enter_context(postgres(folder))
        crm = stack.enter_context(simulator(benchmark.crm, benchmark.crm_seed(asked.records), folder))
        erp = stack.enter_context(simulator(benchmark.erp, benchmark.erp_seed(asked.records), folder))
        tables: Tables = {
            "store": {"url": url},
            "worker": {"poll_seconds": benchmark.poll_seconds, **own},
            "logging": {"level": "WARNING"},
            **benchmark.tables(crm.url, erp.url, erp_options),
        }
        settings = folder / "erpcore.toml"
        settings.write_text(settings_text(tables), encoding="utf-8")
        subprocess.run([ERPCORE, "db", "upgrade", "--settings", settings], check=True, stdout=subprocess.DEVNULL)
        opened = open_store(f"sqlite:///{folder / 'erpcore.db'}" if store == "sqlite" else url)
        stack.callback(opened.close)
        begun = time.monotonic()
        records = benchmark.start(crm)
        processes = [stack.enter_context(worker(f"w{number + 1}", settings)) for number in range(workers)]

        def look() -> Held:
            return benchmark.held(crm.ask("GET", "state"), erp.ask("GET", "state"))

        states = _wait(benchmark, opened, look, processes, console, store)
        seconds = time.monotonic() - begun
        held = look()
        if states.get("failed"):
            subprocess.run([ERPCORE, "status", "--settings", settings], check=False)
        return Result(
            store=store,
            workers=workers,
            least_part=benchmark.least_part,
            records=records,
            seconds=seconds,
            rate=rate(erp.ask("GET", "journal"), benchmark.window, asked.edge),
            crm_requests=len(crm.ask("GET", "journal")),
            outcome=outcome(held.told, held.made, held.customers),
            states=states,
        )


def _wait(
    benchmark: Benchmark,
    store: Store,
    look: Callable[[], Held],
    workers: list[subprocess.Popen[bytes]],
    console: Console,
    title: str,
) -> dict[str, int]:
    """Wait until nothing is under way and every record was told its number, or nothing more happens."""
    begun = moved = time.monotonic()
    records = len(look().told)
    longest = 60 + records * 4 / benchmark.window.requests * benchmark.window.seconds
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    before: dict[str, int] = {}
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task(f"{title}, {len(workers)} worker(s)", total=records)
        while True:
            states = _states(benchmark, store)
            if states != before:
                before, moved = states, time.monotonic()
            progress.update(bar, completed=min(states.get("done", 0), records))
            resting = states and not any(states.get(state) for state in OPEN_STATES)
            if resting and (None not in look().told.values() or time.monotonic() > moved + _SILENCE):
                return states
            if dead := [process for process in workers if process.poll() is not None]:
                raise RuntimeError(f"A worker ended early, with exit code {dead[0].returncode}.")
            if time.monotonic() > begun + longest:
                raise TimeoutError(f"Not at an end after {longest:.0f} s: {states}.")
            time.sleep(0.5)


def _states(benchmark: Benchmark, store: Store) -> dict[str, int]:
    states: dict[str, int] = {}
    with store.read() as connection:
        for sync in benchmark.syncs:
            for state, count in count_records(connection, sync=sync, most=10**9).items():
                states[state] = states.get(state, 0) + count
    return states


def _show(benchmark: Benchmark, result: Result, console: Console) -> None:
    found, made, window = result.rate, result.outcome, benchmark.window
    lines = {
        benchmark.records: f"{result.records}, runs "
        + ", ".join(f"{count} {state}" for state, count in result.states.items()),
        f"requests to {benchmark.erp}": f"{found.requests} ({found.requests / result.records:.2f} each)",
        "answered with 429": f"{len(found.refused_at)}"
        + "".join(f", after {seconds:.1f} s" for seconds in found.refused_at[:10]),
        f"requests to {benchmark.crm}": f"{result.crm_requests} ({result.crm_requests / result.records:.2f} each)",
        "steady state": f"{found.per_window:.2f} of {window.requests} requests per {window.seconds:.0f} s = "
        f"{found.part:.1%}, over {found.seconds:.0f} s, longest gap {found.longest_gap:.2f} s",
        "wall time": f"{result.seconds:.0f} s, {result.records / result.seconds * 60:.0f} per minute",
        "documents": f"{made.lost} lost, {made.double} double, {made.untold} numbers untold, "
        f"{made.customers_too_many} customers too many",
    }
    console.print(f"[bold]{result.store}, {result.workers} worker(s)[/]")
    for name, text in lines.items():
        console.print(f"  {name:24} {text}")
    for promise, was_kept in result.promises.items():
        console.print(f"  [{'green' if was_kept else 'red'}]{'kept' if was_kept else 'BROKEN'}[/] {promise}")


def _write(benchmark: Benchmark, result: Result, file: Path) -> None:
    found = {**asdict(result), "kind": benchmark.records, "part": result.rate.part, "promises": result.promises}
    with file.open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(found) + "\n")


def _show_logs(folder: Path, console: Console) -> None:
    for log in sorted(folder.glob("*.log")):
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
        console.print(f"[bold]{log.name}[/], the last of {len(lines)} lines:")
        for line in lines[-15:]:
            console.print(f"  {line}", markup=False, highlight=False)
