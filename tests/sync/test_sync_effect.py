"""The effect window: what each strategy does about a lost answer, and when a person decides."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from erpcore.errors import (
    ConflictError,
    ErpcoreError,
    OutcomeUnknownError,
    UnavailableError,
    UncertainEffectError,
)
from erpcore.models import Invoice, Order, RecordRef
from erpcore.plugin import Effect, EffectKind
from erpcore.store import Intent, Store, decide_intent, get_intent, history_of, open_store, plan_intent
from erpcore.store.ledger import begin_sending
from erpcore.sync.effect import Carried, ComeBackLater, carry_out, settle
from erpcore.sync.window import Window
from tests.sync.conftest import MakeWorld
from tests.sync.memory_plugin import Killed, MemoryErp
from tests.sync.world import SYNC, TestTime, World

NONE = Effect(EffectKind.NONE, 0, "it cannot be looked up")
SEARCH = Effect(EffectKind.SEARCHABLE_REFERENCE, 5, "reference")


class Bench:
    """One intent, and an ERP of one list."""

    def __init__(self, store: Store, time: TestTime) -> None:
        self.store, self.time = store, time
        self.window = Window(store, "test", time.clock, longest_request=10)
        self.made: list[str] = []
        self.looked = 0

    def intent(self, effect: Effect) -> Intent:
        with self.store.begin() as connection:
            return plan_intent(
                connection,
                sync="s",
                record="deal 1",
                operation="create_order",
                reference="ref-1",
                fence_seconds=self.window.fence_seconds(effect),
            )

    def state(self, intent: Intent) -> str:
        with self.store.read() as connection:
            return get_intent(connection, intent.id).state

    def send(self, error: BaseException | None = None, *, work: bool = True) -> Callable[[], RecordRef]:
        def sending() -> RecordRef:
            if work:
                self.made.append(f"10{len(self.made)}")
            if error is not None:
                raise error
            return RecordRef(number=self.made[-1], total="12.50")

        return sending

    def look_up(self) -> RecordRef | None:
        self.looked += 1
        return RecordRef(number=self.made[0]) if self.made else None

    def carry(self, intent: Intent, error: BaseException | None = None, *, work: bool = True) -> Carried:
        return carry_out(intent, self.send(error, work=work), self.look_up, self.window)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    time = TestTime()
    store = open_store(f"sqlite:///{tmp_path / 'erpcore.db'}", clock=time.clock)
    yield Bench(store, time)
    store.close()


def test_the_first_attempt_pays_no_look_up(bench: Bench) -> None:
    intent = bench.intent(SEARCH)
    carried = bench.carry(intent)
    assert (carried.ref.number, carried.how) == ("100", "sent")
    assert bench.looked == 0
    again = bench.carry(intent)
    assert (again.ref, again.how) == (carried.ref, "known")
    assert bench.made == ["100"]


def test_without_a_strategy_a_person_decides(bench: Bench) -> None:
    intent = bench.intent(NONE)
    for _ in range(2):
        with pytest.raises(UncertainEffectError, match="Nobody can tell"):
            bench.carry(intent, OutcomeUnknownError("lost"), work=False)
    assert bench.looked == 0
    assert bench.state(intent) == "uncertain"
    with bench.store.begin() as connection:
        decide_intent(connection, intent.id, person="Kim", number=None)
    assert bench.carry(intent).ref.number == "100"


def test_a_person_who_says_made_gives_the_number(bench: Bench) -> None:
    intent = bench.intent(NONE)
    with pytest.raises(UncertainEffectError):
        bench.carry(intent, OutcomeUnknownError("lost"))
    with bench.store.begin() as connection:
        decide_intent(connection, intent.id, person="Kim", number="100")
    assert bench.carry(intent).ref == RecordRef(number="100")
    assert bench.made == ["100"]


def test_a_left_over_attempt_without_a_strategy_is_not_sent_again(bench: Bench) -> None:
    intent = bench.intent(NONE)
    with pytest.raises(Killed):
        bench.carry(intent, Killed())
    bench.time.move(1000)
    with pytest.raises(UncertainEffectError):
        bench.carry(intent)
    assert bench.made == ["100"]


def test_nothing_is_sent_again_before_the_fence_is_over(bench: Bench) -> None:
    intent = bench.intent(SEARCH)
    with pytest.raises(ComeBackLater) as signal:
        bench.carry(intent, OutcomeUnknownError("lost"), work=False)
    assert 10 < signal.value.seconds <= 15
    assert signal.value.retryable
    bench.time.move(5)
    sent = len(bench.made)
    with pytest.raises(ComeBackLater):
        bench.carry(intent)
    assert len(bench.made) == sent == 0
    bench.time.move(15)
    assert bench.carry(intent).ref.number == "100"


def test_a_short_fence_is_slept_through(bench: Bench) -> None:
    window = Window(bench.store, "test", bench.time.clock, longest_request=0)
    with bench.store.begin() as connection:
        intent = plan_intent(connection, sync="s", record="r", operation="create_order", reference="x", fence_seconds=1)
    attempts = iter([OutcomeUnknownError("lost"), None])

    def send() -> RecordRef:
        return bench.send(error, work=error is None)() if (error := next(attempts)) else bench.send()()

    assert carry_out(intent, send, bench.look_up, window).ref.number == "100"
    assert bench.looked == 2, "at once, and when the fence was over"


def test_answers_lost_again_and_again_let_the_engine_wait(bench: Bench) -> None:
    window = Window(bench.store, "test", bench.time.clock, longest_request=0)
    with bench.store.begin() as connection:
        intent = plan_intent(connection, sync="s", record="r", operation="create_order", reference="x", fence_seconds=0)
    sends = 0

    def send() -> RecordRef:
        nonlocal sends
        sends += 1
        raise OutcomeUnknownError("lost")

    with pytest.raises(ComeBackLater):
        carry_out(intent, send, bench.look_up, window)
    assert sends == 2


def test_an_attempt_under_way_elsewhere_is_asked_for_again_soon(bench: Bench) -> None:
    intent = bench.intent(SEARCH)
    with pytest.raises(Killed):
        bench.carry(intent, Killed(), work=False)
    with pytest.raises(ComeBackLater) as signal:
        bench.carry(intent)
    assert signal.value.seconds <= 2
    assert not bench.made


def test_a_conflict_adopts_what_is_there_already(bench: Bench) -> None:
    intent = bench.intent(Effect(EffectKind.UNIQUE_REFERENCE, 0, "refused"))
    bench.made.append("55")
    carried = bench.carry(intent, ConflictError("exists"), work=False)
    assert (carried.ref.number, carried.how) == ("55", "adopted")


def test_a_conflict_with_nothing_to_adopt_is_a_refusal(bench: Bench) -> None:
    intent = bench.intent(SEARCH)
    with pytest.raises(ConflictError):
        bench.carry(intent, ConflictError("exists"), work=False)
    assert bench.state(intent) == "refused"


def test_a_look_up_out_of_reach_leaves_the_effect_unsettled(bench: Bench) -> None:
    intent = bench.intent(SEARCH)

    def unreachable() -> RecordRef | None:
        raise UnavailableError("out of reach")

    with pytest.raises(UnavailableError):
        carry_out(intent, bench.send(OutcomeUnknownError("lost")), unreachable, bench.window)
    assert bench.state(intent) == "uncertain"
    assert bench.carry(intent).how == "adopted"


def test_a_second_document_that_turns_up_asks_a_person_and_has_the_record_looked_at_again(bench: Bench) -> None:
    intent = bench.intent(SEARCH)
    late: list[Carried] = []
    noted: list[str | None] = []

    def look_again(connection: sa.Connection) -> None:
        noted.append(get_intent(connection, intent.id).second)

    def send() -> RecordRef:
        # While this request is under way beyond all time-outs, another worker has given it up and sent again.
        bench.time.move(100)
        late.append(settle_later())
        bench.made.append("late")
        return RecordRef(number="late")

    def settle_later() -> Carried:
        try:
            return carry_out(intent, bench.send(), lambda: None, bench.window)
        except ErpcoreError as error:
            raise AssertionError(error) from error

    with pytest.raises(UncertainEffectError, match="100 and late") as asked:
        carry_out(intent, send, bench.look_up, replace(bench.window, look_again=look_again))
    assert (asked.value.cause, asked.value.record) == ("two_documents", "deal 1")
    assert late[0].ref.number == "100"
    assert noted == ["late"], "in the transaction that notes it"
    for again in (carry_out, settle):
        with pytest.raises(UncertainEffectError, match="100 and late"):
            again(intent, *([bench.send()] if again is carry_out else []), bench.look_up, bench.window)
    assert bench.made == ["100", "late"], "nothing is made while two of them wait for a person"


def test_settling_sends_nothing(bench: Bench) -> None:
    intent = bench.intent(SEARCH)
    with pytest.raises(Killed):
        bench.carry(intent, Killed(), work=False)
    with pytest.raises(ComeBackLater):
        settle(intent, bench.look_up, bench.window)
    bench.time.move(20)
    assert settle(intent, bench.look_up, bench.window) is None
    assert bench.state(intent) == "planned"
    assert not bench.made


def test_settling_adopts_what_was_made(bench: Bench) -> None:
    intent = bench.intent(SEARCH)
    with pytest.raises(Killed):
        bench.carry(intent, Killed())
    carried = settle(intent, bench.look_up, bench.window)
    assert carried is not None
    assert (carried.ref.number, carried.how) == ("100", "adopted")


def test_the_ledger_tells_everything_that_happened(bench: Bench) -> None:
    intent = bench.intent(SEARCH)
    bench.carry(intent, OutcomeUnknownError("lost"))
    with bench.store.read() as connection:
        assert [event.what for event in history_of(connection, intent.id)] == [
            "planned",
            "sending",
            "uncertain",
            "adopted",
        ]


def _kill_while_ordering(world: World) -> int:
    world.books.faults["create_order"] = ["after:killed"]
    world.event("d1")
    run_id = world.open("d1")
    with pytest.raises(Killed):
        world.work(run_id)
    return run_id


def test_an_annulled_document_is_not_adopted_silently(world: World) -> None:
    run_id = _kill_while_ordering(world)
    world.books.orders["1001"] = world.books.orders["1001"].model_copy(update={"cancelled": True})
    run = world.work(run_id)
    assert (run.state, run.error_class) == ("uncertain", "UncertainEffectError")
    assert "order 1001 was made before, and was annulled" in str(run.error_text)
    with world.store.begin() as connection:
        intent = get_intent(connection, 2)
        assert (intent.operation, intent.state) == ("create_order", "uncertain")
        decide_intent(connection, intent.id, person="Kim", number=None)
    assert world.retry(run).state == "done"
    assert world.desk.deals["d1"].erp_id == "1002"


def test_two_documents_with_our_reference_are_for_a_person(world: World) -> None:
    run_id = _kill_while_ordering(world)
    order: Order = world.only_order
    world.books.orders["1002"] = order.model_copy(update={"number": "1002"})
    run = world.work(run_id)
    assert run.state == "uncertain"
    assert "2 orders with our reference" in str(run.error_text)
    world.books.orders["1002"] = world.books.orders["1002"].model_copy(update={"cancelled": True})
    assert world.retry(run).state == "done"
    assert world.desk.deals["d1"].erp_id == "1001"


def test_an_invoice_whose_answer_is_lost_is_found_by_its_reference(make_world: MakeWorld) -> None:
    world = make_world(won_deal="invoice")
    world.company()
    world.deal()
    world.books.faults["create_invoice"] = ["after:lost"]
    assert world.handle().summary == "Invoice draft 1."
    assert len(world.books.invoices) == 1
    world.books.invoices["other"] = Invoice(number="other")
    assert world.handle().state == "nothing"


def test_the_rule_may_change_while_a_document_is_unsettled(world: World) -> None:
    run_id = _kill_while_ordering(world)
    world.rules(won_deal="invoice")
    assert world.work(run_id).state == "done"
    assert len(world.books.orders) == 1
    assert not world.books.invoices


def test_a_plugin_that_declares_no_strategy_is_told_so_before_anything_is_sent(make_world: MakeWorld) -> None:
    class Undeclared(MemoryErp):
        effects = {name: effect for name, effect in MemoryErp.effects.items() if name != "create_order"}  # noqa: RUF012 (a test's class)

    world = make_world(erp_class=Undeclared)
    world.company()
    world.deal()
    run = world.handle()
    assert run.error_class == "PluginContractError"
    assert not world.books.orders


def test_what_was_noted_with_a_longer_key_is_looked_for_under_that_key(make_world: MakeWorld) -> None:
    """An earlier version made keys of 60 characters; what was under way then is found, not made again."""
    world, old = make_world(), "o" * 60
    world.company()
    world.deal()
    with world.store.begin() as connection:
        intent = plan_intent(
            connection, sync=SYNC, record="deal d1", operation="create_order", reference=old, fence_seconds=1
        )
        begin_sending(connection, intent.id, worker="an earlier version")
    world.books.orders["900"] = Order(number="900", reference=old, customer_number="1", rows=())
    assert world.handle().state == "done"
    assert list(world.books.orders) == ["900"], "found, not made again"
