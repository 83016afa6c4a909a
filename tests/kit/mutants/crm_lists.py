"""Wrong CRM plugins: how they list companies and who works there, and how they look at orders."""

from __future__ import annotations

from erpcore_lime_crm.plugin import LimeCrmPlugin
from erpcore_lime_go.plugin import LimeGoPlugin

from erpcore.errors import NotFoundError
from erpcore.hookspecs import hookimpl
from erpcore.models import Company, OrderHead, Person
from tests.kit.mutants.base import wrong_contract
from tests.kit.mutants.crm import AGENTIC, CLASSIC, LIME_CRM


@wrong_contract("S21", base=LIME_CRM)
class ShowsTheFirstPageOfCompaniesAlone(LimeCrmPlugin):
    @hookimpl
    def fetch_companies(self, cursor, context):
        return LimeCrmPlugin.fetch_companies(self, cursor, context).model_copy(update={"next_cursor": None})


@wrong_contract("S21", base=AGENTIC)
class ListsCompaniesWithoutTheirNumbers(LimeGoPlugin):
    @hookimpl
    def fetch_companies(self, cursor, context):
        page = LimeGoPlugin.fetch_companies(self, cursor, context)
        return page.model_copy(update={"items": tuple(Company(id=each.id) for each in page.items)})


@wrong_contract("S22", base=CLASSIC)
class ShowsNobodyOfAnUnknownCompany(LimeGoPlugin):
    @hookimpl
    def fetch_persons(self, company_id, context):
        try:
            return LimeGoPlugin.fetch_persons(self, company_id, context)
        except NotFoundError:
            return []


@wrong_contract("S22", base=LIME_CRM)
class ShowsSomebodyWhereNobodyWorks(LimeCrmPlugin):
    @hookimpl
    def fetch_persons(self, company_id, context):
        return LimeCrmPlugin.fetch_persons(self, company_id, context) or [Person(id="1023", name="Kim Kontrakt")]


@wrong_contract("S25", base=LIME_CRM)
class LooksAtAnOrdersStatusAlone(LimeCrmPlugin):
    @hookimpl
    def fetch_order_head(self, order_id, context):
        head = LimeCrmPlugin.fetch_order_head(self, order_id, context)
        return OrderHead(id=head.id, status=head.status, facts=head.facts)


@wrong_contract("S26", base=LIME_CRM)
class SendsAnOrderAsItWasSeenBefore(LimeCrmPlugin):
    @hookimpl
    def take_order(self, order, context):
        LimeCrmPlugin.take_order(self, order, context)
        return order.model_copy(update={"status": "inprocess"})


@wrong_contract("S26", base=LIME_CRM)
class SaysThatAnOrderIsInProcess(LimeCrmPlugin):
    @hookimpl
    def take_order(self, order, context):
        return order.model_copy(update={"status": "inprocess"})
