"""Addresses that plugins have at the worker's own face: ``/plugins/{connection}/…``.

For systems that cannot be reached from outside: what stands beside them asks here for work. Who is believed there is
the plugin's to judge.

Who asks and who hands work in must meet in one process. So of several workers one serves a connection's addresses: the
one that was reached first, for as long as it is reached. The others answer 503, and say which one it is.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from contextlib import suppress

import sqlalchemy as sa
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from erpcore.connection import CrmConnection, ErpConnection
from erpcore.plugin import ServesAtFace
from erpcore.store import Lease, Store, store_failure

_log = logging.getLogger(__name__)

_HELD_SECONDS = 75.0
"""Seconds after which another worker may serve a connection's addresses; longer than what asks is let wait."""
_SURE_SECONDS = 20.0
"""Seconds for which a worker that serves them need not look whether it still may."""


def plugin_faces(connections: Iterable[CrmConnection | ErpConnection], store: Store, worker: str) -> list[Mount]:
    """Build the addresses of the connections whose plugins have some.

    Args:
        connections: The connections of the syncs.
        store: Where workers tell each other which one serves them.
        worker: Name of this one.
    """
    found: list[Mount] = []
    for connection in connections:
        plugin: object = connection.plugin
        face = plugin.face() if isinstance(plugin, ServesAtFace) else None
        if face is not None:
            found.append(Mount(f"/plugins/{connection.name}", app=_OneOfMany(face, store, connection.name, worker)))
    return found


def leave(faces: Iterable[Mount]) -> None:
    """Let another worker serve them at once, as this one stops.

    Args:
        faces: What `plugin_faces` gave.
    """
    for face in faces:
        if isinstance(face.app, _OneOfMany):
            face.app.leave()


class _OneOfMany:
    """Serves a connection's addresses while no other worker does."""

    def __init__(self, app: ASGIApp, store: Store, connection: str, worker: str) -> None:
        self._app = app
        self._store = store
        self._connection = connection
        self._lease = Lease(store, f"face:{connection}", _HELD_SECONDS, holder=worker)
        self._sure_until = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self._store.clock.monotonic() < self._sure_until:
            await self._app(scope, receive, send)
            return
        refusal = await run_in_threadpool(self._refusal)
        if refusal is None:
            await self._app(scope, receive, send)
            return
        _log.warning("%s: %s", self._connection, refusal)
        told = {"error": {"kind": "not_here", "message": refusal}}
        await JSONResponse(told, 503)(scope, receive, send)

    def leave(self) -> None:
        """See `leave`."""
        self._sure_until = 0.0
        with suppress(sa.exc.SQLAlchemyError):  # where the store is away, the lease runs out
            self._lease.give_back()

    def _refusal(self) -> str | None:
        """Take the addresses or keep them; why not, for people."""
        try:
            begun = self._store.clock.monotonic()
            if self._lease.take():
                self._sure_until = begun + _SURE_SECONDS
                return None
            other = self._lease.held_by()
        except sa.exc.SQLAlchemyError as error:
            return f"this worker cannot tell whether it may serve: {store_failure(error)}"
        return (
            f"the work of {self._connection} meets at worker {other or 'unknown'}, and this is another one: who asks "
            "for work and who hands it in must come to the same worker."
        )
