"""Finding and loading plugins. The only importer of stevedore.

Names are listed from metadata, without importing anything; only the plugin asked for is imported, so a broken neighbour
does no harm. What can go wrong is told apart: not installed, a dependency missing, raised on import, offered twice,
written for another contract version.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Literal

from pydantic import ValidationError
from stevedore.driver import DriverManager  # noqa: TID251 this is the one module that may

from erpcore.connection import CrmConnection, ErpConnection
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
from erpcore.hookspecs import PROJECT, CrmHooks, ErpHooks
from erpcore.plugin import CONTRACT_VERSION, CrmPlugin, ErpPlugin, Host, Plugin

Kind = Literal["erp", "crm"]
GROUPS: dict[Kind, str] = {"erp": "erpcore.erp", "crm": "erpcore.crm"}
SIMULATORS = "erpcore.simulator"

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
    kind: Kind
    distribution: str
    version: str


def installed(kind: Kind) -> list[Installed]:
    """List the plugins of a kind by name, without importing them.

    Args:
        kind: ``erp`` or ``crm``.
    """
    return sorted(
        (
            Installed(
                name=point.name,
                kind=kind,
                distribution=point.dist.name if point.dist else "?",
                version=point.dist.version if point.dist else "?",
            )
            for point in entry_points(group=GROUPS[kind])
        ),
        key=lambda plugin: (plugin.name, plugin.distribution),
    )


def load(kind: Kind, name: str) -> type[Plugin[Any]]:
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
        PluginContractError: It is not a plugin class, or has another name than its entry point.
    """
    cls = _load(GROUPS[kind], name)
    base: type[Plugin[Any]] = ErpPlugin if kind == "erp" else CrmPlugin
    source = _source(GROUPS[kind], name)
    if not (isinstance(cls, type) and issubclass(cls, base)):
        raise PluginContractError(
            f"The entry point of “{name}” names {cls!r}, which is no class derived from {base.__name__}.",
            plugin=name,
            distribution=source,
        )
    if cls.contract_version != CONTRACT_VERSION:
        newer = "a newer erpcore" if cls.contract_version > CONTRACT_VERSION else "an older erpcore"
        raise IncompatiblePluginError(
            f"The plugin “{name}” ({source}) was written for contract version {cls.contract_version} ({newer}); "
            f"this erpcore has version {CONTRACT_VERSION}.",
            plugin=name,
            distribution=source,
            advice="Install versions of erpcore and the plugin that fit together.",
        )
    if cls.name != name:
        raise PluginContractError(
            f"The plugin class calls itself “{cls.name}”, but its entry point “{name}”.",
            plugin=name,
            distribution=source,
        )
    return cls


def operations(kind: Kind, cls: type[Plugin[Any]]) -> list[str]:
    """List the hooks that a plugin class implements, in the order of the hook specs.

    Args:
        kind: ``erp`` or ``crm``.
        cls: The plugin class.
    """
    specs = ErpHooks if kind == "erp" else CrmHooks
    marker = f"{PROJECT}_impl"
    return [name for name in vars(specs) if hasattr(getattr(cls, name, None), marker)]


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


def simulator_names() -> list[str]:
    """List the simulators that are installed, without importing them."""
    return sorted({point.name for point in entry_points(group=SIMULATORS)})


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


def _build(kind: Kind, name: str, host: Host, settings: dict[str, Any]) -> Plugin[Any]:
    cls = load(kind, name)
    try:
        checked = cls.Settings.model_validate(settings)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ConfigurationError(
            f"{first['msg']} (plugin “{name}”).", setting=f"connections.{host.connection}.{place}"
        ) from None
    try:
        return cls(checked, host)
    except (PluginError, ConfigurationError):
        raise
    except Exception as error:
        # Anything that a foreign constructor raises is told as that plugin's failure, and stops no other one.
        raise PluginLoadError(
            f"The plugin “{name}” could not be built: {type(error).__name__}: {error}", plugin=name
        ) from error


def _points(group: str, name: str) -> list[EntryPoint]:
    return [point for point in entry_points(group=group) if point.name == name]


def _source(group: str, name: str) -> str:
    return " and ".join(
        sorted({f"{point.dist.name} {point.dist.version}" for point in _points(group, name) if point.dist})
    )


def _load(group: str, name: str) -> Any:
    points = _points(group, name)
    source = _source(group, name)
    if not points:
        package = f"erpcore-{name.replace('_', '-')}"
        known = sorted({point.name for point in entry_points(group=group)})
        raise PluginNotFoundError(
            f"No plugin “{name}” is installed (installed here: {', '.join(known) or 'none'}).",
            plugin=name,
            advice=f"Install it: pip install {package}",
        )
    if len({point.value for point in points}) > 1 or len({point.dist.name for point in points if point.dist}) > 1:
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
        # through, hence the wide net below.
        return DriverManager(group, name, on_load_failure_callback=_raise).driver
    except KeyboardInterrupt:
        raise
    except ModuleNotFoundError as error:
        own = points[0].module.partition(".")[0]
        if error.name and error.name.partition(".")[0] != own:
            extra = f"[{group.rpartition('.')[2]}]" if group == SIMULATORS else ""
            raise PluginDependencyError(
                f"The plugin “{name}” ({source}) needs the package “{error.name}”, which is not installed.",
                plugin=name,
                distribution=source,
                advice=f"Install it with what it needs: pip install 'erpcore-{name.replace('_', '-')}{extra}'",
            ) from error
        raise _load_error(name, source, error) from error
    except BaseException as error:
        # sys.exit() in a plugin's module must not end erpcore.
        raise _load_error(name, source, error) from error


def _load_error(name: str, source: str, error: BaseException) -> PluginLoadError:
    return PluginLoadError(
        f"The plugin “{name}” ({source}) failed while it was imported: {type(error).__name__}: {error}",
        plugin=name,
        distribution=source,
        advice="This is a fault of the plugin: please report it to its author.",
    )


def _raise(_manager: Any, _point: EntryPoint, error: BaseException) -> None:
    raise error
