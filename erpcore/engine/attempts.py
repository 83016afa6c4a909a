"""One attempt at a run, from taking it to what follows from its end. The queue that calls this keeps nothing of it.

Whatever breaks an attempt, the run is taken again by somebody, and that attempt reads and plans anew. So an attempt may
be begun any number of times; what must not be done twice goes through the intent ledger.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Protocol

import sqlalchemy as sa

from erpcore.engine.outcome import Outcome, given_up, judge, wait_before_next, waiting_since
from erpcore.engine.requests import Tally, counting, in_words
from erpcore.engine.troubles import Troubles, span
from erpcore.errors import TurnLostError
from erpcore.logs import facts
from erpcore.problem import Problem
from erpcore.settings import WorkerSettings
from erpcore.store import (
    FinalState,
    Run,
    Store,
    finish_run,
    get_run,
    hold_run,
    keep_waiting,
    latest_run,
    note_failing,
    note_well,
    now,
    open_run,
    reopen_run,
    rivals_of,
    run_of_new_customer,
    take_run,
    tell,
    tell_all,
    tell_once,
)
from erpcore.sync.flow import Ending
from erpcore.sync.shared import story
from erpcore.sync.window import STORE_AWAY

_log = logging.getLogger(__name__)

_NOTED_EVERY = 60.0
"""Seconds between two notes in the store that a system does well."""


class Flow(Protocol):
    """What is done for a record; `erpcore.sync.flow.Flow` is one."""

    def carry_out(self, run: Run, *, look_again: Callable[[sa.Connection], None]) -> Ending:
        """Read, plan and carry out; raises what stops it."""

    def tell_failure(self, run: Run, problem: Problem) -> None:
        """Tell the source why it failed, where the source keeps such a word."""


class Queue(Protocol):
    """Where attempts wait for their turn."""

    def enqueue(self, connection: sa.Connection, run: Run, *, attempt: int, delay_seconds: float = 0.0) -> None:
        """Put an attempt in, inside the caller's transaction; doing it twice changes nothing."""

    def drop(self, run: Run) -> None:
        """Take out an attempt at a run that has ended, so that nobody takes it in vain."""


class Attempts:
    """Carries out attempts.

    Args:
        store: The store.
        queue: Where later attempts and next runs are put.
        flow_of: Gives the flow of a sync, by the sync's name, for a kind of record.
        settings: Waits between attempts, and how often one is taken up again.
        worker: Name of this worker.
    """

    def __init__(
        self, store: Store, queue: Queue, flow_of: Callable[[str, str], Flow], settings: WorkerSettings, worker: str
    ) -> None:
        self._store = store
        self._queue = queue
        self._flow_of = flow_of
        self._settings = settings
        self._worker = worker
        self._troubles = Troubles(store.clock)
        self._well: dict[str, float] = {}

    def carry_out(self, run_id: int, attempt: int, *, store_was_away: bool = False) -> str:
        """Carry out one attempt at a run.

        Args:
            run_id: Number of the run.
            attempt: Which attempt, from 1.
            store_was_away: Whether it broke off because the store failed, which is no fault of the run's.

        Returns:
            What became of it: the run's state, or that there was nothing to do any more.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: The store is away. The attempt is to be carried out again, from its start.
        """
        with self._store.begin() as connection:
            run = take_run(connection, run_id, attempt, worker=self._worker, counts=not store_was_away)
            if run is None:
                return "ended already"
            if run.takings > 1 or store_was_away:
                text = f"This broke off in the middle; worker {self._worker} begins it again."
                tell(connection, run.id, "taken_again", text, {"attempt": attempt})
        if run.takings > self._settings.take_up_again + 1:
            return self._give_up(run, "This ended its worker every time it was taken up.")
        try:
            return self._carry_out(run)
        except TurnLostError as lost:
            _log.warning("run %d is another worker's by now: %s", run.id, lost)
            return "another worker's"

    def _carry_out(self, run: Run) -> str:
        ending: Ending | None = None
        outcome: Outcome | None = None
        with counting() as tally:
            try:
                ending = self._flow(run).carry_out(run, look_again=lambda connection: self._look_again(connection, run))
            except (TurnLostError, *STORE_AWAY):
                raise
            except Exception as error:
                # Nothing may be lost without a trace: whatever it was, it ends on the record's story.
                outcome = self._tell_failure(run, self._judge(run, error))
        state = self._conclude(run, tally, ending, outcome)
        self._tell_log(run, state, tally, outcome)
        return state

    def end_dropped(self, run: Run) -> None:
        """End a run whose attempt the queue does not carry any more, so that people see it, in the source too.

        Args:
            run: As it stood before the queue was asked; one that has gone on since is left alone.
        """
        with self._store.begin() as connection:
            now_stands = get_run(connection, run.id, lock=True)
            if (now_stands.state, now_stands.attempt, now_stands.token) != (run.state, run.attempt, run.token):
                return
            # A thread may have it in hand all the same: what that one concludes must not count.
            taken = take_run(connection, run.id, run.attempt, worker=self._worker, counts=False)
        if taken is not None:
            self._give_up(
                taken, "The queue does not carry this any more: it was cancelled there, or broke off with an error."
            )

    def _give_up(self, run: Run, why: str) -> str:
        """End a run as failed, and have the source told.

        The other way round, what ended every worker might lie in the telling.
        """
        advice = "Look into the workers' logs. It can be sent again with: erpcore retry"
        outcome = Outcome("failed", Problem(error_class="GivenUp", message=why, advice=advice))
        state = self._conclude(run, Tally(), None, outcome)
        self._tell_log(run, state, Tally(), outcome)
        if (untold := self._tell_failure(run, outcome)).verdict == "later":
            self._note_untold(run, untold)
        return state

    def _flow(self, run: Run) -> Flow:
        return self._flow_of(run.sync, run.record_kind)

    def _judge(self, run: Run, error: Exception) -> Outcome:
        outcome = judge(error)
        if outcome.problem.message.startswith("Unexpected"):
            _log.error("run %d of sync %s: unexpected", run.id, run.sync, exc_info=error)
        with self._store.read() as connection:
            at = now(connection)
        since = waiting_since(run.waiting_since, run.problem, outcome, at)
        return given_up(outcome, since, at, self._settings.give_up_hours, self._settings.hiccup_minutes)

    def _tell_failure(self, run: Run, outcome: Outcome) -> Outcome:
        """Have the source told of a failure or a question.

        A source that is out of reach then is waited for like any other system: the run is tried again from its start,
        and comes to the same end. One that refuses to be told is noted, and the problem stays the end.
        """
        if outcome.verdict == "later":
            return outcome
        try:
            self._flow(run).tell_failure(run, outcome.problem)
        except (TurnLostError, *STORE_AWAY):
            raise
        except Exception as error:
            why = self._judge(run, error)
            if why.verdict == "later":
                return why
            self._note_untold(run, why)
        return outcome

    def _note_untold(self, run: Run, why: Outcome) -> None:
        with self._store.begin() as connection:
            hold_run(connection, run)
            text = f"The CRM could not be told of the failure: {why.problem.text}"
            tell(connection, run.id, "warning", text)

    def _conclude(self, run: Run, tally: Tally, ending: Ending | None, outcome: Outcome | None) -> str:
        """Write down how an attempt ended, and put what follows from it into the queue, in one transaction."""
        requests = dict(Counter(run.requests or {}) + tally.requests)
        ended: list[Run] = []
        with self._store.begin() as connection:
            hold_run(connection, run)
            tell_all(connection, run.id, [("request", *in_words(exchange)) for exchange in tally.failures])
            self._note_pulses(connection, tally, None if outcome is None else outcome.problem)
            if outcome is not None and outcome.verdict == "later":
                self._wait(connection, run, outcome, requests)
                return "waiting"
            if ending is not None and rivals_of(connection, sync=run.sync, record=run.record):
                # It turned up while this attempt was at work: the next one finds it, and asks a person.
                self._queue.enqueue(connection, run, attempt=run.attempt + 1)
                return "queued"
            if ending is not None:
                state: FinalState = ending.state
                if state == "done":
                    tell_once(connection, run.id, [("done", ending.summary, None)])
                more = finish_run(
                    connection, run.id, state=state, summary=ending.summary, plan=ending.plan, requests=requests
                )
                ended += self._end_covered(connection, run, ending)
            else:
                assert outcome is not None  # noqa: S101  an attempt ends in one of the two
                problem, state = outcome.problem, "failed" if outcome.verdict == "failed" else "uncertain"
                data = {"error": problem.error_class, "advice": problem.advice, "attempt": run.attempt}
                tell(connection, run.id, "error", problem.text, data)
                more = finish_run(
                    connection, run.id, state=state, summary=problem.text, problem=problem, requests=requests
                )
            if more:
                self._open_next(connection, run)
        for covered in ended:
            self._queue.drop(covered)
        return state

    def _end_covered(self, connection: sa.Connection, run: Run, ending: Ending) -> Iterator[Run]:
        """End the runs of companies that became customers by what this attempt did, and by nothing else."""
        for customer in ending.customers:
            found = run_of_new_customer(connection, run, customer.company_id, customer.digest)
            if found is not None:
                covered, number = found
                tell(connection, covered.id, "note", story.sent_with(run.record))
                finish_run(connection, covered.id, state="nothing", summary=story.customer_right(number))
                yield covered

    def _note_pulses(self, connection: sa.Connection, tally: Tally, problem: Problem | None) -> None:
        """Note how the systems do that were asked; what goes well, once a minute."""
        failing = problem.connection if problem is not None and problem.is_of_the_connection else None
        if problem is not None and failing is not None:
            note_failing(connection, failing, "requests", problem)
            self._well.pop(failing, None)
        at = self._store.clock.monotonic()
        for name in tally.requests:
            if name != failing and at - self._well.get(name, float("-inf")) >= _NOTED_EVERY:
                note_well(connection, name, "requests")
                self._well[name] = at

    def _tell_log(self, run: Run, state: str, tally: Tally, outcome: Outcome | None) -> None:
        """Write the one line that an attempt leaves in the log, and one when a system goes away or comes back."""
        problem = None if outcome is None else outcome.problem
        failing = problem.connection if problem is not None and problem.is_of_the_connection else None
        if problem is not None and failing is not None:
            self._troubles.note(failing, problem.message)
        for name in tally.requests:
            if name != failing:
                self._troubles.over(name)
        level = logging.WARNING if state in ("failed", "uncertain") else logging.INFO
        _log.log(
            level,
            "%s: %s is %s%s [run %d]",
            run.sync,
            run.record,
            state,
            f": {problem.text}" if problem is not None else "",
            run.id,
            extra=facts(
                sync=run.sync,
                record=run.record,
                run=run.id,
                attempt=run.attempt,
                state=state,
                correlation_id=run.correlation_id,
                cause=None if problem is None else problem.key,
                error=None if problem is None else problem.error_class,
                vendor_code=None if problem is None else problem.vendor_code,
                requests=dict(tally.requests) or None,
            ),
        )

    def _wait(self, connection: sa.Connection, run: Run, outcome: Outcome, requests: Mapping[str, int]) -> None:
        at = now(connection)
        since = waiting_since(run.waiting_since, run.problem, outcome, at)
        outages = run.outages if since != at else 0
        seconds = wait_before_next(outcome, outages, self._settings.retry_seconds)
        line = f"{outcome.problem.text} It is tried again in {span(seconds)}."
        keep_waiting(
            connection,
            run.id,
            resume_at=at + timedelta(seconds=seconds),
            summary=line,
            problem=outcome.problem,
            requests=requests,
            waiting_since=since,
            outages=outages + outcome.outage,
        )
        tell(connection, run.id, "waiting", line, {"error": outcome.problem.error_class, "attempt": run.attempt})
        self._queue.enqueue(connection, run, attempt=run.attempt + 1, delay_seconds=seconds)

    def _open_next(self, connection: sa.Connection, run: Run) -> None:
        """Open the run after one that has ended, for events that came while it was at work."""
        following, new = open_run(
            connection,
            sync=run.sync,
            source=run.source,
            target=run.target or "",
            record_kind=run.record_kind,
            record_id=run.record_id,
        )
        if new:
            self._queue.enqueue(connection, following, attempt=1)

    def _look_again(self, connection: sa.Connection, run: Run) -> None:
        """Have the newest run of a record looked at once more: a second document has turned up.

        An open one need not be touched: `_conclude` finds the second document in the ledger.
        """
        newest = latest_run(connection, sync=run.sync, record_kind=run.record_kind, record_id=run.record_id)
        if newest is None:
            return
        newest = get_run(connection, newest.id, lock=True)
        if newest.state in ("done", "nothing"):
            again = reopen_run(connection, newest.id, states=("done", "nothing"))
            self._queue.enqueue(connection, again, attempt=again.attempt + 1)
