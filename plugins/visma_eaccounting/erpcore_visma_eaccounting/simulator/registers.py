"""Customers, articles, and the small registers that they name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from erpcore_visma_eaccounting.simulator.books import Books
from erpcore_visma_eaccounting.simulator.errors import CONFLICT, Refused, invalid
from erpcore_visma_eaccounting.simulator.gate import Call, Operation
from erpcore_visma_eaccounting.simulator.lists import list_page
from erpcore_visma_eaccounting.simulator.shapes import (
    ARTICLE,
    CODING,
    CUSTOMER,
    TERMS_OF_PAYMENT,
    UNIT,
    Shape,
    shape,
    taken,
)

_SMALL: Mapping[str, Shape] = {
    "termsofpayments": TERMS_OF_PAYMENT,
    "units": UNIT,
    "articleaccountcodings": CODING,
    "currencies": shape("Code:str?"),
}
_VAT_NUMBER = re.compile(r"[A-Z]{2}[A-Z0-9]{8,12}")
_KEPT_BY_PUT = ("CustomerNumber", "Iban")
"""Members that a change without them leaves as they are."""


class Registers:
    """What is no document.

    Args:
        books: The company's.
    """

    def __init__(self, books: Books) -> None:
        self._books = books

    def operations(self) -> list[Operation]:
        """Return the addresses."""
        return [
            Operation("GET", "/companysettings", lambda call: self.company()),
            *(Operation("GET", f"/{name}", self._small_list(name)) for name in _SMALL),
            Operation("GET", "/customers", lambda call: list_page(self._books, "customers", call, CUSTOMER)),
            Operation("POST", "/customers", lambda call: self.add_customer(call.body), 201),
            Operation("GET", "/customers/{key}", lambda call: self._customer(call)),
            Operation("PUT", "/customers/{key}", self._put_customer),
            Operation("GET", "/articles", lambda call: list_page(self._books, "articles", call, ARTICLE)),
            Operation("POST", "/articles", lambda call: self.add_article(call.body), 201),
            Operation("GET", "/articles/{key}", lambda call: self._article(call)),
            Operation("PUT", "/articles/{key}", self._put_article),
        ]

    def company(self) -> dict[str, Any]:
        """Return the company's settings."""
        terms = next(iter(self._books.all("termsofpayments")), {"Id": None})
        return {**self._books.company, "TermsOfPaymentId": terms["Id"]}

    def add(self, table: str, sent: Any) -> dict[str, Any]:
        """Put an entry of a small register in; no address does that."""
        members = _SMALL[table]
        values = taken(members, sent, unknown="ignored", decimals="rounded")
        if "ChangedUtc" in members:
            values["ChangedUtc"] = self._books.now()
        return self._books.add(table, {**values, "Id": sent.get("Id") or sent.get("Code")})

    def add_customer(self, sent: Any) -> dict[str, Any]:
        """Make a customer."""
        values = self._customer_of(sent)
        number = values["CustomerNumber"]
        if number is None:
            used = {record["CustomerNumber"] for record in self._books.all("customers")}
            free = self._books.numbering.next_free("customers", lambda each: str(each) in used)
            values["CustomerNumber"] = str(free)
        self._once("customers", "CustomerNumber", values)
        return self._books.add("customers", values)

    def add_article(self, sent: Any) -> dict[str, Any]:
        """Make an article."""
        values = self._article_of(sent)
        self._once("articles", "Number", values)
        return self._books.add("articles", {**values, "CreatedUtc": self._books.now()})

    def _small_list(self, table: str) -> Any:
        members = {name: member for name, member in _SMALL[table].items() if name != "ChangedUtc"}

        def show(record: dict[str, Any]) -> dict[str, Any]:
            shown = {**record}
            if table == "articleaccountcodings" and self._books.behaviour.vat_scale == "percent":
                shown["VatRatePercent"] = record["VatRatePercent"] * 100
            if table == "currencies":
                del shown["Id"]
            return shown

        def listed(call: Call) -> dict[str, Any]:
            return list_page(self._books, table, call, members, show=show, parameters=("vatratedate",))

        return listed

    def _customer(self, call: Call) -> dict[str, Any]:
        return self._books.one("customers", call.key, "Customer", status=404)

    def _article(self, call: Call) -> dict[str, Any]:
        return self._books.one("articles", call.key, "Article", status=404)

    def _put_customer(self, call: Call) -> dict[str, Any]:
        held = self._customer(call)
        values = self._customer_of(call.body)
        values |= {name: held[name] for name in _KEPT_BY_PUT if values[name] is None}
        self._once("customers", "CustomerNumber", values, but=held["Id"])
        return _replaced(held, values, CUSTOMER)

    def _put_article(self, call: Call) -> dict[str, Any]:
        held = self._article(call)
        values = self._article_of(call.body)
        self._once("articles", "Number", values, but=held["Id"])
        return _replaced(held, {**values, "CreatedUtc": held["CreatedUtc"]}, ARTICLE)

    def _customer_of(self, sent: Any) -> dict[str, Any]:
        values = self._taken(CUSTOMER, sent)
        terms = self._books.one("termsofpayments", values["TermsOfPaymentId"], "TermsOfPayment")
        number = values["VatNumber"]
        if number is not None and not _VAT_NUMBER.fullmatch(number):
            raise invalid("VatNumber", "The VAT number is not valid")
        if values["ReverseChargeOnConstructionServices"] and not number:
            text = "VatNumber can not be null or empty when using ReverseChargeOnConstructionServices"
            raise invalid("VatNumber", text)
        values["CurrencyCode"] = values["CurrencyCode"] or self._books.company["CurrencyCode"]
        self._known_currency(values["CurrencyCode"])
        return {**values, "TermsOfPayment": {**terms}, "ChangedUtc": self._books.now()}

    def _article_of(self, sent: Any) -> dict[str, Any]:
        values = self._taken(ARTICLE, sent)
        unit = self._books.one("units", values["UnitId"], "Unit")
        coding = self._books.one("articleaccountcodings", values["CodingId"], "ArticleAccountCoding")
        return {
            **values,
            "UnitName": unit["Name"],
            "UnitAbbreviation": unit["Abbreviation"],
            "CodingName": coding["Name"],
            "IsServiceArticle": coding["Type"] == "Services",
            "ChangedUtc": self._books.now(),
        }

    def _taken(self, members: Shape, sent: Any) -> dict[str, Any]:
        behaviour = self._books.behaviour
        return taken(members, sent, unknown=behaviour.unknown_members, decimals=behaviour.too_many_decimals)

    def _known_currency(self, code: str) -> None:
        if all(entry["Code"] != code for entry in self._books.all("currencies")):
            raise invalid("CurrencyCode", "The currency is not valid")

    def _once(self, table: str, member: str, values: Mapping[str, Any], but: str | None = None) -> None:
        for record in self._books.all(table):
            if record[member] == values[member] and record["Id"] != but:
                text = f"ConflictException - {member} {values[member]} is already in use"
                raise Refused(CONFLICT, text, fields={member: "Already in use"})


def _replaced(held: dict[str, Any], values: dict[str, Any], members: Shape) -> dict[str, Any]:
    """Put a change in the place of a record: what it leaves out is empty afterwards, what Visma sets stays."""
    computed = {name for name, value in values.items() if members[name].read_only and value}
    held.update({name: value for name, value in values.items() if not members[name].read_only or name in computed})
    return held
