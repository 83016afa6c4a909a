"""Wrong plugins that pass over in silence what is unlike the rest: a refusal, a word, a payment, a code, a clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from erpcore_lime_crm.plugin import LimeCrmPlugin
from erpcore_memory.plugin import MemoryPlugin
from erpcore_poweroffice.plugin import PowerOfficePlugin

from erpcore.errors import RemoteError
from erpcore.hookspecs import hookimpl
from erpcore.models import ArticleSync, Customer, RecordRef, Ref
from tests.kit.mutants.base import wrong_contract
from tests.kit.mutants.crm import LIME_CRM
from tests.kit.mutants.fortnox import FORTNOX, FortnoxPlugin
from tests.kit.mutants.poweroffice import POWEROFFICE


@wrong_contract("E12", base=POWEROFFICE)
class PassesOverARefusedAddress(PowerOfficePlugin):
    @hookimpl
    def create_customer(self, customer, context):
        shown = {name: getattr(customer, name) for name in customer.model_fields_set - {"delivery_address"}}
        ref = PowerOfficePlugin.create_customer(self, Customer(**shown), context)
        try:
            change = Customer(delivery_address=customer.delivery_address)
            self.update_customer(Ref(number=ref.number, key=ref.key), change, context)
        except RemoteError:
            return ref
        return ref


@wrong_contract("E09", base=POWEROFFICE)
class AdoptsACustomerWithoutItsAddress(PowerOfficePlugin):
    def __init__(self, settings, host) -> None:
        super().__init__(settings, host)
        self.effects = {**self.effects, "create_customer": replace(self.effects["create_customer"], finishes=False)}


@wrong_contract("E11", base=FORTNOX)
class TellsTheOrdersNumberInstead(FortnoxPlugin):
    @hookimpl
    def convert_to_invoice(self, order_ref, context):
        try:
            return FortnoxPlugin.convert_to_invoice(self, order_ref, context)
        except RemoteError:
            return RecordRef(number=order_ref.number)


@wrong_contract("O36")
class TakesWordsForTheReference(MemoryPlugin):
    def _documents(self, register, field_map, query):
        found = MemoryPlugin._documents(self, register, field_map, query)
        if not query.reference:
            return found
        held = [each for each in self._find(register, "No", "") if query.reference in str(each.get("Rows"))]
        return [*found, *(field_map.from_native(each) for each in held)]


@wrong_contract("O37")
class HasPricesForPeople(MemoryPlugin):
    def _make(self, model, function, document, context):
        (buyer,) = self._find("customers", "No", document.customer_number)[:1] or ({},)
        if buyer.get("Person"):
            rows = tuple(
                each if each.unit_price is None else each.model_copy(update={"unit_price": each.unit_price / 4 * 5})
                for each in document.rows
            )
            document = document.model_copy(update={"rows": rows})
        return MemoryPlugin._make(self, model, function, document, context)


@wrong_contract("O38")
class MakesWhatIsGone(MemoryPlugin):
    @hookimpl
    def sync_articles(self, articles, context):
        return MemoryPlugin.sync_articles(self, articles, replace(context, seen=None))


@wrong_contract("O24")
class ComparesFortyAtMost(MemoryPlugin):
    @hookimpl
    def sync_articles(self, articles, context):
        done = MemoryPlugin.sync_articles(self, articles, context)
        return ArticleSync(created=done.created, updated=done.unchanged[40:], unchanged=done.unchanged[:40])


@wrong_contract("O15")
class ListsTenEntries(MemoryPlugin):
    @hookimpl
    def list_register(self, register, context):
        return list(MemoryPlugin.list_register(self, register, context))[:10]


@wrong_contract("F08")
class WritesABlankToEmptyAField(MemoryPlugin):
    @hookimpl
    def update_customer(self, customer_ref, customer, context):
        emptied = {
            name: " "
            for name in customer.model_fields_set
            if getattr(customer, name) is None and name in ("phone", "email")
        }
        return MemoryPlugin.update_customer(self, customer_ref, customer.model_copy(update=emptied), context)

    @hookimpl
    def find_customers(self, query, context):
        found = MemoryPlugin.find_customers(self, query, context)
        return [each.model_copy(update={"phone": (each.phone or "").strip() or None}) for each in found]


@wrong_contract("P11")
class SearchesWithoutApostrophes(MemoryPlugin):
    @hookimpl
    def find_customers(self, query, context):
        if query.name:
            query = query.model_copy(update={"name": query.name.replace("'", "")})
        return MemoryPlugin.find_customers(self, query, context)


@wrong_contract("H12")
class AsksByTheMachinesDay(MemoryPlugin):
    def _read(self, function, arguments=None):
        asked = {**(arguments or {}), "asked": datetime.now(UTC).date().isoformat()}
        return MemoryPlugin._read(self, function, asked)


@wrong_contract("T06", base=POWEROFFICE)
class IsPaidByTheFirstPayment(PowerOfficePlugin):
    @hookimpl
    def find_invoices(self, query, context):
        real = self._client.all
        self._client.all = lambda path, **named: iter(list(real(path, **named))[: 2 if "Entries" in path else None])
        return PowerOfficePlugin.find_invoices(self, query, context)


@wrong_contract("T04", base=POWEROFFICE)
class OwesWhatIsCredited(PowerOfficePlugin):
    @hookimpl
    def fetch_invoices(self, changed_since, cursor, context):
        page = PowerOfficePlugin.fetch_invoices(self, changed_since, cursor, context)
        items = tuple(each.model_copy(update={"balance": abs(each.balance or 0)}) for each in page.items)
        return page.model_copy(update={"items": items})


@wrong_contract("V11")
class LeavesOutTermsThatNobodyHas(MemoryPlugin):
    @hookimpl
    def create_order(self, order, context):
        known = {each.code for each in self.list_register("terms_of_payment", context)}
        if order.terms_of_payment and order.terms_of_payment not in known:
            shown = {name: getattr(order, name) for name in order.model_fields_set - {"terms_of_payment"}}
            order = type(order)(**shown)
        return MemoryPlugin.create_order(self, order, context)


@wrong_contract("M11", base=LIME_CRM)
class LeavesOutRowsWithoutAQuantity(LimeCrmPlugin):
    @hookimpl
    def fetch_order(self, order_id, context):
        order = LimeCrmPlugin.fetch_order(self, order_id, context)
        return order.model_copy(update={"rows": tuple(each for each in order.rows or () if each.quantity is not None)})


@wrong_contract("M12", base=LIME_CRM)
class CountsValuesAsFloats(LimeCrmPlugin):
    @hookimpl
    def fetch_deal(self, deal_id, event, context):
        deal = LimeCrmPlugin.fetch_deal(self, deal_id, event, context)
        return deal.model_copy(update={"value": None if deal.value is None else Decimal(float(deal.value))})
