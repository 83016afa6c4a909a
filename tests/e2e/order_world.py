"""Between Lime CRM and two ERP databases in PowerOffice Go: simulators on loopback, and what people do and see."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from erpcore_lime_crm.simulator import LimeCrmSimulator, Switches
from erpcore_lime_crm.simulator.demo import API_KEY, API_USER
from erpcore_poweroffice.simulator import PowerOfficeSimulator, sending
from erpcore_poweroffice.simulator.demo import APPLICATION_KEY, CLIENT_KEY, SECOND_CLIENT_KEY, SUBSCRIPTION_KEY

from erpcore.hookspecs import Context
from erpcore.simulator import Fault, running
from tests.e2e.installation import Installation, end_all, installed
from tests.e2e.settings_file import toml_text
from tests.e2e.world import organisation_number

SECRET = "a-secret-of-the-subscription"
WEBHOOK = "/webhooks/lime_crm/orders-token"
CONNECTIONS = {"1": "norway", "2": "sister"}
"""ERP db, as orders carry it -> connection to that database."""
_SENDS = 0.05


@dataclass
class OrderWorld(Installation):
    """One installation.

    Attributes:
        lime: Lime CRM.
        poweroffice: PowerOffice Go with two companies. Neither simulator has a rate window in the way.
    """

    kind: ClassVar[str] = "order"
    sync: ClassVar[str | None] = "orders_norway"

    lime: LimeCrmSimulator
    poweroffice: PowerOfficeSimulator

    # --- what people do

    def product(self, code: str, price: str = "100.00") -> str:
        """Add a product to both ERP databases."""
        product = {"Code": code, "Name": f"Vare {code}", "UnitPrice": float(price)}
        self.poweroffice.seed({"products": [product], "companies": {SECOND_CLIENT_KEY: {"products": [product]}}})
        return code

    def company(self, **values: Any) -> Any:
        """Add a company to Lime CRM with a number of its own, and no customer number yet."""
        number = organisation_number()
        given = {"registrationno": number, "country": "Sverige", "postalzipcode": "111 22", "postalcity": "Stockholm"}
        return self.lime.add_company(values.pop("name", f"Bolag {number} AB"), **given, **values)

    def order(self, company: Any, *rows: Mapping[str, Any], **values: Any) -> str:
        """Add a draft order."""
        return str(self.lime.add_order(company.id, rows or [row("KNOWN-1")], **{"currency": "NOK", **values}).id)

    def ready(self, *orders: str) -> None:
        """Set orders ready to be sent."""
        for order in orders:
            self.lime.set_ready(int(order))

    def known_customer(self, company: Any, erp_db: str) -> str:
        """Have a company be a customer in one ERP database, under a number that no other customer has."""
        held = {each["Number"] for db in CONNECTIONS for each in self.books(db)["customers"]}
        number = max(held | {15_000}) + 1
        values = company.values
        organisation = values["registrationno"].replace("-", "")
        customer = {"Number": number, "Name": values["name"], "OrganizationNumber": organisation}
        known = {"customers": [customer]}
        self.poweroffice.seed(known if erp_db == "1" else {"companies": {SECOND_CLIENT_KEY: known}})
        self.lime.edit_company(company.id, erp_id=str(number), erp_status="synced")
        return str(number)

    def send_by_hand(self, number: int) -> None:
        """Turn an order into an invoice as a person in the program does."""
        books = self.poweroffice.books
        with self.poweroffice.lock:
            order = books.by("orders", "SalesOrderNo", number)
            assert order is not None
            sending.send_by_hand(books, order, {"DeliveryType": "PdfPrintForDownload"})

    def import_invoices(self, erp_db: str = "1") -> list[str]:
        """Read what was invoiced in the ERP and store it in the CRM; give the invoices' numbers."""
        context = Context(correlation_id="invoices")
        with self.assembled() as assembly:
            page = assembly.erp(CONNECTIONS[erp_db]).fetch_invoices(None, None, context)
            for invoice in page.items:
                assembly.crm("lime_crm").store_invoice(invoice, context)
        return [str(invoice.number) for invoice in page.items]

    # --- what is there

    def shows(self, order: str, name: str) -> Any:
        """Give what Lime CRM shows of an order under the standard name of a property."""
        return self.lime.object("order", int(order)).values[name]

    def shown(self, order: str) -> tuple[str, str, str, str]:
        """Give an order's status, order number, invoice number and message, as Lime CRM shows them."""
        status, number, invoice, message = (
            str(self.shows(order, name)) for name in ("order_status", "order_number", "invoice_number", "error_message")
        )
        return status, number, invoice, message

    def books(self, erp_db: str = "1") -> dict[str, Any]:
        """Give what an ERP database holds, by register."""
        state = self.poweroffice.state()
        return state if erp_db == "1" else dict(state["companies"][SECOND_CLIENT_KEY])

    def orders(self, company: Any, erp_db: str = "1") -> list[dict[str, Any]]:
        """Give a company's orders that are no invoices yet."""
        return self._of(company, "orders", erp_db)

    def invoices(self, company: Any, erp_db: str = "1") -> list[dict[str, Any]]:
        """Give a company's invoices."""
        return self._of(company, "invoices", erp_db)

    def customers(self, company: Any, erp_db: str = "1") -> list[dict[str, Any]]:
        """Give the customers with a company's organisation number."""
        wanted = company.values["registrationno"].replace("-", "")
        return [each for each in self.books(erp_db)["customers"] if each["OrganizationNumber"] == wanted]

    def asked(self) -> list[str]:
        """Give what PowerOffice was asked since `forget`: verb and address below the API."""
        return [f"{entry.method} {entry.path}" for entry in self.poweroffice.journal.entries()]

    def deliveries(self) -> list[int | None]:
        """Give the answers to Lime CRM's deliveries since `forget`."""
        return [entry.status for entry in self.lime.journal.entries() if entry.kind.startswith("delivery")]

    def rounds(self) -> int:
        """Count the times that the feed was read for orders since `forget`."""
        return self.lime.journal.count("GET", ".*/limeobject/order/")

    def forget(self) -> None:
        """Empty both journals."""
        self.lime.journal.clear()
        self.poweroffice.journal.clear()

    def hold(self, method: str, path: str) -> None:
        """Let PowerOffice do the work of the next such request and keep its answer back."""
        self.poweroffice.faults.add(Fault("hold", method=method, path=path))

    def _of(self, company: Any, register: str, erp_db: str) -> list[dict[str, Any]]:
        numbers = {customer["Number"] for customer in self.customers(company, erp_db)}
        return [each for each in self.books(erp_db)[register] if each["CustomerNo"] in numbers]


def row(article: str | None, quantity: str = "2", price: str = "100.00", **values: Any) -> dict[str, Any]:
    """Give a row of an order."""
    return {
        "articleno": article,
        "description": f"Vare {article}",
        "quantity": quantity,
        "unit": "stk",
        "price": price,
        "vat": "0.25",
        **values,
    }


@contextmanager
def order_world_in(
    folder: Path,
    *,
    url: str = "sqlite:///erpcore.db",
    switches: Mapping[str, Any] | None = None,
    lime: Mapping[str, Any] | None = None,
    erp: Mapping[str, Any] | None = None,
    rules: Mapping[str, Any] | None = None,
    worker: Mapping[str, Any] | None = None,
    erp_dbs: Sequence[str] = tuple(CONNECTIONS),
) -> Iterator[OrderWorld]:
    """Build an installation without a worker.

    Args:
        folder: For everything that is written.
        url: Address of the store.
        switches: Switches of the Lime CRM simulator.
        lime: Settings of the CRM connection beside the usual ones; None takes a usual one away.
        erp: The same of the ERP connections.
        rules: Rules of the syncs beside the defaults; a missing product stops an order.
        worker: Settings of the worker beside the usual ones.
        erp_dbs: The databases that there are syncs for.
    """
    crm = LimeCrmSimulator(Switches.model_validate({"requests": 1_000_000, **(switches or {})}), with_demo=False)
    books = PowerOfficeSimulator(rate_limit=None)
    books.seed({"behaviour": {"sending_seconds": _SENDS}})
    with ExitStack() as stack:
        lime_url, erp_url = stack.enter_context(running(crm)), stack.enter_context(running(books))
        text = _settings_text(url, lime_url, erp_url, lime or {}, erp or {}, rules or {}, worker or {}, erp_dbs)
        settings, store = installed(stack, folder, text)
        made = OrderWorld(folder, settings, store, crm, books)
        stack.callback(end_all, made.processes)
        made.product("KNOWN-1")
        yield made


def _settings_text(
    url: str,
    lime_url: str,
    erp_url: str,
    lime: Mapping[str, Any],
    erp: Mapping[str, Any],
    rules: Mapping[str, Any],
    worker: Mapping[str, Any],
    erp_dbs: Sequence[str],
) -> str:
    tables: dict[str, Mapping[str, Any]] = {
        "store": {"url": url, "synchronous": "NORMAL"},
        "worker": {"poll_seconds": 0.1, "queue_seconds": 0.05, "stop_seconds": 2, "retry_seconds": [0.5], **worker},
        "connections.lime_crm": {
            "plugin": "lime_crm",
            "url": f"{lime_url}/demo",
            "api_key": API_KEY,
            "api_user_id": API_USER,
            "requests_per_window": 1_000_000,
            **lime,
        },
    }
    keys = {"1": CLIENT_KEY, "2": SECOND_CLIENT_KEY}
    for erp_db in erp_dbs:
        tables[f"connections.{CONNECTIONS[erp_db]}"] = {
            "plugin": "poweroffice",
            "base_url": erp_url,
            "application_key": APPLICATION_KEY,
            "client_key": keys[erp_db],
            "subscription_key": SUBSCRIPTION_KEY,
            "requests_per_window": 10_000,
            "request_seconds": 5.0,
            "sent_state_waits": [0.1, 0.2, 0.5, 1.0],
            **erp,
        }
        tables[f"syncs.orders_{CONNECTIONS[erp_db]}"] = {
            "crm": "lime_crm",
            "erp": CONNECTIONS[erp_db],
            "erp_db": erp_db,
            "missing_article": "stop",
            # The number and the status on a company are those of the first database alone.
            "customer_number_in_crm": "this_erp" if erp_db == "1" else "another_erp",
            **rules,
        }
    return toml_text(tables)
