"""A worker process like `worker_process`, whose wall clock is off by what a file beside SETTINGS says."""

from __future__ import annotations

import faulthandler
import logging
import signal
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

from erpcore.engine.worker import Worker
from erpcore.host import SYSTEM_CLOCK, Clock
from erpcore.settings import load_settings
from erpcore.worker import leave_at_once, open_worker_store

OFF_BY = "off_by_seconds"


def main() -> int:
    faulthandler.register(signal.SIGUSR1)  # a test that waits in vain asks where it hangs
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    file = Path(sys.argv[1])
    off_by = file.with_name(OFF_BY)

    def now() -> datetime:
        return datetime.now(UTC) + timedelta(seconds=float(off_by.read_text()))

    settings = load_settings(file)
    store = open_worker_store(settings, clock=Clock(SYSTEM_CLOCK.monotonic, now, SYSTEM_CLOCK.sleep))
    worker = Worker(settings, store, executor_id=sys.argv[2])
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=worker.stop).start())

    def tell_ready() -> None:
        sys.stdout.write("ready\n")
        sys.stdout.flush()

    if not worker.run(tell_ready):
        leave_at_once()
    return 0
