"""What the simulated company begins with, and putting records in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from erpcore.simulator import no_strangers, put_records, read_json
from erpcore_visma_eaccounting.simulator.books import TABLES, Books
from erpcore_visma_eaccounting.simulator.errors import Refused
from erpcore_visma_eaccounting.simulator.invoices import Invoices
from erpcore_visma_eaccounting.simulator.orders import Orders
from erpcore_visma_eaccounting.simulator.registers import Registers

TERMS_10, TERMS_30, TERMS_CARD = (f"70000000-0000-4000-8000-0000000000{days}" for days in ("10", "30", "99"))
UNIT_PIECE, UNIT_HOUR = "80000000-0000-4000-8000-000000000001", "80000000-0000-4000-8000-000000000002"
CODING_25, CODING_12, CODING_6, CODING_0, CODING_SERVICES, CODING_BUILDING = (
    f"90000000-0000-4000-8000-0000000000{number:02}" for number in range(1, 7)
)


def _terms(key: str, name: str, days: int, kind: int = 0) -> dict[str, Any]:
    shown = {"NumberOfDays": days, "TermsOfPaymentTypeId": kind, "AvailableForSales": True}
    return {"Id": key, "Name": name, "NameEnglish": name, **shown, "AvailableForPurchase": kind == 0}


def _coding(key: str, name: str, percent: int, account: int, **more: Any) -> dict[str, Any]:
    rate = {"VatRate": f"VAT{percent}", "VatRatePercent": percent / 100}
    return {
        "Id": key,
        "Name": name,
        "Type": "Goods",
        "IsActive": True,
        "DomesticSalesSubjectToVatAccountNumber": account,
        **rate,
        **more,
    }


DEMO: Mapping[str, Any] = {
    "termsofpayments": [
        _terms(TERMS_30, "30 dagar netto", 30),
        _terms(TERMS_10, "10 dagar netto", 10),
        _terms(TERMS_CARD, "Kort", 0, 3),
    ],
    "units": [
        {"Id": UNIT_PIECE, "Name": "Styck", "Code": "C62", "Abbreviation": "st", "AbbreviationEnglish": "pcs"},
        {"Id": UNIT_HOUR, "Name": "Timmar", "Code": "HUR", "Abbreviation": "tim", "AbbreviationEnglish": "h"},
    ],
    "articleaccountcodings": [
        _coding(CODING_25, "Varor 25 %", 25, 3001),
        _coding(CODING_12, "Varor 12 %", 12, 3002),
        _coding(CODING_6, "Varor 6 %", 6, 3003),
        _coding(CODING_0, "Varor momsfria", 0, 3004),
        _coding(CODING_SERVICES, "Tjänster 25 %", 25, 3041, Type="Services"),
        _coding(
            CODING_BUILDING,
            "Byggtjänster 25 %",
            25,
            3045,
            Type="Services",
            DomesticSalesSubjectToReversedConstructionVatAccountNumber=3231,
        ),
    ],
    "currencies": [{"Code": code} for code in ("SEK", "EUR", "NOK", "USD")],
}
"""The registers that no address fills."""

_LEAST: Mapping[str, Mapping[str, Any]] = {
    "customers": {
        "IsPrivatePerson": False,
        "IsActive": True,
        "TermsOfPaymentId": TERMS_30,
        "InvoiceCity": "Växjö",
        "InvoicePostalCode": "352 31",
    },
    "articles": {"IsActive": True, "UnitId": UNIT_PIECE, "CodingId": CODING_25},
}
"""What a seed may leave out, though a request may not."""


def put_in(data: Mapping[str, Any], books: Books, registers: Registers, orders: Orders, invoices: Invoices) -> None:
    """Put records in, as requests have them, and change the company and the switches.

    Args:
        data: Lists of records by table; ``company`` and ``behaviour`` hold what is to be otherwise.
        books: The company's.
        registers: The resources that make the records.
        orders: As above.
        invoices: As above.

    Raises:
        ValueError: The data does not fit.
    """
    no_strangers(data, [*TABLES, "company", "behaviour"])
    books.behaviour = books.behaviour.changed(data.get("behaviour", {}))
    company = data.get("company", {})
    no_strangers(company, books.company)
    books.company |= company
    small = ("termsofpayments", "units", "articleaccountcodings", "currencies")
    adders: dict[str, Any] = {table: partial(registers.add, table) for table in small}
    adders |= {"customers": registers.add_customer, "articles": registers.add_article}
    adders |= {"orders": orders.add, "customerinvoicedrafts": invoices.add_draft}
    adders["customerledgeritems"] = invoices.add_ledger_item

    def exact(table: str, sent: Mapping[str, Any]) -> Any:
        return adders[table](_exact({**_LEAST.get(table, {}), **sent}))

    put_records(data, {table: partial(exact, table) for table in adders}, Refused)


def _exact(record: Mapping[str, Any]) -> Any:
    """Give a record of a seed the numbers that a request's body has."""
    return read_json(json.dumps(record))
