"""Programs of erpcore as processes that begin with everything imported.

To import what a worker needs takes more than a second of a processor, and the tests start a hundred workers. So each
pytest process has one process that has imported it all, and a program is a fork of that: a process with signals, files
and an environment of its own, which runs from its first line to its exit code. Some tests start the installed command
instead, so that this is seen, too.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path

_PLUGINS = [plugin.module for kind in ("erp", "crm") for plugin in entry_points(group=f"erpcore.{kind}")]
_CONTEXT = multiprocessing.get_context("forkserver")
_LATE = ["oauthlib.oauth2", "cryptography.fernet", "erpcore_visma_admin.agent.cli"]
"""What programs import only when they need it."""
_CONTEXT.set_forkserver_preload(["erpcore.worker", *_PLUGINS, *_LATE, "tests.preloaded"])


class Forked:
    """A running program, with the part of the face of `subprocess.Popen` that the tests use.

    Args:
        function: What is run, such as ``erpcore.cli:main``; what it returns is the exit code.
        arguments: Its command line, without the name of the program.
        log: File for all that it prints.
        environment: All its variables. What ``PYTHONPATH`` names is looked into first.

    Attributes:
        log: As given.
    """

    def __init__(self, function: str, arguments: Sequence[str], log: Path, environment: Mapping[str, str]) -> None:
        self.log = log
        # A daemon: what a test has left running ends with the tests.
        given = (function, list(arguments), log, dict(environment))
        self._process = _CONTEXT.Process(target=_run, args=given, daemon=True)
        self._process.start()

    @property
    def pid(self) -> int:
        """Its number."""
        assert self._process.pid is not None
        return self._process.pid

    def poll(self) -> int | None:
        """Give the exit code, or None while it runs; of a signal it is the negative number."""
        return self._process.exitcode

    def wait(self, timeout: float) -> int:
        """Wait until it has ended; give the exit code."""
        self._process.join(timeout)
        code = self.poll()
        if code is None:
            raise subprocess.TimeoutExpired(self._process.name, timeout)
        return code

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)


def _run(function: str, arguments: list[str], log: Path, environment: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environment)
    sys.path[:0] = [folder for folder in environment.get("PYTHONPATH", "").split(os.pathsep) if folder]
    with log.open("w") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    module, name = function.split(":")
    sys.argv = [module, *arguments]
    sys.exit(getattr(import_module(module), name)())
