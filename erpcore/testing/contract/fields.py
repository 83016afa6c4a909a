"""Rules F: the field maps, held to what leaves the process and to what the system keeps.

Each case is one operation with one canonical field. The requests with the field and without it are compared, so no rule
needs to know the system's own names; and the samples are sentinels that are searched for in everything that was said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

from erpcore.connection import ErpConnection
from erpcore.errors import ErpcoreError
from erpcore.fields import Computed, Default, Entry, Field, LossKind, Unsupported
from erpcore.models import CanonicalModel
from erpcore.testing.bench import Bench, attempt
from erpcore.testing.contract.base import Contract
from erpcore.testing.contract.erp_calls import CREATES, found, send
from erpcore.testing.odd_values import odd_values
from erpcore.testing.samples import MODELS, WRITES, Samples, annotation, entries, outside, shown
from erpcore.testing.tap import Sent, floats_in, powers_in, texts_in

_KEYS = {("update_customer", "number"), ("sync_articles", "number")}
"""Fields that name the record in these operations, and so are no content of it."""
_SHORTEST_SENTINEL = 6
_MAY_BE_NOTHING = frozenset({"unit_price", "price", "vat_percent", "quantity"})
"""Numbers of which 0 says something else than nothing at all: left out, a system puts in its own price or rate."""


@dataclass(frozen=True)
class FieldCase:
    """One operation with one field.

    Attributes:
        operation: The write operation.
        path: The field; those of rows begin with ``rows.``.
        model: The model that the field's entry belongs to.
        entry: Its declaration in the class's tables.
    """

    operation: str
    path: str
    model: str
    entry: Entry

    @property
    def record(self) -> str:
        """The model of the record that is sent."""
        return WRITES[self.operation]


_SAID: WeakKeyDictionary[Bench, dict[str, list[Sent]]] = WeakKeyDictionary()


class Fields(Contract):
    """Rules F01 to F12."""

    baselines: ClassVar[dict[tuple[type, str], list[Sent]]] = {}

    @classmethod
    def cases(cls, rule: str) -> Iterator[tuple[str, Any]]:
        """Give the field cases of a rule, and what other groups give."""
        kinds: dict[str, Callable[[Entry], bool]] = {
            "F01": _is_supported,
            "F02": _is_read_back,
            "F03": _is_bounded,
            "F04": lambda entry: isinstance(entry, Unsupported),
            "F05": lambda entry: isinstance(entry, Field) and entry.direction == "read",
            "F06": lambda entry: isinstance(entry, Computed),
            "F08": _can_be_emptied,
            "F09": lambda entry: not isinstance(entry, Unsupported),
            "F10": _is_supported,
        }
        yield from super().cases(rule)
        if rule in ("F11", "F12"):
            wanted = _is_default if rule == "F11" else _is_required
            for operation in CREATES:
                if operation in cls.operations() and any(map(wanted, _entries(cls, operation))):
                    yield operation, operation
        if rule == "F07":
            yield from ((operation, operation) for operation in WRITES if operation in cls.operations())
        if rule not in kinds:
            return
        for operation, model in WRITES.items():
            if operation not in cls.operations() or (rule == "F08" and operation != "update_customer"):
                continue
            if rule in ("F02", "F03") and operation not in CREATES:
                continue
            for path, owner, entry in entries(cls.plugin_class.field_maps, model):
                is_number = annotation(MODELS[owner], entry.name) is Decimal
                if (operation, path) in _KEYS or not kinds[rule](entry) or (rule == "F09" and not is_number):
                    continue
                if rule == "F10" and (entry.name not in _MAY_BE_NOTHING or operation not in CREATES):
                    continue
                yield f"{operation}-{path}", FieldCase(operation, path, owner, entry)

    def test_F01_a_supported_field_is_sent(self, bench: Bench, case: FieldCase, samples: Samples) -> None:
        """A supported field changes what is sent, and no loss is told of a value within its bounds."""
        record = (samples := samples.of_one_number()).record(case.record, case.path)
        losses = [str(loss) for loss in _losses(bench.silent, record) if _about(loss.field, case.path)]
        assert not losses, f"a value within bounds is told as lost; give another sample if it is not: {losses}"
        assert not self._same(bench, case, record, samples), f"{case.path} does not change what {case.operation} sends"

    def test_F02_a_supported_field_comes_back(self, bench: Bench, case: FieldCase, samples: Samples) -> None:
        """A supported field is read back with the value that was sent."""
        record = samples.record(case.record, case.path)
        erp = bench.erp()
        made = found(erp, case.operation, send(erp, case.operation, record, samples))
        is_shown, value = shown(made, case.path)
        assert is_shown, f"{case.path} is not shown when the record is read; declare its direction as write"
        assert value == shown(record, case.path)[1]

    def test_F03_outside_its_bound_a_field_is_lost_as_told(
        self, bench: Bench, case: FieldCase, samples: Samples
    ) -> None:
        """A value outside a declared bound is told as lost beforehand, and what arrives is what was told."""
        entry = _narrowed(bench.silent, case)
        for narrowing in entry.narrow:
            value = outside(narrowing, samples.value(case.model, entry.name))
            if value is None:
                continue
            record = samples.with_value(case.record, case.path, value)
            erp = bench.erp()
            told = [loss for loss in _losses(erp, record) if _about(loss.field, case.path)]
            assert [loss.kind for loss in told] == [narrowing.kind], f"{case.path} = {value}: the loss is not told"
            becomes = told[0].becomes
            if narrowing.kind is LossKind.ROUNDED and narrowing.bound is not None:
                assert becomes == value.quantize(Decimal(1).scaleb(-narrowing.bound), self.rounding)
            made = found(erp, case.operation, send(erp, case.operation, record, samples))
            assert shown(made, case.path)[1] == becomes, "what arrives is not what was told"
            bench.reset()

    def test_F04_an_unsupported_field_is_not_sent_and_is_told(
        self, bench: Bench, case: FieldCase, samples: Samples
    ) -> None:
        """An unsupported field leaves the request as it is, and its loss is told with the declared default."""
        record = (samples := samples.of_one_number()).record(case.record, case.path)
        assert isinstance(case.entry, Unsupported)
        told = [loss for loss in _losses(bench.silent, record) if _about(loss.field, case.path)]
        kind = LossKind.DROPPED if case.entry.default is None else LossKind.DEFAULTED
        kind = LossKind.DERIVED if case.entry.derived else kind
        assert [(loss.kind, loss.becomes) for loss in told] == [(kind, case.entry.default)]
        assert self._same(bench, case, record, samples), f"{case.path} is declared unsupported, but it is sent"

    def test_F05_a_field_that_the_system_sets_is_not_sent_and_is_told(
        self, bench: Bench, case: FieldCase, samples: Samples
    ) -> None:
        """A field that is only read leaves the request as it is, and a value for it is told as lost."""
        record = (samples := samples.of_one_number()).record(case.record, case.path)
        told = [loss.kind for loss in _losses(bench.silent, record) if _about(loss.field, case.path)]
        assert told == [LossKind.DROPPED]
        assert self._same(bench, case, record, samples), f"{case.path} is declared as only read, but it is sent"

    def test_F06_a_computed_field_is_sent_or_its_loss_is_told(
        self, bench: Bench, case: FieldCase, samples: Samples
    ) -> None:
        """A computed field changes what is sent, or its loss is told: it never disappears silently."""
        record = (samples := samples.of_one_number()).record(case.record, case.path)
        told = [loss for loss in _losses(bench.silent, record) if _about(loss.field, case.path)]
        same = self._same(bench, case, record, samples)
        assert told or not same, f"{case.path} disappears without a word"

    def test_F07_what_is_not_carried_is_nowhere_in_the_request(self, bench: Bench, case: str, samples: Samples) -> None:
        """The values of fields that are not carried stand nowhere in a request: address, headers, body."""
        erp = bench.erp()
        model = WRITES[case]
        dropped = [path for path, _, entry in entries(erp.plugin.field_maps, model) if not _is_carried(entry)]
        record = samples.record(model, *dropped)
        values = {path: shown(record, path)[1] for path in dropped}
        sent = bench.said(lambda: send(erp, case, record, samples))
        for path, needle in [(path, text) for path, value in values.items() for text in _texts(value)]:
            assert not any(needle in request.text for request in sent), f"{needle} of {path} is sent"

    def test_F08_an_emptied_field_is_emptied_or_told_as_kept(
        self, bench: Bench, case: FieldCase, samples: Samples
    ) -> None:
        """A field shown as empty in a change is emptied in the system, or told as kept and kept."""
        erp = bench.erp()
        before = samples.record("customer", case.path)
        number = send(erp, "create_customer", before, samples)
        parent, _, leaf = case.path.rpartition(".")
        emptied = {parent: {leaf: None}} if parent else {leaf: None}
        change = MODELS["customer"].model_validate(emptied)
        told = [loss for loss in erp.losses(change, clearing=True) if loss.field == case.path]
        send(erp, "update_customer", change, samples, number=number)
        after = shown(found(erp, "create_customer", number), case.path)[1]
        if told:
            assert [loss.kind for loss in told] == [LossKind.KEPT]
            assert after == shown(before, case.path)[1], "it is told as kept, but it was changed"
        else:
            assert after in (None, ""), "it is not told as kept, but it kept its value"
            blanks = [text for text in texts_in(bench.state()) if text and not text.strip()]
            assert not blanks, f"it is emptied in name only: the system holds {blanks[0]!r}"

    def test_F09_an_amount_is_never_a_float(self, bench: Bench, case: FieldCase, samples: Samples) -> None:
        """No number leaves as a float, neither to a function nor as a number that only a float could be."""
        record = (samples := samples.of_one_number()).record(case.record, case.path)
        sent = self._said(bench, case, record, samples)
        places = [place for request in sent for place in floats_in(request.content)]
        assert not places, f"floats were sent: {places}"
        powers = [text for request in sent for text in powers_in(request.content)]
        assert not powers, f"numbers are written in powers of ten, which systems take for text: {powers}"

    def test_F10_a_zero_is_sent(self, bench: Bench, case: FieldCase, samples: Samples) -> None:
        """A price, a rate or a quantity of 0 is sent as 0, and not left out for the system to put its own in."""
        record = (samples := samples.of_one_number()).with_value(case.record, case.path, Decimal(0))
        left_out = _leaving_out(samples, case)
        erp = bench.erp()
        told = [loss for loss in _losses(erp, record) if _about(loss.field, case.path)]
        without = bench.said(lambda: attempt(lambda: send(erp, case.operation, left_out, samples), ErpcoreError))
        bench.reset()
        erp = bench.erp()
        made: list[str] = []
        sent = bench.said(lambda: made.append(send(erp, case.operation, record, samples)))
        if told:
            return
        assert not _all_same(sent, without), f"{case.path} of 0 is left out"
        is_shown, value = shown(found(erp, case.operation, made[0]), case.path)
        assert not is_shown or value == 0, f"{case.path} of 0 has become {value}"

    def test_F11_a_default_is_sent_and_told(self, bench: Bench, case: str, samples: Samples) -> None:
        """Where a record shows nothing that the system demands, the declared default is told beforehand and arrives."""
        erp = bench.erp()
        bench.advance(40 * 86_400)  # the company's day is the host's, and not the machine's
        table = {entry.name: entry for entry in erp.plugin.field_maps[WRITES[case]].entries if not _is_default(entry)}
        for entry in filter(_is_default, erp.plugin.field_maps[WRITES[case]].entries):
            record = samples.without(WRITES[case], entry.name)
            told = [loss for loss in erp.losses(record) if loss.field == entry.name]
            assert [loss.kind for loss in told] == [LossKind.DEFAULTED], f"{entry.name} is not told to be filled in"
            made = found(erp, case, send(erp, case, record, samples))
            own = table[entry.name]
            if not isinstance(own, Field) or own.direction == "write":
                continue  # it is not shown to anybody
            is_shown, value = shown(made, entry.name)
            assert is_shown, f"{entry.name} is not shown when the record is read"
            told += [loss for loss in erp.losses(record) if loss.field == entry.name]  # midnight may lie in between
            expected = [own.read(loss.becomes) for loss in told]
            assert value in expected, f"{entry.name} became {value}, not {expected[0]}"

    def test_F12_what_is_required_is_known_and_refused(self, bench: Bench, case: str, samples: Samples) -> None:
        """A record without a field that is declared as required is told so beforehand, refused, and makes nothing."""
        erp = bench.erp()
        for entry in filter(_is_required, erp.plugin.field_maps[WRITES[case]].entries):
            record = samples.without(WRITES[case], entry.name)
            assert entry.name in erp.missing(record), f"{entry.name} is not told to be missing"
            before = bench.counts()
            error = attempt(partial(send, erp, case, record, samples), ErpcoreError)
            assert error is not None, f"a record without {entry.name} is taken, so that it is not required"
            assert bench.counts() == before, f"a record without {entry.name} was refused, and yet something was made"

    def _same(self, bench: Bench, case: FieldCase, record: CanonicalModel, samples: Samples) -> bool:
        """Whether the same is said with the record as with the least one."""
        least = _without(samples, case)
        required = shown(least, case.path) == shown(record, case.path)
        if required:  # nothing is made without it, so that the least record has it too
            least = _with_another(samples, case)
        others = case.path if required else sorted(samples.companions.get(f"{case.model}.{_leaf(case)}", {}))
        with bench.standing():
            # The bench goes back to a day of its own after each.
            while (key := (type(self), f"{case.operation} {others} {bench.now().date()}")) not in self.baselines:
                sending = partial(send, bench.erp(), case.operation, least, samples)
                self.baselines[key] = bench.said(partial(attempt, sending, *((ErpcoreError,) if required else ())))
                bench.reset()
            return _all_same(self._said(bench, case, record, samples), self.baselines[key])

    def _said(self, bench: Bench, case: FieldCase, record: CanonicalModel, samples: Samples) -> list[Sent]:
        """What is said with the record of a case, seen once for all rules on a bench."""
        known, key = _SAID.setdefault(bench, {}), f"{case.operation} {case.path} {bench.now().date()}"
        if key not in known:
            erp = bench.erp()
            known[key] = bench.said(lambda: send(erp, case.operation, record, samples))
        bench.called.add(case.operation)
        return known[key]


def _entries(cls: type[Contract], operation: str) -> Sequence[Entry]:
    return cls.plugin_class.field_maps[WRITES[operation]].entries


def _is_default(entry: Entry) -> bool:
    return isinstance(entry, Default)


def _is_required(entry: Entry) -> bool:
    return isinstance(entry, Field) and entry.required


def _all_same(one: list[Sent], other: list[Sent]) -> bool:
    return len(one) == len(other) and all(a.same(b) for a, b in zip(one, other, strict=True))


def _leaving_out(samples: Samples, case: FieldCase) -> CanonicalModel:
    """The record with the field's companions and without the field, also where the least record has one."""
    record = _without(samples, case).model_dump(exclude_unset=True)
    target = record["rows"][0] if case.path.startswith("rows.") else record
    target.pop(_leaf(case), None)
    return MODELS[case.record].model_validate(record)


def _without(samples: Samples, case: FieldCase) -> CanonicalModel:
    """The least record, with the field's companions but without the field."""
    record = samples.base(case.record)
    for name, value in samples.companions.get(f"{case.model}.{_leaf(case)}", {}).items():
        target = record["rows"][0] if case.path.startswith("rows.") else record
        target[name] = value
    return MODELS[case.record].model_validate(record)


def _with_another(samples: Samples, case: FieldCase) -> CanonicalModel:
    """The least record with another value of a field; without it where the kit knows none."""
    others = [each for each in odd_values(case.model, case.entry) if each != samples.value(case.model, case.entry.name)]
    return samples.with_value(case.record, case.path, others[0]) if others else _leaving_out(samples, case)


def _leaf(case: FieldCase) -> str:
    return case.path.removeprefix("rows.")


def _losses(erp: ErpConnection, record: CanonicalModel) -> list[Any]:
    return erp.losses(record)


def _about(field: str, path: str) -> bool:
    return field.replace("rows[0]", "rows") == path


def _narrowed(erp: ErpConnection, case: FieldCase) -> Field:
    """The field's declaration in the connection's own tables, which may differ from the class's in bounds."""
    for path, _, entry in entries(erp.plugin.field_maps, case.record):
        if path == case.path and isinstance(entry, Field):
            return entry
    raise AssertionError(f"the class declares {case.path} as a field, but the connection does not")


def _texts(value: Any) -> list[str]:
    if isinstance(value, CanonicalModel):
        return [text for name in value.model_fields_set for text in _texts(getattr(value, name))]
    if isinstance(value, tuple):
        return [text for each in value for text in _texts(each)]
    text = str(value)
    return [text] if len(text) >= _SHORTEST_SENTINEL and value not in (True, False) else []


def _is_carried(entry: Entry) -> bool:
    return isinstance(entry, Computed) or _is_supported(entry)


def _is_supported(entry: Entry) -> bool:
    return isinstance(entry, Field) and entry.direction != "read"


def _is_read_back(entry: Entry) -> bool:
    return isinstance(entry, Field) and entry.direction == "both"


def _is_bounded(entry: Entry) -> bool:
    return _is_read_back(entry) and isinstance(entry, Field) and any(each.bound is not None for each in entry.narrow)


def _can_be_emptied(entry: Entry) -> bool:
    return _is_read_back(entry) and entry.name not in ("number", "name")
