"""The accounting programs and CRMs between which invoices come home: simulators, and what people do and see in them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from erpcore_fortnox.simulator import FortnoxSimulator
from erpcore_lime_crm.simulator import LimeCrmSimulator, Switches as LimeCrmSwitches
from erpcore_lime_crm.simulator.demo import API_KEY, API_USER
from erpcore_lime_go.simulator import LimeGoSimulator, Switches as LimeGoSwitches
from erpcore_lime_go.simulator.demo import CLIENT_ID, CLIENT_SECRET
from erpcore_lime_go.simulator.records import Company as LimeGoCompany
from erpcore_poweroffice.simulator import PowerOfficeSimulator, demo
from erpcore_visma_eaccounting.simulator import VismaEAccountingSimulator

from erpcore.host import MemoryTokenStore, Token
from tests.e2e.world import organisation_number


class Books(ABC):
    """An accounting program, and what people do in it."""

    connection: ClassVar[dict[str, Any]]
    simulator: Any

    overlap_seconds: float | None = None

    def settings(self, url: str) -> dict[str, Any]:
        """Give the connection's settings."""
        told = {
            name: str(value).replace("{url}", url) if isinstance(value, str) else value
            for name, value in self.connection.items()
        }
        return told if self.overlap_seconds is None else {**told, "overlap_seconds": self.overlap_seconds}

    def tokens(self) -> MemoryTokenStore:
        """Give a store with what a consent gave, where one is needed."""
        return MemoryTokenStore()

    @abstractmethod
    def book(self, number: str) -> str:
        """Book an invoice draft; give the number that it has then."""

    @abstractmethod
    def pay(self, number: str, amount: str | None = None) -> None:
        """Book a payment, of all that is left when no amount is given."""

    def credit(self, number: str) -> str | None:
        """Credit an invoice in full, and book the credit note; give its number, None where that is not simulated."""
        return None

    def asked(self) -> list[str]:
        """Give the verbs of what the interface was asked since the last time, sign-in left out."""
        entries = self.simulator.journal.entries()
        self.simulator.journal.clear()
        return [each.method for each in entries if not ("token" in each.path.lower() or "_simulator" in each.path)]


class FortnoxBooks(Books):
    connection: ClassVar = {
        "plugin": "fortnox",
        "client_id": "demo-client",
        "client_secret": "demo-secret",
        "tenant_id": "1234567",
        "base_url": "{url}",
        "auth_url": "{url}/oauth-v1",
        "requests_per_window": 10_000,
    }

    def __init__(self, **behaviour: Any) -> None:
        self.simulator = FortnoxSimulator(rate_limit=None)
        if behaviour:
            self.simulator.seed({"behaviour": behaviour})

    def book(self, number: str) -> str:
        self.simulator.book_invoice(number)
        return number

    def pay(self, number: str, amount: str | None = None) -> None:
        self.simulator.pay_invoice(number, amount)

    def credit(self, number: str) -> str | None:
        note = str(self.simulator.credit_invoice(number)["DocumentNumber"])
        return self.book(note)


class PowerOfficeBooks(Books):
    connection: ClassVar = {
        "plugin": "poweroffice",
        "base_url": "{url}",
        "application_key": demo.APPLICATION_KEY,
        "client_key": demo.CLIENT_KEY,
        "subscription_key": demo.SUBSCRIPTION_KEY,
        "requests_per_window": 10_000,
        "sent_state_waits": [0.05, 0.1, 0.3],
    }

    def __init__(self) -> None:
        self.simulator = PowerOfficeSimulator(rate_limit=None)
        self.simulator.seed({"behaviour": {"sending_seconds": 0.02}})

    def book(self, number: str) -> str:
        return number  # an order becomes a booked invoice there

    def pay(self, number: str, amount: str | None = None) -> None:
        self.simulator.pay_invoice(int(number), amount)


class VismaEAccountingBooks(Books):
    connection: ClassVar = {
        "plugin": "visma_eaccounting",
        "client_id": "demo-client",
        "client_secret": "demo-secret",
        "base_url": "{url}",
        "identity_url": "{url}",
        "default_city": "Okänd",
        "default_postal_code": "000 00",
        "default_article": "S-1",
        "requests_per_window": 10_000,
    }

    def __init__(self, **behaviour: Any) -> None:
        self.simulator = VismaEAccountingSimulator(rate_limit=None)
        if behaviour:
            self.simulator.switch(**behaviour)

    def tokens(self) -> MemoryTokenStore:
        issued = self.simulator.tokens()
        store = MemoryTokenStore()
        until = datetime.now(UTC) + timedelta(days=400)
        store.save("erp", Token(issued.access_token, issued.refresh_token, until, " ".join(issued.grant.scopes)))
        return store

    def book(self, number: str) -> str:
        return str(self.simulator.book_draft(number))

    def pay(self, number: str, amount: str | None = None) -> None:
        self.simulator.pay_invoice(int(number), amount)

    def credit(self, number: str) -> str | None:
        return str(self.simulator.credit_invoice(int(number), settled=False))


class VismaAdminBooks(Books):
    connection: ClassVar = {"plugin": "visma_admin", "url": "{url}", "token": "visma-admin-demo-token-0123456789abcdef"}

    def __init__(self, *, stamps_invoice: bool = True) -> None:
        from erpcore_visma_admin.simulator import VismaAdminSimulator

        self.simulator = VismaAdminSimulator()
        self._stamps_invoice = stamps_invoice

    def book(self, number: str) -> str:
        self.simulator.print_invoice(int(number))
        return number

    def pay(self, number: str, amount: str | None = None) -> None:
        self.simulator.pay(int(number), amount, stamps_invoice=self._stamps_invoice)


class Sales(ABC):
    """A CRM, and what people see in it."""

    kind: ClassVar[str]
    simulator: Any

    @abstractmethod
    def settings(self, url: str) -> dict[str, Any]:
        """Give the connection's settings."""

    @abstractmethod
    def company(self, customer_number: str) -> str:
        """Add a company that is a customer in the ERP; give its key."""

    @abstractmethod
    def record(self, company: str, order_number: str) -> str:
        """Add a deal or an order of it that has become an order in the ERP; give its key."""

    @abstractmethod
    def colour(self, record: str) -> str | None:
        """Give the colour that the deal, or the invoice of the order, shows."""

    @abstractmethod
    def left(self, record: str) -> Decimal | None:
        """Give what is left to pay of it, as the CRM shows it."""


class LimeCrmSales(Sales):
    kind: ClassVar[str] = "order"

    def __init__(self) -> None:
        self.simulator = LimeCrmSimulator(LimeCrmSwitches(requests=1_000_000), with_demo=False)

    def settings(self, url: str) -> dict[str, Any]:
        return {
            "plugin": "lime_crm",
            "url": f"{url}/demo",
            "api_key": API_KEY,
            "api_user_id": API_USER,
            "requests_per_window": 1_000_000,
            "invoice": {"colour": "invoice_colour", "currency_rate": "exchange_rate"},
        }

    def company(self, customer_number: str) -> str:
        made = self.simulator.add_company(f"Bolag {customer_number} AB", registrationno=organisation_number())
        self.simulator.edit_company(made.id, erp_id=customer_number)
        return str(made.id)

    def record(self, company: str, order_number: str) -> str:
        order = self.simulator.add_order(int(company), [], order_number=order_number)
        return str(order.id)

    def invoice(self, record: str) -> Any:
        """Give the invoice that an order is related to."""
        related = self.simulator.object("order", int(record)).values["invoice"]
        return None if related is None else self.simulator.object("invoice", related)

    def invoices(self) -> list[Any]:
        """Give all invoices."""
        return list(self.simulator.account.all("invoice"))

    def colour(self, record: str) -> str | None:
        invoice = self.invoice(record)
        return None if invoice is None else invoice.values["invoice_colour"] or None

    def left(self, record: str) -> Decimal | None:
        invoice = self.invoice(record)
        return None if invoice is None else invoice.values["invoice_balance"]


class LimeGoSales(Sales):
    kind: ClassVar[str] = "deal"
    fields: ClassVar[dict[str, str]] = {
        "invoices_field": "Fakturor",
        "invoice_colour_field": "Fakturafärg",
        "invoice_total_field": "Fakturasumma",
        "invoice_balance_field": "Kvar att betala",
        "invoice_due_field": "Förfaller",
        "invoice_paid_field": "Betald",
    }
    company_fields: ClassVar[dict[str, str]] = {
        "company_invoice_colour_field": "Betalningsläge",
        "company_balance_field": "Skuld",
        "company_due_field": "Nästa förfallodag",
    }

    def __init__(self) -> None:
        limits = {"integration_limit": 100_000, "organization_limit": 100_000}
        self.simulator = LimeGoSimulator(LimeGoSwitches.model_validate(limits))
        self.simulator.seed(
            {
                "custom_fields": [
                    *({"title": title, "entity_type": "deals"} for title in self.fields.values()),
                    *({"title": title, "entity_type": "companies"} for title in self.company_fields.values()),
                ]
            }
        )

    def settings(self, url: str) -> dict[str, Any]:
        return {
            "plugin": "lime_go",
            "api": "agentic",
            "base_url": url,
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "requests_per_minute": 100_000,
            "organisation_requests_per_minute": 100_000,
            **self.fields,
            **self.company_fields,
        }

    def company(self, customer_number: str) -> str:
        number = organisation_number()
        return str(self.simulator.add_company(f"Bolag {customer_number} AB", business_id=number, country="SE").id)

    def record(self, company: str, order_number: str) -> str:
        return str(self.simulator.add_deal(f"Affär {order_number}", "1000", company=company).id)

    def shown(self, record: str, title: str) -> Any:
        """Give what a deal's custom field shows."""
        return self.simulator.custom_field(record, title)

    def company_shows(self, company: str, title: str) -> Any:
        """Give what a company's custom field shows."""
        key = self.simulator.account.custom_field("companies", title).key
        return self.simulator.account.get(LimeGoCompany, company).custom_fields.get(key)

    def colour(self, record: str) -> str | None:
        found: str | None = self.shown(record, "Fakturafärg")
        return found

    def left(self, record: str) -> Decimal | None:
        shown = self.shown(record, "Kvar att betala")
        return None if shown is None else Decimal(shown)
