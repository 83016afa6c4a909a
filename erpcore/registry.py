"""Finding and loading plugins. The only importer of stevedore.

Names are listed from metadata, without importing anything; only the plugin asked for is imported, so a broken neighbour
does no harm. What can go wrong is told apart: not installed, a dependency missing, raised on import, offered twice,
written for another contract version.
"""

from __future__ import annotations

import difflib
import importlib
import logging
import os
import sys
from collections.abc import Collection, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Literal

from pydantic import ValidationError
from stevedore.driver import DriverManager  # noqa: TID251 this is the one module that may

from erpcore.connection import CrmConnection, ErpConnection
from erpcore.errors import (
    ConfigurationError,
    PluginConflictError,
    PluginContractError,
    PluginDependencyError,
    PluginError,
    PluginLoadError,
    PluginNotFoundError,
)
from erpcore.hookspecs import PROJECT, CrmHooks, ErpHooks, hooks_of
from erpcore.host import Host
from erpcore.plugin import CrmPlugin, ErpPlugin, Plugin, PluginSettings
from erpcore.plugin_class import printed, require_plugin_class
from erpcore.plugin_settings import secret_settings, wrong_setting
from erpcore.redaction import Redactor

PluginKind = Literal["erp", "crm"]
GROUPS: dict[PluginKind, str] = {"erp": "erpcore.erp", "crm": "erpcore.crm"}
SIMULATORS = "erpcore.simulator"
PUBLISHED = ("fortnox", "lime_crm", "lime_go", "poweroffice", "visma_admin", "visma_eaccounting")
"""Plugins that erpcore's own people publish. Nobody is told to install any other: the package of a misspelt name may be
a stranger's."""

_SYSTEMS: dict[PluginKind, str] = {"erp": "an accounting program", "crm": "a CRM"}

# stevedore logs what it is about to raise; the error that we make of it says more.
logging.getLogger("stevedore").setLevel(logging.CRITICAL)


@dataclass(frozen=True)
class Installed:
    """A plugin as its metadata tells, not imported.

    Attributes:
        name: Name of the plugin.
        kind: ``erp`` or ``crm``.
        distribution: The distribution that offers it.
        version: Its version.
    """

    name: str
    kind: PluginKind
    distribution: str
    version: str


def installed(kind: PluginKind) -> list[Installed]:
    """List the plugins of a kind by name, without importing them.

    Args:
        kind: ``erp`` or ``crm``.
    """
    found = (Installed(each.point.name, kind, each.distribution, each.version) for each in _offered(GROUPS[kind]))
    return sorted(found, key=lambda plugin: (plugin.name, plugin.distribution))


def load(kind: PluginKind, name: str) -> type[Plugin[Any]]:
    """Import one plugin and check that it fits.

    Args:
        kind: ``erp`` or ``crm``.
        name: Name of the plugin.

    Returns:
        Its class.

    Raises:
        PluginNotFoundError: Not installed.
        PluginDependencyError: A package that it imports is missing.
        PluginLoadError: It raised on import.
        PluginConflictError: Two distributions offer it.
        IncompatiblePluginError: It was written for another contract version.
        PluginContractError: It is not a plugin class, does not state what a plugin class states, has another name than
            its entry point, or a hook of it does not fit its spec.
    """
    if not _offers(GROUPS[kind], name):
        raise not_installed(name, kind)
    cls: type[Plugin[Any]] = _load(GROUPS[kind], name)
    source = _source(GROUPS[kind], name)
    try:
        require_plugin_class(cls, ErpPlugin if kind == "erp" else CrmPlugin, name, source)
    except PluginError:
        raise
    except Exception as error:
        # A stranger's class may raise whatever it likes when it is only looked at.
        raise PluginContractError(
            f"The class of the plugin “{name}” ({source}) raised {type(error).__name__} when it was looked at: "
            f"{printed(error)}.",
            plugin=name,
            distribution=source,
        ) from error
    return cls


def kind_of(name: str, preferred: Collection[PluginKind] = ()) -> PluginKind:
    """Tell whether a name is an ERP's or a CRM's plugin.

    Args:
        name: Name of the plugin.
        preferred: Where the name is a plugin of both kinds: the kinds to choose from.

    Returns:
        Its kind. Where there is still a choice, the one that can be loaded: a broken neighbour does no harm.

    Raises:
        PluginNotFoundError: Neither kind has it.
        PluginConflictError: Both have it, and both can be used.
    """
    kinds = [kind for kind in GROUPS if _offers(GROUPS[kind], name)]
    if not kinds:
        raise not_installed(name)
    kinds = [kind for kind in kinds if kind in preferred] or kinds
    usable = [kind for kind in kinds if len(kinds) == 1 or _is_usable(kind, name)]
    if len(usable) > 1:
        sources = " and ".join(f"the {kind.upper()} plugin of {_source(GROUPS[kind], name)}" for kind in usable)
        raise PluginConflictError(f"“{name}” is both: {sources}.", plugin=name, advice="Uninstall one of them.")
    return (usable or kinds)[0]


def not_installed(name: str, kind: PluginKind | None = None, *, group: str | None = None) -> PluginNotFoundError:
    """Give the error for a plugin that is not here, with what may have been meant.

    Args:
        name: What was asked for.
        kind: What it should be a plugin for; either when left out.
        group: Entry points to look among, in place of a kind's.
    """
    groups = [group] if group else [GROUPS[kind]] if kind else list(GROUPS.values())
    known = sorted({each.point.name for offering in groups for each in _offered(offering)})
    other = next((each for each in GROUPS if kind and each != kind and _offers(GROUPS[each], name)), None)
    close = difflib.get_close_matches(name, sorted({*known, *PUBLISHED}), n=1)
    message = f"No plugin “{name}” is installed (installed here: {', '.join(known) or 'none'})."
    if kind and other:
        message = f"“{name}” is a plugin for {_SYSTEMS[other]}, and {_SYSTEMS[kind]} is wanted here."
        advice = f"Plugins for {_SYSTEMS[kind]} that are installed: {', '.join(known) or 'none'}."
    elif name in PUBLISHED:
        advice = f"Install it: pip install erpcore-{name.replace('_', '-')}"
    elif close:
        advice = f"Did you mean “{close[0]}”?"
    else:
        advice = "Check the name: “erpcore plugins” lists what is installed. Somebody else's comes as its author says."
    return PluginNotFoundError(message, plugin=name, advice=advice)


def operations(kind: PluginKind, cls: type[Plugin[Any]]) -> list[str]:
    """List the hooks that a plugin class implements, in the order of the hook specs.

    Args:
        kind: ``erp`` or ``crm``.
        cls: The plugin class.
    """
    specs = ErpHooks if kind == "erp" else CrmHooks
    marker = f"{PROJECT}_impl"
    return [name for name in hooks_of(specs) if hasattr(getattr(cls, name, None), marker)]


def load_simulator(name: str) -> type[Any]:
    """Import the simulator of a system.

    Args:
        name: Name of the plugin that it belongs to.

    Returns:
        The simulator's class, a subclass of `erpcore.simulator.Simulator`.

    Raises:
        PluginError: As for `load`; a missing dependency usually means that the extra ``simulator`` is not installed.
    """
    cls: type[Any] = _load(SIMULATORS, name)
    return cls


def connect_erp(name: str, host: Host, settings: dict[str, Any], wrappers: Sequence[object] = ()) -> ErpConnection:
    """Build a connection to an accounting program.

    Args:
        name: Name of the plugin.
        host: What erpcore lends, with the connection's name.
        settings: The connection's settings, not validated yet.
        wrappers: The installation's own hook wrappers.

    Raises:
        PluginError: The plugin cannot be used.
        ConfigurationError: A setting is missing or wrong.
    """
    plugin = _build("erp", name, host, settings)
    assert isinstance(plugin, ErpPlugin)  # noqa: S101 load has checked; this tells the type checker
    return ErpConnection(plugin, wrappers)


def connect_crm(name: str, host: Host, settings: dict[str, Any], wrappers: Sequence[object] = ()) -> CrmConnection:
    """Build a connection to a CRM, as `connect_erp` does to an ERP."""
    plugin = _build("crm", name, host, settings)
    assert isinstance(plugin, CrmPlugin)  # noqa: S101 load has checked; this tells the type checker
    return CrmConnection(plugin, wrappers)


def _build(kind: PluginKind, name: str, host: Host, settings: dict[str, Any]) -> Plugin[Any]:
    cls = load(kind, name)
    # The connection hides its secrets once it is there; until then this does.
    loading = Redactor(value for each in secret_settings(cls) if isinstance(value := settings.get(each), str) and value)
    try:
        return cls(_checked(cls, host, settings), host)
    except Exception as error:
        if isinstance(error, (PluginError, ConfigurationError)):
            loading.error(error)
            raise
        if isinstance(error, host.own_errors):
            raise
        # Anything that a foreign constructor raises is told as that plugin's failure, and stops no other one.
        raise loading.error(
            PluginLoadError(
                f"The plugin “{name}” could not be built: {type(error).__name__}: {printed(error)}", plugin=name
            )
        ) from error


def _checked(cls: type[Plugin[Any]], host: Host, settings: dict[str, Any]) -> PluginSettings:
    try:
        checked = cls.Settings.model_validate(settings)
    except ValidationError as error:
        raise wrong_setting(cls, host.connection, settings, error) from None
    if checked.request_seconds >= host.longest_request:
        raise ConfigurationError(
            f"a request may take {checked.request_seconds:g} seconds, which must be less than "
            f"worker.longest_request_seconds ({host.longest_request:g}): after that, a write is sent again.",
            setting=f"connections.{host.connection}.request_seconds",
            advice="Lower it, or raise worker.longest_request_seconds.",
        )
    return checked


def _is_usable(kind: PluginKind, name: str) -> bool:
    try:
        load(kind, name)
    except PluginError:
        return False
    return True


@dataclass(frozen=True)
class _Offer:
    """An entry point, with the name and the version of the distribution that it is of."""

    point: EntryPoint
    distribution: str
    version: str


def _offered(group: str) -> tuple[_Offer, ...]:
    """Give what is installed in a group, from memory unless a folder of the search path has changed.

    To read it takes the metadata of everything that is installed. What is installed while a program runs is a new entry
    in one of these folders, so it is found all the same; the import system decides in the same way what to read anew.
    """
    return _read(group, tuple((folder, _changed(folder)) for folder in sys.path))


@lru_cache(maxsize=16)
def _read(group: str, _folders: tuple[tuple[str, int], ...]) -> tuple[_Offer, ...]:
    return tuple(
        _Offer(point, point.dist.name if point.dist else "?", point.dist.version if point.dist else "?")
        for point in entry_points(group=group)
    )


def _changed(folder: str) -> int:
    try:
        return os.stat(folder or ".").st_mtime_ns
    except OSError:
        return 0  # the search path may name what is not there


def _offers(group: str, name: str) -> list[_Offer]:
    return [each for each in _offered(group) if each.point.name == name]


def _source(group: str, name: str) -> str:
    return " and ".join(sorted({f"{each.distribution} {each.version}" for each in _offers(group, name)}))


def _load(group: str, name: str) -> Any:
    offers = _offers(group, name)
    source = _source(group, name)
    if not offers:
        raise not_installed(name, group=group)
    if len({each.point.value for each in offers}) > 1 or len({each.distribution for each in offers}) > 1:
        raise PluginConflictError(
            f"More than one distribution offers the plugin “{name}”: {source}.",
            plugin=name,
            distribution=source,
            advice="Uninstall all but one.",
        )
    try:
        # stevedore remembers entry points as long as the process lives; what was found above may be newer.
        DriverManager.ENTRY_POINT_CACHE.pop(group, None)
        # DriverManager imports this entry point alone. It lets AssertionError and SystemExit of a plugin's import
        # through, hence the wide net below. What a plugin prints must not stand in what a program reads from erpcore.
        with redirect_stdout(sys.stderr):
            return DriverManager(group, name, on_load_failure_callback=_raise).driver
    except KeyboardInterrupt:
        raise
    except ModuleNotFoundError as error:
        own = offers[0].point.module.partition(".")[0]
        if error.name and error.name.partition(".")[0] != own:
            extra = f"[{group.rpartition('.')[2]}]" if group == SIMULATORS else ""
            package = offers[0].distribution
            raise PluginDependencyError(
                f"The plugin “{name}” ({source}) needs the package “{error.name}”, which is not installed.",
                plugin=name,
                distribution=source,
                advice=f"Install it with what it needs: pip install '{package}{extra}'",
            ) from error
        raise _load_error(name, source, error) from error
    except BaseException as error:
        # sys.exit() in a plugin's module must not end erpcore.
        raise _load_error(name, source, error) from error


def _load_error(name: str, source: str, error: BaseException) -> PluginLoadError:
    return PluginLoadError(
        f"The plugin “{name}” ({source}) failed while it was imported: {type(error).__name__}: {printed(error)}.",
        plugin=name,
        distribution=source,
    )


def _raise(_manager: Any, _point: EntryPoint, error: BaseException) -> None:
    raise error


def load_wrapper(path: str, setting: str) -> object:
    """Load an installation's own hook wrapper.

    Args:
        path: Where it is, as ``module:object``; a class is called.
        setting: The setting that names it.

    Raises:
        ConfigurationError: It cannot be loaded.
    """
    module, _, attribute = path.partition(":")
    try:
        found: object = importlib.import_module(module)
        for part in attribute.split("."):
            found = getattr(found, part)
        return found() if isinstance(found, type) else found
    except Exception as error:
        # The installation's own code: whatever it raises while it is loaded is told with its place.
        raise ConfigurationError(
            f"the wrapper {path} cannot be loaded: {type(error).__name__}: {printed(error)}.",
            setting=setting,
            advice="It must be importable by the worker, as module:object.",
        ) from error
