"""Rule O22: what is no longer used is found all the same, and shown as what it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, cast

from erpcore.connection import ErpConnection
from erpcore.fields import Field
from erpcore.models import Article, ArticleQuery, Customer, CustomerQuery, Page
from erpcore.testing.bench import Bench, context
from erpcore.testing.contract.base import Contract
from erpcore.testing.contract.erp_calls import send
from erpcore.testing.samples import Samples, entries

_WAYS = {
    "find_customers": ("customer", ("create_customer", "update_customer")),
    "find_articles": ("article", ("sync_articles",)),
}
"""Which record is searched for, and the hooks that make it inactive."""
_NAME, _NUMBER = "Vilande Kund AB", "556703-7485"


class Inactive(Contract):
    """Rule O22."""

    @classmethod
    def cases(cls, rule: str) -> Iterator[tuple[str, Any]]:
        """Give the searches whose records can be made inactive."""
        yield from super().cases(rule)
        if rule == "O22":
            for search, (model, writes) in _WAYS.items():
                if {search, *writes} <= {*cls.operations()} and _is_carried(cls, model):
                    yield search, search

    def test_O22_what_is_inactive_is_found_and_shown_so(self, bench: Bench, case: str, samples: Samples) -> None:
        """An inactive customer or article is found like any other, comes in lists, and is shown as inactive."""
        erp = bench.erp(**self.paging)
        looks, switch = (_customer if case == "find_customers" else _article)(erp, samples)
        for active in (False, True):
            switch(active)
            for how, look in looks.items():
                shown = look()
                assert len(shown) == 1, f"{how}, {len(shown)} are found that were made active = {active}"
                may_hide = how == "in the list"  # lists may show less of each record
                assert shown[0] is active or (may_hide and shown[0] is None), f"{how}, active is shown as {shown[0]}"


_Looks = dict[str, Callable[[], list[bool | None]]]
_Switch = Callable[[bool], object]


def _customer(erp: ErpConnection, samples: Samples) -> tuple[_Looks, _Switch]:
    record = samples.record("customer", name=_NAME, organisation_number=_NUMBER)
    number = send(erp, "create_customer", record, samples)

    def by(**query: str) -> list[bool | None]:
        return [each.active for each in erp.find_customers(CustomerQuery(**query), context())]

    looks: _Looks = {
        "by its number": lambda: by(number=number),
        "by its organisation number": lambda: by(organisation_number=_NUMBER),
        "by its name": lambda: by(name=_NAME),
    }
    if erp.can("fetch_customers"):
        looks["in the list"] = lambda: _listed(number, lambda cursor: erp.fetch_customers(cursor, context()))
    ref = samples.customer(number)
    return looks, lambda active: erp.update_customer(ref, Customer(active=active), context())


def _article(erp: ErpConnection, samples: Samples) -> tuple[_Looks, _Switch]:
    text = "Utgången vara"
    record = cast(Article, samples.record("article", description=text, number="K-7022"))
    number = send(erp, "sync_articles", record, samples)

    def by(**query: str) -> list[bool | None]:
        return [each.active for each in erp.find_articles(ArticleQuery(**query), context())]

    looks: _Looks = {"by its number": lambda: by(number=number), "by its text": lambda: by(description=text)}
    if erp.can("fetch_articles"):
        looks["in the list"] = lambda: _listed(number, lambda cursor: erp.fetch_articles(None, cursor, context()))
    return looks, lambda active: erp.sync_articles([Article(number=number, active=active)], context())


def _listed(number: str, page: Callable[[str | None], Page[Any]]) -> list[bool | None]:
    found: list[bool | None] = []
    cursor: str | None = None
    while True:
        read = page(cursor)
        found += [each.active for each in _of(read.items, number)]
        cursor = read.next_cursor
        if cursor is None:
            return found


def _of(records: Sequence[Any], number: str) -> list[Any]:
    return [each for each in records if each.number == number]


def _is_carried(cls: type[Contract], model: str) -> bool:
    return any(
        path == "active" and isinstance(entry, Field) and entry.direction == "both"
        for path, _, entry in entries(cls.plugin_class.field_maps, model)
    )
