"""Rules F13, F14, E11, P15 and V10: nothing is made up: no value, number, zone or member; what is alike stays two."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from erpcore.connection import ErpConnection
from erpcore.errors import ErpcoreError, PluginContractError, RecordError, RejectedError
from erpcore.fields import Computed, Default, Field
from erpcore.models import RecordRef
from erpcore.testing.bench import Bench, attempt, context, full_reference
from erpcore.testing.contract.acting import ErpActing
from erpcore.testing.contract.base import Absent
from erpcore.testing.contract.erp_calls import CREATES, found, ref_of, send
from erpcore.testing.contract.makers import WHOLE_ARTICLE, Maker, carried, make_whole, maker
from erpcore.testing.contract.paging import LISTS, WHOLE
from erpcore.testing.contract.reading import without_zones
from erpcore.testing.samples import WRITES, Samples, entries, shown
from erpcore.testing.tap import Answer, Sent

_FINDS = {finder: operation.removeprefix("create_") for operation, finder in CREATES.items()}
_KNOWN_BY = ("number", "key", "reference", "external_reference", "customer_number", "customer_key", "kind")
"""What a record is known by: without it nobody could tell which one it is."""
_TELLING: Mapping[str, tuple[str, ...]] = {
    "vat_number": ("SE556703748501", "DE129273398", "NO923609016MVA"),
    "invoice_address.country_code": ("SE", "DE", "US"),
    "organisation_number": ("556703-7485", "19121212-1212"),
    "currency": ("SEK", "USD"),
    "email": ("post@example.com", "post@example.se"),
}
"""Values from which an author may conclude something."""
_ADDRESSES = ("invoice_address", "delivery_address")
_LINES = ("street", "street2", "postal_code", "city", "country_code")
_OTHERS = {"country_code": "DK", "postal_code": "1234 AB"}
_MOST_PAGES = 40
_FAR = timedelta(hours=12, minutes=30)
"""Less than the machine is from UTC while a rule is checked, and more than a system's own zone is."""


@dataclass(frozen=True)
class Reads:
    """A hook that reads.

    Attributes:
        hook: The hook.
        model: What it reads.
        way: How that is made.
    """

    hook: str
    model: str
    way: Maker


class Showing(ErpActing):
    """The rules."""

    @classmethod
    def cases(cls, rule: str) -> Iterator[tuple[str, Any]]:
        """Give the searches and lists, and the writes that make a record."""
        yield from super().cases(rule)
        can = cls.operations()
        if rule in ("F13", "P15"):
            for hook, model in ({**_FINDS, **LISTS} if rule == "F13" else {"fetch_articles": "article"}).items():
                if hook in can:
                    way = maker(cls, model)
                    yield hook, way if isinstance(way, Absent) else Reads(hook, model, way)
        if rule == "V10":
            for name in ("create_customer", "create_order"):
                if {name, CREATES[name]} <= {*can}:
                    enough = len(_lines(cls, WRITES[name], _ADDRESSES[0])) > 1
                    yield name, name if enough else Absent("no address of several lines is carried")
        if rule == "F14" and "create_customer" in can:
            yield "create_customer", "create_customer"
        if rule == "E11":
            yield from ((name, name) for name in (*CREATES, "convert_to_invoice") if name in can and _makes(cls, name))

    def test_F13_what_an_answer_lacks_is_not_made_up(self, bench: Bench, case: Reads, samples: Samples) -> None:
        """What the system's answer does not show of a record is not made up, neither in a search nor in a list."""
        erp = bench.erp()
        number = make_whole(erp, case.way, samples)
        whole = _read(erp, case, number)
        table = {
            path: entry.native[0].rpartition(".")[2]
            for path, _, entry in entries(erp.plugin.field_maps, case.model)
            if isinstance(entry, Field) and entry.direction != "write"
        }
        needed = {native for path, native in table.items() if path in _KNOWN_BY}
        asked = [path for path, native in table.items() if native not in needed and shown(whole, path)[1]]
        problems: list[str] = []

        def look(paths: Sequence[str]) -> None:
            lacking = {table[path] for path in paths}
            bench.tap.alter = lambda content: _lacking(content, lacking)
            read: list[Any] = []
            error = attempt(lambda: read.append(_read(erp, case, number)), ErpcoreError, AssertionError)
            bench.tap.alter = None
            if error is None:
                # What is worked out of other members, or known from elsewhere, is the same as before.
                told = {path: (shown(whole, path)[1], shown(read[0], path)[1]) for path in paths}
                problems.extend(f"{path}: {pair[1]!r}" for path, pair in told.items() if pair[1] and pair[0] != pair[1])
            elif len(paths) > 1:
                look(paths[: len(paths) // 2])
                look(paths[len(paths) // 2 :])

        if asked:
            look(asked)
        # What is worked out of another member, such as a day, is made up only where that one is there.
        for path in asked:
            if not (path.startswith("rows.") or isinstance(shown(whole, path)[1], str)):
                look([path])
        assert not problems, f"the answer does not show it, and it is made up: {'; '.join(problems)}"

    def test_F14_a_field_decides_over_its_own_members(self, bench: Bench, case: str, samples: Samples) -> None:
        """A field changes the members that its map names, and what is declared as computed: no others, unseen."""
        erp = bench.erp()
        table = {path: entry for path, _, entry in entries(erp.plugin.field_maps, "customer")}
        declared = {each.native for each in table.values() if isinstance(each, Computed)}
        declared |= {each.native for each in erp.plugin.field_maps["customer"].entries if isinstance(each, Default)}
        number = table.get("number")
        if isinstance(number, Field) and number.required:  # another one for each customer
            declared |= {*number.native, *number.also}
        _members(bench, erp, case, {}, samples)
        for path, values in _TELLING.items():
            entry = table.get(path)
            if not isinstance(entry, Field) or entry.direction == "read":
                continue
            own = {*entry.native, *entry.also, *declared}
            plain = _members(bench, erp, case, {path: values[0]}, samples)
            for value in values[1:]:
                sent = _members(bench, erp, case, {path: value}, samples) if plain else {}
                changed = {name for name in plain.keys() | sent.keys() if plain.get(name) != sent.get(name)}
                others = sorted(name for name in changed if not any(f".{name}".endswith(f".{each}") for each in own))
                assert not (sent and others), f"{path} = {value} decides over {', '.join(others)}, unseen"

    def test_V10_what_is_nearly_alike_arrives(self, bench: Bench, case: str, samples: Samples) -> None:
        """Two addresses that differ by one line are two, and no line of one is filled in."""
        erp, model = bench.erp(), WRITES[case]
        first, second = (_lines(type(self), model, name) for name in _ADDRESSES)
        both = [name for name in first if name in second]
        same = {
            f"{each}.{name}": samples.value(model, f"{_ADDRESSES[0]}.{name}") for each in _ADDRESSES for name in both
        }
        for name in both if len(both) > 1 else ():
            self._arrives(erp, case, {**same, f"{_ADDRESSES[1]}.{name}": _OTHERS.get(name, f"Annan {name}")}, samples)
        path = f"{_ADDRESSES[0]}.{first[0]}"
        self._arrives(erp, case, {path: samples.value(model, path)}, samples)
        if case == "create_customer":  # a document may have the lines of its customer
            sent = _members(bench, erp, case, {path: samples.value(model, path)}, samples)
            declared = {each.native for each in erp.plugin.field_maps[model].entries if isinstance(each, Default)}
            own = {name: entry for name, _, entry in entries(erp.plugin.field_maps, model) if isinstance(entry, Field)}
            record = samples.with_values(model, {path: samples.value(model, path)})  # with what it needs beside it
            rest = [
                own[each].native[0] for each in own if each.startswith(_ADDRESSES[0]) and not shown(record, each)[0]
            ]
            filled = [
                each for each in rest if each not in declared and any(f".{name}".endswith(f".{each}") for name in sent)
            ]
            assert not filled, f"of an address {path} alone is shown, and these are sent: {', '.join(filled)}"

    @staticmethod
    def _arrives(erp: ErpConnection, case: str, values: dict[str, Any], samples: Samples) -> Any:
        record = samples.with_values(WRITES[case], values)
        told = {loss.field for loss in erp.losses(record)}
        try:
            made = found(erp, case, send(erp, case, record, samples))
        except (RejectedError, RecordError):
            return None
        pairs = {path: (value, shown(made, path)[1]) for path, value in values.items() if path not in told}
        different = {path: pair for path, pair in pairs.items() if pair[0] != pair[1]}
        assert not different, f"sent, and read back: {different}"
        return made

    def test_E11_an_answer_without_a_number_names_no_other(self, bench: Bench, case: str, samples: Samples) -> None:
        """A write whose answer does not say what was made gives what was made, or an error; never something else."""
        unavailable = next((each.answer for each in self.native_errors if each.situation == "unavailable"), Answer(503))
        assert isinstance(unavailable, Answer)
        bench.hurried = True
        answers: list[tuple[int, Any]] = []

        def noted(at: int, content: Any) -> Any:
            answers.append((at, content))
            return content

        made, sent = self._written(bench, case, samples, noted)
        at = next((number for number, request in enumerate(sent) if request.changed), 0)
        told = {str(made.number), str(made.key)} if made is not None else set()
        names = {name for number, content in answers if number == at for name in _naming(content, told)}
        if not names:
            return  # the answer does not name it, so that the plugin asks
        for then in (None, unavailable):
            bench.reset()
            result, _ = self._written(
                bench,
                case,
                samples,
                lambda number, content: _lacking(content, names) if number == at else content,
                lambda number, sent, then=then: then if number > at else None,  # type: ignore[misc] # mypy cannot infer a lambda's defaults
            )
            assert result is None or made is None or result.number == made.number, (
                f"the answer does not say what was made, and {result.number} is told in place of {made.number}"
            )

    def _written(
        self,
        bench: Bench,
        case: str,
        samples: Samples,
        alter: Callable[[int, Any], Any],
        script: Callable[[int, Sent], Answer | None] = lambda number, sent: None,
    ) -> tuple[RecordRef | None, list[Sent]]:
        """Carry a write out while its answers are altered; give what it told, None for an error, and what was sent."""
        act = self._act(bench.erp(), case, samples)
        given: list[RecordRef] = []
        number = [0]
        tap = bench.tap
        tap.clear()
        tap.watch, tap.script = True, script
        tap.after = lambda at, sent: number.__setitem__(0, at)
        tap.alter = lambda content: alter(number[0], content)
        error = attempt(lambda: given.append(act()), ErpcoreError)
        sent = list(tap.sent)
        tap.clear()
        assert not isinstance(error, PluginContractError), str(error)
        return (given[0] if given else None), sent

    @staticmethod
    def _act(erp: ErpConnection, case: str, samples: Samples) -> Callable[[], RecordRef]:
        reference = full_reference("e11")
        if case == "convert_to_invoice":
            send(erp, "create_order", samples.record("order"), samples)  # or both may have the same number by chance
            order = send(erp, "create_order", samples.record("order"), samples, reference=reference)
            return lambda: ref_of(erp, case, order, samples, reference)
        values = {"number": WHOLE_ARTICLE} if WRITES[case] == "article" else {}
        return lambda: ref_of(erp, case, samples.record(WRITES[case], **values), samples, reference)

    def test_P15_a_moment_without_a_zone_is_not_the_machine_s(
        self, bench: Bench, case: Reads, samples: Samples
    ) -> None:
        """A moment that the system tells without its zone is not read in the machine's."""
        erp = bench.erp()
        number = make_whole(erp, case.way, samples)
        bench.tap.alter = without_zones
        read: list[Any] = []
        attempt(lambda: read.append(_read(erp, case, number)), ErpcoreError, AssertionError)
        moment = getattr(read[0], "changed_at", None) if read else None
        assert moment is None or abs(moment - bench.now()) < _FAR, (
            f"it was changed at {bench.now()}, and tells {moment}"
        )


def _members(bench: Bench, erp: ErpConnection, case: str, values: dict[str, Any], samples: Samples) -> dict[str, Any]:
    """Give what is sent of a new record, by the members' places; nothing where it is refused."""
    record = samples.with_values(WRITES[case], values)
    done: list[bool] = []

    def act() -> None:
        done.append(attempt(lambda: send(erp, case, record, samples), ErpcoreError) is None)

    sent = [each for each in bench.said(act, watch=True) if each.changed]
    return dict(_placed([each.content for each in sent])) if done == [True] else {}


def _placed(content: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    match content:
        case dict():
            for name, value in content.items():
                yield from _placed(value, f"{place}.{name}")
        case list() | tuple():
            for value in content:
                yield from _placed(value, place)
        case _:
            yield place.lstrip("."), content


def _lines(cls: type[ErpActing], model: str, address: str) -> list[str]:
    return [name for name in _LINES if carried(cls, model, f"{address}.{name}")]


def _makes(cls: type[ErpActing], operation: str) -> bool:
    return operation != "convert_to_invoice" or "create_order" in cls.operations()


def _read(erp: ErpConnection, case: Reads, number: str) -> Any:
    if case.hook in _FINDS:
        return found(erp, f"create_{case.model}", number)
    cursor: str | None = None
    fetch: Callable[..., Any] = getattr(erp, case.hook)
    for _ in range(_MOST_PAGES):
        page = fetch(*(() if case.hook in WHOLE else (None,)), cursor, context())
        for item in page.items:
            if item.number == number:
                return item
        cursor = page.next_cursor
        if cursor is None:
            break
    raise AssertionError(f"{number} does not come")


def _lacking(content: Any, names: set[str]) -> Any:
    match content:
        case dict():
            return {name: _lacking(value, names) for name, value in content.items() if name not in names}
        case list():
            return [_lacking(value, names) for value in content]
    return content


def _naming(content: Any, told: set[str]) -> Iterator[str]:
    """Give the members of an answer that name what was made."""
    match content:
        case dict():
            for name, value in content.items():
                if str(value) in told:
                    yield name
                yield from _naming(value, told)
        case list():
            for value in content:
                yield from _naming(value, told)
