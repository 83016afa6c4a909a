"""Whether what an entry point names is a plugin class that this erpcore can use, seen before one is built.

A plugin is a stranger's code: nothing is taken for granted that its class should state, nor that what it says of itself
can be printed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from erpcore.connection import hooked
from erpcore.errors import IncompatiblePluginError, PluginContractError
from erpcore.hookspecs import CrmHooks, ErpHooks
from erpcore.plugin import CONTRACT_VERSION, CrmPlugin, ErpPlugin, PluginSettings

Stated = Mapping[str, tuple[type, str]]
_VERSION: Stated = {"contract_version": (int, "a whole number")}
_BY_BOTH: Stated = {
    "name": (str, "a text"),
    "display_name": (str, "a text"),
    "Settings": (type, "a class"),
    "field_maps": (Mapping, "a mapping"),
}
_BY_ERP: Stated = {**_BY_BOTH, "effects": (Mapping, "a mapping")}


def require_plugin_class(found: Any, base: type[ErpPlugin[Any]] | type[CrmPlugin[Any]], name: str, source: str) -> None:
    """Refuse what is no plugin class, or does not fit.

    Args:
        found: What the entry point names.
        base: What it must be derived from.
        name: Name of the entry point.
        source: The distribution that offers it, and its version.

    Raises:
        IncompatiblePluginError: It was written for another contract version.
        PluginContractError: It is no class derived from the base, does not state what a plugin class states, has
            another name than its entry point, or a hook of it does not fit its spec.
    """

    def refused(words: str) -> PluginContractError:
        return PluginContractError(words, plugin=name, distribution=source)

    def require(stated: Stated) -> None:
        for attribute, (form, words) in stated.items():
            value = getattr(found, attribute, None)
            if not isinstance(value, form):
                what = f"no {attribute}" if value is None else f"{printed(value)!r} as its {attribute}"
                raise refused(f"The class of the plugin “{name}” ({source}) states {what}; it must be {words}.")

    if not (isinstance(found, type) and issubclass(found, base)):
        raise refused(
            f"The entry point of “{name}” ({source}) names {printed(found)}, which is no class derived from "
            f"{base.__name__}."
        )
    # First of all: what else a class states belongs to a contract version.
    require(_VERSION)
    if found.contract_version != CONTRACT_VERSION:
        newer = "a newer erpcore" if found.contract_version > CONTRACT_VERSION else "an older erpcore"
        raise IncompatiblePluginError(
            f"The plugin “{name}” ({source}) was written for contract version {found.contract_version} ({newer}); "
            f"this erpcore has version {CONTRACT_VERSION}.",
            plugin=name,
            distribution=source,
            advice="Install versions of erpcore and the plugin that fit together.",
        )
    require(_BY_ERP if base is ErpPlugin else _BY_BOTH)
    if found.name != name:
        raise refused(f"The plugin class calls itself “{found.name}”, but its entry point “{name}” ({source}).")
    if not issubclass(found.Settings, PluginSettings):
        raise refused(f"The Settings of the plugin “{name}” ({source}) are no class derived from PluginSettings.")
    hooked(found, name, ErpHooks if base is ErpPlugin else CrmHooks)


def printed(thing: object) -> str:
    """Give what a stranger's object says of itself, or what it is where that raises.

    Args:
        thing: An error that a plugin raised, or anything else of a plugin's.
    """
    try:
        return str(thing)
    except Exception:
        # A foreign __str__ may raise anything, and an error must not hide behind its own words.
        return f"an object of {type(thing).__name__} that cannot be printed"
