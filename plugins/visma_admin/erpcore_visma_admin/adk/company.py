"""Opening and closing a company. One that is open takes a user licence, so it is opened late and closed early.

One process at a time has the ADK of a machine: it holds a file lock, the lease, from before the opening until after the
closing. A process that dies loses the lock with it. Inside a process, the DLL knows one open company, whoever opens it.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from filelock import FileLock, Timeout

from erpcore_visma_admin.adk.errors import BadCall, InUse
from erpcore_visma_admin.adk.native import Adk


@dataclass(frozen=True)
class Place:
    """Where a company is, and who opens it.

    Attributes:
        system_path: Folder of the common files (Gemensamma filer), which the program shows under Hjälp, Om, Systeminfo.
        company_path: Folder of the company.
        user: User name, where users sign in to the company.
        password: The user's password.
    """

    system_path: str
    company_path: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)


class Lease:
    """The right to use the ADK on this machine.

    Args:
        place: The company; all companies with the same common files share one lease.
        folder: Folder for the lock; one for all users of the machine when None.
    """

    def __init__(self, place: Place, folder: Path | None = None) -> None:
        digest = hashlib.sha256(place.system_path.casefold().encode()).hexdigest()[:16]
        root = folder or Path(os.environ.get("PROGRAMDATA") or tempfile.gettempdir()) / "erpcore"
        root.mkdir(parents=True, exist_ok=True)
        self.path = root / f"adk-{digest}.lock"
        self._lock = FileLock(self.path)

    def take(self, seconds: float) -> None:
        """Wait for the lease.

        Raises:
            InUse: Another process has it for longer.
        """
        try:
            self._lock.acquire(timeout=seconds)
        except Timeout:
            raise InUse(
                f"Another erpcore process on this computer has Visma Administration (lock {self.path}), and did not "
                f"let go of it within {seconds:g} seconds."
            ) from None

    def give_back(self) -> None:
        """Let others have it."""
        self._lock.release()


_in_process: defaultdict[str, Lock] = defaultdict(Lock)
"""Held while a company is open, by the path of the DLL."""


class OpenCompany:
    """A company that is open, until `close`.

    Args:
        adk: The DLL.
        place: The company.
        lease: The right to use the DLL.
        lease_seconds: How long to wait for it.

    Raises:
        InUse: Another process has the ADK.
        Refused: The DLL does not open it.
    """

    def __init__(self, adk: Adk, place: Place, lease: Lease, lease_seconds: float) -> None:
        self.place = place
        self._adk = adk
        self._lease = lease
        self._lock = _in_process[adk.path]
        if not self._lock.acquire(timeout=lease_seconds):
            raise InUse(
                f"Another company is open in this process, and was not closed within {lease_seconds:g} seconds."
            )
        try:
            lease.take(lease_seconds)
        except BaseException:
            self._lock.release()
            raise
        try:
            adk.listen()
            self._open()
        except BaseException:
            self._let_go()
            raise

    def _open(self) -> None:
        adk, place = self._adk, self.place
        # Before 2017.1 there was no signing in, nor a function to ask.
        if not (adk.has("AdkIsLoginActivated") and adk.users_sign_in(place.system_path, place.company_path)):
            adk.open(place.system_path, place.company_path)
        elif place.user is None:
            raise BadCall(
                f"Users sign in to the company in {place.company_path}, and no user is named in the settings."
            )
        else:
            adk.open_as(place.system_path, place.company_path, place.user, place.password or "")

    def close(self) -> None:
        """Close it, which gives licence and lease back."""
        try:
            self._adk.close()
        finally:
            self._let_go()

    def _let_go(self) -> None:
        try:
            self._adk.stop_listening()
        finally:
            self._lease.give_back()
            self._lock.release()
