"""A time zone that the machine is put into while a rule is checked."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

_FAR = "<+1345>-13:45"
"""13 hours and 45 minutes ahead of UTC, as in the Chatham Islands in summer; in the form that POSIX gives TZ."""


@contextmanager
def far_from_utc() -> Iterator[None]:
    """Put this process into a zone that neither a server nor a vendor is likely to be in, while the block runs.

    A plugin that asks in the machine's zone, or takes its midnight for a day, is right where its author sits and wrong
    on a server. Windows cannot change a process's zone; there the block runs in the machine's own.
    """
    if not hasattr(time, "tzset"):
        yield
        return
    before = os.environ.get("TZ")
    os.environ["TZ"] = _FAR
    time.tzset()
    try:
        yield
    finally:
        if before is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = before
        time.tzset()
