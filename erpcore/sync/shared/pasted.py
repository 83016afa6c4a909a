"""What a person pastes for a record of the ERP: its number, its key, or the whole address of its page. Pure."""

from __future__ import annotations

import re

_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_SEGMENT = re.compile(r"[^/?#&=]+")


def ways(text: str) -> list[dict[str, str]]:
    """Tell how to look for the record: queries by number or key, the likeliest first.

    Args:
        text: Such as ``10``, ``38fe43cc-c843-48e0-9efe-fa7b262a8191``, or an address that ends with one of them.
            Lime Go's article on Visma eAccounting has people copy “everything after the last /”; the whole address will
            do.
    """
    text = text.strip()
    if found := _GUID.findall(text):
        key = str(found[-1])
        return [{"key": key}] if key != text else [{"key": text}, {"number": text}]
    if "://" in text or text.lower().startswith("www."):
        segments = _SEGMENT.findall(text.partition("://")[2] or text)
        last = segments[-1] if len(segments) > 1 else ""
        return [{"key": last}, {"number": last}] if last else []
    return [{"number": text}, {"key": text}] if text else []
