"""The packages as they are built: what an index shows of each, and what is in them."""

from __future__ import annotations

import importlib.util
import re
import tarfile
import tomllib
import zipfile
from email.message import Message
from email.parser import Parser
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
ADDRESS = "https://forge.example/erpcore/erpcore"


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("packaging_build", ROOT / "packaging" / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


building = load()
pytestmark = pytest.mark.slow


def project(folder: str) -> dict:
    return tomllib.loads((ROOT / folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def stem(folder: str) -> str:
    return f"{project(folder)['name'].replace('-', '_')}-{project(folder)['version']}"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All packages, built for a project with an address."""
    out = tmp_path_factory.mktemp("packages")
    building.main([str(out), "--address", ADDRESS])
    return out


def wheel(built: Path, folder: str) -> tuple[Message, set[str]]:
    with zipfile.ZipFile(built / f"{stem(folder)}-py3-none-any.whl") as file:
        names = set(file.namelist())
        (metadata,) = (name for name in names if name.endswith(".dist-info/METADATA"))
        return Parser().parsestr(file.read(metadata).decode()), names


def sdist(built: Path, folder: str) -> set[str]:
    with tarfile.open(built / f"{stem(folder)}.tar.gz") as file:
        return {name.partition("/")[2] for name in file.getnames()}


@pytest.mark.parametrize("folder", building.PACKAGES)
def test_an_index_can_show_each_package(built: Path, folder: str) -> None:
    told, names = wheel(built, folder)
    assert told["License-Expression"] == "MIT"
    assert told.get_all("License-File") == ["LICENSE"]
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)
    assert told["Author"] == "the erpcore authors"
    assert told["Keywords"]
    assert len(told["Summary"]) > 40
    assert "Programming Language :: Python :: 3.13" in told.get_all("Classifier", [])
    assert not [each for each in told.get_all("Classifier", []) if each.startswith("License ::")], (
        "the expression says it"
    )
    urls = dict(each.split(", ") for each in told.get_all("Project-URL", []))
    where = "" if folder == "." else f"{folder}/"
    assert urls == {
        "Homepage": ADDRESS,
        "Source": ADDRESS,
        "Issues": f"{ADDRESS}/issues",
        "Changelog": f"{ADDRESS}/blob/main/{where}CHANGELOG.md",
    }


@pytest.mark.parametrize("folder", building.PACKAGES)
def test_every_link_of_a_readme_leads_somewhere(built: Path, folder: str) -> None:
    told, _ = wheel(built, folder)
    page = told.get_payload()
    assert isinstance(page, str)
    links = re.findall(r"\]\(([^)\s]+)\)", page)
    assert links
    for link in links:
        if link.startswith("#"):
            continue
        assert link.startswith("https://"), link
        if link.startswith(ADDRESS):
            path = link.removeprefix(ADDRESS).partition("#")[0].removeprefix("/blob/main/").removeprefix("/tree/main/")
            assert (ROOT / path).exists(), link
    assert "```mermaid" not in page, "an index shows it as code"


@pytest.mark.parametrize("folder", building.PACKAGES)
def test_a_wheel_has_what_runs_and_a_source_has_what_it_is_made_from(built: Path, folder: str) -> None:
    _, names = wheel(built, folder)
    package = "erpcore" if folder == "." else f"erpcore_{Path(folder).name}"
    assert {name.partition("/")[0] for name in names} == {package, f"{stem(folder)}.dist-info"}
    assert f"{package}/py.typed" in names
    source = sdist(built, folder)
    tops = {name.partition("/")[0] for name in source}
    wanted = {package, "README.md", "CHANGELOG.md", "LICENSE", "pyproject.toml", "PKG-INFO", ".gitignore"}
    assert tops - {".gitignore"} == (wanted | (set() if folder == "." else {"tests"})) - {".gitignore"}
    assert {name for name in names if name.startswith(f"{package}/")} <= source
    assert [name for name in source if name.endswith("README.md")] == ["README.md"]


def test_the_core_has_its_migrations_and_templates(built: Path) -> None:
    _, names = wheel(built, ".")
    versions = Path("erpcore/store/migrations/versions")
    migrations = {f"{versions.as_posix()}/{each.name}" for each in (ROOT / versions).glob("v*.py")}
    assert migrations <= names
    assert "erpcore/scaffold/template/both/pyproject.toml.jinja" in names
    assert "erpcore/notify/templates/mail.html.j2" in names


def test_without_an_address_nothing_is_made_up(tmp_path: Path) -> None:
    assert building.project_address() == ""
    folder = "plugins/fortnox"
    building.build(folder, tmp_path, "")
    told, _ = wheel(tmp_path, folder)
    assert told.get_all("Project-URL") is None
    assert "](../../README.md)" in str(told.get_payload())


def test_each_package_has_the_same_licence_and_a_changelog_of_its_own() -> None:
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    for folder in (*building.PACKAGES, "examples/plugin_memory"):
        assert (ROOT / folder / "LICENSE").read_text(encoding="utf-8") == licence
        changes = (ROOT / folder / "CHANGELOG.md").read_text(encoding="utf-8")
        assert f"## {project(folder)['version']}" in changes, folder
