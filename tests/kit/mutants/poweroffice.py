"""Wrong PowerOffice plugins: lists that end too early, in a system that is mostly read through."""

from __future__ import annotations

from datetime import UTC

from erpcore_poweroffice.plugin import PowerOfficePlugin

from erpcore.hookspecs import hookimpl
from erpcore.models import ArticleQuery
from tests.kit.mutants.base import load_contract, wrong_contract

POWEROFFICE = load_contract("plugins/poweroffice/tests/test_poweroffice_contract.py", "TestPowerOfficeContract")


class _OnePage(PowerOfficePlugin):
    """Reads the first page of some lists only."""

    def __init__(self, settings, host) -> None:
        super().__init__(settings, host)
        real = self._client.all
        first = self._client.page
        self._client.all = lambda path, **named: (
            iter(first(path, params=named).items) if self.is_cut(path) else real(path, **named)
        )

    def is_cut(self, path: str) -> bool:
        raise TypeError("a mutant says which")


@wrong_contract("P05", base=POWEROFFICE)
class SearchesStopAfterPageOne(_OnePage):
    def is_cut(self, path):
        return True


@wrong_contract("P06", base=POWEROFFICE)
class InvoiceRowsStopAfterPageOne(_OnePage):
    def is_cut(self, path):
        return path.endswith("/Lines")


@wrong_contract("P07", base=POWEROFFICE)
class OrdersToInvoiceAreSoughtOnPageOne(_OnePage):
    def is_cut(self, path):
        return path == "SalesOrders"


@wrong_contract("P01", base=POWEROFFICE)
class ReadsOnePageOfInvoices(PowerOfficePlugin):
    @hookimpl
    def fetch_invoices(self, changed_since, cursor, context):
        page = PowerOfficePlugin.fetch_invoices(self, changed_since, cursor, context)
        return page.model_copy(update={"next_cursor": None})


@wrong_contract("P03", base=POWEROFFICE)
class TakesTheZoneOffOfInvoices(PowerOfficePlugin):
    @hookimpl
    def fetch_invoices(self, changed_since, cursor, context):
        local = changed_since and changed_since.replace(tzinfo=UTC)
        return PowerOfficePlugin.fetch_invoices(self, local, cursor, context)


@wrong_contract("O04", base=POWEROFFICE)
class ReadsInvoicesWithoutRows(PowerOfficePlugin):
    def __init__(self, settings, host) -> None:
        super().__init__(settings.model_copy(update={"invoice_rows": False}), host)


@wrong_contract("P13", base=POWEROFFICE)
class FollowsAListWithoutAnEnd(PowerOfficePlugin):
    def __init__(self, settings, host) -> None:
        super().__init__(settings, host)
        self._client.all = self._all

    def _all(self, path, **named):
        place = None
        while True:
            page = self._client.page(path, place, params=named)
            yield from page.items
            place = page.next_cursor
            if place is None:
                return


@wrong_contract("O34", base=POWEROFFICE)
class FindsTheFirstOfSeveralArticles(PowerOfficePlugin):
    @hookimpl
    def find_many_articles(self, wanted, context):
        return PowerOfficePlugin.find_many_articles(self, wanted, context)[:1]


@wrong_contract("O34", base=POWEROFFICE)
class LooksForSeveralArticlesOneByOne(PowerOfficePlugin):
    @hookimpl
    def find_many_articles(self, wanted, context):
        queries = [ArticleQuery(number=ref.number, key=ref.key) for ref in wanted]
        return [found for query in queries for found in PowerOfficePlugin.find_articles(self, query, context)]
