"""Between Lime Go and Fortnox: both simulators on loopback, and what people do and see in them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from erpcore_fortnox.simulator import FortnoxSimulator
from erpcore_lime_go.simulator import LimeGoSimulator, Switches
from stdnum import luhn

from erpcore.simulator import Fault, running
from tests.e2e.installation import PROGRAM, Installation, end_all, installed, working
from tests.e2e.settings_file import settings_text

__all__ = ["PROGRAM", "MakeWorld", "World", "organisation_number", "working", "world_in"]

_numbers = itertools.count(1)


def organisation_number() -> str:
    """Make up a Swedish organisation number that no other test has, with a right check digit."""
    digits = f"5597{next(_numbers):05d}"
    whole = digits + luhn.calc_check_digit(digits)
    return f"{whole[:6]}-{whole[6:]}"


@dataclass
class World(Installation):
    """One installation.

    Attributes:
        lime: Lime Go.
        fortnox: Fortnox. Neither has a rate window, and the plugins' budgets are out of the way.
        lime_url: Address of Lime Go.
        fortnox_url: Address of Fortnox.
        seeded: What Fortnox holds that erpcore did not make, by register.
    """

    kind: ClassVar[str] = "deal"

    lime: LimeGoSimulator
    fortnox: FortnoxSimulator
    lime_url: str
    fortnox_url: str
    seeded: dict[str, set[str]] = field(default_factory=dict)

    # --- what people do

    def company(self, name: str | None = None, **values: Any) -> Any:
        """Add a company to Lime Go, with a number of its own unless one is given."""
        given = {"business_id": organisation_number(), "city": "Stockholm", "country": "SE", **values}
        return self.lime.add_company(name or f"Bolag {given['business_id']} AB", **given)

    def deal(self, company: Any, name: str = "Affären", **values: Any) -> str:
        """Add a deal to Lime Go; without rows or value it is worth 1000 SEK."""
        if "rows" not in values:
            values.setdefault("value", "1000")
        return self.key(self.lime.add_deal(name, company=company.id, **values))

    def key(self, deal: Any) -> str:
        """Give the deal's key as the connection's API knows it."""
        return str(deal.id if self.settings.connections["lime_go"].options["api"] == "agentic" else deal.number)

    def win(self, *deals: str, pipeline: str | None = None) -> None:
        """Win deals in Lime Go."""
        for deal in deals:
            self.lime.win_deal(int(deal) if deal.isdigit() else deal, pipeline)

    def seed_fortnox(self, data: Mapping[str, Any]) -> None:
        """Put records into Fortnox that are not erpcore's."""
        before = self._held()
        self.fortnox.seed(data)
        for register, numbers in self._held().items():
            self.seeded.setdefault(register, set()).update(numbers - before[register])

    # --- what is there

    def erp_id(self, deal: str) -> str | None:
        """Give the deal's ERP ID in Lime Go; an empty one is none."""
        return self.lime.custom_field(int(deal) if deal.isdigit() else deal, "ERP ID") or None

    def orders(self, company: Any) -> list[dict[str, Any]]:
        """Give a company's orders in Fortnox."""
        return self.documents("orders", company)

    def documents(self, register: str, company: Any) -> list[dict[str, Any]]:
        """Give a company's documents in Fortnox."""
        numbers = {customer["CustomerNumber"] for customer in self.customers(company)}
        return [document for document in self.fortnox.state()[register] if document["CustomerNumber"] in numbers]

    def customers(self, company: Any) -> list[dict[str, Any]]:
        """Give the customers in Fortnox that have a company's number, or its name when it has none."""
        member, value = ("OrganisationNumber", company.business_id) if company.business_id else ("Name", company.name)
        return [customer for customer in self.fortnox.state()["customers"] if customer[member] == value]

    def asked(self, *, writes: bool = False) -> list[str]:
        """Give what Fortnox was asked since `forget`: verb and register, as ``GET customers``."""
        return [
            f"{entry.method} {'/'.join(entry.path.split('/')[2:3])}"
            for entry in self.fortnox.journal.entries(path="/3/.*")
            if not (writes and entry.method == "GET")
        ]

    def forget(self) -> None:
        """Empty both journals."""
        self.lime.journal.clear()
        self.fortnox.journal.clear()

    def unrecorded(self) -> list[str]:
        """Compare what Fortnox holds, beside the seed, with what the ledger says is done.

        Returns:
            What only one of them knows; empty when they agree.
        """
        operations = {
            "customers": ("create_customer",),
            "articles": ("create_article",),
            "orders": ("create_order",),
            "invoices": ("create_invoice", "convert_to_invoice"),
        }
        done = [(intent.operation, str(intent.number)) for intent in self.intents() if intent.state == "done"]
        found: list[str] = []
        for register, numbers in self._held().items():
            made = numbers - self.seeded.get(register, set())
            noted = {number for operation, number in done if operation in operations[register]}
            found += [f"{register} {number} is not in the ledger" for number in sorted(made - noted)]
            found += [f"{register} {number} is in the ledger alone" for number in sorted(noted - numbers)]
        return found

    def _held(self) -> dict[str, set[str]]:
        state = self.fortnox.state()
        keys = {
            "customers": "CustomerNumber",
            "articles": "ArticleNumber",
            "orders": "DocumentNumber",
            "invoices": "DocumentNumber",
        }
        return {register: {str(record[key]) for record in state[register]} for register, key in keys.items()}

    def hold(self, method: str, path: str) -> None:
        """Let Fortnox do the work of the next such request and keep its answer back."""
        self.fortnox.faults.add(Fault("hold", method=method, path=path))


MakeWorld = Callable[..., World]
"""Builds an installation with a worker at work; arguments as for `world_in`, without the folder."""


@contextmanager
def world_in(
    folder: Path,
    *,
    switches: Mapping[str, Any] | None = None,
    lime_simulator: LimeGoSimulator | None = None,
    fortnox_simulator: FortnoxSimulator | None = None,
    **settings: Any,
) -> Iterator[World]:
    """Build an installation without a worker.

    Args:
        folder: For everything that is written.
        switches: Switches of the Lime Go simulator.
        lime_simulator: Lime Go, instead of one with the demonstration's account.
        fortnox_simulator: Fortnox, instead of one without a rate window.
        settings: As for `settings_text`.
    """
    limits = {"integration_limit": 100_000, "organization_limit": 100_000}
    lime = lime_simulator or LimeGoSimulator(Switches.model_validate({**limits, **(switches or {})}))
    fortnox = fortnox_simulator or FortnoxSimulator(rate_limit=None)
    with ExitStack() as stack:
        lime_url = stack.enter_context(running(lime))
        fortnox_url = stack.enter_context(running(fortnox))
        read, store = installed(stack, folder, settings_text(lime_url, fortnox_url, **settings))
        made = World(folder, read, store, lime, fortnox, lime_url, fortnox_url)
        stack.callback(end_all, made.processes)
        yield made
