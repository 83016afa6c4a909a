"""A tiny CRM in memory: a real plugin class, stateful, with faults that a test switches on."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from erpcore.errors import (
    NotFoundError,
)
from erpcore.hookspecs import Context, hookimpl
from erpcore.models import (
    Article,
    Company,
    CrmEvent,
    CrmOrder,
    Deal,
    RecordRef,
    WriteBack,
)
from erpcore.plugin import CONTRACT_VERSION, CrmPlugin, PluginSettings
from erpcore.sync.shared.rows import worth
from tests.sync.memory_plugin import _raise, host


@dataclass
class Desk:
    """What the CRM's server holds."""

    deals: dict[str, Deal] = field(default_factory=dict)
    companies: dict[str, Company] = field(default_factory=dict)
    orders: dict[str, CrmOrder] = field(default_factory=dict)
    articles: dict[str, Article] = field(default_factory=dict)
    told: list[WriteBack] = field(default_factory=list)
    faults: dict[str, list[str | None]] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    has_erp_id: bool = True
    takes_numbers: bool = True
    lock: threading.RLock = field(default_factory=threading.RLock)
    before_gate: Callable[[str], None] = lambda operation: None
    """As in `Books`."""

    def call(self, operation: str) -> str:
        with self.lock:
            self.calls[operation] += 1
            waiting = self.faults.get(operation)
            when, _, fault = ((waiting.pop(0) if waiting else None) or "").partition(":")
        if when == "before":
            _raise(fault)
        return fault if when == "after" else ""

    def change(self, deal_id: str, **values: Any) -> None:
        """Change a deal as a person does; the CRM computes the value of one with products."""
        if values.get("rows") and "value" not in values:
            values["value"] = worth(values["rows"])
        self.deals[deal_id] = self.deals[deal_id].model_copy(update=values)


class MemoryCrm(CrmPlugin[PluginSettings]):
    name: ClassVar[str] = "memory_crm"
    display_name: ClassVar[str] = "Memory CRM"
    contract_version: ClassVar[int] = CONTRACT_VERSION
    Settings: ClassVar[type[PluginSettings]] = PluginSettings
    field_maps: ClassVar = {}

    def __init__(self, desk: Desk) -> None:
        super().__init__(PluginSettings(), host("crm"))
        self.desk = desk

    def ask(self, operation: str) -> None:
        """Ask whether a write may leave; each may be done twice."""
        self.desk.before_gate(operation)
        self.host.before_write(repeatable_call=True)

    @hookimpl
    def fetch_deal(self, deal_id: str, event: CrmEvent | None, context: Context) -> Deal:
        self.desk.call("fetch_deal")
        if deal_id not in self.desk.deals:
            raise NotFoundError(f"There is no deal {deal_id}.", record=f"deal {deal_id}")
        deal = self.desk.deals[deal_id]
        if self.desk.has_erp_id:
            return deal if deal.shown("erp_id") else deal.model_copy(update={"erp_id": None})
        return Deal.model_validate({name: getattr(deal, name) for name in deal.model_fields_set - {"erp_id"}})

    @hookimpl
    def fetch_customer(self, company_id: str, context: Context) -> Company:
        self.desk.call("fetch_customer")
        if company_id not in self.desk.companies:
            raise NotFoundError(f"There is no company {company_id}.")
        return self.desk.companies[company_id]

    @hookimpl
    def write_back(self, values: WriteBack, context: Context) -> bool:
        if not values.shown("erp_id"):
            return False  # it has no place for anything else
        stores = self.desk.has_erp_id and self.desk.takes_numbers and values.record_kind == "deal"
        self.ask("write_back")
        fault = self.desk.call("write_back")
        with self.desk.lock:
            if stores:
                self.desk.told.append(values)
                self.desk.change(values.record_id, erp_id=values.erp_id)
        if fault:
            _raise(fault)
        return stores


class ReportingCrm(MemoryCrm):
    """A CRM that also takes articles."""

    @hookimpl
    def store_article(self, article: Article, context: Context) -> RecordRef:
        self.ask("store_article")
        fault = self.desk.call("store_article")
        self.desk.articles[str(article.number)] = article
        if fault:
            _raise(fault)
        return RecordRef(number=str(article.number))
