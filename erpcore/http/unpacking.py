"""Unpacking an answer piece by piece, so that a small packed one cannot become a large one in memory."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

ASKED_FOR = "gzip"
"""The only coding that is asked for (``accept-encoding``), and the only one that is unpacked."""

_PIECE = 65_536
_WITH_HEAD = 16 + zlib.MAX_WBITS


class UnpackingError(Exception):
    """The answer is packed in a way that was not asked for, or broken."""


def unpacked(pieces: Iterable[bytes], coding: str) -> Iterator[bytes]:
    """Unpack an answer.

    Args:
        pieces: As they came.
        coding: ``content-encoding`` of the answer; empty when it is not packed.

    Yields:
        Pieces of at most 64 kB where it is packed.

    Raises:
        UnpackingError: It is packed more than once or in another way, or it is broken.
    """
    coding = coding.strip().lower()
    if coding in ("", "identity"):
        yield from pieces
        return
    if coding not in (ASKED_FOR, "x-gzip"):
        raise UnpackingError(f"the answer is packed as “{coding}”, which was not asked for")
    unpacking = zlib.decompressobj(_WITH_HEAD)
    try:
        for piece in pieces:
            left = piece
            while left or not unpacking.eof:
                out = unpacking.decompress(left, _PIECE)
                left = unpacking.unconsumed_tail
                if out:
                    yield out
                elif not left:
                    break
    except zlib.error as error:
        raise UnpackingError(f"the answer cannot be unpacked ({error})") from error
    if not unpacking.eof:
        raise UnpackingError("the packed answer breaks off")
