"""A port that one program has for itself."""

from __future__ import annotations

import socket

import pytest

from erpcore.listening import listening_socket


@pytest.mark.parametrize(("host", "family"), [("127.0.0.1", socket.AF_INET), ("::1", socket.AF_INET6)])
def test_a_port_is_taken_once_at_either_kind_of_address(host: str, family: socket.AddressFamily) -> None:
    with listening_socket(host, 0) as first:
        first.listen()
        assert first.family == family
        with pytest.raises(OSError, match="in use"):
            listening_socket(host, first.getsockname()[1])


def test_where_programs_could_share_a_port_it_is_taken_for_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows' own option, which other systems do not know, is asked for there and the usual one is not."""
    asked: list[int] = []

    class Socket(socket.socket):
        def setsockopt(self, level: int, option: int, value: object) -> None:  # type: ignore[override]
            asked.append(option)

    monkeypatch.setattr("erpcore.listening.os.name", "nt")
    monkeypatch.setattr("erpcore.listening.socket.SO_EXCLUSIVEADDRUSE", -5, raising=False)
    monkeypatch.setattr("erpcore.listening.socket.socket", Socket)
    listening_socket("127.0.0.1", 0).close()
    assert asked == [-5]
