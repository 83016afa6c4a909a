"""Our own reference: the key that the ERP keeps with a record, by which it is found again."""

from __future__ import annotations

import base64
import hashlib
import re

LONGEST_REFERENCE = 50
"""Characters that a reference has at most, so that no ERP has to shorten it and people find it as the ledger shows it.

PowerOffice takes 50 (interface description, ExternalImportReference), Fortnox 80. What was noted with a longer one
before keeps it, since the ledger holds each reference.
"""

_HASH_LENGTH = 12
_SHORT = 12


def reference(installation: str, sync: str, record: str, generation: int, part: str) -> str:
    """Make the reference of one wanted record.

    It begins with what a person recognises and ends with a hash of everything, so that two wanted records never share
    one, however strange their ids are. Only letters A to Z, digits and dashes are used, which every ERP takes.

    Args:
        installation: The store's own short id, so that two installations on one company do not mix.
        sync: Name of the sync.
        record: The record in the ledger, such as ``deal 4711``.
        generation: 1 for the record's first document.
        part: The operation, or which of several documents.

    Returns:
        At most `LONGEST_REFERENCE` characters.
    """
    whole = "\x1f".join((installation, sync, record, str(generation), part))
    hashed = base64.b32encode(hashlib.sha256(whole.encode("utf-8", "surrogatepass")).digest())
    tail = f"{generation}-{hashed.decode()[:_HASH_LENGTH].lower()}"
    room = LONGEST_REFERENCE - len(tail) - 1
    first, last = _plain(installation, _SHORT), _plain(record, room)
    # Where there is no room for all, people miss the sync's name less than the record's.
    left = max(0, room - len(first) - len(last) - 2)
    head = "-".join(word for word in (first, _plain(sync, min(_SHORT, left)), last) if word)
    return "-".join(part for part in (_plain(head, room), tail) if part)


def _plain(text: str, length: int) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-")[:length].rstrip("-")
