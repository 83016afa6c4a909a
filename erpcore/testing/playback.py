"""Which recorded answers a run of tests asked for.

A pytest plugin that rules C05 and C06 of the contract run a plugin's cassette tests with::

    pytest -p erpcore.testing.playback --played-to FILE --record-mode=none tests/test_acme_cassettes.py
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest

_SECONDS = 110


@dataclass(frozen=True)
class Played:
    """What came of one cassette.

    Attributes:
        matched_on: What a request had to share with a recorded one to be answered by it.
        left: The recorded requests that no test asked for.
    """

    matched_on: tuple[str, ...]
    left: tuple[str, ...]


@dataclass(frozen=True)
class Playback:
    """A run of cassette tests.

    Attributes:
        problem: What pytest printed when tests failed; None when all passed.
        played: What came of each cassette that was opened, by its file.
    """

    problem: str | None
    played: Mapping[Path, Played]


def play(modules: Sequence[Path]) -> Playback:
    """Run test modules on their cassettes, in a pytest of its own.

    Args:
        modules: The test files.
    """
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "played.json"
        command = [sys.executable, "-m", "pytest", *map(str, modules), "-q", "--tb=short", "--no-header"]
        command += ["-p", "erpcore.testing.playback", f"--played-to={told}", "--record-mode=none"]
        command += ["-p", "no:cacheprovider"]
        if importlib.util.find_spec("xdist") is not None:
            command.append("-n0")
        # What an outer pytest tells of itself is not about this one.
        own = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_XDIST")}
        done = subprocess.run(  # noqa: S603 ourselves
            command, env=own, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
        held = json.loads(told.read_text(encoding="utf-8")) if told.is_file() else {}
    played = {Path(path): Played(tuple(each["matched_on"]), tuple(each["left"])) for path, each in held.items()}
    return Playback(None if done.returncode == 0 else (done.stdout + done.stderr)[-3000:], played)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that says where the outcome goes."""
    parser.getgroup("erpcore").addoption(
        "--played-to", type=Path, metavar="FILE", help="write which recorded answers were asked for to a JSON file"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Listen to cassettes when a file was named."""
    if (path := config.getoption("--played-to")) is not None:
        config.pluginmanager.register(_Listener(path), "erpcore-playback")


class _Listener:
    """Looks at each cassette when its test is done with it.

    Args:
        path: The file to write.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._played: dict[str, Played] = {}

    def pytest_fixture_post_finalizer(self, fixturedef: Any) -> None:
        """Note what pytest-recording's fixture ``vcr`` gave; several tests may share a cassette."""
        cassette = fixturedef.cached_result[0] if fixturedef.argname == "vcr" and fixturedef.cached_result else None
        if cassette is None:
            return
        path = str(Path(cassette._path).resolve())
        left = [f"{place}: {request}" for place, (request, _) in enumerate(cassette.data)]
        left = [told for place, told in enumerate(left) if not cassette.play_counts.get(place, 0)]
        if (earlier := self._played.get(path)) is not None:
            left = [told for told in left if told in earlier.left]
        self._played[path] = Played(tuple(each.__name__ for each in cassette._match_on), tuple(left))

    def pytest_sessionfinish(self) -> None:
        """Write the file."""
        told = {path: asdict(played) for path, played in self._played.items()}
        self._path.write_text(json.dumps(told), encoding="utf-8")
