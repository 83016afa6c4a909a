"""One attempt at a run, step by step. What a step gives is kept by the durable engine; this module does not know which.

A step is carried out at least once, so each is safe to repeat: writes to an ERP go through the intent ledger, and
`RunHandler.conclude` finds a run that it has concluded already as it left it. What a step raises becomes part of its
kept result, so that a repetition after a crash takes the same way.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from erpcore.engine.outcome import Problem, given_up, judge, wait_before_next
from erpcore.engine.queue import RunQueue
from erpcore.engine.requests import Tally, counting, in_words
from erpcore.errors import ErpcoreError
from erpcore.settings import WorkerSettings
from erpcore.store.clock import now
from erpcore.store.database import Store
from erpcore.store.runs import OPEN_STATES, Run, finish_run, get_run, keep_waiting, open_run, start_run
from erpcore.store.story import tell

_log = logging.getLogger(__name__)

Json = Any
"""A value that JSON has a form for."""

Step = Callable[[str, Callable[[], Json]], Json]
"""Carries out a named function and keeps its result; the second time the kept result is given."""


class Flow(Protocol):
    """What is done for a record; `erpcore.sync.deals.WonDeal` is one. Everything in and out is JSON."""

    def read_crm(self, run_id: int) -> Json:
        """Read the record from the CRM."""

    def make_plan(self, run_id: int, crm: Json) -> Json:
        """Say what is to be done: ``{"steps": [{"step": name, ...}, ...], ...}``."""

    def do_step(self, run_id: int, plan: Json, index: int, results: Sequence[Json]) -> Json:
        """Carry out one step of the plan, given the results of those before it."""

    def finish(self, run_id: int, plan: Json, results: Sequence[Json]) -> Json:
        """Say how it ended: ``{"state": "done" or "nothing", "summary": ...}``."""

    def tell_failure(self, run_id: int, message: str) -> None:
        """Tell the CRM that it failed for good, where the CRM keeps such a word."""


FlowOf = Callable[[str, str], Flow]
"""Gives the flow of a sync, by the sync's name, for a kind of record."""


class _Stopped(Exception):
    def __init__(self, problem: Problem) -> None:
        self.problem = problem


class RunHandler:
    """Handles runs.

    Args:
        store: The store.
        queue: Where later attempts and next runs are put.
        flow_of: Gives the flow of a sync for a kind of record.
        settings: Waits between attempts.
    """

    def __init__(self, store: Store, queue: RunQueue, flow_of: FlowOf, settings: WorkerSettings) -> None:
        self._store = store
        self._queue = queue
        self._flow_of = flow_of
        self._settings = settings

    def handle(self, run_id: int, attempt: int, carried: Mapping[str, Any], step: Step) -> str:
        """Carry out one attempt at a run.

        The names and the order of the steps are what `erpcore.engine.queue.APPLICATION_VERSION` stands for.

        Args:
            run_id: Number of the run.
            attempt: Which attempt, from 1.
            carried: What the attempt before gave along.
            step: Carries out and keeps.

        Returns:
            The run's state afterwards.
        """
        begun = step("begin", lambda: self._begin(run_id, attempt))
        if begun is None:
            return "ended already"
        requests = Counter(carried.get("requests", {}))

        def do(name: str, function: Callable[[Flow], Json]) -> Json:
            kept = step(name, lambda: self._guarded(run_id, begun, function))
            requests.update(kept["requests"])
            if kept["problem"] is not None:
                raise _Stopped(Problem.model_validate(kept["problem"]))
            return kept["value"]

        plan: Json = None
        ending: dict[str, Any] | None = None
        problem: Problem | None = None
        try:
            crm = do("read_crm", lambda flow: flow.read_crm(run_id))
            plan = do("make_plan", lambda flow: flow.make_plan(run_id, crm))
            results: list[Json] = []
            for index, planned in enumerate(plan["steps"]):
                # The loop ends before index and results change again.
                results.append(
                    do(planned["step"], lambda flow: flow.do_step(run_id, plan, index, results))  # noqa: B023
                )
            ending = do("finish", lambda flow: flow.finish(run_id, plan, results))
        except _Stopped as stopped:
            stop = stopped.problem
            told = step("tell_failure", lambda: self._tell_failure(run_id, begun, carried, stop))
            requests.update(told["requests"])
            problem = Problem.model_validate(told["problem"])
        carry = {**carried, "requests": dict(requests)}
        state: str = step("conclude", lambda: self.conclude(run_id, attempt, carry, plan, ending, problem))
        return state

    def conclude(
        self,
        run_id: int,
        attempt: int,
        carried: Mapping[str, Any],
        plan: Json,
        ending: Mapping[str, Any] | None,
        problem: Problem | None,
    ) -> str:
        """Write down how an attempt ended, and put what follows from it into the queue, in one transaction.

        An attempt that a newer one has followed changes nothing: it has been concluded (and is repeated after a crash),
        or was given up, and the run is the newer one's.

        Args:
            run_id: Number of the run.
            attempt: Which attempt.
            carried: Requests so far, outages so far and since when, for the next attempt.
            plan: What was planned, None if it did not come so far.
            ending: What the flow's `finish` said; None when there is a problem.
            problem: Why it did not come to its end.

        Returns:
            The run's state.
        """
        with self._store.begin() as connection:
            run = get_run(connection, run_id, lock=True)
            if run.state not in OPEN_STATES or attempt < run.attempt:
                return run.state
            requests = carried.get("requests", {})
            if problem is not None:
                if problem.verdict == "later":
                    at = now(connection)
                    since = _since(carried, at)
                    outages = int(carried.get("outages", 0))
                    seconds = wait_before_next(problem, outages, self._settings.retry_seconds)
                    line = f"{problem.text} It is tried again in {_span(seconds)}."
                    keep_waiting(connection, run_id, resume_at=at + timedelta(seconds=seconds), summary=line)
                    tell(connection, run_id, "waiting", line, {"error": problem.error_class, "attempt": attempt})
                    next_carried = {**carried, "since": since.isoformat(), "outages": outages + problem.outage}
                    self._queue.enqueue(
                        connection, run, attempt=attempt + 1, carried=next_carried, delay_seconds=seconds
                    )
                    return "waiting"
                data = {"error": problem.error_class, "advice": problem.advice, "attempt": attempt}
                tell(connection, run_id, "error", problem.text, data)
                state, summary, error = problem.verdict, problem.text, problem.as_error()
            else:
                assert ending is not None  # noqa: S101  without a problem there is an ending
                state, summary, error = ending["state"], ending["summary"], None
            more = finish_run(
                connection, run_id, state=state, summary=summary, error=error, plan=plan, requests=requests
            )
            if more:
                self.open_next(run, connection)
        return str(state)

    def open_next(self, run: Run, connection: Any) -> None:
        """Open and enqueue the run after one that has ended, for events that came while it was at work.

        Args:
            run: The one that ended.
            connection: Of the transaction that ended it.
        """
        following, new = open_run(
            connection,
            sync=run.sync,
            crm_connection=run.connection,
            record_kind=run.record_kind,
            record_id=run.record_id,
        )
        if new:
            self._queue.enqueue(connection, following)

    def tell_of_end(self, run: Run, problem: Problem) -> None:
        """Have the CRM told, once, of a run that has failed outside of any attempt. What goes wrong in it is noted.

        After the run is concluded, not before: what ended every worker may lie in the telling.

        Args:
            run: The run.
            problem: Why it failed.
        """
        told = self._tell_failure(run.id, {"sync": run.sync, "kind": run.record_kind}, {}, problem)
        found = Problem.model_validate(told["problem"])
        if found.verdict == "later":
            self._untold(run.id, problem, found.model_copy(update={"verdict": "failed"}))

    def _begin(self, run_id: int, attempt: int) -> dict[str, str] | None:
        with self._store.begin() as connection:
            run = get_run(connection, run_id, lock=True)
            if run.state not in OPEN_STATES or attempt < run.attempt:
                return None
            run = start_run(connection, run_id)
            return {"sync": run.sync, "kind": run.record_kind}

    def _guarded(self, run_id: int, begun: Mapping[str, str], function: Callable[[Flow], Json]) -> Json:
        value, problem = None, None
        with counting() as tally:
            try:
                value = function(self._flow_of(begun["sync"], begun["kind"]))
            except ErpcoreError as error:
                problem = judge(error)
            except Exception as error:
                # Nothing may be lost without a trace: whatever it was, it ends on the deal's story.
                _log.exception("run %d of sync %s: unexpected", run_id, begun["sync"])
                problem = judge(error)
        self._tell_failures(run_id, tally)
        return {
            "value": value,
            "requests": dict(tally.requests),
            "problem": None if problem is None else problem.model_dump(mode="json"),
        }

    def _tell_failure(self, run_id: int, begun: Mapping[str, str], carried: Mapping[str, Any], stop: Problem) -> Json:
        """Judge whether a problem is the run's end, and if it is, have the CRM told.

        A CRM that is out of reach then is waited for like any other system: the run is tried again from its start, and
        comes to the same end. One that refuses to be told is noted, and the problem stays the end.
        """
        with self._store.read() as connection:
            at = now(connection)
        since, hours = _since(carried, at), self._settings.give_up_hours
        problem = given_up(stop, since, at, hours)
        with counting() as tally:
            if problem.verdict != "later":
                try:
                    self._flow_of(begun["sync"], begun["kind"]).tell_failure(
                        run_id, " ".join(filter(None, (problem.text, problem.advice)))
                    )
                except Exception as error:
                    # The story must have the problem itself, whatever goes wrong in telling others of it.
                    problem = self._untold(run_id, problem, given_up(judge(error), since, at, hours))
        self._tell_failures(run_id, tally)
        return {"problem": problem.model_dump(mode="json"), "requests": dict(tally.requests)}

    def _untold(self, run_id: int, problem: Problem, why: Problem) -> Problem:
        if why.verdict == "later":
            return why
        with self._store.begin() as connection:
            tell(connection, run_id, "warning", f"The CRM could not be told of the failure: {why.text}")
        return problem

    def _tell_failures(self, run_id: int, tally: Tally) -> None:
        if tally.failures:
            with self._store.begin() as connection:
                for exchange in tally.failures:
                    tell(connection, run_id, "request", *in_words(exchange))


def _since(carried: Mapping[str, Any], at: datetime) -> datetime:
    return datetime.fromisoformat(carried.get("since") or at.isoformat())


def _span(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes" if seconds < 7200 else f"{seconds / 3600:.0f} hours"
