"""A made-up ERP that knows its records by keys of its own, as most do: what it is named by number, it must look up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from erpcore.errors import NotFoundError, RejectedError
from erpcore.hookspecs import Context, hookimpl
from erpcore.models import (
    Article,
    ArticleQuery,
    Customer,
    CustomerQuery,
    DocumentQuery,
    Order,
    RecordRef,
    Ref,
)
from tests.sync.memory_plugin import Books, MemoryErp


class KeyedErp(MemoryErp):
    """Its writes take keys. Each look-up of a key costs a request, which `Books.calls` counts as ``look_up``."""

    def __init__(self, books: Books) -> None:
        super().__init__(books)
        self._numbers: dict[str, str] = {}

    def renumber(self, register: str, old: str, new: str) -> None:
        """A person gives a record another number in the ERP."""
        held: dict[str, Any] = getattr(self.books, register)
        self._numbers[self.key(register, old)] = new
        held[new] = held.pop(old).model_copy(update={"number": new})

    def key(self, register: str, number: str) -> str:
        """The key of what has a number now."""
        for key, held in self._numbers.items():
            if held == number and key.startswith(register):
                return key
        self._numbers[key := f"{register}/{len(self._numbers) + 1}"] = number
        return key

    @hookimpl
    def find_customers(self, query: CustomerQuery, context: Context) -> Sequence[Customer]:
        if query.key:
            query = CustomerQuery(number=self._numbers.get(query.key, "none"))
        return [self._keyed("customers", found) for found in super().find_customers(query, context)]

    @hookimpl
    def find_articles(self, query: ArticleQuery, context: Context) -> Sequence[Article]:
        if query.key:
            query = ArticleQuery(number=self._numbers.get(query.key, "none"))
        return [self._keyed("articles", found) for found in super().find_articles(query, context)]

    @hookimpl
    def find_orders(self, query: DocumentQuery, context: Context) -> Sequence[Order]:
        if query.key:
            query = DocumentQuery(number=self._numbers.get(query.key, "none"))
        return [self._keyed("orders", found) for found in super().find_orders(query, context)]

    @hookimpl
    def create_customer(self, customer: Customer, context: Context) -> RecordRef:
        return self._told("customers", super().create_customer(customer, context))

    @hookimpl
    def update_customer(self, customer_ref: Ref, customer: Customer, context: Context) -> RecordRef:
        known = Ref(number=self._number("customers", customer_ref.number, customer_ref.key))
        return self._told("customers", super().update_customer(known, customer, context))

    @hookimpl
    def create_article(self, article: Article, context: Context) -> RecordRef:
        return self._told("articles", super().create_article(article, context))

    @hookimpl
    def create_order(self, order: Order, context: Context) -> RecordRef:
        rows = tuple(
            row
            if row.article_number is None
            else row.model_copy(
                update={"article_number": self._number("articles", row.article_number or "", row.article_key)}
            )
            for row in order.rows or ()
        )
        customer = self._number("customers", order.customer_number or "", order.customer_key)
        sent = order.model_copy(update={"customer_number": customer, "rows": rows})
        return self._told("orders", super().create_order(sent, context))

    @hookimpl
    def convert_to_invoice(self, order_ref: Ref, context: Context) -> RecordRef:
        known = Ref(number=self._number("orders", order_ref.number, order_ref.key))
        return self._told("invoices", super().convert_to_invoice(known, context))

    def _told(self, register: str, ref: RecordRef) -> RecordRef:
        return ref.model_copy(update={"key": self.key(register, ref.number)})

    def _keyed(self, register: str, record: Any) -> Any:
        return record.model_copy(update={"key": self.key(register, record.number)})

    def _number(self, register: str, number: str, key: str | None) -> str:
        """Give the number that a record has now, as the server does; without its key, ask for that first."""
        if key is None:
            self.books.next_fault("look_up")
            if number not in getattr(self.books, register):
                raise NotFoundError(f"There is no {number} among the {register}.")
            key = self.key(register, number)
        return self._numbers[key]


class NumberedErp(KeyedErp):
    """An ERP that shows keys, and takes numbers alone."""

    @hookimpl
    def create_order(self, order: Order, context: Context) -> RecordRef:
        if order.customer_number not in self.books.customers:
            self.host.had_no_effect()
            raise RejectedError("The customer does not exist.")
        return super().create_order(order.model_copy(update={"customer_key": None}), context)
