"""The second set, for values, for reading, and for systems with keys of their own."""

from __future__ import annotations

import time
import unicodedata
from decimal import Decimal

from erpcore_fortnox.plugin import FortnoxPlugin
from erpcore_memory import fields
from erpcore_memory.plugin import MemoryPlugin
from erpcore_poweroffice.plugin import PowerOfficePlugin

from erpcore.hookspecs import hookimpl
from erpcore.models import Page, Ref
from tests.kit.mutants.base import honest, honest_with
from tests.kit.mutants.carrying import _Writing
from tests.kit.mutants.fortnox import FORTNOX
from tests.kit.mutants.honest_values import _Texts
from tests.kit.mutants.poweroffice import POWEROFFICE

# ---- values


@honest
class KnowsWholeRatesOfVatOnly(_Writing):
    def change(self, function, payload):
        for part in (payload, *payload.get("Rows", [])):
            if "Vat" in part:
                part["Vat"] = str(int(Decimal(part["Vat"])))


@honest
class KnowsSwedishNumbersOnly(_Writing):
    def change(self, function, payload):
        digits = "".join(each for each in payload.get("OrgNo") or "" if each.isdigit())
        if digits:
            payload["OrgNo"] = f"{digits[-10:-4]}-{digits[-4:]}"


@honest
class MendsLettersOnTheWay(_Texts):
    def text(self, text):
        return unicodedata.normalize("NFKC", text)


@honest
class TakesHardBlanksForBlanks(_Texts):
    def text(self, text):
        return text.replace("\u00a0", " ")


# ---- reading


@honest
class TakesAClosedOrderForAnAnnulledOne(MemoryPlugin):
    @hookimpl
    def find_orders(self, query, context):
        closed = {each["No"] for each in self._find("orders", "No", "") if each.get("Closed")}
        found = MemoryPlugin.find_orders(self, query, context)
        return [each.model_copy(update={"cancelled": each.cancelled or each.number in closed}) for each in found]


@honest
class MixesUpWhatTermsMean(MemoryPlugin):
    @hookimpl
    def list_register(self, register, context):
        held = MemoryPlugin.list_register(self, register, context)
        return [each.model_copy(update={"days": each.days and held[-1].days}) for each in held]


@honest
class SaysNoRateOfItsCodes(MemoryPlugin):
    @hookimpl
    def list_register(self, register, context):
        held = MemoryPlugin.list_register(self, register, context)
        return [each.model_copy(update={"percent": each.percent and held[0].percent}) for each in held]


@honest
class ReadsForOneThreadAtATime(MemoryPlugin):
    @hookimpl
    def find_customers(self, query, context):
        self._query = query
        time.sleep(0.002)
        return MemoryPlugin.find_customers(self, self._query, context)


@honest
class AsksForRegistersPastTheHost(MemoryPlugin):
    @hookimpl
    def list_register(self, register, context):
        told = self.host
        self.host = type(told).in_memory(told.connection, clock=told.clock)
        try:
            return MemoryPlugin.list_register(self, register, context)
        finally:
            self.host = told


@honest
class ListsCustomersWithoutTheirNumbers(MemoryPlugin):
    @hookimpl
    def fetch_customers(self, cursor, context):
        records, following = self._page("customers", None, cursor)
        items = [
            fields.CUSTOMER.from_native({n: v for n, v in each.items() if n not in ("OrgNo", "Key")})
            for each in records
        ]
        return Page(items=tuple(items), next_cursor=following)


@honest_with(FORTNOX)
class TakesACreditNoteForAnInvoice(FortnoxPlugin):
    @hookimpl
    def fetch_invoices(self, changed_since, cursor, context):
        page = FortnoxPlugin.fetch_invoices(self, changed_since, cursor, context)
        items = [each.model_copy(update={"kind": "invoice"}) for each in page.items]
        return page.model_copy(update={"items": tuple(items)})


@honest_with(FORTNOX)
class OwesAllUntilAllIsPaid(FortnoxPlugin):
    @hookimpl
    def find_invoices(self, query, context):
        found = FortnoxPlugin.find_invoices(self, query, context)
        return [each.model_copy(update={"balance": each.balance and each.total}) for each in found]


@honest_with(FORTNOX)
class CallsAPartAPayment(FortnoxPlugin):
    @hookimpl
    def find_invoices(self, query, context):
        found = FortnoxPlugin.find_invoices(self, query, context)
        part = [each.booked and each.balance != each.total for each in found]
        return [
            each.model_copy(update={"payment_date": each.invoice_date, "balance": Decimal(0)}) if some else each
            for each, some in zip(found, part, strict=True)
        ]


@honest_with(POWEROFFICE)
class GivesTheNumberForTheKey(PowerOfficePlugin):
    @hookimpl
    def find_customers(self, query, context):
        found = PowerOfficePlugin.find_customers(self, query, context)
        return [each.model_copy(update={"key": each.number}) for each in found]


@honest_with(POWEROFFICE)
class FindsNothingByAKey(PowerOfficePlugin):
    @hookimpl
    def find_articles(self, query, context):
        if query.key and not query.number:
            return []
        return PowerOfficePlugin.find_articles(self, query, context)


@honest_with(POWEROFFICE)
class ForgetsTheKeyOfWhatItMakes(PowerOfficePlugin):
    @hookimpl
    def create_order(self, order, context):
        made = PowerOfficePlugin.create_order(self, order, context)
        return made.model_copy(update={"key": str(int(made.key) + 1) if made.key else made.key})


@honest_with(POWEROFFICE)
class ChangesTheCustomerOfTheKeyOnly(PowerOfficePlugin):
    @hookimpl
    def update_customer(self, customer_ref, customer, context):
        wanted = customer_ref if customer_ref.key is None else Ref(number=customer_ref.number)
        made = PowerOfficePlugin.update_customer(self, wanted, customer, context)
        return made.model_copy(update={"number": customer_ref.number, "key": made.number})
