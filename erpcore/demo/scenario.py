"""What a demonstration is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class DemoDeal:
    """A deal that the demonstration wins.

    Attributes:
        id: The CRM's key.
        name: Its name.
        shows: What there is to see, in a few words.
    """

    id: str
    name: str
    shows: str


@dataclass(frozen=True)
class Scenario:
    """A CRM and an ERP, what they hold at first, and what happens.

    Attributes:
        crm: Name of the CRM's plugin and simulator.
        erp: Name of the ERP's plugin and simulator.
        crm_seed: What the CRM's simulator holds at first.
        erp_seed: What the ERP's simulator holds at first.
        crm_connection: From the simulator's address to the connection's settings.
        erp_connection: The same for the ERP.
        rules: The sync's rules.
        deals: From the CRM's simulator to the deals that will be won, in order.
        win: Wins a deal in the CRM's simulator.
        documents: From the ERP's simulator to a line per document that it holds.
    """

    crm: str
    erp: str
    crm_seed: Mapping[str, Any]
    erp_seed: Mapping[str, Any]
    crm_connection: Callable[[str], Mapping[str, Any]]
    erp_connection: Callable[[str], Mapping[str, Any]]
    rules: Mapping[str, Any]
    deals: Callable[[Any], list[DemoDeal]]
    win: Callable[[Any, DemoDeal], None]
    documents: Callable[[Any], list[str]]
