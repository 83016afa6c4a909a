"""Rule O14: what was read, or was not there, is not remembered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from erpcore.connection import ErpConnection
from erpcore.models import Article, ArticleQuery, Customer, CustomerQuery, DocumentQuery, Ref
from erpcore.testing.bench import Bench, context, full_reference
from erpcore.testing.contract.base import Absent, Contract
from erpcore.testing.contract.makers import Maker, carried, make, maker
from erpcore.testing.contract.states import STATES, States
from erpcore.testing.samples import Samples

_FINDS = {"find_customers": "customer", "find_articles": "article", "find_orders": "order", "find_invoices": "invoice"}


@dataclass(frozen=True)
class Look:
    """Something that is looked for before it is there.

    Attributes:
        hook: The hook that looks.
        model: What it looks for.
        way: How that is made.
    """

    hook: str
    model: str
    way: Maker


class Freshness(States):
    """Rule O14."""

    @classmethod
    def cases(cls, rule: str) -> Iterator[tuple[str, Any]]:
        """Give the searches."""
        yield from super().cases(rule)
        if rule == "O14":
            for hook, model in _FINDS.items():
                if hook in cls.operations():
                    way = maker(cls, model)
                    yield hook, way if isinstance(way, Absent) else Look(hook, model, way)

    def test_O14_nothing_is_remembered(self, bench: Bench, case: Look, samples: Samples) -> None:
        """What was read, or was not there, is not remembered: neither by another connection nor after a change."""
        one, two = bench.erp("one"), bench.erp("two")
        find: Callable[..., Sequence[Any]] = getattr(one, case.hook)
        values, query = _sought(type(self), case)
        if query is not None:
            assert not list(find(query, context())), f"{query} is there already"
        number = make(two, case.way, samples, reference=full_reference("o14"), **values)
        if query is not None:
            numbers = [each.number for each in find(query, context())]
            assert numbers == [number], f"made meanwhile, and asked for again, {numbers} are found"
        by_number = type(query or DocumentQuery())(number=number)
        assert len(find(by_number, context())) == 1
        self._changed(bench, two, case, number)
        for erp in (one, bench.erp("three")):
            read = list(getattr(erp, case.hook)(by_number, context()))
            told = STATES.get(f"{case.model}.cancelled")
            if case.model in ("customer", "article"):
                texts = [each.name if case.model == "customer" else each.description for each in read]
                changes = ("update_customer" if case.model == "customer" else "sync_articles") in self.operations()
                assert not changes or texts == ["Ändrat av en annan"], f"after a change, {texts} are read"
            elif told is not None and f"{case.model}.cancelled" in self.states:
                assert [told.holds(each) for each in read] == [True], "an annulled document is read as it was before"

    def _changed(self, bench: Bench, erp: ErpConnection, case: Look, number: str) -> None:
        """Let somebody else change the record."""
        text = "Ändrat av en annan"
        if case.model == "customer" and erp.can("update_customer"):
            erp.update_customer(Ref(number=number), Customer(name=text), context())
        elif case.model == "article" and erp.can("sync_articles"):
            erp.sync_articles([Article(number=number, description=text)], context())
        elif act := self.states.get(f"{case.model}.cancelled"):
            act(bench, number)


def _sought(cls: type[Contract], case: Look) -> tuple[dict[str, Any], Any]:
    """Give values of the record, and a query by what is known before it is there; None where nothing is."""
    match case.model:
        case "customer" if carried(cls, "customer", "organisation_number"):
            return {"organisation_number": "556703-7501"}, CustomerQuery(organisation_number="556703-7501")
        case "customer":
            return {"name": "Ny Kund AB"}, CustomerQuery(name="Ny Kund AB")
        case "article" if carried(cls, "article", "number"):
            return {"number": "K-7010"}, ArticleQuery(number="K-7010")
        case "article":
            return {"description": "Ny vara"}, ArticleQuery(description="Ny vara")
        case _ if len(case.way) == 1 and carried(cls, case.model, "reference"):
            return {}, DocumentQuery(reference=full_reference("o14"))
    return {}, None
