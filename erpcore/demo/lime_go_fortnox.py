"""Four won deals in Lime Go become orders in Fortnox; one fails first. People, companies and numbers are invented."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from erpcore.demo.home import Settled
from erpcore.demo.scenario import DemoRecord, Scenario
from erpcore.sync.shared.story import money

ANNA, ERIK = "anna@nordverk.example", "erik@nordverk.example"
INVOICE_NOW, COLOUR, LEFT = "Fakturera direkt", "Fakturafärg", "Kvar att betala"
SHOWS = {
    "Ställningar etapp 1": "new customer, three known articles",
    "Licenser 2027": "existing customer, then an invoice",
    "Specialbeslag": "an article that Fortnox lacks, then an invoice",
}

LIME_GO: dict[str, Any] = {
    "replace": True,
    "coworkers": [{"name": "Anna Exempel", "email": ANNA}, {"name": "Erik Provsson", "email": ERIK}],
    "pipelines": [
        {
            "name": "Nyförsäljning",
            "stages": [
                {"name": "Offert", "probability": 50},
                {"name": "Order", "category": "won", "probability": 100},
                {"name": "Förlorad", "category": "lost", "probability": 0},
            ],
        }
    ],
    "custom_fields": [
        {"title": title, "entity_type": "deals"}
        for title in ("ERP ID", "ERP rows", INVOICE_NOW, "Leveransvillkor", "Projekt", COLOUR, LEFT)
    ],
    "companies": [
        {
            "name": "Granudden Bygg AB",
            "business_id": "559900-0014",
            "email": "faktura@granudden.example",
            "phone": "08-000 10 00",
            "street": "Boxgatan 1",
            "postal_code": "111 22",
            "city": "Stockholm",
            "country": "SE",
            "owner": ANNA,
            "visiting_address": {
                "street": "Byggvägen 7",
                "postal_code": "112 33",
                "city": "Stockholm",
                "country": "SE",
            },
            "contacts": [{"name": "Karin Gran", "email": "karin@granudden.example"}],
        },
        {
            "name": "Sjöstrand Redovisning AB",
            "business_id": "559900-0121",
            "email": "info@sjostrand.example",
            "phone": "031-000 20 00",
            "street": "Hamngatan 2",
            "postal_code": "411 14",
            "city": "Göteborg",
            "country": "SE",
            "owner": ERIK,
            "contacts": [{"name": "Lars Sjö", "email": "lars@sjostrand.example"}],
        },
        {
            "name": "Åkerlund & Söner HB",
            "business_id": "969900-0122",
            "email": "order@akerlund.example",
            "phone": "046-000 30 00",
            "street": "Åkervägen 3",
            "postal_code": "223 50",
            "city": "Lund",
            "country": "SE",
            "owner": ANNA,
            "contacts": [{"name": "Östen Åkerlund", "email": "osten@akerlund.example"}],
        },
    ],
    "deals": [
        {
            "name": "Ställningar etapp 1",
            "company": "Granudden Bygg AB",
            "contact": "Karin Gran",
            "responsible": ANNA,
            "rows": [
                {"article_number": "STALL-2", "text": "Ställning, 2 m", "quantity": "12", "price": "740.00"},
                {"article_number": "NAT-1", "text": "Skyddsnät", "quantity": "6.5", "price": "89.90", "discount": "10"},
                {"article_number": "MONT", "text": "Montering, timme", "quantity": "8", "price": "650.00"},
            ],
            "custom_fields": {"Projekt": "Etapp 1", "Leveransvillkor": "Fritt levererat"},
        },
        {
            "name": "Licenser 2027",
            "company": "Sjöstrand Redovisning AB",
            "contact": "Lars Sjö",
            "responsible": ERIK,
            "rows": [
                {"article_number": "LIC-1", "text": "Licens, år", "quantity": "5", "price": "1200.00"},
                {"article_number": "MONT", "text": "Uppsättning, timme", "quantity": "2.5", "price": "950.00"},
            ],
            "custom_fields": {INVOICE_NOW: "ja"},
        },
        {
            "name": "Specialbeslag",
            "company": "Åkerlund & Söner HB",
            "contact": "Östen Åkerlund",
            "responsible": ANNA,
            "rows": [{"article_number": "BESLAG-77", "text": "Beslag, special", "quantity": "40", "price": "89.50"}],
            "custom_fields": {INVOICE_NOW: "ja"},
        },
    ],
}

NAMELESS = {"name": "Fasadtvätt", "company": "Höglund Måleri AB", "number": "559900-0204"}
"""A deal that fails until its company's organisation number is filled in."""

WITH_A_FAILURE: dict[str, Any] = {
    **LIME_GO,
    "companies": [
        *LIME_GO["companies"],
        {
            "name": NAMELESS["company"],
            "email": "info@hoglund.example",
            "phone": "019-000 40 00",
            "street": "Färggatan 4",
            "postal_code": "702 10",
            "city": "Örebro",
            "country": "SE",
            "owner": ERIK,
        },
    ],
    "deals": [
        *LIME_GO["deals"],
        {
            "name": NAMELESS["name"],
            "company": NAMELESS["company"],
            "responsible": ERIK,
            "rows": [{"article_number": "MONT", "text": "Fasadtvätt, timme", "quantity": "16", "price": "650.00"}],
        },
    ],
}

FORTNOX: dict[str, Any] = {
    "articles": [
        {"ArticleNumber": "STALL-2", "Description": "Ställning, 2 m", "Unit": "st", "Price": 790},
        {"ArticleNumber": "NAT-1", "Description": "Skyddsnät", "Unit": "st", "Price": 89.9},
        {"ArticleNumber": "MONT", "Description": "Montering, timme", "Unit": "h", "Price": 650},
        {"ArticleNumber": "LIC-1", "Description": "Licens, år", "Unit": "st", "Price": 1200},
    ],
    "customers": [
        {"CustomerNumber": "10", "Name": "Sjöstrand Redov. AB", "OrganisationNumber": "559900-0121", "City": "Mölndal"},
    ],
}


def lime_go_settings(url: str) -> dict[str, Any]:
    """Give the settings of a connection to the simulated Lime Go."""
    return {
        "plugin": "lime_go",
        "base_url": url,
        "api_key": "11111111-1111-4111-8111-111111111111",
        "erp_id_field": "ERP ID",
        "rows_field": "ERP rows",
        "invoice_colour_field": COLOUR,
        "invoice_balance_field": LEFT,
        "set_custom_field_mutation": "setDealCustomField",
    }


def _fortnox(url: str) -> dict[str, Any]:
    return {
        "plugin": "fortnox",
        "base_url": url,
        "auth_url": f"{url}/oauth-v1",
        "client_id": "demo-client",
        "client_secret": "demo-secret",
        "tenant_id": "1234567",
    }


def _records(lime_go: Any) -> list[DemoRecord]:
    deals = lime_go.state()["records"]["deals"]
    fails = {NAMELESS["name"]: "a company without organisation number: fails, is mended, and is won again"}
    shows = {**SHOWS, **fails}
    return [
        DemoRecord(str(deal["number"]), deal["name"], shows[deal["name"]], fails_first=deal["name"] in fails)
        for deal in deals
        if deal["name"] in shows
    ]


def _mend(lime_go: Any, _fortnox: Any, deal: DemoRecord) -> str:
    """Fill in what the company lacks, and win the deal again."""
    lime_go.edit_company(NAMELESS["company"], business_id=NAMELESS["number"])
    lime_go.win_deal(deal.id)
    return f"{NAMELESS['company']} got its organisation number in Lime Go, and {deal.name} was won again."


def _documents(fortnox: Any) -> list[str]:
    state = fortnox.state()
    lines = []
    for order in state["orders"]:
        invoice = order["InvoiceReference"]
        became = f", invoiced as {invoice}" if invoice not in ("0", "", None) else ""
        lines.append(
            f"order {order['DocumentNumber']}, {order['CustomerName']}, "
            f"{money(Decimal(str(order['Total'])), order['Currency'])} incl. VAT{became}"
        )
    return lines


def _settle(fortnox: Any) -> Settled:
    """Book what is not booked, and pay the first."""
    words = []
    for invoice in fortnox.state()["invoices"]:
        if not invoice["Booked"]:
            fortnox.book_invoice(invoice["DocumentNumber"])
            words.append(f"invoice {invoice['DocumentNumber']} is booked.")
    held = fortnox.state()["invoices"]
    if held and Decimal(str(held[0]["Balance"])) > 0:
        fortnox.pay_invoice(held[0]["DocumentNumber"])
        words.append(f"invoice {held[0]['DocumentNumber']} is paid.")
    numbers = [str(invoice["DocumentNumber"]) for invoice in held]
    return Settled(words, numbers[:1], numbers[1:])


def colour_shown(lime_go: Any, deal: str) -> str:
    """Give what a deal shows of its invoice."""
    colour, left = (lime_go.custom_field(int(deal), title) or "nothing" for title in (COLOUR, LEFT))
    return f"{colour}, {left} left to pay"


SCENARIO = Scenario(
    crm="lime_go",
    erp="fortnox",
    record_kind="deal",
    crm_seed=WITH_A_FAILURE,
    erp_seed=FORTNOX,
    crm_connection=lime_go_settings,
    erp_connection=_fortnox,
    # The demo wins its deals at once, perhaps before the first look into the feed.
    rules={"won_deal": "order", "convert_field": INVOICE_NOW, "feed_history": "send"},
    records=_records,
    start=lambda lime_go, deal: lime_go.win_deal(deal.id),
    mend=_mend,
    documents=_documents,
    settle=_settle,
    colour_shown=colour_shown,
    language="sv",
)
