"""Breaking one of a run's writes, in three ways, and everything that is there afterwards.

Each case has an installation of its own whose ids, numbers and references are the same every time. So what is there
after a break can be compared, as a whole, with what is there when nothing breaks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa

from erpcore.engine.asking import ask
from erpcore.engine.worker import make_queue
from erpcore.simulator import Fault, Simulator
from erpcore.simulator.faults import TRANSPORT_KINDS
from erpcore.store import get_run, installation_id, open_run
from erpcore.store.schema import installation, links, runs
from erpcore.sync.shared.wish import Wish
from tests.e2e.linked_world import LinkedWorld, linked_world_in
from tests.e2e.order_world import OrderWorld, order_world_in
from tests.e2e.settings_file import CLIENT_SECRET, SYNC
from tests.e2e.world import World, world_in
from tests.e2e.written_requests import CRM, GO, HAND, SCENARIOS as SCENARIOS, Scenario, Write as Write

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
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)?")
_DRAWN = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
_COUNTERS = ("revision", "MailAddress.Id")
"""Members that count how often a record was written: what is told twice is told the same."""


AnyWorld = World | OrderWorld | LinkedWorld
"""The pairs of systems."""


@contextmanager
def installed_for(scenario: Scenario, folder: Path) -> Iterator[tuple[AnyWorld, str]]:
    """Build the installation of a scenario without a worker; give it and the record."""
    if scenario.pair == GO:
        fortnox = {**_REQUESTS, "fence_seconds": 1.0}
        made: Any = world_in(
            folder, lime={**_LIME_GO, **_REQUESTS}, fortnox=fortnox, rules=scenario.rules, worker=_WORKER
        )
    elif scenario.pair == HAND:
        crm = _LIME_GO if scenario.kind == "deal" else {}
        made = linked_world_in(folder, worker=_WORKER, requests=_REQUESTS, crm=crm, rules=scenario.rules)
    else:
        erp = {**_REQUESTS, "fence_seconds": 1.0}
        made = order_world_in(folder, lime=_REQUESTS, erp=erp, rules=scenario.rules, worker=_WORKER, erp_dbs=["1"])
    with made as world:
        with world.store.begin() as connection:
            # Our references have it in them.
            installation_id(connection)
            connection.execute(sa.update(installation).values(short_id="abc234"))
        if scenario.pair == GO or scenario.kind == "deal":
            titles = [_LIME_GO["order_number_field"], _LIME_GO["invoice_number_field"]]
            world.lime.seed({"custom_fields": [{"title": each, "entity_type": "deals"} for each in titles]})
        yield world, scenario.make(world)


def sent(world: AnyWorld, scenario: Scenario, record: str) -> int:
    """Have the record handled, as a person does; the number of its run."""
    if scenario.wish is not None:
        return _wished(world, scenario.wish, record)
    sides = _SIDES[scenario.pair]
    queue = make_queue(world.settings, world.store)
    try:
        with world.store.begin() as connection:
            run, _ = open_run(connection, record_kind=scenario.kind, record_id=record, **sides)
            queue.enqueue(connection, run, attempt=1)
    finally:
        queue.close()
    return run.id


def _wished(world: AnyWorld, action: Literal["create", "update", "contact"], record: str) -> int:
    assert isinstance(world, LinkedWorld)
    person = world.person(record) if action == "contact" else None
    queue = make_queue(world.settings, world.store)
    try:
        wish = Wish(sync=SYNC, action=action, by="a test", person_id=person)
        return ask(world.settings, world.store, queue, record, wish).id
    finally:
        queue.close()


_SIDES = {
    GO: {"sync": SYNC, "source": "lime_go", "target": "fortnox"},
    HAND: {"sync": SYNC, "source": "lime_go", "target": "visma"},
    CRM: {"sync": "orders_norway", "source": "lime_crm", "target": "norway"},
}


def systems(world: AnyWorld) -> dict[str, Simulator]:
    """Give the two systems by their side."""
    if isinstance(world, LinkedWorld):
        return {"crm": world.lime, "erp": world.visma}
    return {"crm": world.lime, "erp": world.fortnox if isinstance(world, World) else world.poweroffice}


def written(world: AnyWorld) -> list[tuple[str, str, str]]:
    """Give every request so far that changed something: side, verb and path."""
    entries = [(entry.at, side, entry) for side, system in systems(world).items() for entry in system.journal.entries()]
    return [
        (side, entry.method, entry.path)
        for _, side, entry in sorted(entries, key=lambda each: each[0])
        # Reading from Lime Go's GraphQL is a POST too.
        if entry.method != "GET" and not re.search("oauth|connect/token|graphql", entry.path.casefold())
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


def ended(world: AnyWorld, run_id: int) -> Any:
    """Wait until the run has ended, and give it."""

    def newest() -> Any:
        with world.store.read() as connection:
            run = get_run(connection, run_id)
        return run if run.state not in ("queued", "running", "waiting") else None

    return world.wait(newest)


def whole(world: AnyWorld, run_id: int) -> dict[str, Any]:
    """Give everything that is there: both systems' records, links, intents, and how the run ended."""
    if isinstance(world, LinkedWorld):
        books, shown = world.visma.state(), world.lime.state()["records"]
        crm = {name: shown[name] for name in ("companies", "contacts", "deals")}
    elif isinstance(world, World):
        books, shown = world.fortnox.state(), world.lime.state()["records"]
        crm = {name: shown[name] for name in ("deals", "companies")}
    else:
        books, crm = world.books("1"), world.lime.state()["objects"]
    with world.store.read() as connection:
        linked = connection.execute(sa.select(links).order_by(links.c.source_kind, links.c.target_kind)).all()
        run = connection.execute(sa.select(runs).where(runs.c.id == run_id)).one()
    found = {
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
    # Visma draws ids for its errors too, so a record's own differs after one.
    named: dict[str, Any] = _named(found, {}) if isinstance(world, LinkedWorld) else found
    return named


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


def _named(value: Any, names: dict[str, str]) -> Any:
    """Give a value with its drawn ids named in the order in which they occur."""
    if isinstance(value, Mapping):
        return {name: _named(inner, names) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_named(inner, names) for inner in value]
    if not isinstance(value, str):
        return value
    return _DRAWN.sub(lambda found: names.setdefault(found[0], f"id {len(names) + 1}"), value)
