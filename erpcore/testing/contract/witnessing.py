"""Rules W: a second witness. What the system is sent and shows is stated once more, in its own words, beside the maps.

A map that is wrong in both directions is its own alibi: what it writes to the wrong place it reads from there, and
every rule that sends and reads back is content.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from erpcore.fields import Computed, Field, FieldMap, Rows
from erpcore.testing.bench import Bench
from erpcore.testing.contract.base import Contract
from erpcore.testing.witness import Witness, differences, unnoticed_swaps

_MODELS = ("customer", "contact_person", "article", "order", "invoice")
"""The models that have a map of their own; those of rows stand in their document's."""


class Witnessing(Contract):
    """Rules W01 and W02.

    Attributes:
        witnesses: Records, by model, each told twice: as erpcore knows it, and as the system is sent and shows it.
            Written from the vendor's description and not by a look at the maps. Together they have a value in every
            field that is carried, and no two of a kind are equal.
    """

    witnesses: ClassVar[Mapping[str, Sequence[Witness]]] = {}

    @classmethod
    def cases(cls, rule: str) -> Iterator[tuple[str, Any]]:
        """Give the models that have a map with something in it."""
        yield from super().cases(rule)
        if rule.startswith("W"):
            for model in _MODELS:
                table = cls.plugin_class.field_maps.get(model)
                if table is not None and _carries(table):
                    yield model, model

    def test_W01_a_map_says_what_its_witnesses_say(self, bench: Bench, case: str) -> None:
        """What is sent, and what is read of what the system shows, is what the witnesses state, in every field."""
        found = differences(self._table(bench, case), *self._told(case))
        assert not found, f"{case}, as the map has it and as `witnesses` states it: {'; '.join(found)}"

    def test_W02_witnesses_notice_fields_that_change_places(self, bench: Bench, case: str) -> None:
        """No two fields of a map can change places, in what is sent or what is read, without a witness that notices."""
        found = unnoticed_swaps(self._table(bench, case), *self._told(case))
        pairs = "; ".join(f"{one} and {other}" for one, other in found)
        assert not found, f"{case}: give these fields values that differ, in `witnesses`: {pairs}"

    def _table(self, bench: Bench, model: str) -> FieldMap[Any]:
        return bench.silent.plugin.field_maps[model]

    def _told(self, model: str) -> Sequence[Witness]:
        told = self.witnesses.get(model, ())
        assert told, (
            f"state in `witnesses` what the system is sent and shows of {model}, in its own words: "
            f'{{"{model}": [Witness(record, sent={{…}})]}} (docs/contract.md, A second witness)'
        )
        return told


def _carries(table: FieldMap[Any]) -> bool:
    return any(isinstance(entry, Field | Computed | Rows) for entry in table.entries)
