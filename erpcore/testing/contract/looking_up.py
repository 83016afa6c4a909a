"""Rules O31 to O33: what is named by a key is that record, and what was looked up once is looked up again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from erpcore.connection import ErpConnection
from erpcore.errors import ErpcoreError
from erpcore.fields import Field
from erpcore.models import ContactPerson, Customer, Ref
from erpcore.testing.bench import Bench, attempt, context, full_reference
from erpcore.testing.contract.acting import ErpActing
from erpcore.testing.contract.base import Absent
from erpcore.testing.contract.erp_calls import CREATES, found, ref_of, send
from erpcore.testing.contract.makers import carried, maker
from erpcore.testing.samples import WRITES, Samples, entries, shown
from erpcore.testing.tap import Sent

_NOBODY = "404404"
_NAMED = {
    "update_customer": "customer",
    "create_contact_person": "customer",
    "update_contact_person": "customer",
    "find_contact_persons": "customer",
    "convert_to_invoice": "order",
}
"""The operations that are told a record, and which."""
_NAMES = re.compile(r"[^/ ]*\d[^/ ]*")
"""What names a record in an address."""
_HOUR = 3600.0
"""Seconds after which nothing that was looked up is known any more."""


class LookingUp(ErpActing):
    """The rules."""

    @classmethod
    def cases(cls, rule: str) -> Iterator[tuple[str, Any]]:
        """Give the operations that name a record, that name an article, and all that ask the system."""
        yield from super().cases(rule)
        can = set(cls.operations())
        if rule == "O31":
            for name, model in _NAMED.items():
                if name in can:
                    yield name, _keyed(cls, name, model)
        if rule == "O32":
            for name in ("create_order", "create_invoice"):
                if name in can:
                    yield name, _naming(cls, name)
        if rule == "O33":
            yield from ((name, name) for name in (*cls.reads(), *cls.writes()))

    def test_O31_a_key_outlives_the_number(self, bench: Bench, case: str, samples: Samples) -> None:
        """Where a key is told, its record is meant, also when the number beside it is nobody's or another one's now."""
        for taken in (False, True):
            bench.reset()
            erp = bench.erp()
            own, other = (_made(erp, _NAMED[case], samples, name) for name in ("Kund Nyckel AB", "Kund Nummer AB"))
            stale = Ref(number=other.number if taken else _NOBODY, key=own.key)
            told = f"told the key of {own.number} beside the number {stale.number}"
            match case:
                case "update_customer":
                    erp.update_customer(stale, Customer(name="Ändrad AB"), context())
                    names = [found(erp, "create_customer", each.number).name for each in (own, other)]
                    assert names == ["Ändrad AB", "Kund Nummer AB"], f"{told}, another customer is changed"
                case "convert_to_invoice":
                    erp.convert_to_invoice(stale, context())
                    invoiced = [bool(found(erp, "create_order", each.number).invoices) for each in (own, other)]
                    assert invoiced == [True, False], f"{told}, another order is invoiced"
                case _:
                    self._persons(erp, case, stale, own, told)

    @staticmethod
    def _persons(erp: ErpConnection, case: str, stale: Ref, own: Ref, told: str) -> None:
        """The operations on the persons of a customer."""
        person = ContactPerson(first_name="Kim", last_name="Nyckel")
        ref = erp.create_contact_person(stale if case == "create_contact_person" else own, person, context())
        if case == "update_contact_person":
            erp.update_contact_person(stale, ref, ContactPerson(last_name="Ändrad"), context())
        if not erp.can("find_contact_persons"):
            return
        held = erp.find_contact_persons(stale if case == "find_contact_persons" else own, context())
        wanted = "Ändrad" if case == "update_contact_person" else "Nyckel"
        assert [each.last_name for each in held] == [wanted], f"{told}, the persons are {list(held)}"

    def test_O32_what_a_document_names_is_looked_up(self, bench: Bench, case: str, samples: Samples) -> None:
        """An article that a document names is looked up each time: it may be new, or another one by now."""
        erp, model = bench.erp(), WRITES[case]
        new = samples.with_values(model, {"rows.article_number": "K-7034"})
        attempt(lambda: send(erp, case, new, samples), ErpcoreError)  # there is none yet
        _article(bench.erp("two"), samples, "K-7034")
        self._names(bench, erp, case, new, samples, "was made meanwhile")
        back = bench.kept_now()
        named = samples.with_values(model, {"rows.article_number": "K-7035"})
        for numbers in (("K-7035",), ("K-7036", "K-7035")):
            back()
            for number in numbers:
                _article(bench.erp("two"), samples, number)
            self._names(bench, erp, case, named, samples, "is another one by now")

    @staticmethod
    def _names(bench: Bench, erp: ErpConnection, case: str, document: Any, samples: Samples, why: str) -> None:
        wanted = shown(document, "rows.article_number")[1]
        made: list[str] = []
        error = attempt(lambda: made.append(send(erp, case, document, samples)), ErpcoreError)
        assert error is None, f"the article {wanted} {why}, and the document is refused: {error}"
        read = shown(found(bench.erp("three"), case, made[0]), "rows.article_number")[1]
        assert read == wanted, f"the article {wanted} {why}, and the row's article is {read}"

    def test_O33_an_hour_later_it_asks_again(self, bench: Bench, case: str, samples: Samples) -> None:
        """What was looked up is not kept for longer than an hour: then a connection asks what a new one would ask."""
        old = bench.erp("old")
        for read in self.reads()[:1]:  # signed in before
            attempt(self.ready(old, read, samples), ErpcoreError)
        back = bench.kept_now()
        attempt(self.ready(old, case, samples), ErpcoreError)
        bench.advance(_HOUR)
        asked: list[set[str]] = []
        for name in ("old", "new"):
            back()
            act = self.ready(old if name == "old" else bench.erp("new"), case, samples)
            sent: list[Sent] = bench.said(lambda act=act: attempt(act, ErpcoreError))  # type: ignore[misc] # mypy cannot infer a lambda's defaults
            asked.append({_NAMES.sub("#", each.what) for each in sent})
        left_out = sorted(asked[1] - asked[0])
        assert not left_out, f"a new connection asks for {', '.join(left_out)}, and one of an hour ago knows it still"


def _keyed(cls: type[ErpActing], operation: str, model: str) -> str | Absent:
    way = maker(cls, model)
    if isinstance(way, Absent):
        return way
    if CREATES[way[0]] not in cls.operations():
        return Absent(f"the plugin does not implement {CREATES[way[0]]}")
    if model == "customer" and operation.endswith("person") and "create_contact_person" not in cls.operations():
        return Absent("the plugin does not implement create_contact_person")
    reads = any(
        path == "key" and isinstance(entry, Field) and entry.direction != "write"
        for path, _, entry in entries(cls.plugin_class.field_maps, model)
    )
    return operation if reads else Absent(f"{model}.key is not read: the system knows it by its number alone")


def _naming(cls: type[ErpActing], operation: str) -> str | Absent:
    if CREATES[operation] not in cls.operations():
        return Absent(f"the plugin does not implement {CREATES[operation]}")
    way = maker(cls, "article")
    if isinstance(way, Absent):
        return way
    if not carried(cls, "article", "number"):
        return Absent("the system alone numbers articles")
    if not carried(cls, WRITES[operation], "rows.article_number"):
        return Absent("the article of a row is not read back")
    return operation


def _made(erp: ErpConnection, model: str, samples: Samples, name: str) -> Ref:
    if model == "customer":
        made = ref_of(erp, "create_customer", samples.record("customer", name=name), samples)
        return Ref(number=made.number, key=made.key or found(erp, "create_customer", made.number).key)
    made = ref_of(erp, "create_order", samples.record("order"), samples, full_reference(f"o31-{name}"))
    return Ref(number=made.number, key=made.key or found(erp, "create_order", made.number).key)


def _article(erp: ErpConnection, samples: Samples, number: str) -> None:
    price = samples.value("article", "price")
    operation = "create_article" if erp.can("create_article") else "sync_articles"
    send(erp, operation, samples.record("article", number=number, price=price), samples)
