"""Plugins whose authors read what they had just made, and nothing that a person had changed, or that was broken."""

from __future__ import annotations

from erpcore_memory import fields
from erpcore_memory.plugin import MemoryPlugin

from erpcore.hookspecs import hookimpl
from erpcore.models import Page
from tests.kit.mutants.base import honest

# ---- states


class _Reading(MemoryPlugin):
    """Changes what is read, in searches and in lists."""

    def read(self, register, record):
        raise TypeError("a mutant says how")

    def _find(self, register, member, part):
        return [self.read(register, record) for record in super()._find(register, member, part)]

    def _page(self, register, since, cursor):
        records, following = super()._page(register, since, cursor)
        return [self.read(register, record) for record in records], following


@honest
class TakesAnInvoicedOrderForAnAnnulledOne(_Reading):
    def read(self, register, record):
        return {**record, "Annulled": bool(record.get("Invoice"))} if register == "orders" else record


@honest
class NeverSeesThatAnInvoiceIsBooked(_Reading):
    def read(self, register, record):
        return {**record, "Booked": False} if register == "invoices" else record


@honest
class NeverSeesThatAnInvoiceIsAnnulled(_Reading):
    def read(self, register, record):
        return {**record, "Annulled": False} if register == "invoices" else record


@honest
class LeavesAnnulledOrdersOut(MemoryPlugin):
    @hookimpl
    def find_orders(self, query, context):
        return [each for each in MemoryPlugin.find_orders(self, query, context) if not each.cancelled]


@honest
class FindsDraftsOnly(MemoryPlugin):
    @hookimpl
    def find_invoices(self, query, context):
        return [each for each in MemoryPlugin.find_invoices(self, query, context) if not each.booked]


@honest
class ListsWhatIsNotAnnulled(MemoryPlugin):
    @hookimpl
    def fetch_invoices(self, changed_since, cursor, context):
        page = MemoryPlugin.fetch_invoices(self, changed_since, cursor, context)
        return page.model_copy(update={"items": tuple(each for each in page.items if not each.cancelled)})


@honest
class ListsBookedInvoicesAsDrafts(MemoryPlugin):
    @hookimpl
    def fetch_invoices(self, changed_since, cursor, context):
        page = MemoryPlugin.fetch_invoices(self, changed_since, cursor, context)
        items = tuple(each.model_copy(update={"booked": False}) for each in page.items)
        return page.model_copy(update={"items": items})


# ---- reading


@honest
class RemembersItsPlaceInAList(MemoryPlugin):
    place = 0

    def _page(self, register, since, cursor):
        start = self.place if cursor else 0
        records, following = super()._page(register, since, str(start))
        self.place = start + len(records)
        return records, "more" if following else None


@honest
class SkipsWhatItCannotRead(MemoryPlugin):
    def _page(self, register, since, cursor):
        records, following = super()._page(register, since, cursor)
        return [record for record in records if isinstance(record, dict) and record.get("No")], following

    @hookimpl
    def fetch_invoices(self, changed_since, cursor, context):
        records, following = self._page("invoices", changed_since, cursor)
        items = []
        for record in records:
            try:
                items.append(fields.INVOICE.from_native(record))
            except (ValueError, TypeError):
                continue
        return Page(items=tuple(items), next_cursor=following)


@honest
class SkipsCustomersItCannotRead(MemoryPlugin):
    def _find(self, register, member, part):
        readable = []
        for record in super()._find(register, member, part):
            try:
                {"customers": fields.CUSTOMER, "orders": fields.ORDER}.get(register, fields.ARTICLE).from_native(record)
            except (ValueError, TypeError):
                if register in ("customers", "orders"):
                    continue
            readable.append(record)
        return readable


@honest
class JoinsArticlesOfOneText(MemoryPlugin):
    @hookimpl
    def fetch_articles(self, changed_since, cursor, context):
        page = MemoryPlugin.fetch_articles(self, changed_since, cursor, context)
        return page.model_copy(update={"items": tuple({each.description: each for each in page.items}.values())})


@honest
class GivesAllCustomersWhereNothingIsAsked(MemoryPlugin):
    @hookimpl
    def find_customers(self, query, context):
        if not any(dict(query).values()):
            return [fields.CUSTOMER.from_native(each) for each in self._find("customers", "No", "")]
        return MemoryPlugin.find_customers(self, query, context)


@honest
class GivesAllOrdersWhereNothingIsAsked(MemoryPlugin):
    @hookimpl
    def find_orders(self, query, context):
        if not (query.number or query.reference or query.key):
            return [fields.ORDER.from_native(each) for each in self._find("orders", "No", "")]
        return MemoryPlugin.find_orders(self, query, context)


@honest
class ReadsTheWholeListForOneNumber(MemoryPlugin):
    def _find(self, register, member, part):
        if register != "articles":
            return super()._find(register, member, part)
        found, cursor = [], None
        while True:
            records, cursor = self._page(register, None, cursor)
            found += [each for each in records if part.lower() in str(each.get(member, "")).lower()]
            if cursor is None:
                return found


@honest
class PollsByReadingEverything(MemoryPlugin):
    @hookimpl
    def fetch_invoices(self, changed_since, cursor, context):
        if changed_since is None:
            return MemoryPlugin.fetch_invoices(self, changed_since, cursor, context)
        changed, of_all = {}, None
        records, following = self._page("invoices", changed_since, cursor)
        while True:
            everything, of_all = self._page("invoices", None, of_all)
            changed |= {each["No"]: each for each in everything}
            if of_all is None:
                break
        items = tuple(fields.INVOICE.from_native(changed[each["No"]]) for each in records)
        return Page(items=items, next_cursor=following)
