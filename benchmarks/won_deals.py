"""Won deals in Lime Go become orders in Fortnox, as fast as Fortnox's rate window allows.

Measures that the window is used up, never overrun, and that every deal gets exactly one order: with one worker on
SQLite and with two on PostgreSQL. Simulators and workers are processes of their own. Ends by itself; exit code 1 when
a promise is broken.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from measure import WINDOW_REQUESTS, WINDOW_SECONDS, Outcome, Rate, outcome, rate
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from scene import (
    ERPCORE,
    SYNC,
    Control,
    fortnox_seed,
    lime_go_seed,
    new_key,
    postgres,
    settings_text,
    simulator,
    worker,
)

from erpcore.store import Store, count_runs, open_store

LEAST_PART = 0.95
"""Part of the allowed rate that steady state must use."""
WORKERS = {"sqlite": 1, "postgres": 2}
OPEN_STATES = ("queued", "running", "waiting")


@dataclass(frozen=True)
class Result:
    """What was measured with one store.

    Attributes:
        store: Which.
        deals: How many were won.
        seconds: From the first win to the end of the last run.
        rate: Requests to Fortnox.
        lime_requests: Requests to Lime Go.
        outcome: What became of the deals.
        states: Runs by state at the end.
    """

    store: str
    deals: int
    seconds: float
    rate: Rate
    lime_requests: int
    outcome: Outcome
    states: dict[str, int]

    @property
    def promises(self) -> dict[str, bool]:
        """Each promise, and whether it was kept."""
        return {
            "every deal has exactly one order and knows its number": self.outcome.is_right,
            "no request was answered with 429": not self.rate.refused_at,
            f"at least {LEAST_PART:.0%} of the allowed rate was used": self.rate.part >= LEAST_PART,
        }


def main() -> int:
    """Measure, print, and tell by the exit code whether every promise was kept."""
    asked = _arguments()
    console = Console(soft_wrap=True)
    kept = True
    for store in ("sqlite", "postgres") if asked.store == "both" else (asked.store,):
        with tempfile.TemporaryDirectory(prefix="erpcore-bench-", ignore_cleanup_errors=True) as name:
            try:
                result = measure(store, asked, Path(name), console)
            except (TimeoutError, RuntimeError, subprocess.CalledProcessError) as error:
                console.print(f"[red]{store}: {error}[/]")
                _show_logs(Path(name), console)
                kept = False
                continue
            _show(result, console)
            if not all(result.promises.values()):
                _show_logs(Path(name), console)
                kept = False
    return 0 if kept else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--deals", type=int, default=500, help="how many deals are won (default 500)")
    parser.add_argument("--store", choices=("sqlite", "postgres", "both"), default="both")
    parser.add_argument("--margin", type=float, help="window_margin_seconds of Fortnox (the default if left out)")
    parser.add_argument("--edge", type=float, default=15.0, help="seconds left out at both ends (default 15)")
    parser.add_argument("--lanes", type=int, help="records at the same time towards Fortnox (the default if left out)")
    parser.add_argument("--concurrency", type=int, help="records at the same time per worker (the default if left out)")
    return parser.parse_args()


def measure(store: str, asked: argparse.Namespace, folder: Path, console: Console) -> Result:
    """Build the scene, win the deals, wait for the end, and compare what both systems hold.

    Args:
        store: ``sqlite`` or ``postgres``.
        asked: The arguments.
        folder: For everything that is written.
        console: For the progress bar.

    Raises:
        TimeoutError: It took much longer than the rate window explains.
        RuntimeError: A process ended early.
    """
    os.environ["ERPCORE_KEY"] = new_key()
    options = {name: value for name in ("lanes", "concurrency") if (value := getattr(asked, name)) is not None}
    fortnox_options = {} if asked.margin is None else {"window_margin_seconds": asked.margin}
    with ExitStack() as stack:
        url = "sqlite:///erpcore.db" if store == "sqlite" else stack.enter_context(postgres(folder))
        lime = stack.enter_context(simulator("lime_go", lime_go_seed(asked.deals), folder))
        fortnox = stack.enter_context(simulator("fortnox", fortnox_seed(), folder))
        settings = folder / "erpcore.toml"
        settings.write_text(settings_text(lime.url, fortnox.url, url, options, fortnox_options), encoding="utf-8")
        subprocess.run([ERPCORE, "db", "upgrade", "--settings", settings], check=True, stdout=subprocess.DEVNULL)
        opened = open_store(f"sqlite:///{folder / 'erpcore.db'}" if store == "sqlite" else url)
        stack.callback(opened.close)
        deals = {deal["name"]: deal for deal in lime.ask("GET", "state")["records"]["deals"]}
        begun = time.monotonic()
        for deal in deals.values():
            lime.ask("POST", "win_deal", {"deal_id": deal["number"]})
        workers = [stack.enter_context(worker(f"w{number + 1}", settings)) for number in range(WORKERS[store])]
        states = _wait(opened, len(deals), workers, console, store)
        seconds = time.monotonic() - begun
        journal = fortnox.ask("GET", "journal")
        return Result(
            store=store,
            deals=len(deals),
            seconds=seconds,
            rate=rate(journal, asked.edge),
            lime_requests=len(lime.ask("GET", "journal")),
            outcome=_outcome(lime, fortnox),
            states=states,
        )


def _wait(
    store: Store, deals: int, workers: list[subprocess.Popen[bytes]], console: Console, title: str
) -> dict[str, int]:
    """Wait until every deal has its run and every run its end."""
    until = time.monotonic() + 60 + deals * 4 / WINDOW_REQUESTS * WINDOW_SECONDS
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task(f"{title}, {len(workers)} worker(s)", total=deals)
        while True:
            with store.read() as connection:
                states: dict[str, int] = dict(count_runs(connection, sync=SYNC))
            ended = sum(count for state, count in states.items() if state not in OPEN_STATES)
            progress.update(bar, completed=min(ended, deals))
            if ended >= deals and ended == sum(states.values()):
                return states
            if dead := [process for process in workers if process.poll() is not None]:
                raise RuntimeError(f"A worker ended early, with exit code {dead[0].returncode}.")
            if time.monotonic() > until:
                raise TimeoutError(f"Not at an end after {until:.0f} s: {states}.")
            time.sleep(0.5)


def _outcome(lime: Control, fortnox: Control) -> Outcome:
    held = lime.ask("GET", "state")["records"]
    (erp_id,) = [field["key"] for field in held["custom-field-definitions"] if field["label"] == "ERP ID"]
    books: dict[str, Any] = fortnox.ask("GET", "state")
    return outcome(
        {deal["name"]: deal["custom_fields"].get(erp_id) for deal in held["deals"]},
        books["orders"],
        [customer["Name"] for customer in books["customers"]],
    )


def _show(result: Result, console: Console) -> None:
    found, made = result.rate, result.outcome
    lines = {
        "deals": f"{result.deals}, runs {', '.join(f'{count} {state}' for state, count in result.states.items())}",
        "requests to Fortnox": f"{found.requests} ({found.requests / result.deals:.2f} per deal)",
        "answered with 429": f"{len(found.refused_at)}"
        + "".join(f", after {seconds:.1f} s" for seconds in found.refused_at[:10]),
        "requests to Lime Go": f"{result.lime_requests} ({result.lime_requests / result.deals:.2f} per deal)",
        "steady state": f"{found.per_window:.2f} of {WINDOW_REQUESTS} requests per {WINDOW_SECONDS:.0f} s = "
        f"{found.part:.1%}, over {found.seconds:.0f} s, longest gap {found.longest_gap:.2f} s",
        "wall time": f"{result.seconds:.0f} s, {result.deals / result.seconds * 60:.0f} deals per minute",
        "orders": f"{made.lost} lost, {made.double} double, {made.untold} numbers untold, "
        f"{made.customers_too_many} customers too many",
    }
    console.print(f"[bold]{result.store}, {WORKERS[result.store]} worker(s)[/]")
    for name, text in lines.items():
        console.print(f"  {name:20} {text}")
    for promise, was_kept in result.promises.items():
        console.print(f"  [{'green' if was_kept else 'red'}]{'kept' if was_kept else 'BROKEN'}[/] {promise}")


def _show_logs(folder: Path, console: Console) -> None:
    for log in sorted(folder.glob("*.log")):
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
        console.print(f"[bold]{log.name}[/], the last of {len(lines)} lines:")
        for line in lines[-15:]:
            console.print(f"  {line}", markup=False, highlight=False)


if __name__ == "__main__":
    sys.exit(main())
