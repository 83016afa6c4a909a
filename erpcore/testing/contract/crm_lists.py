"""Rules S21, S22, P09, P10, P12, O14 and O33 for CRMs: lists, persons, and what reading costs and remembers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from erpcore.connection import CrmConnection
from erpcore.errors import ErpcoreError, NotFoundError, PluginContractError
from erpcore.models import Article, Company, CrmOrder, Page, Person, WriteBack
from erpcore.testing.bench import Bench, attempt, context
from erpcore.testing.contract.base import needs
from erpcore.testing.contract.crm_base import (
    READS,
    CrmBase,
    WrittenKind,
    all_companies,
    all_events,
    article_pages,
    key_of,
    read_held,
)
from erpcore.testing.contract.crm_fields import is_read, writable
from erpcore.testing.contract.reading import one_spoiled
from erpcore.testing.samples import Samples

_SEVERAL = 7
_MANY = 250
"""How many more records there are when what reading costs is counted a second time."""
_MOST_PAGES = 60
_HOUR = 3_601.0
_SHORTEST = 2
_BY_KEY = ("fetch_deal", "fetch_customer", "fetch_order")
_ECHOES: dict[str, tuple[WrittenKind, str, str]] = {
    "fetch_deal": ("deal", "erp_id", "erp_id"),
    "fetch_customer": ("company", "erp_id", "erp_number"),
    "fetch_order": ("order", "order_number", "order_number"),
}
"""What is told about a record, and the field of the record that shows it."""


class CrmLists(CrmBase):
    """The rules."""

    @classmethod
    def cases(cls, rule: str) -> Iterator[tuple[str, Any]]:
        """Give the hooks that list, and those that read by a key."""
        yield from super().cases(rule)
        can = cls.operations()
        if rule == "P16":
            changes = {"fetch_companies": "write_back", "fetch_articles": "store_article"}
            yield from ((name, name) for name, write in changes.items() if {name, write} <= {*can})
        if rule in ("P09", "P10"):
            lists: tuple[str, ...] = ("fetch_companies", "fetch_articles")
            lists += ("fetch_events",) if rule == "P09" else ("fetch_persons", "fetch_order")
            yield from ((name, name) for name in lists if name in can)
        if rule in ("P12", "O33"):
            yield from ((name, name) for name in _BY_KEY if name in can)
        if rule == "O14" and "write_back" in can:
            yield from ((name, name) for name in _BY_KEY if name in can)

    @needs("fetch_companies")
    def test_S21_every_company_comes_once_to_the_end(self, bench: Bench) -> None:
        """Companies come in pages, each once to the end, and each as it is read alone."""
        crm = bench.crm(**self.paging)
        listed = [company for page in all_companies(crm) for company in page.items]
        assert len({company.id for company in listed}) == len(listed), "a company came twice"
        shown = {company.id: company for company in listed}
        for held in self.held_of(Company):
            assert held.id in shown, f"the company {held.id} did not come"
            assert shown[held.id] == crm.fetch_customer(held.id, context()), "in the list it is another than alone"
        self.fill(bench, _MANY)
        many = [company.id for page in all_companies(bench.crm()) for company in page.items]
        assert len(set(many)) == len(many), f"of {_MANY} companies more, some came twice"
        assert len(many) == len(listed) + _MANY, f"of {_MANY} companies more, {len(many) - len(listed)} came"

    @needs("fetch_persons", data=["persons"])
    def test_S22_the_persons_of_a_company_are_read(self, bench: Bench) -> None:
        """The persons who work at a company are read, bare ones too, and nobody else; those of an unknown one are not
        found."""
        crm = bench.crm()
        everybody = [person for held in self.persons.values() for person in held]
        assert everybody, "state a Person in `persons`"
        for name in (name for name in Person.model_fields if name not in ("id", "name")):
            values = [getattr(person, name) for person in everybody if person.shown(name)]
            both = not values or (None in values and any(values))
            assert both, f"state a person with {name} in `persons`, and one without"
        for company, held in self.persons.items():
            assert sorted(crm.fetch_persons(company, context()), key=str) == sorted(held, key=str)
        key = self.first_key("fetch_customer")
        with pytest.raises(NotFoundError):
            crm.fetch_persons(key[:-3] + ("404" if key[-3:] != "404" else "405"), context())

    def test_P09_each_page_may_be_read_by_another_process(self, bench: Bench, case: str, samples: Samples) -> None:
        """Each page is read by a connection of its own, and each record comes exactly once, equal ones too."""
        wanted: list[str] = []
        cursor: str | None = None
        if case == "fetch_events":
            cursor = all_events(bench.crm(**self.paging), None)[1]
            self.make_events(bench, _SEVERAL)
        else:
            wanted = [key_of(each) for each in self.held_of(Company if case == "fetch_companies" else Article)]
        keys: list[str] = []
        for _ in range(_MOST_PAGES):
            crm = bench.crm(**self.paging)
            if case == "fetch_events":
                page = crm.fetch_events(cursor, context())
                keys += [event.key for event in page.events]
                if crm.can("acknowledge_events"):
                    bench.crm(**self.paging).acknowledge_events(page, context())
                cursor = page.next_cursor if page.next_cursor is not None else cursor
                ended = not page.more
            else:
                listed = _page(crm, case, cursor)
                keys += [key_of(each) for each in listed.items]
                cursor = listed.next_cursor
                ended = cursor is None
            if ended:
                break
        assert ended, "the list does not come to an end"
        assert len(keys) == len(set(keys)), "something came twice"
        missing = [key for key in wanted if key not in keys]
        assert not missing, f"{missing} did not come"
        assert case != "fetch_events" or len(keys) >= _SEVERAL, f"of {_SEVERAL} events {len(keys)} came"

    def test_P10_a_record_that_cannot_be_read_is_told(self, bench: Bench, case: str, samples: Samples) -> None:
        """One record of an answer in a form that is not known is an error: the others alone would be a wrong answer."""
        act = self.ready(bench.crm(), case, samples)
        whole = _many(act())
        altered: list[bool] = []
        bench.tap.alter = lambda content: one_spoiled(content, altered)
        result: list[int] = []
        error = attempt(lambda: result.append(_many(act())), ErpcoreError)
        if any(altered):
            assert not isinstance(error, PluginContractError), str(error)
            assert error is not None or result == [whole], f"of {whole} records, {result} came, and nobody was told"

    def test_P12_reading_costs_what_is_read(self, bench: Bench, case: str, samples: Samples) -> None:
        """A look-up, and a poll for changes, costs no more requests when the system holds many more records."""
        costs = []
        for more in (0, _MANY):
            if more:
                self.fill(bench, more)
            costs.append(len(bench.said(self.ready(bench.crm(), case, samples))))
        assert costs[1] <= costs[0] + 1, f"with {_MANY} more records it costs {costs[1]} requests, not {costs[0]}"

    def test_O14_nothing_is_remembered(self, bench: Bench, case: str, samples: Samples) -> None:
        """What was read, or was not there, is not remembered: neither by another connection nor after a change."""
        kind, told, shown = _ECHOES[case]
        key = self.first_key(case)
        one, two = bench.crm("one"), bench.crm("two")
        maps = one.plugin.field_maps
        reads = any(entry.name == shown and is_read(entry) for entry in maps[READS[case][0]].entries)
        tells = reads and told in writable(maps.get(f"{kind}_write_back"))
        for number in ("7001", "7002"):
            read = read_held(one, case, key)
            if not tells:
                assert read == read_held(two, case, key)
                continue
            values = WriteBack.model_validate({"record_kind": kind, "record_id": key, told: number})
            assert two.write_back(values, context())
            seen = [getattr(read_held(crm, case, key), shown) for crm in (one, two, bench.crm("three"))]
            assert seen == [number] * 3, f"{number} was told, and {seen} are read"

    def test_P16_a_change_between_two_pages_loses_nothing(self, bench: Bench, case: str, samples: Samples) -> None:
        """A record that changes while pages are read makes no other one go missing."""
        crm, other = bench.crm(**self.paging), bench.crm("other")
        if case == "fetch_articles":
            for number in range(_SEVERAL):
                crm.store_article(_article(samples, f"SIDA-{number}", "Artikel"), context())
        else:
            self.fill(bench, _SEVERAL)
        wanted = {key_of(each) for page in self._listed(crm, case) for each in page.items}
        came: set[str] = set()
        changed = ""
        for page in self._listed(crm, case):
            came |= {key_of(each) for each in page.items}
            if not changed and page.next_cursor is not None:
                changed = max(came)
                if case == "fetch_articles":
                    other.store_article(_article(samples, changed, "Ändrad"), context())
                else:
                    other.write_back(WriteBack(record_kind="company", record_id=changed, erp_id="4711"), context())
        assert not wanted - came, f"{changed} was changed between two pages, and {wanted - came} did not come"

    @staticmethod
    def _listed(crm: CrmConnection, case: str) -> Iterator[Page[Any]]:
        return all_companies(crm) if case == "fetch_companies" else article_pages(crm, None)

    def test_O33_an_hour_later_it_asks_again(self, bench: Bench, case: str, samples: Samples) -> None:
        """What was looked up is not kept for longer than an hour: then a connection asks what a new one would ask."""
        old, key = bench.crm("old"), self.first_key(case)
        names = [text for text in _names_in(read_held(old, case, key)) if len(text) > _SHORTEST]
        bench.advance(_HOUR)
        bench.tap.alter = lambda content: _renamed(content, names)
        known, asked = (read_held(each, case, key) for each in (old, bench.crm("new")))
        assert known == asked, f"a new connection reads {asked}, and one of an hour ago knows {known}"


def _article(samples: Samples, number: str, text: str) -> Article:
    return Article(**{**samples.base("article"), "number": number, "description": text})


def _names_in(record: Any) -> list[str]:
    """Give the names of what a record names: persons, coworkers."""
    inner = [getattr(record, name) for name in record.model_fields_set]
    return [str(each.name) for each in inner if getattr(each, "name", None)]


def _renamed(content: Any, names: list[str]) -> Any:
    """Give an answer in which somebody has got another name."""
    match content:
        case dict():
            return {name: _renamed(value, names) for name, value in content.items()}
        case list():
            return [_renamed(value, names) for value in content]
        case str() if len(content) > _SHORTEST and any(content in name.split() or content == name for name in names):
            return f"{content}sen"
    return content


def _page(crm: Any, case: str, cursor: str | None) -> Page[Any]:
    fetch: Callable[..., Page[Any]] = getattr(crm, case)
    return fetch(*((None,) if case == "fetch_articles" else ()), cursor, context())


def _many(answer: Any) -> int:
    if isinstance(answer, CrmOrder):
        return len(answer.rows or ())
    return len(answer.items if isinstance(answer, Page) else answer)
