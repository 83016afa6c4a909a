"""A process that uses a token, which is renewed each time: SETTINGS, seconds, whether it locks, and its number."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from erpcore.engine.assembly import Assembly
from erpcore.errors import ErpcoreError
from erpcore.hookspecs import Context
from erpcore.host import HeldToken
from erpcore.models import CustomerQuery
from erpcore.settings import load_settings, store_url
from erpcore.store import StoreTokenStore, open_store
from erpcore.store.tokens import _StoredHeldToken


@contextmanager
def _unlocked(self: StoreTokenStore, connection: str) -> Iterator[HeldToken]:
    yield _StoredHeldToken(self, connection)


def main() -> int:
    file, seconds, locks = Path(sys.argv[1]), float(sys.argv[2]), sys.argv[3] == "locked"
    if not locks:
        StoreTokenStore.locked = _unlocked  # type: ignore[method-assign]  # the guard that a test switches off
    settings = load_settings(file)
    store = open_store(store_url(settings), synchronous="NORMAL")
    fortnox = Assembly(settings, store, worker="token test").erp("fortnox")
    file.with_name(f"ready-{sys.argv[4]}").touch()
    while not file.with_name("go").exists():
        time.sleep(0.01)
    until, times = time.monotonic() + seconds, 0
    try:
        while time.monotonic() < until:
            found = fortnox.find_customers(CustomerQuery(number="1"), Context(correlation_id="token test"))
            assert [customer.number for customer in found] == ["1"]
            times += 1
    except ErpcoreError as error:
        sys.stdout.write(f"{type(error).__name__}: {error}\n")
        return 1
    sys.stdout.write(f"used {times} times\n")
    return 0
