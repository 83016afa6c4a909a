"""What a run writes to two systems, which of its writes is broken and how, and everything that is there afterwards.

Each case has an installation of its own whose ids, numbers and references are the same every time. So what is there
after a break can be compared, as a whole, with what is there when nothing breaks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from erpcore.engine.worker import make_queue
from erpcore.simulator import Fault, Simulator
from erpcore.simulator.faults import TRANSPORT_KINDS
from erpcore.store import get_run, installation_id, open_run
from erpcore.store.schema import installation, links, runs
from tests.e2e.order_world import OrderWorld, order_world_in, row
from tests.e2e.settings_file import CLIENT_SECRET, SYNC
from tests.e2e.world import World, world_in

NUMBER = "556000-4615"
AWAY = 4
"""Requests that a system answers with 503 while it is away: more than one call asks."""
FIRST: Mapping[str, Fault] = {
    "kill": Fault("hold"),
    "outage": Fault("error_before", status=503),
    "lost answer": Fault("lose_answer"),
}
"""How a write may be broken. What is held is carried out, and its worker is killed while it waits for the answer; an
outage comes before the work, a lost answer after it, and behind both the system is away for a while."""

_WORKER = {"poll_seconds": 3600, "longest_request_seconds": 5.0, "dead_after_seconds": 5.0}
_REQUESTS = {"request_seconds": 4.0}
_LIME_GO = {
    **{"api": "agentic", "api_key": None, "set_custom_field_mutation": None},
    **{"client_id": "demo-client", "client_secret": CLIENT_SECRET},
    **{"requests_per_minute": 60_000, "organisation_requests_per_minute": 60_000},
    **{"status_field": "ERP status", "message_field": "ERP message"},
    **{"order_number_field": "ERP order number", "invoice_number_field": "ERP invoice number"},
    **{"company_erp_number_field": "ERP customer number"},
}
_INVOICE_NOW = "Fakturera direkt"
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)?")
_COUNTERS = ("revision", "MailAddress.Id")
"""Members that count how often a record was written: what is told twice is told the same."""


@dataclass(frozen=True)
class Write:
    """One request that changes something.

    Attributes:
        step: The kind of step that sends it.
        system: ``crm`` or ``erp``.
        method: The HTTP verb.
        path: A regular expression for the whole path.
        nth: Which of the scenario's requests of this verb and path, from 1.
    """

    step: str
    system: str
    method: str
    path: str
    nth: int = 1

    def fits(self, system: str, method: str, path: str) -> bool:
        """Whether a request is one of this verb and path."""
        return (self.system, self.method) == (system, method) and re.fullmatch(self.path, path) is not None

    def __str__(self) -> str:
        words = [word for word in re.split(r"[^A-Za-z]+", self.path) if word[:1].isalpha()]
        again = "" if self.nth == 1 else f" {self.nth}"
        return f"{self.step}, {self.method} {words[-1]}{again}"


@dataclass(frozen=True)
class Scenario:
    """One run and what it writes, in order.

    Attributes:
        pair: Which two systems.
        kind: Kind of the record.
        make: Makes what is there before, and gives the record.
        writes: What the run writes when nothing breaks.
        rules: Of the sync.
    """

    pair: str
    kind: str
    make: Callable[[Any], str]
    writes: tuple[Write, ...]
    rules: Mapping[str, Any] = field(default_factory=dict)


def _lime_go_deal(world: World, *, invoiced: bool) -> str:
    rows = [{"article_number": "NEW-1", "text": "Vara", "quantity": "1", "price": "100.00"}]
    more: dict[str, Any] = {"rows": rows, "custom_fields": {_INVOICE_NOW: "ja"}} if invoiced else {}
    deal = world.deal(world.company(business_id=NUMBER), **more)
    world.win(deal)
    return deal


def _lime_go_company(world: World, *, known: bool) -> str:
    if known:
        world.seed_fortnox({"customers": [{"Name": "Ett annat namn", "OrganisationNumber": NUMBER}]})
    return str(world.company(business_id=NUMBER).id)


def _lime_crm_company(world: OrderWorld, *, known: bool) -> str:
    place = {"country": "Sverige", "postalzipcode": "111 22", "postalcity": "Stockholm"}
    company = world.lime.add_company("Bolag AB", registrationno=NUMBER, **place)
    if known:
        world.known_customer(company, "1")
        world.lime.edit_company(company.id, phone="22 00 00 99")
    else:
        world.lime.send_company(company.id)
    return str(company.id)


def _lime_crm_order(world: OrderWorld) -> str:
    place = {"country": "Sverige", "postalzipcode": "111 22", "postalcity": "Stockholm"}
    company = world.lime.add_company("Bolag AB", registrationno=NUMBER, **place)
    article = world.lime.add_article("NEW-1", "Ny vare", price=100)
    order = world.order(company, {**row("NEW-1"), "article": article.id}, create_invoice_from_order=True)
    world.ready(order)
    return order


def _fortnox(step: str, method: str, path: str, nth: int = 1) -> Write:
    return Write(step, "erp", method, f"/3/{path}", nth)


def _lime_go(step: str, path: str, nth: int = 1) -> Write:
    return Write(step, "crm", "PATCH", f"/api/v1/{path}/[^/]+", nth)


def _poweroffice(step: str, method: str, path: str, nth: int = 1) -> Write:
    return Write(step, "erp", method, f"/v2/{path}", nth)


def _lime_crm(step: str, path: str, nth: int = 1) -> Write:
    return Write(step, "crm", "PUT", f"/demo/api/v1/limeobject/{path}/[0-9]+/", nth)


_GO, _CRM = "Lime Go and Fortnox", "Lime CRM and PowerOffice"
SCENARIOS: Mapping[str, Scenario] = {
    "won deal": Scenario(
        _GO,
        "deal",
        lambda world: _lime_go_deal(world, invoiced=True),
        (
            _fortnox("create_customer", "POST", "customers"),
            _fortnox("create_article", "POST", "articles"),
            _fortnox("create_article", "PUT", "prices/A/NEW-1"),
            _fortnox("create_order", "POST", "orders"),
            _lime_go("write_back", "deals"),
            _fortnox("convert_to_invoice", "PUT", "orders/[0-9]+/createinvoice"),
            _lime_go("write_back", "deals", 2),
        ),
        {"convert_field": _INVOICE_NOW},
    ),
    "deal to invoice": Scenario(
        _GO,
        "deal",
        lambda world: _lime_go_deal(world, invoiced=False),
        (
            _fortnox("create_customer", "POST", "customers"),
            _fortnox("create_invoice", "POST", "invoices"),
            _lime_go("write_back", "deals"),
        ),
        {"won_deal": "invoice"},
    ),
    "new customer": Scenario(
        _GO,
        "company",
        lambda world: _lime_go_company(world, known=False),
        (_fortnox("create_customer", "POST", "customers"), _lime_go("write_back_customer", "companies")),
    ),
    "changed customer": Scenario(
        _GO,
        "company",
        lambda world: _lime_go_company(world, known=True),
        (_fortnox("update_customer", "PUT", "customers/[0-9]+"), _lime_go("write_back_customer", "companies")),
    ),
    "ready order": Scenario(
        _CRM,
        "order",
        _lime_crm_order,
        (
            _lime_crm("mark_in_process", "order"),
            _poweroffice("create_customer", "POST", "Customers"),
            _lime_crm("write_back_customer", "company"),
            _poweroffice("create_article", "POST", "Products"),
            _lime_crm("create_article", "article"),
            _poweroffice("create_order", "POST", "SalesOrders/Complete"),
            _lime_crm("write_back", "order", 2),
            _poweroffice("convert_to_invoice", "POST", "SalesOrders/[^/]+/CreateAndSendInvoice"),
            _lime_crm("write_back", "order", 3),
        ),
        {"missing_article": "create", "report_created_articles": True},
    ),
    "new customer of orders": Scenario(
        _CRM,
        "company",
        lambda world: _lime_crm_company(world, known=False),
        (
            _lime_crm("mark_in_process", "company"),
            _poweroffice("create_customer", "POST", "Customers"),
            _lime_crm("write_back_customer", "company", 2),
        ),
    ),
    "changed customer of orders": Scenario(
        _CRM,
        "company",
        lambda world: _lime_crm_company(world, known=True),
        (
            _lime_crm("mark_in_process", "company"),
            _poweroffice("update_customer", "PATCH", "Customers/[0-9]+"),
            _lime_crm("write_back_customer", "company", 2),
        ),
    ),
}


@contextmanager
def installed_for(scenario: Scenario, folder: Path) -> Iterator[tuple[World | OrderWorld, str]]:
    """Build the installation of a scenario without a worker; give it and the record."""
    if scenario.pair == _GO:
        fortnox = {**_REQUESTS, "fence_seconds": 1.0}
        made: Any = world_in(
            folder, lime={**_LIME_GO, **_REQUESTS}, fortnox=fortnox, rules=scenario.rules, worker=_WORKER
        )
    else:
        erp = {**_REQUESTS, "fence_seconds": 1.0}
        made = order_world_in(folder, lime=_REQUESTS, erp=erp, rules=scenario.rules, worker=_WORKER, erp_dbs=["1"])
    with made as world:
        with world.store.begin() as connection:
            # Our references have it in them.
            installation_id(connection)
            connection.execute(sa.update(installation).values(short_id="abc234"))
        if scenario.pair == _GO:
            titles = [_LIME_GO["order_number_field"], _LIME_GO["invoice_number_field"]]
            world.lime.seed({"custom_fields": [{"title": each, "entity_type": "deals"} for each in titles]})
        yield world, scenario.make(world)


def sent(world: World | OrderWorld, scenario: Scenario, record: str) -> int:
    """Have the record handled, as a person does; the number of its run."""
    go = scenario.pair == _GO
    sides = {"sync": SYNC, "source": "lime_go", "target": "fortnox"} if go else _ORDERS
    queue = make_queue(world.settings, world.store)
    try:
        with world.store.begin() as connection:
            run, _ = open_run(connection, record_kind=scenario.kind, record_id=record, **sides)
            queue.enqueue(connection, run, attempt=1)
    finally:
        queue.close()
    return run.id


_ORDERS = {"sync": "orders_norway", "source": "lime_crm", "target": "norway"}


def systems(world: World | OrderWorld) -> dict[str, Simulator]:
    """Give the two systems by their side."""
    return {"crm": world.lime, "erp": world.fortnox if isinstance(world, World) else world.poweroffice}


def written(world: World | OrderWorld) -> list[tuple[str, str, str]]:
    """Give every request so far that changed something: side, verb and path."""
    entries = [(entry.at, side, entry) for side, system in systems(world).items() for entry in system.journal.entries()]
    return [
        (side, entry.method, entry.path)
        for _, side, entry in sorted(entries, key=lambda each: each[0])
        if entry.method != "GET" and "oauth" not in entry.path.casefold()
    ]


class Break:
    """Breaks one write of a scenario, and lets the system be away for a while after it unless its worker is killed.

    Args:
        system: Whose requests are looked at.
        write: Which is broken.
        way: How.
    """

    def __init__(self, system: Simulator, write: Write, way: str) -> None:
        self._real = system.faults.take
        self._write, self._way = write, way
        self._seen = 0
        self._away = 0
        self.struck = False
        system.faults.take = self._take  # type: ignore[method-assign]  # its own switches cannot count requests

    def _take(self, kinds: Any, method: str, path: str) -> Fault | None:
        if kinds is not TRANSPORT_KINDS:
            return self._real(kinds, method, path)
        if self._away:
            self._away -= 1
            return Fault("error_before", status=503)
        if not self.struck and self._write.fits(self._write.system, method, path):
            self._seen += 1
            if self._seen == self._write.nth:
                self.struck = True
                self._away = 0 if self._way == "kill" else AWAY
                return FIRST[self._way]
        return self._real(kinds, method, path)


def ended(world: World | OrderWorld, run_id: int) -> Any:
    """Wait until the run has ended, and give it."""

    def newest() -> Any:
        with world.store.read() as connection:
            run = get_run(connection, run_id)
        return run if run.state not in ("queued", "running", "waiting") else None

    return world.wait(newest)


def whole(world: World | OrderWorld, run_id: int) -> dict[str, Any]:
    """Give everything that is there: both systems' records, links, intents, and how the run ended."""
    if isinstance(world, World):
        books, shown = world.fortnox.state(), world.lime.state()["records"]
        crm = {name: shown[name] for name in ("deals", "companies")}
    else:
        books, crm = world.books("1"), world.lime.state()["objects"]
    with world.store.read() as connection:
        linked = connection.execute(sa.select(links).order_by(links.c.source_kind, links.c.target_kind)).all()
        run = connection.execute(sa.select(runs).where(runs.c.id == run_id)).one()
    return {
        "erp": _plain({name: held for name, held in books.items() if isinstance(held, list)}),
        "crm": _plain(crm),
        "links": [
            [link.source_kind, link.source_id, link.target_kind, link.number, link.key, link.generation, link.cut_at]
            for link in linked
        ],
        "intents": sorted(
            [each.record, each.operation, each.reference, each.state, str(each.number), str(each.key), str(each.second)]
            for each in world.intents()
        ),
        # A company whose customer is right when it is looked at anew has nothing to be done for it any more.
        "run": (run.record_kind == "company" or run.summary, run.cause, run.problem, run.failure_told),
    }


def differences(found: Any, expected: Any, place: str = "") -> list[str]:
    """Say where two values differ, in full."""
    if isinstance(found, dict) and isinstance(expected, dict):
        names = list(dict.fromkeys([*expected, *found]))
        return [text for name in names for text in differences(found.get(name), expected.get(name), f"{place}.{name}")]
    if isinstance(found, list) and isinstance(expected, list) and len(found) == len(expected):
        pairs = enumerate(zip(found, expected, strict=True))
        return [text for index, (one, other) in pairs for text in differences(one, other, f"{place}[{index}]")]
    return [] if found == expected else [f"{place.removeprefix('.')}: {found!r}, and usually {expected!r}"]


def _plain(value: Any, within: str = "") -> Any:
    """Give a value without times and counters."""
    if isinstance(value, Mapping):
        counts = {name for name in value if name in _COUNTERS or f"{within}.{name}" in _COUNTERS}
        return {name: _plain(inner, name) for name, inner in value.items() if name not in counts}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return _MOMENT.sub("TIME", value) if isinstance(value, str) else value
