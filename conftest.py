"""Options and fixtures that all tests share."""

from __future__ import annotations

import gc
import os
import shutil
import sys
import tempfile
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis.internal.conjecture import providers

# Examples are the same at every run, so that a failure is the change's. `make proof` takes others and ten times as many
# (``--hypothesis-profile random``), so a test that wants fewer states its part: ``settings().max_examples // 4``.
# No deadline: how long an example takes says more about what else the machine does than about the code.
settings.register_profile("same", deadline=None, derandomize=True, database=None)
settings.register_profile("random", deadline=None, max_examples=1000, print_blob=True)
settings.load_profile("same")

# The tests start Python hundreds of times. Without compiled modules each start takes two seconds longer, so what the
# environment says about writing them does not hold here, nor in the processes that are started from here.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# What tests write goes to memory where it has room and programs may be started from there. On a disk, making and
# removing thousands of small files takes the suite a third longer. Whoever sets TMPDIR has their way.
_MEMORY = Path("/dev/shm")  # noqa: S108 the folders in it are made by `tempfile`
_ROOM = 2 << 30
"""Bytes; a whole run writes a quarter of a gigabyte."""


def _has_room(folder: Path) -> bool:
    if not (folder.is_dir() and os.access(folder, os.W_OK)) or shutil.disk_usage(folder).free < _ROOM:
        return False
    return not os.statvfs(folder).f_flag & os.ST_NOEXEC


if "TMPDIR" not in os.environ and _has_room(_MEMORY):
    os.environ["TMPDIR"] = tempfile.tempdir = str(_MEMORY)

# What tests make goes as soon as nobody names it; what goes in circles is looked for after ten times as many objects as
# usual, which saves a twentieth of the time.
gc.set_threshold(7_000, 10, 10)

_CASES = 4
"""Of the cases of one test, one of so many is in the sample."""
_WAITING = ("scaffold", "docs", "e2e", "engine")
"""Folders of tests that wait for processes, and for time to pass; the one whose files take longest first."""
_LONG = ("simulation",)
"""Folders of few tests that compute for long."""
_LAST_WAITS = 0.7
"""How far among the others the last of them stands, so that nobody has a long wait left when the rest has ended."""

pytest_plugins = ["tests.conftest_postgres", "tests.conftest_once"]


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection() -> Iterator[None]:
    """Collect without looking for garbage: what is made then, some million objects, stays, so it is not looked at."""
    gc.disable()
    yield
    gc.freeze()
    gc.enable()


def pytest_configure(config: pytest.Config) -> None:
    """Draw no value from the project's own code: which of it is loaded depends on what a process has run before."""
    if config.getoption("--hypothesis-profile", None) != "random":
        none = providers.Constants()
        pytest.MonkeyPatch().setattr(providers, "_get_local_constants", lambda: none)


@pytest.hookimpl(trylast=True)  # after what -m leaves out
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what ``--part`` does not ask for; put files in the order in which several processes end soonest.

    Those whose tests wait most of their time stand evenly among the first of the others, which need the processor
    meanwhile; of the others those that take long, or have the most tests, come first, so that what is left at the end
    is short.
    """
    if part := config.getoption("--part"):
        sample = set(_sample(items))
        asked = sample if part == "sample" else {item for item in items if item not in sample or _is_counted(item)}
        config.hook.pytest_deselected(items=[item for item in items if item not in asked])
        items[:] = [item for item in items if item in asked]
    tests = Counter(item.path for item in items)
    waiting = [file for folder in _WAITING for file in tests if file.parent.name == folder]
    others = (file for file in tests if file.parent.name not in _WAITING)
    computing = sorted(others, key=lambda file: (file.parent.name not in _LONG, -tests[file]))
    places = {file: _LAST_WAITS * at / len(waiting) for at, file in enumerate(waiting)}
    places |= {file: at / len(computing) for at, file in enumerate(computing)}
    items.sort(key=lambda item: places[item.path])


def _sample(items: list[pytest.Item]) -> Iterator[pytest.Item]:
    """Give what is not marked as wide: of the cases of each test one of four, by its name another one."""
    cases = defaultdict[tuple[object, str], list[pytest.Item]](list)
    for item in items:
        cases[item.parent, getattr(item, "originalname", item.name)].append(item)
    for (_, name), each in cases.items():
        first = zlib.crc32(name.encode()) % min(_CASES, len(each))
        yield from (item for item in each[first::_CASES] if not item.get_closest_marker("wide"))


def _is_counted(item: pytest.Item) -> bool:
    """Tell whether the rest has it in any case: the README counts all cases of the contract."""
    return any(name == "erpcore_contract" for name, _ in item.user_properties)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the project's own options."""
    group = parser.getgroup("erpcore")
    group.addoption(
        "--vendor-specs",
        default=os.environ.get("ERPCORE_VENDOR_SPECS"),
        type=lambda text: Path(text).resolve() if text else None,
        metavar="DIR",
        help="folder with vendors' own interface descriptions, to hold the simulators to",
    )
    group.addoption(
        "--part",
        choices=["sample", "rest"],
        help="a sample, in which is one of four cases of each test, or what is not in it; everything if left out",
    )
    group.addoption(
        "--record-live",
        action="store_true",
        help="record cassettes from a live account, with credentials from the environment, instead of the simulator",
    )
