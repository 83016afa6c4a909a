"""Rules H: what erpcore lends is used. Budget, observer, the last look before a write, tokens; threads and outages."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from erpcore.errors import ErpcoreError, UnavailableError
from erpcore.host import asking_before_writes
from erpcore.models import CustomerQuery, DocumentQuery
from erpcore.testing.bench import Bench, attempt, context, full_reference
from erpcore.testing.contract.acting import Acting, ErpActing
from erpcore.testing.contract.base import connect, needs
from erpcore.testing.contract.erp_calls import CREATES, send
from erpcore.testing.samples import SAMPLE_DAYS, WRITES, Samples
from erpcore.testing.tap import Answer, Sent, WireTap

_MOST_REQUESTS = 12
"""Requests that one reading call may spend on a system that is down."""
_THREADS = 6
_IN_TURN = 0.003
_DEADLINE, _MAY_TAKE = "request_seconds", 7.0
_A_DAY = 86_400.0
_FAR_AHEAD = timedelta(days=300)
_MOMENT = re.compile(r"(?<!\d)(?:20\d\d-\d\d-\d\d(?:[T ][\d:.]+)?|20\d\d[01]\d[0-3]\d|1\d{9}(?:\d{3})?)(?!\d)")
"""A day, with a time or without, or seconds or milliseconds of the epoch."""
_CLOCKS_APART = timedelta(hours=1)


def _moment(text: str, machine: datetime) -> datetime:
    """Give the moment that a text of `_MOMENT` tells; one far from the machine's where it is none."""
    try:
        if text.startswith("20"):
            return datetime.strptime(text.replace("-", "")[:8], "%Y%m%d").replace(tzinfo=UTC)
        return datetime.fromtimestamp(int(text[:10]), UTC)
    except ValueError:
        return machine + _FAR_AHEAD


class Stopped(Exception):
    """Nothing may be sent any more."""


class Lending(Acting):
    """Rules H01 to H03, H05, H06 and H10, for plugins of both kinds.

    Attributes:
        unlimited: Why nobody limits how often the system is asked; empty where somebody does.
    """

    unlimited: ClassVar[str] = ""

    @classmethod
    def cases(cls, rule: str) -> Iterator[tuple[str, Any]]:
        """Give the operations that read, or that write."""
        yield from super().cases(rule)
        if rule == "H01":  # what is subscribed to once is not asked for again
            yield from ((name, name) for name in (*cls.reads(), *cls.writes()) if name != "subscribe_events")
        if rule == "H02":
            yield from ((name, name) for name in cls.writes())
        if rule == "H10" and cls.simulator is not None and _DEADLINE in cls.plugin_class.Settings.model_fields:
            yield from ((name, name) for name in cls.reads()[:1])
        if rule == "H05":
            yield from ((name, name) for name in cls.reads())
        if rule == "H12":
            yield from ((name, name) for name in (*cls.reads(), *cls.writes()) if name != "subscribe_events")

    def test_H01_each_request_is_told_and_asks_the_budget(self, bench: Bench, case: str, samples: Samples) -> None:
        """Each request is told to the observer as what it is, and has asked the budget that all of an account share."""
        bench.advance(_A_DAY)  # what is told has its moment by the host's clock
        connection = connect(type(self), bench)
        attempt(self.ready(connection, case, samples), ErpcoreError)  # what is only done once, such as signing in
        wrote = any(each.write for each in bench.told)  # a second time there may be nothing left to write
        assert wrote or case not in self.writes(), "a write is told as a reading"
        bench.told.clear()
        bench.spent.clear()
        act = self.ready(connection, case, samples)
        told_before, spent_before = len(bench.told), len(bench.spent)
        sent = bench.said(lambda: attempt(act, ErpcoreError))
        assert sent, f"{case} says nothing to the system"
        wire = isinstance(bench.tap, WireTap)
        told, wanted = len(bench.told) - told_before, len(sent) if wire else 1
        assert told >= wanted, f"{len(sent)} requests left, and the observer was told of {told}"
        late = [each.at for each in bench.told if abs(each.at - bench.now()) > _CLOCKS_APART]
        assert not late, f"it is {bench.now()}, and the observer is told of {late[0]}"
        spent, limited = len(bench.spent) - spent_before, wire and not self.unlimited
        assert not limited or spent >= wanted, f"of {len(sent)} requests {spent} have asked first"
        if limited and case == self.reads()[0]:
            own = set(bench.spent)
            attempt(self.ready(connect(type(self), bench), case, samples), ErpcoreError)
            assert set(bench.spent) == own, "another connection to the account asks a budget of its own"

    def test_H02_a_write_that_may_not_leave_does_not(self, bench: Bench, case: str, samples: Samples) -> None:
        """When the last look refuses, nothing of a write reaches the system, and the refusal comes out as it is."""
        act = self.ready(connect(type(self), bench), case, samples)
        before = bench.state()

        def refuse() -> None:
            raise Stopped

        with asking_before_writes(refuse):
            error = attempt(act, Exception)
        assert bench.state() == before, "something was written although nothing might be sent any more"
        assert isinstance(error, Stopped), f"the refusal comes out as {error!r}"

    def test_H12_no_clock_but_the_host_s(self, bench: Bench, case: str, samples: Samples) -> None:
        """Whatever is asked or written, no moment of the machine's clock stands in it: the host's clock tells time."""
        bench.advance(_FAR_AHEAD.total_seconds())
        connection = connect(type(self), bench)
        acts = [self.ready(connection, case, samples)]
        acts += self.otherwise(connection, case).values() if case in self.reads() else ()
        known = set(_MOMENT.findall(f"{bench.state()} {samples!r}"))
        sent = [each for act in acts for each in bench.said(lambda act=act: attempt(act, ErpcoreError))]  # type: ignore[misc] # mypy cannot infer a lambda's defaults
        machine = datetime.now(UTC)
        strange = {
            text: each.what
            for each in sent
            for text in _MOMENT.findall(each.text)
            if text not in known
            and text[:10] not in SAMPLE_DAYS
            and abs(_moment(text, machine) - machine) < _FAR_AHEAD / 4
        }
        assert not strange, f"it is {bench.now():%Y-%m-%d} by the host's clock, and sent is {strange}"

    @needs(data=("sign_in",))
    def test_H03_a_token_is_bought_once_and_kept(self, bench: Bench, samples: Samples) -> None:
        """A token that was bought stands in the host's store, and another connection of the account goes on with it."""
        assert isinstance(bench.tap, WireTap)
        first = connect(type(self), bench)
        self.ready(first, self.reads()[0], samples)()
        bought = bench.tap.passed
        second = connect(type(self), bench, tokens=first.plugin.host.tokens)
        self.ready(second, self.reads()[0], samples)()
        assert bench.tap.passed == bought, "a second connection signs in again, though the store holds a token"

    def test_H05_a_system_that_is_down_is_not_asked_without_end(
        self, bench: Bench, case: str, samples: Samples
    ) -> None:
        """While a system is down, a reading call ends in an error after a dozen requests at most."""
        act = self.ready(connect(type(self), bench), case, samples)
        bench.hurried = True
        for error in self.native_errors:
            if error.situation != "unavailable" or not isinstance(error.answer, Answer):
                continue
            bench.tap.clear()
            bench.answer(error.answer)
            failed = attempt(act, ErpcoreError)
            assert failed is not None, "the system is down, and yet there is a result"
            assert len(bench.tap.sent) <= _MOST_REQUESTS, f"it asked {len(bench.tap.sent)} times"

    def test_H10_a_call_ends_when_the_settings_say(self, bench: Bench, case: str, samples: Samples) -> None:
        """Where the setting `request_seconds` says how long the system may take, a slower answer is told as none."""
        connection = connect(type(self), bench, **{_DEADLINE: _MAY_TAKE})
        self.ready(connection, case, samples)()
        bench.hurried = True

        def slow(at: int, sent: Sent) -> None:
            bench.advance(_MAY_TAKE + 1)

        act = self.ready(connection, case, samples)
        bench.tap.clear()
        bench.tap.script = slow
        error = attempt(act, ErpcoreError)
        assert isinstance(error, UnavailableError), f"an answer after {_MAY_TAKE + 1} s, and {error!r} comes out"


class ErpLending(Lending, ErpActing):
    """Rules H04 and H06 for ERPs."""

    @classmethod
    def cases(cls, rule: str) -> Iterator[tuple[str, Any]]:
        """Give the documents that are made and found by their reference."""
        yield from super().cases(rule)
        if rule == "H04":
            for name in ("create_order", "create_invoice"):
                if name in cls.operations() and CREATES[name] in cls.operations():
                    yield name, name

    def test_H04_a_connection_serves_several_threads(self, bench: Bench, case: str, samples: Samples) -> None:
        """Several threads make documents over one connection, and each reference stands on the one it was given for."""
        erp, model = bench.erp(), WRITES[case]
        find: Callable[..., Any] = erp.find_orders if case == "create_order" else erp.find_invoices

        def one(number: int) -> tuple[str, str]:
            row = {**samples.base(f"{model}_row"), "quantity": number + 1}
            reference = full_reference(f"h04-{number}")
            return reference, send(erp, case, samples.record(model, rows=(row,)), samples, reference=reference)

        made = at_once(one, bench)
        assert len({number for _, number in made}) == _THREADS
        for at, (reference, number) in enumerate(made):
            documents = find(DocumentQuery(reference=reference), context())
            assert [each.number for each in documents] == [number], f"{reference} is not on the document {number}"
            quantities = [row.quantity for row in documents[0].rows or ()][:1]
            assert quantities in ([], [at + 1]), f"{number} has the rows of another document"

    @needs("find_customers")
    def test_H06_each_thread_reads_what_it_asked_for(self, bench: Bench, samples: Samples) -> None:
        """Several threads use one connection at once, and each reads and writes what is its own."""
        erp, both = bench.erp(), (samples.customer_number, samples.other_customer_number)
        queries = [CustomerQuery(number=both[at % 2]) for at in range(_THREADS)]
        found = at_once(lambda at: [each.number for each in erp.find_customers(queries[at], context())], bench)
        assert found == [[query.number] for query in queries]


def at_once(act: Callable[[int], Any], bench: Bench) -> list[Any]:
    """Let several threads do something at the same moment, each going on a little in turn.

    Args:
        act: Does it; takes which of the threads it is.
        bench: The system; at each request, the other threads have time to do theirs.

    Returns:
        What each gives, in their order.
    """
    start = threading.Barrier(_THREADS)
    bench.tap.script = lambda at, sent: time.sleep(_IN_TURN)

    def one(number: int) -> Any:
        start.wait(5)
        return act(number)

    with ThreadPoolExecutor(_THREADS) as threads:
        done = list(threads.map(one, range(_THREADS)))
    bench.tap.clear()
    return done
