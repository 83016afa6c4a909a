"""Articles: `/3/articles`. Their prices are a resource of their own, in `prices.py`."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Context, Decimal
from typing import Any

from erpcore.simulator import rounded
from erpcore_fortnox.simulator.books import Books, Record, url_of
from erpcore_fortnox.simulator.calls import Answer, Call, Operation
from erpcore_fortnox.simulator.errors import Refused
from erpcore_fortnox.simulator.lists import ListRules, by_number, listed, member
from erpcore_fortnox.simulator.members import Member, Table, as_digits, as_number, read_only
from erpcore_fortnox.simulator.prices import base_price

_NUMBER = re.compile(r"[A-Za-z0-9_\-/+]{1,50}")
_NOTHING = Decimal(0)
_STOCK_LIMIT = 10**14
_FOURTEEN_DIGITS = Context(prec=14)
"""-99999999999999.9 becomes -100000000000000 (recorded replies)."""
_VAT_OF_ACCOUNT = {
    **dict.fromkeys((3001, 3041, 3051), Decimal(25)),
    **dict.fromkeys((3002, 3042, 3052), Decimal(12)),
    **dict.fromkeys((3003, 3043, 3053), Decimal(6)),
}
"""The VAT of the usual sales accounts; others, such as 1250, have none (recorded replies)."""


def _account(name: str, empty: int | None = None) -> Member:
    return Member(name, "whole", empty, least=1000, most=99999)


def _size(name: str) -> Member:
    return Member(name, "whole", 0, least=0, most=999_999_999)


ARTICLE = Table(
    [
        read_only("@url"),
        Member("Active", "flag", empty=True),
        Member("ArticleNumber", "text", ""),
        Member("Bulky", "flag", empty=False),
        _account("ConstructionAccount", 3231),
        _size("Depth"),
        Member("Description", "text", "", least=1, most=200),
        read_only("DisposableQuantity", _NOTHING, "number"),
        Member("EAN", "text", "", most=30),
        _account("EUAccount", 3108),
        _account("EUVATAccount", 3106),
        _account("ExportAccount", 3105),
        _size("Height"),
        Member("Housework", "flag", empty=False),
        _account("PurchaseAccount", 4000),
        Member("Manufacturer", "text", None, most=50),
        Member("ManufacturerArticleNumber", "text", "", most=50),
        Member("Note", "text", "", most=10_000),
        Member("PurchasePrice", "number", _NOTHING),
        Member("QuantityInStock", "number", _NOTHING, least=-_STOCK_LIMIT, most=_STOCK_LIMIT),
        read_only("ReservedQuantity", _NOTHING, "number"),
        _account("SalesAccount", 3001),
        Member("StockGoods", "flag", empty=False),
        Member("StockPlace", "text", None, most=100),
        read_only("StockValue", _NOTHING, "number"),
        Member("StockWarning", "number", _NOTHING),
        read_only("SupplierName", None),
        Member("SupplierNumber", "text", None),
        Member("Type", "choice", "STOCK", choices=("STOCK", "SERVICE")),
        Member("Unit", "text", None, null_clears=True),
        Member("VAT", "number", Decimal(25)),
        Member("WebshopArticle", "flag", empty=False),
        _size("Weight"),
        _size("Width"),
        Member("Expired", "flag", empty=False),
        Member("SalesPrice", "number", None),
        Member("CostCalculationMethod", "text", None),
        Member("StockAccount", "whole", None),
        Member("StockChangeAccount", "whole", None),
        Member("DirectCost", "number", None),
        Member("FreightCost", "number", None),
        Member("OtherCost", "number", None),
        Member("DefaultStockPoint", "text", None),
        Member("DefaultStockLocation", "text", None),
        read_only("HouseworkType", None),
        read_only("CommodityCode"),
    ]
)


class Articles:
    """The resource. `books` is the company's."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._list_rules = ListRules(
            texts={"description": member("Description")},
            states={
                "active": lambda record: record.values["Active"] is True,
                "inactive": lambda record: record.values["Active"] is False,
            },
            sorts={"articlenumber": by_number("ArticleNumber")},
            by_default=by_number("ArticleNumber"),
        )

    def operations(self) -> list[Operation]:
        """Return the addresses of the resource."""
        one = "/articles/{ArticleNumber}"
        return [
            Operation("GET", "/articles", "article", self.list_all),
            Operation("POST", "/articles", "article", self.create),
            Operation("GET", one, "article", self.get),
            Operation("PUT", one, "article", self.update),
        ]

    def list_all(self, call: Call) -> Answer:
        """List articles in their short form."""
        records = self._books.articles.values()
        return Answer(listed("Articles", records, self._list_rules, call.query, self._books, self._short))

    def get(self, call: Call) -> Answer:
        """Return one article."""
        return Answer({"Article": self.shown(self._find(call))})

    def create(self, call: Call) -> Answer:
        """Make an article; its number comes from the series when none is given."""
        changes = self._read(call)
        if not changes.get("Description"):
            raise Refused("null", "description")
        number = changes.get("ArticleNumber")
        if number is not None and number in self._books.articles:
            raise Refused("article_number_used")
        changes["ArticleNumber"] = number or self._books.free_number("articles", self._books.articles)
        if "SalesAccount" in changes:
            changes.setdefault("VAT", _VAT_OF_ACCOUNT.get(changes["SalesAccount"], _NOTHING))
        record = self._books.new_record(ARTICLE.empty() | changes, call.method, call.path)
        self._books.articles[changes["ArticleNumber"]] = record
        return Answer({"Article": self.shown(record)}, 201, "articles")

    def update(self, call: Call) -> Answer:
        """Change the members that are given; the number stays."""
        record = self._find(call)
        changes = self._read(call)
        if changes.get("ArticleNumber", call.params["ArticleNumber"]) != call.params["ArticleNumber"]:
            raise Refused("read_only", "ArticleNumber")
        if changes.get("Description") == "":
            raise Refused("null", "description")
        record.values.update(changes)
        self._books.touch(record)
        return Answer({"Article": self.shown(record)})

    def _find(self, call: Call) -> Record:
        record = self._books.articles.get(call.params["ArticleNumber"])
        if record is None:
            raise Refused("article")
        return record

    def _read(self, call: Call) -> dict[str, Any]:
        changes = ARTICLE.read(call.payload("Article"), self._books.behaviour)
        if "QuantityInStock" in changes:
            changes["QuantityInStock"] = _FOURTEEN_DIGITS.plus(rounded(changes["QuantityInStock"]))
        # Prices are written through the price lists (production clients); the article only shows one.
        if changes.pop("SalesPrice", None) is not None and self._books.behaviour.sales_price == "refused":
            raise Refused("sales_price")
        if "ArticleNumber" in changes and not _NUMBER.fullmatch(changes["ArticleNumber"]):
            raise Refused("too_long" if len(changes["ArticleNumber"]) > 50 else "article_number")
        if changes.get("Unit") and changes["Unit"] not in self._books.register("units"):
            raise Refused("unit", status=400)
        return changes

    def shown(self, record: Record) -> dict[str, Any]:
        """Return the whole article as a reply shows it."""
        number = record.values["ArticleNumber"]
        price = base_price(self._books, number)
        disposable = record.values["QuantityInStock"] - record.values["ReservedQuantity"]
        known = {"@url": url_of("articles", number), "SalesPrice": price, "DisposableQuantity": disposable}
        return ARTICLE.show({**record.values, **known})

    def _short(self, record: Record) -> dict[str, Any]:
        values, price = record.values, base_price(self._books, record.values["ArticleNumber"])
        amount = self._amount_form(values["ArticleNumber"])
        return {
            "@url": url_of("articles", values["ArticleNumber"]),
            "ArticleNumber": values["ArticleNumber"],
            "Description": values["Description"],
            "DisposableQuantity": amount(values["QuantityInStock"] - values["ReservedQuantity"]),
            "EAN": values["EAN"],
            "Housework": values["Housework"],
            "PurchasePrice": amount(values["PurchasePrice"]),
            "SalesPrice": None if price is None else as_digits(price),
            "QuantityInStock": amount(values["QuantityInStock"]),
            "ReservedQuantity": amount(values["ReservedQuantity"]),
            "StockPlace": values["StockPlace"] or None,
            "StockValue": amount(values["StockValue"]),
            "Unit": values["Unit"] or None,
            # A rate of 0 is null in the list, and 0 in the record (recorded replies).
            "VAT": as_digits(values["VAT"]) if values["VAT"] else None,
            "WebshopArticle": values["WebshopArticle"],
        }

    def _amount_form(self, number: str) -> Callable[[Decimal], Any]:
        """Return how the list shows an article's amounts: one form for all of an article."""
        form = self._books.behaviour.article_amounts
        if form == "mixed":
            form = "numbers" if sum(map(ord, number)) % 2 else "strings"
        return as_digits if form == "strings" else as_number
