"""The fifth set's plugins for CRMs: feeds, deliveries, and what a record shows."""

from __future__ import annotations

import re

from erpcore_lime_crm.plugin import LimeCrmPlugin
from erpcore_lime_go.plugin import LimeGoPlugin

from erpcore.hookspecs import hookimpl
from erpcore.models import Account, EventPage, Person
from tests.kit.mutants.base import honest_with
from tests.kit.mutants.crm import AGENTIC, CLASSIC, LIME_CRM


@honest_with(LIME_CRM)
class HasOneKeyForASecond(LimeCrmPlugin):
    @hookimpl
    def fetch_events(self, cursor, context):
        page = LimeCrmPlugin.fetch_events(self, cursor, context)
        events = [each.model_copy(update={"key": re.sub(r"\.\d+", "", each.key)}) for each in page.events]
        return page.model_copy(update={"events": tuple(events)})


@honest_with(LIME_CRM)
class BeginsAtTheNewestChange(LimeCrmPlugin):
    def __init__(self, settings, host) -> None:
        super().__init__(settings, host)
        self._polling._settings = settings.model_copy(update={"overlap_seconds": 0})


@honest_with(LIME_CRM)
class ReadsTheFirstPageOfAQuery(LimeCrmPlugin):
    def __init__(self, settings, host) -> None:
        super().__init__(settings, host)
        changed = self._lime.changed
        self._lime.changed = lambda limetype, names, since, offset, size: changed(limetype, names, since, offset, size)[
            : size - 1
        ]


@honest_with(LIME_CRM)
class WritesTheFirstMomentEachTime(LimeCrmPlugin):
    def __init__(self, settings, host) -> None:
        super().__init__(settings, host)
        names = settings.company

        def moments(key, seen):
            now = host.clock.now().isoformat(timespec="seconds")
            return {names.first_synced: now, names.last_synced: now}

        self._sales._moments = moments


@honest_with(LIME_CRM)
class PassesOverWhatChangedAtTheMoment(LimeCrmPlugin):
    @hookimpl
    def fetch_articles(self, changed_since, cursor, context):
        page = LimeCrmPlugin.fetch_articles(self, changed_since, cursor, context)
        items = tuple(each for each in page.items if changed_since is None or each.changed_at > changed_since)
        return page.model_copy(update={"items": items})


@honest_with(LIME_CRM)
class IsKnownByItsKey(LimeCrmPlugin):
    @hookimpl
    def identify_account(self, context):
        LimeCrmPlugin.identify_account(self, context)
        return Account(key=f"{self.settings.account}:{self.settings.api_key.get_secret_value()[-4:]}")


@honest_with(LIME_CRM)
class BelievesASignatureByItsBeginning(LimeCrmPlugin):
    @hookimpl
    def receive_events(self, request, context):
        told = request.headers.get("x-lime-signature", "")
        cut = {**request.headers, "x-lime-signature": told[: len("v2=") + 64]}
        return LimeCrmPlugin.receive_events(self, request.model_copy(update={"headers": cut}), context)


@honest_with(CLASSIC)
class BelievesAPathByItsBeginning(LimeGoPlugin):
    @hookimpl
    def receive_events(self, request, context):
        token = self.settings.webhook_token.get_secret_value()
        path = request.path[: request.path.find(token) + len(token)] if token in request.path else request.path
        return LimeGoPlugin.receive_events(self, request.model_copy(update={"path": path}), context)


@honest_with(CLASSIC)
class TakesEqualEventsForOne(LimeGoPlugin):
    @hookimpl
    def fetch_events(self, cursor, context):
        page = LimeGoPlugin.fetch_events(self, cursor, context)
        events = [each.model_copy(update={"key": ":".join(each.key.split(":")[:2])}) for each in page.events]
        return page.model_copy(update={"events": tuple(events)})


@honest_with(CLASSIC)
class LetsAPageGoWithoutALook(LimeGoPlugin):
    @hookimpl
    def acknowledge_events(self, page, context):
        feed = self._adapter._feed
        if len(page.events) < self.settings.feed_page:
            return 0
        return len(feed._events(self._adapter._client.write("GET", "event/feed/", params={"peek": "false"})))


@honest_with(CLASSIC)
class BelievesTheEventBeforeTheDeal(LimeGoPlugin):
    @hookimpl
    def fetch_deal(self, deal_id, event, context):
        deal = LimeGoPlugin.fetch_deal(self, deal_id, event, context)
        won = event is not None and event.kind == "deal_won"
        return deal.model_copy(update={"won": True}) if won else deal


@honest_with(CLASSIC)
class CountsAPageLessOne(LimeGoPlugin):
    @hookimpl
    def fetch_companies(self, cursor, context):
        page = LimeGoPlugin.fetch_companies(self, cursor, context)
        following = None if page.next_cursor is None else str(int(page.next_cursor) - 1)
        return page.model_copy(update={"next_cursor": following})


@honest_with(AGENTIC)
class WritesOverOtherFields(LimeGoPlugin):
    def __init__(self, settings, host) -> None:
        super().__init__(settings, host)
        change = self._adapter._api.change

        def alone(kind, record_id, build, correlation_id):
            def own(record):
                held = (record.get("attributes") or {}).get("custom_fields") or {}
                told = build(record)
                if told is None:
                    return None
                fields = told["custom_fields"].items()
                return {"custom_fields": {name: value for name, value in fields if held.get(name) != value}}

            return change(kind, record_id, own, correlation_id)

        self._adapter._api.change = alone


@honest_with(AGENTIC)
class GoesOnFromNowWhereThePlaceIsForgotten(LimeGoPlugin):
    def __init__(self, settings, host) -> None:
        super().__init__(settings, host)
        changes = self._adapter._changes
        changes._begin_anew = lambda place: EventPage(events=(), next_cursor=changes._checkpoint().written(), more=True)


@honest_with(AGENTIC)
class ShowsWhoWorksNowhere(LimeGoPlugin):
    @hookimpl
    def fetch_persons(self, company_id, context):
        api = self._adapter._api
        nowhere = [each for each in api.all("contacts") if not (each["relationships"].get("company") or {}).get("data")]
        strangers = [Person(id=str(each["id"]), name="Siv Fri") for each in nowhere]
        return [*LimeGoPlugin.fetch_persons(self, company_id, context), *strangers]


@honest_with(AGENTIC)
class KnowsCoworkersForEver(LimeGoPlugin):
    @hookimpl
    def fetch_deal(self, deal_id, event, context):
        deal = LimeGoPlugin.fetch_deal(self, deal_id, event, context)
        kept = self.__dict__.setdefault("_kept", {})
        if deal.responsible is None:
            return deal
        return deal.model_copy(update={"responsible": kept.setdefault(deal.responsible.id, deal.responsible)})


@honest_with(LIME_CRM)
class AsksTheCrmAtADelivery(LimeCrmPlugin):
    @hookimpl
    def receive_events(self, request, context):
        events = LimeCrmPlugin.receive_events(self, request, context)
        self._lime.ping()
        return events


@honest_with(LIME_CRM)
class TakesTheSubscriptionsOfOthersAway(LimeCrmPlugin):
    @hookimpl
    def subscribe_events(self, target_url, context):
        for held in self._lime.subscriptions():
            if held.get("target_url") != target_url:
                self._lime._client.write("PUT", f"subscription/{held['id']}/", json={"target_url": f"{target_url}-old"})
        return LimeCrmPlugin.subscribe_events(self, target_url, context)


@honest_with(LIME_CRM)
class ShowsPersonsOfCompaniesThatBeginAlike(LimeCrmPlugin):
    @hookimpl
    def fetch_persons(self, company_id, context):
        names = self.settings.person
        persons = LimeCrmPlugin.fetch_persons(self, company_id, context)
        everybody = self._lime.all(f"limeobject/{names.limetype}", names.limetype)
        near = [each for each in everybody if str(each.values.get(names.company) or "").startswith(company_id)]
        known = {each.id for each in persons}
        return [*persons, *(Person(id=str(each.id), name="Nils") for each in near if str(each.id) not in known)]
