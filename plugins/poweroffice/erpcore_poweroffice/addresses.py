"""Delivery addresses: a register under each customer, of which an order names one.

PowerOffice wants city and postal code of any address (interface description, required members).
"""

from __future__ import annotations

from typing import Any

from erpcore.errors import InvalidValueError, OutcomeUnknownError, UnavailableError
from erpcore.http import path_of
from erpcore_poweroffice.client import PowerOfficeClient, Record

_COMPARED = ("AddressLine1", "AddressLine2", "ZipCode", "City")
_REQUIRED = {"ZipCode": "postal_code", "City": "city"}
HOME = "NO"
"""The country of an address that names none (interface description)."""


def require_whole(address: Record, field: str) -> None:
    """Refuse an address that PowerOffice would refuse.

    Args:
        address: What would be sent.
        field: The canonical address, for the error.

    Raises:
        InvalidValueError: City or postal code is missing.
    """
    for native, name in _REQUIRED.items():
        if not address.get(native):
            raise InvalidValueError(
                f"The address has no {name.replace('_', ' ')}, and PowerOffice takes none without.",
                field=f"{field}.{name}",
                advice="Enter it in the CRM, or empty the address, then send the record again.",
            )


def ensure_delivery_address(
    client: PowerOfficeClient, contact_id: int, address: dict[str, Any], *, primary: bool = False
) -> int:
    """Give the key of a customer's delivery address; it is made when the customer has none like it.

    Args:
        client: PowerOffice.
        contact_id: Key of the customer.
        address: The address in PowerOffice's form.
        primary: Whether a new one becomes the one that orders have when they name none.

    Raises:
        InvalidValueError: It is incomplete.
        UnavailableError: Whether it was made is not known. Nothing else was sent, and it is looked for first next time.
    """
    require_whole(address, "delivery_address")
    for held in client.all("ContactDeliveryAddresses", contactIds=str(contact_id)):
        if _form(held) == _form(address):
            return int(held["Id"])
    try:
        made = client.post(
            path_of("ContactDeliveryAddresses", contact_id), {**address, "IsPrimary": primary}, key="Id", again=True
        )
    except OutcomeUnknownError as error:
        raise UnavailableError(
            f"Whether the delivery address was stored is not known, and nothing more was sent: {error.message}",
            vendor_text=error.vendor_text,
            status=error.status,
        ) from error
    return int(made["Id"])


def _form(address: Record) -> tuple[str, ...]:
    country = str(address.get("CountryCode") or HOME).upper()
    return (*(" ".join(str(address.get(name) or "").split()).casefold() for name in _COMPARED), country)
