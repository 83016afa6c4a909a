"""What one process puts into the queue is found by the others within a second, without looking into the database.

On PostgreSQL it is told by NOTIFY, in the transaction that puts it in. A SQLite file has one worker: the file by which
it keeps others away gets a new time, which it looks at. What a process has put in itself it knows.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import sqlalchemy as sa

from erpcore.store import Store, lock_file

_log = logging.getLogger(__name__)

_CHANNEL = "erpcore_work"
_LOOKED_AT_EVERY = 0.5
_AGAIN_SECONDS = 5.0
_NOTIFY = sa.text(f"SELECT pg_notify('{_CHANNEL}', :told)")


class Bell:
    """Tells other processes of what is put in here, and is told by them.

    Args:
        store: The store that they share.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._file = None if store.path is None else lock_file(store.path)
        self._own = f"{store.random.getrandbits(64):016x}"
        self._seen = _changed_at(self._file)

    def tell(self, connection: sa.Connection, seconds: float) -> None:
        """Tell the others, in the transaction that puts something in.

        Args:
            connection: Of the transaction.
            seconds: How long it must wait.
        """
        if connection.dialect.name == "postgresql":
            connection.execute(_NOTIFY, {"told": f"{self._own} {seconds:.3f}"})
        elif self._file is not None and self._file.exists():
            os.utime(self._file)
            self._seen = _changed_at(self._file)

    @contextmanager
    def heard(self, ring: Callable[[float], None]) -> Iterator[None]:
        """Listen inside the block.

        Args:
            ring: Called with the seconds after which there is work.
        """
        over = threading.Event()
        listen = self._listen if self._file is None else self._watch
        thread = threading.Thread(target=listen, args=(over, ring), name="erpcore bell", daemon=True)
        if self._file is not None or not self._store.is_sqlite:
            thread.start()
        try:
            yield
        finally:
            over.set()
            if thread.ident is not None:
                thread.join()

    def _watch(self, over: threading.Event, ring: Callable[[float], None]) -> None:
        while not over.wait(_LOOKED_AT_EVERY):
            found = _changed_at(self._file)
            if found != self._seen:
                self._seen = found
                ring(0.0)

    def _listen(self, over: threading.Event, ring: Callable[[float], None]) -> None:
        while not over.is_set():
            try:
                self._hear(over, ring)
            except Exception as error:
                # Whatever was told meanwhile is found at the next look into the queue, which comes in any case.
                _log.debug("the database cannot be listened to: %s", error)
                over.wait(_AGAIN_SECONDS)

    def _hear(self, over: threading.Event, ring: Callable[[float], None]) -> None:
        with closing(self._store.engine.raw_connection()) as connection:
            driver = connection.driver_connection
            assert driver is not None  # noqa: S101  just connected
            connection.detach()  # closed afterwards: nobody else of the pool shall listen
            driver.rollback()
            driver.autocommit = True
            driver.execute(f"LISTEN {_CHANNEL}")
            ring(0.0)  # what was told before this is not heard
            while not over.is_set():
                for told in driver.notifies(timeout=_LOOKED_AT_EVERY):
                    who, seconds = told.payload.split()
                    if who != self._own:
                        ring(float(seconds))


def _changed_at(file: Path | None) -> int | None:
    try:
        return None if file is None else file.stat().st_mtime_ns
    except OSError:
        return None
