"""The small registers that other records name by code."""

from __future__ import annotations

from collections.abc import Iterator

from erpcore.errors import UnsupportedOperationError
from erpcore.models import Register, RegisterEntry
from erpcore_poweroffice.client import PowerOfficeClient


def list_register(client: PowerOfficeClient, register: Register) -> list[RegisterEntry]:
    """Read a register; see `ErpHooks.list_register`. The code of terms of payment is PowerOffice's id."""
    if register == "terms_of_payment":
        return list(_terms(client))
    if register == "currency":
        return list(_currencies(client))
    raise UnsupportedOperationError(
        f"PowerOffice's register of {register} is not read.", advice="Look at the codes in PowerOffice."
    )


def _terms(client: PowerOfficeClient) -> Iterator[RegisterEntry]:
    for record in client.all("PaymentTerms"):
        key = str(record["Id"])
        active, days = record.get("IsActive") is not False, record.get("CreditDays")
        yield RegisterEntry(code=key, key=key, name=str(record.get("Name") or key), active=active, days=days)


def _currencies(client: PowerOfficeClient) -> Iterator[RegisterEntry]:
    for record in client.all("Currencies"):
        code = str(record.get("Code"))
        yield RegisterEntry(code=code, name=code, active=record.get("IsActive") is not False)
