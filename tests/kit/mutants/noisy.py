"""A plugin whose module prints when it is imported."""

from __future__ import annotations

from erpcore_memory.plugin import MemoryPlugin

from tests.kit.mutants.base import wrong_contract

print("Memory plugin loaded")  # noqa: T201 that is what is wrong with it


@wrong_contract("D09")
class PrintsOnImport(MemoryPlugin):
    """Prints on import."""
