"""Addresses that plugins have at the worker's own face: ``/plugins/{connection}/…``.

For systems that cannot be reached from outside: what stands beside them asks here for work. Who is believed there is
the plugin's to judge.
"""

from __future__ import annotations

from collections.abc import Iterable

from starlette.routing import Mount

from erpcore.connection import CrmConnection, ErpConnection
from erpcore.plugin import ServesAtFace


def plugin_faces(connections: Iterable[CrmConnection | ErpConnection]) -> list[Mount]:
    """Build the addresses of the connections whose plugins have some.

    Args:
        connections: The connections of the syncs.
    """
    found: list[Mount] = []
    for connection in connections:
        plugin: object = connection.plugin
        face = plugin.face() if isinstance(plugin, ServesAtFace) else None
        if face is not None:
            found.append(Mount(f"/plugins/{connection.name}", app=face))
    return found
