"""A port that one program has for itself."""

from __future__ import annotations

import os
import socket


def listening_socket(host: str, port: int) -> socket.socket:
    """Take a port.

    Args:
        host: Address or name of this machine to listen at; of either kind of address.
        port: The port; 0 for a free one.

    Returns:
        The socket, bound; the caller listens and closes.

    Raises:
        OSError: The port is taken, or the address is none of this machine.
    """
    (family, kind, _, _, address), *_ = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    # The protocol is named because asyncio switches delayed sending off only then: 40 ms per answer otherwise.
    listener = socket.socket(family, kind, socket.IPPROTO_TCP)
    try:
        if os.name == "nt":
            # There the usual option lets two programs have one port, and either may get what comes in.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError:
        listener.close()
        raise
    return listener


def free_port() -> int:
    """Give a port of this machine that nobody listens at now."""
    with listening_socket("127.0.0.1", 0) as listener:
        return int(listener.getsockname()[1])
