"""A small packed answer does not become a large one in memory, and nothing is unpacked that was not asked for."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib

import pytest

from erpcore.errors import OutcomeUnknownError, UnavailableError
from erpcore.http import NO_RETRIES, ApiClient
from erpcore.http.unpacking import UnpackingError, unpacked


@pytest.mark.parametrize("size", [0, 1, 70_000, 300_000])
@pytest.mark.parametrize("piece", [1, 1000, 10**9])
def test_what_was_packed_comes_out(size: int, piece: int) -> None:
    content = bytes(range(256)) * (size // 256 + 1)
    packed = gzip.compress(content, mtime=0)
    pieces = [packed[at : at + piece] for at in range(0, len(packed), piece)]
    out = list(unpacked(pieces, "gzip"))
    assert b"".join(out) == content
    assert max(map(len, out)) <= 65_536


def test_it_asks_for_gzip_alone_and_reads_it(server, client, answer) -> None:
    server.answers(answer(200, gzip.compress(b'{"a": 1}', mtime=0), content_encoding="gzip"))
    assert client.read("/x").json() == {"a": 1}
    assert server.seen[0].headers["accept-encoding"] == "gzip"


def test_a_bomb_is_cut_off_before_it_goes_off(server, movable, answer) -> None:
    bomb = gzip.compress(b" " * 200_000_000, mtime=0)
    server.answers(answer(200, bomb, content_encoding="gzip"))
    with ApiClient(server.url, movable.host(), max_body=1_000_000) as client:
        tracemalloc.start()
        reply = client.read("/orders")
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert reply.too_large
    assert peak < 10_000_000


@pytest.mark.parametrize("coding", ["gzip, gzip", "br", "deflate", "zstd"])
def test_what_was_not_asked_for_is_not_unpacked(server, movable, answer, coding: str) -> None:
    server.answers(answer(200, gzip.compress(gzip.compress(b"{}", mtime=0)), content_encoding=coding))
    with ApiClient(server.url, movable.host(), retry=NO_RETRIES) as client:
        with pytest.raises(UnavailableError, match="which was not asked for"):
            client.read("/orders")
        with pytest.raises(OutcomeUnknownError, match="which was not asked for"):
            client.write("POST", "/orders", json={})


@pytest.mark.parametrize(
    ("packed", "why"),
    [(b"no gzip at all", "cannot be unpacked"), (gzip.compress(b"{}" * 999, mtime=0)[:20], "breaks off")],
)
def test_a_broken_answer_is_told(packed: bytes, why: str) -> None:
    with pytest.raises(UnpackingError, match=why):
        list(unpacked([packed], "gzip"))


def test_a_head_of_its_own_is_wanted() -> None:
    with pytest.raises(UnpackingError):
        list(unpacked([zlib.compress(b"{}")], "gzip"))
