"""Finding plugins: only the one asked for is imported, and what is wrong with it is told in words."""

import importlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from textwrap import dedent

import pytest
from stevedore import ExtensionManager, _cache  # noqa: TID251 its memories of entry points outlive a test

from erpcore import registry
from erpcore.errors import (
    ConfigurationError,
    IncompatiblePluginError,
    PluginConflictError,
    PluginContractError,
    PluginDependencyError,
    PluginError,
    PluginLoadError,
    PluginNotFoundError,
)

GOOD = """
    from erpcore import hookimpl
    from erpcore.models import ConnectionReport
    from erpcore.plugin import ErpPlugin, PluginSettings

    class Settings(PluginSettings):
        company: str

    class Plugin(ErpPlugin[Settings]):
        name = {name!r}
        display_name = "Test"
        contract_version = {version}
        Settings = Settings
        field_maps = {{}}
        effects = {{}}

        @hookimpl
        def check_connection(self, context):
            return ConnectionReport(account=self.settings.company, checks=())
"""

Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Install a distribution, as pip would leave it, that lives as long as the test."""
    monkeypatch.syspath_prepend(str(tmp_path))
    modules: list[str] = []

    def install(name: str, code: str, *, distribution: str | None = None, target: str = "Plugin") -> None:
        distribution = distribution or f"erpcore-{name}"
        module = distribution.replace("-", "_") + "_module"
        (tmp_path / f"{module}.py").write_text(dedent(code))
        info = tmp_path / f"{distribution.replace('-', '_')}-1.2.3.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.2.3\n")
        (info / "entry_points.txt").write_text(f"[erpcore.erp]\n{name} = {module}:{target}\n")
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


def good(name: str, version: int = 1) -> str:
    return dedent(GOOD).format(name=name, version=version)


def test_a_plugin_is_listed_without_being_imported(install: Install) -> None:
    install("loud", "raise SystemExit(3)")
    plugin = next(plugin for plugin in registry.installed("erp") if plugin.name == "loud")
    assert (plugin.distribution, plugin.version) == ("erpcore-loud", "1.2.3")
    assert "erpcore_loud_module" not in sys.modules


def test_the_hooks_that_a_plugin_has_are_its_operations(install: Install) -> None:
    install("fine", good("fine"))
    assert registry.operations("erp", registry.load("erp", "fine")) == ["check_connection"]


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("no_such_thing", "Check the name"),  # whose package is it? Nobody is told to install a stranger's
        ("fortnos", "Did you mean “fortnox”?"),
    ],
)
def test_a_plugin_that_is_not_there_is_told_with_what_was_meant(name: str, advice: str) -> None:
    with pytest.raises(PluginNotFoundError, match=f"“{name}”") as caught:
        registry.load("erp", name)
    assert advice in str(caught.value)
    assert "pip install" not in str(caught.value)


def test_a_package_to_install_is_named_for_the_plugins_that_we_publish(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_offered", lambda _group: ())
    for name in registry.PUBLISHED:
        assert f"pip install erpcore-{name.replace('_', '-')}" in str(registry.not_installed(name))


def test_what_is_published_is_what_the_repository_has() -> None:
    plugins = Path(__file__).parents[2] / "plugins"
    assert sorted(registry.PUBLISHED) == sorted(folder.name for folder in plugins.iterdir() if folder.is_dir())


BROKEN: list[tuple[str, type[PluginError], str]] = [
    ("import a_package_nobody_has", PluginDependencyError, "needs the package “a_package_nobody_has”"),
    ("raise RuntimeError('out of order')", PluginLoadError, "RuntimeError: out of order"),
    ("raise SystemExit(3)", PluginLoadError, "SystemExit: 3"),
    ("assert False, 'never'", PluginLoadError, "AssertionError: never"),
    ("class Other: ...", PluginLoadError, "Plugin"),
    ("Plugin = 7", PluginContractError, "no class derived from ErpPlugin"),
    (good("broken", version=99), IncompatiblePluginError, "contract version 99 (a newer erpcore)"),
    (good("broken", version=0), IncompatiblePluginError, "contract version 0 (an older erpcore)"),
    (good("another"), PluginContractError, "calls itself “another”"),
]


@pytest.mark.parametrize(("code", "error", "words"), BROKEN)
def test_a_broken_plugin_is_told_apart_in_words_and_harms_no_neighbour(
    install: Install, code: str, error: type[PluginError], words: str
) -> None:
    install("broken", code)
    install("fine", good("fine"))
    with pytest.raises(error) as caught:
        registry.load("erp", "broken")
    assert words in str(caught.value)
    assert registry.load("erp", "fine").name == "fine"


def test_two_distributions_with_one_name_are_both_named(install: Install) -> None:
    install("twin", good("twin"), distribution="erpcore-twin")
    install("twin", good("twin"), distribution="other-twin")
    with pytest.raises(PluginConflictError, match=r"erpcore-twin 1\.2\.3 and other-twin 1\.2\.3"):
        registry.load("erp", "twin")


def test_a_wrong_setting_is_named_as_in_the_settings_file(install: Install, host) -> None:
    install("fine", good("fine"))
    with pytest.raises(ConfigurationError) as caught:
        registry.connect_erp("fine", host("books"), {"compnay": "Demo"})
    assert caught.value.setting in {"connections.books.company", "connections.books.compnay"}


def test_a_constructor_that_raises_is_that_plugins_failure(install: Install, host) -> None:
    install(
        "fine", good("fine") + "\n    def __init__(self, settings, host):\n        raise OSError('no licence file')"
    )
    with pytest.raises(PluginLoadError, match="no licence file"):
        registry.connect_erp("fine", host("books"), {"company": "Demo"})


def test_settings_that_raise_when_they_are_read_are_that_plugins_failure(install: Install, host) -> None:
    code = good("fine").replace(
        "    company: str", "    company: str\n    def model_post_init(self, _):\n        1 / 0"
    )
    install("fine", code)
    with pytest.raises(PluginLoadError, match="could not be built: ZeroDivisionError"):
        registry.connect_erp("fine", host("books"), {"company": "Demo"})


def test_a_request_that_may_take_as_long_as_a_fence_counts_on_is_refused(install: Install, host) -> None:
    install("fine", GOOD.format(name="fine", version=1))
    lent = replace(host("books"), longest_request=50.0)
    registry.connect_erp("fine", lent, {"company": "Demo", "request_seconds": 49}).close()
    with pytest.raises(
        ConfigurationError, match=r"may take 50 seconds.*worker\.longest_request_seconds \(50\)"
    ) as caught:
        registry.connect_erp("fine", lent, {"company": "Demo", "request_seconds": 50})
    assert caught.value.setting == "connections.books.request_seconds"


def test_an_error_of_erpcore_s_own_store_is_not_told_as_the_plugin_s(install: Install, host) -> None:
    raises = """
        def __init__(self, settings, host):
            raise TimeoutError("database is locked")
"""
    install("fine", GOOD.format(name="fine", version=1) + raises)
    with pytest.raises(TimeoutError, match="database is locked"):
        registry.connect_erp("fine", replace(host("books"), own_errors=(TimeoutError,)), {"company": "Demo"})
