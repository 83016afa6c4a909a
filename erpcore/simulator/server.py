"""Running a simulator as a server on 127.0.0.1: beside a test, or in the foreground for a person."""

from __future__ import annotations

import asyncio
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, cast

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from erpcore.listening import listening_socket
from erpcore.simulator.app import Simulator
from erpcore.simulator.middleware import BREAK_CONNECTION

HOST = "127.0.0.1"
_START_SECONDS = 10.0
_STOP_SECONDS = 10.0
_ANSWER_SECONDS = 1.0
_TICK_SECONDS = 0.1


class _Connection(H11Protocol):
    """HTTP/1.1 that lets a request's handler break its own connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's own
        super().connection_made(transport)
        self.app_state = {**self.app_state, BREAK_CONNECTION: transport.abort}


class _Server(uvicorn.Server):
    """uvicorn that stops at once: its own looks every 0.1 s whether to stop and then waits another 0.1 s."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._stopping: tuple[asyncio.AbstractEventLoop, asyncio.Event] | None = None

    def stop(self) -> None:
        """Ask the server to stop; may be called from any thread."""
        self.should_exit = True
        if self._stopping is not None:
            loop, event = self._stopping
            with suppress(RuntimeError):  # the loop has ended already
                loop.call_soon_threadsafe(event.set)

    async def main_loop(self) -> None:
        """Tick until it is time to stop."""
        event = asyncio.Event()
        self._stopping = asyncio.get_running_loop(), event
        ticks = 0
        while not await self.on_tick(ticks):
            ticks += 1
            with suppress(TimeoutError):
                await asyncio.wait_for(event.wait(), _TICK_SECONDS)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close everything; answers under way have a second."""
        for server in self.servers:
            server.close()
        for listener in sockets or []:
            listener.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        until = time.monotonic() + _ANSWER_SECONDS
        while self.server_state.connections or self.server_state.tasks:
            if self.force_exit or time.monotonic() > until:
                break
            await asyncio.sleep(0.001)
        for task in self.server_state.tasks:
            task.cancel()


@contextmanager
def running(simulator: Simulator, port: int = 0, *, keep: Path | str | None = None) -> Iterator[str]:
    """Serve a simulator from a thread of this process while the block runs.

    Args:
        simulator: What to serve; its `clock`, `journal` and `faults` can be used from the block.
        port: Where to listen; 0 takes a free port.
        keep: The file to recall it from and keep it in, see `Simulator.kept_in`; None keeps nothing.

    Yields:
        The base URL, such as ``http://127.0.0.1:43210``.

    Raises:
        OSError: The port is taken, or the file cannot be read or written.
        ValueError: The file is not this simulator's.
        RuntimeError: The server did not start, or did not stop.
    """
    with listening_socket(HOST, port) as listener, simulator.kept_in(keep):
        server = _server(simulator)
        thread = threading.Thread(
            target=server.run, kwargs={"sockets": [listener]}, name=f"simulator {simulator.name}", daemon=True
        )
        thread.start()
        try:
            _wait_until_started(server, thread, simulator.name)
            yield _base_url(listener)
        finally:
            server.stop()
            simulator.held.release()
            thread.join(_STOP_SECONDS)
    if thread.is_alive():
        raise RuntimeError(f"The simulator {simulator.name} did not stop within {_STOP_SECONDS:.0f} seconds.")


def serve(
    simulator: Simulator,
    port: int | None = None,
    *,
    keep: Path | str | None = None,
    on_ready: Callable[[], None] = lambda: None,
) -> None:
    """Serve a simulator in the foreground until Ctrl-C or SIGTERM, and then return.

    Must be called in the main thread, since it listens to signals.

    Args:
        simulator: What to serve.
        port: Where to listen; None takes the simulator's own port.
        keep: The file to recall it from and keep it in, see `Simulator.kept_in`; None keeps nothing.
        on_ready: Called when it has its port and its file.

    Raises:
        OSError: The port is taken, or the file cannot be read or written.
        ValueError: The file is not this simulator's.
    """

    # uvicorn stops at the signal and then raises it once more, to whoever was there before; that would end this
    # process with an error, while being stopped is how a simulator ends well.
    before = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        # Listening first: a second process must not touch the file of one that runs.
        chosen = simulator.default_port if port is None else port
        with listening_socket(HOST, chosen) as listener, simulator.kept_in(keep):
            on_ready()
            _server(simulator).run(sockets=[listener])
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _base_url(listener: socket.socket) -> str:
    return f"http://{HOST}:{listener.getsockname()[1]}"


def _server(simulator: Simulator) -> _Server:
    config = uvicorn.Config(
        cast(Any, simulator.asgi),
        http=_Connection,
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,  # the simulator's own clock says what time it is
    )
    return _Server(config)


def _wait_until_started(server: uvicorn.Server, thread: threading.Thread, name: str) -> None:
    until = time.monotonic() + _START_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > until:
            raise RuntimeError(f"The simulator {name} did not start.")
        time.sleep(0.005)
