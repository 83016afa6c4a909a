"""Wrong CRM plugins, over HTTP against the simulated Lime Go and Lime CRM."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from erpcore_lime_crm.plugin import LimeCrmPlugin
from erpcore_lime_go.plugin import LimeGoPlugin

from erpcore.errors import NotFoundError, RejectedError
from erpcore.fields import Field, Unsupported
from erpcore.hookspecs import hookimpl
from erpcore.models import Check, Company, ConnectionReport, EventPage, RecordRef, WriteBack
from tests.kit.mutants.base import MUTANTS, Mutant, load_contract, replaced, wrong_contract

CLASSIC = load_contract("plugins/lime_go/tests/test_lime_go_contract.py", "TestLimeGoClassicContract")
AGENTIC = load_contract("plugins/lime_go/tests/test_lime_go_contract.py", "TestLimeGoAgenticContract")
LIME_CRM = load_contract("plugins/lime_crm/tests/test_lime_crm_contract.py", "TestLimeCrmContract")


@wrong_contract("S01", base=AGENTIC)
class GivesTheDealAnotherKey(LimeGoPlugin):
    @hookimpl
    def fetch_deal(self, deal_id, event, context):
        deal = LimeGoPlugin.fetch_deal(self, deal_id, event, context)
        return deal.model_copy(update={"id": f"deal:{deal.id}"})


@wrong_contract("S02", base=CLASSIC)
class CallsAMissingDealRefused(LimeGoPlugin):
    @hookimpl
    def fetch_deal(self, deal_id, event, context):
        try:
            return LimeGoPlugin.fetch_deal(self, deal_id, event, context)
        except NotFoundError as error:
            raise RejectedError(error.message) from error


@wrong_contract("S03", base=CLASSIC)
class NumbersEventsByItself(LimeGoPlugin):
    count = 0

    @hookimpl
    def fetch_events(self, cursor, context):
        page = LimeGoPlugin.fetch_events(self, cursor, context)
        events = []
        for event in page.events:
            type(self).count += 1
            events.append(event.model_copy(update={"key": str(self.count)}))
        return page.model_copy(update={"events": tuple(events)})


@wrong_contract("S04", base=AGENTIC)
class TellsTheLastOfAPageTwice(LimeGoPlugin):
    @hookimpl
    def fetch_events(self, cursor, context):
        page = LimeGoPlugin.fetch_events(self, cursor, context)
        return page.model_copy(update={"events": (*page.events, *page.events[-1:])})


@wrong_contract("S05", base=CLASSIC)
class LetsGoWithoutLooking(LimeGoPlugin):
    @hookimpl
    def acknowledge_events(self, page, context):
        self._adapter._client.write("GET", "event/feed/", params={"peek": "false"})
        return len(page.events)


@wrong_contract("S04", base=CLASSIC)
class ForgetsThatMoreIsWaiting(LimeGoPlugin):
    @hookimpl
    def fetch_events(self, cursor, context):
        page = LimeGoPlugin.fetch_events(self, cursor, context)
        return EventPage(events=page.events, next_cursor=page.next_cursor, more=False)


@wrong_contract("S06", base=AGENTIC)
class SaysWrittenWithoutWriting(LimeGoPlugin):
    @hookimpl
    def write_back(self, values, context):
        return True


@wrong_contract("S08", base=CLASSIC)
class GivesEachDeliveryNewKeys(LimeGoPlugin):
    count = 0

    @hookimpl
    def receive_events(self, request, context):
        type(self).count += 1
        events = LimeGoPlugin.receive_events(self, request, context)
        return [event.model_copy(update={"key": f"{event.key}-{self.count}"}) for event in events]


@wrong_contract("S09", base=CLASSIC)
class TakesABrokenDeliveryForNothing(LimeGoPlugin):
    @hookimpl
    def receive_events(self, request, context):
        try:
            return LimeGoPlugin.receive_events(self, request, context)
        except Exception:  # what is wrong with it: whatever cannot be read counts as nothing
            return []


@wrong_contract("S10", base=CLASSIC)
class BelievesEveryAddress(LimeGoPlugin):
    @hookimpl
    def receive_events(self, request, context):
        token = self.settings.webhook_token.get_secret_value()
        good = request.model_copy(
            update={"path": f"/webhooks/lime/{token}", "headers": {"content-type": "application/json"}}
        )
        return LimeGoPlugin.receive_events(self, good, context)


@wrong_contract("S11", base=CLASSIC)
class SubscribesAnew(LimeGoPlugin):
    @hookimpl
    def subscribe_events(self, target_url, context):
        self._adapter._subscriptions.clear()
        return LimeGoPlugin.subscribe_events(self, target_url, context)


@wrong_contract("S17", base=LIME_CRM)
class NamesTheEventInPlaceOfItsOrder(LimeCrmPlugin):
    @hookimpl
    def fetch_events(self, cursor, context):
        page = LimeCrmPlugin.fetch_events(self, cursor, context)
        events = [event.model_copy(update={"record_id": event.key.rpartition(":")[2]}) for event in page.events]
        return page.model_copy(update={"events": tuple(events)})


@wrong_contract("S18", base=CLASSIC)
class TakesWhatTheFeedHeldAlreadyForNews(LimeGoPlugin):
    @hookimpl
    def fetch_events(self, cursor, context):
        page = LimeGoPlugin.fetch_events(self, cursor, context)
        events = [event.model_copy(update={"history": False}) for event in page.events]
        return page.model_copy(update={"events": tuple(events)})


@wrong_contract("S19", base=LIME_CRM)
class ReadsMomentsInTheMachinesZone(LimeCrmPlugin):
    @hookimpl
    def fetch_events(self, cursor, context):
        page = LimeCrmPlugin.fetch_events(self, cursor, context)
        here = [event.happened_at and event.happened_at.replace(tzinfo=None).astimezone() for event in page.events]
        events = [
            event.model_copy(update={"happened_at": moment}) for event, moment in zip(page.events, here, strict=True)
        ]
        return page.model_copy(update={"events": tuple(events)})


# One attempt per call: more would hide from the rule that the second call does nothing.
@wrong_contract("S07", base=AGENTIC, settings={**AGENTIC.settings, "attempts": 1})
class RemembersBeforeItIsWritten(LimeGoPlugin):
    def __init__(self, settings, host) -> None:
        super().__init__(settings, host)
        self.written = set()

    @hookimpl
    def write_back(self, values, context):
        key = values.model_dump_json()
        if key in self.written:
            return True
        self.written.add(key)
        return LimeGoPlugin.write_back(self, values, context)


@wrong_contract("S12", base=CLASSIC)
class CallsAHealthyAccountBroken(LimeGoPlugin):
    @hookimpl
    def check_connection(self, context):
        return ConnectionReport(checks=(Check(name="feed", state="error", detail="It holds no events."),))


@wrong_contract("S13", base=LIME_CRM)
class StoresTheNetAsTheTotal(LimeCrmPlugin):
    @hookimpl
    def store_invoice(self, invoice, context):
        return LimeCrmPlugin.store_invoice(self, invoice.model_copy(update={"total": invoice.net}), context)


@wrong_contract("S14", base=LIME_CRM)
class LeavesAStoredArticleAsItWas(LimeCrmPlugin):
    @hookimpl
    def store_article(self, article, context):
        names = self.settings.article
        for held in self._lime.find(names.limetype, names.number, article.number):
            return RecordRef(number=article.number, key=str(held.id))
        return LimeCrmPlugin.store_article(self, article, context)


@wrong_contract("S14", base=LIME_CRM)
class WritesOverWhatSomebodyChanged(LimeCrmPlugin):
    @hookimpl
    def store_article(self, article, context):
        return LimeCrmPlugin.store_article(self, article, replace(context, seen=None))


@wrong_contract("S23", base=LIME_CRM)
class LeavesWhatTheErpHasNoMore(LimeCrmPlugin):
    @hookimpl
    def store_register(self, register, entries, context):
        codes = {each.code for each in entries}
        gone = [each for each in self.__dict__.get("told", []) if each.code not in codes]
        self.__dict__["told"] = [*entries, *gone]
        return LimeCrmPlugin.store_register(self, register, [*entries, *gone], context)


@wrong_contract("S15", base=LIME_CRM)
class ShowsTheFirstPageOfArticlesAlone(LimeCrmPlugin):
    @hookimpl
    def fetch_articles(self, changed_since, cursor, context):
        page = LimeCrmPlugin.fetch_articles(self, changed_since, cursor, context)
        return page.model_copy(update={"next_cursor": None})


@wrong_contract("S15", base=LIME_CRM)
class ShowsAllArticlesWheneverTheyChanged(LimeCrmPlugin):
    @hookimpl
    def fetch_articles(self, changed_since, cursor, context):
        return LimeCrmPlugin.fetch_articles(self, None, cursor, context)


@wrong_contract("D11", base=AGENTIC)
class PretendsToSubscribe(LimeGoPlugin):
    @hookimpl
    def subscribe_events(self, target_url, context):
        return "0"


@wrong_contract("S16", base=LIME_CRM)
class SeeksWhatIsStoredOnTheFirstPageOnly(LimeCrmPlugin):
    @hookimpl
    def store_invoice(self, invoice, context):
        lime = self._lime
        first = lime.page
        lime.all = lambda path, limetype, **options: iter(first(path, limetype, **options)[0])
        return LimeCrmPlugin.store_invoice(self, invoice, context)


@wrong_contract("S20", base=LIME_CRM)
class ShowsEveryInvoiceAsPaid(LimeCrmPlugin):
    @hookimpl
    def show_invoices(self, standing, context):
        return LimeCrmPlugin.show_invoices(self, standing.model_copy(update={"colour": "green"}), context)


@wrong_contract("M01", base=AGENTIC)
class ReadsDealsOfNobody(LimeGoPlugin):
    def __init__(self, settings, host) -> None:
        super().__init__(settings, host)
        nobody = Unsupported("company_id", reason="the deal's company is another request", not_built=True)
        self.field_maps = {**self.field_maps, "deal": replaced(self.field_maps["deal"], nobody)}


@wrong_contract("M02", base=AGENTIC)
class DeclaresADateThatTheApiDoesNotShow(LimeGoPlugin):
    def __init__(self, settings, host) -> None:
        super().__init__(settings, host)
        date = Field("won_date", "won_at", direction="read")
        self.field_maps = {**self.field_maps, "deal": replaced(self.field_maps["deal"], date)}


@wrong_contract("M03", base=CLASSIC)
class TakesTheVisitingAddressForThePostal(LimeGoPlugin):
    @hookimpl
    def fetch_customer(self, company_id, context):
        company = LimeGoPlugin.fetch_customer(self, company_id, context)
        return company.model_copy(update={"postal_address": company.visiting_address})


@wrong_contract("M03", base=AGENTIC)
class RoundsTheDealValue(LimeGoPlugin):
    @hookimpl
    def fetch_deal(self, deal_id, event, context):
        deal = LimeGoPlugin.fetch_deal(self, deal_id, event, context)
        return deal if deal.value is None else deal.model_copy(update={"value": deal.value.quantize(Decimal(1))})


@wrong_contract("M03", base=AGENTIC)
class CallsEveryDealWon(LimeGoPlugin):
    @hookimpl
    def fetch_deal(self, deal_id, event, context):
        return LimeGoPlugin.fetch_deal(self, deal_id, event, context).model_copy(update={"won": True})


@wrong_contract("M03", base=LIME_CRM)
class ForgetsAllRowsButTheFirst(LimeCrmPlugin):
    @hookimpl
    def fetch_order(self, order_id, context):
        order = LimeCrmPlugin.fetch_order(self, order_id, context)
        return order.model_copy(update={"rows": order.rows[:1]})


@wrong_contract("M03", base=LIME_CRM)
class ReadsVatAsAFraction(LimeCrmPlugin):
    @hookimpl
    def fetch_articles(self, changed_since, cursor, context):
        page = LimeCrmPlugin.fetch_articles(self, changed_since, cursor, context)
        items = tuple(each.model_copy(update={"vat_percent": each.vat_percent / 100}) for each in page.items)
        return page.model_copy(update={"items": items})


@wrong_contract("M04", base=AGENTIC)
class ShowsAnAddressThatItSaysIsNotThere(LimeGoPlugin):
    @hookimpl
    def fetch_customer(self, company_id, context):
        company = LimeGoPlugin.fetch_customer(self, company_id, context)
        return company.model_copy(update={"visiting_address": company.postal_address})


@wrong_contract("M04", base=CLASSIC)
class SaysThatAWebsiteCannotBeRead(LimeGoPlugin):
    def __init__(self, settings, host) -> None:
        super().__init__(settings, host)
        none = Unsupported("website", reason="a company has none")
        self.field_maps = {**self.field_maps, "company": replaced(self.field_maps["company"], none)}

    @hookimpl
    def fetch_customer(self, company_id, context):
        company = LimeGoPlugin.fetch_customer(self, company_id, context)
        shown = {name: getattr(company, name) for name in company.model_fields_set - {"website"}}
        return Company(**shown)


@wrong_contract("M05", base=CLASSIC)
class TakesHiddenContactDataForEmpty(LimeGoPlugin):
    @hookimpl
    def fetch_customer(self, company_id, context):
        company = LimeGoPlugin.fetch_customer(self, company_id, context)
        return company.model_copy(update={"email": company.email, "phone": company.phone})


@wrong_contract("M05", base=LIME_CRM)
class LeavesOutWhatIsEmpty(LimeCrmPlugin):
    @hookimpl
    def fetch_deal(self, deal_id, event, context):
        deal = LimeCrmPlugin.fetch_deal(self, deal_id, event, context)
        return type(deal).model_validate(deal.model_dump(exclude_unset=True, exclude_none=True))


@wrong_contract("M06", base=AGENTIC)
class SwapsOrderAndInvoiceNumber(LimeGoPlugin):
    @hookimpl
    def write_back(self, values, context):
        told = {name: getattr(values, name) for name in values.model_fields_set}
        names = {"order_number": "invoice_number", "invoice_number": "order_number"}
        return LimeGoPlugin.write_back(self, WriteBack(**{names.get(name, name): told[name] for name in told}), context)


@wrong_contract("M06", base=LIME_CRM)
class KeepsTheMessageToItself(LimeCrmPlugin):
    @hookimpl
    def write_back(self, values, context):
        told = {name: getattr(values, name) for name in values.model_fields_set - {"message"}}
        return LimeCrmPlugin.write_back(self, WriteBack(**told), context)


@wrong_contract("M06", base=CLASSIC)
class WritesTheNumberUndeclared(LimeGoPlugin):
    def __init__(self, settings, host) -> None:
        super().__init__(settings, host)
        none = Unsupported("erp_id", reason="a deal has no such field")
        table = replaced(self.field_maps["deal_write_back"], none)
        self.field_maps = {**self.field_maps, "deal_write_back": table}


@wrong_contract("M07", base=LIME_CRM)
class CutsShorterThanItTells(LimeCrmPlugin):
    @hookimpl
    def store_article(self, article, context):
        short = article.model_copy(update={"description": article.description[:30]})
        return LimeCrmPlugin.store_article(self, short, context)


@wrong_contract("M08", base=LIME_CRM)
class PutsTheNoteIntoTheDescription(LimeCrmPlugin):
    @hookimpl
    def store_article(self, article, context):
        told = article.model_copy(update={"description": article.note or article.description})
        return LimeCrmPlugin.store_article(self, told, context)


MUTANTS.append(
    Mutant(
        "GivesNothingToWriteBack",
        "G04",
        type("TestGivesNothingToWriteBack", (AGENTIC,), {"write_backs": (), "__module__": __name__}),
    )
)
