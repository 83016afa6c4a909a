"""``erpcore demo`` as a person runs it: in an empty folder, again, and left running until it is told to end."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.e2e.world import PROGRAM

pytestmark = pytest.mark.slow


def start(folder: Path, *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [str(PROGRAM), "demo", *options],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "COLUMNS": "200"},
    )


def orders_in(output: str) -> list[str]:
    """Give the lines that name the orders that Fortnox holds, from the summary."""
    assert "fortnox holds now:" in output, output
    return [
        line.strip() for line in output.partition("holds now:")[2].splitlines() if line.strip().startswith("order ")
    ]


def test_the_demonstration_twice_and_left_running(tmp_path: Path) -> None:
    first = start(tmp_path)
    output, _ = first.communicate(timeout=100)
    assert first.returncode == 0, output
    orders = orders_in(output)
    assert [line.split(",")[0] for line in orders] == ["order 1", "order 2", "order 3"]
    assert sum("invoiced as 1" in line for line in orders) == 1
    assert "Everything ended well" in output

    # Again, on what the first left behind, and this time it stays until it is told to end.
    second = start(tmp_path, "--keep")
    assert second.stdout is not None
    lines: list[str] = []
    for line in second.stdout:
        lines.append(line)
        if "Everything is left running" in line:
            break
    assert second.poll() is None, "".join(lines)
    time.sleep(0.5)  # it tells so a moment before it listens to signals
    second.send_signal(signal.SIGTERM)
    rest, _ = second.communicate(timeout=60)
    assert second.returncode == 0, rest
    assert orders_in("".join(lines)) == orders, "no second order for the same deals"
    assert "nothing" in "".join(lines)
