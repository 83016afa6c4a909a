"""The small registers that other records name by code."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal, NamedTuple

from erpcore.errors import UnsupportedOperationError
from erpcore.fields import OMIT
from erpcore.models import Register, RegisterEntry
from erpcore_fortnox import values
from erpcore_fortnox.client import FortnoxClient, Record


class _Place(NamedTuple):
    path: str
    envelope: str
    code: str = "Code"


_RATES = {"sell": "SellRate", "buy": "BuyRate"}
_PLACES: Mapping[Register, _Place] = {
    "terms_of_payment": _Place("termsofpayments", "TermsOfPayments"),
    "currency": _Place("currencies", "Currencies"),
    "unit": _Place("units", "Units"),
    "project": _Place("projects", "Projects", "ProjectNumber"),
    "cost_center": _Place("costcenters", "CostCenters"),
}
"""Where the registers that are read are. Projects and cost centres have scopes of their own (developer guide, Scopes);
without them Fortnox alone looks at these codes."""


def list_register(client: FortnoxClient, register: Register, rate: Literal["sell", "buy"]) -> list[RegisterEntry]:
    """Read a register; see `ErpHooks.list_register`. Terms of payment whose code is all digits are that many days.

    Args:
        client: Fortnox.
        register: Which.
        rate: Which rate of a currency is told; it is for so many of its units as `Unit` says.
    """
    if register not in _PLACES:
        raise UnsupportedOperationError(
            f"Fortnox's register of {register} is not read.", advice="Look at the codes in Fortnox."
        )
    place = _PLACES[register]
    member = _RATES[rate] if register == "currency" else ""
    return [_entry(register, place, item, member) for item in client.all(place.path, place.envelope)]


def _entry(register: Register, place: _Place, item: Record, rate: str) -> RegisterEntry:
    code = str(item.get(place.code) or "")
    days = int(code) if register == "terms_of_payment" and code.isascii() and code.isdigit() else None
    # A cost centre says whether it is active, a project how far it has come.
    active = False if item.get("Active") is False or item.get("Status") == "COMPLETED" else None
    name = str(item.get("Description") or code)
    return RegisterEntry(code=code, name=name, days=days, active=active, rate=_of_one(item, rate) if rate else None)


def _of_one(currency: Record, member: str) -> Decimal | None:
    """Give what one unit of a currency is worth; None where Fortnox does not tell."""
    rate, units = values.number(currency.get(member)), values.number(currency.get("Unit"))
    if OMIT in (rate, units) or not rate or not units:
        return None
    return Decimal(rate) / Decimal(units)
