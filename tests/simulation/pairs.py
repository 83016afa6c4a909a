"""The pairs of systems that are simulated, and the people who work in their CRMs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from random import Random
from typing import Any, ClassVar

from erpcore_lime_crm.simulator import LimeCrmSimulator, Switches as LimeCrmSwitches
from erpcore_lime_crm.simulator.demo import API_KEY, API_USER
from erpcore_lime_go.simulator import LimeGoSimulator, Switches as LimeGoSwitches

from erpcore.simulator import Clock
from erpcore.testing.simulation import Books, Pair, System
from tests.simulation.erps import ARTICLE, COMPANY, Erp, Fortnox, PowerOffice, VismaAdmin, VismaEAccounting


class PairWithErp(Pair):
    """A CRM of this module, and an ERP.

    Args:
        erp: The ERP.
        **rules: Rules of the sync that differ from `sync`.

    Attributes:
        crm_settings: Of the CRM's connection; its host is ``crm``.
        sync: The rules of the sync.
    """

    crm_settings: ClassVar[Mapping[str, Any]]
    sync: ClassVar[Mapping[str, Any]] = {}

    def __init__(self, erp: Erp, **rules: object) -> None:
        self.erp = erp
        self.steps = erp.steps
        self.settings = {
            "worker": {"retry_seconds": [10.0, 30.0, 120.0]},
            "connections": {
                self.crm: {"plugin": self.crm, **self.crm_settings},
                erp.name: {"plugin": erp.name, **erp.settings},
            },
            "syncs": {"sync": {"crm": self.crm, "erp": erp.name, **self.sync, **rules}},
        }
        super().__init__()

    def connect(self) -> None:
        self.erp.connect(self)


class LimeGo(PairWithErp):
    """A deal is won in Lime Go and becomes an order, and the order an invoice."""

    crm = "lime_go"
    takes_back = frozenset({"lose"})
    crm_settings: ClassVar = {
        "base_url": "http://crm",
        "api_key": "11111111-1111-4111-8111-111111111111",
        "erp_id_field": "ERP ID",
        "rows_field": "ERP rows",
        "set_custom_field_mutation": "setDealCustomField",
        "requests_per_minute": 60_000,
    }
    sync: ClassVar = {"feed_history": "send", "convert_to_invoice": True, "send_customers": False}

    def make(self, clock: Clock, random: Random) -> dict[str, System]:
        limits = LimeGoSwitches(integration_limit=100_000, organization_limit=100_000)
        self.lime = LimeGoSimulator(limits, clock=clock, random=random)
        self.acts = {
            "win": lambda: self.lime.win_deal(self.deals["1"]),
            "lose": lambda: self.lime.lose_deal(self.deals["1"]),
            "edit": lambda: self._edit(self._rows("1", "3")),
            "clear": self._clear,
        }
        return {"crm": System(self.lime, name_of=_operation), "erp": self.erp.system(clock, random)}

    def people_begin(self, records: int) -> None:
        company = self.lime.add_company("Bolag AB", business_id=COMPANY, city="Stockholm", country="SE")
        self.deals = {
            str(each): self.lime.add_deal(f"Affär {each}", company=company.id, rows=self._rows(str(each), "2")).id
            for each in range(1, records + 1)
        }
        for deal in self.deals.values():
            self.lime.win_deal(deal)

    def record_id(self, record: str) -> str:
        return str(self.lime.deal(self.deals[record]).number)

    def books(self) -> Books:
        told = {record: self.lime.custom_field(deal, "ERP ID") or "" for record, deal in self.deals.items()}
        return Books(tuple(self.erp.documents()), self.erp.registers(), told)

    def _clear(self) -> None:
        self.cleared += bool(self.lime.custom_field(self.deals["1"], "ERP ID"))
        self.lime.clear_erp_id(self.deals["1"])
        self.lime.win_deal(self.deals["1"])

    def _edit(self, rows: Sequence[Mapping[str, str]]) -> None:
        worth = sum(int(row["quantity"]) * int(row["price"]) for row in rows)
        self.lime.edit_deal(self.deals["1"], value=str(worth), rows=rows)

    def _rows(self, record: str, quantity: str) -> list[dict[str, str]]:
        return [{"article_number": ARTICLE, "text": f"Vara till {record}", "quantity": quantity, "price": "100"}]


class OneText(LimeGo):
    """The same, but the article's row has one text in all deals; the row of another says whose the document is."""

    def _rows(self, record: str, quantity: str) -> list[dict[str, str]]:
        (row,) = super()._rows(record, quantity)
        return [{**row, "article_number": "B-1"}, {**row, "text": "Vara"}]


class ByHand(LimeGo):
    """Lime Go and Fortnox, while people in Fortnox and another seller lend a hand."""

    changes = ("edit", "enter", "sister")

    def make(self, clock: Clock, random: Random) -> dict[str, System]:
        made = super().make(clock, random)
        self.acts |= {"lower": self._lower, "enter": self._enter, "sister": self._sister}
        return made

    def _lower(self) -> bool:
        """Lower the price on the order before it becomes an invoice."""
        orders = self.erp.simulator.resources.orders
        open_ones = [order for order in orders.held.values() if order.values["InvoiceReference"] == "0"]
        for order in open_ones:
            orders.put_in(order, [{**row, "Price": row["Price"] / 2} for row in order.rows])
        return bool(open_ones)

    def _enter(self) -> bool:
        """Enter the customer, who buys in euros elsewhere."""
        if self.erp.simulator.state()["customers"]:
            return False
        customer = {"Name": "Bolag AB", "OrganisationNumber": COMPANY, "CountryCode": "SE", "Currency": "EUR"}
        self.erp.simulator.seed({"customers": [customer]})
        return True

    def _sister(self) -> bool:
        """Win a deal of another workplace of the same company."""
        if "2" in self.deals:
            return False
        company = self.lime.add_company("Bolag Syd AB", business_id=COMPANY, city="Malmö", country="SE")
        self.deals["2"] = self.lime.add_deal("Affär 2", company=company.id, rows=self._rows("2", "2")).id
        self.lime.win_deal(self.deals["2"])
        return True


class LimeCrm(PairWithErp):
    """An order is set ready in Lime CRM and becomes an order, and that an invoice."""

    crm = "lime_crm"
    takes_back = frozenset({"take_back"})
    crm_settings: ClassVar = {
        "url": "http://crm/demo",
        "api_key": API_KEY,
        "api_user_id": API_USER,
        "requests_per_window": 1_000_000,
    }

    def make(self, clock: Clock, random: Random) -> dict[str, System]:
        self.lime = LimeCrmSimulator(LimeCrmSwitches(requests=1_000_000), with_demo=False, clock=clock, random=random)
        acts: Mapping[str, Callable[[], object]] = {
            "ready": lambda: self.lime.set_ready(self.orders["1"]),
            "take_back": lambda: self.lime.edit_order(self.orders["1"], order_status="notready"),
            "edit": lambda: self.lime.edit_row(self.rows["1"], quantity="3"),
            "clear": self._clear,
        }
        self.acts = {name: partial(self._unless_in_process, act) for name, act in acts.items()}
        return {"crm": System(self.lime), "erp": self.erp.system(clock, random)}

    def people_begin(self, records: int) -> None:
        values = {"registrationno": COMPANY, "country": "Sverige", "postalzipcode": "111 22", "postalcity": "Stockholm"}
        company = self.lime.add_company("Bolag AB", **values)
        self.orders, self.rows = dict[str, int](), dict[str, int]()
        for record in map(str, range(1, records + 1)):
            row = {"articleno": ARTICLE, "description": f"Vare til {record}", "quantity": "2", "price": "100.00"}
            values = {"currency": self.erp.currency, "create_invoice_from_order": True}
            order = self.lime.add_order(company.id, [{**row, "vat": "0.25", "unit": self.erp.unit}], **values).id
            self.orders[record], self.rows[record] = order, self.lime.account.all("orderrow")[-1].id
            self.lime.set_ready(order)

    def record_id(self, record: str) -> str:
        return str(self.orders[record])

    def books(self) -> Books:
        told = {record: str(self._shown(record)["order_number"] or "") for record in self.orders}
        return Books(tuple(self.erp.documents()), self.erp.registers(), told)

    def _shown(self, record: str) -> dict[str, Any]:
        return self.lime.object("order", self.orders[record]).values

    def _clear(self) -> None:
        told = self._shown("1")["order_number"]
        self.lime.edit_order(self.orders["1"], order_number="")
        self.cleared += bool(told)
        self.lime.set_ready(self.orders["1"])

    @staticmethod
    def _unless_in_process(act: Callable[[], object]) -> bool:
        try:
            act()
        except ValueError:
            return False  # the CRM does not let anybody change an order that is in process
        return True


def _operation(request: Any) -> str:
    """Name a GraphQL request by its first field."""
    if not request.url.path.endswith("graphql"):
        return ""
    query = json.loads(request.read())["query"]
    kind = "mutation" if query.lstrip().startswith("mutation") else "query"
    first = re.search(r"[{]\s*(?:\w+\s*:\s*)?(\w+)", query)
    return f" {kind} {first and first[1]}"


PAIRS: Mapping[str, Callable[[], Pair]] = {
    "lime_go_fortnox": lambda: LimeGo(Fortnox()),
    "lime_crm_poweroffice": lambda: LimeCrm(PowerOffice()),
    "lime_go_visma_eaccounting": lambda: LimeGo(VismaEAccounting()),
    "lime_crm_visma_admin": lambda: LimeCrm(VismaAdmin()),
}
