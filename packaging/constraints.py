"""Writes down what a release was tested with: ``python packaging/constraints.py`` makes ``packaging/constraints.txt``.

Every package that erpcore, its extras and its plugins bring along, in the newest version inside of their ranges, with
the hashes of all its files, for every kind of machine. The file names no index: a hash holds whatever it comes from.
``packaging/build.py`` puts it beside a release's packages, with the hashes of those.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_sdist_filename, parse_wheel_filename

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "packaging" / "constraints.txt"

_HEAD = """\
# What erpcore {version}, its extras and its plugins were tested with, and the hashes of every file of it.
# Made by "make constraints". How to install with it: docs/security.md.
"""
_EXPORT = (
    "export --quiet --all-packages --all-extras --no-dev --no-emit-workspace --no-header --no-annotate "
    "--format requirements.txt"
)


def version() -> str:
    """Give erpcore's version."""
    data = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return str(data["project"]["version"])


def pins(text: str) -> Iterator[tuple[Requirement, list[str]]]:
    """Read a constraints file.

    Args:
        text: The file.

    Yields:
        Each package with its one version and where it is needed, and the hashes of its files.
    """
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    for entry in re.split(r"\n(?=\S)", "\n".join(lines)):
        requirement, *hashes = re.split(r"\s*\\\n\s*", entry.strip())
        if requirement:
            yield Requirement(requirement), [each.removeprefix("--hash=") for each in hashes]


def of_files(files: Iterable[Path]) -> str:
    """Give the lines for packages that lie in a folder.

    Args:
        files: Wheels and source distributions.
    """
    found: dict[str, list[str]] = {}
    for file in sorted(files):
        parse = parse_wheel_filename if file.suffix == ".whl" else parse_sdist_filename
        name, number, *_ = parse(file.name)
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        found.setdefault(f"{canonicalize_name(name)}=={number}", []).append(f"    --hash=sha256:{digest}")
    return "".join(" \\\n".join([pin, *hashes]) + "\n" for pin, hashes in found.items())


def main() -> None:
    """Look for the newest versions inside of the ranges, and write them down."""
    uv = [str(Path(sys.executable).with_name("uv"))]
    subprocess.run([*uv, "lock", "--quiet", "--upgrade"], cwd=ROOT, check=True)  # noqa: S603  our own command
    told = subprocess.run([*uv, *_EXPORT.split()], cwd=ROOT, check=True, capture_output=True, text=True)  # noqa: S603
    FILE.write_text(_HEAD.format(version=version()) + told.stdout, encoding="utf-8")


if __name__ == "__main__":
    main()
