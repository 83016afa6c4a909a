"""``erpcore plugins`` beside a broken plugin: what is wrong is told in words, and the good one goes on working."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from stevedore import ExtensionManager, _cache  # noqa: TID251 its memories of entry points outlive a test

from erpcore import registry
from erpcore.cli import main
from erpcore.plugin import CONTRACT_VERSION

GOOD = """
    from erpcore import hookimpl
    from erpcore.models import ConnectionReport
    from erpcore.plugin import ErpPlugin, PluginSettings

    class Plugin(ErpPlugin[PluginSettings]):
        name = {name!r}
        display_name = "Test"
        contract_version = {version}
        Settings = PluginSettings
        field_maps = {{}}
        effects = {{}}

        @hookimpl
        def check_connection(self, context):
            return ConnectionReport(checks=())
"""


def good(name: str, version: int = CONTRACT_VERSION) -> str:
    return dedent(GOOD).format(name=name, version=version)


Install = Callable[[str, str, str], None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Install a distribution with one ERP plugin, as pip would leave it, for as long as the test lasts."""
    monkeypatch.syspath_prepend(str(tmp_path))
    modules: list[str] = []

    def install(distribution: str, name: str, code: str) -> None:
        module = distribution.replace("-", "_")
        (tmp_path / f"{module}.py").write_text(code)
        info = tmp_path / f"{module}-0.9.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 0.9.0\n")
        (info / "entry_points.txt").write_text(f"[erpcore.erp]\n{name} = {module}:Plugin\n")
        modules.append(module)
        forget()

    yield install
    for module in modules:
        sys.modules.pop(module, None)
    forget()


def forget() -> None:
    importlib.invalidate_caches()
    _cache._c = _cache.Cache()
    ExtensionManager.ENTRY_POINT_CACHE.clear()


Plugins = Callable[..., str]


@pytest.fixture
def plugins(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Plugins:
    """Run ``erpcore plugins`` in this process and return what it prints."""
    monkeypatch.setenv("COLUMNS", "220")

    def run(*options: str) -> str:
        monkeypatch.setattr(sys, "argv", ["erpcore", "plugins", *options])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code in (0, None)
        return capsys.readouterr().out

    return run


CASES = {
    "raises on import": (
        "raise RuntimeError('out of order')",
        "failed while it was imported: RuntimeError: out of order",
    ),
    "ends the program": ("import sys\nsys.exit(3)", "failed while it was imported: SystemExit: 3"),
    "misses a dependency": (
        "import a_package_nobody_has",
        "needs the package “a_package_nobody_has”, which is not installed",
    ),
    "is for a newer core": (
        good("broken", CONTRACT_VERSION + 1),
        f"contract version {CONTRACT_VERSION + 1} (a newer erpcore)",
    ),
    "is for an older core": (
        good("broken", CONTRACT_VERSION - 1),
        f"contract version {CONTRACT_VERSION - 1} (an older erpcore)",
    ),
    "is no plugin": ("Plugin = 7", "names 7, which is no class derived from ErpPlugin"),
    "has another name": (good("another"), "calls itself “another”, but its entry point “broken”"),
}


@pytest.mark.parametrize("case", CASES)
def test_a_broken_plugin_is_told_in_words_beside_a_good_one(install: Install, plugins: Plugins, case: str) -> None:
    code, words = CASES[case]
    install("neighbour-broken", "broken", code)
    install("neighbour-good", "good_one", good("good_one"))
    told = {plugin["name"]: plugin for plugin in json.loads(plugins("--json"))}
    assert told["broken"]["ok"] is False
    assert words in told["broken"]["problem"]
    assert told["broken"]["package"] == "neighbour-broken 0.9.0"
    assert told["broken"]["operations"] == []
    assert told["good_one"] == {
        "name": "good_one",
        "kind": "erp",
        "package": "neighbour-good 0.9.0",
        "ok": True,
        "problem": None,
        "operations": ["check_connection"],
    }
    assert told["fortnox"]["ok"] is True


def test_one_name_in_two_packages_is_told_with_both(install: Install, plugins: Plugins) -> None:
    install("neighbour-one", "twin", good("twin"))
    install("neighbour-two", "twin", good("twin"))
    install("neighbour-good", "good_one", good("good_one"))
    listed = json.loads(plugins("--json"))
    twins = [plugin for plugin in listed if plugin["name"] == "twin"]
    assert [plugin["package"] for plugin in twins] == ["neighbour-one 0.9.0", "neighbour-two 0.9.0"]
    for twin in twins:
        assert "neighbour-one 0.9.0 and neighbour-two 0.9.0" in twin["problem"]
        assert "Uninstall all but one" in twin["problem"]
    assert next(plugin for plugin in listed if plugin["name"] == "good_one")["ok"]


def test_every_case_has_words_of_its_own(install: Install, plugins: Plugins) -> None:
    """A person can tell the cases apart: what is printed of one is printed of no other."""
    told: dict[str, str] = {}
    for number, (case, (code, _)) in enumerate(CASES.items()):
        install(f"neighbour-{number}", f"broken_{number}", code.replace("'broken'", f"'broken_{number}'"))
        told[case] = f"broken_{number}"
    problems: dict[str, Any] = {plugin["name"]: plugin["problem"] for plugin in json.loads(plugins("--json"))}
    for case, name in told.items():
        words = CASES[case][1].replace("“broken”", f"“{name}”")
        fitting = [other for other in told.values() if words in problems[other]]
        assert fitting == [name], f"{case}: {problems[name]}"


def test_the_printed_table_shows_them_all(install: Install, plugins: Plugins) -> None:
    install("neighbour-broken", "broken", "import a_package_nobody_has")
    install("neighbour-good", "good_one", good("good_one"))
    printed = " ".join(plugins().split())
    assert "a_package_nobody_has" in printed
    assert "neighbour-good 0.9.0" in printed
    assert registry.load("erp", "good_one").name == "good_one"
