"""How long after a deal is won its order stands in the ERP: read from the feed at its default, or delivered.

A worker on SQLite between a Lime Go and a Fortnox simulator, all in this process, deals won one after the other at odd
moments. It ends with exit code 1 where a median of the table in README.md is not kept.

    latency.py --deals 9
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from random import Random
from typing import Any

from erpcore_fortnox.simulator import FortnoxSimulator
from erpcore_lime_go.simulator import LimeGoSimulator
from one_worker import at_work
from scene import new_key, settings_text
from won_deals import lime_go_seed, tables

from erpcore.engine.pages import TakenIn
from erpcore.engine.worker import Worker
from erpcore.models import CrmEvent
from erpcore.settings import load_settings
from erpcore.simulator import running
from erpcore.worker import open_worker_store

BY_FEED, DELIVERED = 1.5, 0.15
LONGEST = 60.0


def seconds_until(done: Callable[[], bool]) -> float:
    """Wait, and say how long it took."""
    begun = time.monotonic()
    while not done():
        if time.monotonic() > begun + LONGEST:
            raise TimeoutError(f"no order after {LONGEST:.0f} s")
        time.sleep(0.005)
    return time.monotonic() - begun


def main() -> int:
    """Measure, print and judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--deals", type=int, default=9, help="of each kind (default 9)")
    asked = parser.parse_args()
    random, lime, fortnox = Random(1), LimeGoSimulator(), FortnoxSimulator(rate_limit=None)
    lime.seed(lime_go_seed(2 * asked.deals + 2))
    deals = [deal["number"] for deal in lime.state()["records"]["deals"]]
    with tempfile.TemporaryDirectory(prefix="erpcore-bench-", ignore_cleanup_errors=True) as name, ExitStack() as stack:
        lime_url, fortnox_url = (stack.enter_context(running(system)) for system in (lime, fortnox))
        file = Path(name) / "erpcore.toml"
        made: dict[str, Mapping[str, Any]] = {
            "store": {"url": f"sqlite:///{Path(name) / 'erpcore.db'}"},
            "logging": {"level": "WARNING"},
            **tables(lime_url, fortnox_url, {}),
        }
        file.write_text(settings_text(made), encoding="utf-8")
        settings = load_settings(file)
        os.environ["ERPCORE_KEY"] = new_key()
        store = open_worker_store(settings)
        stack.callback(store.close)
        worker = Worker(settings, store, executor_id="measured")
        stack.enter_context(at_work(worker))
        orders = 0

        def comes() -> float:
            nonlocal orders
            orders += 1
            return seconds_until(lambda: len(fortnox.state()["orders"]) >= orders)

        lime.win_deal(deals.pop())
        comes()  # the first pays for the sign-in
        by_feed, delivered = list[float](), list[float]()
        # Evenly over the two seconds between two looks into the feed: of a few at random, the median is luck.
        pauses = [3.0 + 2.0 * (number + 0.5) / asked.deals for number in range(asked.deals)]
        random.shuffle(pauses)
        for pause in pauses:
            time.sleep(pause)
            lime.win_deal(deals.pop())
            by_feed.append(comes())
        worker.poll_feeds = lambda **_: TakenIn()  # type: ignore[method-assign]  # from here on it is told
        for _ in range(asked.deals):
            time.sleep(random.uniform(1.0, 2.0))
            deal = deals.pop()
            lime.win_deal(deal)
            worker.intake.take_in("lime_go", [CrmEvent(key=f"told {deal}", kind="deal_won", record_id=str(deal))])
            delivered.append(comes())
    feed, told = statistics.median(by_feed), statistics.median(delivered)
    sys.stdout.write(
        f"won to order: by the feed {feed:.2f} s ({min(by_feed):.2f} to {max(by_feed):.2f}), delivered {told:.2f} s "
        f"({min(delivered):.2f} to {max(delivered):.2f})\n"
    )
    return int(feed > BY_FEED or told > DELIVERED)


if __name__ == "__main__":
    sys.exit(main())
