"""Between Lime Go and Visma eAccounting: companies that a person links by hand, and deals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, ClassVar

from erpcore_lime_go.simulator import LimeGoSimulator
from erpcore_visma_eaccounting.simulator import VismaEAccountingSimulator

from erpcore.host import Token
from erpcore.models import Ref
from erpcore.store import StoreTokenStore
from erpcore.sync.steps.customer import link_customer
from erpcore.sync.steps.person import link_person
from erpcore.testing.straight import straight
from tests.e2e.installation import Installation, end_all, installed
from tests.e2e.settings_file import CLIENT_SECRET, FULL_ACCESS_KEY, SYNC, toml_text

PERSON = "Kim Kontrakt"


@dataclass
class LinkedWorld(Installation):
    """One installation.

    Attributes:
        lime: Lime Go.
        visma: Visma eAccounting.
    """

    kind: ClassVar[str] = "company"

    lime: LimeGoSimulator
    visma: VismaEAccountingSimulator

    def company(self, number: str) -> str:
        """Add a company with one person to Lime Go; give its key."""
        place = {"street": "Storgatan 1", "postal_code": "111 22", "city": "Stockholm", "country": "SE"}
        company = self.lime.add_company("Bolag AB", business_id=number, **place)
        self.lime.add_contact(PERSON, company=company.id, email="kim@bolag.example", phone="08-1")
        return f"pase{company.number}"

    def person(self, company: str) -> str:
        """Give the key of the one person of a company."""
        records = self.lime.state()["records"]
        key = next(each["id"] for each in records["companies"] if f"pase{each['number']}" == company)
        return str(next(each["number"] for each in records["contacts"] if each["company"] == key))

    def forget(self) -> None:
        """Empty both journals."""
        self.lime.journal.clear()
        self.visma.journal.clear()

    def linked(self, company: str, *, with_person: bool) -> None:
        """Have a company be a customer in Visma, and its person the reference person."""
        person = {"ContactPersonName": PERSON} if with_person else {}
        self.visma.seed({"customers": [{"Name": "Ett annat namn", "CustomerNumber": "7", **person}]})
        (customer,) = self.visma.state()["customers"]
        with self.store.begin() as writing:
            link_customer(writing, SYNC, company, Ref(number="7", key=customer["Id"]))
            if with_person:
                link_person(writing, SYNC, self.person(company), Ref(number=PERSON))


@contextmanager
def linked_world_in(
    folder: Path,
    *,
    worker: Mapping[str, Any],
    requests: Mapping[str, Any],
    crm: Mapping[str, Any],
    rules: Mapping[str, Any],
) -> Iterator[LinkedWorld]:
    """Build an installation without a worker; a person has consented.

    Args:
        folder: For everything that is written.
        worker: Settings of the worker beside the usual ones.
        requests: Settings of both connections beside the usual ones.
        crm: Settings of Lime Go's connection beside them; None takes one away.
        rules: Of the sync.
    """
    lime, visma = LimeGoSimulator(), VismaEAccountingSimulator(rate_limit=None, random=Random(7))
    with ExitStack() as stack:
        lime_url, visma_url = stack.enter_context(straight(lime)), stack.enter_context(straight(visma))
        tables: dict[str, dict[str, Any]] = {
            "store": {"url": "sqlite:///erpcore.db", "synchronous": "NORMAL"},
            "worker": {"queue_seconds": 0.05, "stop_seconds": 2, "retry_seconds": [0.5], **worker},
            "connections.lime_go": {
                "plugin": "lime_go",
                "base_url": lime_url,
                "api_key": FULL_ACCESS_KEY,
                "contact_data": "shown",
                "erp_id_field": "ERP ID",
                "rows_field": "ERP rows",
                "set_custom_field_mutation": "setDealCustomField",
                "requests_per_minute": 60_000,
                **requests,
                **crm,
            },
            "connections.visma": {
                "plugin": "visma_eaccounting",
                "base_url": visma_url,
                "identity_url": visma_url,
                "client_id": "demo-client",
                "client_secret": CLIENT_SECRET,
                "default_city": "Okänd",
                "default_postal_code": "000 00",
                "fence_seconds": 1.0,
                **requests,
            },
            f"syncs.{SYNC}": {"crm": "lime_go", "erp": "visma", **rules},
        }
        settings, store = installed(stack, folder, toml_text(tables))
        issued = visma.tokens()
        until = datetime.now(UTC) + timedelta(seconds=issued.expires_in)
        with StoreTokenStore(store).locked("visma") as held:
            held.save(Token(issued.access_token, issued.refresh_token, until, " ".join(issued.grant.scopes)))
        made = LinkedWorld(folder, settings, store, lime, visma)
        stack.callback(end_all, made.processes)
        yield made
