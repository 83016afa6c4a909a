"""The fourth set's plugins for CRMs, and those that are seen over HTTP alone."""

from __future__ import annotations

import time
from dataclasses import replace

from erpcore_fortnox.plugin import FortnoxPlugin
from erpcore_lime_crm.plugin import LimeCrmPlugin

from erpcore.hookspecs import hookimpl
from erpcore.http import ListPage
from tests.kit.mutants.base import honest_with
from tests.kit.mutants.crm import LIME_CRM
from tests.kit.mutants.fortnox import FORTNOX


@honest_with(LIME_CRM)
class TellsItsOwnWritingAsNews(LimeCrmPlugin):
    @hookimpl
    def fetch_events(self, cursor, context):
        known, self._polling._settings = self.settings, self.settings.model_copy(update={"api_user_id": 0})
        try:
            return LimeCrmPlugin.fetch_events(self, cursor, context)
        finally:
            self._polling._settings = known


@honest_with(LIME_CRM)
class BelievesWhatWasSignedLongAgo(LimeCrmPlugin):
    @hookimpl
    def receive_events(self, request, context):
        told = request.headers.get("x-lime-delivery-timestamp", "")
        then = request.received_at.fromtimestamp(int(told), request.received_at.tzinfo) if told.isdigit() else None
        return LimeCrmPlugin.receive_events(
            self, request if then is None else request.model_copy(update={"received_at": then}), context
        )


@honest_with(LIME_CRM)
class JudgesDeliveriesByTheMachinesClock(LimeCrmPlugin):
    @hookimpl
    def receive_events(self, request, context):
        now = request.received_at.fromtimestamp(time.time(), request.received_at.tzinfo)
        return LimeCrmPlugin.receive_events(self, request.model_copy(update={"received_at": now}), context)


@honest_with(LIME_CRM)
class WritesOverAnInvoiceOfOthers(LimeCrmPlugin):
    def __init__(self, settings, host) -> None:
        super().__init__(settings, host)
        self._invoices._require_same_customer = lambda held, invoice, record: None


@honest_with(LIME_CRM)
class TakesTheSubscriptionOfAnotherAddress(LimeCrmPlugin):
    @hookimpl
    def subscribe_events(self, target_url, context):
        for held in self._lime.subscriptions():
            if str(held.get("target_url")).startswith(target_url):
                return str(held["id"])
        return LimeCrmPlugin.subscribe_events(self, target_url, context)


@honest_with(LIME_CRM)
class StoresEachEntryAsActive(LimeCrmPlugin):
    @hookimpl
    def store_register(self, register, entries, context):
        active = [entry.model_copy(update={"active": True}) for entry in entries]
        return LimeCrmPlugin.store_register(self, register, active, context)


@honest_with(FORTNOX)
class AsksABudgetOfItsOwn(FortnoxPlugin):
    def __init__(self, settings, host) -> None:
        super().__init__(settings, host)
        api = self._client._api
        api._limits = [replace(each, key=f"{each.key}:{id(self)}") for each in api._limits]


@honest_with(FORTNOX)
class TakesTheRateOfAHundredForThatOfOne(FortnoxPlugin):
    @hookimpl
    def list_register(self, register, context):
        listed = FortnoxPlugin.list_register(self, register, context)
        hundreds = ("JPY", "ISK", "HUF")
        return [each.model_copy(update={"rate": each.rate * 100}) if each.code in hundreds else each for each in listed]


@honest_with(FORTNOX)
class FindsArticlesOfTheFirstPageByTheirText(FortnoxPlugin):
    def __init__(self, settings, host) -> None:
        super().__init__(settings, host)
        real = self._client.page
        self._client.page = lambda path, *given, **named: (
            ListPage(real(path, *given, **named).items, None)
            if path == "articles" and "description" in (named.get("params") or {})
            else real(path, *given, **named)
        )
