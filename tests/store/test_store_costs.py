"""What a won deal asks of the store, and an order of the CRM, counted; the engine adds nine statements or so."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest
import sqlalchemy as sa
from greenlet import getcurrent

from erpcore.testing.simulation import Bench
from erpcore.testing.simulation.clockwork import Worker
from tests.simulation.erps import COMPANY, Fortnox, PowerOffice
from tests.simulation.pairs import LimeCrm, LimeGo

pytestmark = pytest.mark.timeout(300)
COMPANIES = (COMPANY, "556016-0680", "556036-0793")


class EachItsOwn(LimeGo):
    """Each deal is of another company and sells another article."""

    def people_begin(self, records: int) -> None:
        """Win deals of different companies."""
        self.deals = {}
        for record, number in zip(map(str, range(1, records + 1)), COMPANIES, strict=False):
            company = self.lime.add_company(f"Bolag {record} AB", business_id=number, city="Stockholm", country="SE")
            rows = [{**row, "article_number": f"A-{record}"} for row in self._rows(record, "2")]
            self.deals[record] = self.lime.add_deal(f"Affär {record}", company=company.id, rows=rows).id
            self.lime.win_deal(self.deals[record])


def more(pair: LimeGo) -> Counter[str]:
    """Count what the last of three deals adds to two: the first pays for the sign-in and all else that is once only."""
    counts = Counter[str]()
    found = list[Counter[str]]()

    def statement(*_: Any) -> None:
        counts["statements"] += 1

    def commit(*_: Any) -> None:
        counts["commits"] += 1

    benches = [Bench(pair, records=records, workers=1) for records in (2, 3)]
    sa.event.listen(pair.store.engine, "before_cursor_execute", statement)
    sa.event.listen(pair.store.engine, "commit", commit)
    for bench in benches:
        counts.clear()
        result = bench.run({})
        assert result.books is not None
        assert all(result.books.told.values()), "every deal has its order"
        found.append(counts.copy())
    found[1].subtract(found[0])
    return found[1]


@pytest.mark.parametrize(
    ("kind", "statements", "commits"),
    [(LimeGo, 49, 6), (EachItsOwn, 89, 10)],
    ids=["known customer and article", "new customer and article, and its company's own run"],
)
def test_a_won_deal_that_becomes_an_order(kind: type[LimeGo], statements: int, commits: int) -> None:
    counted = more(kind(Fortnox(), convert_to_invoice=False, send_customers=True))
    assert counted["statements"] <= statements
    assert counted["commits"] <= commits


class WithoutInvoices(LimeCrm):
    """Nobody asks for invoices."""

    def people_begin(self, records: int) -> None:
        """Set orders ready that are to stay orders."""
        super().people_begin(records)
        for order in self.orders.values():
            self.lime.account.change(self.lime.object("order", order), {"create_invoice_from_order": False}, 3)


def test_an_order_of_lime_crm_costs_four_requests_and_two_more_where_its_customer_is_new() -> None:
    pair = WithoutInvoices(PowerOffice())
    result = Bench(pair, records=2, workers=1).run({})
    assert result.books is not None
    assert all(result.books.told.values()), "every order has its number"
    told = Counter[str]()
    for entry in pair.lime.journal.entries():
        if named := re.search(r"/limeobject/(order|company)/(\d+)/", entry.path):
            told[" ".join(named.groups())] += 1
    orders = {f"order {order}": 4 for order in pair.orders.values()}
    companies = {name: count for name, count in told.items() if name not in orders}
    assert told == {**orders, **companies}
    assert list(companies.values()) == [2], "the company is read and told its number, for the first order alone"


GROWING = ("runs", "inbox", "inbox_runs", "intents", "intent_events", "links", "story", "records")
"""Tables that hold what is finished, for months."""
TOO_WIDE = re.compile(
    rf"SCAN erpcore_(?:{'|'.join(GROWING)})\b|SEARCH erpcore_\w+ USING [A-Z ]*INDEX \S+ \((?:sync|source)=\?\)"
)


def test_no_statement_of_a_deal_goes_through_what_is_finished() -> None:
    pair = LimeGo(Fortnox())
    bench, asked = Bench(pair, records=2, workers=2), dict[str, Any]()

    def statement(_connection: Any, _cursor: Any, text: str, parameters: Any, *_: Any) -> None:
        if isinstance(getcurrent(), Worker):  # nor what the books are judged by
            asked.setdefault(text, parameters)

    sa.event.listen(pair.store.engine, "before_cursor_execute", statement)
    sent = next(point.name for point in bench.undisturbed.trace if point.write)
    bench.run({sent: "late"})
    sa.event.remove(pair.store.engine, "before_cursor_execute", statement)
    assert len(asked) > 40
    wide = dict[str, list[str]]()
    for text, parameters in asked.items():
        if not text.startswith(("SELECT", "UPDATE", "DELETE", "INSERT")):
            continue
        given = parameters[0] if isinstance(parameters, list) else parameters
        plan = [row[3] for row in pair.database.execute(f"EXPLAIN QUERY PLAN {text}", given)]
        if found := [line for line in plan if TOO_WIDE.search(line)]:
            wide[text] = found
    assert wide == {}
