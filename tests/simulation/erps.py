"""The ERPs that are simulated: their settings, their simulators, and how their books are read."""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import timedelta
from random import Random
from typing import Any, ClassVar

from erpcore_fortnox.simulator import FortnoxSimulator
from erpcore_poweroffice.simulator import PowerOfficeSimulator
from erpcore_poweroffice.simulator.demo import APPLICATION_KEY, CLIENT_KEY, SUBSCRIPTION_KEY
from erpcore_visma_admin.simulator import TOKEN as AGENT_TOKEN, VismaAdminSimulator
from erpcore_visma_eaccounting.simulator import VismaEAccountingSimulator

from erpcore.host import Token
from erpcore.simulator import Clock, Simulator
from erpcore.store import Store
from erpcore.store.tokens import StoreTokenStore
from erpcore.testing.simulation import Document, System
from erpcore.testing.simulation.installation import STEPS

COMPANY = "559900-0436"
ARTICLE = "A-1"


def content(shown: Any, *left_out: str) -> str:
    """Give a record as text without numbers, keys and times, which differ from schedule to schedule."""

    def kept(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: kept(each) for name, each in value.items() if not re.search("|".join(left_out), name)}
        return [kept(each) for each in value] if isinstance(value, list) else value

    text = json.dumps(kept(shown), sort_keys=True, default=str, ensure_ascii=False)
    return re.sub(r"20\d\d-\d\d-\d\d[^\"]*|(?<=rder )\d+|(?<=Faktura )\d+|(?<=Ref: )[\w-]+", "~", text)


class Erp(ABC):
    """An ERP of a pair.

    Attributes:
        name: Name of its connection, and of its plugin.
        settings: Of the connection; its host is ``erp``.
        simulator: Its simulator.
        currency: The company's.
        unit: One that it knows.
        steps: See `Pair`.
    """

    name: ClassVar[str]
    settings: ClassVar[Mapping[str, Any]]
    simulator: Simulator
    currency: ClassVar[str] = "SEK"
    unit: ClassVar[str] = "st"
    steps: ClassVar[Sequence[str]] = STEPS

    @abstractmethod
    def system(self, clock: Clock, random: Random) -> System:
        """Make the simulator, without a rate window that would be in the way."""

    def connect(self, store: Store, clock: Clock) -> None:  # noqa: B027  most need none
        """Give the consent that a person must give, if any."""

    @abstractmethod
    def documents(self) -> list[Document]:
        """Give the orders, and the invoices that they became."""

    @abstractmethod
    def registers(self) -> dict[str, tuple[str, ...]]:
        """Give the customer's and the article's entries."""


class Fortnox(Erp):
    """Fortnox: an order that becomes an invoice is that invoice's."""

    name = "fortnox"
    settings: ClassVar = {
        "base_url": "http://erp",
        "auth_url": "http://erp/oauth-v1",
        "client_id": "demo-client",
        "client_secret": "demo-secret",
        "tenant_id": "1234567",
        "requests_per_window": 10_000,
    }
    _left_out = ("Number$", "[uU]rl", "Id$", "Reference")

    def system(self, clock: Clock, random: Random) -> System:
        """Make the simulator."""
        self.simulator = FortnoxSimulator(rate_limit=None, clock=clock, random=random)
        return System(self.simulator, lag="index_lag", lag_seconds=9, signs_out="expired_token")

    def documents(self) -> list[Document]:
        """Give the orders, each with the invoices that it became."""
        state, left_out = self.simulator.state(), ("Number", "[uU]rl", "Reference", "OCR", "Id$")
        found = []
        for order in state["orders"]:
            number = str(order["DocumentNumber"])
            became = [each for each in state["invoices"] if str(each["OrderReference"]) == number]
            whole = "\n".join(content(each, *left_out) for each in (order, *became))
            found.append(Document(order["OrderRows"][0]["Description"].split()[-1], number, whole))
        return found

    def registers(self) -> dict[str, tuple[str, ...]]:
        """Give the customer's and the article's entries."""
        state = self.simulator.state()
        bought = [each for each in state["customers"] if each["OrganisationNumber"] == COMPANY]
        sold = [each for each in state["articles"] if each["ArticleNumber"] == ARTICLE]
        return {
            "customers": tuple(content(each, *self._left_out) for each in bought),
            "articles": tuple(content(each, "Description", *self._left_out) for each in sold),
        }


class PowerOffice(Erp):
    """PowerOffice Go."""

    name = "poweroffice"
    currency = "NOK"
    unit = "stk"
    settings: ClassVar = {
        "base_url": "http://erp",
        "application_key": APPLICATION_KEY,
        "client_key": CLIENT_KEY,
        "subscription_key": SUBSCRIPTION_KEY,
        "requests_per_window": 10_000,
    }
    # An invoice's Cid is a check number made of its number.
    _left_out = ("No$", "Id$", "Number$", "Reference", "[uU]rl", "Version", "Code$", "^Cid$")

    def system(self, clock: Clock, random: Random) -> System:
        """Make the simulator."""
        self.simulator = PowerOfficeSimulator(rate_limit=None, clock=clock, random=random)
        return System(self.simulator, lag="replica_lag", lag_seconds=4, signs_out="expired_token")

    def documents(self) -> list[Document]:
        """Give orders and invoices."""
        state, found = self.simulator.state(), []
        for kind, lines, number in (
            ("orders", "SalesOrderLines", "SalesOrderNo"),
            ("invoices", "OutgoingInvoiceLines", "OrderNo"),
        ):
            for each in state[kind]:
                record = each[lines][0]["Description"].split()[-1]
                found.append(Document(record, str(each[number]), content(each, *self._left_out)))
        return found

    def registers(self) -> dict[str, tuple[str, ...]]:
        """Give the customer's and the article's entries."""
        state = self.simulator.state()
        bought = [each for each in state["customers"] if each["OrganizationNumber"] == COMPANY.replace("-", "")]
        sold = [each for each in state["products"] if each["Code"] == ARTICLE]
        return {
            "customers": tuple(content(each, *self._left_out) for each in bought),
            "articles": tuple(content(each, "Name", "Description", *self._left_out) for each in sold),
        }


class VismaEAccounting(Erp):
    """Visma eAccounting, where a person consents, and an order becomes a draft of an invoice."""

    name = "visma_eaccounting"
    settings: ClassVar = {
        "base_url": "http://erp",
        "identity_url": "http://erp",
        "client_id": "demo-client",
        "client_secret": "demo-secret",
        "default_postal_code": "111 22",
        "requests_per_window": 10_000,
    }
    _left_out = ("Number$", "Id$", "[uU]tc$")

    def system(self, clock: Clock, random: Random) -> System:
        """Make the simulator."""
        self.visma = self.simulator = VismaEAccountingSimulator(rate_limit=None, clock=clock, random=random)
        return System(self.simulator, lag="index_lag", lag_seconds=9, signs_out="expired_token")

    def connect(self, store: Store, clock: Clock) -> None:
        """Consent."""
        issued = self.visma.tokens()
        until = clock.now() + timedelta(seconds=issued.expires_in)
        StoreTokenStore(store).save(self.name, Token(issued.access_token, issued.refresh_token, until))

    def documents(self) -> list[Document]:
        """Give the orders; each with what it became."""
        state, became = self.visma.state(), dict[int, list[str]]()
        for kind in ("customerinvoicedrafts", "customerinvoices"):
            for each in state[kind]:
                number = int(re.findall(r"[Oo]rder (\d+)", json.dumps(each, ensure_ascii=False, default=str))[0])
                became.setdefault(number, []).append(content(each, *self._left_out))
        return [
            Document(
                each["Rows"][0]["Text"].split()[-1],
                str(each["Number"]),
                "\n".join([content(each, *self._left_out), *became.get(each["Number"], ())]),
            )
            for each in state["orders"]
        ]

    def registers(self) -> dict[str, tuple[str, ...]]:
        """Give the customer's and the article's entries."""
        state = self.visma.state()
        bought = [each for each in state["customers"] if each["CorporateIdentityNumber"] == COMPANY]
        sold = [each for each in state["articles"] if each["Number"] == ARTICLE]
        return {
            "customers": tuple(content(each, *self._left_out) for each in bought),
            "articles": tuple(content(each, "Name", *self._left_out) for each in sold),
        }


class VismaAdmin(Erp):
    """Visma Administration: the agent, and behind it the library, which one thread of the agent's calls."""

    name = "visma_admin"
    settings: ClassVar = {"url": "https://erp", "token": AGENT_TOKEN}
    steps = ("step 4", "step -4")  # several make more than 30 s, and the agent believes nothing until somebody mends it
    _left_out = ("^NUMBER$", "CUSTOMER_NUMBER", "DOCUMENT", "DATE", "TIMESTAMP", "REMARK")

    def system(self, clock: Clock, random: Random) -> System:
        """Make the simulator. Its agent believes no request that is older than 30 s."""
        self.simulator = visma = VismaAdminSimulator(clock=clock, random=random)
        reads = "/(about|find|select|page|changed|search)$"
        return System(visma, late=29.0, reads=reads, restart=visma.restart_agent)

    def documents(self) -> list[Document]:
        """Give the orders, each with the invoices that it became."""
        state, found = self.simulator.state(), []
        for order in state["ORDER_HEAD"]:
            number = order["DOCUMENT_NUMBER"]
            became = [each for each in state["INVOICE_HEAD"] if each["DOCUMENT_CONNECTION_NUMBER1"] == number]
            whole = "\n".join(content(each, *self._left_out) for each in (order, *became))
            found.append(Document(order["ROWS"][0]["TEXT"].split()[-1], f"{number:.0f}", whole))
        return found

    def registers(self) -> dict[str, tuple[str, ...]]:
        """Give the customer's and the article's entries, the article's with its prices."""
        state = self.simulator.state()
        # What was written empty is as good as what was never written.
        held = [{name: value for name, value in each.items() if value != ""} for each in state["CUSTOMER"]]
        bought = [each for each in held if each.get("ORGANISATION_NUMBER") == COMPANY]
        prices = [content(each, "TIMESTAMP") for each in state["PRICE"]]
        sold = [each for each in state["ARTICLE"] if each["NUMBER"] == ARTICLE]
        return {
            "customers": tuple(content(each, *self._left_out) for each in bought),
            "articles": tuple("\n".join([content(each, "NAME", "TIMESTAMP"), *prices]) for each in sold),
        }
