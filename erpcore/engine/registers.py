"""The ERP's registers in the CRM, such as terms of payment: read once a day, and written where the CRM keeps them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from erpcore.connection import CrmConnection, ErpConnection
from erpcore.engine.assembly import Assembly
from erpcore.engine.troubles import Troubles
from erpcore.errors import ErpcoreError, UnsupportedOperationError
from erpcore.hookspecs import Context
from erpcore.models import Register, RegisterEntry
from erpcore.problem import Problem
from erpcore.settings import SyncSettings
from erpcore.store import Lease, hold_lease, note_failing, note_well
from erpcore.sync.repeat import repeatable
from erpcore.sync.window import Window

_EVERY = 86_400.0
"""Seconds between two readings: registers are small, and are seldom changed."""
_SOON = 60.0


@dataclass(frozen=True)
class Brought:
    """A register that was read.

    Attributes:
        register: Which.
        entries: What the ERP has; None where it has no such register.
        stored: Whether they stand in the CRM now.
    """

    register: Register
    entries: tuple[RegisterEntry, ...] | None
    stored: bool


class RegisterRounds:
    """Brings the registers of syncs home.

    Args:
        assembly: The connections.
        worker: Who works.
        go_on: Asked between two registers whether to go on.
    """

    def __init__(self, assembly: Assembly, worker: str, go_on: Callable[[], bool] = lambda: True) -> None:
        self._assembly = assembly
        self._store = assembly.store
        self._worker = worker
        self._go_on = go_on
        self._troubles = Troubles(assembly.store.clock)
        self._next: dict[str, float] = {}

    def go_all(self) -> None:
        """Bring the registers of every sync whose time it is, and whose CRM keeps any."""
        for name, rules in self._assembly.settings.syncs.items():
            at, about = self._store.clock.monotonic(), f"{name}: its registers"
            if at < self._next.get(name, at):
                continue
            try:
                crm, _ = self._assembly.pair(name)
                if crm.plugin.registers and rules.owns_customer_number:
                    for _ in self.go(name, sorted(crm.plugin.registers)):
                        if not self._go_on():
                            break
                    self._note(rules, None)
            except TimeoutError:
                continue  # another worker is at it
            except Exception as error:
                # A plugin's fault must not end the loop for the other syncs.
                self._troubles.note(about, str(error), fault=None if isinstance(error, ErpcoreError) else error)
                self._note(rules, error)
                self._next[name] = at + self._troubles.wait(about, _SOON)
            else:
                self._troubles.over(about)
                self._next[name] = at + _EVERY

    def _note(self, rules: SyncSettings, error: Exception | None) -> None:
        """Note for ``erpcore status`` how it went."""
        with self._store.begin() as connection:
            if error is None:
                for name in (rules.crm, rules.erp):
                    note_well(connection, name, "registers")
                return
            problem = Problem.of(error)
            name = problem.connection if problem.connection in (rules.crm, rules.erp) else rules.erp
            note_failing(connection, name, "registers", problem)

    def go(self, sync: str, registers: list[Register], *, send: bool = True) -> Iterator[Brought]:
        """Read registers of the ERP, and write them to the CRM where it keeps them.

        Args:
            sync: Name of the sync.
            registers: Which.
            send: Whether to write them to the CRM.

        Yields:
            What became of each.

        Raises:
            TimeoutError: Another worker is at it.
            ErpcoreError: A system does not answer, or refuses.
        """
        crm, erp = self._assembly.pair(sync)
        rules: SyncSettings = self._assembly.settings.syncs[sync]
        worker = self._assembly.settings.worker
        seconds = worker.dead_after_seconds + worker.longest_request_seconds
        with hold_lease(self._store, f"registers:{sync}", seconds=seconds, wait=0) as lease:
            for register in registers:
                lease.renew()
                entries = _entries(erp, register, Context(f"{sync}:registers"))
                kept = send and rules.owns_customer_number and register in crm.plugin.registers
                stored = bool(entries) and kept and self._write(crm, lease, sync, register, entries or ())
                yield Brought(register, entries, stored)

    def _write(
        self, crm: CrmConnection, lease: Lease, sync: str, register: Register, entries: tuple[RegisterEntry, ...]
    ) -> bool:
        window = Window(
            self._store,
            self._worker,
            self._store.clock,
            longest_request=self._assembly.settings.worker.longest_request_seconds,
            hold=lease.hold,
            last_for=lease.last_for,
        )
        context = Context(f"{sync}:registers")
        what = f"storing the register {register} in the CRM"
        return repeatable(window, what, lambda: crm.store_register(register, entries, context))


def _entries(erp: ErpConnection, register: Register, context: Context) -> tuple[RegisterEntry, ...] | None:
    if not erp.can("list_register"):
        return None
    try:
        return tuple(erp.list_register(register, context))
    except UnsupportedOperationError:
        return None
