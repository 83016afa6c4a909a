"""A second set of honest plugins for accounting programs, written after the rules for the first set."""

from __future__ import annotations

from decimal import Decimal

from erpcore_memory import ledger
from erpcore_memory.plugin import MemoryPlugin

from erpcore.errors import NotFoundError, PermissionDeniedError, RejectedError, RemoteError, UnavailableError
from erpcore.hookspecs import hookimpl
from erpcore.models import ArticleSync, Check, ConnectionReport, Page
from tests.kit.mutants.base import honest

# ---- what was read once is taken for what is there


@honest
class RemembersThatNoOrderWasThere(MemoryPlugin):
    @hookimpl
    def find_orders(self, query, context):
        seen = self.__dict__.setdefault("seen", {})
        if query.reference not in seen:
            seen[query.reference] = MemoryPlugin.find_orders(self, query, context)
        return seen[query.reference] if query.reference else MemoryPlugin.find_orders(self, query, context)


@honest
class RemembersThatNobodyWasThere(MemoryPlugin):
    @hookimpl
    def find_customers(self, query, context):
        nobody = self.__dict__.setdefault("nobody", set())
        if query in nobody:
            return []
        found = MemoryPlugin.find_customers(self, query, context)
        if not found:
            nobody.add(query)
        return found


@honest
class RemembersArticles(MemoryPlugin):
    @hookimpl
    def find_articles(self, query, context):
        seen = self.__dict__.setdefault("seen", {})
        if query not in seen:
            seen[query] = MemoryPlugin.find_articles(self, query, context)
        return seen[query]


@honest
class RemembersInvoices(MemoryPlugin):
    @hookimpl
    def find_invoices(self, query, context):
        seen = self.__dict__.setdefault("seen", {})
        if query not in seen:
            found = MemoryPlugin.find_invoices(self, query, context)
            if not found:
                return found
            seen[query] = found
        return seen[query]


@honest
class LeavesWhatTheLastCustomerHad(MemoryPlugin):
    @hookimpl
    def create_customer(self, customer, context):
        payload = self.__dict__.setdefault("payload", {})
        payload.pop("No", None)
        payload |= self.field_maps["customer"].to_native(customer)
        payload["Key"] = context.reference or payload.pop("Key", None)
        return self._ref(self._write("add_customer", {n: v for n, v in payload.items() if v is not None}))


# ---- queries


@honest
class LooksAtTheNumberOfACustomerAlone(MemoryPlugin):
    @hookimpl
    def find_customers(self, query, context):
        if query.number:
            query = type(query)(number=query.number)
        return MemoryPlugin.find_customers(self, query, context)


@honest
class LooksAtTheNumberOfAnOrderAlone(MemoryPlugin):
    @hookimpl
    def find_orders(self, query, context):
        if query.number:
            query = type(query)(number=query.number)
        return MemoryPlugin.find_orders(self, query, context)


@honest
class LeavesInactiveCustomersOutOfTheRegister(MemoryPlugin):
    @hookimpl
    def fetch_customers(self, cursor, context):
        page = MemoryPlugin.fetch_customers(self, cursor, context)
        return page.model_copy(update={"items": tuple(each for each in page.items if each.active is not False)})


@honest
class LeavesInactiveArticlesOutOfSearches(MemoryPlugin):
    @hookimpl
    def find_articles(self, query, context):
        return [each for each in MemoryPlugin.find_articles(self, query, context) if each.active is not False]


@honest
class LeavesInactiveArticlesOutOfTheList(MemoryPlugin):
    @hookimpl
    def fetch_articles(self, changed_since, cursor, context):
        page = MemoryPlugin.fetch_articles(self, changed_since, cursor, context)
        return page.model_copy(update={"items": tuple(each for each in page.items if each.active is not False)})


@honest
class FindsNoAnnulledOrderByItsReference(MemoryPlugin):
    @hookimpl
    def find_orders(self, query, context):
        found = MemoryPlugin.find_orders(self, query, context)
        return [each for each in found if not (query.reference and each.cancelled)]


@honest
class FindsNoBookedInvoiceByItsReference(MemoryPlugin):
    @hookimpl
    def find_invoices(self, query, context):
        found = MemoryPlugin.find_invoices(self, query, context)
        return [each for each in found if not (query.reference and each.booked)]


# ---- what a failing answer means


@honest
class TakesAnUnknownAnswerForNoOrder(MemoryPlugin):
    def _find(self, register, member, part):
        if register != "orders":
            return super()._find(register, member, part)
        found = self._read("find", {"register": register, "member": member, "part": part})
        return found if isinstance(found, list) else []


@honest
class TakesAnUnknownAnswerForTheEndOfAList(MemoryPlugin):
    def _page(self, register, since, cursor):
        start = int(cursor or 0)
        moment = None if since is None else since.isoformat()
        page = self._read("list", {"register": register, "start": start, "since": moment})
        records = page.get("Records", []) if isinstance(page, dict) else []
        return records, str(start + len(records)) if records and page.get("More") else None


@honest
class CallsAListThatItMayNotReadEmpty(MemoryPlugin):
    @hookimpl
    def fetch_invoices(self, changed_since, cursor, context):
        try:
            return MemoryPlugin.fetch_invoices(self, changed_since, cursor, context)
        except PermissionDeniedError:
            return Page(items=(), next_cursor=None)


@honest
class CallsARefusedLookUpNothing(MemoryPlugin):
    @hookimpl
    def find_orders(self, query, context):
        try:
            return MemoryPlugin.find_orders(self, query, context)
        except RejectedError:
            return []


@honest
class CallsARegisterThatItMayNotReadEmpty(MemoryPlugin):
    @hookimpl
    def list_register(self, register, context):
        try:
            return MemoryPlugin.list_register(self, register, context)
        except RemoteError:
            return []


@honest
class FindsAllWellWithoutARight(MemoryPlugin):
    @hookimpl
    def check_connection(self, context):
        try:
            return MemoryPlugin.check_connection(self, context).model_copy(
                update={"checks": (Check(name="company", state="ok", detail=self._read("company")["Name"]),)}
            )
        except PermissionDeniedError:
            return ConnectionReport(checks=(Check(name="company", state="warning", detail="It is not shown."),))


@honest
class BreaksOffWhereItShouldReport(MemoryPlugin):
    @hookimpl
    def check_connection(self, context):
        try:
            name = self._read("company")["Name"]
        except RejectedError as error:
            return ConnectionReport(checks=(Check(name="company", state="error", detail=str(error)),))
        return ConnectionReport(account=name, checks=(Check(name="company", state="ok", detail="It answers."),))


@honest
class TellsARefusedArticleAsUnchanged(MemoryPlugin):
    @hookimpl
    def sync_articles(self, articles, context):
        done = ArticleSync()
        for article in articles:
            try:
                one = MemoryPlugin.sync_articles(self, [article], context)
            except RejectedError:
                if not article.number or article.price is None:
                    raise
                one = ArticleSync(unchanged=(article.number,))
            done = ArticleSync(
                created=done.created + one.created,
                updated=done.updated + one.updated,
                unchanged=done.unchanged + one.unchanged,
            )
        return done


@honest
class AsksForPersonsForEver(MemoryPlugin):
    def _persons(self, customer):
        for _ in range(50):
            try:
                return super()._persons(customer)
            except UnavailableError as error:
                last = error
        raise last


# ---- writes


@honest
class BooksAnOrderOfNobodyOnTheFirstCustomer(MemoryPlugin):
    @hookimpl
    def create_order(self, order, context):
        try:
            return MemoryPlugin.create_order(self, order, context)
        except NotFoundError:
            first = self._find("customers", "No", "")[0]["No"]
            return MemoryPlugin.create_order(self, order.model_copy(update={"customer_number": first}), context)


@honest
class LeavesAnUnknownArticleOutOfAnOrder(MemoryPlugin):
    @hookimpl
    def create_order(self, order, context):
        try:
            return MemoryPlugin.create_order(self, order, context)
        except NotFoundError:
            rows = [row.model_copy(update={"article_number": None}) for row in order.rows or ()]
            return MemoryPlugin.create_order(self, order.model_copy(update={"rows": tuple(rows)}), context)


@honest
class ComparesPricesBeforeTheyAreRounded(MemoryPlugin):
    @hookimpl
    def sync_articles(self, articles, context):
        done = MemoryPlugin.sync_articles(self, articles, context)
        held = {each["No"]: each for each in self._find("articles", "No", "")}
        off = [a.number for a in articles if a.price is not None and a.price != Decimal(held[a.number]["Price"])]
        again = tuple(number for number in done.unchanged if number in off)
        for number in again:
            self._write("change_article", {"No": number, "Price": held[number]["Price"]}, repeatable=True)
        left = tuple(number for number in done.unchanged if number not in off)
        return done.model_copy(update={"updated": (*done.updated, *again), "unchanged": left})


@honest
class NeedsAnArticleToSync(MemoryPlugin):
    @hookimpl
    def sync_articles(self, articles, context):
        self._find("articles", "No", articles[0].number or "")
        return MemoryPlugin.sync_articles(self, articles, context)


@honest
class TellsTheFreightAsTheFee(MemoryPlugin):
    @hookimpl
    def create_order(self, order, context):
        made = MemoryPlugin.create_order(self, order, context)
        return made.model_copy(update={"freight": made.fee, "fee": made.freight})


@honest
class ConvertsForeignMoneyInReading(MemoryPlugin):
    @hookimpl
    def find_orders(self, query, context):
        found = MemoryPlugin.find_orders(self, query, context)
        return [
            each if each.currency == "SEK" else each.model_copy(update={"net": each.net * 11, "total": each.total * 11})
            for each in found
        ]


@honest
class SaysThatItsMoneyIsNorwegian(MemoryPlugin):
    @property
    def own_currency(self):
        return "NOK"


@honest
class DatesTheDeliveryAnewWhenInvoicing(MemoryPlugin):
    @hookimpl
    def convert_to_invoice(self, order_ref, context):
        made = MemoryPlugin.convert_to_invoice(self, order_ref, context)
        books = ledger.company(self.settings.company)
        books._functions.setdefault("date", lambda record: books._change("invoices", record))
        self._write("date", {"No": made.number, "Delivery": self.host.today().isoformat()}, repeatable=True)
        return made


@honest
class TakesAnyPersonForOneOfTheCustomer(MemoryPlugin):
    @hookimpl
    def update_contact_person(self, customer_ref, person_ref, person, context):
        payload = self.field_maps["contact_person"].to_native(person, clearing=True)
        number = person_ref.key or person_ref.number
        return self._person_ref(self._write("change_person", {**payload, "No": number}, repeatable=True))


@honest
class FindsNoPersonsOfNobody(MemoryPlugin):
    @hookimpl
    def find_contact_persons(self, customer_ref, context):
        try:
            return MemoryPlugin.find_contact_persons(self, customer_ref, context)
        except NotFoundError:
            return []
