"""Bringing invoices home: when each sync looks at its ERP, and what becomes of a page.

A page is one piece of work: it is kept with the place behind it in one transaction, and what it brought is told to the
CRM, customer by customer. What a system that is out of reach keeps from being told waits in the mirror. An invoice that
fails for itself becomes a run, with its story.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

import sqlalchemy as sa

from erpcore.engine.outcome import judge
from erpcore.engine.pages import PageInHand, TakenIn, read_pages
from erpcore.engine.troubles import Troubles
from erpcore.errors import ErpcoreError, TurnLostError
from erpcore.models import RecordKind
from erpcore.problem import Problem
from erpcore.settings import Settings
from erpcore.store import (
    Lease,
    MirroredInvoice,
    Run,
    Store,
    Told,
    hold_lease,
    invoices_to_tell,
    is_anything_turning,
    leave_to_runs,
    note_failing,
    note_told,
    note_turning,
    note_well,
    open_run,
)
from erpcore.sync.effect import ComeBackLater
from erpcore.sync.invoice.home import InvoicesHome
from erpcore.sync.invoice.place import Place
from erpcore.sync.window import STORE_AWAY, Window

T = TypeVar("T")

_log = logging.getLogger(__name__)

KIND: RecordKind = "invoice"
SYNCS_AT_ONCE = 4
_NOTED_EVERY = 60.0
_LOOK_FOR_EVERY = 300.0
"""Seconds between two times that a few drafts are looked for in the ERP, to see what was deleted there."""
TOLD_AT_ONCE = 25
"""Invoices that are told between two looks at what waits."""


class InvoiceRounds:
    """Looks at the invoices of syncs.

    Args:
        store: The store.
        settings: The settings.
        home_of: Gives the invoices of a sync, by its name.
        enqueue: Puts the first attempt at a run into the queue, in the caller's transaction.
        worker: Who works.
        troubles: What goes wrong in this process; None keeps its own.
    """

    def __init__(
        self,
        store: Store,
        settings: Settings,
        home_of: Callable[[str], InvoicesHome],
        enqueue: Callable[[sa.Connection, Run], None],
        worker: str,
        troubles: Troubles | None = None,
    ) -> None:
        self._store = store
        self._settings = settings
        self._home_of = home_of
        self._enqueue = enqueue
        self._worker = worker
        self._troubles = troubles or Troubles(store.clock)
        self._homes: dict[str, InvoicesHome] = {}
        self._due: dict[str, float] = {}
        self._well: dict[str, float] = {}
        self._looked_for: dict[str, float] = {}
        # A worker that waits for its turn at a vendor's limit is silent for as long as a request may be under way.
        self._longest_request = settings.worker.longest_request_seconds
        self._lease_seconds = settings.worker.dead_after_seconds + self._longest_request

    def look_at_all(self, go_on: Callable[[], bool]) -> None:
        """Look at every sync's invoices, side by side; one that is in trouble is looked at less and less often.

        Args:
            go_on: Asked between two pieces of work whether to go on.
        """
        at = self._store.clock.monotonic()
        names = [name for name in self._settings.invoice_syncs() if at >= self._due.get(name, at)]
        if not names:
            return
        with ThreadPoolExecutor(min(SYNCS_AT_ONCE, len(names)), thread_name_prefix="invoices") as pool:
            for _ in pool.map(lambda name: self._look_in_turn(name, go_on), names):
                continue

    def look(self, sync: str, go_on: Callable[[], bool] = lambda: True) -> TakenIn:
        """Read what has changed, if it is time to; see what has turned red; tell the CRM of all that waits.

        Args:
            sync: Name of the sync.
            go_on: As for `look_at_all`.

        Returns:
            What became of the invoices that were read.

        Raises:
            TimeoutError: Another worker is at it.
            ErpcoreError: A system does not answer; what was done before is kept, and what was not waits.
        """
        at = self._store.clock.monotonic()
        looks_for = at - self._looked_for.get(sync, float("-inf")) >= _LOOK_FOR_EVERY
        home = self._homes.get(sync)
        if home is not None and not looks_for and not home.is_anything_to_do():
            return TakenIn()
        self._homes[sync] = home = self._home_of(sync)
        with self._looking(home, go_on) as one:
            place = home.place() if home.erp.can("fetch_invoices") else None
            one.turn()
            try:
                one.tell()
            finally:  # whichever of the two systems is away, the other one is not kept waiting for it
                taken = TakenIn() if place is None else one.read(place)
            if looks_for:
                self._looked_for[sync] = at
                one.look_for_drafts()
            return taken

    def look_for_all(self, sync: str, go_on: Callable[[], bool] = lambda: True) -> Iterator[MirroredInvoice]:
        """Ask the ERP whether what is a draft or not paid is still there, and tell the CRM of what is gone.

        Args:
            sync: Name of the sync.
            go_on: As for `look_at_all`.

        Yields:
            Each that the ERP was asked for, as it stands in the mirror then.

        Raises:
            TimeoutError: Another worker is at it.
            ErpcoreError: A system does not answer; what was done before is kept.
        """
        home = self._home_of(sync)
        with self._looking(home, go_on) as one:
            yield from one.look_for_all()

    @contextmanager
    def _looking(self, home: InvoicesHome, go_on: Callable[[], bool]) -> Iterator[_Look]:
        with hold_lease(self._store, home.cursor, seconds=self._lease_seconds, wait=0) as lease:
            window = Window(
                self._store,
                self._worker,
                self._store.clock,
                longest_request=self._longest_request,
                hold=lease.hold,
                last_for=lease.last_for,
            )
            try:
                yield _Look(self._store, self._enqueue, home, lease, window, go_on)
            except ComeBackLater:  # what has no answer may still arrive, and would undo what is told before it does
                lease.runs_out = True
                raise

    def _look_in_turn(self, sync: str, go_on: Callable[[], bool]) -> None:
        about = f"{sync}: its invoices"
        try:
            self.look(sync, go_on)
        except TimeoutError:
            return
        except TurnLostError as lost:
            _log.warning("%s: %s", sync, lost)
        except STORE_AWAY as error:
            self._troubles.note_store(error)
        except Exception as error:
            # A plugin's fault must not end the loop for the other syncs.
            self._note_failing(sync, about, error)
        else:
            self._troubles.over(about)
            self._due.pop(sync, None)
            self._note_well(sync)

    def _note_well(self, sync: str) -> None:
        at = self._store.clock.monotonic()
        if at - self._well.get(sync, float("-inf")) < _NOTED_EVERY:
            return
        rules = self._settings.syncs[sync]
        with self._store.begin() as connection:
            for name in (rules.erp, rules.crm):
                note_well(connection, name, "invoices")
        self._well[sync] = at

    def _note_failing(self, sync: str, about: str, error: Exception) -> None:
        problem = Problem.of(error)
        self._troubles.note(about, str(error), fault=None if isinstance(error, ErpcoreError) else error)
        wait = self._troubles.wait(about, self._settings.worker.round_seconds)
        self._due[sync] = self._store.clock.monotonic() + wait
        self._well.pop(sync, None)
        rules = self._settings.syncs[sync]
        name = problem.connection if problem.connection in (rules.crm, rules.erp) else rules.erp
        with self._store.begin() as connection:
            note_failing(connection, name, "invoices", problem)


class _Look:
    """One look, by who holds the lease."""

    def __init__(
        self,
        store: Store,
        enqueue: Callable[[sa.Connection, Run], None],
        home: InvoicesHome,
        lease: Lease,
        window: Window,
        go_on: Callable[[], bool],
    ) -> None:
        self._store = store
        self._enqueue = enqueue
        self._home = home
        self._lease = lease
        self._go_on = go_on
        self._window = window
        self._broke_off = False

    def read(self, place: Place) -> TakenIn:
        """Read pages from a place on; each is told before the next one is read, so that memory holds one."""
        at: list[Place] = [place]

        def read(_cursor: str | None) -> PageInHand:
            found, after = self._home.fetch(at[0])
            at[0] = after

            def keep(connection: sa.Connection) -> TakenIn:
                self._lease.hold(connection)
                kept = self._home.keep(connection, found)
                for key in kept.by_run:
                    self._open(connection, key)
                return TakenIn(kept.new + kept.changed, kept.known, len(kept.by_run))

            return PageInHand(keep, after.text, after.under_way, self.tell)

        taken = read_pages(self._store, self._home.erp.name, self._home.cursor, read, self._may_go_on)
        if place.first and not at[0].first:
            _log.info("%s: the first import of invoices is complete: %d read", self._home.sync, at[0].read)
        return taken

    def look_for_drafts(self) -> None:
        """Find out which drafts were deleted in the ERP, a few at a time, and tell the CRM of it."""
        if self._home.look_for_drafts(self._lease.hold):
            self.tell()

    def look_for_all(self) -> Iterator[MirroredInvoice]:
        """Find out which drafts, and invoices that are not paid, were deleted in the ERP; tell the CRM of it then."""
        for each in self._home.look_for_all(self._lease.hold):
            self._lease.renew()
            yield each
        self.tell()

    def turn(self) -> None:
        """Have the CRM told of invoices that have turned red, which no system need be asked for."""
        today = self._home.today()
        with self._store.read() as connection:
            if not is_anything_turning(connection, self._home.sync, today):
                return
        with self._window.begin() as connection:
            note_turning(connection, self._home.sync, today)

    def tell(self) -> None:
        """Tell the CRM of every invoice that waits; not again in this look once it has broken off.

        What broke off may still arrive there, after what would be told now.
        """
        while not self._broke_off and self._may_go_on():
            with self._store.read() as connection:
                waiting = invoices_to_tell(connection, self._home.sync, limit=TOLD_AT_ONCE)
            if not waiting:
                return
            self._broke_off = True
            for _, group in itertools.groupby(waiting, key=lambda each: each.owner.company_id):
                self._tell_group(list(group))
            self._broke_off = False

    def _tell_group(self, group: Sequence[MirroredInvoice]) -> None:
        """Tell of a company's invoices, then of what it owes; all that is noted as told then, or none."""
        self._lease.renew()
        told: list[Told] = []
        failed: list[str] = []
        for mirrored in group:
            one = self._tried(partial(self._home.tell, mirrored, self._window), mirrored.key, failed)
            told += [] if one is None else [one]
        telling = partial(self._home.tell_companies, group, self._window)
        self._tried(telling, group[-1].key, failed)
        with self._window.begin() as connection:
            note_told(connection, self._home.sync, [each for each in told if each.key not in failed])
            if failed:
                leave_to_runs(connection, self._home.sync, failed)
                for key in failed:
                    self._open(connection, key)

    def _tried(self, telling: Callable[[], T], key: str, failed: list[str]) -> T | None:
        """Tell; what fails for itself is left to a run, and what a system's absence stops is raised."""
        try:
            return telling()
        except (TurnLostError, *STORE_AWAY):
            raise
        except Exception as error:
            # Whatever it was: the run that is opened meets it again and tells people of it.
            if judge(error).verdict == "later":
                raise
            failed.append(key)
            return None

    def _open(self, connection: sa.Connection, key: str) -> None:
        home = self._home
        run, new = open_run(
            connection, sync=home.sync, source=home.erp.name, target=home.crm.name, record_kind=KIND, record_id=key
        )
        if new:
            self._enqueue(connection, run)

    def _may_go_on(self) -> bool:
        return self._go_on() and self._lease.renew()
