"""Rules T: what a person does to a document in the system is read back as the state that it is, alone and in lists."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from erpcore.connection import ErpConnection
from erpcore.fields import Field, Unsupported
from erpcore.models import DocumentQuery, Invoice
from erpcore.testing.bench import Bench, context, full_reference
from erpcore.testing.contract.base import Absent, Contract, needs
from erpcore.testing.contract.erp_calls import CREATES, found, send
from erpcore.testing.contract.makers import Maker, carried, make, maker
from erpcore.testing.samples import WRITES, Samples, entries

State = Callable[[Bench, str], None]
"""Does to the document of a number what a person does in the system."""
_MOST_PAGES = 40
_DAY = re.compile(r"(?<![\d-])2\d{3}-\d\d-\d\d(?![\d-]|T(?!00:00))")
"""A day, and no moment of it but midnight."""
_PAYMENTS = frozenset({"invoice.part_paid", "invoice.paid"})
"""What every poll is for: that a payment counts as a change."""
_MADE_AFTER, _PAID_AFTER = 5 * 86_400.0, 17 * 86_400.0
"""Seconds from an order to its invoice, and from that to its payment: no usual terms of payment."""


@dataclass(frozen=True)
class _Told:
    """A state.

    Attributes:
        model: Of which document.
        field: The canonical field that tells it, which a plugin may declare as having no place.
        holds: Whether a document that is read is in it.
    """

    model: str
    field: str
    holds: Callable[[Any], bool]


def _is_paid(invoice: Invoice) -> bool:
    return invoice.balance == 0 if invoice.shown("balance") else invoice.payment_date is not None


def _is_part_paid(invoice: Invoice) -> bool:
    left, total = invoice.balance or 0, invoice.total or 0
    return 0 < left < total and invoice.payment_date is None


STATES: Mapping[str, _Told] = {
    "order.cancelled": _Told("order", "cancelled", lambda order: order.cancelled is True),
    "invoice.cancelled": _Told("invoice", "cancelled", lambda invoice: invoice.cancelled is True),
    "invoice.booked": _Told("invoice", "booked", lambda invoice: invoice.booked is True),
    "invoice.part_paid": _Told("invoice", "balance", _is_part_paid),
    "invoice.paid": _Told("invoice", "payment_date", _is_paid),
}
"""The states that a person brings about, by the name under which an author tells how."""


@dataclass(frozen=True)
class StateCase:
    """A state, and how a document gets there.

    Attributes:
        name: In `STATES`.
        way: How the document is made.
    """

    name: str
    way: Maker


class States(Contract):
    """Rules T01 to T07.

    Attributes:
        states: How a person brings a document into each of `STATES`, by name. One that the field maps say is read must
            be told, and one that no system has need not. Beside them ``order.closed``, such as by delivering it, and
            ``invoice.credited``.
    """

    states: ClassVar[Mapping[str, State]] = {}

    @classmethod
    def cases(cls, rule: str) -> Iterator[tuple[str, Any]]:
        """Give the states that the field maps say are read."""
        yield from super().cases(rule)
        if rule == "T01":
            for name, told in STATES.items():
                reader = CREATES[f"create_{told.model}"]
                if reader in cls.operations() and _reads(cls, told):
                    way = maker(cls, told.model)
                    yield f"{reader}-{name}", way if isinstance(way, Absent) else StateCase(name, way)
        if rule == "T03" and {"create_order", "find_orders"} <= set(cls.operations()):
            closed = "order.closed" in cls.states
            yield "find_orders", "order.closed" if closed else Absent("`states` tells no way to close an order")
        if rule == "T04" and "fetch_invoices" in cls.operations():
            yield "fetch_invoices", _crediting(cls)
        if rule == "T06" and "find_invoices" in cls.operations():
            in_parts = {"invoice.part_paid", "invoice.paid"} <= {*cls.states}
            yield (
                "find_invoices",
                maker(cls, "invoice") if in_parts else Absent("`states` tells no way to pay in parts"),
            )
        if rule == "T05" and "find_invoices" in cls.operations():
            yield "find_invoices", maker(cls, "invoice")

    def test_T01_what_a_person_does_is_read(self, bench: Bench, case: StateCase, samples: Samples) -> None:
        """What a person does in the system (annul, book, take payment) is read back, in searches and in lists."""
        assert case.name in self.states, f"tell in `states` how a person brings about {case.name} in the system"
        told, erp = STATES[case.name], bench.erp()
        reference = full_reference("t01")
        other, number = (
            make(erp, case.way, samples, reference=each) for each in (full_reference("t01-other"), reference)
        )
        bench.advance(_MADE_AFTER)
        since = bench.now() - timedelta(hours=1)
        self.states[case.name](bench, number)
        # What a person does may give a document another number, such as a draft that is booked.
        read = _searched(erp, told, number)
        assert [each.number for each in read if told.holds(each)], f"{case.name} of {number} is read as {read}"
        if len(case.way) == 1 and carried(type(self), told.model, "reference"):
            find = erp.find_orders if told.model == "order" else erp.find_invoices
            by_reference = list(find(DocumentQuery(reference=reference), context()))
            assert any(told.holds(each) for each in by_reference), f"by its reference, it is read as {by_reference}"
        untouched = found(erp, f"create_{told.model}", other)
        if not (case.name == "invoice.booked" and erp.plugin.makes.get(case.way[-1]) == "invoice"):
            assert not told.holds(untouched), f"{case.name} is read of {other}, which nobody has touched"
        if told.model == "invoice" and erp.can("fetch_invoices"):
            for asked in (None, since) if case.name in _PAYMENTS else (None,):
                listed = [each for each in _listed(erp, asked) if told.holds(each)]
                when = "" if asked is None else ", asked for what has changed since an hour before it,"
                assert listed, f"no invoice that is listed{when} is {case.name}"

    @needs("create_order", "find_orders", "convert_to_invoice")
    def test_T02_an_invoiced_order_is_not_annulled(self, bench: Bench, samples: Samples) -> None:
        """An order that has become an invoice is found, tells its invoice, and is not taken for an annulled one."""
        erp = bench.erp()
        number = send(erp, "create_order", samples.record("order"), samples)
        send(erp, "convert_to_invoice", number, samples)
        order = found(erp, "create_order", number)
        assert not order.cancelled, "an order that was invoiced is read as an annulled one"
        if erp.can("find_invoices") and order.invoices:
            assert not found(erp, "create_invoice", order.invoices[0].number).cancelled

    def test_T03_a_closed_order_is_not_annulled(self, bench: Bench, case: str, samples: Samples) -> None:
        """An order that a person has closed, such as by delivering it, is found, and not taken for an annulled one."""
        erp = bench.erp()
        number = send(erp, "create_order", samples.record("order"), samples)
        self.states[case](bench, number)
        assert not found(erp, "create_order", number).cancelled, "an order that was closed is read as an annulled one"

    def test_T04_a_credit_note_is_no_invoice(self, bench: Bench, case: Maker, samples: Samples) -> None:
        """A credit note that a person makes is listed as one, with what it credits; the invoice stays an invoice."""
        assert "invoice.credited" in self.states, "tell in `states` how a person credits an invoice"
        erp = bench.erp()
        number = make(erp, case, samples)
        self.states["invoice.credited"](bench, number)
        listed = list(_listed(erp))
        owed = [each for each in listed if number in (each.number, each.key)]
        assert not any(each.cancelled for each in owed), f"{number} was credited, and is listed as annulled"
        assert not any(each.kind == "credit" for each in owed), f"{number} was credited, and is listed as a credit note"
        credits = [each for each in listed if each.kind == "credit"]
        assert len(credits) == 1, f"one credit note was made, and these are listed as some: {credits}"
        assert credits[0].number != number
        left = credits[0].balance
        assert left is None or left <= 0, f"the credit note's balance is {left}, as if the customer owed it"
        told = credits[0].credits or found(erp, "create_invoice", str(credits[0].number)).credits
        assert told is not None, f"{credits[0].number} does not tell what it credits"
        # A draft that was booked has another number then; its key stays.
        assert number in (told.number, told.key), f"{credits[0].number} credits {number}, and tells {told.number}"

    def test_T05_an_invoice_tells_its_own_days(self, bench: Bench, case: Maker, samples: Samples) -> None:
        """An invoice is of the day that it is made, falls due later, and is paid on the day of payment."""
        erp = bench.erp()
        first, *further = case
        number = order = send(erp, first, samples.record(WRITES[first]), samples)
        bench.advance(_MADE_AFTER)
        for operation in further:
            number = send(erp, operation, number, samples)
        if not further:
            number = make(erp, case, samples)
        made = found(erp, "create_invoice", number)
        _is_of("invoice_date", made.invoice_date, bench.now())
        if made.due_date is not None and made.invoice_date is not None:
            assert made.due_date > made.invoice_date, (
                f"it is of {made.invoice_date} and due on {made.due_date}: read due_date from its own place, or give "
                "the bench's company terms of payment of some days"
            )
        if further and made.order_number is not None:
            assert made.order_number == order, f"made of order {order}, and it tells {made.order_number}"
        if "invoice.paid" not in self.states:
            return
        bench.advance(_PAID_AFTER)
        self.states["invoice.paid"](bench, number)
        paid = next(each for each in _searched(erp, STATES["invoice.paid"], number) if _is_paid(each))
        _is_of("payment_date", paid.payment_date, bench.now())
        bench.advance(_PAID_AFTER)
        later = next(each for each in _searched(erp, STATES["invoice.paid"], number) if _is_paid(each))
        assert later.payment_date == paid.payment_date, (
            f"paid on {paid.payment_date}, later read as {later.payment_date}"
        )
        for name in ("invoice_date", "due_date"):
            before, after = getattr(made, name), getattr(paid, name)
            assert before in (None, after), f"{name} was {before}, and once it is paid it is {after}"

    def test_T06_the_last_payment_is_the_one_that_pays(self, bench: Bench, case: Maker, samples: Samples) -> None:
        """An invoice that is paid in parts is paid on the day of the last payment, and on none before."""
        erp = bench.erp()
        number = make(erp, case, samples)
        for name in ("invoice.part_paid", "invoice.paid"):
            bench.advance(_PAID_AFTER)
            self.states[name](bench, number)
            read = [each for each in _searched(erp, STATES[name], number) if STATES[name].holds(each)]
            assert read, f"{name} of {number} is not read"
            number = str(read[0].number)
        _is_of("payment_date", read[0].payment_date, bench.now())

    @needs("create_order", "convert_to_invoice")
    def test_T07_an_order_becomes_an_invoice_of_the_company_s_day(self, bench: Bench, samples: Samples) -> None:
        """Where the plugin gives the invoice of an order its day, it is the company's and not UTC's."""
        erp = bench.erp()
        number = send(erp, "create_order", samples.record("order"), samples)
        bench.advance(_MADE_AFTER)
        company = {erp.plugin.host.today()}
        sent = bench.said(lambda: send(erp, "convert_to_invoice", number, samples), watch=True)
        company.add(erp.plugin.host.today())  # midnight may lie in between
        days = {date.fromisoformat(day) for each in sent if each.changed for day in _DAY.findall(each.text)}
        near = {day for day in days if any(abs(day - today) <= timedelta(days=1) for today in company)}
        others = ", ".join(map(str, sorted(near - company)))
        assert not others, f"the company's day is {max(company)}, and {others} is sent: take it from host.today()"


def _is_of(name: str, told: date | None, moment: datetime) -> None:
    """Require that a date is that of a moment, somewhere on earth."""
    assert told is None or abs(told - moment.date()) <= timedelta(days=1), f"{name} is {told}, and it was {moment}"


def _crediting(cls: type[Contract]) -> Maker | Absent:
    """Give how an invoice is made that is credited."""
    entry = next((each for path, _, each in entries(cls.plugin_class.field_maps, "invoice") if path == "credits"), None)
    if entry is None or isinstance(entry, Unsupported):
        return Absent("what a credit note credits is not read")
    return maker(cls, "invoice")


def _reads(cls: type[Contract], told: _Told) -> bool:
    return any(
        path == told.field and isinstance(entry, Field)
        for path, _, entry in entries(cls.plugin_class.field_maps, told.model)
    )


def _searched(erp: ErpConnection, told: _Told, number: str) -> list[Any]:
    """Find the document by its number; by another one, where a list shows that it was given one."""
    operation = f"create_{told.model}"
    find = erp.find_orders if told.model == "order" else erp.find_invoices
    if read := list(find(DocumentQuery(number=number), context())):
        return read
    if told.model == "order" or not erp.can("fetch_invoices"):
        return []
    others = [str(each.number) for each in _listed(erp) if told.holds(each) and each.number != number]
    return [found(erp, operation, other) for other in others[-1:]]


def _listed(erp: ErpConnection, since: datetime | None = None) -> Iterator[Invoice]:
    cursor: str | None = None
    for _ in range(_MOST_PAGES):
        page = erp.fetch_invoices(since, cursor, context())
        yield from page.items
        cursor = page.next_cursor
        if cursor is None:
            return
