"""Won deals in Lime Go become orders in Fortnox, as fast as Fortnox's rate window allows.

Measures that the window is used up, never overrun, and that every deal gets exactly one order: with one worker on
SQLite and with two on PostgreSQL. Simulators and workers are processes of their own. Ends by itself; exit code 1 when
a promise is broken.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from measure import Window
from running import Benchmark, Held, Tables, main
from scene import Control
from stdnum import luhn

ARTICLES = 20
DEALS_PER_COMPANY = 2
SYNC = "won_deals"
LIME_KEY = "11111111-1111-4111-8111-111111111111"


def lime_go_seed(deals: int) -> dict[str, Any]:
    """Give companies and deals, with two deals per company, far apart, so that the second one finds its customer.

    Args:
        deals: How many deals.
    """
    companies = max(1, deals // DEALS_PER_COMPANY)
    return {
        "replace": True,
        "coworkers": [{"name": "Anna Exempel", "email": "anna@nordverk.example"}],
        "pipelines": [
            {"name": "Sales", "stages": [{"name": "Offer"}, {"name": "Order", "category": "won", "probability": 100}]}
        ],
        "custom_fields": [{"title": title, "entity_type": "deals"} for title in ("ERP ID", "ERP rows")],
        "companies": [
            {
                "name": f"Bolag {number} AB",
                "business_id": organisation_number(number),
                "email": f"info@bolag{number}.example",
                "street": f"Gatan {number}",
                "postal_code": "111 22",
                "city": "Stockholm",
                "country": "SE",
            }
            for number in range(companies)
        ],
        "deals": [
            {
                "name": f"Affär {number}",
                "company": f"Bolag {number % companies} AB",
                "responsible": "anna@nordverk.example",
                "rows": [
                    {
                        "article_number": f"ART-{(number + row) % ARTICLES}",
                        "text": f"Affär {number}" if row == 0 else f"Rad {row}",
                        "quantity": "3",
                        "price": "125.50",
                    }
                    for row in range(3)
                ],
            }
            for number in range(deals)
        ],
    }


def fortnox_seed(_deals: int) -> dict[str, Any]:
    """Give the articles that all deals share."""
    return {
        "articles": [
            {"ArticleNumber": f"ART-{number}", "Description": f"Artikel {number}", "Unit": "st"}
            for number in range(ARTICLES)
        ]
    }


def organisation_number(number: int) -> str:
    """Make a Swedish organisation number up, with a right check digit.

    Args:
        number: From 0 to 99999; different ones give different numbers.
    """
    digits = f"5598{number:05d}"
    whole = digits + luhn.calc_check_digit(digits)
    return f"{whole[:6]}-{whole[6:]}"


def tables(lime_url: str, fortnox_url: str, fortnox: Mapping[str, Any]) -> Tables:
    """Give the connections and the sync.

    Args:
        lime_url: Lime Go's address.
        fortnox_url: Fortnox's address.
        fortnox: Settings of the Fortnox connection beside what it needs.
    """
    return {
        "connections.lime_go": {
            "plugin": "lime_go",
            "base_url": lime_url,
            "api_key": LIME_KEY,
            "erp_id_field": "ERP ID",
            "rows_field": "ERP rows",
            "set_custom_field_mutation": "setDealCustomField",
            # Lime publishes no limit for the classic API. Fortnox's is the one that is measured here.
            "requests_per_minute": 6000,
        },
        "connections.fortnox": {
            "plugin": "fortnox",
            "base_url": fortnox_url,
            "auth_url": f"{fortnox_url}/oauth-v1",
            "client_id": "demo-client",
            "client_secret": "demo-secret",
            "tenant_id": "1234567",
            **fortnox,
        },
        f"syncs.{SYNC}": {"crm": "lime_go", "erp": "fortnox", "won_deal": "order", "feed_history": "send"},
    }


def win(lime: Control) -> int:
    """Win every deal."""
    deals = lime.ask("GET", "state")["records"]["deals"]
    for deal in deals:
        lime.ask("POST", "win_deal", {"deal_id": deal["number"]})
    return len(deals)


def held(lime: dict[str, Any], books: dict[str, Any]) -> Held:
    """Read what Lime Go and Fortnox hold; each order's first row has the name of its deal as its text."""
    records = lime["records"]
    (erp_id,) = [field["key"] for field in records["custom-field-definitions"] if field["label"] == "ERP ID"]
    return Held(
        told={deal["name"]: deal["custom_fields"].get(erp_id) for deal in records["deals"]},
        made=[(order["OrderRows"][0]["Description"], str(order["DocumentNumber"])) for order in books["orders"]],
        customers=[customer["Name"] for customer in books["customers"]],
    )


BENCHMARK = Benchmark(
    records="deals",
    crm="lime_go",
    erp="fortnox",
    window=Window(25, 5.0, counts="/3/"),  # Fortnox developer guide, Rate limits
    workers={"sqlite": (1,), "postgres": (1, 2, 4)},
    least_part=0.98,
    crm_seed=lime_go_seed,
    erp_seed=fortnox_seed,
    tables=tables,
    start=win,
    held=held,
    syncs=(SYNC,),
)

if __name__ == "__main__":
    sys.exit(main(BENCHMARK, __doc__, usual=500))
