"""`LimeCrmSimulator`: one installation, and what people do in its window as methods."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from random import Random
from typing import Any, ClassVar

from starlette.responses import Response
from starlette.routing import BaseRoute

from erpcore.simulator.acting import action_routes, plain, switch_routes
from erpcore.simulator.app import Simulator
from erpcore.simulator.clock import Clock

from . import actions, demo
from .account import Account, LimeObject
from .api import LimeCrmApi
from .deliveries import Deliveries, Delivery, Subscription
from .model import STANDARD, Model
from .switches import Switches
from .views import Views


class LimeCrmSimulator(Simulator):
    """A Lime CRM installation on this machine.

    Args:
        switches: What nobody has published about Lime CRM; the defaults when left out.
        model: Its limetypes; the standard ones when left out. Names in methods are always the standard ones.
        api_keys: API keys and their users; the demo's two when left out.
        with_demo: Whether it starts with the demo's objects.
        clock: The time it lives in.
        random: What the ids of deliveries are drawn from.

    Attributes:
        account: The objects, for tests that look at them.
        switches: The switches as they are; set them by `switch`.
        deliveries: Who is told about events.
    """

    name: ClassVar[str] = "lime_crm"
    default_port: ClassVar[int] = 8714
    connection_settings: ClassVar[Mapping[str, str]] = {
        "url": "{url}/demo",
    }
    made_up_secrets: ClassVar[Mapping[str, str]] = {"api_key": demo.API_KEY}
    kept_kinds: ClassVar[tuple[type, ...]] = (LimeObject, Subscription, Delivery)

    def __init__(
        self,
        switches: Switches | None = None,
        *,
        model: Model | None = None,
        with_demo: bool = True,
        clock: Clock | None = None,
        random: Random | None = None,
    ) -> None:
        super().__init__(clock=clock, random=random)
        self.switches = switches or Switches()
        self.account = Account(model or Model(), self._switches, self.clock.now)
        self.lock = self.account.lock
        views = Views(self.account)
        self.deliveries = Deliveries(views, self._switches, self.journal, self.clock.now, self.random)
        self.account.on_event.append(self.deliveries.deliver)
        self._api = LimeCrmApi(
            self.account,
            views,
            self.deliveries,
            self._switches,
            demo.DATABASE,
            dict(demo.API_KEYS),
            self.clock,
        )
        if with_demo:
            demo.put_in(self.account, demo.DEMO)

    # --- what people do

    def add_company(self, name: str, **values: Any) -> LimeObject:
        """Add a company."""
        return actions.add(self.account, "company", name=name, **values)

    def edit_company(self, company: int | str, **values: Any) -> LimeObject:
        """Change a company; the ERP connector marks a synced one as changed."""
        return actions.edit(self.account, self.switches, "company", company, **values)

    def send_company(self, company: int | str) -> LimeObject:
        """Press "Send to ERP" on a company."""
        return actions.set_status(self.account, "company", company, "readyforfirstsync")

    def add_article(self, articleno: str, description: str, **values: Any) -> LimeObject:
        """Add an article."""
        return actions.add(self.account, "article", articleno=articleno, description=description, **values)

    def edit_article(self, article: int | str, **values: Any) -> LimeObject:
        """Change an article."""
        return actions.edit(self.account, self.switches, "article", article, **values)

    def add_order(self, company: int | str, rows: Iterable[Mapping[str, Any]] = (), **values: Any) -> LimeObject:
        """Add a draft order with its rows."""
        return actions.add_order(self.account, company, list(rows), **values)

    def edit_order(self, order: int, **values: Any) -> LimeObject:
        """Change an order's head."""
        return actions.edit(self.account, self.switches, "order", order, **values)

    def edit_row(self, row: int, **values: Any) -> LimeObject:
        """Change a row of an order."""
        return actions.edit(self.account, self.switches, "orderrow", row, **values)

    def set_ready(self, order: int) -> LimeObject:
        """Set an order ready to be sent, for the first time or after it was mended."""
        return actions.set_status(self.account, "order", order, "readytobesent")

    def win_deal(self, deal: int | str) -> LimeObject:
        """Win a deal."""
        return actions.win_deal(self.account, deal)

    def edit_deal(self, deal: int | str, **values: Any) -> LimeObject:
        """Change a deal."""
        return actions.edit(self.account, self.switches, "deal", deal, **values)

    def delete(self, limetype: str, object_id: int) -> None:
        """Delete an object."""
        with self.lock:
            self.account.delete(self.account.get(limetype, object_id), actions.PERSON)

    def object(self, limetype: str, told: int | str) -> LimeObject:
        """Give an object by id, or by what people call it."""
        return actions.find(self.account, limetype, told)

    # --- what a test does

    def switch(self, **changes: Any) -> Switches:
        """Set switches anew.

        Raises:
            ValueError: There is no such switch.
        """
        self.switches = self.switches.changed(changes)
        return self.switches

    def retry_deliveries(self) -> int:
        """Deliver again what receivers refused, with the id and time of the first attempt; returns how many."""
        return self.deliveries.retry()

    def settle(self) -> bool:
        """Wait until the events so far were delivered to subscribers, or attempted."""
        return self.deliveries.settle()

    # --- the kit's

    def routes(self) -> Sequence[BaseRoute]:
        """The API."""
        return self._api.routes()

    def control_routes(self) -> list[BaseRoute]:
        """A person's actions for other processes: ``POST /_simulator/set_ready {"order": 1012}`` and so on."""
        actions = (
            self.add_company,
            self.edit_company,
            self.send_company,
            self.add_article,
            self.edit_article,
            self.add_order,
            self.edit_order,
            self.edit_row,
            self.set_ready,
            self.win_deal,
            self.edit_deal,
            self.delete,
            self.object,
            self.retry_deliveries,
        )
        return [*switch_routes(self._switches, self.switch), *action_routes(actions)]

    def seed(self, data: dict[str, Any]) -> None:
        """Put objects in, see `demo.put_in`; beside them ``"switches": {...}``, and ``"replace": true`` to begin empty.

        Raises:
            ValueError: The data does not fit.
        """
        rest = dict(data)
        with self.lock:
            if rest.pop("replace", False):
                self.account.clear()
            self.switch(**rest.pop("switches", {}))
            demo.put_in(self.account, rest)

    def state(self) -> dict[str, Any]:
        """Objects by limetype (standard names), subscriptions without secrets, and switches."""
        with self.lock:
            limetypes = [each for each in STANDARD if each in self.account.model.limetypes()]
            held: dict[str, Any] = plain(
                {
                    "objects": {limetype: self.account.all(limetype) for limetype in limetypes},
                    "subscriptions": [each.shown() for each in self.deliveries.subscriptions()],
                    "switches": self.switches,
                }
            )
            return held

    def memory(self) -> dict[str, Any]:
        """The objects, the subscriptions and the switches."""
        return {
            "switches": dict(self.switches),
            "account": self.account.memory(),
            "deliveries": self.deliveries.memory(),
        }

    def remember(self, memory: dict[str, Any]) -> None:
        """Hold what `memory` returned, and nothing else; nobody is told of the events again."""
        self.switches = Switches.model_validate(memory["switches"])
        self.account.remember(memory["account"])
        self.deliveries.remember(memory["deliveries"])

    def too_many_requests(self) -> Response:
        """The 429; its form is not published."""
        return self._api.too_many()

    def _switches(self) -> Switches:
        return self.switches
