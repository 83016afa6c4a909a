"""Rule E12: where one request of a call is refused, what it was for is not passed over in silence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from erpcore.errors import ErpcoreError, PluginContractError
from erpcore.models import ArticleQuery, CanonicalModel, CustomerQuery, DocumentQuery, Page
from erpcore.testing.bench import Bench, attempt, context, full_reference
from erpcore.testing.contract.acting import Acting, ErpActing
from erpcore.testing.contract.base import Absent, Contract
from erpcore.testing.contract.crm_base import CrmBase, all_events, without
from erpcore.testing.contract.erp_calls import send
from erpcore.testing.contract.faults import full_record, shown_record, unnamed
from erpcore.testing.contract.makers import make_whole, maker
from erpcore.testing.samples import Samples
from erpcore.testing.tap import Answer, Script, Sent

_MOST_REQUESTS = 12
_SOUGHT: dict[str, tuple[str, type[CanonicalModel]]] = {
    "find_customers": ("customer", CustomerQuery),
    "find_articles": ("article", ArticleQuery),
    "find_orders": ("order", DocumentQuery),
    "find_invoices": ("invoice", DocumentQuery),
}
_LISTED = {"fetch_articles": "article", "fetch_invoices": "invoice"}


class Refusing(Acting):
    """The rule.

    Attributes:
        judges_silence: Whether what is not shown is lacking. A CRM's key may have a right to some registers alone, and
            what it may not see is not shown.
    """

    judges_silence: ClassVar[bool] = True

    @classmethod
    def cases(cls, rule: str) -> Iterator[tuple[str, Any]]:
        """Give the operations that read, and those that write records."""
        yield from super().cases(rule)
        if rule == "E12":
            told = _refusal(cls) is not None
            none = Absent("`native_errors` gives no example of a right that is refused")
            names = (name for name in (*cls.reads(), *cls.writes()) if name != "subscribe_events")
            yield from ((name, name if told else none) for name in names)

    @classmethod
    def whole(cls, bench: Bench, case: str, samples: Samples) -> tuple[Callable[[], Any], Callable[[Any], Any]]:
        """Give what carries an operation out on a full record, and what tells what came of it.

        Args:
            bench: The system.
            case: The operation.
            samples: The numbers of what is there.
        """
        raise TypeError(f"{cls.__name__} derives from neither ErpContract nor CrmContract")

    def test_E12_no_refusal_is_passed_over(self, bench: Bench, case: str, samples: Samples) -> None:
        """Where the system refuses one request of a call, an error says so, or nothing is lacking without it."""
        bench.hurried = True
        refused = _refusal(type(self))
        assert refused is not None
        whole, sent = self._come_of(bench, case, samples, lambda number, sent: None)
        for at, request in enumerate(sent[:_MOST_REQUESTS] if len(sent) > 1 else ()):
            if any(request.same(earlier) for earlier in sent[:at]):
                continue  # it was refused with the first of its kind
            told, _ = self._come_of(bench, case, samples, _refusing(request, at, refused))
            wrong = [] if told is None else list(self.lacking(told, whole))
            assert not wrong, f"request {at} of {case} ({request.what}) is refused, nobody is told, and {wrong[0]}"

    @classmethod
    def lacking(cls, told: Any, whole: Any, place: str = "what came") -> Iterator[str]:
        """Say what came otherwise than undisturbed.

        Args:
            told: What came.
            whole: What comes undisturbed.
            place: Where that stands.
        """
        if isinstance(told, dict) and isinstance(whole, dict):
            for name in whole:
                if name in told or cls.judges_silence:
                    yield from cls.lacking(told.get(name), whole[name], f"{place}.{name}")
        elif isinstance(told, list) and isinstance(whole, list) and len(told) == len(whole):
            for at, (one, other) in enumerate(zip(told, whole, strict=True)):
                yield from cls.lacking(one, other, f"{place}[{at}]")
        elif told != whole:
            yield f"{place} is {told!r}, not {whole!r}"

    def _come_of(self, bench: Bench, case: str, samples: Samples, script: Script) -> tuple[Any, list[Sent]]:
        """Carry an operation out; give what comes of it, None for an error, and what was sent."""
        bench.reset()
        act, look = self.whole(bench, case, samples)
        bench.tap.clear()
        bench.tap.script = script
        given: list[Any] = []
        error = attempt(lambda: given.append(act()), ErpcoreError)
        sent = list(bench.tap.sent)
        bench.tap.clear()
        assert not isinstance(error, PluginContractError), str(error)
        return (look(given[0]) if given else None), sent


class ErpRefusing(Refusing, ErpActing):
    """Of an ERP."""

    @classmethod
    def whole(cls, bench: Bench, case: str, samples: Samples) -> tuple[Callable[[], Any], Callable[[Any], Any]]:
        """See `Refusing.whole`."""
        erp = bench.erp()
        if case in cls.writes():
            record, reference = full_record(bench, case, samples), full_reference("e12")
            act: Callable[[], Any] = lambda: send(erp, case, record, samples, reference=reference)  # noqa: E731 mypy takes its type from here
            return act, lambda number: {
                "the record": shown_record(bench, case, samples, number),
                "the number of records": bench.counts(),
            }
        model = _SOUGHT[case][0] if case in _SOUGHT else _LISTED.get(case)
        way = maker(cls, model) if model is not None else Absent("nothing is made for it")
        if not isinstance(way, Absent):
            number = make_whole(erp, way, samples)
            if case in _SOUGHT:
                query = _SOUGHT[case][1].model_validate({"number": number})
                return lambda: getattr(erp, case)(query, context()), _values
        return cls.ready(erp, case, samples), _values


class CrmRefusing(Refusing, CrmBase):
    """Of a CRM."""

    judges_silence: ClassVar[bool] = False

    @classmethod
    def whole(cls, bench: Bench, case: str, samples: Samples) -> tuple[Callable[[], Any], Callable[[Any], Any]]:
        """See `Refusing.whole`."""
        crm = bench.crm()
        act = cls.ready(crm, case, samples)
        if case == "fetch_events":
            end = all_events(crm, None)[1]
            cls.make_events(bench, 2)
            return lambda: all_events(crm, end)[0], lambda events: [(each.kind, each.record_id) for each in events]
        if case in cls.writes():
            return act, lambda told: without(bench.state(), cls.passing)
        return act, _shown


def _refusal(cls: type[Contract]) -> Answer | None:
    """Give the author's example of a right that is refused; else what any system says over HTTP."""
    for error in cls.native_errors:
        if error.situation == "right" and error.of != "write" and isinstance(error.answer, Answer):
            return error.answer
    return Answer(403) if cls.simulator is not None else None


def _refusing(request: Sent, at: int, refused: Answer) -> Script:
    """Refuse a request, and each that says the same."""
    return lambda number, sent: refused if number == at or sent.same(request) else None


def _values(given: Any) -> Any:
    """Give what an ERP tells, as values that can be compared."""
    match given:
        case Page():
            return [unnamed(each) for each in given.items]
        case CanonicalModel():
            return unnamed(given)
        case list() | tuple():
            return [_values(each) for each in given]
    return given


def _shown(given: Any) -> Any:
    """Give what a CRM shows, as values that can be compared."""
    match given:
        case Page():
            return _shown(given.items)
        case CanonicalModel():
            return {name: _shown(getattr(given, name)) for name in given.model_fields_set}
        case list() | tuple():
            return [_shown(each) for each in given]
    return given
