"""The small registers that other records name by code."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

from erpcore.errors import UnsupportedOperationError
from erpcore.models import Register, RegisterEntry
from erpcore_visma_admin.company import Company, Record

_PLACES: Mapping[Register, tuple[str, str, str]] = {
    "terms_of_payment": ("CODE_OF_TERMS_OF_PAYMENT", "CODE", "TEXT"),
    "unit": ("CODE_OF_UNIT", "CODE", "TEXT"),
    "currency": ("CODE_OF_CURRENCY", "CODE", "CODE"),
    "project": ("PROJECT", "CODE_OF_PROJECT", "NAME"),
    "cost_center": ("CODE_OF_PROFIT_CENTRE", "CODE", "NAME"),
}
"""Table, field of the code and field of the name of the registers that are read."""


def list_register(
    company: Company, register: Register, page_size: int, rate: Literal["sell", "buy"]
) -> list[RegisterEntry]:
    """Read a register; see `ErpHooks.list_register`. How many days terms of payment are is only in their names.

    Args:
        company: The company.
        register: Which.
        page_size: Records to ask for at once.
        rate: Which rate of a currency is told; it is for so many of its units as `UNIT` says.
    """
    if register not in _PLACES:
        raise UnsupportedOperationError(
            f"The register of {register} is not read.", advice="Look at the codes in Visma Administration."
        )
    table, code, name = _PLACES[register]
    # By code: a profit centre comes once for each financial year.
    found = {str(record[code]): record for record in company.all(table, page_size)}
    member = rate.upper() if register == "currency" else None
    return [
        RegisterEntry(
            code=each, name=str(record[name] or each), rate=None if member is None else of_one(record, member)
        )
        for each, record in found.items()
    ]


def of_one(currency: Record, member: str) -> Decimal | None:
    """Give what one unit of a currency is worth; None where the program does not tell.

    Args:
        currency: Its record.
        member: ``SELL`` or ``BUY``.
    """
    rate, units = (Decimal(currency.get(name) or 0) for name in (member, "UNIT"))
    return rate / units if rate and units else None
