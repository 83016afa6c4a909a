"""Rules M: the field maps of a CRM, held to what its records hold and to what is written into them.

The author types a few records as the CRM holds them (`CrmContract.held`), without a look at the field maps. What the
plugin declares and what it shows are both held to these. For what is written, the author reads the CRM's own tables
(`CrmContract.held_write_back`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields as dataclass_fields
from decimal import Decimal
from typing import Any

from erpcore.fields import Computed, Entry, Field, FieldMap, LossKind, Rows, Unsupported
from erpcore.models import CanonicalModel, Company, CrmOrder, Deal, WriteBack
from erpcore.testing.bench import Bench, context
from erpcore.testing.contract.base import needs
from erpcore.testing.contract.crm_base import READS, CrmBase, WrittenKind, key_of, read_held, without
from erpcore.testing.samples import Samples, outside

# Of each group one field at least: without it nobody could make a customer, a document or an article.
_ESSENTIAL: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "company": (("id",), ("name",)),
    "deal": (("id",), ("name",), ("won", "status"), ("company_id",), ("value", "rows")),
    "deal_row": (("article_number", "description"), ("quantity",), ("unit_price",)),
    "crm_order": (("id",), ("status",), ("company_id", "customer_number"), ("rows",)),
    "crm_order_row": (("article_number", "description"), ("quantity",), ("unit_price",)),
    "article": (("number",), ("description",)),
}
KINDS: Mapping[WrittenKind, type[CanonicalModel]] = {"deal": Deal, "company": Company, "order": CrmOrder}
"""The kinds of records that something is told about, and their models."""
_MANY_ROWS = 7
"""Rows of a record that take several pages of a few."""
_WRITTEN = tuple(name for name in WriteBack.model_fields if name not in ("record_kind", "record_id"))
_NEVER_READ = next(each.default for each in dataclass_fields(Computed) if each.name == "read")
_SILENT = "not shown"
"""What a field is when a record does not show it, as rules print it."""

Seen = tuple[bool, Any]
"""Whether a field is shown, and its value."""


_MOMENT = "changed_at"
"""A moment that the system sets, so that no author can state it in `held`; rule S15 looks at it."""


@dataclass(frozen=True)
class Leaf:
    """A declared field.

    Attributes:
        path: Dotted name; fields of rows begin with ``rows.``.
        is_read: Whether it is declared as read.
        native: Where it stands in the system; empty when the map does not say.
    """

    path: str
    is_read: bool
    native: tuple[str, ...]


class CrmFields(CrmBase):
    """Rules M01 to M06, and M09."""

    @classmethod
    def cases(cls, rule: str) -> Iterator[tuple[str, Any]]:
        """Give the hooks that read, and the kinds of records that can be written to."""
        yield from super().cases(rule)
        if rule in ("M01", "M02", "M03", "M04", "M05"):
            # M01 and M02 look at the tables and at `held` alone, so their cases are not named after a hook.
            looks = rule in ("M01", "M02")
            yield from ((READS[hook][0] if looks else hook, hook) for hook in READS if hook in cls.operations())
        if rule == "M09":
            for hook, (name, _) in READS.items():
                table = cls.plugin_class.field_maps.get(name)
                rows = [] if table is None else [each for each in table.entries if each.name == "rows"]
                if hook in cls.operations() and any(map(is_read, rows)):
                    yield hook, hook
        if rule == "M06" and "write_back" in cls.operations():
            yield from ((kind, kind) for kind, model in KINDS.items() if cls.held_of(model))

    def test_M01_what_is_read_has_a_map_that_carries_enough(self, bench: Bench, case: str) -> None:
        """Each record that is read has a field map, which carries at least what no document can be made without."""
        name, model = READS[case]
        maps = bench.crm().plugin.field_maps
        assert name in maps, f"{case} needs a field map {name}"
        assert maps[name].model is model
        carried = {leaf.path for leaf in _leaves(maps, name) if leaf.is_read}
        lacking = [" or ".join(group) for group in _ESSENTIAL[name] if not carried & set(group)]
        if "rows" in carried:
            rows = {path.removeprefix("rows.") for path in carried if path.startswith("rows.")}
            lacking += [f"rows.{' or rows.'.join(group)}" for group in _ESSENTIAL[f"{name}_row"] if not rows & {*group}]
        assert not lacking, f"the map {name} carries no {', no '.join(lacking)}"

    def test_M02_what_is_declared_is_held(self, bench: Bench, case: str) -> None:
        """The CRM holds a value for each field that is declared as read: its own, and not the same everywhere."""
        name, model = READS[case]
        records = self.held_of(model)
        assert len(records) > 1, f"state at least two records of {model.__name__} in `held`"
        leaves = [leaf for leaf in _leaves(bench.crm().plugin.field_maps, name) if leaf.is_read]
        problems = {leaf.path: why for leaf in leaves if (why := _unproven(leaf, leaves, records))}
        assert not problems, f"{name}: declared as read, but `held` does not prove it: {problems}"

    def test_M03_what_the_crm_holds_arrives(self, bench: Bench, case: str) -> None:
        """Each field that is declared as read is shown with the value that the CRM holds."""
        wrong = {
            place: (held[1], read[1] if read[0] else _SILENT)
            for place, is_read, held, read in self._compared(bench, case)
            if is_read and not _is_empty(held) and (not read[0] or read[1] != held[1])
        }
        assert not wrong, f"held by the CRM, and shown by the plugin: {wrong}"

    def test_M04_what_is_declared_unsupported_is_not_shown(self, bench: Bench, case: str) -> None:
        """A field that is declared as unsupported is not shown; and it is not one that the CRM holds a value of."""
        compared = [each for each in self._compared(bench, case) if not each[1]]
        said = {place: read[1] for place, _, _, read in compared if read[0]}
        assert not said, f"declared as unsupported, but shown: {said}"
        left = {place: held[1] for place, _, held, _ in compared if not _is_empty(held)}
        assert not left, f"declared as unsupported, but the CRM holds it: {left}"

    def test_M05_empty_is_not_the_same_as_not_shown(self, bench: Bench, case: str) -> None:
        """What is empty in the CRM is shown as empty, and what the CRM does not show is not shown."""
        bare = [each for each in self._compared(bench, case) if each[1] and _is_empty(each[2])]
        assert bare, (
            "no record in `held` has a field that is empty or not shown: state one as bare as the CRM lets it be"
        )
        wrong = {
            place: ("empty" if held[0] else _SILENT, read[1] or "empty" if read[0] else _SILENT)
            for place, _, held, read in bare
            if read != held
        }
        assert not wrong, f"in the CRM, and as the plugin shows it: {wrong}"

    def test_M09_each_of_many_rows_is_read(self, bench: Bench, case: str) -> None:
        """A record of many rows is read with each of them, in their order."""
        held = [each for each in self.held_of(READS[case][1]) if len(each.rows or ()) >= _MANY_ROWS]
        assert held, f"state a {READS[case][1].__name__} of {_MANY_ROWS} rows or more in `held`"
        crm = bench.crm(**self.paging)
        texts = [[row.description for row in record.rows] for record in held]
        read = [read_held(crm, case, key_of(record)).rows or () for record in held]
        assert [[row.description for row in rows] for rows in read] == texts

    @needs("write_back")
    def test_M06_what_is_declared_is_written_back_and_nothing_else(
        self, bench: Bench, case: WrittenKind, samples: Samples
    ) -> None:
        """A declared field is written where the CRM keeps it, and emptied there; others are not written."""
        maps = bench.crm().plugin.field_maps
        tables = {kind: maps.get(f"{kind}_write_back") for kind in KINDS}
        declared = {kind: writable(table) for kind, table in tables.items()}
        assert any(declared.values()), (
            "write_back is there, but no map deal_, order_ or company_write_back carries anything"
        )
        key = str(self.held_of(KINDS[case])[0].id)
        for name in _WRITTEN:
            bench.reset()
            self._written(bench, case, key, name, declared[case], _sample(samples, name))
        bench.reset()
        everything = {name: _sample(samples, name) for name in _WRITTEN}
        told = bench.crm().write_back(WriteBack(record_kind=case, record_id=key, **everything), context())
        assert told is bool(declared[case]), "it is not said whether anything was written"
        stands = self.held_write_back(bench, case, key)
        assert {name: getattr(stands, name) for name in declared[case]} == {
            name: everything[name] for name in declared[case]
        }

    def _written(self, bench: Bench, kind: WrittenKind, key: str, name: str, declared: set[str], value: Any) -> None:
        """Write one field, look at all of them, and empty it again."""
        crm = bench.crm()
        before, state = self.held_write_back(bench, kind, key), bench.state()
        told = crm.write_back(WriteBack.model_validate(_back(kind, key, name, value)), context())
        after = self.held_write_back(bench, kind, key)
        if name not in declared:
            assert told is False, f"{name} of a {kind} is not declared, but it is said to be written"
            assert without(bench.state(), self.passing) == without(state, self.passing), f"{name} is written somewhere"
            return
        assert told is True, f"{name} of a {kind} is declared, but it is said not to be written"
        assert getattr(after, name) == value, f"{name} of a {kind} does not stand in the CRM"
        others = [each for each in _WRITTEN if each != name]
        assert [getattr(after, each) for each in others] == [getattr(before, each) for each in others], (
            f"writing {name} changes another field"
        )
        table = crm.plugin.field_maps[f"{kind}_write_back"]
        for long in _too_long(table, name, value):
            sent = WriteBack.model_validate(_back(kind, key, name, long))
            lost = [loss.becomes for loss in table.losses(sent) if loss.field == name]
            crm.write_back(sent, context())
            stands = getattr(self.held_write_back(bench, kind, key), name)
            assert [stands] == lost, f"{name} of a {kind} does not fit: {lost} was told, and {stands!r} stands there"
        emptied = WriteBack.model_validate(_back(kind, key, name, None))
        losses = table.losses(emptied, clearing=True)
        kept = any((loss.field, loss.kind) == (name, LossKind.KEPT) for loss in losses)
        crm.write_back(emptied, context())
        stands = getattr(self.held_write_back(bench, kind, key), name)
        assert stands == (value if kept else None), f"{name} of a {kind}, once emptied, is {stands!r}"

    def _compared(self, bench: Bench, hook: str) -> Iterator[tuple[str, bool, Seen, Seen]]:
        """Give for each field of each held record: where it is, whether it is declared as read, and both sides."""
        name, model = READS[hook]
        crm = bench.crm()
        leaves = _leaves(crm.plugin.field_maps, name)
        for record in self.held_of(model):
            read = read_held(crm, hook, key_of(record))
            for leaf in leaves:
                held_at, read_at = (list(_seen(each, leaf.path, is_read=leaf.is_read)) for each in (record, read))
                for place, held in enumerate(held_at):
                    there = read_at[place] if place < len(read_at) else (False, None)
                    where = f"{name} {key_of(record)}: {leaf.path}{f' [{place}]' if len(held_at) > 1 else ''}"
                    yield where, leaf.is_read, held, there


def _leaves(maps: Mapping[str, FieldMap[Any]], name: str) -> list[Leaf]:
    """Give what a field map declares, and what the map of its rows does."""
    found: list[Leaf] = []
    for entry in maps[name].entries:
        if entry.name == _MOMENT:
            continue
        found.append(_leaf("", entry))
        rows = entry.map if isinstance(entry, Rows) else maps.get(f"{name}_row")
        if entry.name == "rows" and is_read(entry):
            assert rows is not None, f"rows are shown, but there is no field map {name}_row"
            found += [_leaf("rows.", of_row) for of_row in rows.entries]
    return found


def _leaf(place: str, entry: Entry) -> Leaf:
    match entry:
        case Field():
            native = entry.native[:1]
        case Computed() if entry.native:
            native = (entry.native,)
        case _:
            native = ()
    return Leaf(place + entry.name, is_read(entry), native)


def is_read(entry: Entry) -> bool:
    """Tell whether a field is declared as read.

    Args:
        entry: Its declaration.
    """
    match entry:
        case Field():
            return entry.direction != "write"
        case Computed():
            return entry.read is not _NEVER_READ
        case Unsupported():
            return False
    return True


def _seen(record: Any, path: str, *, is_read: bool = True) -> Iterator[Seen]:
    """Give what a record shows at a path, once per row; of rows themselves, how many.

    A nested record that is shown as empty shows everything in it as empty, but for what is not read.
    """
    name, _, rest = path.partition(".")
    if name not in record.model_fields_set:
        yield False, None
        return
    value = getattr(record, name)
    if name == "rows" and rest:
        for row in value or ():
            yield from _seen(row, rest, is_read=is_read)
    elif name == "rows":
        yield True, f"{len(value)} rows" if value else None
    elif not rest:
        yield True, None if value in ("", ()) else value
    elif value is None:
        yield is_read, None
    else:
        yield from _seen(value, rest, is_read=is_read)


def _is_empty(seen: Seen) -> bool:
    return not seen[0] or seen[1] is None


def _unproven(leaf: Leaf, leaves: Sequence[Leaf], records: Sequence[Any]) -> str | None:
    """Tell why the records would not show a plugin to be wrong about a field; None when they would."""
    places = [(record, seen) for record in records for seen in _seen(record, leaf.path)]
    values = [(record, seen[1]) for record, seen in places if not _is_empty(seen)]
    if not values:
        return "no record has a value for it"
    if len({str(seen) for _, seen in places}) == 1:
        return "it is the same in all records"
    # What stands in one place of the system cannot differ.
    rivals = [each for each in leaves if each is not leaf and (not leaf.native or each.native != leaf.native)]
    twins: dict[str, Any] = {}
    for record, value in values:
        same = [each.path for each in rivals if any(_same(value, seen[1]) for seen in _seen(record, each.path))]
        if not same:
            return None
        twins |= dict.fromkeys(same, value)
    return "; ".join(f"{value!r} stands in {other} too" for other, value in twins.items())


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and not isinstance(one, bool) and one == other


def written_kinds(cls: type[CrmBase]) -> list[WrittenKind]:
    """Give the kinds of records that the contract states, and that something can be told about.

    Args:
        cls: The author's contract.
    """
    tables = {kind: cls.plugin_class.field_maps.get(f"{kind}_write_back") for kind in KINDS}
    return [kind for kind, table in tables.items() if cls.held_of(KINDS[kind]) and writable(table)]


def writable(table: FieldMap[Any] | None) -> set[str]:
    """Name the fields that a map of what is told writes.

    Args:
        table: The map; None where there is none.
    """
    entries = () if table is None else table.entries
    return {entry.name for entry in entries if isinstance(entry, Field) and entry.direction != "read"}


def _too_long(table: FieldMap[Any], name: str, sample: str) -> Iterator[str]:
    """Give values that do not fit the bounds of a field."""
    for entry in table.entries:
        if isinstance(entry, Field) and entry.name == name:
            yield from (value for bound in entry.narrow if (value := outside(bound, sample)) is not None)


def _sample(samples: Samples, name: str) -> Any:
    texts = {"erp_id": "7001", "order_number": "7002", "invoice_number": "7003", "customer_number": "7004"}
    texts |= {"erp_db": "7", "status": "synced", "net": "7005.50"}
    sample = str(samples.own.get(f"write_back.{name}", texts.get(name, "Åter: saknar artikel")))
    return Decimal(sample) if name == "net" else sample


def _back(kind: str, key: str, name: str, value: str | None) -> dict[str, Any]:
    return {"record_kind": kind, "record_id": key, name: value}
