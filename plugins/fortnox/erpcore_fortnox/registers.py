"""The small registers that other records name by code."""

from __future__ import annotations

from collections.abc import Mapping

from erpcore.errors import UnsupportedOperationError
from erpcore.models import Register, RegisterEntry
from erpcore_fortnox.client import FortnoxClient

_ADDRESSES: Mapping[Register, tuple[str, str]] = {
    "terms_of_payment": ("termsofpayments", "TermsOfPayments"),
    "currency": ("currencies", "Currencies"),
    "unit": ("units", "Units"),
}
"""Address and envelope of the registers that are read."""


def list_register(client: FortnoxClient, register: Register) -> list[RegisterEntry]:
    """Read a register; see `ErpHooks.list_register`. Terms of payment whose code is all digits are that many days."""
    if register not in _ADDRESSES:
        raise UnsupportedOperationError(
            f"Fortnox's register of {register} is not read.", advice="Look at the codes in Fortnox."
        )
    entries = []
    for item in client.all(*_ADDRESSES[register]):
        code = str(item.get("Code") or "")
        found = RegisterEntry(code=code, name=str(item.get("Description") or code))
        if register == "terms_of_payment" and code.isascii() and code.isdigit():
            found = found.model_copy(update={"days": int(code)})
        entries.append(found)
    return entries
