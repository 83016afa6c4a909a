"""A seventh set of honest plugins for ERPs, written before anybody looked at which rule would catch them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from erpcore_fortnox.plugin import FortnoxPlugin
from erpcore_memory.plugin import MemoryPlugin
from erpcore_poweroffice.plugin import PowerOfficePlugin

from erpcore.errors import NotFoundError, PermissionDeniedError, RejectedError
from erpcore.hookspecs import hookimpl
from erpcore.models import Account, ArticleSync, ConnectionReport, Ref
from tests.kit.mutants.base import honest, honest_with
from tests.kit.mutants.fortnox import FORTNOX
from tests.kit.mutants.poweroffice import POWEROFFICE


@honest
class PassesOverInactiveCompanies(MemoryPlugin):
    @hookimpl
    def find_customers(self, query, context):
        found = MemoryPlugin.find_customers(self, query, context)
        return [each for each in found if each.active is not False] if query.organisation_number else found


@honest
class KnowsPersonsByTheirMail(MemoryPlugin):
    @hookimpl
    def create_contact_person(self, customer_ref, person, context):
        for held in self._persons(customer_ref):
            if person.email and held.get("Mail") == person.email:
                return self._person_ref(held)
        return MemoryPlugin.create_contact_person(self, customer_ref, person, context)


@honest
class KeepsAPersonWhoHasLeft(MemoryPlugin):
    @hookimpl
    def update_contact_person(self, customer_ref, person_ref, person, context):
        left = {name: getattr(person, name) for name in person.model_fields_set - {"active"}}
        return MemoryPlugin.update_contact_person(self, customer_ref, person_ref, type(person)(**left), context)


@honest
class NumbersCustomersItself(MemoryPlugin):
    @hookimpl
    def create_customer(self, customer, context):
        if not customer.number:
            highest = max(
                (int(each["No"]) for each in self._find("customers", "No", "") if each["No"].isdigit()), default=0
            )
            customer = customer.model_copy(update={"number": str(highest + 1)})
        return MemoryPlugin.create_customer(self, customer, context)


@honest
class ChangesACustomerByItsName(MemoryPlugin):
    @hookimpl
    def update_customer(self, customer_ref, customer, context):
        same = [each for each in self._find("customers", "Name", customer.name or "-") if each["Name"] == customer.name]
        number = same[0]["No"] if same else customer_ref.number
        return MemoryPlugin.update_customer(self, Ref(number=number), customer, context)


@honest
class HasPiecesWhereNoUnitStands(MemoryPlugin):
    @hookimpl
    def create_article(self, article, context):
        if not article.unit:
            article = article.model_copy(update={"unit": "st"})
        return MemoryPlugin.create_article(self, article, context)


@honest
class WakesArticlesThatSleep(MemoryPlugin):
    @hookimpl
    def sync_articles(self, articles, context):
        awake = [each if each.shown("active") else each.model_copy(update={"active": True}) for each in articles]
        return MemoryPlugin.sync_articles(self, awake, context)


@honest
class ListsWhatIsInUse(MemoryPlugin):
    @hookimpl
    def list_register(self, register, context):
        return list(MemoryPlugin.list_register(self, register, context))[:10]


@honest
class LeavesOutRowsOfNothing(MemoryPlugin):
    @hookimpl
    def create_order(self, order, context):
        rows = tuple(each for each in order.rows or () if each.is_text or each.quantity)
        return MemoryPlugin.create_order(self, order.model_copy(update={"rows": rows}), context)


@honest
class TakesAReturnForASale(MemoryPlugin):
    @hookimpl
    def create_invoice(self, invoice, context):
        rows = tuple(
            each.model_copy(update={"quantity": abs(each.quantity)}) if each.quantity else each
            for each in invoice.rows or ()
        )
        return MemoryPlugin.create_invoice(self, invoice.model_copy(update={"rows": rows}), context)


@honest
class FindsLivingOrdersAlone(MemoryPlugin):
    @hookimpl
    def find_orders(self, query, context):
        return [each for each in MemoryPlugin.find_orders(self, query, context) if not each.cancelled]


@honest
class ListsBookedInvoicesAlone(MemoryPlugin):
    @hookimpl
    def fetch_invoices(self, changed_since, cursor, context):
        page = MemoryPlugin.fetch_invoices(self, changed_since, cursor, context)
        return page.model_copy(update={"items": tuple(each for each in page.items if each.booked)})


@honest_with(POWEROFFICE)
class ListsNoCreditNotes(PowerOfficePlugin):
    @hookimpl
    def fetch_invoices(self, changed_since, cursor, context):
        page = PowerOfficePlugin.fetch_invoices(self, changed_since, cursor, context)
        return page.model_copy(update={"items": tuple(each for each in page.items if each.kind != "credit")})


@honest_with(FORTNOX)
class IsPaidAsSoonAsSomethingIs(FortnoxPlugin):
    @hookimpl
    def find_invoices(self, query, context):
        found = FortnoxPlugin.find_invoices(self, query, context)
        return [
            each.model_copy(update={"payment_date": each.payment_date or self.host.today()})
            if each.balance is not None and each.total is not None and each.balance < each.total
            else each
            for each in found
        ]


@honest_with(FORTNOX)
class TellsAnotherCurrency(FortnoxPlugin):
    @hookimpl
    def identify_account(self, context):
        account = FortnoxPlugin.identify_account(self, context)
        return Account(key=account.key, name=account.name, currency="NOK")


@honest
class LooksAtTheDoorAlone(MemoryPlugin):
    @hookimpl
    def check_connection(self, context):
        report = MemoryPlugin.check_connection(self, context)
        told = " ".join(each.detail or "" for each in report.checks)
        fine = tuple(each.model_copy(update={"state": "warning"}) for each in report.checks)
        return report if "key" in told.lower() or report.ok else ConnectionReport(checks=fine)


@honest
class TakesARefusalForNobodyThere(MemoryPlugin):
    def _persons(self, customer):
        try:
            return MemoryPlugin._persons(self, customer)
        except PermissionDeniedError:
            raise NotFoundError("There is no such customer.", connection=self.host.connection) from None


@honest
class RoundsPricesToWholeOnes(MemoryPlugin):
    @hookimpl
    def sync_articles(self, articles, context):
        whole = [
            each.model_copy(update={"cost_price": each.cost_price.quantize(Decimal(1))}) if each.cost_price else each
            for each in articles
        ]
        return MemoryPlugin.sync_articles(self, whole, context)


@honest
class TellsUpdatedForEach(MemoryPlugin):
    @hookimpl
    def sync_articles(self, articles, context):
        done = MemoryPlugin.sync_articles(self, articles, context)
        return ArticleSync(created=(), updated=(*done.created, *done.updated), unchanged=done.unchanged)


@honest
class PutsItsOwnNumberInTheText(MemoryPlugin):
    @hookimpl
    def create_order(self, order, context):
        stamp = datetime.now(UTC).strftime("%Y-%m-%d %H:%M")
        if order.remarks:
            order = order.model_copy(update={"remarks": f"{order.remarks} ({stamp})"})
        return MemoryPlugin.create_order(self, order, context)


@honest
class SendsAnOrderWithoutTheRowThatIsRefused(MemoryPlugin):
    @hookimpl
    def create_order(self, order, context):
        try:
            return MemoryPlugin.create_order(self, order, context)
        except (NotFoundError, RejectedError):
            bare = tuple(each.model_copy(update={"article_number": None}) for each in order.rows or ())
            return MemoryPlugin.create_order(self, order.model_copy(update={"rows": bare}), context)
