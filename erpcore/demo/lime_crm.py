"""What Lime CRM shows, for the demonstrations with it."""

from __future__ import annotations

from typing import Any


def invoice_shown(lime_crm: Any, order: str) -> str:
    """Say what an order's invoice shows.

    Args:
        lime_crm: The simulator.
        order: The order's key.
    """
    related = lime_crm.object("order", int(order)).values["invoice"]
    if related is None:
        return "no invoice"
    values = lime_crm.object("invoice", related).values
    return f"{'paid' if values['paid'] else 'not paid'}, {values['invoice_balance']} left to pay"
