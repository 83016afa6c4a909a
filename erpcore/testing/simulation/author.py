"""An author's ERP plugin and its simulator, with a CRM in memory beside them: every single strike at every point.

What must hold is told by the simulator's registers: each holds as many records as undisturbed, and they say the same. A
letter counts, and the number of a value's digits, since numbers and times differ from one schedule to another.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Collection
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from random import Random
from typing import Any, ClassVar

from erpcore.errors import ConfigurationError
from erpcore.hookspecs import Context, hookimpl
from erpcore.models import Company, CrmEvent, Deal, DealRow, EventPage, WriteBack
from erpcore.plugin import CONTRACT_VERSION, CrmPlugin, Plugin, PluginSettings
from erpcore.simulator import Clock
from erpcore.testing.contract import ErpContract
from erpcore.testing.simulation.installation import Pair
from erpcore.testing.simulation.oracle import MENDED_BY_PEOPLE, Books, unsettled
from erpcore.testing.simulation.wire import System

_ALIKE = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}|20\d\d-\d\d-\d\d[^\"]*")


def contract_in(file: Path) -> type[ErpContract]:
    """Give the contract that an author's file states.

    Args:
        file: A file of tests.

    Raises:
        ConfigurationError: It states no contract of an ERP plugin with a simulator.
    """
    spec = spec_from_file_location(file.stem, file)
    if spec is not None and spec.loader is not None and file.is_file():
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        for found in vars(module).values():
            if isinstance(found, type) and issubclass(found, ErpContract) and found.simulator is not None:
                return found
    raise ConfigurationError(
        f"{file} states no contract of an ERP plugin with a simulator.",
        advice="Name the file with the class that derives from ErpContract, such as tests/test_acme_contract.py.",
    )


class Desk:
    """What the CRM's server holds: one company, its deals, and what happened."""

    def __init__(self) -> None:
        self.company = Company(id="c1", name="Bolag AB", organisation_number="559900-0436")
        self.deals: dict[str, Deal] = {}
        self.events: list[CrmEvent] = []

    def win(self, deal: str) -> None:
        """Win a deal, perhaps again."""
        key = f"e{len(self.events)}"
        self.events.append(CrmEvent(key=key, kind="deal_won", record_id=deal))

    def change(self, deal: str, **values: Any) -> None:
        """Change a deal."""
        self.deals[deal] = self.deals[deal].model_copy(update=values)


class DeskPlugin(CrmPlugin[PluginSettings]):
    """The plugin for it. It has no wire: nothing is lost between it and the CRM."""

    name: ClassVar[str] = "desk"
    display_name: ClassVar[str] = "A CRM in memory"
    contract_version: ClassVar[int] = CONTRACT_VERSION
    Settings: ClassVar[type[PluginSettings]] = PluginSettings
    field_maps = {}  # noqa: RUF012  it reads and writes no fields
    desk: ClassVar[Desk]

    @hookimpl
    def fetch_events(self, cursor: str | None, context: Context) -> EventPage:
        """Give what happened since."""
        events = tuple(self.desk.events[int(cursor or 0) :])
        return EventPage(events=events, next_cursor=str(len(self.desk.events)))

    @hookimpl
    def fetch_deal(self, deal_id: str, event: CrmEvent | None, context: Context) -> Deal:
        """Give a deal."""
        return self.desk.deals[deal_id]

    @hookimpl
    def fetch_customer(self, company_id: str, context: Context) -> Company:
        """Give the company."""
        return self.desk.company

    @hookimpl
    def write_back(self, values: WriteBack, context: Context) -> bool:
        """Keep a deal's number."""
        if not values.shown("erp_id"):
            return False
        self.host.before_write(repeatable_call=True)
        self.desk.change(values.record_id, erp_id=values.erp_id)
        return True


class AuthorPair(Pair):
    """The CRM in memory, and an author's plugin with its simulator.

    Args:
        contract: The author's contract: its plugin, simulator, settings, seed and lag.

    Raises:
        TypeError: It states no simulator, or one that takes neither clock nor randomness.
    """

    crm = "crm"
    takes_back = frozenset({"lose"})

    def __init__(self, contract: type[ErpContract]) -> None:
        self._contract, self._desk = contract, Desk()
        if contract.judges_time:
            self.steps = ()
        offered = contract.operations()
        self.makes = "create_order" if "create_order" in offered else "create_invoice"
        self.settings = {
            "worker": {"retry_seconds": [10.0, 30.0, 120.0]},
            "connections": {
                "crm": {"plugin": DeskPlugin.name},
                "erp": {"plugin": contract.plugin_class.name, **contract.settings_at("https://erp")},
            },
            "syncs": {
                "deals": {
                    "crm": "crm",
                    "erp": "erp",
                    "won_deal": self.makes.removeprefix("create_"),
                    "missing_article": "create" if "create_article" in offered else "text_row",
                    "convert_to_invoice": {"create_order", "convert_to_invoice"} <= set(offered),
                    "real_invoices": True,
                    "send_customers": False,
                }
            },
        }
        super().__init__()

    def make(self, clock: Clock, random: Random) -> dict[str, System]:
        """Make the author's simulator."""
        if self._contract.simulator is None:
            raise TypeError(f"{self._contract.__name__} must state its simulator.")
        made: Callable[..., Any] = self._contract.simulator
        simulator = made(clock=clock, random=random)
        simulator.seed(dict(self._contract.seed))
        self.acts = {
            "win": lambda: self._desk.win("1"),
            "lose": lambda: self._desk.change("1", won=False),
            "edit": lambda: self._desk.change("1", rows=(self._row("1", 3),)),
        }
        lag = self._contract.lag_kind if self._contract.lag_kind in simulator.fault_kinds else None
        return {"erp": System(simulator, lag=lag, lag_seconds=self._contract.search_lag or 1.0)}

    def connect(self) -> None:
        """Consent, where a person must."""
        simulator = self.systems["erp"].simulator
        if hasattr(self._contract.plugin_class, "finish_authorization") and hasattr(simulator, "tokens"):
            self.consent("erp", simulator)

    def load(self, kind: str, name: str) -> type[Plugin[Any]]:
        """Give the two plugins, whether they are installed or not."""
        if name == DeskPlugin.name:
            return type("DeskPlugin", (DeskPlugin,), {"desk": self._desk})
        return self._contract.plugin_class

    def people_begin(self, records: int) -> None:
        """Win deals of one company that sell one article."""
        self._desk.deals.clear()
        self._desk.events.clear()
        for record in map(str, range(1, records + 1)):
            rows = (self._row(record, 2),)
            self._desk.deals[record] = Deal(
                id=record, name=f"Deal {record}", won=True, company_id="c1", rows=rows, erp_id=None
            )
            self._desk.win(record)

    def record_id(self, record: str) -> str:
        """Give the deal's key."""
        return record

    def books(self) -> Books:
        """Read the simulator's registers, and the numbers that the CRM shows."""
        state = self.systems["erp"].simulator.state()
        registers = {name: tuple(map(_content, held)) for name, held in state.items() if isinstance(held, list)}
        return Books((), registers, {deal.id: deal.erp_id or "" for deal in self._desk.deals.values()})

    def judged(self, books: Books, usual: Collection[Books], strikes: Collection[str]) -> list[str]:
        """Tell what does not hold; see the module."""
        runs = self.runs()
        found, differs, more, fewer = unsettled(self, runs, strikes), list[str](), Counter[str](), Counter[str]()
        unsure = any(run.state in ("failed", "uncertain") for run in runs) or bool({*strikes} & self.takes_back)
        for register, held in books.beside.items():
            has = Counter(held)
            ought = [Counter(one.beside[register]) for one in usual]
            more, fewer = more + (has - ought[0]), fewer + (ought[0] - has)
            if has not in ought and not (unsure and any(has <= one for one in ought)):
                differs.append(f"DIFFERS {register}: more {dict(has - ought[0])}, fewer {dict(ought[0] - has)}")
        # A person is asked about a deal that was changed on the way, or failed: its order may have stayed an order.
        asked = unsure and {*strikes} & {"edit", *self.takes_back, *MENDED_BY_PEOPLE}
        found += [] if asked and more.total() <= fewer.total() else differs
        untold = [deal for deal, number in books.told.items() if not number]
        return [*found, *([] if unsure or not untold else [f"UNTOLD the CRM shows no number on {untold}"])]

    @staticmethod
    def _row(record: str, quantity: int) -> DealRow:
        values = {
            "article_number": "A-1",
            "description": f"Thing for {record}",
            "quantity": quantity,
            "unit_price": 100,
        }
        return DealRow.model_validate(values)


def _content(record: Any) -> str:
    return re.sub(r"\d", "#", _ALIKE.sub("~", json.dumps(record, sort_keys=True, default=str)))
