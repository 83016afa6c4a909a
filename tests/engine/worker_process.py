"""A worker as a process of its own (`tests.forked`), with SETTINGS and NAME; tells on stdout when it is ready."""

from __future__ import annotations

import faulthandler
import logging
import signal
import sys
from pathlib import Path

from erpcore.errors import ErpcoreError
from erpcore.settings import load_settings
from erpcore.worker import leave_at_once, run_worker


def _tell_ready() -> None:
    sys.stdout.write("ready\n")
    sys.stdout.flush()


def main() -> int:
    faulthandler.register(signal.SIGUSR1)  # a test that waits in vain asks where it hangs
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    try:
        settings = load_settings(Path(sys.argv[1]))
        if not run_worker(settings, executor_id=sys.argv[2], on_ready=_tell_ready):
            leave_at_once()
    except ErpcoreError as error:
        sys.stderr.write(f"refused: {error}\n")
        return 1
    return 0
