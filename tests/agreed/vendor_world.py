"""A CRM in memory joined to a vendor's simulated ERP through the ERP's plugin, without sockets, in one thread."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

import httpx  # noqa: TID251 the transport of a stranger's client
from erpcore_fortnox.simulator import FortnoxSimulator
from erpcore_poweroffice.simulator import PowerOfficeSimulator, demo
from erpcore_visma_admin.simulator import TOKEN, VismaAdminSimulator
from erpcore_visma_eaccounting.simulator import VismaEAccountingSimulator
from erpcore_visma_eaccounting.simulator.seed import CODING_0, CODING_6, CODING_12, CODING_25

from erpcore.connection import ErpConnection
from erpcore.hookspecs import Context, hookimpl
from erpcore.host import Host, MemoryBudget, MemoryTokenStore, Token
from erpcore.models import CrmOrder, WriteBack
from erpcore.registry import connect_erp
from erpcore.simulator import Clock, Simulator
from erpcore.testing.straight import Straight
from tests.sync.order_plugin import OrderCrm
from tests.sync.world import TestTime, World

ERP_URL = "http://erp.invalid"


class TellingCrm(OrderCrm):
    """A CRM that has a place for everything that it is told of a deal and of an order."""

    @hookimpl
    def fetch_order(self, order_id: str, context: Context) -> CrmOrder:
        return self.desk.orders[order_id]

    @hookimpl
    def write_back(self, values: WriteBack, context: Context) -> bool:
        self.ask("write_back")
        self.desk.told.append(values)
        told = values.model_dump(exclude_unset=True)
        kept: Any = {"deal": self.desk.deals, "order": self.desk.orders, "company": self.desk.companies}
        record = kept[values.record_kind][values.record_id]
        if values.record_kind == "company":
            told["erp_number"] = told.pop("erp_id", record.erp_number)
        changed = {name: value for name, value in told.items() if name in type(record).model_fields}
        kept[values.record_kind][values.record_id] = record.model_copy(update=changed)
        return True


@dataclass(frozen=True)
class Held:
    """What an ERP's books say of a document.

    Attributes:
        net: Excluding VAT.
        vat: VAT.
        currency: Of both.
    """

    net: Decimal
    vat: Decimal
    currency: str


class Vendor(ABC):
    """An ERP, and how its books are read without its plugin.

    Attributes:
        name: Its plugin.
        home: Its company's country.
        currency: Its company's currency.
        rates: The VAT rates in percent, each with an article of the name ``A`` and the rate.
        says_vat: Whether a row says its VAT rate itself; else its article does.
        drafts: Whether it makes drafts of invoices.
        drafts_of_the_card: Whether a draft is in the currency of the customer's card, whatever was agreed.
        card: What it calls a customer's register (``register``), number, name, organisation number, e-mail address,
            address for invoices (``inbox``), country, currency, whether it is used (``active``) or not (``retired``).
        registers: Its registers of ``documents`` and of ``articles``.
    """

    name: ClassVar[str]
    home: ClassVar[str]
    currency: ClassVar[str]
    rates: ClassVar[tuple[int, ...]]
    says_vat: ClassVar[bool]
    drafts: ClassVar[bool] = True
    drafts_of_the_card: ClassVar[bool] = False
    settings: ClassVar[Mapping[str, Any]]
    card: ClassVar[Mapping[str, str]]
    registers: ClassVar[Mapping[str, tuple[str, ...]]]
    simulator: Simulator

    @abstractmethod
    def begin(self, clock: Clock) -> None:
        """Make the simulator, with its articles."""

    @abstractmethod
    def held(self, kind: str, number: str) -> Held:
        """Read an order or an invoice in the books."""

    def transport(self) -> Any:
        """Give the way to the simulator."""
        return Straight(self.simulator)

    def tokens(self) -> MemoryTokenStore:
        """Give what a person's consent gave."""
        return MemoryTokenStore()

    def customers(self) -> list[dict[str, Any]]:
        """Give the customers in the books, by the names of `card`."""
        return [
            {name: _at(held, native) for name, native in self.card.items() if name != "register"}
            for held in self.simulator.state()[self.card["register"]]
        ]

    def documents(self) -> int:
        """Count the orders and invoices in the books."""
        return self._count("documents")

    def articles(self) -> int:
        """Count the articles in the books."""
        return self._count("articles")

    def _count(self, kind: str) -> int:
        state = self.simulator.state()
        return sum(len(state.get(name, ())) for name in self.registers[kind])

    def add_customer(self, **values: Any) -> None:
        """Put a customer into the books, by the names of `card`."""
        number = int(values["number"]) if self.name == "poweroffice" else values["number"]
        record = {self.card[name]: value for name, value in {**values, "number": number}.items()}
        self.simulator.seed({self.card["register"]: [record]})

    def _one(self, register: str, **members: Any) -> Mapping[str, Any]:
        (found,) = [
            each
            for each in self.simulator.state()[register]
            if all(str(each[name]).removesuffix(".0") == value for name, value in members.items())
        ]
        return found


class FortnoxBooks(Vendor):
    name = "fortnox"
    home = "SE"
    currency = "SEK"
    rates = (25, 12, 6, 0)
    says_vat = True
    card: ClassVar = {
        "register": "customers",
        "number": "CustomerNumber",
        "name": "Name",
        "organisation_number": "OrganisationNumber",
        "email": "Email",
        "inbox": "EmailInvoice",
        "country": "CountryCode",
        "currency": "Currency",
        "active": "Active",
    }
    registers: ClassVar = {"documents": ("orders", "invoices"), "articles": ("articles",)}
    settings: ClassVar = {
        "base_url": ERP_URL,
        "auth_url": f"{ERP_URL}/oauth-v1",
        "client_id": "demo-client",
        "client_secret": "demo-secret",
        "tenant_id": "1234567",
        "requests_per_window": 10_000,
    }

    def begin(self, clock: Clock) -> None:
        self.simulator = FortnoxSimulator(rate_limit=None, clock=clock)
        articles = [{"ArticleNumber": f"A{rate}", "Description": f"Vara {rate}", "VAT": rate} for rate in self.rates]
        self.simulator.seed({"articles": articles})

    def held(self, kind: str, number: str) -> Held:
        found = self._one(f"{kind}s", DocumentNumber=number)
        return Held(money(found["Net"]), money(found["TotalVAT"]), found["Currency"])


class PowerOfficeBooks(Vendor):
    name = "poweroffice"
    home = "NO"
    currency = "NOK"
    rates = (25, 15, 12, 0)
    says_vat = False
    drafts = False
    card: ClassVar = {
        "register": "customers",
        "number": "Number",
        "name": "Name",
        "organisation_number": "OrganizationNumber",
        "email": "EmailAddress",
        "inbox": "InvoiceEmailAddress",
        "country": "MailAddress.CountryCode",
        "currency": "CurrencyCode",
        "retired": "IsArchived",
    }
    registers: ClassVar = {"documents": ("orders", "invoices"), "articles": ("products",)}
    settings: ClassVar = {
        "base_url": ERP_URL,
        "application_key": demo.APPLICATION_KEY,
        "client_key": demo.CLIENT_KEY,
        "subscription_key": demo.SUBSCRIPTION_KEY,
        "requests_per_window": 10_000,
        "sent_state_waits": [0.1],
        "default_product": "A25",
    }

    def begin(self, clock: Clock) -> None:
        self.simulator = PowerOfficeSimulator(rate_limit=None, clock=clock)
        accounts = zip(self.rates, (3000, 3030, 3040, 3100), strict=True)
        products = [{"Code": f"A{rate}", "Name": f"Vare {rate}", "StandardSalesAccount": no} for rate, no in accounts]
        self.simulator.seed({"products": products, "behaviour": {"sending_seconds": 0.0}})

    def held(self, kind: str, number: str) -> Held:
        own = {"order": "SalesOrderNo", "invoice": "InvoiceNo"}[kind]
        found = self._one(f"{kind}s", **{own: number})
        net = money(found["NetAmount"])
        return Held(net, money(found["TotalAmount"]) - net, found["CurrencyCode"])


class EAccountingBooks(Vendor):
    name = "visma_eaccounting"
    home = "SE"
    currency = "SEK"
    rates = (25, 12, 6, 0)
    says_vat = False
    drafts_of_the_card = True
    card: ClassVar = {
        "register": "customers",
        "number": "CustomerNumber",
        "name": "Name",
        "organisation_number": "CorporateIdentityNumber",
        "email": "EmailAddress",
        "inbox": "EmailAddress",
        "country": "InvoiceCountryCode",
        "currency": "CurrencyCode",
        "active": "IsActive",
    }
    registers: ClassVar = {"documents": ("orders", "customerinvoicedrafts"), "articles": ("articles",)}
    settings: ClassVar = {
        "base_url": ERP_URL,
        "identity_url": ERP_URL,
        "client_id": "demo-client",
        "client_secret": "demo-secret",
        "requests_per_window": 10_000,
        "default_article": "A25",
    }

    def begin(self, clock: Clock) -> None:
        self.simulator = self.visma = VismaEAccountingSimulator(rate_limit=None, clock=clock)
        codings = zip(self.rates, (CODING_25, CODING_12, CODING_6, CODING_0), strict=True)
        articles = [{"Number": f"A{rate}", "Name": f"Vara {rate}", "CodingId": coding} for rate, coding in codings]
        self.visma.seed({"articles": articles})

    def tokens(self) -> MemoryTokenStore:
        issued, store = self.visma.tokens(), MemoryTokenStore()
        until = self.visma.clock.now() + timedelta(seconds=issued.expires_in)
        store.save(self.name, Token(issued.access_token, issued.refresh_token, until, " ".join(issued.grant.scopes)))
        return store

    def held(self, kind: str, number: str) -> Held:
        if kind == "order":
            found = self._one("orders", Number=number)
            total, vat, off = found["Amount"], found["VatAmount"], found["RoundingsAmount"]
        else:
            found = self._one("customerinvoicedrafts", Id=number)
            total, vat, off = found["TotalAmount"], found["TotalVatAmount"], found["TotalRoundings"]
            # A draft says no currency of its own: it has the customer's.
            found = self._one("customers", Id=found["CustomerId"])
        return Held(money(total) - money(vat) - money(off), money(vat), found["CurrencyCode"])


class AgentTransport:
    """Hands requests to the agent of a simulated Visma Administration, in the thread that asks."""

    def __init__(self, simulator: VismaAdminSimulator) -> None:
        self._simulator = simulator

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        path, header = urlsplit(str(request.url)).path, request.headers.get("authorization", "")
        status, answer = self._simulator.answer_to(request.method, path, header, request.read(), 20.0)
        return httpx.Response(status, headers={"content-type": "application/json"}, content=json.dumps(answer))


class AdministrationBooks(Vendor):
    name = "visma_admin"
    home = "SE"
    currency = "SEK"
    rates = (25, 12, 6, 0)
    says_vat = True
    card: ClassVar = {
        "register": "CUSTOMER",
        "number": "NUMBER",
        "name": "NAME",
        "organisation_number": "ORGANISATION_NUMBER",
        "email": "EMAIL",
        "inbox": "EMAIL",
        "country": "CODE_OF_COUNTRY",
        "currency": "CODE_OF_CURRENCY",
        "retired": "INACTIVE",
    }
    registers: ClassVar = {"documents": ("ORDER_HEAD", "INVOICE_HEAD"), "articles": ("ARTICLE",)}
    settings: ClassVar = {
        "url": "https://erp.invalid",
        "token": TOKEN,
        "request_seconds": 20.0,
        "default_article": "A25",
    }

    def begin(self, clock: Clock) -> None:
        self.simulator = self.visma = VismaAdminSimulator(clock=clock)
        articles = [{"NUMBER": f"A{rate}", "NAME": f"Vara {rate}", "ACCOUNTING_CODE": "1"} for rate in self.rates]
        self.visma.seed({"ARTICLE": articles})

    def transport(self) -> Any:
        return AgentTransport(self.visma)

    def held(self, kind: str, number: str) -> Held:
        found = self._one(f"{kind.upper()}_HEAD", DOCUMENT_NUMBER=number)
        return Held(
            money(found["EXCLUDING_OF_VAT"]), money(found["VAT_AMOUNT"]), found.get("CURRENCY_CODE") or self.currency
        )


VENDORS: tuple[type[Vendor], ...] = (FortnoxBooks, PowerOfficeBooks, EAccountingBooks, AdministrationBooks)


def _at(held: Mapping[str, Any], native: str) -> Any:
    """Give the value of a dotted name."""
    value: Any = held
    for name in native.split("."):
        value = (value or {}).get(name)
    return value


def money(shown: Any) -> Decimal:
    """Read an amount as a simulator shows it."""
    return Decimal(str(shown or 0))


class VendorWorld(World):
    """One sync between the telling CRM and a vendor's simulated ERP."""

    def __init__(self, store_file: Path, vendor: Vendor, **rules: Any) -> None:
        self.vendor = vendor
        super().__init__(f"sqlite:///{store_file}", crm_class=TellingCrm)
        self.time = self.time if isinstance(self.time, TestTime) else TestTime()
        clock = Clock(self.time.now(), monotonic=lambda: self.time.at.timestamp())
        vendor.begin(clock)
        host = Host.in_memory(
            vendor.name,
            transport=vendor.transport(),
            clock=self.time.clock,
            budget=MemoryBudget(self.time.clock),
            tokens=vendor.tokens(),
        )
        self.erp: Any = connect_erp(vendor.name, host, dict(vendor.settings))
        self.rules(**rules)

    def last_told(self, kind: str, record_id: str) -> WriteBack | None:
        """Give what the CRM was told of a record last."""
        told = [each for each in self.desk.told if (each.record_kind, each.record_id) == (kind, record_id)]
        return told[-1] if told else None


@contextmanager
def vendor_world(store_file: Path, vendor: Vendor, **rules: Any) -> Iterator[VendorWorld]:
    """Join a CRM to a vendor's ERP while the block runs.

    Args:
        store_file: An empty store, for this world alone.
        vendor: The ERP.
        **rules: Rules of the sync that are not the usual ones.
    """
    world = VendorWorld(store_file, vendor, **rules)
    try:
        yield world
    finally:
        connection: ErpConnection = world.erp
        connection.close()
        world.close()
        if isinstance(vendor.simulator, VismaAdminSimulator):
            vendor.simulator.owner.stop()
