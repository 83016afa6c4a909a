"""Rules P: lists, page by page and by the time of change."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from erpcore.connection import ErpConnection
from erpcore.models import Article, Customer, Page, Ref
from erpcore.testing.bench import Bench, context
from erpcore.testing.contract.base import Absent, Contract
from erpcore.testing.contract.erp_calls import CREATES, found, send
from erpcore.testing.contract.makers import SEVERAL, Maker, make, maker
from erpcore.testing.samples import Samples

LISTS = {"fetch_articles": "article", "fetch_invoices": "invoice", "fetch_customers": "customer"}
"""The hooks that list, and what is in their lists."""
WHOLE = frozenset({"fetch_customers"})
"""Lists that are not asked for what has changed."""
_MOST_PAGES = 40
_KNOWN_BY = ("key", "number", "name", "organisation_number", "description", "total", "customer_number")
"""What a record of a list is matched by, and told with."""


@dataclass(frozen=True)
class Listing:
    """A list.

    Attributes:
        hook: The hook that reads it.
        model: What is in it.
        way: How that is made.
    """

    hook: str
    model: str
    way: Maker


class Paging(Contract):
    """Rules P01 to P04, P08, P16 and P17. `Contract.paging` makes pages small, so that seven records take several."""

    @classmethod
    def cases(cls, rule: str) -> Iterator[tuple[str, Any]]:
        """Give the lists that the plugin has."""
        yield from super().cases(rule)
        if rule == "P16":
            for hook, write in (("fetch_customers", "update_customer"), ("fetch_articles", "sync_articles")):
                if hook in cls.operations():
                    yield hook, _changing(cls, hook, LISTS[hook], write)
        if rule in ("P01", "P02", "P03", "P04", "P08", "P17"):
            can = cls.operations()
            for hook, model in LISTS.items():
                if hook in can and (rule in ("P01", "P08") or hook not in WHOLE):
                    late = Absent("what is new is listed at once") if rule == "P17" and not cls.search_lag else None
                    yield hook, late or (_read_alone(cls, model) if rule == "P08" else listing(cls, hook, model))

    def test_P01_every_record_comes_once_to_the_end(self, bench: Bench, case: Listing, samples: Samples) -> None:
        """Following the cursor gives every record exactly once, in pages, and comes to an end."""
        erp = bench.erp(**self.paging)
        made = [_make(erp, case, samples, number) for number in range(SEVERAL)]
        pages = list(_pages(erp, case, None))
        assert len(pages) > 1, "seven records came on one page: state settings for small pages in `paging`"
        numbers = [str(item.number) for page in pages for item in page.items]
        assert len(numbers) == len(set(numbers)), "a record came twice"
        assert set(made) <= set(numbers), "a record did not come"

    def test_P02_nothing_changed_is_an_empty_page(self, bench: Bench, case: Listing, samples: Samples) -> None:
        """When nothing has changed since a moment, the list is empty and ends; it is no error."""
        erp = bench.erp(**self.paging)
        _make(erp, case, samples, 0)
        bench.advance(30 * 86_400)
        since = bench.now() - timedelta(days=1)
        items = [item for page in _pages(erp, case, since) for item in page.items]
        assert items == []

    def test_P03_what_changed_since_is_there_in_any_zone(self, bench: Bench, case: Listing, samples: Samples) -> None:
        """What changed at or after a moment comes, whichever zone the moment is told in; what is older does not."""
        erp = bench.erp(**self.paging)
        old = {_make(erp, case, samples, number) for number in range(SEVERAL)}  # more than a page of them
        bench.advance(30 * 86_400)
        new = [_make(erp, case, samples, number) for number in range(SEVERAL, 2 * SEVERAL)]
        moment = bench.now() - timedelta(hours=1)
        for zone in (UTC, timezone(timedelta(hours=-9)), timezone(timedelta(hours=11))):
            since = moment.astimezone(zone)
            numbers = {str(item.number) for page in _pages(erp, case, since) for item in page.items}
            assert set(new) <= numbers, f"a changed record is missing when asked in zone {zone}"
            assert not old & numbers, f"unchanged records came when asked in zone {zone}"

    def test_P04_the_newest_change_is_not_missed(self, bench: Bench, case: Listing, samples: Samples) -> None:
        """A record changed in the very second that is asked for comes: the plugin overlaps as the clocks demand."""
        erp = bench.erp(**self.paging)
        moment = bench.now()
        number = _make(erp, case, samples, 0)
        numbers = {str(item.number) for page in _pages(erp, case, moment) for item in page.items}
        assert number in numbers
        # In autumn an hour comes twice by the clocks of Europe: from midnight UTC, and again from one o'clock.
        twice = _autumn(bench.now())
        bench.advance((twice + timedelta(minutes=40) - bench.now()).total_seconds())
        erp = bench.erp(**self.paging)  # a person's consent does not last so long
        made = [_make(erp, case, samples, 1)]
        bench.advance(1800)
        made.append(_make(erp, case, samples, 2))
        asked = twice + timedelta(minutes=30)
        numbers = {str(item.number) for page in _pages(erp, case, asked) for item in page.items}
        missing = sorted(set(made) - numbers)
        assert not missing, f"in the hour that comes twice in autumn, changes are passed over: {missing}"

    def test_P08_a_list_shows_what_a_search_shows(self, bench: Bench, case: Listing, samples: Samples) -> None:
        """What a list shows of a record is what is read of it alone: a list's sum is no other sum."""
        erp = bench.erp(**self.paging)
        number = _make(erp, case, samples, 0, whole=True)
        (listed,) = [item for page in _pages(erp, case, None) for item in page.items if item.number == number]
        alone = found(erp, f"create_{case.model}", number)
        both = sorted(listed.model_fields_set & alone.model_fields_set)
        different = {name: (getattr(listed, name), getattr(alone, name)) for name in both}
        different = {name: pair for name, pair in different.items() if pair[0] != pair[1]}
        assert not different, f"in the list and alone: {different}"
        left = [name for name in _KNOWN_BY if alone.shown(name) and not listed.shown(name)]
        assert not left, f"the list leaves out what a record is known by: {', '.join(left)}"

    def test_P16_a_change_between_two_pages_loses_nothing(self, bench: Bench, case: Listing, samples: Samples) -> None:
        """A record that changes while pages are read makes no other one go missing."""
        erp = bench.erp(**self.paging)
        made = {_make(erp, case, samples, number) for number in range(SEVERAL)}
        came: set[str] = set()
        changed = ""
        for page in _pages(erp, case, None):
            came |= {str(item.number) for item in page.items}
            if not changed and page.next_cursor is not None and came & made:
                changed = min(came & made)
                _changed(bench, case, changed)
        assert not made - came, f"{changed} was changed between two pages, and {made - came} did not come"

    def test_P17_what_a_list_shows_late_is_not_missed(self, bench: Bench, case: Listing, samples: Samples) -> None:
        """What a list does not show at once comes in the next round, which asks from the beginning of the last one."""
        late = self.search_lag or 0.0
        erp = bench.erp(**self.paging)
        order = make(erp, case.way[:-1], samples) if len(case.way) > 1 else None
        bench.advance(2 * late + 60)  # what was there before is shown
        bench.lag(late)
        number = _make(erp, case, samples, 0) if order is None else send(erp, case.way[-1], order, samples)
        bench.advance(late / 2)
        asked = bench.now()
        rounds: list[set[str]] = []
        for since in (asked - timedelta(hours=1), asked):
            rounds.append({str(item.number) for page in _pages(erp, case, since) for item in page.items})
            bench.advance(late + 1)
        assert number in rounds[0] | rounds[1], (
            f"{number} was made just before a round began, was not listed yet, and the next round, from {asked} on, "
            f"passes it over: go back by the {late} s that a list may be late, and as long as clocks differ"
        )


def _changed(bench: Bench, case: Listing, number: str) -> None:
    """Let somebody change a record."""
    other = bench.erp("other")
    if case.model == "customer":
        other.update_customer(Ref(number=number), Customer(name="Ändrad AB"), context())
    else:
        other.sync_articles([Article(number=number, description="Ändrad")], context())


def _changing(cls: type[Contract], hook: str, model: str, write: str) -> Listing | Absent:
    """The list, when the plugin can change what is in it."""
    able = write in cls.operations()
    return listing(cls, hook, model) if able else Absent(f"the plugin does not implement {write}")


def _autumn(now: datetime) -> datetime:
    """Give the next midnight, in UTC, at which the clocks of Europe are about to be put back."""
    for year in (now.year, now.year + 1):
        last = datetime(year, 10, 31, tzinfo=UTC)
        sunday = last - timedelta(days=(last.weekday() + 1) % 7)
        if sunday > now:
            return sunday
    raise AssertionError("there is an autumn in each year")


def _read_alone(cls: type[Contract], model: str) -> Listing | Absent:
    """The list, when its records can be read one by one too."""
    found, finder = listing(cls, f"fetch_{model}s", model), CREATES[f"create_{model}"]
    if finder not in cls.operations():
        return found if isinstance(found, Absent) else Absent(f"the plugin does not implement {finder}")
    return found


def listing(cls: type[Contract], hook: str, model: str) -> Listing | Absent:
    """Give a list, and how what is in it is made.

    Args:
        cls: The author's contract.
        hook: The hook that lists.
        model: What is in the list.
    """
    way = maker(cls, model)
    return way if isinstance(way, Absent) else Listing(hook, model, way)


def _make(erp: ErpConnection, case: Listing, samples: Samples, number: int, *, whole: bool = False) -> str:
    if case.model == "article":
        return make(erp, case.way, samples, number=f"SIDA-{number}", price=Decimal(number + 1))
    if case.model == "customer":
        known = {"organisation_number": samples.value("customer", "organisation_number")} if whole else {}
        return make(erp, case.way, samples, name=f"Sida {number} AB", **known)
    return make(erp, case.way, samples)


def _pages(erp: ErpConnection, case: Listing, since: datetime | None) -> Iterator[Page[Any]]:
    fetch: Callable[..., Page[Any]] = getattr(erp, case.hook)
    asked = () if case.hook in WHOLE else (since,)
    cursor: str | None = None
    for _ in range(_MOST_PAGES):
        page = fetch(*asked, cursor, context())
        yield page
        if page.next_cursor is None:
            return
        assert page.next_cursor != cursor, "the cursor does not move"
        cursor = page.next_cursor
    raise AssertionError(f"the list has not come to an end after {_MOST_PAGES} pages")
