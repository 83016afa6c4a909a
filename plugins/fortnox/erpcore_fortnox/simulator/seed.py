"""Putting records into the simulated company: through the same code that a client's requests go through."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from typing import Any

from erpcore.simulator import no_strangers, put_records
from erpcore_fortnox.simulator.books import Books, FinancialYear
from erpcore_fortnox.simulator.calls import Answer, Call
from erpcore_fortnox.simulator.registers import REGISTERS
from erpcore_fortnox.simulator.resources import Resources

_REGISTERS = tuple(register.path for register in REGISTERS)
_DOCUMENTS = ("customers", "articles", "prices", "orders", "invoices", "invoicepayments")
_PLAIN = ("behaviour", "company", "financial_years", "locked_until")
KEYS = (*_PLAIN, *_REGISTERS, *_DOCUMENTS)
"""What a seed may hold, in the order in which it is put in."""

DEMO_COMPANY: dict[str, Any] = {
    "Name": "Demobolaget AB",
    "Address": "Storgatan 1",
    "ZipCode": "111 22",
    "City": "Stockholm",
    "CountryCode": "SE",
    "Country": "Sverige",
    "VisitAddress": "",
    "VisitZipCode": "",
    "VisitCity": "",
    "VisitCountryCode": "",
    "OrganizationNumber": "556036-0793",
    "VATNumber": "SE556036079301",
    "BG": "5050-1055",
    "PG": "",
    "IBAN": "",
    "BIC": "",
    "TaxEnabled": True,
    "Domicile": "Stockholm",
    "Email": "demo@example.com",
    "Phone1": "",
    "Phone2": "",
    "WWW": "",
}
DEMO: dict[str, Any] = {
    "company": DEMO_COMPANY,
    "units": [
        {"Code": "st", "Description": "Styck"},
        {"Code": "h", "Description": "Timmar"},
        {"Code": "mån", "Description": "Månad"},
    ],
    "currencies": [
        {"Code": "SEK", "Description": "Svensk krona"},
        {"Code": "EUR", "Description": "Euro", "BuyRate": 11.2, "SellRate": 11.3},
        {"Code": "NOK", "Description": "Norsk krona", "BuyRate": 0.96, "SellRate": 0.97},
        {"Code": "DKK", "Description": "Dansk krona", "BuyRate": 1.5, "SellRate": 1.52},
        {"Code": "USD", "Description": "US-dollar", "BuyRate": 10.4, "SellRate": 10.5},
    ],
    "termsofpayments": [{"Code": code, "Description": f"{code} dagar"} for code in ("0", "10", "15", "20", "30", "60")],
    "pricelists": [{"Code": "A", "Description": "Prislista A", "PreSelected": True}],
    "modesofpayments": [
        {"Code": "BG", "AccountNumber": "1920", "Description": "Bankgiro"},
        {"Code": "PG", "AccountNumber": "1920", "Description": "Plusgiro"},
    ],
}
"""What a new simulated company has; customers, articles and documents come with a seed."""


def put_in(data: Mapping[str, Any], books: Books, resources: Resources) -> None:
    """Put records in.

    Args:
        data: See `KEYS`. Records are as in a request; beside that an article may have `Price`, an order `Cancelled`
            and `Invoiced`, an invoice `Sent`, `Booked` and `Cancelled`, a payment `Booked`, each true or false.
        books: The company's.
        resources: What the records go through.

    Raises:
        ValueError: The data does not fit; what came before the wrong record is in.
    """
    no_strangers(data, KEYS)
    _put_plain(data, books)
    makers: dict[str, Callable[[Mapping[str, Any]], object]] = {
        **{path: partial(resources.registers.add, path) for path in _REGISTERS},
        "projects": lambda record: resources.registers.add("projects", _named(record, "ProjectNumber")),
        "costcenters": lambda record: resources.registers.add("costcenters", _named(record, "Code")),
        "customers": lambda record: _post(resources.customers.create, "Customer", record),
        "articles": lambda record: _put_article(record, resources),
        "prices": lambda record: _post(resources.prices.create, "Price", record),
        "orders": lambda record: _put_order(record, resources),
        "invoices": lambda record: _put_invoice(record, resources),
        "invoicepayments": lambda record: _put_payment(record, resources),
    }
    put_records(data, makers)


def _named(record: Mapping[str, Any] | str, key: str) -> dict[str, Any]:
    """Read a project or a cost centre, of which the number alone may be told."""
    return {key: record} if isinstance(record, str) else dict(record)


def _put_plain(data: Mapping[str, Any], books: Books) -> None:
    if "behaviour" in data:
        books.behaviour = books.behaviour.changed(dict(data["behaviour"]))
    books.company |= data.get("company", {})
    if "financial_years" in data:
        books.financial_years = [
            FinancialYear(year["id"], _date(year["first"]), _date(year["last"])) for year in data["financial_years"]
        ]
    if "locked_until" in data:
        books.locked_until = _date(data["locked_until"])


def _put_article(record: Mapping[str, Any], resources: Resources) -> None:
    answer = _post(resources.articles.create, "Article", record, "Price")
    if "Price" in record:
        price = {"ArticleNumber": answer["ArticleNumber"], "PriceList": "A", "Price": record["Price"]}
        _post(resources.prices.create, "Price", price)


def _put_order(record: Mapping[str, Any], resources: Resources) -> None:
    delivered = {"DeliveryState": "delivery", **record}
    number = _post(resources.orders.create, "Order", delivered, "Cancelled", "Invoiced")["DocumentNumber"]
    if record.get("Invoiced"):
        resources.orders.create_invoice(Call("PUT", "/3", {"DocumentNumber": number}))
    if record.get("Cancelled"):
        resources.orders.cancel(number)


def _put_invoice(record: Mapping[str, Any], resources: Resources) -> None:
    number = _post(resources.invoices.create, "Invoice", record, "Sent", "Booked", "Cancelled")["DocumentNumber"]
    for member, act in (
        ("Sent", resources.invoices.send),
        ("Booked", resources.invoices.bookkeep),
        ("Cancelled", resources.invoices.cancel),
    ):
        if record.get(member):
            act(number)


def _put_payment(record: Mapping[str, Any], resources: Resources) -> None:
    members = {name: str(value) if isinstance(value, date) else value for name, value in record.items()}
    is_booked = members.pop("Booked", False)
    payment = resources.payments.create(members)
    if is_booked:
        resources.payments.bookkeep(payment)


def _post(create: Callable[[Call], Answer], envelope: str, record: Mapping[str, Any], *own: str) -> dict[str, Any]:
    sent = {name: value for name, value in record.items() if name not in own}
    answer = create(Call("POST", "/3", body=json.dumps({envelope: sent}, default=str).encode()))
    made: dict[str, Any] = answer.content[envelope]
    return made


def _date(value: str | date) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)
