"""Rules V01, V02 and M10 for CRMs: values as people write them, stored and told, and what is emptied."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import count
from typing import Any

from erpcore.connection import CrmConnection
from erpcore.errors import ConflictError, RecordError, RejectedError
from erpcore.fields import Field, LossKind
from erpcore.models import Article, CanonicalModel, Invoice, WriteBack
from erpcore.testing.bench import Bench, attempt, context
from erpcore.testing.contract.base import Absent
from erpcore.testing.contract.crm_base import (
    STORES,
    CrmBase,
    WrittenKind,
    article,
    carried_fields,
    whole_record,
    without,
)
from erpcore.testing.contract.crm_fields import KINDS, writable, written_kinds
from erpcore.testing.contract.values import Refusals, arrived
from erpcore.testing.odd_values import KEYS, TEXTS, odd_values
from erpcore.testing.samples import MODELS, Samples, annotation, entries, shown

_NUMBERS = count(1)
_REFUSED = (RecordError, RejectedError, ConflictError)


class CrmValues(CrmBase):
    """The rules."""

    @classmethod
    def cases(cls, rule: str) -> Iterator[tuple[str, Any]]:
        """Give the hooks that store, and those that tell."""
        yield from super().cases(rule)
        can = cls.operations()
        if rule in ("V01", "V02", "M10"):
            yield from ((name, name) for name in STORES if name in can)
        if rule == "V01" and "write_back" in can and cls.write_backs:
            written = {name for kind in written_kinds(cls) for name in _writable(cls, kind)}
            said = bool(written & {"message", "status"})
            yield "write_back", "write_back" if said else Absent("neither a message nor a status is written back")

    def test_V01_odd_values_arrive_or_are_told(self, bench: Bench, case: str, samples: Samples) -> None:
        """Values as people write them arrive equal, alone and together, or are told as lost, or refused."""
        crm = bench.crm()
        problems: list[str] = []
        if case == "write_back":
            for kind in written_kinds(type(self)):
                problems += self._told(bench, crm, kind)
        else:
            table = {path: (owner, entry) for path, owner, entry in entries(crm.plugin.field_maps, STORES[case])}
            odd = {path: values for path, (owner, entry) in table.items() if (values := odd_values(owner, entry))}
            refusals = Refusals()
            for turn in range(max(map(len, odd.values()), default=0)):
                chosen = {path: values[(turn + at) % len(values)] for at, (path, values) in enumerate(odd.items())}
                problems += arrived(
                    crm,
                    chosen,
                    lambda values: samples.with_values(STORES[case], {**values, "number": f"V-{next(_NUMBERS)}"}),
                    lambda record: self._put_there(bench, crm, record),
                    refusals,
                )
        assert not problems, "; ".join(problems[:8])

    def test_V02_numbers_of_articles_arrive_whole(self, bench: Bench, case: str, samples: Samples) -> None:
        """What is known by a number is found by it as companies write them, and it stands where it should, whole."""
        crm = bench.crm()
        taken = 0
        for key in KEYS:
            record = samples.record(STORES[case], number=key)
            read: list[Any] = []
            if attempt(lambda record=record, read=read: read.append(self._put_there(bench, crm, record)), *_REFUSED):  # type: ignore[misc] # mypy cannot infer a lambda's defaults
                continue
            taken += 1
            once = without(bench.state(), self.passing)
            self._put_there(bench, crm, record)
            assert read[0].number == key, f"it was stored as {key!r}, and stands there as {read[0].number!r}"
            assert without(bench.state(), self.passing) == once, f"{key!r} is not found again, and is stored twice"
        assert taken, f"none of the numbers {', '.join(KEYS)} is taken"

    def test_M10_what_is_stored_as_empty_is_emptied(self, bench: Bench, case: str, samples: Samples) -> None:
        """A field of a stored record that is shown as empty is emptied, or told as kept and kept."""
        crm, model = bench.crm(), STORES[case]
        table = {path: entry for path, _, entry in entries(crm.plugin.field_maps, model)}
        whole = whole_record(crm, case, samples)
        names = [
            path
            for path in carried_fields(crm, model)
            if not ("." in path or path in ("number", "rows", "kind", "customer_number") or _is_required(table[path]))
            and annotation(MODELS[model], path) is not Decimal
        ]
        emptied = whole.model_copy(update=dict.fromkeys(names))
        self._put_there(bench, crm, whole)
        kept = {loss.field for loss in crm.losses(emptied, clearing=True) if loss.kind is LossKind.KEPT}
        read: list[Any] = []
        if attempt(lambda: read.append(self._put_there(bench, crm, emptied)), *_REFUSED) is not None:
            return  # it is told that this cannot be emptied
        left = {name: shown(read[0], name)[1] for name in names if name not in kept and shown(read[0], name)[1]}
        assert not left, f"shown as empty, and still there: {left}"
        gone = [name for name in names if name in kept and shown(read[0], name)[1] != shown(whole, name)[1]]
        assert not gone, f"told as kept, and not kept: {', '.join(gone)}"

    def _told(self, bench: Bench, crm: CrmConnection, kind: WrittenKind) -> list[str]:
        """Tell each odd message and each state, and give what stands there otherwise."""
        table = crm.plugin.field_maps[f"{kind}_write_back"]
        states = tuple(each for each in _STATES if kind == "order" or each in ("synced", "error"))
        key = str(self.held_of(KINDS[kind])[0].id)
        problems: list[str] = []
        for name, values in (("message", TEXTS), ("status", states)):
            for value in values if name in writable(table) else ():
                told = WriteBack.model_validate({"record_kind": kind, "record_id": key, name: value})
                lost = [loss.becomes for loss in table.losses(told) if loss.field == name]
                if attempt(lambda told=told: crm.write_back(told, context()), *_REFUSED) is not None:  # type: ignore[misc] # mypy cannot infer a lambda's defaults
                    continue
                stands = getattr(self.held_write_back(bench, kind, key), name)
                if stands != (lost[-1] if lost else value):
                    problems.append(f"{name} of a {kind} = {value!r} became {stands!r}")
        return problems

    def _put_there(self, bench: Bench, crm: CrmConnection, record: CanonicalModel) -> CanonicalModel:
        """Store a record, and give what stands in the CRM then."""
        if isinstance(record, Invoice):
            crm.store_invoice(record, context())
            return next(each for each in self.held_invoices(bench) if each.number == record.number)
        assert isinstance(record, Article)
        crm.store_article(record, context())
        return article(crm, record.number)


_STATES = ("readytobesent", "inprocess", "synced", "error")
"""The states that erpcore tells of an order (`CrmOrder.status`); of other records it tells the last two."""


def _writable(cls: type[CrmBase], kind: WrittenKind) -> set[str]:
    return writable(cls.plugin_class.field_maps.get(f"{kind}_write_back"))


def _is_required(entry: Any) -> bool:
    return isinstance(entry, Field) and entry.required
