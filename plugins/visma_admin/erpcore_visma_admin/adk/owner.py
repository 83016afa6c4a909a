"""The one thread of a process that touches the DLL.

Whether the DLL stands several threads is not published, and it may hang, for instance on a window that nobody sees. So
calls are queued for one thread, each with a time by which its answer must be there:

- its turn does not come in time: it is taken out of the queue and never done (`TooLate`);
- the DLL does not come back in time: what it did is not known (`Hung`), and until it comes back no other call is begun
  (`Stuck`), so that there is never a second writer. Only ending the process frees a DLL that never comes back.
"""

from __future__ import annotations

import atexit
import logging
import queue
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from erpcore_visma_admin.adk.calls import Call
from erpcore_visma_admin.adk.company import Lease, OpenCompany, Place
from erpcore_visma_admin.adk.errors import BadCall, Hung, Refused, Stuck, TooLate
from erpcore_visma_admin.adk.library import Library
from erpcore_visma_admin.adk.native import Adk
from erpcore_visma_admin.adk.work import perform

_LOG = logging.getLogger("erpcore.adk")
_STOP_SECONDS = 5.0


@dataclass(frozen=True)
class Rules:
    """How an owner goes about it.

    Attributes:
        idle_seconds: How long a company stays open after the last call.
        lease_seconds: How long to wait for another process that has the ADK.
        lease_folder: Folder of the lock; see `Lease`.
    """

    idle_seconds: float = 5.0
    lease_seconds: float = 20.0
    lease_folder: Path | None = None


@dataclass(frozen=True)
class State:
    """How an owner stands.

    Attributes:
        open_company: Name of the company that is open; None for none.
        waiting: How many calls wait for their turn.
        doing: Kind of the call that the DLL is doing; None for none.
        seconds: How long it has been at it.
        stuck: Whether that call has run out of time.
    """

    open_company: str | None
    waiting: int
    doing: str | None
    seconds: float
    stuck: bool


@dataclass
class _Work:
    company: str
    call: Call
    until: float
    future: Future[dict[str, Any]]
    begun: float | None = None


class Owner:
    """Does calls one after the other, in a thread of its own that is started with the first one.

    Args:
        dll: The file to load; a function, since it is looked for only when it is needed.
        companies: The companies that calls may name.
        rules: How to go about it.

    Attributes:
        companies: The companies that calls may name.
    """

    def __init__(self, dll: Callable[[], str], companies: Mapping[str, Place], rules: Rules) -> None:
        self.companies = companies
        self._dll = dll
        self._rules = rules
        self._queue: queue.SimpleQueue[_Work | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._doing: _Work | None = None
        self._adk: Adk | None = None
        self._open: tuple[str, OpenCompany] | None = None

    def do(self, company: str, call: Call, seconds: float) -> dict[str, Any]:
        """Do a call.

        Args:
            company: Name of the company.
            call: What to do.
            seconds: Within which it must be done.

        Returns:
            See `work.perform`.

        Raises:
            AdkProblem: It was refused, or went wrong; the class says whether it may have been done.
        """
        if company not in self.companies:
            raise BadCall(f"There is no company {company} here; there are {', '.join(sorted(self.companies))}.")
        work = _Work(company, call, time.monotonic() + seconds, Future())
        with self._lock:
            self._require_not_stuck()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="adk owner", daemon=True)
                self._thread.start()
                atexit.register(self.stop)
        self._queue.put(work)
        try:
            return work.future.result(max(0.0, work.until - time.monotonic()))
        except CancelledError:
            raise TooLate(_too_late(call)) from None
        except TimeoutError:
            if work.future.cancel():
                raise TooLate(_too_late(call)) from None
            if work.future.done():
                return work.future.result()
            raise Hung(
                f"Visma Administration has not come back from “{call.call}” within {seconds:g} seconds. What became of "
                "it is not known, and nothing else is begun until it comes back."
            ) from None

    def state(self) -> State:
        """Tell how it stands."""
        work, company = self._doing, self._open
        now = time.monotonic()
        return State(
            open_company=None if company is None else company[0],
            waiting=self._queue.qsize(),
            doing=None if work is None else work.call.call,
            seconds=0.0 if work is None or work.begun is None else round(now - work.begun, 1),
            stuck=work is not None and now > work.until,
        )

    def stop(self) -> None:
        """Close the company and end the thread; a call that hangs is not waited for long. It starts again by itself."""
        with self._lock:
            thread, self._thread = self._thread, None
            atexit.unregister(self.stop)
        if thread is not None:
            self._queue.put(None)
            thread.join(_STOP_SECONDS)

    def _require_not_stuck(self) -> None:
        work = self._doing
        if work is not None and (late := time.monotonic() - work.until) > 0:
            raise Stuck(
                f"Visma Administration has not come back from “{work.call.call}” for {late:.0f} seconds longer than it "
                "may take. Look on the server for a window that asks something; otherwise restart the service."
            )

    def _run(self) -> None:
        while True:
            try:
                work = self._queue.get(timeout=self._rules.idle_seconds if self._open else None)
            except queue.Empty:
                self._close()
                continue
            if work is None:
                self._close()
                return
            if time.monotonic() > work.until:
                work.future.cancel()
            if work.future.set_running_or_notify_cancel():
                self._work(work)

    def _work(self, work: _Work) -> None:
        work.begun = time.monotonic()
        self._doing = work
        result: dict[str, Any] = {}
        problem: BaseException | None = None
        try:
            result = perform(self._opened(work.company), work.call)
        except BaseException as error:  # raised where it is waited for
            problem = error
        if problem is not None and not isinstance(problem, Refused | BadCall):
            self._close()  # so that nothing half done stays open
        self._doing = None
        if (late := time.monotonic() - work.until) > 0:
            became = "it was done" if problem is None else f"{type(problem).__name__}: {problem}"
            _LOG.warning("“%s” came back %.0f seconds too late; %s", work.call.call, late, became)
        if problem is None:
            work.future.set_result(result)
        else:
            work.future.set_exception(problem)

    def _opened(self, company: str) -> Adk:
        if self._adk is None:
            self._adk = Adk(Library(self._dll()))
        if self._open is None or self._open[0] != company:
            self._close()
            place = self.companies[company]
            lease = Lease(place, self._rules.lease_folder)
            self._open = company, OpenCompany(self._adk, place, lease, self._rules.lease_seconds)
        return self._adk

    def _close(self) -> None:
        if self._open is not None:
            (_, company), self._open = self._open, None
            company.close()


def _too_late(call: Call) -> str:
    return f"“{call.call}” did not come to its turn in time, and was not begun."
