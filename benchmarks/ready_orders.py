"""Ready orders in Lime CRM become orders in two companies of PowerOffice Go that share one subscription key.

PowerOffice counts requests by subscription key over all companies, so two connections and two worker processes must
share one window. Measures that it is used up, never overrun, and that every order gets exactly one order in the right
company. Simulators and workers are processes of their own. Ends by itself; exit code 1 when a promise is broken.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from measure import Window
from running import Benchmark, Held, Tables, main
from scene import Control
from stdnum.no import orgnr

ARTICLES = 20
APPLICATION_KEY = "11111111-1111-4111-8111-111111111111"
CLIENT_KEYS = {"1": "22222222-2222-4222-8222-222222222222", "2": "33333333-3333-4333-8333-333333333333"}
"""Of the two companies, by the key that chooses one of them in Lime CRM."""
SUBSCRIPTION_KEY = "0123456789abcdef0123456789abcdef"
LIME_KEY = "lime-crm-demo-key"


def lime_crm_seed(orders: int) -> dict[str, Any]:
    """Give companies and orders, each order of a company of its own that is no customer yet.

    Args:
        orders: How many orders.
    """
    return {
        "replace": True,
        # Lime CRM's own limit, 3,000 requests in 5 minutes, is lower than what is measured here.
        "switches": {"requests": 1_000_000},
        "companies": [
            {
                "name": f"Selskap {number} AS",
                "registrationno": organisation_number(number),
                "emailinvoice": f"faktura@selskap{number}.example",
                "country": "Norge",
                "postaladdress1": f"Gata {number}",
                "postalzipcode": "0150",
                "postalcity": "Oslo",
            }
            for number in range(orders)
        ],
        "articles": [
            {"articleno": f"ART-{number}", "description": f"Vare {number}", "price": "125.50", "unit": "stk"}
            for number in range(ARTICLES)
        ],
        "orders": [
            {
                "company": f"Selskap {number} AS",
                "order_date": "2026-11-20",
                "currency": "NOK",
                "erp_db": str(1 + number % len(CLIENT_KEYS)),
                "rows": [
                    {
                        "article": f"ART-{(number + row) % ARTICLES}",
                        "description": f"Ordre {number}" if row == 0 else f"Rad {row}",
                        "quantity": "3",
                        "discount": "12.55",
                        "vat": "0.25",
                    }
                    for row in range(3)
                ],
            }
            for number in range(orders)
        ],
    }


def poweroffice_seed(_orders: int) -> dict[str, Any]:
    """Give both companies the products that all orders share."""
    products = [{"Code": f"ART-{number}", "Name": f"Vare {number}", "UnitPrice": 125.5} for number in range(ARTICLES)]
    return {"companies": {client_key: {"products": products} for client_key in CLIENT_KEYS.values()}}


def organisation_number(number: int) -> str:
    """Make a Norwegian organisation number up, with a right check digit.

    Args:
        number: Different ones give different numbers.
    """
    # Not every eight digits have a check digit, so each number has twenty to choose from.
    found = next(
        digits
        for eight in range(91_000_000 + 20 * number, 91_000_000 + 20 * (number + 1))
        for digits in (f"{eight}{last}" for last in range(10))
        if orgnr.is_valid(digits)
    )
    return str(found)


def tables(lime_url: str, poweroffice_url: str, poweroffice: Mapping[str, Any]) -> Tables:
    """Give the connections and the syncs.

    Args:
        lime_url: Lime CRM's address.
        poweroffice_url: PowerOffice's address.
        poweroffice: Settings of the PowerOffice connections beside what they need.
    """
    made: Tables = {
        "connections.lime_crm": {
            "plugin": "lime_crm",
            "url": f"{lime_url}/demo",
            "api_key": LIME_KEY,
            "api_user_id": 2,
            "requests_per_window": 1_000_000,
        }
    }
    for erp_db, client_key in CLIENT_KEYS.items():
        made[f"connections.poweroffice_{erp_db}"] = {
            "plugin": "poweroffice",
            "base_url": poweroffice_url,
            "application_key": APPLICATION_KEY,
            "client_key": client_key,
            "subscription_key": SUBSCRIPTION_KEY,
            **poweroffice,
        }
        made[f"syncs.orders_{erp_db}"] = {
            "crm": "lime_crm",
            "erp": f"poweroffice_{erp_db}",
            "erp_db": erp_db,
            # Both companies number their customers from the same one on, and a company in the CRM has one number.
            "customer_number_in_crm": "this_erp" if erp_db == "1" else "another_erp",
        }
    return made


def set_ready(lime: Control) -> int:
    """Set every order ready."""
    orders = lime.ask("GET", "state")["objects"]["order"]
    for order in orders:
        lime.ask("POST", "set_ready", {"order": order["id"]})
    return len(orders)


def held(lime: dict[str, Any], books: dict[str, Any]) -> Held:
    """Read what Lime CRM and both companies hold; each order's first row has the name of its order as its text.

    A number is told with its company, since both companies number their orders from the same one on.
    """
    rows = sorted(lime["objects"]["orderrow"], key=lambda row: row["id"])
    names: dict[int, str] = {}
    for row in rows:
        names.setdefault(row["values"]["order"], row["values"]["description"])
    companies = dict(zip(CLIENT_KEYS, (books, *books["companies"].values()), strict=True))
    told = {}
    for order in lime["objects"]["order"]:
        number = order["values"].get("order_number")
        told[names[order["id"]]] = f"{order['values']['erp_db']}/{number}" if number else None
    return Held(
        told=told,
        made=[
            (order["SalesOrderLines"][0]["Description"], f"{erp_db}/{order['SalesOrderNo']}")
            for erp_db, company in companies.items()
            for order in company["orders"]
        ],
        customers=[customer["Name"] for company in companies.values() for customer in company["customers"]],
    )


BENCHMARK = Benchmark(
    records="orders",
    crm="lime_crm",
    erp="poweroffice",
    window=Window(10, 1.0, counts="/"),  # PowerOffice Go developer portal, Requests
    workers={"sqlite": (1,), "postgres": (1, 2, 4)},
    least_part=0.95,  # the margin of 0.05 s that each window has is 5 % of a window of one second
    crm_seed=lime_crm_seed,
    erp_seed=poweroffice_seed,
    tables=tables,
    start=set_ready,
    held=held,
    syncs=tuple(f"orders_{erp_db}" for erp_db in CLIENT_KEYS),
    poll_seconds=60.0,  # each look reads all that is still ready; Lime's own connector looks every 10 minutes
)

if __name__ == "__main__":
    sys.exit(main(BENCHMARK, __doc__, usual=1000))
