"""What nobody has confirmed about Visma eAccounting, as switches."""

from __future__ import annotations

from typing import Literal

from erpcore.simulator import SwitchBoard


class Behaviour(SwitchBoard):
    """The unconfirmed sides. Each default is the likelier position, or the one that is harder for a client."""

    vat_scale: Literal["fraction", "percent"] = "fraction"
    """Whether 25 % is 0.25 or 25 in VatRatePercent and VatRate."""
    dates: Literal["plain", "moment"] = "plain"
    """Whether a document's days come as ``2026-11-28`` or with a time; both were seen for days of payment."""
    row_text_filter: tuple[str, ...] = ("customerinvoices",)
    """The lists that can be filtered by the text of rows; only this one is announced."""
    unfilterable: tuple[str, ...] = ()
    """Members that no list can be filtered by, such as ``ChangedUtc``."""
    largest_page: int = 1000
    over_largest_page: Literal["clamped", "refused"] = "clamped"
    refusal_status: Literal["bad_request", "own"] = "bad_request"
    """Whether duplicates and missing references answer 400, or 409 and 404."""
    unknown_members: Literal["ignored", "refused"] = "ignored"
    too_many_decimals: Literal["rounded", "refused"] = "rounded"
    retry_after: bool = False
    """Whether a 429 has the header Retry-After beside its text."""
    draft_orders_numbered: bool = False
    """Whether an order has its number while it is a draft."""
    convert_from: Literal["any", "shipped"] = "any"
    """Which orders can be turned into an invoice."""
    order_status_by_put: Literal["taken", "ignored", "refused"] = "taken"
    """What becomes of a status that a change of an order names."""
    converted_draft: Literal["gone", "kept"] = "gone"
    """What becomes of a draft that was turned into an invoice."""
    payment_moves_modified: bool = True
    """Whether a payment counts as a change of its invoice."""
    index_lag_seconds: float = 0.0
    """How long new records are missing from lists."""
