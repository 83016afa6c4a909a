"""Rules H: what erpcore lends is used. Budget, observer, the last look before a write, tokens; threads and outages."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar

from erpcore.connection import ErpConnection
from erpcore.errors import ErpcoreError
from erpcore.host import asking_before_writes
from erpcore.models import ArticleQuery, CustomerQuery, DocumentQuery, Ref
from erpcore.testing.bench import Bench, attempt, context, full_reference
from erpcore.testing.contract.base import Contract, needs
from erpcore.testing.contract.erp_calls import CREATES, ref_of, send
from erpcore.testing.samples import WRITES, Samples
from erpcore.testing.tap import Answer, WireTap

_READS = ("find_customers", "find_articles", "find_orders", "find_invoices", "fetch_articles", "fetch_invoices")
_MOST_REQUESTS = 12
"""Requests that one reading call may spend on a system that is down."""
_THREADS = 6


class Stopped(Exception):
    """Nothing may be sent any more."""


class Lending(Contract):
    """Rules H01 to H05.

    Attributes:
        unlimited: Why nobody limits how often the system is asked; empty where somebody does.
    """

    unlimited: ClassVar[str] = ""

    @classmethod
    def cases(cls, rule: str) -> Iterator[tuple[str, Any]]:
        """Give the operations that read, or that write."""
        yield from super().cases(rule)
        can = cls.operations()
        if rule == "H01":
            yield from ((name, name) for name in (*_READS, *WRITES) if name in can)
        if rule == "H02":
            yield from ((name, name) for name in (*WRITES, "convert_to_invoice") if name in can)
        if rule == "H04":
            for name in ("create_order", "create_invoice"):
                if name in can and CREATES[name] in can:
                    yield name, name
        if rule == "H05":
            yield from ((name, name) for name in _READS if name in can)

    def test_H01_each_request_is_told_and_asks_the_budget(self, bench: Bench, case: str, samples: Samples) -> None:
        """Each request that leaves is told to the observer, and has asked the budget where the system is limited."""
        erp = bench.erp()
        _act(erp, case, samples)  # whatever is only done once, such as signing in, is behind
        bench.told.clear()
        bench.spent.clear()
        sent = bench.said(lambda: _act(erp, case, samples))
        assert sent, f"{case} says nothing to the system"
        wire = isinstance(bench.tap, WireTap)
        told, wanted = len(bench.told), len(sent) if wire else 1
        assert told >= wanted, f"{len(sent)} requests left, and the observer was told of {told}"
        limited = wire and not self.unlimited
        assert not limited or len(bench.spent) >= wanted, f"of {len(sent)} requests {len(bench.spent)} have asked first"

    def test_H02_a_write_that_may_not_leave_does_not(self, bench: Bench, case: str, samples: Samples) -> None:
        """When the last look refuses, nothing of a write reaches the system, and the refusal comes out as it is."""
        erp = bench.erp()
        record = _record(erp, case, samples)
        before = bench.state()

        def refuse() -> None:
            raise Stopped

        with asking_before_writes(refuse):
            error = attempt(lambda: send(erp, case, record, samples, reference=full_reference("h02")), Exception)
        assert bench.state() == before, "something was written although nothing might be sent any more"
        assert isinstance(error, Stopped), f"the refusal comes out as {error!r}"

    @needs(data=("sign_in",))
    def test_H03_a_token_is_bought_once_and_kept(self, bench: Bench, samples: Samples) -> None:
        """A token that was bought stands in the host's store, and another connection of the account goes on with it."""
        assert isinstance(bench.tap, WireTap)
        first = bench.erp()
        _act(first, next(name for name in _READS if first.can(name)), samples)
        bought = bench.tap.passed
        second = bench.erp(tokens=first.plugin.host.tokens)
        _act(second, next(name for name in _READS if second.can(name)), samples)
        assert bench.tap.passed == bought, "a second connection signs in again, though the store holds a token"

    def test_H04_a_connection_serves_several_threads(self, bench: Bench, case: str, samples: Samples) -> None:
        """Several threads make documents over one connection, and each reference stands on the one it was given for."""
        erp, model = bench.erp(), WRITES[case]
        find: Callable[..., Any] = erp.find_orders if case == "create_order" else erp.find_invoices
        start = threading.Barrier(_THREADS)

        def one(number: int) -> tuple[str, str]:
            row = {**samples.base(f"{model}_row"), "quantity": number + 1}
            document = samples.record(model, rows=(row,))
            start.wait(5)
            reference = full_reference(f"h04-{number}")
            return reference, send(erp, case, document, samples, reference=reference)

        with ThreadPoolExecutor(_THREADS) as threads:
            made = list(threads.map(one, range(_THREADS)))
        assert len({number for _, number in made}) == _THREADS
        for at, (reference, number) in enumerate(made):
            documents = find(DocumentQuery(reference=reference), context())
            assert [each.number for each in documents] == [number], f"{reference} is not on the document {number}"
            quantities = [row.quantity for row in documents[0].rows or ()][:1]
            assert quantities in ([], [at + 1]), f"{number} has the rows of another document"

    def test_H05_a_system_that_is_down_is_not_asked_without_end(
        self, bench: Bench, case: str, samples: Samples
    ) -> None:
        """While a system is down, a reading call ends in an error after a dozen requests at most."""
        erp = bench.erp()
        bench.hurried = True
        for error in self.native_errors:
            if error.situation != "unavailable" or not isinstance(error.answer, Answer):
                continue
            bench.tap.clear()
            bench.answer(error.answer)
            failed = attempt(lambda: _act(erp, case, samples), ErpcoreError)
            assert failed is not None, "the system is down, and yet there is a result"
            assert len(bench.tap.sent) <= _MOST_REQUESTS, f"it asked {len(bench.tap.sent)} times"


def _record(erp: ErpConnection, case: str, samples: Samples) -> Any:
    if case == "convert_to_invoice":
        order = ref_of(erp, "create_order", samples.record("order"), samples, full_reference("lent"))
        return Ref(number=order.number, key=order.key)
    values = {"number": "K-7003"} if WRITES[case] == "article" else {}
    return samples.record(WRITES[case], **values)


def _act(erp: ErpConnection, case: str, samples: Samples) -> None:
    reads: dict[str, Callable[[], Any]] = {
        "find_customers": lambda: erp.find_customers(CustomerQuery(number=samples.customer_number), context()),
        "find_articles": lambda: erp.find_articles(ArticleQuery(number=samples.article_number), context()),
        "find_orders": lambda: erp.find_orders(DocumentQuery(number="1"), context()),
        "find_invoices": lambda: erp.find_invoices(DocumentQuery(number="1"), context()),
        "fetch_articles": lambda: erp.fetch_articles(None, None, context()),
        "fetch_invoices": lambda: erp.fetch_invoices(None, None, context()),
    }
    if case in reads:
        reads[case]()
    else:
        attempt(lambda: send(erp, case, _record(erp, case, samples), samples), ErpcoreError)
