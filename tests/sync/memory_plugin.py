"""A tiny ERP in memory: a real plugin class, stateful, with faults that a test switches on."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, ClassVar

from erpcore.errors import (
    ConflictError,
    MalformedReplyError,
    NotFoundError,
    OutcomeUnknownError,
    PermissionDeniedError,
    RateLimitedError,
    RejectedError,
    UnavailableError,
)
from erpcore.fields import Entry, Field, FieldMap, Rows, Unsupported, cut, leaf_names, replaced
from erpcore.hookspecs import Context, hookimpl
from erpcore.host import Host
from erpcore.models import (
    Article,
    ArticleQuery,
    CanonicalModel,
    ConnectionReport,
    Customer,
    CustomerQuery,
    DocumentQuery,
    Invoice,
    InvoiceRow,
    Order,
    OrderRow,
    RecordRef,
    Ref,
    same_organisation,
)
from erpcore.plugin import CONTRACT_VERSION, Effect, EffectKind, ErpPlugin, PluginSettings

CENT = Decimal("0.01")
SUMS = ("net", "vat", "total", "currency")


class Killed(BaseException):
    """The process ends here."""


def host(connection: str) -> Host:
    return Host.in_memory(connection)


def _map(model: type[CanonicalModel], *special: Entry) -> FieldMap[Any]:
    """A table that names every field as erpcore does, but for the special ones."""
    names = {entry.name for entry in special}
    plain = [
        Field(name, name)
        for name in leaf_names(model)
        if not any(name == other or name.startswith(f"{other}.") for other in names)
    ]
    return FieldMap(model, [*plain, *special])


def _plain(text: str) -> str:
    return text.replace("“", "'").replace("”", "'").replace("<", "(").replace(">", ")")


TEXT = replaced(_plain, "no angle brackets or curly quotes")
ORDER_ROW = _map(OrderRow, Field("description", "description", narrow=[TEXT, cut(50)]))
INVOICE_ROW = _map(InvoiceRow, Field("description", "description", narrow=[TEXT, cut(50)]))


@dataclass
class Books:
    """What the ERP's server holds, and which of its next answers go wrong.

    `faults` maps an operation to what happens to its next calls, in order; None is a call that goes well.
    """

    now: Callable[[], datetime]
    customers: dict[str, Customer] = field(default_factory=dict)
    articles: dict[str, Article] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    invoices: dict[str, Invoice] = field(default_factory=dict)
    shown_from: dict[str, datetime] = field(default_factory=dict)
    faults: dict[str, list[str | None]] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    lag: float = 0.0
    currencies: frozenset[str] = frozenset({"SEK", "EUR"})
    barrier: threading.Barrier | None = None
    lock: threading.RLock = field(default_factory=threading.RLock)
    before_gate: Callable[[str], None] = lambda operation: None
    """Is called before a write asks whether it may leave, as a plugin signs in or waits for its turn there."""
    under_way: Callable[[str], None] = lambda operation: None
    """Is called when a write has left and has not arrived."""

    def next_fault(self, operation: str) -> str | None:
        with self.lock:
            self.calls[operation] += 1
            waiting = self.faults.get(operation)
            return waiting.pop(0) if waiting else None


SURELY_NOT = (ConflictError, NotFoundError, PermissionDeniedError, RateLimitedError, RejectedError, UnavailableError)
"""Errors after which nothing was changed."""


def _raise(fault: str) -> None:
    errors: dict[str, BaseException] = {
        "lost": OutcomeUnknownError("The answer is lost."),
        "error": OutcomeUnknownError("The system answered 500.", status=500),
        "garbage": MalformedReplyError("The answer is HTML."),
        "broken": ValueError("a fault in the plugin"),
        "killed": Killed(),
        "unreachable": UnavailableError("The connection was refused."),
        "too_fast": RateLimitedError("Too many requests.", retry_after=5),
        "forbidden": PermissionDeniedError("No licence."),
        "refused": RejectedError("The values are refused.", vendor_text="Ogiltigt värde", vendor_code="2000"),
    }
    raise errors[fault]


class MemoryErp(ErpPlugin[PluginSettings]):
    name: ClassVar[str] = "memory_erp"
    display_name: ClassVar[str] = "Memory ERP"
    contract_version: ClassVar[int] = CONTRACT_VERSION
    Settings: ClassVar[type[PluginSettings]] = PluginSettings
    field_maps: ClassVar = {
        "customer": _map(
            Customer,
            Field("name", "name", narrow=[TEXT, cut(100)]),
            Unsupported("visiting_address", reason="it has no place for it"),
        ),
        "article": _map(Article),
        "order": _map(
            Order,
            Rows("rows", "rows", ORDER_ROW),
            Field("invoices", "invoices"),
            Field("your_reference", "your_reference", narrow=[cut(50)]),
        ),
        "order_row": ORDER_ROW,
        "invoice": _map(Invoice, Rows("rows", "rows", INVOICE_ROW)),
        "invoice_row": INVOICE_ROW,
    }
    effects: ClassVar = {
        "create_customer": Effect(EffectKind.BUSINESS_KEY, 3, "organisation number"),
        "update_customer": Effect(EffectKind.NATIVE_KEY, 0, "the customer number"),
        "create_article": Effect(EffectKind.BUSINESS_KEY, 3, "number, or description and reference"),
        "create_order": Effect(EffectKind.SEARCHABLE_REFERENCE, 3, "reference"),
        "create_invoice": Effect(EffectKind.SEARCHABLE_REFERENCE, 3, "reference"),
        "convert_to_invoice": Effect(EffectKind.NATIVE_KEY, 3, "the order's invoice number"),
    }

    to: ClassVar[Decimal] = CENT
    """What totals are rounded to."""
    tells_sums: ClassVar[bool] = True
    """Whether the answer to a document tells its sums."""

    def __init__(self, books: Books) -> None:
        super().__init__(PluginSettings(), host("erp"))
        self.books = books

    def _write(self, operation: str, work: Callable[[], RecordRef]) -> RecordRef:
        """Do the work with the next fault: ``before:x`` fails with x and does nothing, ``after:x`` does it first."""
        self.books.before_gate(operation)
        self.host.before_write(repeatable_call=operation == "update_customer")
        when, _, fault = (self.books.next_fault(operation) or "").partition(":")
        self.books.under_way(operation)
        try:
            if when == "before":
                _raise(fault)
            if self.books.barrier is not None:
                with suppress(threading.BrokenBarrierError):
                    self.books.barrier.wait(0.3)
            with self.books.lock:
                ref = work()
        except SURELY_NOT:
            self.host.had_no_effect()
            raise
        if when == "after":
            _raise(fault)
        return ref

    def _read(self, operation: str) -> None:
        if fault := self.books.next_fault(operation):
            _raise(fault.partition(":")[2])

    def _shown(self, key: str) -> bool:
        return self.books.shown_from.get(key, self.books.now()) <= self.books.now()

    def _made(self, key: str) -> None:
        self.books.shown_from[key] = self.books.now() + timedelta(seconds=self.books.lag)

    @hookimpl
    def check_connection(self, context: Context) -> ConnectionReport:
        return ConnectionReport(account="memory", checks=())

    @hookimpl
    def find_customers(self, query: CustomerQuery, context: Context) -> Sequence[Customer]:
        self._read("find_customers")
        wanted = {
            "number": query.number,
            "external_reference": query.reference,
            "name": query.name,
        }
        return [
            customer
            for number, customer in self.books.customers.items()
            if self._shown(f"customer {number}")
            and all(value is None or getattr(customer, name) == value for name, value in wanted.items())
            and (
                query.organisation_number is None
                or same_organisation(customer.organisation_number, query.organisation_number)
            )
        ]

    @hookimpl
    def create_customer(self, customer: Customer, context: Context) -> RecordRef:
        def work() -> RecordRef:
            number = str(len(self.books.customers) + 1)
            self.books.customers[number] = self._kept("customer", customer, Customer, number=number)
            self._made(f"customer {number}")
            return RecordRef(number=number)

        return self._write("create_customer", work)

    @hookimpl
    def update_customer(self, customer_ref: Ref, customer: Customer, context: Context) -> RecordRef:
        def work() -> RecordRef:
            number = customer_ref.number
            if number not in self.books.customers:
                raise NotFoundError(f"There is no customer {number}.")
            old = self.books.customers[number]
            self.books.customers[number] = old.model_copy(
                update={name: getattr(customer, name) for name in customer.model_fields_set}
            )
            return RecordRef(number=number)

        return self._write("update_customer", work)

    @hookimpl
    def find_articles(self, query: ArticleQuery, context: Context) -> Sequence[Article]:
        self._read("find_articles")
        return [
            article
            for number, article in self.books.articles.items()
            if self._shown(f"article {number}")
            and (query.number is None or number == query.number)
            and (query.description is None or article.description == query.description)
        ]

    @hookimpl
    def create_article(self, article: Article, context: Context) -> RecordRef:
        def work() -> RecordRef:
            number = article.number or f"A{len(self.books.articles) + 1}"
            if number in self.books.articles:
                raise ConflictError(f"There is an article {number} already.")
            self.books.articles[number] = self._kept("article", article, Article, number=number)
            self._made(f"article {number}")
            return RecordRef(number=number)

        return self._write("create_article", work)

    @hookimpl
    def create_order(self, order: Order, context: Context) -> RecordRef:
        def work() -> RecordRef:
            self._require(order)
            number = str(1001 + len(self.books.orders))
            kept = self._kept("order", order, Order, number=number, reference=context.reference)
            self.books.orders[number] = self._summed(kept)
            self._made(f"order {number}")
            return self._answer(number, self.books.orders[number])

        return self._write("create_order", work)

    @hookimpl
    def find_orders(self, query: DocumentQuery, context: Context) -> Sequence[Order]:
        self._read("find_orders")
        return self._documents(self.books.orders, query, "order")

    @hookimpl
    def convert_to_invoice(self, order_ref: Ref, context: Context) -> RecordRef:
        def work() -> RecordRef:
            order_number = order_ref.number
            order = self.books.orders[order_number]
            if order.invoices:
                raise ConflictError(f"Order {order_number} was turned into an invoice before.")
            number = str(1 + len(self.books.invoices))
            sums = order.model_dump(include=set(SUMS))
            self.books.invoices[number] = Invoice(number=number, order_number=order_number, booked=False, **sums)
            self.books.orders[order_number] = order.model_copy(update={"invoices": (Ref(number=number),)})
            return self._answer(number, self.books.invoices[number])

        return self._write("convert_to_invoice", work)

    @hookimpl
    def create_invoice(self, invoice: Invoice, context: Context) -> RecordRef:
        def work() -> RecordRef:
            self._require(invoice)
            number = str(1 + len(self.books.invoices))
            kept = self._kept("invoice", invoice, Invoice, number=number, reference=context.reference, booked=False)
            self.books.invoices[number] = self._summed(kept)
            self._made(f"invoice {number}")
            return self._answer(number, self.books.invoices[number])

        return self._write("create_invoice", work)

    @hookimpl
    def find_invoices(self, query: DocumentQuery, context: Context) -> Sequence[Invoice]:
        self._read("find_invoices")
        return self._documents(self.books.invoices, query, "invoice")

    def _documents(self, documents: dict[str, Any], query: DocumentQuery, kind: str) -> list[Any]:
        return [
            document
            for number, document in documents.items()
            if self._shown(f"{kind} {number}")
            and (query.number is None or number == query.number)
            and (query.reference is None or document.reference == query.reference)
        ]

    def _kept(self, name: str, record: CanonicalModel, model: type[CanonicalModel], **own: Any) -> Any:
        """What arrives: the payload of the field map, read back."""
        field_map = self.field_maps[name]
        return field_map.from_native(field_map.to_native(record)).model_copy(update=own)

    def _summed(self, document: Any) -> Any:
        """Add a document up, with 25 % VAT where a row shows no rate."""
        net = vat = Decimal(0)
        for row in document.rows or ():
            gross = (row.quantity or Decimal(0)) * (row.unit_price or Decimal(0))
            amount = gross - (row.discount_amount or Decimal(0)) - gross * (row.discount_percent or Decimal(0)) / 100
            rate = Decimal(25) if row.vat_percent is None else row.vat_percent
            net += amount.quantize(CENT, ROUND_HALF_UP)
            vat += (amount * rate / 100).quantize(CENT, ROUND_HALF_UP)
        return document.model_copy(update={"net": net, "vat": vat, "total": (net + vat).quantize(self.to)})

    def _answer(self, number: str, document: Any) -> RecordRef:
        """The answer to a document that was made."""
        return RecordRef(number=number, **(document.model_dump(include=set(SUMS)) if self.tells_sums else {}))

    def _require(self, document: Order | Invoice) -> None:
        if document.customer_number not in self.books.customers:
            raise RejectedError("The customer does not exist.", vendor_code="2000433")
        if document.currency is not None and document.currency not in self.books.currencies:
            raise RejectedError("The currency is not in the register.", vendor_text="Valutan finns inte")
        for row in document.rows or ():
            if row.article_number is not None and row.article_number not in self.books.articles:
                raise RejectedError(f"The article {row.article_number} does not exist.", vendor_code="2001302")
