"""The seventh set's plugins for CRMs."""

from __future__ import annotations

from erpcore_lime_crm.plugin import LimeCrmPlugin
from erpcore_lime_go.plugin import LimeGoPlugin

from erpcore.errors import ConflictError, NotFoundError
from erpcore.hookspecs import hookimpl
from tests.kit.mutants.base import honest_with
from tests.kit.mutants.crm import AGENTIC, CLASSIC, LIME_CRM


@honest_with(LIME_CRM)
class ReadsRowsByTheirText(LimeCrmPlugin):
    @hookimpl
    def fetch_order(self, order_id, context):
        order = LimeCrmPlugin.fetch_order(self, order_id, context)
        return order.model_copy(
            update={"rows": tuple(sorted(order.rows or (), key=lambda each: each.description or ""))}
        )


@honest_with(LIME_CRM)
class WritesWhatWasEmptyAlone(LimeCrmPlugin):
    @hookimpl
    def write_back(self, values, context):
        if values.message is None and "message" in values.model_fields_set:
            kept = {name: getattr(values, name) for name in values.model_fields_set - {"message"}}
            values = type(values)(**kept)
        return LimeCrmPlugin.write_back(self, values, context)


@honest_with(LIME_CRM)
class NeverPutsAnArticleToSleep(LimeCrmPlugin):
    @hookimpl
    def store_article(self, article, context):
        if article.active is False:
            article = article.model_copy(update={"active": True})
        return LimeCrmPlugin.store_article(self, article, context)


@honest_with(LIME_CRM)
class NamesAnEntryOnce(LimeCrmPlugin):
    seen: dict[str, str] = {}  # noqa: RUF012 that is what is wrong with it

    @hookimpl
    def store_register(self, register, entries, context):
        first = [each.model_copy(update={"name": self.seen.setdefault(each.code, each.name or "")}) for each in entries]
        return LimeCrmPlugin.store_register(self, register, first, context)


@honest_with(LIME_CRM)
class HasAKeyForEachDelivery(LimeCrmPlugin):
    @hookimpl
    def receive_events(self, request, context):
        events = LimeCrmPlugin.receive_events(self, request, context)
        return [each.model_copy(update={"key": f"{each.key}:{request.received_at.timestamp()}"}) for each in events]


@honest_with(LIME_CRM)
class StoresNoCreditNotes(LimeCrmPlugin):
    @hookimpl
    def store_invoice(self, invoice, context):
        if invoice.total is not None and invoice.total < 0:
            invoice = invoice.model_copy(update={"total": abs(invoice.total)})
        return LimeCrmPlugin.store_invoice(self, invoice, context)


@honest_with(LIME_CRM)
class TakesAnOrderUnseen(LimeCrmPlugin):
    @hookimpl
    def take_order(self, head, context):
        try:
            return LimeCrmPlugin.take_order(self, head, context)
        except ConflictError:
            return LimeCrmPlugin.take_order(self, self.fetch_order_head(head.id, context), context)


@honest_with(AGENTIC)
class ShowsTheFirstPersonAlone(LimeGoPlugin):
    @hookimpl
    def fetch_persons(self, company_id, context):
        return list(LimeGoPlugin.fetch_persons(self, company_id, context))[:1]


@honest_with(CLASSIC)
class TellsNothingOfWhatIsGone(LimeGoPlugin):
    @hookimpl
    def fetch_customer(self, company_id, context):
        try:
            return LimeGoPlugin.fetch_customer(self, company_id, context)
        except NotFoundError:
            return LimeGoPlugin.fetch_customer(self, "pase100001", context)


@honest_with(CLASSIC)
class HasCompaniesOfAPageTwice(LimeGoPlugin):
    @hookimpl
    def fetch_companies(self, cursor, context):
        page = LimeGoPlugin.fetch_companies(self, cursor, context)
        return page.model_copy(update={"items": (*page.items, *page.items[-1:])})
