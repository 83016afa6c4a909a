"""The ERPs that are simulated: their settings, their simulators, and how their books are read."""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache, partial
from random import Random
from typing import Any, ClassVar

from erpcore_fortnox.simulator import FortnoxSimulator
from erpcore_poweroffice.simulator import PowerOfficeSimulator
from erpcore_poweroffice.simulator.demo import APPLICATION_KEY, CLIENT_KEY, SUBSCRIPTION_KEY
from erpcore_visma_admin.simulator import TOKEN as AGENT_TOKEN, VismaAdminSimulator
from erpcore_visma_eaccounting.simulator import VismaEAccountingSimulator

from erpcore.simulator import Clock
from erpcore.testing.simulation import Document, Pair, System
from erpcore.testing.simulation.installation import STEPS

COMPANY = "559900-0436"
ARTICLE = "A-1"


@cache
def _differs(name: str, unlike: str) -> bool:
    return re.search(unlike, name) is not None


def content(shown: Any, unlike: str) -> str:
    """Give a record as text, without what differs from one schedule to another, and what stands empty in it."""

    def kept(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: kept(each) for name, each in value.items() if each != "" and not _differs(name, unlike)}
        return [kept(each) for each in value] if isinstance(value, list) else value

    text = json.dumps(kept(shown), sort_keys=True, default=str, ensure_ascii=False)
    return re.sub(r"20\d\d-\d\d-\d\d[^\"]*|(?<=rder )\d+|(?<=Faktura )\d+|(?<=Ref: )[\w-]+", "~", text)


class Erp(ABC):
    """An ERP of a pair.

    Attributes:
        name: Name of its connection, and of its plugin.
        settings: Of the connection; its host is ``erp``.
        made: Makes its simulator, without a rate window that would be in the way.
        strikes: What it can be struck with beside others; see `System`.
        simulator: Its simulator.
        currency: The company's.
        unit: One that it knows.
        steps: See `Pair`.
        orders: Registers of its documents, and their fields for number, rows and a row's text.
        customers: Their register, and the field and value by which ours is known.
        articles: The same of the article.
        unlike: Fields of documents, customers and articles that differ from one schedule to another.
        invoices: The register of its invoices, and their fields for number, total, and what is left to pay.
    """

    name: ClassVar[str]
    settings: ClassVar[Mapping[str, Any]]
    made: Any
    strikes: ClassVar[Mapping[str, Any]] = {"lag": "index_lag", "lag_seconds": 9, "signs_out": "expired_token"}
    simulator: Any
    currency: ClassVar[str] = "SEK"
    unit: ClassVar[str] = "st"
    steps: ClassVar[Sequence[str]] = STEPS
    orders: ClassVar[Sequence[tuple[str, str, str, str]]]
    customers: ClassVar[tuple[str, str, str]]
    articles: ClassVar[tuple[str, str, str]]
    unlike: ClassVar[tuple[str, str, str]]
    invoices: ClassVar[tuple[str, str, str, str]]

    def system(self, clock: Clock, random: Random) -> System:
        self.simulator = self.made(clock=clock, random=random)
        return System(self.simulator, **self.strikes)

    def connect(self, pair: Pair) -> None:  # noqa: B027  most need none
        """Give the consent that a person must give, if any."""

    def documents(self) -> list[Document]:
        """Give the orders, each with what it became."""
        state, found = self.simulator.state(), list[Document]()
        for register, number, rows, text in self.orders:
            for each in state[register]:
                whole = [content(one, self.unlike[0]) for one in (each, *self._became(state, each))]
                record = each[rows][0][text].split()[-1]
                found.append(Document(record, f"{float(each[number]):.0f}", "\n".join(whole)))
        return found

    def _became(self, state: Mapping[str, Any], order: Mapping[str, Any]) -> list[Any]:
        """Give the invoices, or drafts of them, that an order became."""
        return []

    def registers(self) -> dict[str, tuple[str, ...]]:
        """Give the customer's and the article's entries."""
        state, found = self.simulator.state(), dict[str, tuple[str, ...]]()
        for name, unlike in zip(("customers", "articles"), self.unlike[1:], strict=True):
            register, field, value = getattr(self, name)
            found[name] = tuple(content(each, unlike) for each in state[register] if each.get(field) == value)
        return found

    def owed(self) -> list[tuple[str, Decimal, Decimal]]:
        """Give the invoices: number, total, and what is left to pay."""
        register, *fields = self.invoices
        held = [[each[name] for name in fields] for each in self.simulator.state()[register]]
        return [(f"{float(number):.0f}", Decimal(str(total)), Decimal(str(left))) for number, total, left in held]

    @abstractmethod
    def book(self) -> None:
        """Book the one invoice."""

    def pay(self, amount: str | None = None) -> bool:
        """Pay of the first invoice so much, or all that is left; False where that is more than is left."""
        number, _, left = self.owed()[0]
        if left < Decimal(amount or "0.01"):
            return False
        self._pay(int(number), amount)
        return True

    def _pay(self, number: int, amount: str | None) -> None:
        self.simulator.pay_invoice(number, amount)

    def credit(self) -> bool:
        """Credit the first invoice; False where that cannot be done, or was."""
        return False


class Fortnox(Erp):
    """Fortnox: an order that becomes an invoice is that invoice's."""

    name = "fortnox"
    made = partial(FortnoxSimulator, rate_limit=None)
    settings: ClassVar = {
        "base_url": "http://erp",
        "auth_url": "http://erp/oauth-v1",
        "client_id": "demo-client",
        "client_secret": "demo-secret",
        "tenant_id": "1234567",
        "requests_per_window": 10_000,
    }
    orders = (("orders", "DocumentNumber", "OrderRows", "Description"),)
    customers = ("customers", "OrganisationNumber", COMPANY)
    articles = ("articles", "ArticleNumber", ARTICLE)
    unlike = (
        "Number|[uU]rl|Reference|OCR|Id$",
        "Number$|[uU]rl|Id$|Reference",
        "Description|Number$|[uU]rl|Id$|Reference",
    )
    invoices = ("invoices", "DocumentNumber", "Total", "Balance")

    def _became(self, state: Mapping[str, Any], order: Mapping[str, Any]) -> list[Any]:
        return [each for each in state["invoices"] if each["OrderReference"] == order["DocumentNumber"]]

    def book(self) -> None:
        self.simulator.book_invoice(1)

    def credit(self) -> bool:
        """Make and book a credit note, once."""
        if len(self.owed()) > 1:
            return False
        self.simulator.book_invoice(self.simulator.credit_invoice(1)["DocumentNumber"])
        return True


class PowerOffice(Erp):
    """PowerOffice Go, where an order that becomes an invoice is an order no more, and the invoice is booked."""

    name = "poweroffice"
    made = partial(PowerOfficeSimulator, rate_limit=None)
    strikes: ClassVar = {"lag": "replica_lag", "lag_seconds": 4, "signs_out": "expired_token"}
    currency = "NOK"
    unit = "stk"
    settings: ClassVar = {
        "base_url": "http://erp",
        "application_key": APPLICATION_KEY,
        "client_key": CLIENT_KEY,
        "subscription_key": SUBSCRIPTION_KEY,
        "requests_per_window": 10_000,
    }
    orders = (
        ("orders", "SalesOrderNo", "SalesOrderLines", "Description"),
        ("invoices", "OrderNo", "OutgoingInvoiceLines", "Description"),
    )
    customers = ("customers", "OrganizationNumber", COMPANY.replace("-", ""))
    articles = ("products", "Code", ARTICLE)
    # An invoice's Cid is a check number made of its number.
    _any = "No$|Id$|Number$|Reference|[uU]rl|Version|Code$|^Cid$"
    unlike = (_any, _any, f"Name|Description|{_any}")
    invoices = ("invoices", "InvoiceNo", "TotalAmount", "Balance")

    def book(self) -> None:
        """It is booked from its beginning."""


class VismaEAccounting(Erp):
    """Visma eAccounting, where a person consents, and an order becomes a draft of an invoice."""

    name = "visma_eaccounting"
    made = partial(VismaEAccountingSimulator, rate_limit=None)
    settings: ClassVar = {
        "base_url": "http://erp",
        "identity_url": "http://erp",
        "client_id": "demo-client",
        "client_secret": "demo-secret",
        "default_postal_code": "111 22",
        "requests_per_window": 10_000,
    }
    orders = (("orders", "Number", "Rows", "Text"),)
    customers = ("customers", "CorporateIdentityNumber", COMPANY)
    articles = ("articles", "Number", ARTICLE)
    unlike = ("Number$|Id$|[uU]tc$", "Number$|Id$|[uU]tc$", "Name|Number$|Id$|[uU]tc$")
    invoices = ("customerinvoices", "InvoiceNumber", "TotalAmount", "RemainingAmount")

    def connect(self, pair: Pair) -> None:
        pair.consent(self.name, self.simulator)

    def _became(self, state: Mapping[str, Any], order: Mapping[str, Any]) -> list[Any]:
        made = [*state["customerinvoicedrafts"], *state["customerinvoices"]]
        ours = re.compile(rf"[Oo]rder {order['Number']}\b")
        return [each for each in made if ours.search(json.dumps(each, ensure_ascii=False, default=str))]

    def book(self) -> None:
        self.simulator.book_draft(self.simulator.state()["customerinvoicedrafts"][0]["Id"])


class VismaAdmin(Erp):
    """Visma Administration: the agent, and behind it the library, which one thread of the agent's calls."""

    name = "visma_admin"
    made = VismaAdminSimulator
    # Its agent believes no request that is older than 30 s.
    strikes: ClassVar = {"late": 29.0, "reads": "/(about|find|select|page|changed|search)$"}
    settings: ClassVar = {"url": "https://erp", "token": AGENT_TOKEN}
    steps = ("step 4", "step -4")  # several make more than 30 s, and the agent believes nothing until somebody mends it
    orders = (("ORDER_HEAD", "DOCUMENT_NUMBER", "ROWS", "TEXT"),)
    customers = ("CUSTOMER", "ORGANISATION_NUMBER", COMPANY)
    articles = ("ARTICLE", "NUMBER", ARTICLE)
    _any = "^NUMBER$|CUSTOMER_NUMBER|DOCUMENT|DATE|TIMESTAMP|REMARK"
    unlike = (_any, _any, "NAME|TIMESTAMP")
    invoices = ("INVOICE_HEAD", "DOCUMENT_NUMBER", "TOTAL_AMOUNT", "BALANCE")

    def system(self, clock: Clock, random: Random) -> System:
        system = super().system(clock, random)
        system.restart = self.simulator.restart_agent
        return system

    def _became(self, state: Mapping[str, Any], order: Mapping[str, Any]) -> list[Any]:
        number = order["DOCUMENT_NUMBER"]
        return [each for each in state["INVOICE_HEAD"] if each["DOCUMENT_CONNECTION_NUMBER1"] == number]

    def registers(self) -> dict[str, tuple[str, ...]]:
        """Give the customer's and the article's entries, the article's with its prices."""
        held, prices = super().registers(), [content(each, "TIMESTAMP") for each in self.simulator.state()["PRICE"]]
        return {**held, "articles": tuple("\n".join([each, *prices]) for each in held["articles"])}

    def book(self) -> None:
        self.simulator.print_invoice(int(self.owed()[0][0]))

    def _pay(self, number: int, amount: str | None) -> None:
        self.simulator.pay(number, amount)
