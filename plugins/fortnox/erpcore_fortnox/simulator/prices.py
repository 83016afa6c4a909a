"""Prices of articles in price lists, by quantity: `/3/prices`."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from erpcore_fortnox.simulator.books import STOCKHOLM, URL, Books, Record
from erpcore_fortnox.simulator.calls import Answer, Call, Operation
from erpcore_fortnox.simulator.errors import Refused
from erpcore_fortnox.simulator.lists import ListRules, listed
from erpcore_fortnox.simulator.members import Member, Table, as_digits, read_only

DEFAULT_PRICE_LIST = "A"

PRICE = Table(
    [
        read_only("@url"),
        Member("ArticleNumber"),
        read_only("Date", None),
        Member("FromQuantity", "number", Decimal(0)),
        Member("Percent", "number", Decimal(0)),
        Member("Price", "number", Decimal(0)),
        Member("PriceList"),
    ]
)


def base_price(books: Books, article: str) -> Decimal | None:
    """Return an article's price in the default list, None when nobody has set one."""
    record = books.prices.get((DEFAULT_PRICE_LIST, article, "0"))
    return None if record is None else record.values["Price"]


def price_for(books: Books, price_list: str, article: str, quantity: Decimal) -> Decimal:
    """Return what a row without a price costs: the highest step that the quantity reaches; 0 without any."""
    steps = [
        record.values
        for (held_list, held_article, _), record in books.prices.items()
        if (held_list, held_article) == (price_list, article) and record.values["FromQuantity"] <= quantity
    ]
    reached = max(steps, key=lambda values: values["FromQuantity"], default=None)
    return Decimal(0) if reached is None else reached["Price"]


class Prices:
    """The resource. `books` is the company's."""

    def __init__(self, books: Books) -> None:
        self._books = books

    def operations(self) -> list[Operation]:
        """Return the addresses of the resource."""
        first = "/prices/{PriceList}/{ArticleNumber}"
        return [
            Operation("GET", "/prices", "price", self.list_all),
            Operation("POST", "/prices", "price", self.create),
            Operation("GET", first, "price", self.get),
            Operation("PUT", first, "price", self.update),
        ]

    def list_all(self, call: Call) -> Answer:
        """List all steps of all price lists."""
        rules = ListRules(by_default=lambda record: (record.values["PriceList"], record.values["ArticleNumber"]))
        records = self._books.prices.values()
        return Answer(listed("Prices", records, rules, call.query, self._books, _short))

    def get(self, call: Call) -> Answer:
        """Return the lowest step of an article."""
        return Answer({"Price": show_price(self._find(call))})

    def create(self, call: Call) -> Answer:
        """Write a step; one that is there already is replaced."""
        changes = PRICE.read(call.payload("Price"), self._books.behaviour)
        for name in ("ArticleNumber", "PriceList"):
            if not changes.get(name):
                raise Refused("null", name.lower())
        self._check(changes["PriceList"], changes["ArticleNumber"])
        record = self._store(PRICE.empty() | changes, call)
        return Answer({"Price": show_price(record)}, 201, "prices")

    def update(self, call: Call) -> Answer:
        """Change the lowest step of an article; its key stays."""
        record = self._find(call)
        changes = PRICE.read(call.payload("Price"), self._books.behaviour)
        for name in ("ArticleNumber", "PriceList", "FromQuantity"):
            if changes.get(name, record.values[name]) != record.values[name]:
                raise Refused("read_only", name)
        return Answer({"Price": show_price(self._store(record.values | changes, call))})

    def _check(self, price_list: str, article: str) -> None:
        if price_list not in self._books.register("pricelists"):
            raise Refused("price_list")
        if article not in self._books.articles:
            raise Refused("article")

    def _find(self, call: Call) -> Record:
        price_list, article = call.params["PriceList"], call.params["ArticleNumber"]
        self._check(price_list, article)
        steps = [record for key, record in self._books.prices.items() if key[:2] == (price_list, article)]
        if self._books.behaviour.base_price_exists and (price_list, article, "0") not in self._books.prices:
            steps.append(self._unwritten(price_list, article))
        if not steps:
            raise Refused("price")
        return min(steps, key=lambda record: record.values["FromQuantity"])

    def _unwritten(self, price_list: str, article: str) -> Record:
        now = self._books.now()
        values = PRICE.empty() | {"ArticleNumber": article, "PriceList": price_list}
        return Record(values, now, now)

    def _store(self, values: dict[str, Any], call: Call) -> Record:
        values = {**values, "Date": self._books.now().astimezone(STOCKHOLM).isoformat(timespec="seconds")}
        record = self._books.new_record(values, call.method, call.path)
        self._books.prices[_key(values)] = record
        # The article shows this price, so a client that asks for changed articles must find it.
        self._books.touch(self._books.articles[values["ArticleNumber"]])
        return record


def _key(values: dict[str, Any]) -> tuple[str, str, str]:
    return values["PriceList"], values["ArticleNumber"], as_digits(values["FromQuantity"])


def _short(record: Record) -> dict[str, Any]:
    shown = show_price(record)
    return {name: shown[name] for name in ("@url", "ArticleNumber", "FromQuantity", "Price", "PriceList")}


def show_price(record: Record) -> dict[str, Any]:
    """Return the whole price step as a reply shows it."""
    return PRICE.show({**record.values, "@url": f"{URL}/prices/{'/'.join(_key(record.values))}"})
