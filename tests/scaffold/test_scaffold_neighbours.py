"""Commands beside a broken plugin: what is wrong is told in words, and the good one goes on working."""

from __future__ import annotations

import importlib
import json
import logging
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


def without(attribute: str) -> str:
    """A plugin whose class does not state something."""
    return "\n".join(line for line in good("broken").splitlines() if not line.startswith(f"    {attribute} ="))


Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Install a distribution with one plugin, as pip would leave it, for as long as the test lasts."""
    monkeypatch.syspath_prepend(str(tmp_path))
    modules: list[str] = []

    def install(distribution: str, name: str, code: str, *, kind: str = "erp") -> None:
        module = distribution.replace("-", "_")
        (tmp_path / f"{module}.py").write_text(code)
        info = tmp_path / f"{module}-0.9.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 0.9.0\n")
        (info / "entry_points.txt").write_text(f"[erpcore.{kind}]\n{name} = {module}:Plugin\n")
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
    "raises words that look like markup": ("raise RuntimeError('no [/nope] here')", "RuntimeError: no [/nope] here"),
    "raises what cannot be printed": (
        "class Mute(Exception):\n    def __str__(self):\n        raise ValueError\nraise Mute",
        "Mute: an object of Mute that cannot be printed",
    ),
    "states no contract version": (
        without("contract_version"),
        "states no contract_version; it must be a whole number",
    ),
    "states the contract version as text": (
        good("broken").replace(f"contract_version = {CONTRACT_VERSION}", "contract_version = '1.0'"),
        "states '1.0' as its contract_version; it must be a whole number",
    ),
    "states no name": (without("name"), "states no name; it must be a text"),
    "states no field maps": (without("field_maps"), "states no field_maps; it must be a mapping"),
    "states no effects": (without("effects"), "states no effects; it must be a mapping"),
    "has settings of another kind": (
        good("broken").replace("Settings = PluginSettings", "Settings = dict"),
        "are no class derived from PluginSettings",
    ),
    "has a hook that does not fit": (
        good("broken").replace("check_connection(self, context)", "check_connection(self, contxt)"),
        "contxt",
    ),
    "has a hook that there is not": (good("broken").replace("check_connection", "chek_connection"), "chek_connection"),
    "has a class that cannot be looked at": (
        dedent("""
            from erpcore.plugin import ErpPlugin

            class Sealed(type(ErpPlugin)):
                def __getattribute__(cls, name):
                    if name == "contract_version":
                        raise LookupError("sealed")
                    return super().__getattribute__(name)

            class Plugin(ErpPlugin, metaclass=Sealed):
                name = 'broken'
        """),
        "raised LookupError when it was looked at: sealed",
    ),
    "has a hook that cannot be looked at": (
        dedent("""
            from erpcore.plugin import CONTRACT_VERSION, ErpPlugin, PluginSettings

            class Half(type(ErpPlugin)):
                def __getattribute__(cls, name):
                    if name == "create_order":
                        raise OSError("half sealed")
                    return super().__getattribute__(name)

            class Plugin(ErpPlugin, metaclass=Half):
                name = display_name = 'broken'
                contract_version = CONTRACT_VERSION
                Settings = PluginSettings
                field_maps = effects = {}
        """),
        "OSError when it was looked at: half sealed",
    ),
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


@pytest.fixture
def all_broken(install: Install) -> dict[str, str]:
    """Install every case beside a good plugin; give the cases' plugins, and the words that tell of each."""
    told: dict[str, str] = {}
    for number, (code, words) in enumerate(CASES.values()):
        name = f"broken_{number}"
        install(f"neighbour-{number}", name, code.replace("'broken'", f"'{name}'"))
        told[name] = words.replace("“broken”", f"“{name}”")
    install("neighbour-good", "good_one", good("good_one"))
    return told


def test_every_case_has_words_of_its_own(all_broken: dict[str, str], plugins: Plugins) -> None:
    """A person can tell the cases apart: what is printed of one is printed of no other."""
    problems: dict[str, Any] = {plugin["name"]: plugin["problem"] for plugin in json.loads(plugins("--json"))}
    for name, words in all_broken.items():
        assert [other for other in all_broken if words in problems[other]] == [name], problems[name]


def test_the_printed_table_shows_them_all(all_broken: dict[str, str], plugins: Plugins) -> None:
    printed = " ".join(plugins().split())
    for number, (name, words) in enumerate(all_broken.items()):
        assert words in printed
        assert f"{name} │ erp │ unusable" in printed
        assert f"neighbour-{number} 0.9.0" in printed
    assert "good_one │ erp │ ok" in printed
    assert "neighbour-good 0.9.0" in printed
    assert registry.load("erp", "good_one").name == "good_one"


def test_a_missing_dependency_comes_with_the_package_that_is_really_installed(
    install: Install, plugins: Plugins
) -> None:
    install("bk-books", "broken", "import a_package_nobody_has")
    assert "pip install 'bk-books'" in plugins()


def test_what_a_plugin_prints_on_import_does_not_spoil_the_json(
    install: Install, plugins: Plugins, capsys: pytest.CaptureFixture[str]
) -> None:
    install("neighbour-loud", "loud", "print('hello from a plugin')\n" + good("loud"))
    assert next(plugin for plugin in json.loads(plugins("--json")) if plugin["name"] == "loud")["ok"]


Command = Callable[..., tuple[int, str]]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Command:
    """Run ``erpcore ARGUMENTS`` in an empty folder of its own; give the exit code and what it prints."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    handlers = list(logging.getLogger().handlers)

    def run(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["erpcore", *arguments])
        code = 0
        try:
            main()
        except SystemExit as ended:
            code = int(ended.code or 0)
        finally:
            logging.getLogger().handlers = handlers
        captured = capsys.readouterr()
        return code, captured.out + captured.err

    return run


BROKEN = "raise RuntimeError('the neighbour is out of order')"


def test_a_broken_crm_plugin_of_the_same_name_does_no_harm_to_an_erp_s(install: Install, command: Command) -> None:
    install("neighbour-good", "books", good("books"))
    install("neighbour-cross", "books", BROKEN, kind="crm")
    Path("erpcore.toml").write_text("[connections.ledger]\nplugin = 'books'\n")
    code, printed = command("check", "ledger")
    assert (code, "neighbour is out of order" in printed) == (0, False), printed
    assert command("fields", "books", "--json") == (0, "{}\n")
    assert "neighbour is out of order" in command("fields", "books", "--kind", "crm")[1]


def test_a_broken_erp_plugin_of_the_same_name_does_no_harm_to_a_crm_s(install: Install, command: Command) -> None:
    install("neighbour-cross", "lime_crm", BROKEN)
    code, printed = command("fields", "lime_crm", "article")
    assert (code, "articlegroup/name" in printed) == (0, True), printed


def test_where_both_kinds_have_the_name_the_sync_says_what_a_connection_is(install: Install, command: Command) -> None:
    install("neighbour-good", "twin", good("twin"))
    install("neighbour-other", "twin", good("twin").replace("ErpPlugin", "CrmPlugin"), kind="crm")
    connections = "[connections.one]\nplugin = 'twin'\n[connections.other]\nplugin = 'twin'\n"
    Path("erpcore.toml").write_text(connections)
    code, printed = command("check", "one")
    assert code == 1
    assert "the ERP plugin of neighbour-good 0.9.0 and the CRM plugin of neighbour-other 0.9.0" in " ".join(
        printed.split()
    )
    Path("erpcore.toml").write_text(f"{connections}[syncs.s]\ncrm = 'one'\nerp = 'other'\n")
    assert command("check")[0] == 0
    assert command("fields", "twin")[0] == 2
    assert command("fields", "twin", "--kind", "crm", "--json") == (0, "{}\n")


def test_with_a_sync_the_side_that_it_uses_counts_though_the_other_would_load(
    install: Install, command: Command
) -> None:
    install("neighbour-good", "twin", BROKEN)
    install("neighbour-other", "twin", good("twin").replace("ErpPlugin", "CrmPlugin"), kind="crm")
    Path("erpcore.toml").write_text(
        "[connections.one]\nplugin = 'twin'\n[connections.other]\nplugin = 'twin'\n"
        "[syncs.s]\ncrm = 'one'\nerp = 'other'\n"
    )
    assert command("check", "one")[0] == 0
    code, printed = command("check", "other")
    assert (code, "neighbour is out of order" in printed) == (1, True), printed
