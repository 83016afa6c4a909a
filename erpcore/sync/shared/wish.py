"""What a person asks for a company by hand, as it is kept in the inbox beside the CRM's own events. Pure."""

from __future__ import annotations

from typing import Literal

from erpcore.sync.shared.view import Seen

WISH = "wish"
"""Kind of the inbox's events that hold a `Wish` instead of a CRM's event."""


class Wish(Seen):
    """What is wanted.

    Attributes:
        sync: Name of the sync that is asked; another one on the same CRM leaves the wish alone.
        action: Create the company's customer, overwrite it, or add a contact person to it.
        by: Who asks.
        person_id: The CRM's key of the contact person.
    """

    sync: str
    action: Literal["create", "update", "contact"]
    by: str
    person_id: str | None = None
