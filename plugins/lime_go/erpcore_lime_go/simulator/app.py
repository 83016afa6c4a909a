"""`LimeGoSimulator`: both APIs over one account, and what a person does in Lime Go's window as methods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from random import Random
from typing import Any, ClassVar

from starlette.responses import Response
from starlette.routing import BaseRoute

from erpcore.simulator.acting import action_routes, plain, switch_routes
from erpcore.simulator.app import Simulator
from erpcore.simulator.clock import Clock
from erpcore.simulator.oauth import OAUTH_KINDS, Grant, OAuthServer

from . import actions, demo
from .account import Account, Change, Event
from .agentic_api import AgenticApi
from .agentic_changes import ChangeFeed
from .agentic_kinds import SCOPES
from .agentic_protocol import Gate, Refusal, Reply, integration_id, refused
from .agentic_reads import Reads
from .agentic_writes import Carried, Writes
from .classic_api import ClassicApi
from .classic_views import event_body
from .deliveries import Deliveries, Subscription
from .records import RECORD_TYPES, Address, Company, Contact, Deal, DealRow
from .switches import KeyKind, Switches

TOKEN_SECONDS = 1800


class LimeGoSimulator(Simulator):
    """A Lime Go account on this machine.

    Args:
        switches: what nobody has published about Lime Go; the defaults when left out.
        api_keys: classic API keys (GUIDs) and their kinds; the demo's three when left out.
        clients: Agentic OAuth clients, id to secret; ``demo-client`` when left out.
        with_demo: whether the account starts with the demo company's records.
        clock: the time it lives in.
        random: what tokens and request ids are drawn from.

    Attributes:
        account: the records, for tests that look at them.
        switches: the switches as they are; set them by `switch`.
        deliveries: who is told about events.
    """

    name: ClassVar[str] = "lime_go"
    default_port: ClassVar[int] = 8712
    connection_settings: ClassVar[Mapping[str, str]] = {
        "base_url": "{url}",
        "erp_id_field": "ERP ID",
        "rows_field": "ERP rows",
        "set_custom_field_mutation": "setDealCustomField",
    }
    made_up_secrets: ClassVar[Mapping[str, str]] = {"api_key": demo.FULL_ACCESS_KEY}
    fault_kinds: ClassVar[frozenset[str]] = frozenset({"expired_token"})
    kept_kinds: ClassVar[tuple[type, ...]] = (
        *OAUTH_KINDS,
        *RECORD_TYPES.values(),
        Address,
        Carried,
        Change,
        DealRow,
        Event,
        Reply,
        Subscription,
    )

    def __init__(
        self,
        switches: Switches | None = None,
        *,
        api_keys: Mapping[str, KeyKind] | None = None,
        clients: Mapping[str, str] | None = None,
        with_demo: bool = True,
        clock: Clock | None = None,
        random: Random | None = None,
    ) -> None:
        super().__init__(clock=clock, random=random)
        self.switches = switches or Switches()
        self.account = Account(self.clock.now)
        self.lock = self.account.lock
        self.deliveries = Deliveries(self._switches, self.journal, self.clock.now)
        self.account.on_event.append(self.deliveries.deliver)
        self._oauth = OAuthServer(
            self.clock,
            clients or {demo.CLIENT_ID: demo.CLIENT_SECRET},
            access_seconds=TOKEN_SECONDS,
            random=self.random,
        )
        for client in self._oauth.clients:
            self._oauth.consent(Grant(client, demo.TENANT, SCOPES, service=True))
        reads = Reads(self.account, self._switches)
        self._writes = Writes(self.account, self._switches, reads)
        self._changes = ChangeFeed(self.account, self._switches)
        self._classic = ClassicApi(self.account, self._switches, self.deliveries, dict(api_keys or demo.API_KEYS))
        self._agentic = AgenticApi(
            self.account,
            self._oauth,
            demo.TENANT,
            Gate(self._oauth, self.clock, self.faults, self._switches, self.random),
            reads,
            self._writes,
            self._changes,
        )
        if with_demo:
            demo.put_in(self.account, demo.DEMO)

    # --- what a person does

    def win_deal(self, deal_id: str | int, pipeline: str | None = None) -> Deal:
        """Win a deal, in another pipeline when one is named; winning again emits the events again."""
        return actions.end_deal(self.account, self.switches, deal_id, "won", pipeline)

    def lose_deal(self, deal_id: str | int) -> Deal:
        """Lose a deal."""
        return actions.end_deal(self.account, self.switches, deal_id, "lost")

    def move_deal(self, deal_id: str | int, pipeline: str | None = None, stage: str | None = None) -> Deal:
        """Put a deal in a stage (label or UUID), or at the beginning of a pipeline."""
        return actions.move_deal(self.account, self.switches, deal_id, pipeline, stage)

    def clear_erp_id(self, deal_id: str | int) -> Deal:
        """Empty the deal's field "ERP ID"."""
        return actions.clear_erp_id(self.account, deal_id)

    def edit_deal(self, deal_id: str | int, **changes: Any) -> Deal:
        """Change fields of a deal, see `actions.edit_deal`."""
        return actions.edit_deal(self.account, deal_id, **changes)

    def edit_company(self, company_id: str | int, **changes: Any) -> Company:
        """Change fields of a company, see `actions.edit_company`."""
        return actions.edit_company(self.account, company_id, **changes)

    def edit_contact(self, contact: str | int, **changes: Any) -> Contact:
        """Change fields of a person, see `actions.edit_contact`."""
        return actions.edit_contact(self.account, contact, **changes)

    def add_company(self, name: str, **values: Any) -> Company:
        """Add a company, see `actions.add_company`."""
        return actions.add_company(self.account, name, **values)

    def add_contact(self, name: str, **values: Any) -> Contact:
        """Add a person, see `actions.add_contact`."""
        return actions.add_contact(self.account, name, **values)

    def add_deal(
        self, name: str, value: Decimal | str | int | None = None, currency: str | None = "SEK", **values: Any
    ) -> Deal:
        """Add a deal, see `actions.add_deal`."""
        return actions.add_deal(self.account, name, value, currency, **values)

    def deal(self, deal_id: str | int) -> Deal:
        """A deal by UUID or number."""
        return self.account.get(Deal, deal_id)

    def custom_field(self, deal_id: str | int, title: str) -> Any:
        """The value of a deal's custom field, None when it is empty."""
        definition = self.account.custom_field_or_none("deals", title)
        return self.deal(deal_id).custom_fields.get(definition.key) if definition else None

    # --- what a test does

    def switch(self, **changes: Any) -> Switches:
        """Set switches anew.

        Raises:
            ValueError: there is no such switch.
        """
        self.switches = self.switches.changed(changes)
        return self.switches

    def expire_cursors(self) -> None:
        """Make every change-feed cursor handed out so far answer 410."""
        self._changes.expire_cursors()

    def expire_tokens(self) -> int:
        """Make every Agentic access token unknown; returns how many there were."""
        return self._oauth.expire_access_tokens()

    def settle(self) -> bool:
        """Wait until the events so far were delivered to subscribers, or attempted."""
        return self.deliveries.settle()

    # --- the kit's

    def routes(self) -> Sequence[BaseRoute]:
        """Both APIs."""
        return [*self._classic.routes(), *self._agentic.routes()]

    def control_routes(self) -> list[BaseRoute]:
        """A person's actions for other processes: ``POST /_simulator/win_deal {"deal_id": 850000}`` and so on."""
        actions = (
            self.win_deal,
            self.lose_deal,
            self.move_deal,
            self.clear_erp_id,
            self.edit_deal,
            self.edit_company,
            self.edit_contact,
            self.add_company,
            self.add_contact,
            self.add_deal,
            self.expire_cursors,
            self.expire_tokens,
        )
        return [*switch_routes(self._switches, self.switch), *action_routes(actions)]

    def seed(self, data: dict[str, Any]) -> None:
        """Put records in, see `demo.put_in`; beside them ``"switches": {...}``, and ``"replace": true`` to begin empty.

        Raises:
            ValueError: the data does not fit.
        """
        rest = dict(data)
        with self.lock:
            if rest.pop("replace", False):
                self.account.clear()
            self.switch(**rest.pop("switches", {}))
            demo.put_in(self.account, rest)

    def state(self) -> dict[str, Any]:
        """Records by type, events, subscriptions, feed positions, integrations and switches."""
        with self.lock:
            held: dict[str, Any] = plain(
                {
                    "records": {kind: self.account.of_type(kind) for kind in RECORD_TYPES},
                    "events": [event_body(self.switches, event) for event in self.account.events],
                    "subscriptions": self.deliveries.subscriptions(),
                    "feed_positions": self._classic.positions(),
                    "integrations": {client: integration_id(client) for client in self._oauth.clients},
                    "switches": self.switches,
                }
            )
            return held

    def memory(self) -> dict[str, Any]:
        """What both APIs hold, and the switches."""
        return {
            "switches": dict(self.switches),
            "account": self.account.memory(),
            "oauth": self._oauth.memory(),
            "deliveries": self.deliveries.memory(),
            "feed_positions": self._classic.memory(),
            "writes": self._writes.memory(),
            "oldest_cursor": self._changes.memory(),
        }

    def remember(self, memory: dict[str, Any]) -> None:
        """Hold what `memory` returned, and nothing else; nobody is told of the events again."""
        self.switches = Switches.model_validate(memory["switches"])
        self.account.remember(memory["account"])
        self._oauth.remember(memory["oauth"])
        self.deliveries.remember(memory["deliveries"])
        self._classic.remember(memory["feed_positions"])
        self._writes.remember(memory["writes"])
        self._changes.remember(memory["oldest_cursor"])

    def too_many_requests(self) -> Response:
        """The Agentic API's 429; what the classic API sends is not known."""
        return refused(Refusal(429, "The rate limit is reached."), {})

    def _switches(self) -> Switches:
        return self.switches
