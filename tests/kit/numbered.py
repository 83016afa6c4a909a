"""A good plugin for a system that gives no numbers: each customer and each article brings its own, which is taken once.

Terms of payment are a number of days there, of which it keeps no register; a row's rate of VAT is worked out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from erpcore_memory import fields
from erpcore_memory.ledger import LedgerError
from erpcore_memory.plugin import MemoryPlugin

from erpcore.errors import UnsupportedOperationError
from erpcore.fields import Field, FieldMap
from erpcore.hookspecs import hookimpl
from erpcore.testing.contract import Bench
from tests.kit.mutants.base import MEMORY, replaced

_DAYS = Field("terms_of_payment", "Terms")
OTHER_REGISTERS = {name: held for name, held in MEMORY.held_registers.items() if name != "terms_of_payment"}


class NumberedPlugin(MemoryPlugin):
    field_maps: Mapping[str, FieldMap[Any]] = {
        **MemoryPlugin.field_maps,
        "customer": replaced(fields.CUSTOMER, Field("number", "No", required=True), _DAYS),
        "article": replaced(fields.ARTICLE, Field("number", "No", required=True)),
        "order": replaced(fields.ORDER, _DAYS),
        "invoice": replaced(fields.INVOICE, _DAYS),
    }

    @hookimpl
    def list_register(self, register, context):
        if register == "terms_of_payment":
            raise UnsupportedOperationError("The program takes any number of days.")
        return MemoryPlugin.list_register(self, register, context)


def _bringing(number: Callable[[dict[str, Any]], Any]) -> Callable[[dict[str, Any]], Any]:
    def add(record: dict[str, Any]) -> Any:
        if not record.get("No"):
            raise LedgerError("VALUE", "No is missing")
        return number(record)

    return add


class TestNumberedContract(MEMORY):
    plugin_class = NumberedPlugin
    sample_values: ClassVar = {"customer.number": "501"}
    held_registers: ClassVar = OTHER_REGISTERS

    @classmethod
    def make_bench(cls) -> Bench:
        bench = super().make_bench()
        functions = bench.system._functions
        for name in ("add_customer", "add_article"):
            functions[name] = _bringing(functions[name])
        return bench
