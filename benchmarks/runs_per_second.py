"""What a run costs: runs per second, SQL statements, commits and processor time, of one worker on SQLite.

Measured with steps that do nothing, and with won deals that each need everything: a new customer, an article that
Fortnox lacks, an order, and its number told to Lime Go. The worker is a process of its own; the simulators, which have
no rate windows, are in this one. With another checkout both are measured in turn, with the same simulators, so that
whatever else the machine does meets both alike:

    runs_per_second.py --before ../before      # a clone of an older commit in which `make install` was run
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from erpcore_fortnox.simulator import Behaviour, FortnoxSimulator
from erpcore_lime_go.simulator import LimeGoSimulator, Switches
from rich.console import Console
from rich.table import Table
from scene import new_key, settings_text
from won_deals import lime_go_seed, tables

from erpcore.simulator import running

HERE = Path(__file__).resolve().parent.parent
Figures = Mapping[str, Any]
KINDS = {
    "empty": "three empty steps",
    "deals": "a won deal of a new customer",
    "known": "a won deal, every second of a known customer",
}


def lime_seed(deals: int) -> dict[str, Any]:
    """Give deals, each of a company of its own and with an article of its own.

    Args:
        deals: How many.
    """
    seed = lime_go_seed(2 * deals)  # two deals to a company there
    seed["deals"] = seed["deals"][:deals]
    for number, deal in enumerate(seed["deals"]):
        row = {"article_number": f"NEW-{number}", "text": f"Vara {number}", "quantity": "2", "price": "125.50"}
        deal["rows"] = [row]
    return seed


def known_seed(deals: int) -> dict[str, Any]:
    """Give deals of which two have the same company, one after the other, and all have the same articles.

    Args:
        deals: How many.
    """
    seed = lime_go_seed(deals)
    seed["deals"].sort(key=lambda deal: deal["company"])
    return seed


def measured(checkout: Path, kind: str, runs: int, warm_up: int, *, finished: int = 0) -> Figures:
    """Measure once, with a new store and new simulators.

    Args:
        checkout: Whose interpreter and erpcore.
        kind: One of `KINDS`.
        runs: How many are measured.
        warm_up: How many go before.
        finished: How many more there are in the store already, which came to their end.
    """
    with tempfile.TemporaryDirectory(prefix="erpcore-bench-", ignore_cleanup_errors=True) as name, ExitStack() as stack:
        folder, deals = Path(name), runs + warm_up
        lime = LimeGoSimulator(Switches(integration_limit=1_000_000, organization_limit=1_000_000))
        lime.seed(known_seed(deals) if kind == "known" else lime_seed(deals))
        # Without the warehouse module, which checkouts of before do not know.
        fortnox = FortnoxSimulator(rate_limit=None, behaviour=Behaviour(warehouse=False))
        lime_url, fortnox_url = (stack.enter_context(running(system)) for system in (lime, fortnox))
        settings = folder / "erpcore.toml"
        own = {"requests_per_window": 100_000}
        made: dict[str, Mapping[str, Any]] = {
            "store": {"url": "sqlite:///erpcore.db", "synchronous": "FULL"},
            # Neither lanes nor looks into the queue shall be what is measured.
            "worker": {"lanes": 24, "concurrency": 12, "queue_seconds": 0.05},
            "logging": {"level": "WARNING"},
            **tables(lime_url, fortnox_url, own),
        }
        made["connections.lime_go"] = {**made["connections.lime_go"], "requests_per_minute": 100_000}
        # A run for the won company would be a second one.
        made["syncs.won_deals"] = {**made["syncs.won_deals"], "customer_delay_seconds": 3600}
        settings.write_text(settings_text(made), encoding="utf-8")
        command = [str(checkout / ".venv/bin/python"), str(HERE / "benchmarks/one_worker.py"), str(settings), lime_url]
        command += [
            "--warm-up",
            str(warm_up),
            "--finished",
            str(finished),
            *(["--empty", str(deals)] if kind == "empty" else []),
        ]
        environment = {**os.environ, "ERPCORE_KEY": new_key()}
        answer = subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True, check=False)
        if answer.returncode:
            raise RuntimeError(f"{kind} of {checkout} ended with exit code {answer.returncode}")
        found: Figures = json.loads(answer.stdout.splitlines()[-1])
        if not Path(found["erpcore"]).is_relative_to(checkout):
            raise RuntimeError(f"the interpreter of {checkout} has the erpcore of {found['erpcore']}")
        orders = len(fortnox.state()["orders"])
        if orders != (0 if kind == "empty" else deals):
            raise RuntimeError(f"{orders} orders")
        return found


def line(found: Sequence[Figures]) -> list[str]:
    """Give the cells of a row: medians, and the range of runs per second."""
    speed = [each["runs"] / each["wall"] for each in found]
    per_run = [statistics.median(each[name] / each["runs"] for each in found) for name in ("statements", "commits")]
    cpu = statistics.median(1000 * each["cpu"] / each["runs"] for each in found)
    return [
        f"{statistics.median(speed):.1f} ({min(speed):.1f}–{max(speed):.1f})",
        f"{per_run[0]:.1f}",
        f"{per_run[1]:.1f}",
        f"{cpu:.0f}",
    ]


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--before", type=Path, help="another checkout, with its own .venv")
    parser.add_argument("--times", type=int, default=3, help="how often each is measured (default 3)")
    parser.add_argument("--runs", type=int, default=200, help="runs of empty steps (default 200)")
    parser.add_argument("--deals", type=int, default=60, help="won deals (default 60)")
    parser.add_argument("--kind", choices=(*KINDS, "all"), default="all")
    parser.add_argument("--statements", action="store_true", help="list the statements of this checkout, per run")
    asked = parser.parse_args()
    checkouts = {"after": HERE} if asked.before is None else {"before": asked.before.resolve(), "after": HERE}
    console, table = Console(soft_wrap=True), Table()
    for title in ("", "", "runs per second", "statements", "commits", "CPU, ms"):
        table.add_column(title, justify="left" if title == "" else "right")
    for kind in KINDS if asked.kind == "all" else (asked.kind,):
        found: dict[str, list[Figures]] = {name: [] for name in checkouts}
        for _ in range(asked.times):
            for name, checkout in checkouts.items():
                runs = asked.runs if kind == "empty" else asked.deals
                figures = measured(checkout, kind, runs, warm_up=max(4, runs // 10))
                found[name].append(figures)
                console.print(kind, name, *line([figures]))
        for name in checkouts:
            table.add_row(KINDS[kind], name, *line(found[name]))
        if asked.statements:
            last = found["after"][-1]
            for statement, count in last["by_statement"]:
                console.print(f"{count / last['runs']:6.2f}  {statement[:160]}", markup=False, highlight=False)
    console.print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
