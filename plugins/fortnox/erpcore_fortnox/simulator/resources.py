"""All resources of the simulated company together."""

from __future__ import annotations

from typing import Any

from erpcore_fortnox.simulator.articles import Articles
from erpcore_fortnox.simulator.books import Books
from erpcore_fortnox.simulator.calls import Operation
from erpcore_fortnox.simulator.customers import Customers, show_customer
from erpcore_fortnox.simulator.invoices import Invoices
from erpcore_fortnox.simulator.orders import Orders
from erpcore_fortnox.simulator.payments import Payments, show_payment
from erpcore_fortnox.simulator.prices import Prices, show_price
from erpcore_fortnox.simulator.registers import REGISTERS, Registers, show_entry


class Resources:
    """One of each, on one company's books."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self.registers = Registers(books)
        self.customers = Customers(books)
        self.articles = Articles(books)
        self.prices = Prices(books)
        self.invoices = Invoices(books)
        self.orders = Orders(books, self.invoices)
        self.payments = Payments(books, self.invoices)

    def state(self) -> dict[str, Any]:
        """Return every record as its own GET shows it, under the names that a seed uses."""
        books = self._books
        return {
            **{
                register.path: [show_entry(register, entry) for entry in books.register(register.path).values()]
                for register in REGISTERS
            },
            "customers": [show_customer(record) for record in books.customers.values()],
            "customerreferences": [dict(row) for row in books.customer_references.values()],
            "articles": [self.articles.shown(record) for record in books.articles.values()],
            "prices": [show_price(record) for record in books.prices.values()],
            "orders": [self.orders.whole(record) for record in books.orders.values()],
            "invoices": [self.invoices.whole(record) for record in books.invoices.values()],
            "invoicepayments": [show_payment(record) for record in books.payments.values()],
        }

    def operations(self) -> list[Operation]:
        """Return the addresses of all of them."""
        return [
            operation
            for resource in (
                self.registers,
                self.customers,
                self.articles,
                self.prices,
                self.orders,
                self.invoices,
                self.payments,
            )
            for operation in resource.operations()
        ]
