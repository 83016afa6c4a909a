"""Guards of erpcore, each with the way to switch it off. What a simulation is worth is how many of them it misses."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from functools import wraps
from typing import Any
from unittest.mock import patch

from erpcore_fortnox.plugin import FortnoxPlugin
from erpcore_visma_admin.articles import Articles

from erpcore import connection
from erpcore.connection import ErpConnection
from erpcore.engine import attempts
from erpcore.engine.intake import Intake
from erpcore.engine.pages import PageInHand, TakenIn, read_pages
from erpcore.errors import OutcomeUnknownError, RateLimitedError, RejectedError, UnavailableError
from erpcore.hookspecs import Context
from erpcore.host import Call, Host
from erpcore.http.client import ApiClient
from erpcore.models import DocumentQuery, Order, RecordRef
from erpcore.store import MirroredInvoice, Store, Told, begin_sending, ledger, note_run, plan_intent, put_cursor
from erpcore.store.leases import Lease, insert_if_new, leases
from erpcore.sync import effect
from erpcore.sync.attempt import Attempt
from erpcore.sync.flow import Flow
from erpcore.sync.invoice.home import InvoicesHome
from erpcore.sync.shared import history, reading
from erpcore.sync.shared.registers import KnownRegisters
from erpcore.sync.shared.view import LinkedDocument
from erpcore.sync.steps import article, document
from erpcore.sync.steps.comparing import CompareSums
from erpcore.sync.window import STORE_AWAY, Window

Off = Callable[[], AbstractContextManager[object]]

_anew = itertools.count()


def _in(where: str, new: object) -> Off:
    return lambda: patch(where, new)


def _of(owner: Any, name: str, new: object) -> Off:
    return lambda: patch.object(owner, name, new)


@contextmanager
def _no_token() -> Iterator[None]:
    def hold(connection: Any, run: Any) -> None:
        """Anybody may write."""

    with patch("erpcore.sync.flow.hold_run", hold), patch("erpcore.engine.attempts.hold_run", hold):
        yield


@contextmanager
def _token_of_attempt() -> Iterator[None]:
    real = attempts.take_run

    def take(connection: Any, run_id: int, attempt: int, **given: Any) -> Any:
        run = real(connection, run_id, attempt, **given)
        if run is None or run.takings == 1:
            return run
        note_run(connection, run, token=run.token - 1)
        return replace(run, token=run.token - 1)

    with patch("erpcore.engine.attempts.take_run", take):
        yield


@contextmanager
def _old_view() -> Iterator[None]:
    def cleared_in(self: LinkedDocument, number: str | None, *, shown: bool, read_at: object) -> bool:
        return shown and not number and self.stood_in_crm

    with _no_token(), patch.object(LinkedDocument, "cleared_in", cleared_in):
        yield


@contextmanager
def reading_back() -> Iterator[None]:
    """Have Fortnox's plugin read the order that it has made."""
    real = FortnoxPlugin.create_order

    @wraps(real)
    def create_order(self: FortnoxPlugin, order: Order, context: Context) -> RecordRef:
        made = real(self, order, context)
        self.find_orders(DocumentQuery(number=made.number), context)
        return made

    with patch.object(FortnoxPlugin, "create_order", create_order):
        yield


@contextmanager
def _believed_that_reads_back() -> Iterator[None]:
    with reading_back(), patch.object(Call, "wrote", property(lambda self: False)):
        yield


def _untold(connection: Any, *, worker: str, **wanted: Any) -> Any:
    intent = plan_intent(connection, **wanted)
    told = connection.begin_nested()
    turn = begin_sending(connection, intent, worker=worker)
    told.rollback()
    return turn


def _half_made(erp: ErpConnection, *given: Any) -> Any:
    class AsItIs:
        find_articles = erp.find_articles

        def can(self, operation: str) -> bool:
            return False

    return _created_article(AsItIs(), *given)  # type: ignore[arg-type]


_created_article = article.created_article
_repeatable, _generation_of, _record_absent = Attempt.repeatable, Attempt.generation_of, effect.record_absent
_flow = Flow.__init__
_call, _poll_feed, _read_pages = ApiClient._call, Intake.poll_feed, read_pages
_judged = ErpConnection._judged


def _as_if_told(self: Attempt, doing: str, call: Any) -> Any:
    try:
        return _repeatable(self, doing, call)
    except Exception:
        return True


@contextmanager
def _enqueued_apart() -> Iterator[None]:
    def poll_feed(self: Intake, crm: Any, go_on: Any = lambda: True) -> Any:
        kept: list[tuple[Any, int, float]] = []

        class Later:
            def enqueue(self, connection: Any, run: Any, *, attempt: int, delay_seconds: float = 0.0) -> None:
                kept.append((run, attempt, delay_seconds))

        queue = self._queue
        with patch.object(self, "_queue", Later()):
            taken = _poll_feed(self, crm, go_on)
        for run, attempt, seconds in kept:
            with self._store.begin() as connection:
                queue.enqueue(connection, run, attempt=attempt, delay_seconds=seconds)
        return taken

    with patch.object(Intake, "poll_feed", poll_feed):
        yield


def _cursor_first(
    store: Store, connection_name: str, name: str, read: Callable[[str | None], PageInHand], *more: Any
) -> TakenIn:
    def after_cursor(cursor: str | None) -> PageInHand:
        page = read(cursor)
        if page.cursor is not None:
            with store.begin() as connection:
                put_cursor(connection, connection_name, name, page.cursor)
        return page

    return _read_pages(store, connection_name, name, after_cursor)


def _blamed(self: ErpConnection, error: Exception, operation: str, call: Call) -> Exception:
    return self._fault(str(error)) if isinstance(error, STORE_AWAY) else _judged(self, error, operation, call)


@contextmanager
def _as_if_nothing_was_left() -> Iterator[None]:
    real = Articles._add

    def add(self: Articles, fields: dict[str, Any], *, repeatable: bool) -> Any:
        return real(self, fields, repeatable=True)

    with patch.object(Articles, "_add", add), patch.object(connection, "_IN_PARTS", frozenset()):
        yield


def _insert_only(self: Lease) -> bool:
    with self._store.begin() as connection:
        return insert_if_new(
            connection, leases, {"name": self._name, "holder": self._holder, "until": self._store.clock.now()}
        )


def _fence_stays(connection: Any, intent: Any, where: Any, **values: Any) -> Any:
    return None if values.keys() == {"sending_at", "fence_until"} else _move(connection, intent, where, **values)


def _as_if_all_was_told(self: InvoicesHome, mirrored: MirroredInvoice, window: Window) -> Told:
    try:
        return _tell(self, mirrored, window)
    except Exception:
        return Told(mirrored.key, mirrored.version, mirrored.invoice.colour(self.today()), mirrored.crm_key)


_move, _tell = ledger._move, InvoicesHome.tell

GUARDS: dict[str, Off] = {
    "whoever takes a run writes with a token of its own": _no_token,
    "the token is one of the taking, not of the attempt": _token_of_attempt,
    "whoever planned from an old view writes nothing, and takes no number for cleared": _old_view,
    "the last look before the wire": _in("erpcore.sync.window.asking_before_writes", lambda ask: nullcontext()),
    "the age of a turn": _of(Flow, "__init__", lambda self, *a, **k: _flow(self, *a, **{**k, "oldest_turn": 1e9})),
    "the ledger is told before anything is sent": _in("erpcore.sync.attempt.plan_and_begin", _untold),
    "what has no answer is looked for": _in("erpcore.sync.effect._search", lambda turn, look_up, window: None),
    "the fence": _of(Window, "fence_seconds", lambda self, declared: 0.0),
    "the fence counts the longest request": _of(Window, "fence_seconds", lambda self, declared: declared.fence_seconds),
    "only a look-up that began after the fence counts": _in(
        "erpcore.sync.effect.record_absent",
        lambda connection, turn: _record_absent(connection, replace(turn, at=turn.intent.fence_until)),
    ),
    "a lost answer is no “not sent”": _of(effect, "NOT_SENT", (*effect.NOT_SENT, OutcomeUnknownError)),
    "a plugin is not believed once it has written": _believed_that_reads_back,
    "a client does not repeat a write": _of(
        ApiClient, "_call", lambda self, *a, **k: _call(self, *a, **{**k, "repeatable": True})
    ),
    "a server's error is no refusal": _in(
        "erpcore.http.status_errors.OutcomeUnknownError", type("OutcomeUnknownError", (RejectedError,), {})
    ),
    "what was made before is made once over all records": _of(
        Attempt, "generation_of", lambda self, *given: _generation_of(self, *given) + next(_anew) + 1
    ),
    "a making without an answer counts as not made": _of(reading, "unanswered", lambda *given: frozenset()),
    "an article that is found half made is made whole": _of(article, "created_article", _half_made),
    "a number counts as told only once the CRM has answered": _of(Attempt, "repeatable", _as_if_told),
    "an order that is to become an invoice becomes one": _of(history, "_conversion", lambda *given: "no"),
    "only what stood in the CRM was cleared": _of(
        LinkedDocument, "cleared_in", lambda self, number, *, shown, read_at: shown and not number
    ),
    "work is enqueued in the transaction that keeps its event": _enqueued_apart,
    "a cursor is kept with what was read": _in("erpcore.engine.intake.read_pages", _cursor_first),
    "an event that comes during a run has a run of its own": _in(
        "erpcore.store.attempts.events_waiting", lambda *given, **more: False
    ),
    "our own store's errors are not the plugin's": _of(ErpConnection, "_judged", _blamed),
    "a store that is away is waited for": _of(attempts, "STORE_AWAY", ()),
    "a system that is out of reach is waited for": _of(UnavailableError, "retryable", 0),
    "a system that is asked too fast is waited for": _of(RateLimitedError, "retryable", 0),
    "a lease runs out by itself": _of(Lease, "take", _insert_only),
    "an order whose draft is found is marked as invoiced": _of(document, "_finish_conversion", lambda *given: None),
    "an article of which only a part was sent is looked at": _as_if_nothing_was_left,
    "a fence that lies too far ahead begins anew": _of(ledger, "_move", _fence_stays),
    "what the ERP computed is compared with what was agreed": _of(CompareSums, "do", lambda *given: None),
    "a customer that another company has is used as it is": _in(
        "erpcore.sync.shared.reading.shared_with", lambda *given: None
    ),
    "the company's own currency is sent": _of(KnownRegisters, "own_currency", lambda *given: None),
    "what must not be written twice is written by whoever has the turn": _in(
        "erpcore.sync.effect.looking", lambda window: nullcontext()
    ),
    "what has changed is asked for by the ERP's clock": _of(Host, "by_its_clock", lambda self, moment: moment),
    "what the CRM has not taken of an invoice waits": _of(InvoicesHome, "tell", _as_if_all_was_told),
    "whoever has lost the lease keeps and tells no invoice": _of(Lease, "hold", lambda *given: None),
}
"""What is true -> how to make it untrue."""
