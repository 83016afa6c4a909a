"""What a demonstration is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from erpcore.demo.home import Settled
from erpcore.languages import Language
from erpcore.store import Store


@dataclass(frozen=True)
class DemoRecord:
    """A deal or an order that the demonstration sends.

    Attributes:
        id: The CRM's key.
        name: Its name.
        shows: What there is to see, in a few words.
        fails_first: Whether it is meant to fail until it is mended.
    """

    id: str
    name: str
    shows: str
    fails_first: bool = False


@dataclass(frozen=True)
class DemoDeed:
    """What a person does by hand for a company.

    Attributes:
        company_id: The CRM's key of it.
        action: What is asked of erpcore.
        words: The same for people.
        person_id: The CRM's key of the contact person.
        before: What happens in the CRM first.
    """

    company_id: str
    action: Literal["create", "update", "contact"]
    words: str
    person_id: str | None = None
    before: Callable[[], None] = lambda: None


def _nothing(_erp: Any, _store: Store) -> None:
    """Prepare nothing."""


def _no_deeds(_crm: Any) -> list[DemoDeed]:
    return []


@dataclass(frozen=True)
class Scenario:
    """A CRM and an ERP, what they hold at first, and what happens.

    Attributes:
        crm: Name of the CRM's plugin and simulator.
        erp: Name of the ERP's plugin and simulator.
        record_kind: ``deal`` or ``order``.
        crm_seed: What the CRM's simulator holds at first, beside its own demo; empty for that alone.
        erp_seed: The same for the ERP.
        crm_connection: From the simulator's address to the connection's settings.
        erp_connection: The same for the ERP.
        rules: The sync's rules.
        records: From the CRM's simulator to the records that will be sent, in order.
        start: Wins a deal, or sets an order ready, in the CRM's simulator.
        mend: Mends in the simulators (CRM, ERP) what makes a record fail, and says what was done.
        documents: From the ERP's simulator to a line per document that it holds.
        settle: Books in the ERP's simulator the invoices that are not booked yet, and pays the first.
        colour_shown: From the CRM's simulator and the key of a deal or order to what it shows of its invoice.
        language: What people read their mails in.
        prepare: Puts into the store what a person would have, such as a consent (ERP's simulator, store).
        deeds: From the CRM's simulator to what a person does by hand first.
        asking: Whether what stands beside the ERP asks for work at the worker's own address, since it is not reached;
            the ERP's simulator has it do so (``asking_at``).
    """

    crm: str
    erp: str
    record_kind: str
    crm_seed: Mapping[str, Any]
    erp_seed: Mapping[str, Any]
    crm_connection: Callable[[str], Mapping[str, Any]]
    erp_connection: Callable[[str], Mapping[str, Any]]
    rules: Mapping[str, Any]
    records: Callable[[Any], list[DemoRecord]]
    start: Callable[[Any, DemoRecord], None]
    mend: Callable[[Any, Any, DemoRecord], str]
    documents: Callable[[Any], list[str]]
    settle: Callable[[Any], Settled]
    colour_shown: Callable[[Any, str], str]
    language: Language = "nb"
    prepare: Callable[[Any, Store], None] = _nothing
    deeds: Callable[[Any], list[DemoDeed]] = _no_deeds
    asking: bool = False
