"""Three orders of Lime CRM go to Visma Administration; one fails first. People, companies and numbers are invented."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from erpcore.demo.home import Settled
from erpcore.demo.lime_crm import invoice_shown
from erpcore.demo.scenario import DemoRecord, Scenario
from erpcore.sync.shared.story import money

HOUR = "time"
HOUR_IN_ERP = "t"
"""What the rules call an hour: a code that nobody has added to Visma Administration yet."""
NEW_ARTICLE = "MANGLER-9"
VISMA_ADMIN: dict[str, Any] = {
    "CODE_OF_UNIT": [{"CODE": "stk", "TEXT": "Stykk"}],
    "ARTICLE": [
        {"NUMBER": "KURS-1", "NAME": "Kurs, heldag", "ACCOUNTING_CODE": "1", "UNIT_CODE": "stk"},
        {"NUMBER": "LIS-1", "NAME": "Lisens, år", "ACCOUNTING_CODE": "1", "UNIT_CODE": "stk"},
        {"NUMBER": "TIME-1", "NAME": "Konsulent, time", "ACCOUNTING_CODE": "1"},
    ],
    "PRICE": [{"ARTICLE_NUMBER": "KURS-1", "PRICE_LIST": "A", "PRICE": 4500.0, "BASE": True}],
    "CUSTOMER": [{"NUMBER": "10001", "NAME": "Fjellvik Bygg AS", "ORGANISATION_NUMBER": "910000012"}],
}


def _lime_crm(url: str) -> dict[str, Any]:
    return {"plugin": "lime_crm", "url": f"{url}/demo", "api_key": "lime-crm-demo-key", "api_user_id": 2}


def _visma_admin(url: str) -> dict[str, Any]:
    return {"plugin": "visma_admin", "url": url, "token": "visma-admin-demo-token-0123456789abcdef"}


def _records(lime_crm: Any) -> list[DemoRecord]:
    objects = lime_crm.state()["objects"]
    rows = objects.get("orderrow", [])
    orders = []
    for order in objects["order"]:
        of_order = [row["values"].values() for row in rows if row["values"].get("order") == order["id"]]
        fails = any(HOUR in values for values in of_order)
        makes = any(NEW_ARTICLE in values for values in of_order)
        shows = "an article that is made towards account 1" if makes else "a discount by amount and a row of text"
        if fails:
            shows = "a unit that Visma Administration lacks: fails, is mended, and becomes an invoice"
        orders.append(DemoRecord(id=str(order["id"]), name=f"Order {order['id']}", shows=shows, fails_first=fails))
    return orders


def _mend(lime_crm: Any, visma_admin: Any, order: DemoRecord) -> str:
    visma_admin.seed({"CODE_OF_UNIT": [{"CODE": HOUR_IN_ERP, "TEXT": "Time"}]})
    lime_crm.set_ready(int(order.id))
    return f"The unit {HOUR_IN_ERP} was added to Visma Administration, and order {order.id} was set ready again."


def _documents(visma_admin: Any) -> list[str]:
    state = visma_admin.state()
    kinds = (("order", "ORDER_HEAD"), ("invoice", "INVOICE_HEAD"))
    return [
        f"{kind} {document['DOCUMENT_NUMBER']:.0f}, {_total(document)}"
        for kind, table in kinds
        for document in state[table]
    ]


def _total(document: Any) -> str:
    return f"{money(Decimal(str(document['TOTAL_AMOUNT'])), document['CURRENCY_CODE'])} incl. VAT"


def _settle(visma_admin: Any) -> Settled:
    """Print what is not printed, and pay it."""
    words, numbers = [], []
    for invoice in visma_admin.state()["INVOICE_HEAD"]:
        number = round(invoice["DOCUMENT_NUMBER"])
        numbers.append(str(number))
        if not invoice.get("DOCUMENT_PRINTED"):
            visma_admin.print_invoice(number)
            visma_admin.pay(number)
            words.append(f"invoice {number} is printed, and paid.")
    return Settled(words, numbers, [])


SCENARIO = Scenario(
    crm="lime_crm",
    erp="visma_admin",
    record_kind="order",
    crm_seed={},
    erp_seed=VISMA_ADMIN,
    crm_connection=_lime_crm,
    erp_connection=_visma_admin,
    rules={"missing_article": "create", f"units.{HOUR}": HOUR_IN_ERP},
    records=_records,
    start=lambda lime_crm, order: lime_crm.set_ready(int(order.id)),
    mend=_mend,
    documents=_documents,
    settle=_settle,
    colour_shown=invoice_shown,
)
