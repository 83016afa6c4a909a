"""Registers of the ERP, such as its terms of payment: kept in limetypes of the installation's own.

Lime's interface shows the options of an option property and has no way to change them (limetype API), so a register
is a limetype: an object per entry, found by its code.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from erpcore.errors import AmbiguousMatchError
from erpcore.models import Register, RegisterEntry

from .client import LimeCrm
from .names import RegisterNames
from .records import Record
from .settings import LimeCrmSettings
from .values import same


class Registers:
    """One connection's registers.

    Args:
        lime: The connection's protocol.
        settings: The connection's settings.
    """

    def __init__(self, lime: LimeCrm, settings: LimeCrmSettings) -> None:
        self._lime = lime
        self._settings = settings

    def store(self, register: Register, entries: Sequence[RegisterEntry]) -> bool:
        """Make the objects of a register equal to its entries; see `CrmHooks.store_register`.

        Args:
            register: Which.
            entries: All that the ERP has.

        Raises:
            AmbiguousMatchError: Lime CRM has several objects of one code.
        """
        names = self._settings.registers.get(register)
        if names is None or not names.limetype:
            return False
        held = self._held(names)
        for entry in entries:
            self._store(names, held.pop(entry.code, None), _written(names, entry))
        for record in held.values():
            if names.active:
                self._store(names, record, {names.active: False})
        return True

    def _held(self, names: RegisterNames) -> dict[str, Record]:
        found: dict[str, Record] = {}
        for record in self._lime.all(f"limeobject/{names.limetype}", names.limetype):
            code = record.text(names.code).strip()
            if code in found:
                raise AmbiguousMatchError(
                    f"Lime CRM has several {names.limetype} with {names.code} “{code}”.",
                    candidates=[f"{names.limetype} {found[code].id}", f"{names.limetype} {record.id}"],
                    connection=self._lime.connection,
                    advice="Correct all but one of them.",
                )
            found[code] = record
        return found

    def _store(self, names: RegisterNames, held: Record | None, values: dict[str, Any]) -> None:
        if held is None:
            self._lime.create(names.limetype, values, looked_for=True)
            return
        zone = self._settings.zone
        changes = {name: value for name, value in values.items() if not same(held.values.get(name), value, zone)}
        if changes:
            self._lime.change(names.limetype, held.id, changes)


def _written(names: RegisterNames, entry: RegisterEntry) -> dict[str, Any]:
    values = {
        names.code: entry.code,
        names.name: entry.name,
        names.days: entry.days,
        names.percent: entry.percent,
        names.active: entry.active is not False,
    }
    return {name: value for name, value in values.items() if name and value is not None}
