"""The constraints of a release fit the ranges, have a hash for everything, and hold an installation to them."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from functools import cache
from importlib.metadata import distributions, version
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]


def load(name: str) -> ModuleType:
    """Load a script beside the packages, which finds its neighbours by their names alone."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "packaging" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


constraints, licences, pinned = (load(name) for name in ("constraints", "licences", "pinned"))
TEXT = constraints.FILE.read_text(encoding="utf-8")
PINS = {canonicalize_name(pin.name): pin for pin, _ in constraints.pins(TEXT)}
here = cache(licences.comes_with)  # it takes a second, which who only collects the tests does not pay
AGAIN = "run: make constraints"


def needed() -> Iterator[Requirement]:
    """What erpcore, its extras and its plugins need on this kind of machine, and what that needs."""
    ours = {each.metadata["Name"] for each in distributions() if each.metadata["Name"].startswith("erpcore")}
    for each in distributions():
        name = canonicalize_name(each.metadata["Name"])
        if name in here() or each.metadata["Name"] in ours:
            for text in each.requires or ():
                requirement = Requirement(text)
                if canonicalize_name(requirement.name) in here():
                    yield requirement


def test_what_is_needed_is_pinned_inside_of_its_range() -> None:
    assert set(here()) - set(PINS) == set(), AGAIN
    outside = [
        f"{requirement} is pinned to {PINS[canonicalize_name(requirement.name)].specifier}"
        for requirement in needed()
        if (requirement.marker is None or requirement.marker.evaluate({"extra": ""}))
        and not requirement.specifier.contains(
            str(PINS[canonicalize_name(requirement.name)].specifier).removeprefix("=="), prereleases=True
        )
    ]
    assert outside == [], AGAIN


def test_the_ranges_of_every_extra_hold_the_pins() -> None:
    import tomllib

    for file in (ROOT / "pyproject.toml", *ROOT.glob("plugins/*/pyproject.toml")):
        project = tomllib.loads(file.read_text(encoding="utf-8"))["project"]
        extras = project.get("optional-dependencies", {}).values()
        for text in [*project["dependencies"], *(each for extra in extras for each in extra)]:
            wanted = Requirement(text)
            if not wanted.name.startswith("erpcore"):
                pin = PINS[canonicalize_name(wanted.name)]
                assert wanted.specifier.contains(str(pin.specifier)[2:], prereleases=True), f"{pin}: {AGAIN}"


def test_every_pin_is_one_version_with_hashes_and_no_index_is_named() -> None:
    for pin, hashes in constraints.pins(TEXT):
        assert re.fullmatch(r"==[^,*]+", str(pin.specifier)), pin
        assert hashes, pin
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", each) for each in hashes), pin
    assert "://" not in TEXT
    assert "index" not in TEXT
    assert f"erpcore {constraints.version()}," in TEXT.splitlines()[0], AGAIN


def test_the_page_on_licences_is_what_packages_say_of_themselves() -> None:
    told = licences.PAGE.read_text(encoding="utf-8")
    listed = {row.split(" | ")[1]: row for row in told.splitlines() if row.startswith("| `")}
    assert set(listed) == set(PINS), "each package that is pinned has its licence told: python packaging/licences.py"
    fresh = {row.split(" | ")[1]: row for row in licences.page().splitlines() if row.startswith("| `")}
    # A row of another kind of machine, or of another Python, cannot be told from here.
    for name in here():
        if version(name) == str(PINS[name].specifier)[2:]:
            assert listed[name] == fresh[name], "run: python packaging/licences.py"


def test_nothing_that_comes_along_is_under_the_gpl() -> None:
    assert [name for name in {*here(), *licences.ELSEWHERE} if licences.is_strong(licences.licence(name))] == []
    assert licences.is_strong("GPL-3.0-only")
    assert licences.is_strong("GNU Affero General Public License v3")
    assert not licences.is_strong("LGPL-3.0-only")
    assert not licences.is_strong("GNU Lesser General Public License v2 or later (LGPLv2+)")


@pytest.mark.slow
def test_a_file_that_is_another_one_is_not_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pinned, "WANTED", ("tried",))
    good, other = tmp_path / "good", tmp_path / "other"
    for folder in (good, other):
        folder.mkdir()
        with zipfile.ZipFile(folder / "tried-1.0-py3-none-any.whl", "w") as file:
            file.writestr("tried.py", f"FROM = {folder.name!r}\n")
            file.writestr("tried-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tried\nVersion: 1.0\n")
            file.writestr("tried-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            file.writestr("tried-1.0.dist-info/RECORD", "")
        (folder / "constraints.txt").write_text(constraints.of_files(good.glob("*.whl")), encoding="utf-8")
    pinned.install(good, good / "place")
    assert list((good / "place").rglob("tried.py"))
    with pytest.raises(subprocess.CalledProcessError):
        pinned.install(other, other / "place")
    assert not list((other / "place").rglob("tried.py"))
