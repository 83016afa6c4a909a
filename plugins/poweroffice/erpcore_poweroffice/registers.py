"""The small registers that other records name by code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from erpcore.errors import UnsupportedOperationError
from erpcore.fields import OMIT
from erpcore.models import Register, RegisterEntry
from erpcore_poweroffice import values
from erpcore_poweroffice.client import PowerOfficeClient, Record


def list_register(client: PowerOfficeClient, register: Register) -> list[RegisterEntry]:
    """Read a register; see `ErpHooks.list_register`. The code of terms of payment is PowerOffice's id.

    Units are no register: they are a closed list of the interface (`units`). Any currency may stand on a document,
    those that the company does not use too (interface description, currencies).
    """
    if register not in _PLACES:
        raise UnsupportedOperationError(
            f"PowerOffice's register of {register} is not read.", advice="Look at the codes in PowerOffice."
        )
    address, entry = _PLACES[register]
    return [entry(record) for record in client.all(address)]


def _terms(record: Record) -> RegisterEntry:
    key = str(record["Id"])
    return _entry(record, key, key=key, days=record.get("CreditDays"))


def _vat_code(record: Record) -> RegisterEntry:
    rate = values.percent(record["Rate"]) if record.get("Rate") is not None else OMIT
    return _entry(record, str(record["Code"]), percent=rate if isinstance(rate, Decimal) else None)


def _account(record: Record) -> RegisterEntry:
    return _entry(record, str(record["AccountNo"]))


def _coded(record: Record) -> RegisterEntry:
    return _entry(record, str(record["Code"]))


def _entry(record: Record, code: str, **more: Any) -> RegisterEntry:
    return RegisterEntry(
        code=code, name=str(record.get("Name") or code), active=record.get("IsActive") is not False, **more
    )


_PLACES: Mapping[Register, tuple[str, Callable[[Record], RegisterEntry]]] = {
    "terms_of_payment": ("PaymentTerms", _terms),
    "currency": ("Currencies", _coded),
    "vat_code": ("VatCodes", _vat_code),
    "account": ("GeneralLedgerAccounts", _account),
    "project": ("Projects", _coded),
    "cost_center": ("Departments", _coded),
}
"""Addresses of the registers that are read. Each has a privilege; where it is missing, PowerOffice alone looks."""
