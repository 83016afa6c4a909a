"""Lists of the simulated Fortnox: pages, filters, sorting, `lastmodified`, lag."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from erpcore_fortnox.simulator import Behaviour

from erpcore.simulator import Fault
from plugins.fortnox.tests.fortnox_simulator_stranger import Company, connected, row

STOCKHOLM = ZoneInfo("Europe/Stockholm")


@pytest.fixture
def company() -> Iterator[Company]:
    with connected() as company:
        yield company


class TestLists:
    @pytest.fixture
    def many(self, company: Company) -> Company:
        company.simulator.seed({"customers": [{"Name": f"Kund {number:03}"} for number in range(1, 604)]})
        return company

    def test_pages(self, many: Company) -> None:
        reply = many.ok("GET", "/customers")
        assert list(reply) == ["MetaInformation", "Customers"]
        assert reply["MetaInformation"] == {"@TotalResources": 603, "@TotalPages": 7, "@CurrentPage": 1}
        assert len(reply["Customers"]) == 100
        reply = many.ok("GET", "/customers/", limit=500, page=2)
        assert reply["MetaInformation"] == {"@TotalResources": 603, "@TotalPages": 2, "@CurrentPage": 2}
        assert len(reply["Customers"]) == 103
        assert len(many.ok("GET", "/customers", limit=9999)["Customers"]) == 500
        assert many.numbers("/customers", "CustomerNumber", offset=601) == ["602", "603"]
        assert many.numbers("/customers", "CustomerNumber", limit=2) == ["1", "2"]

    def test_beyond_the_last_page_is_a_switch(self, many: Company) -> None:
        assert many.numbers("/customers", "CustomerNumber", page=8) == []
        many.simulator.seed({"behaviour": {"page_beyond_last": "refused"}})
        assert many.refused("GET", "/customers", page=8) == 2000588

    def test_meta_as_strings_is_a_switch(self, company: Company) -> None:
        company.simulator.seed({"behaviour": {"meta_as_strings": True}})
        meta = company.ok("GET", "/orders")["MetaInformation"]
        assert meta == {"@TotalResources": "0", "@TotalPages": "0", "@CurrentPage": "1"}

    def test_empty(self, company: Company) -> None:
        assert company.ok("GET", "/orders") == {
            "MetaInformation": {"@TotalResources": 0, "@TotalPages": 0, "@CurrentPage": 1},
            "Orders": [],
        }

    @pytest.mark.parametrize(
        ("params", "code"),
        [
            ({"filter": "sold"}, 2000587),
            ({"colour": "red"}, 2000588),
            ({"yourordernumber": "x"}, 2000588),
            ({"LastModified": "2026-01-01"}, 2000588),
            ({"lastmodified": "yesterday"}, 2000588),
            ({"lastmodified": "2026-01-01T10:00:00Z"}, 2000588),
            ({"page": "0"}, 2000588),
            ({"limit": "x"}, 2000588),
            ({"sortorder": "up"}, 2000588),
            ({"sortby": "colour"}, 2000865),
            ({"sent": "maybe"}, 2000588),
            ({"fromdate": "1 mars"}, 2000588),
            ({"financialyear": "99"}, 2000588),
        ],
        ids=str,
    )
    def test_wrong_parameter(self, company: Company, params: dict[str, str], code: int) -> None:
        company.customer()
        company.order()
        assert company.refused("GET", "/orders", **params) == code

    def test_filters_combine(self, company: Company) -> None:
        company.customer()
        company.order(OurReference="Åsa", YourReference="Bo")
        company.order(OurReference="Åsa", YourReference="Eva")
        assert company.numbers("/orders", ourreference="åsa", yourreference="bo") == ["1"]

    def test_own_reference_is_searchable_and_finds_too_much(self, company: Company) -> None:
        company.customer()
        for reference in ("deal-1", "deal-10", "other"):
            company.order(ExternalInvoiceReference1=reference)
        assert company.numbers("/orders", externalinvoicereference1="deal-1") == ["1", "2"]

    def test_sorting(self, company: Company) -> None:
        company.customer()
        for price in (30, 10, 20):
            company.order(row(1, price))
        assert company.numbers("/orders", sortby="total", sortorder="descending") == ["1", "3", "2"]
        assert company.numbers("/orders", sortby="documentnumber", sortorder="desc") == ["3", "2", "1"]

    def test_financial_year(self, company: Company) -> None:
        company.customer()
        company.order(OrderDate="2025-12-31")
        company.order(OrderDate="2026-01-01")
        assert company.numbers("/orders", financialyeardate="2025-06-01") == ["1"]

    def test_expired(self, company: Company) -> None:
        company.customer()
        company.order(DeliveryDate="2026-03-01")
        company.order(DeliveryDate="2026-03-03")
        assert company.numbers("/orders", filter="expired") == ["1"]

    def test_lastmodified_is_stockholm_time_in_three_forms(self, company: Company) -> None:
        company.customer(Name="Före")
        company.simulator.clock.advance(1500)
        moment = company.simulator.clock.now().astimezone(STOCKHOLM)
        company.customer(Name="Efter")
        for form, shift, expected in (
            ("%Y-%m-%d %H:%M:%S", timedelta(0), ["2"]),
            ("%Y-%m-%d %H:%M", timedelta(0), ["2"]),
            ("%Y-%m-%d %H:%M:%S", timedelta(minutes=5), []),
            ("%Y-%m-%d %H:%M:%S", timedelta(minutes=-30), ["1", "2"]),
            ("%Y-%m-%d", timedelta(0), ["1", "2"]),
        ):
            since = (moment + shift).strftime(form)
            assert company.numbers("/customers", "CustomerNumber", lastmodified=since) == expected, since
        company.simulator.clock.advance(1500)
        since = company.simulator.clock.now().astimezone(STOCKHOLM).strftime("%Y-%m-%d %H:%M:%S")
        company.ok("PUT", "/customers/1", {"Customer": {"City": "Lund"}})
        assert company.numbers("/customers", "CustomerNumber", lastmodified=since) == ["1"]

    def test_index_lag(self, company: Company) -> None:
        company.customer()
        company.simulator.faults.add(Fault("index_lag", path="/3/orders", seconds=30))
        company.order(ExternalInvoiceReference1="deal-1")
        company.order(ExternalInvoiceReference1="deal-2")
        assert company.numbers("/orders", externalinvoicereference1="deal") == ["2"]
        assert company.ok("GET", "/orders/1")["Order"]["DocumentNumber"] == "1"
        company.simulator.clock.advance(30)
        assert company.numbers("/orders", externalinvoicereference1="deal") == ["1", "2"]

    def test_index_lag_is_a_switch_too(self, company: Company) -> None:
        company.simulator.seed({"behaviour": {"index_lag_seconds": 5}})
        company.customer()
        assert company.numbers("/customers", "CustomerNumber") == []


def test_behaviour_refuses_unknown_switches_and_positions() -> None:
    for wrong in ({"colour": 1}, {"createinvoice_reply": "both"}, {"retry_after": "yes"}, {"scope_status": 404}):
        with pytest.raises(ValueError, match=r"switch"):
            Behaviour().changed(wrong)
    assert Behaviour().changed({"round_off_currencies": ["NOK"]}).round_off_currencies == ("NOK",)
