"""Running a simulator as a server on 127.0.0.1: beside a test, or in the foreground for a person."""

from __future__ import annotations

import asyncio
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from erpcore.simulator.app import Simulator
from erpcore.simulator.middleware import BREAK_CONNECTION

HOST = "127.0.0.1"
_START_SECONDS = 10.0
_STOP_SECONDS = 10.0


class _Connection(H11Protocol):
    """HTTP/1.1 that lets a request's handler break its own connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's own
        super().connection_made(transport)
        self.app_state = {**self.app_state, BREAK_CONNECTION: transport.abort}


@contextmanager
def running(simulator: Simulator, port: int = 0) -> Iterator[str]:
    """Serve a simulator from a thread of this process while the block runs.

    Args:
        simulator: What to serve; its `clock`, `journal` and `faults` can be used from the block.
        port: Where to listen; 0 takes a free port.

    Yields:
        The base URL, such as ``http://127.0.0.1:43210``.

    Raises:
        OSError: The port is taken.
        RuntimeError: The server did not start, or did not stop.
    """
    with _listening(port) as listener:
        server = _server(simulator)
        thread = threading.Thread(
            target=server.run, kwargs={"sockets": [listener]}, name=f"simulator {simulator.name}", daemon=True
        )
        thread.start()
        try:
            _wait_until_started(server, thread, simulator.name)
            yield _base_url(listener)
        finally:
            server.should_exit = True
            simulator.held.release()
            thread.join(_STOP_SECONDS)
    if thread.is_alive():
        raise RuntimeError(f"The simulator {simulator.name} did not stop within {_STOP_SECONDS:.0f} seconds.")


def serve(simulator: Simulator, port: int | None = None) -> None:
    """Serve a simulator in the foreground until Ctrl-C or SIGTERM, and then return.

    Must be called in the main thread, since it listens to signals.

    Args:
        simulator: What to serve.
        port: Where to listen; None takes the simulator's own port.

    Raises:
        OSError: The port is taken.
    """

    # uvicorn stops at the signal and then raises it once more, to whoever was there before; that would end this
    # process with an error, while being stopped is how a simulator ends well.
    before = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with _listening(simulator.default_port if port is None else port) as listener:
            _server(simulator).run(sockets=[listener])
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        yield listener


def _base_url(listener: socket.socket) -> str:
    return f"http://{HOST}:{listener.getsockname()[1]}"


def _server(simulator: Simulator) -> uvicorn.Server:
    config = uvicorn.Config(
        cast(Any, simulator.asgi),
        http=_Connection,
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    return uvicorn.Server(config)


def _wait_until_started(server: uvicorn.Server, thread: threading.Thread, name: str) -> None:
    until = time.monotonic() + _START_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > until:
            raise RuntimeError(f"The simulator {name} did not start.")
        time.sleep(0.005)
