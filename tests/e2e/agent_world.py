"""Lime CRM and Visma Administration behind a real agent, which is started again when it dies, as Windows does."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar

from erpcore_lime_crm.simulator import LimeCrmSimulator, Switches
from erpcore_lime_crm.simulator.demo import API_KEY, API_USER
from erpcore_visma_admin.simulator.books import new_books
from erpcore_visma_admin.simulator.company import Company
from erpcore_visma_admin.simulator.library import build

from erpcore.listening import free_port
from erpcore.simulator import running
from tests.e2e.installation import Installation, end_all, installed
from tests.e2e.order_world import row
from tests.e2e.settings_file import toml_text
from tests.e2e.world import organisation_number
from tests.forked import Forked

TOKEN = "the-token-of-the-agent-of-these-tests"
AGENT = "erpcore_visma_admin.agent.cli:main"
FENCE = 1.0
LONGEST_REQUEST = 9.0


class Service:
    """The agent as a service: started again when it dies.

    Args:
        folder: For its settings and its log.
        way: How it is reached, as lines of its settings.
        company: The company that it opens.
    """

    def __init__(self, folder: Path, way: str, company: Company) -> None:
        self.settings = folder / "agent.toml"
        self.settings.write_text(
            f"{way}\ndll = '{build()}'\nlog = '{folder / 'agent.log'}'\nidle_seconds = 0.5\n"
            f"[companies.main]\nsystem_path = '{company.system_path}'\ncompany_path = '{company.path}'\n",
            encoding="utf-8",
        )
        self.starts = 0
        self.process = self._start()
        self._ending = threading.Event()
        self._watch = threading.Thread(target=self._keep, name="service manager")
        self._watch.start()

    def _start(self) -> Forked:
        self.starts += 1
        folder = self.settings.parent
        environment = {**os.environ, "ERPCORE_ADK_TOKEN": TOKEN, "TMPDIR": str(folder)}
        return Forked(AGENT, ["run", "--settings", str(self.settings)], folder / "agent.out", environment)

    def _keep(self) -> None:
        while not self._ending.wait(0.1):
            if self.process.poll() is not None:
                self.process = self._start()

    def end(self) -> None:
        """Stop it for good."""
        self._ending.set()
        self._watch.join(10)
        self.process.kill()
        self.process.wait(10)


@dataclass
class AgentWorld(Installation):
    """An installation with Lime CRM and one Visma Administration company behind an agent."""

    kind: ClassVar[str] = "order"

    lime: LimeCrmSimulator
    company: Company
    service: Service

    def order(self, article: str = "KNOWN-1") -> tuple[Any, str]:
        """Add a company and an order of it that shall become an invoice, and set it ready."""
        number = organisation_number()
        where = {"country": "Sverige", "postalzipcode": "111 22", "postalcity": "Stockholm"}
        company = self.lime.add_company(f"Bolag {number} AB", registrationno=number, **where)
        rows = [row(article, unit="st")]
        order = str(self.lime.add_order(company.id, rows, currency="SEK", create_invoice_from_order=True).id)
        self.lime.set_ready(int(order))
        return company, order

    def held(self, table: str, customer: str) -> list[dict[str, Any]]:
        """Give a table's records of a customer."""
        registers = self.company.read().registers
        key = {"CUSTOMER": "NUMBER"}.get(table, "CUSTOMER_NUMBER")
        return [each.plain() for each in registers.get(table, []) if each.values.get(key) == customer]

    def shown(self, order: str, name: str) -> str:
        """Give what Lime CRM shows of an order."""
        return str(self.lime.object("order", int(order)).values[name])


def went_well(world: AgentWorld, company: Any, order: str) -> None:
    """One customer, one order and one invoice, and Lime CRM knows them."""
    world.done(order)
    customer = str(company.values["erp_id"])
    (_,) = world.held("CUSTOMER", customer)
    (made,) = world.held("ORDER_HEAD", customer)
    (invoice,) = world.held("INVOICE_HEAD", customer)
    assert world.shown(order, "order_status") == "synced"
    assert world.shown(order, "order_number") == f"{made['DOCUMENT_NUMBER']:.0f}"
    assert world.shown(order, "invoice_number") == f"{invoice['DOCUMENT_NUMBER']:.0f}"
    assert {intent.state for intent in world.intents()} == {"done"}


@contextmanager
def agent_world_in(
    folder: Path, *, asks: bool, url: str = "sqlite:///erpcore.db", worker: Mapping[str, Any] = MappingProxyType({})
) -> Iterator[AgentWorld]:
    """Build an installation without a worker; the agent is at work.

    Args:
        folder: For everything that is written.
        asks: The agent asks at the worker's port, since it cannot be reached; else it is called at its own.
        url: Address of the store.
        worker: Settings of the worker beside the usual ones.
    """
    company = Company(folder)
    books = new_books()
    books.put("ARTICLE", NUMBER="KNOWN-1", NAME="Känd vara", ACCOUNTING_CODE="1", UNIT_CODE="st")
    company.write(books)
    lime, port = LimeCrmSimulator(Switches.model_validate({"requests": 1_000_000}), with_demo=False), free_port()
    with ExitStack() as stack:
        lime_url = stack.enter_context(running(lime))
        tables: dict[str, dict[str, Any]] = {
            "store": {"url": url, "synchronous": "NORMAL"},
            "worker": {
                "poll_seconds": 0.1,
                "queue_seconds": 0.05,
                "stop_seconds": 2,
                "retry_seconds": [0.5],
                "dead_after_seconds": 5.0,
                "longest_request_seconds": LONGEST_REQUEST,
                **({"webhook_port": port} if asks else {}),
                **worker,
            },
            "connections.lime_crm": {
                "plugin": "lime_crm",
                "url": f"{lime_url}/demo",
                "api_key": API_KEY,
                "api_user_id": API_USER,
                "requests_per_window": 1_000_000,
                "request_seconds": 5.0,
            },
            "connections.visma": {
                "plugin": "visma_admin",
                "url": f"http://127.0.0.1:{port}{'/plugins/visma' if asks else ''}",
                "asking": asks,
                "token": TOKEN,
                "fence_seconds": FENCE,
                "request_seconds": 8.0,
            },
            "syncs.orders": {"crm": "lime_crm", "erp": "visma", "missing_article": "create"},
        }
        settings, store = installed(stack, folder, toml_text(tables))
        way = f"listen = false\nask = ['http://127.0.0.1:{port}/plugins/visma']" if asks else f"port = {port}"
        service = Service(folder, way, company)
        stack.callback(service.end)
        made = AgentWorld(folder, settings, store, lime, company, service)
        stack.callback(end_all, made.processes)
        yield made
