"""Signing requests with the token. Both sides have it, and it never travels.

A request's ``Authorization`` header names the time, a number used once, and an HMAC-SHA256 over these, the method, the
path and the body. So whoever reads a request on the way can neither change it nor send it again.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

SCHEME = "Erpcore-HMAC-SHA256"
_HEADER = re.compile(rf"{SCHEME} time=(\d{{1,15}}), nonce=([0-9a-f]{{32}}), signature=([0-9a-f]{{64}})")


@dataclass(frozen=True)
class Signature:
    """What a request's header says.

    Attributes:
        time: When it was made, in milliseconds of Unix time by the sender's clock.
        nonce: A number that no other request has.
        digest: The HMAC, in hexadecimal.
    """

    time: int
    nonce: str
    digest: str

    def header(self) -> str:
        """Write the value of the ``Authorization`` header."""
        return f"{SCHEME} time={self.time}, nonce={self.nonce}, signature={self.digest}"


def sign(token: str, method: str, path: str, body: bytes, time: int, nonce: str | None = None) -> Signature:
    """Sign a request.

    Args:
        token: What both sides know.
        method: HTTP method.
        path: Path, without the query.
        body: The body as it is sent.
        time: Now, in milliseconds of Unix time.
        nonce: 32 hexadecimal digits; new ones when None.
    """
    nonce = nonce or secrets.token_hex(16)
    told = "\n".join((method, path, str(time), nonce, hashlib.sha256(body).hexdigest()))
    return Signature(time, nonce, hmac.new(token.encode(), told.encode(), hashlib.sha256).hexdigest())


def read_header(value: str) -> Signature | None:
    """Read an ``Authorization`` header; None when it is none of ours."""
    match = _HEADER.fullmatch(value)
    return Signature(int(match[1]), match[2], match[3]) if match else None


def is_signed(token: str, method: str, path: str, body: bytes, given: Signature) -> bool:
    """Tell whether a signature is the token's, in a time that tells nothing of it."""
    right = sign(token, method, path, body, given.time, given.nonce)
    return hmac.compare_digest(right.digest, given.digest)
