"""Rules P09 to P14: in parts, what is broken, what is asked for, what it costs, and a list without an end."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from erpcore.connection import ErpConnection
from erpcore.errors import ErpcoreError, PluginContractError, RecordError, RejectedError, UnsupportedOperationError
from erpcore.models import ArticleQuery, CustomerQuery, DocumentQuery, Page
from erpcore.testing.bench import Bench, attempt, context
from erpcore.testing.contract.base import Absent
from erpcore.testing.contract.erp_calls import send
from erpcore.testing.contract.makers import SEVERAL, make, maker
from erpcore.testing.contract.paging import LISTS, WHOLE, Listing, Paging, listing
from erpcore.testing.samples import WRITES, Samples
from erpcore.testing.tap import Answer, WireTap

_QUERIES: Mapping[str, tuple[str, type[Any], tuple[str, ...]]] = {
    "find_customers": ("customer", CustomerQuery, ("name", "number", "organisation_number")),
    "find_articles": ("article", ArticleQuery, ("number", "description")),
    "find_orders": ("order", DocumentQuery, ("number", "reference")),
    "find_invoices": ("invoice", DocumentQuery, ("number", "reference")),
}
_ODD = ("%", "*", "_", "'", '"', "a' or 'a'='a", "\\", "1 or 1", "?", "#", "/", "0", "-1", "ÅÄÖ", "x" * 200)
_ODD_WORDS = ("O'Neil & Öst AB", 'Åke "Bo" 50 %', "A+B #1 a_b*", "C\\D / E?")
_NAMED = {"find_customers": "name", "find_articles": "description"}
_MORE = 20
"""How many more records there are when what reading costs is counted a second time."""
_MOST_PAGES = 60
_ZONED = re.compile(r"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(?:Z|[+-]\d\d:?\d\d)")
_NOBODY = "5560160680"
"""Nobody's number, name or key."""


class Reading(Paging):
    """The rules."""

    @classmethod
    def cases(cls, rule: str) -> Iterator[tuple[str, Any]]:
        """Give the lists and the searches that the plugin has."""
        yield from super().cases(rule)
        can = cls.operations()
        if rule in ("P09", "P10", "P12"):
            for hook, model in LISTS.items():
                if hook in can and not (rule == "P12" and hook in WHOLE):
                    yield hook, listing(cls, hook, model)
        if rule in ("P10", "P11", "P12", "P13", "P14"):
            for hook, (model, _, _) in _QUERIES.items():
                if hook in can:
                    way = maker(cls, model)
                    if rule == "P13" and cls.simulator is None:
                        way = Absent("the system is not spoken to over HTTP")
                    yield hook, way if isinstance(way, Absent) else Listing(hook, model, way)

    def test_P09_each_page_may_be_read_by_another_process(self, bench: Bench, case: Listing, samples: Samples) -> None:
        """Each page is read by a connection of its own, and each record comes exactly once, equal ones too."""
        erp = bench.erp(**self.paging)
        made = [_make(erp, case, samples, number, alike=True) for number in range(SEVERAL)]
        numbers: list[str] = []
        cursor: str | None = None
        for _ in range(_MOST_PAGES):
            page = _page(bench.erp(**self.paging), case, None, cursor)
            numbers += [str(item.number) for item in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert cursor is None, "the list does not come to an end"
        often = {number: numbers.count(number) for number in made}
        assert set(often.values()) == {1}, f"how often each came: {often}"

    def test_P10_a_record_that_cannot_be_read_is_told(self, bench: Bench, case: Listing, samples: Samples) -> None:
        """One record of an answer in a form that is not known is an error: the others alone would be a wrong answer."""
        erp = bench.erp()
        *_, number = [_make(erp, case, samples, each) for each in range(4)]
        whole = _answer(erp, case, number)
        altered: list[bool] = []
        bench.tap.alter = lambda content: one_spoiled(content, altered)
        result: list[int] = []
        error = attempt(lambda: result.append(_answer(erp, case, number)), ErpcoreError)
        if not any(altered):
            return  # the answer holds no list of records
        assert not isinstance(error, PluginContractError), str(error)
        assert error is not None or result == [whole], f"of {whole} records, {result} came, and nobody was told"

    def test_P11_asking_for_nothing_gives_nothing(self, bench: Bench, case: Listing, samples: Samples) -> None:
        """A query that asks for nothing finds nothing; signs that searches know are letters like all others."""
        erp = bench.erp()
        _make(erp, case, samples, 0)
        _, query, members = _QUERIES[case.hook]
        find: Callable[..., Sequence[Any]] = getattr(erp, case.hook)
        empty = attempt(lambda: _none(find(query(), context())), UnsupportedOperationError)
        assert empty is None or isinstance(empty, UnsupportedOperationError)
        for member in members:
            for odd in _ODD:
                try:
                    found = find(query.model_validate({member: odd}), context())
                except (ErpcoreError, ValueError):
                    continue  # it is told that this cannot be asked
                wrong = [each for each in found if getattr(each, member, odd) != odd]
                assert not wrong, f"{member} {odd!r} finds {wrong[0].number}"
        self._found_by_odd_words(erp, case, samples)

    @staticmethod
    def _found_by_odd_words(erp: ErpConnection, case: Listing, samples: Samples) -> None:
        """What is named with signs that searches know is found by that name."""
        first, member = case.way[0], _NAMED.get(case.hook)
        if member is None:
            return
        for words in _ODD_WORDS:
            values = {"number": f"ORD-{_ODD_WORDS.index(words)}"} if case.model == "article" else {}
            record = samples.record(WRITES[first], **{member: words, **values})
            if erp.losses(record) and any(loss.field == member for loss in erp.losses(record)):
                continue
            try:
                number = send(erp, first, record, samples)
            except (RecordError, RejectedError):
                continue
            query = _QUERIES[case.hook][1].model_validate({member: words})
            numbers = [each.number for each in getattr(erp, case.hook)(query, context())]
            assert numbers == [number], f"by the {member} {words!r} of {number}, {numbers} are found"

    def test_P12_reading_costs_what_is_read(self, bench: Bench, case: Listing, samples: Samples) -> None:
        """A look-up, and a poll for changes, costs no more requests when the system holds many more records."""
        costs: list[int] = []
        for many in (SEVERAL, _MORE):
            erp = bench.erp()
            for number in range(many):
                _make(erp, case, samples, 100 * many + number)
            bench.advance(30 * 86_400)
            erp = bench.erp()
            last = _make(erp, case, samples, 100 * many + 99)
            since = bench.now() - timedelta(days=1)
            costs.append(len(bench.said(lambda erp=erp, last=last, since=since: _ask(erp, case, last, since))))  # type: ignore[misc] # mypy cannot infer a lambda's defaults
        assert costs[1] <= costs[0] + 1, f"with {_MORE} more records it costs {costs[1]} requests, not {costs[0]}"

    def test_P13_a_list_without_an_end_is_not_followed(self, bench: Bench, case: Listing, samples: Samples) -> None:
        """Where the system gives the first page again and again, a search that many or none fit comes to an end."""
        erp, tap = bench.erp(**self.paging), bench.tap
        assert isinstance(tap, WireTap)
        *_, number = [_make(erp, case, samples, each) for each in range(SEVERAL)]
        _, query, members = _QUERIES[case.hook]
        find: Callable[..., Sequence[Any]] = getattr(erp, case.hook)
        (held,) = find(query(number=number), context())
        for member in members:
            for value in {_NOBODY, getattr(held, member, None)} - {None}:
                tap.clear()
                tap.repeats = True
                tap.script = lambda at, sent: Answer(500) if at > _MOST_PAGES else None
                asked = query.model_validate({member: value})
                error = attempt(lambda asked=asked: find(asked, context()), ErpcoreError)  # type: ignore[misc] # as above
                assert not isinstance(error, PluginContractError), str(error)
                assert len(tap.sent) <= _MOST_PAGES, f"searched by {member}, it reads on and on"

    def test_P14_a_query_of_two_members_finds_what_fits_both(
        self, bench: Bench, case: Listing, samples: Samples
    ) -> None:
        """A query of two members finds what fits both, and nothing that fits one of them alone."""
        erp = bench.erp()
        number = _make(erp, case, samples, 0)
        _, query, members = _QUERIES[case.hook]
        find: Callable[..., Sequence[Any]] = getattr(erp, case.hook)
        for other in (each for each in members if each != "number"):
            strange = "556036-0793" if other == "organisation_number" else "Något annat"
            try:
                found = find(query.model_validate({"number": number, other: strange}), context())
            except UnsupportedOperationError:
                continue  # it is told that this cannot be asked
            assert not found, f"{number} is found, though its {other} is not {strange}"


def _none(found: Sequence[Any]) -> None:
    assert not list(found), f"nothing was asked for, and {len(found)} records were found"


def _make(erp: ErpConnection, case: Listing, samples: Samples, number: int, *, alike: bool = False) -> str:
    if case.model == "article":
        price = Decimal(7) if alike else Decimal(number + 1)
        return make(erp, case.way, samples, number=f"LES-{number}", price=price)
    return make(erp, case.way, samples)


def _page(erp: ErpConnection, case: Listing, since: datetime | None, cursor: str | None) -> Page[Any]:
    fetch: Callable[..., Page[Any]] = getattr(erp, case.hook)
    return fetch(*(() if case.hook in WHOLE else (since,)), cursor, context())


def _ask(erp: ErpConnection, case: Listing, number: str, since: datetime) -> None:
    if case.hook in LISTS:
        cursor: str | None = None
        for _ in range(_MOST_PAGES):
            page = _page(erp, case, since, cursor)
            cursor = page.next_cursor
            if cursor is None:
                return
        return
    getattr(erp, case.hook)(_QUERIES[case.hook][1](number=number), context())


def _answer(erp: ErpConnection, case: Listing, number: str) -> int:
    """Give how many records a list's first page, or a search for one record, gives."""
    if case.hook in LISTS:
        return len(_page(erp, case, None, None).items)
    return len(getattr(erp, case.hook)(_QUERIES[case.hook][1](number=number), context()))


def one_spoiled(content: Any, altered: list[bool]) -> Any:
    """Spoil the last record of the first list of records in an answer; other answers stay as they are.

    Args:
        content: The answer.
        altered: Takes a word for each list that was spoiled.
    """
    if isinstance(content, list) and content and all(isinstance(each, dict) for each in content):
        altered.append(True)
        return [*content[:-1], {name: ["not", "known"] for name in content[-1]}]
    if isinstance(content, dict):
        for name, value in content.items():
            spoiled = one_spoiled(value, altered)
            if spoiled is not value:
                return {**content, name: spoiled}
    return content


def without_zones(content: Any) -> Any:
    """Tell the moments of an answer without their zones.

    Args:
        content: The answer.
    """
    match content:
        case dict():
            return {name: without_zones(value) for name, value in content.items()}
        case list():
            return [without_zones(value) for value in content]
        case str() if zoned := _ZONED.fullmatch(content):
            return zoned[1]
    return content
