"""Tries a release as somebody gets it who pins it: ``python packaging/pinned.py build/packages build/pinned``.

Packages that were built are installed by their ``constraints.txt`` into an empty environment, where nothing is taken
without its hash, and the demonstration runs there. With uv, because pip takes no hashes from constraints.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import constraints

WANTED = ("erpcore[sync,keyring,simulator]", "erpcore-lime-go[simulator]", "erpcore-fortnox[simulator]")


def install(packages: Path, place: Path) -> None:
    """Make an environment with the packages, by their constraints.

    Args:
        packages: The folder that `build.py` filled.
        place: The environment's folder; one that is there is made anew.

    Raises:
        subprocess.CalledProcessError: A file is not the one that the constraints name, or one has no hash.
    """
    file = packages / "constraints.txt"
    versions = {pin.name: str(pin.specifier) for pin, _ in constraints.pins(file.read_text(encoding="utf-8"))}
    wanted = [f"{each}{versions[each.partition('[')[0]]}" for each in WANTED]
    uv = str(Path(sys.executable).with_name("uv"))
    shutil.rmtree(place, ignore_errors=True)
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, str(place)], check=True)  # noqa: S603
    options = ["--quiet", "--python", str(place), "--require-hashes", "--find-links", str(packages)]
    subprocess.run([uv, "pip", "install", *options, "--constraint", str(file), *wanted], check=True)  # noqa: S603


if __name__ == "__main__":
    packages, place = (Path(each).resolve() for each in sys.argv[1:])
    install(packages, place)
    program = place / ("Scripts" if sys.platform == "win32" else "bin") / "erpcore"
    subprocess.run([program, "demo", "--fresh"], cwd=place, check=True)  # noqa: S603  our own command
