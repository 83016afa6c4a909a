"""A third set of honest plugins, to see how many of a set that nobody has seen the rules catch."""

from __future__ import annotations

from erpcore_lime_crm.plugin import LimeCrmPlugin
from erpcore_memory.plugin import MemoryPlugin
from erpcore_poweroffice.plugin import PowerOfficePlugin

from erpcore.errors import ConflictError, NotFoundError, RejectedError
from erpcore.hookspecs import hookimpl
from erpcore.models import ArticleSync
from tests.kit.mutants.base import honest, honest_with
from tests.kit.mutants.carrying import _Writing
from tests.kit.mutants.crm import LIME_CRM
from tests.kit.mutants.poweroffice import POWEROFFICE


@honest
class SendsAllThatACustomerHasWithAChange(MemoryPlugin):
    @hookimpl
    def update_customer(self, customer_ref, customer, context):
        held = next((each for each in self._find("customers", "No", customer_ref.number)), {})
        kept = {name: value for name, value in held.items() if name not in ("No", "Changed", "Shown")}
        payload = {**kept, **self.field_maps["customer"].to_native(customer, clearing=True)}
        return self._ref(self._write("change_customer", {**payload, "No": customer_ref.number}, repeatable=True))


@honest
class ReadsTheFirstFourPersons(MemoryPlugin):
    @hookimpl
    def find_contact_persons(self, customer_ref, context):
        return MemoryPlugin.find_contact_persons(self, customer_ref, context)[:4]


@honest
class ShowsTheFirstEntryOfARegister(MemoryPlugin):
    @hookimpl
    def list_register(self, register, context):
        return MemoryPlugin.list_register(self, register, context)[:1]


@honest
class DatesByUtc(MemoryPlugin):
    def _make(self, model, function, document, context):
        name = "order_date" if model == "order" else "invoice_date"
        told = {} if document.shown(name) else {name: self.host.clock.now().date()}
        return super()._make(model, function, document.model_copy(update=told), context)


@honest
class SaysOnlyThatInvoicingFailed(MemoryPlugin):
    @hookimpl
    def convert_to_invoice(self, order_ref, context):
        try:
            return MemoryPlugin.convert_to_invoice(self, order_ref, context)
        except ConflictError:
            raise
        except RejectedError:
            raise RejectedError("The invoice was not made.", connection=self.host.connection, advice="Look.") from None


@honest
class CallsARefusedPersonMissing(MemoryPlugin):
    @hookimpl
    def create_contact_person(self, customer_ref, person, context):
        try:
            return MemoryPlugin.create_contact_person(self, customer_ref, person, context)
        except RejectedError as error:
            raise NotFoundError("It is not there.", connection=self.host.connection) from error


@honest
class FindsTheFirstOfTwoCustomers(MemoryPlugin):
    @hookimpl
    def find_customers(self, query, context):
        return MemoryPlugin.find_customers(self, query, context)[:1]


@honest
class SyncsAHundredArticlesAtMost(MemoryPlugin):
    @hookimpl
    def sync_articles(self, articles, context):
        return MemoryPlugin.sync_articles(self, articles[:100], context)


@honest
class TellsTheLastOfManyArticlesAlone(MemoryPlugin):
    @hookimpl
    def sync_articles(self, articles, context):
        done = MemoryPlugin.sync_articles(self, articles, context)
        return done if len(articles) < 20 else ArticleSync(unchanged=done.unchanged[-1:], created=done.created[-1:])


@honest
class WritesAnOrderWithoutItsLastPennies(_Writing):
    def change(self, function, payload):
        for row in payload.get("Rows", []):
            if len(row.get("Price", "")) > 9:
                row["Price"] = row["Price"][:9]


@honest
class TakesTheDayOfDeliveryForThatOfTheOrder(_Writing):
    def change(self, function, payload):
        if payload.get("Delivery", "9") < payload.get("Date", ""):
            payload["Date"] = payload["Delivery"]


@honest
class LeavesTheTermsOfAKnownCustomer(MemoryPlugin):
    @hookimpl
    def update_customer(self, customer_ref, customer, context):
        shown = {n: getattr(customer, n) for n in customer.model_fields_set if n != "terms_of_payment"}
        return MemoryPlugin.update_customer(self, customer_ref, type(customer)(**shown), context)


@honest_with(POWEROFFICE)
class ChangesNobodyQuietly(PowerOfficePlugin):
    @hookimpl
    def update_customer(self, customer_ref, customer, context):
        try:
            return PowerOfficePlugin.update_customer(self, customer_ref, customer, context)
        except NotFoundError:
            return PowerOfficePlugin.create_customer(self, customer, context)


@honest_with(LIME_CRM)
class LeavesRowsThatAreGone(LimeCrmPlugin):
    def __init__(self, settings, host) -> None:
        super().__init__(settings, host)
        self._lime.delete = lambda limetype, key: None


@honest_with(LIME_CRM)
class AsksByANumberThatIsNoAddress(LimeCrmPlugin):
    @hookimpl
    def store_article(self, article, context):
        if article.number and "&" in article.number:
            article = article.model_copy(update={"number": article.number.replace("&", "")})
        return LimeCrmPlugin.store_article(self, article, context)


@honest_with(LIME_CRM)
class ShowsInvoicesOfNothing(LimeCrmPlugin):
    @hookimpl
    def show_invoices(self, standing, context):
        try:
            return LimeCrmPlugin.show_invoices(self, standing, context)
        except NotFoundError:
            return True
