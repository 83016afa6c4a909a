"""Rules E: at most one record per intent, or a state that people see, whatever happens to the answer.

Each write operation goes through the real ledger and the real effect window, against the bench's system. What counts is
how many records the system holds afterwards, not what the plugin says about it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

import pytest

from erpcore.connection import ErpConnection
from erpcore.errors import ErpcoreError, OutcomeUnknownError, UncertainEffectError
from erpcore.host import Clock
from erpcore.models import Customer, RecordRef, Ref
from erpcore.plugin import EffectKind
from erpcore.store import Intent, Store, get_intent, open_store, plan_intent
from erpcore.sync.effect import Carried, ComeBackLater, LookUp, carry_out
from erpcore.sync.steps.article import created_article
from erpcore.sync.steps.customer import created_customer
from erpcore.sync.steps.document import invoice_by_reference, invoice_of_order, order_by_reference
from erpcore.sync.window import Window
from erpcore.testing.bench import Bench, FaultName, attempt, context, full_reference
from erpcore.testing.contract.base import Absent, Contract
from erpcore.testing.contract.erp_calls import ref_of, send
from erpcore.testing.contract.makers import maker
from erpcore.testing.samples import WRITES, Samples

_OPERATIONS = (*WRITES, "convert_to_invoice")
_FAULTS: tuple[FaultName, ...] = ("lose_answer", "error_after")
_NUMBERS = count(1)
_PATIENCE = 6
_LONGEST_REQUEST = 1.0
_OVERLAP = 5.0


class Killed(BaseException):
    """The process ends here."""


class _Time:
    """Time of the ledger: stands still until it is moved, and takes the bench's system along."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.moved = timedelta()
        self.start = datetime.now(UTC)
        self.clock = Clock(lambda: self.moved.total_seconds(), self.now, self.sleep)

    def now(self) -> datetime:
        return self.start + self.moved

    def sleep(self, seconds: float) -> None:
        self.moved += timedelta(seconds=seconds)
        self.bench.advance(seconds)


@dataclass
class Attempts:
    """One wanted effect, with everything to try it again.

    Attributes:
        bench: The system.
        store: The ledger.
        operation: The write.
        record: What it takes.
        samples: Numbers of what is there.
        time: The ledger's and the system's.
        reference: Our key.
        made: The number of what was made or found last.
    """

    bench: Bench
    store: Store
    operation: str
    record: Any
    samples: Samples
    time: _Time
    reference: str
    made: str | None = None

    def window(self) -> Window:
        """The effect window of one worker."""
        return Window(self.store, "contract", self.time.clock, patience=0.0, longest_request=_LONGEST_REQUEST)

    def intent(self, erp: ErpConnection) -> Intent:
        """The intent in the ledger, planned when it is not there."""
        with self.store.begin() as connection:
            return plan_intent(
                connection,
                sync="contract",
                record=self.reference,
                operation=self.operation,
                reference=self.reference,
                fence_seconds=self.window().fence_seconds(erp.effect(self.operation)),
            )

    def once(self, *, killed: bool = False, gate: Callable[[], None] = lambda: None) -> Carried:
        """Let one worker try, with a connection of its own."""
        erp = self.bench.erp()

        def sending() -> RecordRef:
            gate()
            ref = ref_of(erp, self.operation, self.record, self.samples, self.reference)
            if killed:
                raise Killed
            return ref

        carried = carry_out(self.intent(erp), sending, self.look_up(erp), self.window())
        self.made = carried.ref.number
        return carried

    def look_up(self, erp: ErpConnection) -> LookUp:
        """The search that a sync makes for this operation; writes to a known record are simply found absent."""
        along = context(self.reference)
        match self.operation:
            case "create_customer":
                return created_customer(erp, self.record, self.reference, along)
            case "create_article":
                return created_article(erp, self.record, self.reference, along)
            case "create_order":
                return order_by_reference(erp, self.reference, along)
            case "create_invoice":
                return invoice_by_reference(erp, self.reference, along)
            case "convert_to_invoice":
                return invoice_of_order(erp, self.record, along)
        return lambda: None

    def until_settled(self) -> Carried | None:
        """Try again as the engine does, until it is done (what was made) or a person must decide (None)."""
        for _ in range(_PATIENCE):
            try:
                return self.once()
            except ComeBackLater as later:
                self.time.sleep(later.seconds)
            except UncertainEffectError:
                return None
            except ErpcoreError as error:
                if not error.retryable:
                    raise
                self.time.sleep(1.0)
        raise AssertionError(f"{self.operation} is neither done nor uncertain after {_PATIENCE} tries")

    def state(self) -> str:
        """The intent's state in the ledger."""
        with self.store.read() as connection:
            return get_intent(connection, self.intent_id()).state

    def intent_id(self) -> int:
        """Number of the intent."""
        return self.intent(self.bench.silent).id


class Effects(Contract):
    """Rules E01 to E08."""

    store: ClassVar[Store]

    @classmethod
    def cases(cls, rule: str) -> Iterator[tuple[str, Any]]:
        """Give the write operations."""
        yield from super().cases(rule)
        if rule in ("E01", "E02", "E03", "E04", "E05", "E06", "E07", "E08", "E09", "E13"):
            for name in _OPERATIONS:
                if name in cls.operations():
                    way = maker(cls, "order") if name == "convert_to_invoice" else name
                    yield name, way if isinstance(way, Absent) else name

    @pytest.fixture
    def tries(
        self, bench: Bench, samples: Samples, case: str, tmp_path_factory: pytest.TempPathFactory
    ) -> Iterator[Attempts]:
        """One wanted effect of the case's operation."""
        time = _Time(bench)
        # What a ledger keeps through a power cut is the store's business: here no commit waits for the disk.
        store = open_store(f"sqlite:///{_empty_store(tmp_path_factory)}", synchronous="NORMAL", clock=time.clock)
        record, reference = record_of(bench, case, samples), full_reference(f"contract-{next(_NUMBERS)}")
        yield Attempts(bench, store, case, record, samples, time, reference)
        store.close()

    def test_E01_undisturbed_it_is_done_once(self, tries: Attempts) -> None:
        """Undisturbed, the effect is done with the first request, and asked for again it is known without one."""
        made = made_by(tries, lambda: tries.once())
        _changed_once(made, tries.operation)
        before = tries.bench.counts()
        sent = tries.bench.said(lambda: tries.once())
        assert sent == []
        assert tries.bench.counts() == before

    def test_E02_a_lost_answer_makes_no_second_record(self, tries: Attempts) -> None:
        """The answer is lost after the work: one record, or the uncertain state; with no strategy a person decides."""
        self._struck(tries, "lose_answer")

    def test_E03_a_server_error_after_the_work_makes_no_second_record(self, tries: Attempts) -> None:
        """The system does the work and answers with a fault of its own: one record, or the uncertain state."""
        self._struck(tries, "error_after")

    def test_E04_a_server_error_before_the_work_is_made_good(self, tries: Attempts) -> None:
        """The system answers with a fault and did nothing: looked up, sent again, one record; or a person decides."""
        self._struck(tries, "error_before")

    def test_E05_killed_after_the_answer_makes_no_second_record(self, tries: Attempts) -> None:
        """The process is killed between the answer and the ledger: one record, or the uncertain state."""
        once = _rehearsed(tries)

        def killed() -> Any:
            with pytest.raises(Killed):
                tries.once(killed=True)
            return tries.until_settled()

        self._settled(tries, made_by(tries, killed), once)

    def test_E06_two_workers_at_once_make_one_record(self, tries: Attempts) -> None:
        """Two workers at the same moment make one record: one sends, the other waits, looks, and adopts it."""
        once = _rehearsed(tries)
        errors: list[BaseException | None] = []
        sending, other_is_over = threading.Event(), threading.Event()

        def gate() -> None:
            sending.set()
            other_is_over.wait(_OVERLAP)

        def first() -> None:
            errors.append(attempt(lambda: tries.once(gate=gate), ComeBackLater, UncertainEffectError))

        def second() -> None:
            sending.wait(_OVERLAP)
            errors.append(attempt(tries.once, ComeBackLater, UncertainEffectError))
            other_is_over.set()

        def both() -> Any:
            with ThreadPoolExecutor(2) as workers:
                for worker in [workers.submit(first), workers.submit(second)]:
                    worker.result()
            return tries.until_settled()

        made = made_by(tries, both)
        assert len(errors) == 2
        assert made.more == once.made
        assert tries.state() == "done"

    def test_E07_the_plugin_does_not_repeat_a_write_blindly(self, tries: Attempts) -> None:
        """When the answer is lost, one call of the plugin makes one record at most, and says that nobody knows."""
        once = _rehearsed(tries)
        tries.bench.hurried = True
        for at in once.writes:
            tries.bench.reset()
            record = record_of(tries.bench, tries.operation, tries.samples)
            erp = tries.bench.erp()
            before = tries.bench.counts()
            tries.bench.strike(at, "lose_answer")
            error = attempt(
                lambda erp=erp, record=record: send(  # type: ignore[misc] # mypy cannot infer a lambda's defaults
                    erp, tries.operation, record, tries.samples, reference=tries.reference
                ),
                ErpcoreError,
            )
            after = tries.bench.counts()
            assert grown(before, after).items() <= once.made.items(), "the call made more than one record"
            if error is not None:
                assert isinstance(error, OutcomeUnknownError), f"{error!r}: nobody knows what became of the write"

    def test_E08_the_fence_is_as_long_as_searches_lag(self, tries: Attempts) -> None:
        """While searches do not show new records yet, the declared fence keeps a lost answer from a second record."""
        if self.search_lag is None:
            pytest.fail("state in `search_lag` how long the system may keep new records out of searches; 0 for never")
        once = _rehearsed(tries)
        tries.bench.advance(2 * self.search_lag + 60)  # what was there before is shown, however fast the rules run
        tries.bench.lag(self.search_lag)

        def killed() -> Any:
            with pytest.raises(Killed):
                tries.once(killed=True)
            return tries.until_settled()

        self._settled(tries, made_by(tries, killed), once)

    def _struck(self, tries: Attempts, fault: FaultName) -> None:
        once = _rehearsed(tries)
        tries.bench.hurried = True
        for at in once.writes:
            tries.bench.reset()
            tries.record = record_of(tries.bench, tries.operation, tries.samples)
            tries.reference = full_reference(f"contract-{next(_NUMBERS)}")
            tries.bench.strike(at, fault)
            self._settled(tries, made_by(tries, tries.until_settled), once)

    def _settled(self, tries: Attempts, made: _Made, once: _Rehearsal) -> None:
        """One record and done; or uncertain, which is where an operation without a strategy must end."""
        kind = tries.bench.silent.effect(tries.operation).kind
        assert made.more.items() <= once.made.items(), f"more than one was made: {made.more}"
        if kind is EffectKind.NONE:
            assert made.result is None, "nothing can tell what became of it, so a person must decide"
            return
        assert made.result is not None, "the strategy promises that it can be found out, but a person had to decide"
        assert made.more == once.made, f"it is called done, but the system holds {made.more}, not {once.made}"
        assert tries.state() == "done"


@dataclass(frozen=True)
class _Made:
    """What came of a number of tries: the last result, and how many more records there are."""

    result: Any
    more: dict[str, int]


@dataclass(frozen=True)
class _Rehearsal:
    """An undisturbed call: which of its requests changed the system, and how many records it made."""

    writes: tuple[int, ...]
    made: dict[str, int]


_REHEARSED: WeakKeyDictionary[Bench, dict[str, _Rehearsal]] = WeakKeyDictionary()


def _rehearsed(tries: Attempts) -> _Rehearsal:
    """See how the operation goes when nothing goes wrong, once for all rules on a bench, and put the system back."""
    bench = tries.bench
    known = _REHEARSED.setdefault(bench, {})
    if tries.operation in known:
        return known[tries.operation]
    erp, before = bench.erp(), bench.counts()
    sent = bench.said(
        lambda: send(erp, tries.operation, tries.record, tries.samples, reference=tries.reference), watch=True
    )
    writes = tuple(number for number, request in enumerate(sent) if request.changed)
    made = grown(before, bench.counts())
    assert writes, f"{tries.operation} changes nothing in the system's state"
    bench.reset()
    tries.record = record_of(bench, tries.operation, tries.samples)
    known[tries.operation] = _Rehearsal(writes, made)
    return known[tries.operation]


def made_by(tries: Attempts, act: Callable[[], Any]) -> _Made:
    """Let a number of tries be made, and count what came of them.

    Args:
        tries: The wanted effect.
        act: Makes the tries.
    """
    before = tries.bench.counts()
    result = act()
    return _Made(result, grown(before, tries.bench.counts()))


def _changed_once(made: _Made, operation: str) -> None:
    assert made.result.how == "sent"
    if operation not in ("update_customer", "update_contact_person", "sync_articles"):
        assert made.more, f"{operation} made nothing in the system's state"


def grown(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    """Give by how many records the system holds more, or fewer, by register."""
    return {name: number - before.get(name, 0) for name, number in after.items() if number != before.get(name, 0)}


def record_of(bench: Bench, operation: str, samples: Samples) -> Any:
    """What the operation takes; an order is made for the one that is turned into an invoice."""
    if operation == "convert_to_invoice":
        erp = bench.erp()
        order = ref_of(erp, "create_order", samples.record("order"), samples, full_reference(f"order-{next(_NUMBERS)}"))
        bench.tap.clear()
        return Ref(number=order.number, key=order.key)
    if operation == "update_customer":
        return Customer(name="Ändrad Kund AB")
    if operation in ("create_article", "sync_articles"):
        return samples.record("article", number="K-7002", price=samples.value("article", "price"))
    return samples.record(WRITES[operation])


def _empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of a migrated, empty store: migrating one for each case would cost most of the time."""
    folder = tmp_path_factory.getbasetemp() / "contract-store"
    template = folder / "template.db"
    if not template.exists():
        folder.mkdir(exist_ok=True)
        open_store(f"sqlite:///{template}", synchronous="NORMAL").close()
    copied = folder / f"{next(_NUMBERS)}.db"
    copied.write_bytes(template.read_bytes())
    return copied
