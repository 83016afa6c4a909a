"""The worker as a process of its own: store, signals and webhook port around `erpcore.engine.worker.Worker`."""

from __future__ import annotations

import gc
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import FrameType
from typing import NoReturn

from erpcore.engine.feeds import FEEDS_AT_ONCE
from erpcore.engine.worker import Worker
from erpcore.errors import ConfigurationError
from erpcore.host import Clock
from erpcore.listening import listening_socket
from erpcore.plugin import ServesAtFace
from erpcore.settings import Settings, store_url
from erpcore.store import Store, list_workers, now, open_store

_log = logging.getLogger(__name__)

STOPS = [signal.SIGINT, signal.SIGTERM, *([signal.SIGBREAK] if hasattr(signal, "SIGBREAK") else [])]
"""Signals that stop a worker in good order. Windows sends no SIGTERM; what runs services there sends Ctrl-Break."""

_OWN_CONNECTIONS = 12
_WEB_STOP_SECONDS = 5.0


def open_worker_store(settings: Settings, *, clock: Clock | None = None) -> Store:
    """Open the store with as many database connections as a worker needs.

    Args:
        settings: The settings.
        clock: Another time than the machine's.

    Raises:
        ConfigurationError: The store cannot be used.
    """
    size = settings.worker.concurrency + FEEDS_AT_ONCE + _OWN_CONNECTIONS
    kept = settings.store
    return open_store(
        store_url(settings),
        keyring=kept.key_in == "keyring",
        synchronous=kept.synchronous,
        pool_size=size,
        clock=clock,
    )


def run_worker(
    settings: Settings, *, executor_id: str | None = None, on_ready: Callable[[], None] = lambda: None
) -> bool:
    """Work until SIGTERM, Ctrl-C or, on Windows, Ctrl-Break. Must be called in the main thread.

    Args:
        settings: The settings.
        executor_id: The worker's name, before the settings'.
        on_ready: Called when runs are being taken.

    Returns:
        Whether every run in hand came to its end. If not, a request hangs: end the process with `leave_at_once`, since
        Python itself would wait for it. What is not done is taken up at the next start.

    Raises:
        ConfigurationError: The store cannot be used, another worker is in the way, or the port is taken.
        ErpcoreError: As for `Worker.run`.
    """
    store = open_worker_store(settings)
    try:
        worker = Worker(settings, store, executor_id=executor_id)

        def told(_number: int, _frame: FrameType | None) -> None:
            # From a thread: the handler interrupts the very wait whose lock `stop` takes.
            threading.Thread(target=worker.stop).start()

        def ready() -> None:
            settle()
            on_ready()

        before = {number: signal.signal(number, told) for number in STOPS}
        try:
            with serving_webhooks(settings, worker):
                return worker.run(ready)
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
    finally:
        store.close()


def settle() -> None:
    """Leave what is loaded by now out of every later search for garbage: it stays as long as the process.

    Libraries and tables are some 200,000 objects. Going through them takes a fifth of a second, in which every thread
    waits, after each few dozen deals.
    """
    gc.collect()
    gc.freeze()


def leave_at_once() -> NoReturn:
    """End the process without waiting for threads that hang."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


@contextmanager
def serving_webhooks(settings: Settings, worker: Worker) -> Iterator[int | None]:
    """Take deliveries in while the block runs, if the settings name a port.

    Args:
        settings: The settings.
        worker: Whose connections and intake are used.

    Yields:
        The port; None when the settings name none.

    Raises:
        ConfigurationError: The port is taken.
    """
    port, connections = settings.worker.webhook_port, worker.assembly.connections()
    if port is None and not any(isinstance(each.plugin, ServesAtFace) for each in connections):
        yield None
        return
    # A worker without an address needs no web server in its memory.
    from erpcore.web.consent import consent_routes
    from erpcore.web.faces import leave, plugin_faces
    from erpcore.web.port import server_for
    from erpcore.web.webhooks import webhook_app

    faces = plugin_faces(connections, worker.assembly.store, worker.executor_id)
    if port is None:
        if faces and not _has_company(settings, worker):
            raise settings.locate(
                ConfigurationError(
                    "a connection's agent asks for work at erpcore's own address, and there is none: this worker has "
                    "no port, and no other worker is running.",
                    setting="worker.webhook_port",
                    advice="Name a port, and have it reached by https from outside. Of several workers one needs it: "
                    "start that one first.",
                )
            )
        yield None
        return
    crms = {sync.crm for sync in settings.syncs.values()}
    app = webhook_app(crms, worker.assembly.trusted_crm, worker.intake)
    app.router.routes.extend([*consent_routes(settings, worker.assembly.store), *faces])
    server = server_for(app)
    with _listening(settings, port) as listener:
        thread = threading.Thread(
            target=server.run, kwargs={"sockets": [listener]}, name="erpcore webhooks", daemon=True
        )
        thread.start()
        taken = int(listener.getsockname()[1])
        _log.info("deliveries are taken in at http://%s:%d/webhooks/", settings.worker.webhook_host, taken)
        try:
            yield taken
        finally:
            server.should_exit = True
            thread.join(_WEB_STOP_SECONDS)
            leave(faces)


def _has_company(settings: Settings, worker: Worker) -> bool:
    """Tell whether another worker is alive on the store."""
    with worker.assembly.store.read() as connection:
        heard_after = now(connection) - timedelta(seconds=settings.worker.dead_after_seconds)
        return any(
            each.executor_id != worker.executor_id and each.stopped_at is None and each.beat_at > heard_after
            for each in list_workers(connection)
        )


def _listening(settings: Settings, port: int) -> socket.socket:
    try:
        listener = listening_socket(settings.worker.webhook_host, port)
        listener.listen(128)  # at once, so that a delivery that comes before the server's thread runs waits for it
    except OSError as error:
        raise settings.locate(
            ConfigurationError(
                f"webhooks cannot be taken in on {settings.worker.webhook_host}:{port}: {error.strerror}.",
                setting="worker.webhook_port",
                advice="Name another port, or end the program that has it.",
            )
        ) from error
    return listener
