"""What a won deal asks of the store, counted: statements and commits beside the engine's own, which adds about nine."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
import sqlalchemy as sa

from erpcore.testing.simulation import Bench
from tests.simulation.erps import COMPANY, Fortnox
from tests.simulation.pairs import LimeGo

pytestmark = pytest.mark.timeout(300)
COMPANIES = (COMPANY, "556016-0680", "556036-0793")


class EachItsOwn(LimeGo):
    """Each deal is of another company and sells another article."""

    def people_begin(self, records: int) -> None:
        """Win deals of different companies."""
        self.deals = {}
        for record, number in zip(map(str, range(1, records + 1)), COMPANIES, strict=False):
            company = self.lime.add_company(f"Bolag {record} AB", business_id=number, city="Stockholm", country="SE")
            row = {**self._row(record, "2"), "article_number": f"A-{record}"}
            self.deals[record] = self.lime.add_deal(f"Affär {record}", company=company.id, rows=[row]).id
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
    [(LimeGo, 54, 6), (EachItsOwn, 83, 10)],
    ids=["known customer and article", "new customer and article"],
)
def test_a_won_deal_that_becomes_an_order(kind: type[LimeGo], statements: int, commits: int) -> None:
    counted = more(kind(Fortnox(), convert_to_invoice=False))
    assert counted["statements"] <= statements
    assert counted["commits"] <= commits
