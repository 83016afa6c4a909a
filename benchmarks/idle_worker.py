"""What an idle worker costs, with every setting at its default: statements and commits a second, share of a core.

A worker on SQLite between a Lime Go and a Fortnox simulator, whose feed shows 48 events that are known. Ends with exit
code 1 where it costs more than it may. With another checkout both are measured in turn, and that one is not judged:

    idle_worker.py --before ../before      # a clone of an older commit in which `make install` was run
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from one_worker import Counted, at_work
from scene import new_key, settings_text

HERE = Path(__file__).resolve().parent.parent
AT_MOST = {"statements": 2.0, "cpu": 0.007}
"""A second."""
SETTLES = 12.0
"""Seconds that a worker has at least to come to rest."""
LOOKS, LOOK_SECONDS, AT_REST = 20, 3.0, 9
"""After that it is looked at so many times at most, for so long, until it is at rest: it asks so much in that time."""


def come_to_rest(counted: Counted) -> None:
    """Wait until a worker has done what it begins with, which takes its time beside other programs."""
    time.sleep(SETTLES)
    for _ in range(LOOKS):
        counted.clear()
        time.sleep(LOOK_SECONDS)
        if counted.counts["statements"] <= AT_REST:
            break


def idle(settings_file: Path, seconds: float) -> Mapping[str, float]:
    """Let a worker be idle in this process; give statements, commits and CPU seconds, all per second."""
    from erpcore.engine.worker import Worker
    from erpcore.settings import load_settings
    from erpcore.worker import open_worker_store

    settings = load_settings(settings_file)
    store = open_worker_store(settings)
    counted = Counted(store.engine)
    with at_work(Worker(settings, store, executor_id="measured")):
        come_to_rest(counted)
        counted.clear()
        cpu, begun = time.process_time(), time.monotonic()
        time.sleep(seconds)
        found = {name: counted.counts[name] / seconds for name in ("statements", "commits")}
        found["cpu"] = (time.process_time() - cpu) / (time.monotonic() - begun)
    store.close()
    return found


def measured(checkout: Path, seconds: float) -> Mapping[str, Any]:
    """Measure a checkout once, in a process of its interpreter."""
    from erpcore_fortnox.simulator import FortnoxSimulator
    from erpcore_lime_go.simulator import LimeGoSimulator
    from won_deals import lime_go_seed, tables

    from erpcore.simulator import running

    with tempfile.TemporaryDirectory(prefix="erpcore-bench-", ignore_cleanup_errors=True) as name, ExitStack() as stack:
        lime, fortnox = LimeGoSimulator(), FortnoxSimulator(rate_limit=None)
        lime.seed(lime_go_seed(16))
        for deal in lime.state()["records"]["deals"]:
            lime.win_deal(deal["number"])
        lime_url, fortnox_url = (stack.enter_context(running(system)) for system in (lime, fortnox))
        settings = Path(name) / "erpcore.toml"
        made: dict[str, Mapping[str, Any]] = {
            "store": {"url": "sqlite:///erpcore.db"},
            "logging": {"level": "WARNING"},
            **tables(lime_url, fortnox_url, {}),
        }
        made["syncs.won_deals"] = {**made["syncs.won_deals"], "feed_history": "leave"}
        settings.write_text(settings_text(made), encoding="utf-8")
        command = [str(checkout / ".venv/bin/python"), __file__, "--settings", str(settings), "--seconds", str(seconds)]
        environment = {**os.environ, "ERPCORE_KEY": new_key()}
        answer = subprocess.run(command, cwd=name, env=environment, stdout=subprocess.PIPE, text=True, check=True)
        found: Mapping[str, Any] = json.loads(answer.stdout.splitlines()[-1])
        return found


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--before", type=Path, help="another checkout, with its own .venv")
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--settings", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.settings is not None:
        sys.stdout.write(json.dumps(idle(asked.settings, asked.seconds)) + "\n")
        return 0
    checkouts = {"after": HERE} if asked.before is None else {"before": asked.before.resolve(), "after": HERE}
    broken = False
    for name, checkout in checkouts.items():
        each = measured(checkout, asked.seconds)
        broken |= name == "after" and any(each[what] > most for what, most in AT_MOST.items())
        rates = f"{each['statements']:.1f} statements and {each['commits']:.1f} commits a second"
        sys.stdout.write(f"an idle worker, {name}: {rates}, {each['cpu']:.1%} of a core\n")
    return int(broken)


if __name__ == "__main__":
    sys.exit(main())
