"""Rules P05 to P07, and O17: what is sought is found on whichever page it is, read, worked with, and compared whole.

A search, and a write that looks something up first, often reads a list. One that stops after the first page finds
everything in a test company and not in a real one, so that orders are made twice and customers are missing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

from erpcore.connection import ErpConnection
from erpcore.errors import UnsupportedOperationError
from erpcore.fields import Field, FieldMap
from erpcore.models import ArticleQuery, ContactPerson, Customer, CustomerQuery, DocumentQuery, RecordRef, Ref
from erpcore.testing.bench import Bench, context
from erpcore.testing.contract.base import Absent, Contract
from erpcore.testing.contract.erp_calls import found, ref_of
from erpcore.testing.contract.makers import SEVERAL, Maker, make, maker, no_place, reads_rows
from erpcore.testing.samples import WRITES, Samples, entries

_SEARCHES: dict[str, tuple[str, tuple[str, ...]]] = {
    "find_customers": ("customer", ("number", "organisation_number", "name", "reference")),
    "find_articles": ("article", ("number", "description")),
    "find_orders": ("order", ("number", "reference")),
    "find_invoices": ("invoice", ("number", "reference")),
}
"""The hooks that search, what they find, and by what."""

_WHOLE = ("number", "name", "description")
"""What is compared as a whole; references and organisation numbers have rules of their own."""

_TARGETS = {
    "update_customer": "customer",
    "create_contact_person": "customer",
    "create_order": "customer",
    "create_invoice": "customer",
    "convert_to_invoice": "order",
}
"""Writes about a record that is there, which the plugin may have to look up before."""

_DOCUMENTS: dict[str, tuple[Maker, str]] = {
    "create_order": (("create_order",), "find_orders"),
    "create_invoice": (("create_invoice",), "find_invoices"),
    "convert_to_invoice": (("create_order", "convert_to_invoice"), "find_invoices"),
}
"""How documents with rows are made, and the hook that reads them."""

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""The same in capitals, by its definition (RFC 9562)."""
_NAME = "Sida AB"
# Swedish numbers with right check digits and the same six digits at the start, which a system may search for.
_ORGANISATIONS = tuple(f"556703-7{digits}" for digits in ("006", "105", "204", "303", "402", "501", "600"))


@dataclass(frozen=True)
class Search:
    """A search for one of several records.

    Attributes:
        hook: The hook.
        by: The member of its query.
        way: How the records are made.
    """

    hook: str
    by: str
    way: Maker


@dataclass(frozen=True)
class ManyRows:
    """A document of many rows.

    Attributes:
        way: How it is made.
        reader: The hook that reads it.
    """

    way: Maker
    reader: str


@dataclass(frozen=True)
class Work:
    """A write about one of several records.

    Attributes:
        operation: The write.
        way: How the records are made.
    """

    operation: str
    way: Maker


class Searching(Contract):
    """The rules. `Contract.paging` makes pages small, so that seven records take several."""

    @classmethod
    def cases(cls, rule: str) -> Iterator[tuple[str, Any]]:
        """Give the searches, the documents with rows, and the writes about something that is there."""
        yield from super().cases(rule)
        can = cls.operations()
        if rule == "P05":
            for hook, (model, keys) in _SEARCHES.items():
                if hook in can:
                    yield from ((f"{hook}-{by}", _search(cls, hook, model, by)) for by in keys)
        if rule == "O17":
            for hook, (model, keys) in _SEARCHES.items():
                if hook in can:
                    yield from ((f"{hook}-{by}", _search(cls, hook, model, by)) for by in keys if by in _WHOLE)
        if rule == "P06":
            yield from ((operation, _many_rows(cls, operation)) for operation in _DOCUMENTS if operation in can)
        if rule == "P07":
            yield from ((operation, _work(cls, operation)) for operation in _TARGETS if operation in can)

    def test_P05_a_search_finds_what_is_beyond_the_first_page(
        self, bench: Bench, case: Search, samples: Samples
    ) -> None:
        """Of many records that are much alike, each is found by its key on whichever page it is, and no other one."""
        erp = bench.erp(**self.paging)
        # The one that is part of all others comes last: a search that looks at the first hits does not see it.
        keys = [_key(case, number) for number in reversed(range(SEVERAL))]
        made = [make(erp, case.way, samples, **_made_with(case, key, at)) for at, key in enumerate(keys)]
        for number, key in zip(made, keys, strict=True):
            query = {case.by: number if key is None else key}
            if case.hook == "find_customers" and case.by == "reference":
                # How a customer without organisation number is looked up. By the key alone not every system can search.
                assert _numbers(erp, case.hook, {**query, "name": _NAME}) == [number], f"{query} with the name"
                assert _alone(erp, query) in ([number], None), query
            else:
                assert _numbers(erp, case.hook, query) == [number], query

    def test_P06_rows_beyond_the_first_page_come(self, bench: Bench, case: ManyRows, samples: Samples) -> None:
        """A document of many rows is read back with each of them, in their order."""
        erp = bench.erp(**self.paging)
        row = samples.base(f"{WRITES[case.way[0]]}_row")
        # Neither rising nor falling, and two that are equal: rows are not sorted, and not put together.
        texts = [f"Rad {number}" for number in (4, 1, 6, 1, 3, 7, 2)]
        number = make(erp, case.way, samples, rows=[{**row, "description": text} for text in texts])
        read = found(erp, "create_order" if case.reader == "find_orders" else "create_invoice", number)
        assert [row.description for row in read.rows or ()] == texts

    def test_O17_a_part_of_a_key_finds_nothing(self, bench: Bench, case: Search, samples: Samples) -> None:
        """A number, a name or a text is found when it is the whole of it, in its own letters, and not by a part."""
        erp = bench.erp()
        key = {"name": "Sidan Om AB", "description": "Sidan om"}.get(case.by)
        values: dict[str, Any] = {} if key is None else {case.by: key}
        if case.by == "number" and _gives_number(self.plugin_class.field_maps, case):
            key = values["number"] = str(samples.value(_SEARCHES[case.hook][0], "number"))
        if case.hook == "find_articles":
            values = {"number": str(samples.value("article", "number")), "price": Decimal(7), **values}
        number = make(erp, case.way, samples, **values)
        while key is None and len(number) == 1:  # of which nothing is a part
            number = make(erp, case.way, samples, **values)
        key = number if key is None else key
        assert _numbers(erp, case.hook, {case.by: key}) == [number]
        # Another's number may differ from ours by capitals or a zero, and be as good a number.
        alike = set() if _UUID.fullmatch(key) else {key.swapcase()}
        alike |= {f"0{key}"} if case.by == "number" else set()
        for other in ({key[:-1].strip(), key[1:].strip()} | alike) - {"", key}:
            assert number not in _numbers(erp, case.hook, {case.by: other}), f"{key} is found by {other}"

    def test_P07_what_is_beyond_the_first_page_is_worked_with(self, bench: Bench, case: Work, samples: Samples) -> None:
        """A customer or an order on whichever page is changed, invoiced or given a document as the first one is."""
        erp = bench.erp(**self.paging)
        first, *others, last = [make(erp, case.way, samples) for _ in range(SEVERAL)]
        # An order that is invoiced may leave its list: one of the first two is on the last page, however it is sorted.
        for number in (last, first, *others):
            _carry_out(erp, case.operation, number, samples)


def _search(cls: type[Contract], hook: str, model: str, by: str) -> Search | Absent:
    way = maker(cls, model)
    if isinstance(way, Absent):
        return way
    field = "external_reference" if (model, by) == ("customer", "reference") else by
    return no_place(cls, model, field) or Search(hook, by, way)


def _many_rows(cls: type[Contract], operation: str) -> ManyRows | Absent:
    way, reader = _DOCUMENTS[operation]
    if lacking := sorted({*way, reader} - set(cls.operations())):
        return Absent(f"the plugin does not implement {', '.join(lacking)}")
    if not reads_rows(cls, "order" if reader == "find_orders" else "invoice"):
        return Absent(f"the texts of rows are not shown by {reader}")
    return ManyRows(way, reader)


def _work(cls: type[Contract], operation: str) -> Work | Absent:
    way = maker(cls, _TARGETS[operation])
    return way if isinstance(way, Absent) else Work(operation, way)


def _gives_number(field_maps: Mapping[str, FieldMap[Any]], case: Search) -> bool:
    """Whether a new record takes the number that it is sent with."""
    model = _SEARCHES[case.hook][0]
    return any(
        path == "number" and isinstance(entry, Field) and entry.direction == "both"
        for path, _, entry in entries(field_maps, model)
    )


def _key(case: Search, number: int) -> str | None:
    """Give what a record is searched by, much alike for all; None for the number that the system gives."""
    keys = {
        "organisation_number": _ORGANISATIONS[number],
        "name": f"Sida{' sida' * number} AB",
        "description": f"Sida{' a' * number}",  # short: where names are cut, long ones would be one
        "reference": f"sida-{'1' * (number + 1)}",
    }
    return keys.get(case.by)


def _made_with(case: Search, key: str | None, number: int) -> dict[str, Any]:
    values: dict[str, Any] = {} if key is None else {case.by: key}
    if case.hook == "find_articles":
        values |= {"number": f"SIDA-{number}", "price": Decimal(number + 1)}
    if case.hook == "find_customers" and case.by == "reference":
        values |= {"name": _NAME}
    return values


def _numbers(erp: ErpConnection, hook: str, query: dict[str, str]) -> list[str | None]:
    readers: dict[str, Callable[[], Sequence[Any]]] = {
        "find_customers": lambda: erp.find_customers(CustomerQuery.model_validate(query), context()),
        "find_articles": lambda: erp.find_articles(ArticleQuery.model_validate(query), context()),
        "find_orders": lambda: erp.find_orders(DocumentQuery.model_validate(query), context()),
        "find_invoices": lambda: erp.find_invoices(DocumentQuery.model_validate(query), context()),
    }
    return [record.number for record in readers[hook]()]


def _alone(erp: ErpConnection, query: dict[str, str]) -> list[str | None] | None:
    """The customers of a key alone; None where the plugin says that the system cannot search so."""
    try:
        return _numbers(erp, "find_customers", query)
    except UnsupportedOperationError:
        return None


def _carry_out(erp: ErpConnection, operation: str, number: str, samples: Samples) -> None:
    match operation:
        case "update_customer":
            erp.update_customer(Ref(number=number), Customer(name=f"Ändrad {number} AB"), context())
            if erp.can("find_customers"):
                assert found(erp, "create_customer", number).name == f"Ändrad {number} AB"
        case "create_contact_person":
            person = cast(ContactPerson, samples.record("contact_person"))
            assert erp.create_contact_person(Ref(number=number), person, context()).number.strip()
        case "convert_to_invoice":
            ref = erp.convert_to_invoice(Ref(number=number), context())
            if erp.can("find_orders"):
                assert [each.number for each in found(erp, "create_order", number).invoices] == [ref.number]
        case _:
            document: RecordRef = ref_of(
                erp, operation, samples.record(WRITES[operation], customer_number=number), samples
            )
            reader = {"create_order": "find_orders", "create_invoice": "find_invoices"}[operation]
            if erp.can(reader):
                assert found(erp, operation, document.number).customer_number == number
