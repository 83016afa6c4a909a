"""A sixth set of honest plugins, written before anybody looked at which rule would catch them."""

from __future__ import annotations

from decimal import Decimal

from erpcore_fortnox.plugin import FortnoxPlugin
from erpcore_lime_crm.plugin import LimeCrmPlugin
from erpcore_lime_go.plugin import LimeGoPlugin
from erpcore_memory import fields
from erpcore_memory.plugin import MemoryPlugin

from erpcore.errors import NotFoundError, RejectedError
from erpcore.fields import Field
from erpcore.hookspecs import hookimpl
from erpcore.models import ArticleSync
from tests.kit.mutants.base import honest, honest_with, replaced, with_maps
from tests.kit.mutants.crm import AGENTIC, CLASSIC, LIME_CRM
from tests.kit.mutants.fortnox import FORTNOX


@honest
class LosesTheLastOfAPageThatIsNotFull(MemoryPlugin):
    @hookimpl
    def fetch_customers(self, cursor, context):
        page = MemoryPlugin.fetch_customers(self, cursor, context)
        return page if page.next_cursor else page.model_copy(update={"items": page.items[:-1] or page.items})


@honest
class IsWellForAsLongAsItWasOnce(MemoryPlugin):
    report = None

    @hookimpl
    def check_connection(self, context):
        report = type(self).report or MemoryPlugin.check_connection(self, context)
        if report.ok:
            type(self).report = report
        return report


@honest
class TakesAFeeOffTheNet(MemoryPlugin):
    @hookimpl
    def convert_to_invoice(self, order_ref, context):
        held = next(each for each in self._find("orders", "No", order_ref.number) if each["No"] == order_ref.number)
        ref = MemoryPlugin.convert_to_invoice(self, order_ref, context)
        return ref.model_copy(update={"net": Decimal(held["Net"]) * Decimal("0.99")})


@honest
class StopsAtTheFirstArticleThatIsRefused(MemoryPlugin):
    @hookimpl
    def sync_articles(self, articles, context):
        created, updated, unchanged = [], [], []
        for article in articles:
            try:
                done = MemoryPlugin.sync_articles(self, [article], context)
            except RejectedError:
                if not created:
                    raise
                break
            created += done.created
            updated += done.updated
            unchanged += done.unchanged
        return ArticleSync(created=tuple(created), updated=tuple(updated), unchanged=tuple(unchanged))


@honest
class EmptiesNothing(MemoryPlugin):
    @hookimpl
    def update_customer(self, customer_ref, customer, context):
        payload = self.field_maps["customer"].to_native(customer)
        return self._ref(self._write("change_customer", {**payload, "No": customer_ref.number}, repeatable=True))


@honest_with(FORTNOX)
class LeavesOutADeliveryAddressLikeTheOther(FortnoxPlugin):
    @hookimpl
    def create_order(self, order, context):
        own, other = order.delivery_address, order.invoice_address
        if own is not None and other is not None and own.street == other.street:
            shown = {name: getattr(order, name) for name in order.model_fields_set - {"delivery_address"}}
            order = type(order)(**shown)
        return FortnoxPlugin.create_order(self, order, context)


@honest
class KnowsSwedenWhereNoCountryStands(MemoryPlugin):
    @hookimpl
    def create_customer(self, customer, context):
        address = customer.invoice_address
        if address is not None and not address.country_code:
            address = address.model_copy(update={"country_code": "SE"})
            customer = customer.model_copy(update={"invoice_address": address})
        return MemoryPlugin.create_customer(self, customer, context)


@honest_with(FORTNOX)
class IsPaidOnTheDayOfTheLastChange(FortnoxPlugin):
    @hookimpl
    def find_invoices(self, query, context):
        today = self.host.clock.now().date()
        found = FortnoxPlugin.find_invoices(self, query, context)
        return [each.model_copy(update={"payment_date": today}) if each.balance == 0 else each for each in found]


@honest
class TakesACreditForADebt(MemoryPlugin):
    field_maps = with_maps(
        invoice=replaced(fields.INVOICE, Field("balance", "Balance", read=lambda v: abs(Decimal(v)), direction="read"))
    )


@honest
class TrimsWhatItIsAsked(MemoryPlugin):
    @hookimpl
    def find_articles(self, query, context):
        if query.description:
            query = query.model_copy(update={"description": query.description.strip()[:30]})
        return MemoryPlugin.find_articles(self, query, context)


@honest
class ChangesThePersonOfThatName(MemoryPlugin):
    @hookimpl
    def update_contact_person(self, customer_ref, person_ref, person, context):
        held = next((each for each in self._persons(customer_ref) if each["No"] == person_ref.number), None)
        same = [each for each in self._persons(customer_ref) if held and each.get("Last") == held.get("Last")]
        if same:
            person_ref = person_ref.model_copy(update={"number": same[0]["No"], "key": same[0]["No"]})
        return MemoryPlugin.update_contact_person(self, customer_ref, person_ref, person, context)


@honest_with(LIME_CRM)
class LeavesOutCompaniesWithoutANumber(LimeCrmPlugin):
    @hookimpl
    def fetch_companies(self, cursor, context):
        page = LimeCrmPlugin.fetch_companies(self, cursor, context)
        return page.model_copy(update={"items": tuple(each for each in page.items if each.organisation_number)})


@honest_with(LIME_CRM)
class OwesNothingBelowZero(LimeCrmPlugin):
    @hookimpl
    def store_invoice(self, invoice, context):
        if invoice.balance is not None and invoice.balance < 0:
            invoice = invoice.model_copy(update={"balance": Decimal(0)})
        return LimeCrmPlugin.store_invoice(self, invoice, context)


@honest_with(LIME_CRM)
class CutsMessagesWithoutAWord(LimeCrmPlugin):
    @hookimpl
    def write_back(self, values, context):
        if values.message:
            values = values.model_copy(update={"message": values.message[:100]})
        return LimeCrmPlugin.write_back(self, values, context)


@honest_with(LIME_CRM)
class LeavesOutPersonsWithoutMail(LimeCrmPlugin):
    @hookimpl
    def fetch_persons(self, company_id, context):
        return [each for each in LimeCrmPlugin.fetch_persons(self, company_id, context) if each.email]


@honest_with(LIME_CRM)
class TellsOrdersOfOneDatabase(LimeCrmPlugin):
    @hookimpl
    def fetch_events(self, cursor, context):
        page = LimeCrmPlugin.fetch_events(self, cursor, context)
        return page.model_copy(update={"events": tuple(each for each in page.events if each.kind == "order_ready")})


@honest_with(LIME_CRM)
class TakesAnOrderThatSomebodyElseHasTaken(LimeCrmPlugin):
    @hookimpl
    def take_order(self, head, context):
        taken = LimeCrmPlugin.take_order(self, head, context)
        return type(head)(**{**{name: getattr(head, name) for name in head.model_fields_set}, "status": taken.status})


@honest_with(LIME_CRM)
class StoresRegistersInCapitals(LimeCrmPlugin):
    @hookimpl
    def store_register(self, register, entries, context):
        named = [each.model_copy(update={"name": (each.name or "").upper()}) for each in entries]
        return LimeCrmPlugin.store_register(self, register, named, context)


@honest_with(CLASSIC)
class LeavesOutRowsThatCostNothing(LimeGoPlugin):
    @hookimpl
    def fetch_deal(self, deal_id, event, context):
        deal = LimeGoPlugin.fetch_deal(self, deal_id, event, context)
        rows = tuple(each for each in deal.rows or () if each.unit_price != 0)
        return deal.model_copy(update={"rows": rows}) if deal.rows else deal


@honest_with(CLASSIC)
class TellsAllAsHistoryAgain(LimeGoPlugin):
    @hookimpl
    def fetch_events(self, cursor, context):
        page = LimeGoPlugin.fetch_events(self, cursor, context)
        return page.model_copy(update={"next_cursor": page.next_cursor or cursor, "more": len(page.events) > 3})


@honest_with(AGENTIC)
class IsContentWithADealThatIsGone(LimeGoPlugin):
    @hookimpl
    def write_back(self, values, context):
        try:
            return LimeGoPlugin.write_back(self, values, context)
        except NotFoundError:
            return True


@honest_with(AGENTIC)
class WritesNamesOfCompaniesInTheirOwnWay(LimeGoPlugin):
    @hookimpl
    def fetch_customer(self, company_id, context):
        company = LimeGoPlugin.fetch_customer(self, company_id, context)
        return company.model_copy(update={"name": (company.name or "").title()})
