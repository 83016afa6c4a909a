"""A second set of honest plugins, for CRMs: their authors tried one record, undisturbed, over one connection."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import Any

from erpcore_lime_crm.plugin import LimeCrmPlugin
from erpcore_lime_go.plugin import LimeGoPlugin

from erpcore.errors import NotFoundError, PermissionDeniedError, RemoteError, UnavailableError
from erpcore.hookspecs import hookimpl
from erpcore.host import SYSTEM_CLOCK, MemoryBudget, MemoryTokenStore
from erpcore.models import Check, ConnectionReport, EventPage, RecordRef
from tests.kit.mutants.base import honest_with
from tests.kit.mutants.crm import AGENTIC, LIME_CRM

# ---- what is stored


@honest_with(LIME_CRM)
class LeavesAStoredInvoiceAsItWas(LimeCrmPlugin):
    @hookimpl
    def store_invoice(self, invoice, context):
        names = self.settings.invoice
        for held in self._lime.find(names.limetype, names.number, invoice.number):
            return RecordRef(number=invoice.number, key=str(held.id))
        return LimeCrmPlugin.store_invoice(self, invoice, context)


@honest_with(LIME_CRM)
class StoresRowsWithANewInvoiceOnly(LimeCrmPlugin):
    @hookimpl
    def store_invoice(self, invoice, context):
        names = self.settings.invoice
        if self._lime.find(names.limetype, names.number, invoice.number):
            shown = {name: getattr(invoice, name) for name in invoice.model_fields_set - {"rows"}}
            return LimeCrmPlugin.store_invoice(self, type(invoice)(**shown), context)
        return LimeCrmPlugin.store_invoice(self, invoice, context)


@honest_with(LIME_CRM)
class SwallowsARowThatFails(LimeCrmPlugin):
    def __init__(self, settings, host) -> None:
        super().__init__(settings, host)
        create = self._lime.create

        def lenient(limetype, values, **named):
            try:
                return create(limetype, values, **named)
            except RemoteError:
                if limetype != self.settings.invoice_row.limetype:
                    raise
                return None

        self._lime.create = lenient


@honest_with(LIME_CRM)
class StoresCreditsAsDebts(LimeCrmPlugin):
    @hookimpl
    def store_invoice(self, invoice, context):
        told = {"total": abs(invoice.total)} if invoice.total is not None else {}
        return LimeCrmPlugin.store_invoice(self, invoice.model_copy(update=told), context)


@honest_with(LIME_CRM)
class JoinsTheLinesOfWhatItStores(LimeCrmPlugin):
    @hookimpl
    def store_article(self, article, context):
        told = {"description": " ".join((article.description or "").split())}
        return LimeCrmPlugin.store_article(self, article.model_copy(update=told), context)


@honest_with(LIME_CRM)
class StoresPricesBelowAMillion(LimeCrmPlugin):
    @hookimpl
    def store_article(self, article, context):
        told = {} if article.price is None else {"price": min(article.price, 999_999)}
        return LimeCrmPlugin.store_article(self, article.model_copy(update=told), context)


@honest_with(LIME_CRM)
class KnowsNordicMoneyOnly(LimeCrmPlugin):
    @hookimpl
    def store_invoice(self, invoice, context):
        known = invoice.currency in (None, "SEK", "NOK", "DKK", "EUR")
        told = {} if known else {"currency": "EUR"}
        return LimeCrmPlugin.store_invoice(self, invoice.model_copy(update=told), context)


@honest_with(LIME_CRM)
class NeverEmptiesWhatItHasStored(LimeCrmPlugin):
    @hookimpl
    def store_article(self, article, context):
        shown = {n: getattr(article, n) for n in article.model_fields_set if getattr(article, n) is not None}
        return LimeCrmPlugin.store_article(self, type(article)(**shown), context)


@honest_with(AGENTIC)
class ShowsTheTotalAsWhatIsLeft(LimeGoPlugin):
    @hookimpl
    def show_invoices(self, standing, context):
        return LimeGoPlugin.show_invoices(self, standing.model_copy(update={"balance": standing.total}), context)


@honest_with(AGENTIC)
class LeavesAnOldColour(LimeGoPlugin):
    @hookimpl
    def show_invoices(self, standing, context):
        shown = {n: getattr(standing, n) for n in standing.model_fields_set if getattr(standing, n) is not None}
        return LimeGoPlugin.show_invoices(self, type(standing)(**shown), context)


# ---- what is written back


@honest_with(LIME_CRM)
class SaysWrittenToARecordThatIsGone(LimeCrmPlugin):
    @hookimpl
    def write_back(self, values, context):
        try:
            return LimeCrmPlugin.write_back(self, values, context)
        except NotFoundError:
            return True


@honest_with(AGENTIC)
class KeepsTheFirstLineOfAMessage(LimeGoPlugin):
    @hookimpl
    def write_back(self, values, context):
        told = {"message": values.message.splitlines()[0]} if values.message else {}
        return LimeGoPlugin.write_back(self, values.model_copy(update=told), context)


@honest_with(AGENTIC)
class WritesForOneThreadAtATime(LimeGoPlugin):
    @hookimpl
    def write_back(self, values, context):
        self._values = values
        time.sleep(0.01)
        return LimeGoPlugin.write_back(self, self._values, context)


@honest_with(LIME_CRM)
class LosesTheStateInBetween(LimeCrmPlugin):
    @hookimpl
    def write_back(self, values, context):
        told = {"status": None} if values.status in ("inprocess",) else {}
        return LimeCrmPlugin.write_back(self, values.model_copy(update=told), context)


# ---- what erpcore lends


@honest_with(AGENTIC)
class HasABudgetForItself(LimeGoPlugin):
    def __init__(self, settings, host) -> None:
        super().__init__(settings, replace(host, budget=MemoryBudget(SYSTEM_CLOCK)))


@honest_with(LIME_CRM)
class TellsNobodyWhatItAsks(LimeCrmPlugin):
    def __init__(self, settings, host) -> None:
        super().__init__(settings, replace(host, observer=lambda exchange: None))


@honest_with(AGENTIC)
class BuysATokenAnew(LimeGoPlugin):
    def __init__(self, settings, host) -> None:
        super().__init__(settings, replace(host, tokens=MemoryTokenStore()))


class _Unstoppable:
    """A host whose last look never refuses."""

    def __init__(self, host: Any) -> None:
        self._host = host

    def __getattr__(self, name: str) -> Any:
        return getattr(self._host, name)

    def before_write(self, **_: Any) -> None:
        return None


@honest_with(LIME_CRM)
class WritesThoughItMustNot(LimeCrmPlugin):
    def __init__(self, settings, host) -> None:
        super().__init__(settings, host)
        self._lime._client.host = _Unstoppable(host)


@honest_with(LIME_CRM)
class AsksForADealForEver(LimeCrmPlugin):
    @hookimpl
    def fetch_deal(self, deal_id, event, context):
        for _ in range(20):
            try:
                return LimeCrmPlugin.fetch_deal(self, deal_id, event, context)
            except UnavailableError as error:
                last = error
        raise last


# ---- lists, and what is read


@honest_with(AGENTIC)
class SkipsCompaniesInAFormThatItDoesNotKnow(LimeGoPlugin):
    @hookimpl
    def fetch_companies(self, cursor, context):
        client = self._adapter._client
        real = client.read

        def read(*arguments, **named):
            reply = real(*arguments, **named)
            told = json.loads(reply.body)
            if isinstance(told.get("data"), list):
                told["data"] = [each for each in told["data"] if isinstance(each.get("id"), str)]
            return replace(reply, body=json.dumps(told).encode())

        client.read = read
        try:
            return LimeGoPlugin.fetch_companies(self, cursor, context)
        finally:
            client.read = real


@honest_with(LIME_CRM)
class SkipsArticlesInAFormThatItDoesNotKnow(LimeCrmPlugin):
    def __init__(self, settings, host) -> None:
        super().__init__(settings, host)
        real = self._lime._record

        def lenient(limetype, shown, reply):
            try:
                return real(limetype, shown, reply)
            except RemoteError:
                return None

        page = self._lime.page

        def readable(path, limetype, **named):
            if path != f"limeobject/{self.settings.article.limetype}":
                return page(path, limetype, **named)
            self._lime._record = lenient
            try:
                found = page(path, limetype, **named)
            finally:
                self._lime._record = real
            return type(found)([each for each in found.items if each is not None], found.next_cursor)

        self._lime.page = readable


@honest_with(LIME_CRM)
class RemembersItsPlaceAmongCompanies(LimeCrmPlugin):
    @hookimpl
    def fetch_companies(self, cursor, context):
        page = LimeCrmPlugin.fetch_companies(self, self.__dict__.get("place") if cursor else None, context)
        self.place = page.next_cursor
        return page.model_copy(update={"next_cursor": page.next_cursor and f"more {page.next_cursor[-6:]}"})


@honest_with(LIME_CRM)
class RemembersItsPlaceInTheFeed(LimeCrmPlugin):
    @hookimpl
    def fetch_events(self, cursor, context):
        page = LimeCrmPlugin.fetch_events(self, self.__dict__.get("place") or cursor, context)
        self.place = page.next_cursor if page.more else None
        return page.model_copy(update={"next_cursor": cursor if page.more else page.next_cursor})


@honest_with(AGENTIC)
class ReadsAllCompaniesForOne(LimeGoPlugin):
    @hookimpl
    def fetch_customer(self, company_id, context):
        cursor, known = None, set()
        while True:
            page = LimeGoPlugin.fetch_companies(self, cursor, context)
            known |= {each.id for each in page.items}
            cursor = page.next_cursor
            if cursor is None:
                break
        if company_id not in known:
            raise NotFoundError(f"There is no company {company_id}.")
        return LimeGoPlugin.fetch_customer(self, company_id, context)


@honest_with(LIME_CRM)
class RemembersACompany(LimeCrmPlugin):
    @hookimpl
    def fetch_customer(self, company_id, context):
        seen = self.__dict__.setdefault("seen", {})
        if company_id not in seen:
            seen[company_id] = LimeCrmPlugin.fetch_customer(self, company_id, context)
        return seen[company_id]


@honest_with(LIME_CRM)
class RemembersAnOrder(LimeCrmPlugin):
    @hookimpl
    def fetch_order(self, order_id, context):
        seen = self.__dict__.setdefault("seen", {})
        if order_id not in seen:
            seen[order_id] = LimeCrmPlugin.fetch_order(self, order_id, context)
        return seen[order_id]


@honest_with(LIME_CRM)
class ShowsPersonsWithMailOnly(LimeCrmPlugin):
    @hookimpl
    def fetch_persons(self, company_id, context):
        return [each for each in LimeCrmPlugin.fetch_persons(self, company_id, context) if each.email]


@honest_with(AGENTIC)
class TakesPersonsThatItMayNotSeeForNobody(LimeGoPlugin):
    @hookimpl
    def fetch_persons(self, company_id, context):
        try:
            return LimeGoPlugin.fetch_persons(self, company_id, context)
        except PermissionDeniedError:
            return []


@honest_with(LIME_CRM)
class TakesAFailedFeedForAQuietOne(LimeCrmPlugin):
    @hookimpl
    def fetch_events(self, cursor, context):
        try:
            return LimeCrmPlugin.fetch_events(self, cursor, context)
        except UnavailableError:
            return EventPage(events=(), next_cursor=cursor, more=False)


@honest_with(LIME_CRM)
class ReadsTheFirstFiveRows(LimeCrmPlugin):
    @hookimpl
    def fetch_order(self, order_id, context):
        order = LimeCrmPlugin.fetch_order(self, order_id, context)
        return order.model_copy(update={"rows": order.rows[:5]})


@honest_with(LIME_CRM)
class FindsAllWellWithoutTheRight(LimeCrmPlugin):
    @hookimpl
    def check_connection(self, context):
        try:
            self._lime.ping()
        except RemoteError as error:
            state = "warning" if isinstance(error, PermissionDeniedError) else "error"
            return ConnectionReport(checks=(Check(name="key", state=state, detail=str(error)),))
        return ConnectionReport(checks=(Check(name="key", state="ok", detail="It is accepted."),))


@honest_with(LIME_CRM)
class BreaksOffInsteadOfAReport(LimeCrmPlugin):
    @hookimpl
    def check_connection(self, context):
        self._lime.ping()
        return LimeCrmPlugin.check_connection(self, context)
