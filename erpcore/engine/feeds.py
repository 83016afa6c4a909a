"""Looking into the feeds of events of CRMs, each as often as its system's limit of requests takes."""

from __future__ import annotations

import threading
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor

from erpcore.engine.assembly import Assembly
from erpcore.engine.intake import Intake
from erpcore.engine.pages import TakenIn
from erpcore.engine.troubles import Troubles
from erpcore.errors import ErpcoreError
from erpcore.problem import Problem
from erpcore.settings import Settings
from erpcore.store import Lease, Store, note_failing, note_well
from erpcore.sync.window import STORE_AWAY

FEEDS_AT_ONCE = 8
"""CRM feeds that one worker reads at the same time."""
_NOTED_EVERY = 60.0
_EARLY = 0.05
"""Seconds by which a feed may be read too early: a loop's own pause is never exactly as long as the feed's."""


class Feeds:
    """The feeds of every sync's CRM.

    Args:
        settings: The settings.
        store: The store.
        intake: Takes in what is read.
        assembly: Gives the connections.
        troubles: What goes wrong in this process.
    """

    def __init__(
        self, settings: Settings, store: Store, intake: Intake, assembly: Assembly, troubles: Troubles
    ) -> None:
        self._settings = settings
        self._store = store
        self._intake = intake
        self._assembly = assembly
        self._troubles = troubles
        self._names = sorted({sync.crm for sync in settings.syncs.values()})
        self._well: dict[str, float] = {}
        self._due: dict[str, float] = {}
        self._leases: dict[str, Lease] = {}
        self._turns: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    @property
    def shortest(self) -> float:
        """Seconds between two looks into the feed that is looked into most often."""
        return min(map(self._seconds, self._names))

    def look(self, *, due_only: bool = False) -> TakenIn:
        """Look into every CRM's feed once, side by side; one worker at a time looks into a feed.

        Args:
            due_only: Leave those out whose time has not come: one that cannot be read is asked less and less often.

        Returns:
            What was taken in. A CRM that cannot be read is logged and does not hinder the others.
        """
        at = self._store.clock.monotonic() + _EARLY
        names = [name for name in self._names if not due_only or at >= self._due.get(name, at)]
        if len(names) < 2:
            return sum(map(self._look, names), TakenIn())
        with ThreadPoolExecutor(min(FEEDS_AT_ONCE, len(names)), thread_name_prefix="feed") as pool:
            return sum(pool.map(self._look, names), TakenIn())

    def let_go(self) -> None:
        """Leave the feeds to other workers."""
        while self._leases and not self._store.is_gone:
            try:
                self._leases.popitem()[1].give_back()
            except STORE_AWAY as error:
                self._troubles.note_store(error)

    def _seconds(self, name: str) -> float:
        return self._settings.worker.poll_seconds or self._assembly.crm(name).plugin.feed_seconds

    def _look(self, name: str) -> TakenIn:
        turn = self._turns[name]
        if not turn.acquire(blocking=False):
            return TakenIn()  # another thread is reading this feed
        try:
            return self._look_in_turn(name)
        finally:
            turn.release()

    def _look_in_turn(self, name: str) -> TakenIn:
        begun = self._store.clock.monotonic()
        try:
            crm = self._assembly.trusted_crm(name)
            # As long as a worker may be silent: the feed of one that was killed is read again after that. A page that
            # takes longer may be read by two workers, which doubles nothing: an event is kept once.
            seconds = self._settings.worker.dead_after_seconds
            lease = self._leases.setdefault(name, Lease(self._store, f"feed:{name}", seconds))
            if not crm.can("fetch_events") or not lease.keep():
                return TakenIn()  # another worker is reading this feed
            taken = self._intake.poll_feed(crm, lease.renew)
        except STORE_AWAY as error:
            self._troubles.note_store(error)
            return TakenIn()
        except Exception as error:
            # A plugin's fault must not end the loop for the other connections.
            self._note_failing(name, error)
            return TakenIn()
        self._note_well(name, begun)
        return taken

    def _note_well(self, name: str, at: float) -> None:
        self._troubles.over(f"{name}: its feed")
        self._due[name] = at + self._seconds(name)
        if at - self._well.get(name, float("-inf")) >= _NOTED_EVERY:
            with self._store.begin() as connection:
                note_well(connection, name, "feed")
            self._well[name] = at

    def _note_failing(self, name: str, error: Exception) -> None:
        about, problem = f"{name}: its feed", Problem.of(error)
        self._troubles.note(about, str(error), fault=None if isinstance(error, ErpcoreError) else error)
        wait = self._troubles.wait(about, self._seconds(name))
        self._due[name] = self._store.clock.monotonic() + wait
        self._well.pop(name, None)
        if (lease := self._leases.pop(name, None)) is not None:
            lease.give_back()  # perhaps another worker can read it
        with self._store.begin() as connection:
            note_failing(connection, name, "feed", problem)
