"""What every file of the project keeps."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LONGEST = 400
REASON = "Longer than 400 lines because"
# Loose ends: each of them, where it is right, stands with a reason beside it.
LOOSE = re.compile(r"NotImplementedError|\b(TODO|FIXME)\b|type: ignore *$|# noqa *$")


def files(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("this is not a checkout, so nobody knows which files are the project's")
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def test_no_file_is_longer_than_fits_in_the_head_without_saying_why() -> None:
    too_long = []
    for file in files("*.py"):
        lines = file.read_text(encoding="utf-8").splitlines()
        if len(lines) > LONGEST and REASON not in "\n".join(lines[:20]):
            too_long.append(f"{file.relative_to(ROOT)}: {len(lines)}")
    assert not too_long


def test_nothing_in_the_code_is_left_for_later() -> None:
    this = Path(__file__)
    loose = [
        f"{file.relative_to(ROOT)}:{number}: {line.strip()}"
        for file in files("*.py")
        if file != this
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if LOOSE.search(line)
    ]
    assert not loose


def test_decisions_are_all_listed() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = (folder / "README.md").read_text(encoding="utf-8")
    assert {page.name for page in folder.glob("*.md")} - {"README.md"} == set(re.findall(r"\]\(([\w-]+\.md)\)", listed))


def test_every_dependency_has_its_reason() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    needed = [*project["dependencies"], *(name for extra in extras.values() for name in extra)]
    reasons = (ROOT / "docs" / "decisions" / "dependencies.md").read_text(encoding="utf-8").lower()
    names = {re.split(r"[<>=\[; ]", name)[0].lower() for name in needed} - {"erpcore"}
    assert not {name for name in names if name not in reasons}
