"""The pairs of systems that are simulated, and the people who work in them."""

from __future__ import annotations

import json
import re
from random import Random
from typing import Any, ClassVar

from erpcore_fortnox.simulator import FortnoxSimulator
from erpcore_lime_crm.simulator import LimeCrmSimulator, Switches as LimeCrmSwitches
from erpcore_lime_crm.simulator.demo import API_KEY, API_USER
from erpcore_lime_go.simulator import LimeGoSimulator, Switches as LimeGoSwitches
from erpcore_poweroffice.simulator import PowerOfficeSimulator
from erpcore_poweroffice.simulator.demo import APPLICATION_KEY, CLIENT_KEY, SUBSCRIPTION_KEY

from erpcore.simulator import Clock as SimulatorClock
from erpcore.testing.simulation import Books, Document, Pair, System

COMPANY = "559900-0436"
ARTICLE = "A-1"
_WORKER = {"retry_seconds": [10.0, 30.0, 120.0]}


def content(shown: Any, *left_out: str) -> str:
    """Give a record as text without numbers, keys and times, which differ from schedule to schedule."""

    def kept(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: kept(each) for name, each in value.items() if not re.search("|".join(left_out), name)}
        return [kept(each) for each in value] if isinstance(value, list) else value

    return re.sub(r"20\d\d-\d\d-\d\d[^\"]*|(?<=Order )\d+", "~", json.dumps(kept(shown), sort_keys=True, default=str))


class LimeGoFortnox(Pair):
    """A deal is won in Lime Go and becomes an order in Fortnox, and the order an invoice."""

    crm = "lime_go"
    takes_back = frozenset({"lose"})
    settings: ClassVar = {
        "worker": _WORKER,
        "connections": {
            "lime_go": {
                "plugin": "lime_go",
                "base_url": "http://crm",
                "api_key": "11111111-1111-4111-8111-111111111111",
                "erp_id_field": "ERP ID",
                "rows_field": "ERP rows",
                "set_custom_field_mutation": "setDealCustomField",
                "requests_per_minute": 60_000,
            },
            "fortnox": {
                "plugin": "fortnox",
                "base_url": "http://erp",
                "auth_url": "http://erp/oauth-v1",
                "client_id": "demo-client",
                "client_secret": "demo-secret",
                "tenant_id": "1234567",
                "requests_per_window": 10_000,
            },
        },
        "syncs": {
            "won_deals": {
                "crm": "lime_go",
                "erp": "fortnox",
                "feed_history": "send",
                "convert_to_invoice": True,
                "send_customers": False,
            }
        },
    }

    def make(self, clock: SimulatorClock, random: Random) -> dict[str, System]:
        """Make the simulators; neither has a rate window in the way."""
        limits = LimeGoSwitches(integration_limit=100_000, organization_limit=100_000)
        self.lime = LimeGoSimulator(limits, clock=clock, random=random)
        self.fortnox = FortnoxSimulator(rate_limit=None, clock=clock, random=random)
        self.acts = {
            "win": lambda: self.lime.win_deal(self.deals["1"]),
            "lose": lambda: self.lime.lose_deal(self.deals["1"]),
            "edit": lambda: self.lime.edit_deal(self.deals["1"], rows=[self._row("1", "3")]),
            "clear": self._clear,
        }
        return {
            "crm": System(self.lime, name_of=_operation),
            "erp": System(self.fortnox, lag="index_lag", lag_seconds=9, signs_out="expired_token"),
        }

    def people_begin(self, records: int) -> None:
        """Win deals with one company."""
        company = self.lime.add_company("Bolag AB", business_id=COMPANY, city="Stockholm", country="SE")
        self.deals = {
            str(each): self.lime.add_deal(f"Affär {each}", company=company.id, rows=[self._row(str(each), "2")]).id
            for each in range(1, records + 1)
        }
        for deal in self.deals.values():
            self.lime.win_deal(deal)

    def record_id(self, record: str) -> str:
        """Give the key by which erpcore knows a deal."""
        return str(self.lime.deal(self.deals[record]).number)

    def books(self) -> Books:
        """Read both systems' books."""
        state = self.fortnox.state()
        of_invoices = [each for each in state["invoices"] if not each["OrderReference"]]
        documents = [
            Document(
                each["OrderRows"][0]["Description"].split()[-1],
                str(each["DocumentNumber"]),
                content(each, "Number", "[uU]rl", "Reference", "OCR", "Id$"),
            )
            for each in (*state["orders"], *of_invoices)
        ]
        told = {record: self.lime.custom_field(deal, "ERP ID") or "" for record, deal in self.deals.items()}
        bought = [each for each in state["customers"] if each["OrganisationNumber"] == COMPANY]
        sold = [each for each in state["articles"] if each["ArticleNumber"] == ARTICLE]
        left_out = ("Number$", "[uU]rl", "Id$", "Reference")
        return Books(
            tuple(documents),
            {
                "customers": tuple(content(each, *left_out) for each in bought),
                "articles": tuple(content(each, "Description", *left_out) for each in sold),
            },
            told,
        )

    def _clear(self) -> None:
        self.cleared += bool(self.lime.custom_field(self.deals["1"], "ERP ID"))
        self.lime.clear_erp_id(self.deals["1"])
        self.lime.win_deal(self.deals["1"])

    @staticmethod
    def _row(record: str, quantity: str) -> dict[str, str]:
        return {"article_number": ARTICLE, "text": f"Vara till {record}", "quantity": quantity, "price": "100"}


class LimeCrmPowerOffice(Pair):
    """An order is set ready in Lime CRM and becomes an order in PowerOffice Go, and that an invoice."""

    crm = "lime_crm"
    takes_back = frozenset({"take_back"})
    settings: ClassVar = {
        "worker": _WORKER,
        "connections": {
            "lime_crm": {
                "plugin": "lime_crm",
                "url": "http://crm/demo",
                "api_key": API_KEY,
                "api_user_id": API_USER,
                "requests_per_window": 1_000_000,
            },
            "poweroffice": {
                "plugin": "poweroffice",
                "base_url": "http://erp",
                "application_key": APPLICATION_KEY,
                "client_key": CLIENT_KEY,
                "subscription_key": SUBSCRIPTION_KEY,
                "requests_per_window": 10_000,
            },
        },
        "syncs": {"orders": {"crm": "lime_crm", "erp": "poweroffice"}},
    }

    def make(self, clock: SimulatorClock, random: Random) -> dict[str, System]:
        """Make the simulators; neither has a rate window in the way."""
        self.lime = LimeCrmSimulator(LimeCrmSwitches(requests=1_000_000), with_demo=False, clock=clock, random=random)
        self.poweroffice = PowerOfficeSimulator(rate_limit=None, clock=clock, random=random)
        self.acts = {
            "ready": lambda: self._unless_in_process(self.lime.set_ready, self.orders["1"]),
            "take_back": lambda: self._unless_in_process(
                self.lime.edit_order, self.orders["1"], order_status="notready"
            ),
            "edit": lambda: self._unless_in_process(self.lime.edit_row, self.rows["1"], quantity="3"),
            "clear": self._clear,
        }
        return {
            "crm": System(self.lime),
            "erp": System(self.poweroffice, lag="replica_lag", lag_seconds=4, signs_out="expired_token"),
        }

    def people_begin(self, records: int) -> None:
        """Set orders of one company ready."""
        values = {"registrationno": COMPANY, "country": "Sverige", "postalzipcode": "111 22", "postalcity": "Stockholm"}
        company = self.lime.add_company("Bolag AB", **values)
        self.orders, self.rows = dict[str, int](), dict[str, int]()
        for record in map(str, range(1, records + 1)):
            row = {"articleno": ARTICLE, "description": f"Vare til {record}", "quantity": "2", "price": "100.00"}
            values = {"currency": "NOK", "create_invoice_from_order": True}
            order = self.lime.add_order(company.id, [{**row, "vat": "0.25", "unit": "stk"}], **values).id
            self.orders[record], self.rows[record] = order, self.lime.account.all("orderrow")[-1].id
            self.lime.set_ready(order)

    def record_id(self, record: str) -> str:
        """Give the key by which erpcore knows an order."""
        return str(self.orders[record])

    def books(self) -> Books:
        """Read both systems' books."""
        state = self.poweroffice.state()
        left_out = ("No$", "Id$", "Number$", "Reference", "[uU]rl", "Version", "Code$")
        documents = []
        for kind, lines, number in (
            ("orders", "SalesOrderLines", "SalesOrderNo"),
            ("invoices", "OutgoingInvoiceLines", "OrderNo"),
        ):
            for each in state[kind]:
                record = each[lines][0]["Description"].split()[-1]
                documents.append(Document(record, str(each[number]), content(each, *left_out)))
        digits = COMPANY.replace("-", "")
        bought = [each for each in state["customers"] if each["OrganizationNumber"] == digits]
        sold = [each for each in state["products"] if each["Code"] == ARTICLE]
        told = {record: str(self._shown(record)["order_number"] or "") for record in self.orders}
        return Books(
            tuple(documents),
            {
                "customers": tuple(content(each, *left_out) for each in bought),
                "articles": tuple(content(each, "Name", "Description", *left_out) for each in sold),
            },
            told,
        )

    def _shown(self, record: str) -> dict[str, Any]:
        return self.lime.object("order", self.orders[record]).values

    def _clear(self) -> None:
        def clear(order: int) -> None:
            told = self._shown("1")["order_number"]
            self.lime.edit_order(order, order_number="")
            self.cleared += bool(told)
            self.lime.set_ready(order)

        self._unless_in_process(clear, self.orders["1"])

    @staticmethod
    def _unless_in_process(act: Any, *given: Any, **values: Any) -> None:
        try:
            act(*given, **values)
        except ValueError:
            return  # the CRM does not let anybody change an order that is in process


def _operation(request: Any) -> str:
    """Name a GraphQL request by its first field."""
    if not request.url.path.endswith("graphql"):
        return ""
    query = json.loads(request.read())["query"]
    kind = "mutation" if query.lstrip().startswith("mutation") else "query"
    first = re.search(r"[{]\s*(?:\w+\s*:\s*)?(\w+)", query)
    return f" {kind} {first and first[1]}"


PAIRS: dict[str, type[Pair]] = {"lime_go_fortnox": LimeGoFortnox, "lime_crm_poweroffice": LimeCrmPowerOffice}
