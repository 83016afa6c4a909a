"""Building the simulator's shared library, when it is first used, from the C in this folder."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from erpcore.errors import ErpcoreError

HERE = Path(__file__).parent
_FLAGS = ("-std=gnu11", "-O1", "-fPIC", "-shared", "-fvisibility=hidden", "-Wall", "-Wextra")


class NoCompiler(ErpcoreError):
    """There is no C compiler to build the library with."""


def compiler() -> str | None:
    """Give the C compiler: what ``CC`` names, else gcc or cc; None where there is none or it is of no use here."""
    if sys.platform == "win32":
        return None
    names = [os.environ["CC"]] if os.environ.get("CC") else ["gcc", "cc"]
    return next((found for name in names if (found := shutil.which(name))), None)


def build(folder: Path = HERE) -> Path:
    """Build the library unless it is built already.

    Args:
        folder: Where the C is.

    Returns:
        The library, in the user's cache, named by a digest of what it was built from.

    Raises:
        NoCompiler: There is none.
        RuntimeError: The compiler refused it.
    """
    built = _cache() / _digest(folder) / "libadk.so"
    if built.exists():
        return built
    found = compiler()
    if found is None:
        raise NoCompiler(
            "The simulated Visma Administration is a library in C, and there is no C compiler here.",
            advice="Install gcc or clang, on Linux or macOS; or name another compiler in CC.",
        )
    built.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=built.parent) as beside:
        result = Path(beside) / built.name
        sources = sorted(str(path) for path in folder.glob("*.c"))
        command = [found, *_FLAGS, "-o", str(result), *sources, "-lm"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 our own sources
        if done.returncode != 0:
            raise RuntimeError(f"{found} did not build the simulated Visma Administration:\n{done.stderr}")
        result.replace(built)
    return built


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "erpcore" / "visma_admin"


def _digest(folder: Path) -> str:
    digest = hashlib.sha256(" ".join((*_FLAGS, os.uname().machine)).encode())
    for path in _sources(folder):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:20]


def _sources(folder: Path) -> Iterator[Path]:
    return iter(sorted([*folder.glob("*.c"), *folder.glob("*.h")]))
