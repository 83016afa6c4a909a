"""The intent ledger: never a second document without a look-up, never a lost one."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.fernet import Fernet
from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from erpcore.errors import ErpcoreError
from erpcore.store import (
    Intent,
    Store,
    Turn,
    decide_intent,
    get_intent,
    history_of,
    intents_of,
    open_store,
    record_absent,
    record_done,
    record_not_sent,
    record_refused,
    record_uncertain,
    uncertain_intents,
)
from tests.store.intent_moves import FENCE, begin, plan

OUTCOMES = ["made", "made, answer lost", "lost", "refused", "did not leave", "crash", "made, crash"]


def _now(store: Store, intent: Intent) -> Intent:
    with store.read() as connection:
        return get_intent(connection, intent.id)


def test_the_first_attempt_pays_no_look_up(timed_store: Store) -> None:
    intent = plan(timed_store)
    turn = begin(timed_store, intent)
    assert (turn.action, turn.attempt, turn.intent.state) == ("send", 1, "sending")
    with timed_store.begin() as connection:
        done = record_done(connection, intent.id, attempt=1, number="17", key="x", result={"total": "1250.00"})
    assert (done.state, done.number, done.key, done.error) == ("done", "17", "x", None)
    again = begin(timed_store, intent, "w2")
    assert (again.action, again.intent.number) == ("done", "17")
    with timed_store.read() as connection:
        assert [event.what for event in history_of(connection, intent.id)] == ["planned", "sending", "done"]


def test_planning_again_gives_the_first_intent(store: Store) -> None:
    first = plan(store)
    assert plan(store, reference="another") == first
    assert plan(store, reference="abc234-2", generation=2).id != first.id
    with store.read() as connection:
        assert len(intents_of(connection, sync="s", record="deal 1", operation="create_order")) == 2


def test_a_reference_belongs_to_one_intent(store: Store) -> None:
    plan(store)
    with pytest.raises(ErpcoreError, match="belongs to another document"):
        plan(store, record="deal 2")


def test_after_a_crash_the_fence_is_waited_out_between_two_look_ups(timed_store: Store, clock: Any) -> None:
    intent = plan(timed_store)
    begin(timed_store, intent)
    clock.move(4)
    early = begin(timed_store, intent, "w2")
    assert early.action == "look_up"
    assert early.wait_until is not None
    assert (early.wait_until - clock.at).total_seconds() == FENCE - 4
    with timed_store.begin() as connection:
        assert record_absent(connection, early)
    assert begin(timed_store, intent, "w2").action == "look_up", "a look-up inside the fence does not count"
    clock.move(6)
    late = begin(timed_store, intent, "w2")
    assert (late.action, late.wait_until) == ("look_up", None)
    with timed_store.begin() as connection:
        assert record_absent(connection, late)
    turn = begin(timed_store, intent, "w2")
    assert (turn.action, turn.attempt, turn.intent.worker) == ("send", 2, "w2")
    assert begin(timed_store, intent, "w3").action == "look_up", "the look-up counted for one send"


def test_a_clock_that_was_set_back_makes_the_fence_no_longer(timed_store: Store, clock: Any) -> None:
    intent = plan(timed_store)
    begin(timed_store, intent)
    clock.move(-3600.0)
    waiting = begin(timed_store, intent, "w2")
    assert waiting.wait_until is not None
    assert (waiting.wait_until - waiting.at).total_seconds() == FENCE
    clock.move(FENCE)
    look = begin(timed_store, intent, "w2")
    assert (look.action, look.wait_until) == ("look_up", None)
    with timed_store.begin() as connection:
        record_absent(connection, look)
    assert begin(timed_store, intent, "w2").action == "send"


def test_without_any_lag_a_look_up_still_counts_for_one_send_only(timed_store: Store) -> None:
    intent = plan(timed_store, fence=0)
    begin(timed_store, intent)
    turn = begin(timed_store, intent, "w2")
    assert (turn.action, turn.wait_until) == ("look_up", None)
    with timed_store.begin() as connection:
        assert record_absent(connection, turn)
    assert begin(timed_store, intent, "w2").action == "send"
    assert begin(timed_store, intent, "w3").action == "look_up"


def test_what_a_look_up_finds_is_adopted(timed_store: Store) -> None:
    intent = plan(timed_store)
    begin(timed_store, intent)
    turn = begin(timed_store, intent, "w2")
    with timed_store.begin() as connection:
        done = record_done(connection, intent.id, attempt=turn.attempt, number="17", adopted=True)
        assert (done.state, done.error) == ("done", None)
        assert [event.what for event in history_of(connection, intent.id)][-1] == "adopted"


def test_a_lost_answer_starts_the_fence_anew(timed_store: Store, clock: Any) -> None:
    intent = plan(timed_store)
    turn = begin(timed_store, intent)
    clock.move(9)
    with timed_store.begin() as connection:
        assert record_uncertain(connection, turn, "no answer in 9 s")
    clock.move(5)
    look_up = begin(timed_store, intent)
    assert (look_up.action, look_up.intent.state) == ("look_up", "uncertain")
    assert look_up.wait_until is not None
    assert (look_up.wait_until - clock.at).total_seconds() == 5


def test_an_old_look_up_does_not_count_for_a_later_uncertainty(timed_store: Store, clock: Any) -> None:
    intent = plan(timed_store)
    turn = begin(timed_store, intent)
    clock.move(11)
    look_up = begin(timed_store, intent, "w2")
    with timed_store.begin() as connection:
        assert record_absent(connection, look_up)
        assert record_uncertain(connection, turn, "the answer was lost only now")
    assert begin(timed_store, intent, "w2").action == "look_up"


@pytest.mark.parametrize("record", [record_refused, record_not_sent])
def test_what_surely_was_not_made_is_sent_again_at_once(timed_store: Store, record: Any) -> None:
    intent = plan(timed_store)
    turn = begin(timed_store, intent)
    with timed_store.begin() as connection:
        assert record(connection, turn, "no")
        assert not record(connection, turn, "said twice"), "told once"
    assert _now(timed_store, intent).error == "no"
    assert begin(timed_store, intent).action == "send"


def test_a_late_answer_of_an_overtaken_attempt_changes_nothing_but_a_document_counts(
    timed_store: Store, clock: Any
) -> None:
    intent = plan(timed_store)
    slow = begin(timed_store, intent, "slow")
    clock.move(11)
    look_up = begin(timed_store, intent, "fast")
    with timed_store.begin() as connection:
        record_absent(connection, look_up)
    fast = begin(timed_store, intent, "fast")
    assert fast.action == "send"
    with timed_store.begin() as connection:
        assert not record_refused(connection, slow, "late no")
        assert not record_uncertain(connection, slow, "late")
        assert record_done(connection, intent.id, attempt=1, number="17").state == "done"
        second = record_done(connection, intent.id, attempt=2, number="18")
        assert not record_refused(connection, fast, "after done")
    assert (second.state, second.number, second.second, second.error) == ("done", "17", "18", None)
    with timed_store.read() as connection:
        assert uncertain_intents(connection, sync="s") == [second]
        assert history_of(connection, intent.id)[-1].what == "second"


def test_the_same_number_told_twice_is_one_document(timed_store: Store) -> None:
    intent = plan(timed_store)
    begin(timed_store, intent)
    with timed_store.begin() as connection:
        first = record_done(connection, intent.id, attempt=1, number="17")
        assert record_done(connection, intent.id, attempt=1, number="17") == first


def test_without_a_fence_a_person_decides(timed_store: Store) -> None:
    intent = plan(timed_store, fence=None)
    assert begin(timed_store, intent).action == "send"
    turn = begin(timed_store, intent, "w2")
    assert (turn.action, turn.intent.state) == ("decide", "uncertain")
    with pytest.raises(ValueError, match="no look-up"), timed_store.begin() as connection:
        record_absent(connection, turn)
    with timed_store.begin() as connection:
        assert [found.id for found in uncertain_intents(connection)] == [intent.id]
        decided = decide_intent(connection, intent.id, person="eva", number=None)
    assert (decided.state, decided.decided_by) == ("planned", "eva")
    assert begin(timed_store, intent).action == "send"


def test_a_person_may_name_the_document(timed_store: Store) -> None:
    intent = plan(timed_store, fence=None)
    turn = begin(timed_store, intent)
    with timed_store.begin() as connection:
        record_uncertain(connection, turn, "lost")
        decided = decide_intent(connection, intent.id, person="eva", number="17")
        assert (decided.state, decided.number, decided.error) == ("done", "17", None)
        with pytest.raises(ErpcoreError, match="not uncertain"):
            decide_intent(connection, intent.id, person="eva", number=None)


def test_a_turn_to_look_up_cannot_settle_a_send(timed_store: Store) -> None:
    intent = plan(timed_store)
    begin(timed_store, intent)
    turn = begin(timed_store, intent)
    with pytest.raises(ValueError, match="sent nothing"), timed_store.begin() as connection:
        record_refused(connection, turn, "x")


class LedgerMachine(RuleBasedStateMachine):
    """Workers that crash, answers that are lost, a slow ERP: the ERP must end with at most one document.

    The model's ERP shows a document at once or later, but within the fence; a request in flight is carried out
    before its fence is over, as the client's time-out makes sure. The clock that the ledger goes by may be set back.
    """

    sends: Bundle[Turn] = Bundle("sends")
    looks: Bundle[Turn] = Bundle("looks")
    url: str
    clock: Any

    def __init__(self) -> None:
        super().__init__()
        self.store = open_store(self.url, key=Fernet.generate_key().decode(), clock=self.clock.clock)
        self.documents: list[str] = []
        self.settled: set[int] = set()
        self.looked_since_send = False
        self.count = 0
        self.passed = 0.0
        self.latest: dict[int, float] = {}

    def teardown(self) -> None:
        self.store.close()

    @initialize(target=sends)
    def plan(self) -> Turn:
        LedgerMachine.number = getattr(LedgerMachine, "number", 0) + 1
        self.intent = plan(self.store, reference=f"r{LedgerMachine.number}", record=f"deal {LedgerMachine.number}")
        turn = begin(self.store, self.intent)
        assert turn.action == "send"
        self.count = 1
        return self.sent(turn)

    def sent(self, turn: Turn) -> Turn:
        self.latest[turn.attempt] = self.passed + FENCE
        return turn

    @rule(target=sends)
    def begin_and_maybe_send(self) -> Any:
        before = _now(self.store, self.intent)
        turn = begin(self.store, self.intent, "other")
        if turn.action != "send":
            assert before.state not in ("planned", "refused")
            return turn_nothing
        if before.state in ("sending", "uncertain"):
            assert before.absent_at is not None
            assert before.fence_until is not None
            assert before.absent_at >= before.fence_until
            assert self.looked_since_send, "a second send needs a look-up after the first"
        assert before.state != "done"
        self.looked_since_send = False
        self.count += 1
        return self.sent(turn)

    @rule(target=looks)
    def begin_look_up(self) -> Any:
        turn = begin(self.store, self.intent, "other")
        if turn.action == "send":
            with self.store.begin() as connection:
                record_not_sent(connection, turn, "the test changed its mind")
        return turn if turn.action == "look_up" else turn_nothing

    @rule(turn=consumes(looks))
    def finish_look_up(self, turn: Turn) -> None:
        if turn is turn_nothing:
            return
        with self.store.begin() as connection:
            if self.documents:
                record_done(
                    connection,
                    self.intent.id,
                    attempt=turn.attempt,
                    number=self.documents[0],
                    adopted=True,
                )
            elif record_absent(connection, turn):
                self.looked_since_send = True

    @rule(
        turn=consumes(sends),
        outcome=st.sampled_from(OUTCOMES),
    )
    def answer(self, turn: Turn, outcome: str) -> None:
        if turn is turn_nothing:
            return
        in_time = self.passed < self.latest[turn.attempt]
        if outcome.startswith("made") and in_time:
            self.documents.append(str(len(self.documents) + 1))
        with self.store.begin() as connection:
            if outcome == "made" and in_time:
                number = self.documents[-1]
                record_done(connection, self.intent.id, attempt=turn.attempt, number=number)
            elif outcome in ("made, answer lost", "lost"):
                record_uncertain(connection, turn, outcome)
            elif outcome == "refused":
                record_refused(connection, turn, outcome)
            elif outcome == "did not leave":
                record_not_sent(connection, turn, outcome)

    @rule(seconds=st.sampled_from([1.0, FENCE, FENCE * 2]))
    def time_passes(self, seconds: float) -> None:
        self.clock.move(seconds)
        self.passed += seconds

    @rule()
    def the_clock_is_set_back(self) -> None:
        self.clock.move(-3600.0)

    @invariant()
    def at_most_one_document(self) -> None:
        assert len(self.documents) <= 1

    @invariant()
    def done_names_the_document(self) -> None:
        if not hasattr(self, "intent"):
            return
        stands = _now(self.store, self.intent)
        assert stands.attempts >= self.count
        if stands.state == "done":
            assert stands.number == self.documents[0]
            assert (stands.second, stands.error) == (None, None)


turn_nothing: Any = object()


@pytest.fixture
def machine(store_url: str, clock: Any) -> type[LedgerMachine]:
    class Machine(LedgerMachine):
        url = store_url

    Machine.clock = clock
    return Machine


def test_no_path_leads_to_a_second_document(machine: type[LedgerMachine]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=30,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
