"""``erpcore run`` that stops itself with SIGSTOP, once, at a place in the making of a document.

    python sleeping_worker.py PLACE run --settings erpcore.toml

From outside it is like a virtual machine that is paused, a laptop that is closed, a process that waits for its memory:
every thread stands still, connections stay open, and only SIGCONT lets it go on, in the very next line of code.
"""

from __future__ import annotations

import functools
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any

from erpcore.cli import main
from erpcore.http.client import ApiClient
from erpcore.http.wire import Wire
from erpcore.sync import effect, flow
from erpcore.sync.deal.flow import WonDeal
from erpcore.sync.flow import Flow
from erpcore.sync.order.flow import ReadyOrder

DOCUMENTS = ("/3/orders", "/SalesOrders/Complete")
"""Where documents are made, at Fortnox and at PowerOffice Go."""

BEFORE_A_PRICE = "before a price"
"""A place on the way to Visma Administration, where an article and its price are two writes."""

_slept = threading.Lock()


def fall_asleep() -> None:
    """Stop every thread of this process, the first time."""
    if _slept.acquire(blocking=False):
        # To this very thread: a signal to the process may reach another one, a few lines of code later.
        signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)


def sleep_before(owner: Any, name: str, when: Callable[..., bool] = lambda *_given, **_named: True) -> None:
    """Have the process fall asleep where a function is called."""
    whole = getattr(owner, name)

    @functools.wraps(whole)
    def sleeping(*given: Any, **named: Any) -> Any:
        if when(*given, **named):
            fall_asleep()
        return whole(*given, **named)

    setattr(owner, name, sleeping)


def sleep_after(owner: Any, name: str) -> None:
    """Have the process fall asleep where a function returns."""
    whole = getattr(owner, name)

    @functools.wraps(whole)
    def sleeping(*given: Any, **named: Any) -> Any:
        result = whole(*given, **named)
        fall_asleep()
        return result

    setattr(owner, name, sleeping)


def _read() -> None:
    """The CRM is read; what is planned from that is old by as long as it sleeps."""
    for kind in (WonDeal, ReadyOrder):
        sleep_before(kind, "_plan")


def _planned() -> None:
    """The plan is noted."""
    sleep_after(Flow, "_note_plan")


def _begun() -> None:
    """The ledger says that the document is being sent; the last look is still to come."""
    sleep_before(effect, "_send", lambda begun, *_: begun.turn.intent.operation == "create_order")


def _looked() -> None:
    """The last look is over: whatever happens now, the request goes out."""
    sleep_before(Wire, "send", lambda _wire, _method, address, **_named: address.path.endswith(DOCUMENTS))


def _at_a_price() -> None:
    """An article whose answer was lost was found and is sent again, and the last look before its price is not over."""
    sent: list[Any] = []
    at_price = threading.Event()

    def count(begun: Any, *_: object) -> bool:
        if begun.turn.intent.operation == "create_article":
            sent.append(begun)
        return False

    def notice(_client: ApiClient, _method: str, path: str, **_named: object) -> bool:
        if len(sent) == 2 and path.endswith("/PRICE/add"):
            at_price.set()
        return False

    sleep_before(effect, "_send", count)
    sleep_before(ApiClient, "write", notice)
    sleep_before(flow, "hold_run", lambda *_: at_price.is_set())


PLACES: dict[str, Callable[[], None]] = {
    "after reading and before planning": _read,
    "after planning": _planned,
    "before the guard": _begun,
    "after the guard": _looked,
}

if __name__ == "__main__":
    {**PLACES, BEFORE_A_PRICE: _at_a_price}[sys.argv.pop(1)]()
    main()
