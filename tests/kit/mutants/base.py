"""What mutants are made of: the good plugin and its contract, each wrong in one way."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from erpcore_memory.plugin import MemoryPlugin

from erpcore.fields import Default, Entry, FieldMap
from erpcore.testing.contract import ErpContract
from tests.kit.mutants.honest_table import CATCHES

ROOT = Path(__file__).parents[3]


def load_contract(path: str, name: str) -> type[ErpContract]:
    """Load a plugin's own contract class from its test file."""
    spec = importlib.util.spec_from_file_location(Path(path).stem + "_of_mutants", ROOT / path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, name)


MEMORY = load_contract("examples/plugin_memory/tests/test_memory_contract.py", "TestMemoryContract")


@dataclass(frozen=True)
class Mutant:
    """A wrong plugin.

    Attributes:
        name: What it does wrong.
        rule: The rule that must catch it.
        contract: The contract class with the wrong plugin.
    """

    name: str
    rule: str
    contract: type[ErpContract]


MUTANTS: list[Mutant] = []


def wrong_contract(rule: str, *, base: type[ErpContract] = MEMORY, **attributes: Any) -> Callable:
    """Decorate a plugin class: the contract of `base` with this plugin is a mutant that `rule` must catch."""

    def register(plugin_class: type) -> type:
        name = plugin_class.__name__
        own = {"plugin_class": plugin_class, "__module__": __name__, **attributes}
        MUTANTS.append(Mutant(name, rule, type(f"Test{name}", (base,), own)))
        return plugin_class

    return register


HONEST: list[Mutant] = []
"""Plugins that an honest author could write, written before the rules that catch them."""


def honest(plugin_class: type) -> type:
    """Decorate a plugin class that an honest author could write. `honest_table` says which rule catches it."""
    return honest_with(MEMORY)(plugin_class)


def honest_with(base: type[ErpContract]) -> Callable[[type], type]:
    """As `honest`, on the contract of another good plugin."""

    def register(plugin_class: type) -> type:
        name = plugin_class.__name__
        own = {"plugin_class": plugin_class, "__module__": __name__}
        HONEST.append(Mutant(name, CATCHES.get(name, ""), type(f"Test{name}", (base,), own)))
        return plugin_class

    return register


def with_maps(base: type = MemoryPlugin, **changed: FieldMap[Any]) -> Mapping[str, FieldMap[Any]]:
    """The field maps of a plugin with some of them replaced."""
    return {**base.field_maps, **changed}


def replaced(field_map: FieldMap[Any], *entries: Entry) -> FieldMap[Any]:
    """A field map with some entries replaced by others of the same name and sort; a field's default stays."""
    names = {(entry.name, isinstance(entry, Default)): entry for entry in entries}
    own = [names.get((entry.name, isinstance(entry, Default)), entry) for entry in field_map.entries]
    return FieldMap(field_map.model, own)
