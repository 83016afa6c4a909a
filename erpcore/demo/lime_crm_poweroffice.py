"""Three orders of Lime CRM go to PowerOffice Go; one fails first. People, companies and numbers are invented."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from erpcore.demo.home import Settled
from erpcore.demo.lime_crm import invoice_shown
from erpcore.demo.scenario import DemoRecord, Scenario
from erpcore.sync.shared.story import money

MISSING = "MANGLER-9"
POWEROFFICE: dict[str, Any] = {
    "employees": [
        {"Number": 101, "FirstName": "Anna", "LastName": "Exempel", "EmailAddress": "anna@nordverk.example"},
        {"Number": 102, "FirstName": "Erik", "LastName": "Provsson", "EmailAddress": "erik@nordverk.example"},
    ],
    "products": [
        {"Code": "KURS-1", "Name": "Kurs, heldag", "UnitPrice": 4500},
        {"Code": "LIS-1", "Name": "Lisens, år", "UnitPrice": 1200},
        {"Code": "TIME-1", "Name": "Konsulent, time", "UnitPrice": 950},
    ],
    "customers": [{"Number": 10001, "Name": "Fjellvik Bygg AS", "OrganizationNumber": "910000012"}],
}


def _lime_crm(url: str) -> dict[str, Any]:
    return {"plugin": "lime_crm", "url": f"{url}/demo", "api_key": "lime-crm-demo-key", "api_user_id": 2}


def _poweroffice(url: str) -> dict[str, Any]:
    return {
        "plugin": "poweroffice",
        "base_url": url,
        "application_key": "11111111-1111-4111-8111-111111111111",
        "client_key": "22222222-2222-4222-8222-222222222222",
        "subscription_key": "0123456789abcdef0123456789abcdef",
    }


def _records(lime_crm: Any) -> list[DemoRecord]:
    objects = lime_crm.state()["objects"]
    rows = objects.get("orderrow", [])
    orders = []
    for order in objects["order"]:
        fails = any(row["values"].get("order") == order["id"] and MISSING in row["values"].values() for row in rows)
        becomes_invoice = order["values"].get("create_invoice_from_order")
        shows = (
            "a product that PowerOffice lacks: fails, is mended, and goes again" if fails else "a discount by amount"
        )
        orders.append(
            DemoRecord(
                id=str(order["id"]),
                name=f"Order {order['id']}",
                shows="a new customer, then an invoice" if becomes_invoice else shows,
                fails_first=fails,
            )
        )
    return orders


def _mend(lime_crm: Any, poweroffice: Any, order: DemoRecord) -> str:
    poweroffice.seed({"products": [{"Code": MISSING, "Name": "Spesialbeslag", "UnitPrice": 89.5}]})
    lime_crm.set_ready(int(order.id))
    return f"The product {MISSING} was added to PowerOffice, and order {order.id} was set ready again."


def _documents(poweroffice: Any) -> list[str]:
    state = poweroffice.state()
    return [f"order {order['SalesOrderNo']}, {_total(order)}" for order in state["orders"]] + [
        f"invoice {invoice['InvoiceNo']}, {_total(invoice)}" for invoice in state["invoices"]
    ]


def _total(document: Any) -> str:
    return f"{money(Decimal(str(document['TotalAmount'])), document['CurrencyCode'])} incl. VAT"


def _settle(poweroffice: Any) -> Settled:
    """Pay what is not paid; an order that is sent there is a booked invoice at once."""
    words = []
    for invoice in poweroffice.state()["invoices"]:
        if Decimal(str(invoice["Balance"])) > 0:
            poweroffice.pay_invoice(invoice["InvoiceNo"])
            words.append(f"invoice {invoice['InvoiceNo']} is paid.")
    return Settled(words, [str(invoice["InvoiceNo"]) for invoice in poweroffice.state()["invoices"]], [])


SCENARIO = Scenario(
    crm="lime_crm",
    erp="poweroffice",
    record_kind="order",
    crm_seed={},
    erp_seed=POWEROFFICE,
    crm_connection=_lime_crm,
    erp_connection=_poweroffice,
    rules={"missing_article": "stop"},
    records=_records,
    start=lambda lime_crm, order: lime_crm.set_ready(int(order.id)),
    mend=_mend,
    documents=_documents,
    settle=_settle,
    colour_shown=invoice_shown,
)
