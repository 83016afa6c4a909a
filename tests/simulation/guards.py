"""Guards of erpcore, each with the way to switch it off. What a simulation is worth is how many of them it misses."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import replace
from functools import wraps
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from erpcore_fortnox.plugin import FortnoxPlugin
from erpcore_visma_admin.articles import Articles

from erpcore import connection
from erpcore.connection import ErpConnection
from erpcore.engine import attempts, intake
from erpcore.errors import OutcomeUnknownError, RateLimitedError, RejectedError, UnavailableError
from erpcore.host import Call, Host
from erpcore.http.client import ApiClient
from erpcore.models import DocumentQuery
from erpcore.store import Told, begin_sending, ledger, note_run, plan_intent, put_cursor
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

_anew = itertools.count(1)


def _in(where: str, new: object) -> Off:
    return lambda: patch(where, new)


def _of(owner: Any, name: str, new: object) -> Off:
    return lambda: patch.object(owner, name, new)


def _around(owner: Any, name: str, instead: Callable[..., Any]) -> Off:
    """Have something called in place of another, which it is given before the arguments."""
    real = getattr(owner, name)
    return _of(owner, name, wraps(real)(lambda *given, **named: instead(real, *given, **named)))


def _given(owner: Any, name: str, **values: Any) -> Off:
    """Have something called with these values, whatever it is given for them."""
    return _around(owner, name, lambda real, *given, **named: real(*given, **{**named, **values}))


def _even_so(owner: Any, name: str, answer: Callable[..., Any]) -> Off:
    """Have an error hidden behind an answer."""

    def instead(real: Any, *given: Any) -> Any:
        try:
            return real(*given)
        except Exception:  # whichever it is: the guard that raises it is off
            return answer(*given)

    return _around(owner, name, instead)


def _all(*offs: Off) -> Off:
    @contextmanager
    def off() -> Iterator[None]:
        with ExitStack() as stack:
            for each in offs:
                stack.enter_context(each())
            yield

    return off


def _one_token(real: Any, connection: Any, *given: Any, **named: Any) -> Any:
    run = real(connection, *given, **named)
    if run is None or run.takings == 1:
        return run
    note_run(connection, run, token=run.token - 1)
    return replace(run, token=run.token - 1)


def _read_back(real: Any, plugin: FortnoxPlugin, order: Any, context: Any) -> Any:
    made = real(plugin, order, context)
    plugin.find_orders(DocumentQuery(number=made.number), context)
    return made


def _untold(connection: Any, *, worker: str, **wanted: Any) -> Any:
    intent = plan_intent(connection, **wanted)
    told = connection.begin_nested()
    turn = begin_sending(connection, intent, worker=worker)
    told.rollback()
    return turn


def _half_made(real: Any, erp: ErpConnection, *given: Any) -> Any:
    return real(SimpleNamespace(find_articles=erp.find_articles, can=lambda operation: False), *given)


def _enqueued_apart(real: Any, feed: intake.Intake, *given: Any) -> Any:
    kept = list[Any]()
    with patch.object(feed, "_queue", SimpleNamespace(enqueue=lambda _, *what, **how: kept.append((what, how)))):
        taken = real(feed, *given)
    for what, how in kept:
        with feed._store.begin() as connection:
            feed._queue.enqueue(connection, *what, **how)
    return taken


def _cursor_first(real: Any, store: Any, system: str, name: str, read: Any, *more: Any) -> Any:
    def after_cursor(cursor: str | None) -> Any:
        page = read(cursor)
        if page.cursor is not None:
            with store.begin() as connection:
                put_cursor(connection, system, name, page.cursor)
        return page

    return real(store, system, name, after_cursor)


def _blamed(real: Any, erp: ErpConnection, error: Exception, *given: Any) -> Exception:
    return erp._fault(str(error)) if isinstance(error, STORE_AWAY) else real(erp, error, *given)


def _insert_only(lease: Lease) -> bool:
    with lease._store.begin() as connection:
        mine = {"name": lease._name, "holder": lease._holder, "until": lease._store.clock.now()}
        return insert_if_new(connection, leases, mine)


def _fence_stays(real: Any, *given: Any, **values: Any) -> Any:
    return None if values.keys() == _ANOTHER_FENCE else real(*given, **values)


def _look_stays(real: Any, *given: Any, **values: Any) -> Any:
    if values.keys() == _ANOTHER_FENCE:
        del values["absent_at"]
    return real(*given, **values)


def _told(home: InvoicesHome, mirrored: Any, window: Window) -> Told:
    return Told(mirrored.key, mirrored.version, mirrored.invoice.colour(home.today()), mirrored.crm_key)


_ANOTHER_FENCE = {"sending_at", "fence_until", "absent_at"}
"""What changes in the ledger where the clock was set back."""
_nothing = lambda *given: None  # noqa: E731
_freely = lambda *given, **named: nullcontext()  # noqa: E731
_no_token = _all(_in("erpcore.sync.flow.hold_run", _nothing), _in("erpcore.engine.attempts.hold_run", _nothing))
reading_back = _around(FortnoxPlugin, "create_order", _read_back)
"""Has Fortnox's plugin read the order that it has made."""

GUARDS: dict[str, Off] = {
    "whoever takes a run writes with a token of its own": _no_token,
    "the token is one of the taking, not of the attempt": _around(attempts, "take_run", _one_token),
    "whoever planned from an old view writes nothing, and takes no number for cleared": _all(
        _no_token,
        _of(
            LinkedDocument,
            "cleared_in",
            lambda self, number, *, shown, read_at: shown and not number and self.stood_in_crm,
        ),
    ),
    "the last look before the wire": _in("erpcore.sync.window.asking_before_writes", _freely),
    "the age of a turn": _given(Flow, "__init__", oldest_turn=1e9),
    "the ledger is told before anything is sent": _in("erpcore.sync.attempt.plan_and_begin", _untold),
    "what has no answer is looked for": _of(effect, "_search", _nothing),
    "the fence": _of(Window, "fence_seconds", lambda self, declared: 0.0),
    "the fence counts the longest request": _of(Window, "fence_seconds", lambda self, declared: declared.fence_seconds),
    "only a look-up that began after the fence counts": _around(
        effect,
        "record_absent",
        lambda real, connection, turn: real(connection, replace(turn, at=turn.intent.fence_until)),
    ),
    "a lost answer is no “not sent”": _of(effect, "NOT_SENT", (*effect.NOT_SENT, OutcomeUnknownError)),
    "a plugin is not believed once it has written": _all(
        reading_back, _of(Call, "wrote", property(lambda self: False))
    ),
    "a client does not repeat a write": _given(ApiClient, "_call", repeatable=True),
    "a server's error is no refusal": _in(
        "erpcore.http.status_errors.OutcomeUnknownError", type("OutcomeUnknownError", (RejectedError,), {})
    ),
    "what was made before is made once over all records": _around(
        Attempt, "generation_of", lambda real, *given: real(*given) + next(_anew)
    ),
    "a making without an answer counts as not made": _of(reading, "unanswered", lambda *given: frozenset()),
    "an article that is found half made is made whole": _around(article, "created_article", _half_made),
    "a number counts as told only once the CRM has answered": _even_so(Attempt, "repeatable", lambda *given: True),
    "an order that is to become an invoice becomes one": _of(history, "_conversion", lambda *given: "no"),
    "only what stood in the CRM was cleared": _of(
        LinkedDocument, "cleared_in", lambda self, number, *, shown, read_at: shown and not number
    ),
    "work is enqueued in the transaction that keeps its event": _around(intake.Intake, "poll_feed", _enqueued_apart),
    "a cursor is kept with what was read": _around(intake, "read_pages", _cursor_first),
    "an event that comes during a run has a run of its own": _in(
        "erpcore.store.attempts.events_waiting", lambda *given, **more: False
    ),
    "our own store's errors are not the plugin's": _around(ErpConnection, "_judged", _blamed),
    "a store that is away is waited for": _of(attempts, "STORE_AWAY", ()),
    "a system that is out of reach is waited for": _of(UnavailableError, "retryable", 0),
    "a system that is asked too fast is waited for": _of(RateLimitedError, "retryable", 0),
    "a lease runs out by itself": _of(Lease, "take", _insert_only),
    "an order whose draft is found is marked as invoiced": _of(document, "_finish_conversion", _nothing),
    "an article of which only a part was sent is looked at": _all(
        _given(Articles, "_add", repeatable=True), _of(connection, "_IN_PARTS", frozenset())
    ),
    "a fence that lies too far ahead begins anew": _around(ledger, "_move", _fence_stays),
    "a look-up counts for no fence but its own": _around(ledger, "_move", _look_stays),
    "what the ERP computed is compared with what was agreed": _of(CompareSums, "do", _nothing),
    "a customer that another company has is used as it is": _of(reading, "shared_with", _nothing),
    "the company's own currency is sent": _of(KnownRegisters, "own_currency", _nothing),
    "what must not be written twice is written by whoever has the turn": _of(effect, "looking", _freely),
    "what has changed is asked for by the ERP's clock": _of(Host, "by_its_clock", lambda self, moment: moment),
    "what the CRM has not taken of an invoice waits": _even_so(InvoicesHome, "tell", _told),
    "whoever has lost the lease keeps and tells no invoice": _all(
        _of(Lease, "hold", _nothing), _of(Lease, "last_for", _nothing)
    ),
    "the right to tell invoices outlasts each request under it": _of(Lease, "last_for", _nothing),
    "nobody tells of invoices while a request without an answer may arrive": _in(
        "erpcore.engine.invoices.ComeBackLater", type("ComeBackLater", (Exception,), {})
    ),
    "what has timed out is repeated when it can arrive no more": _of(ApiClient, "_under_way", lambda *given: 0.0),
}
"""What is true -> how to make it untrue."""
