"""Settings that the other tests leave at their default: each is moved, and something else happens."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from erpcore_lime_go.plugin import LimeGoPlugin
from erpcore_lime_go.settings import LimeGoSettings
from erpcore_lime_go.simulator import LimeGoSimulator
from erpcore_lime_go.simulator.demo import CLIENT_ID, CLIENT_SECRET, FULL_ACCESS_KEY

from erpcore import Context
from erpcore.connection import CrmConnection
from erpcore.errors import AuthenticationError
from erpcore.host import SYSTEM_CLOCK, Host, MemoryBudget
from plugins.lime_go.tests.test_lime_go_webhook import NOW, SETTINGS, WON, read

CONTEXT = Context(correlation_id="test")
Connect = Callable[..., CrmConnection]


def test_what_stands_in_front_of_the_key(connect: Connect) -> None:
    bare = FULL_ACCESS_KEY.rpartition(":")[2]
    assert connect(key=bare).check_connection(CONTEXT).ok
    with pytest.raises(AuthenticationError):
        connect(key=bare, key_prefix="key:").fetch_events(None, CONTEXT)


@pytest.mark.parametrize(
    ("settings", "events"),
    [
        ({}, ["DealWon", "DealLost", "DealStatusChange", "OrganizationIsACustomer"]),
        ({"subscribe_to": ["DealWon"]}, ["DealWon"]),
        ({"subscribe_to": []}, []),
    ],
)
def test_which_events_are_delivered(
    lime: LimeGoSimulator, connect: Connect, settings: dict[str, Any], events: list[str]
) -> None:
    connect(**settings).subscribe_events("http://127.0.0.1:9/webhooks/lime/x", CONTEXT)
    (asked,) = [entry for entry in lime.journal.entries("POST") if entry.path.endswith("event/subscription")]
    assert json.loads(asked.body)["events"] == events


def test_what_every_company_is_searched_with(connect: Connect) -> None:
    everybody = connect().fetch_companies(None, CONTEXT).items
    some = connect(all_companies_query="Granudden").fetch_companies(None, CONTEXT).items
    assert [each.name for each in some] == ["Granudden Bygg AB"]
    assert len(everybody) > 1


def test_the_names_of_a_person_s_telephones(lime: LimeGoSimulator, connect: Connect) -> None:
    lime.switch(person_phone_field="tel", person_mobile_phone_field="mobil")
    karin = lime.account.contact_of(lime.deal("850000"))
    assert karin is not None
    karin.mobile_phone = "070-000 00 01"
    lime.win_deal("850000")
    named = {"graphql_names": {"person_phone": ["tel"], "person_mobile_phone": ["mobil"]}}
    for settings, known in (({}, False), (named, True)):
        contact = connect(**settings).fetch_deal("850000", None, CONTEXT).contact
        assert contact is not None
        assert (contact.shown("phone"), contact.shown("mobile_phone")) == (known, known)


def test_equal_deliveries_without_a_position_are_one_event_within_the_setting() -> None:
    bare = {name: value for name, value in WON.items() if name != "position"}
    for seconds, same in ((60, False), (3600, True)):
        settings = SETTINGS.model_copy(update={"webhook_repeat_seconds": seconds})
        begin = NOW.replace(minute=0, second=0)
        first, later = (read(bare, settings, at=begin + timedelta(seconds=after)) for after in (0, 600))
        assert (first[0].key == later[0].key) is same


class _Counting(MemoryBudget):
    """A budget that tells what it was asked for."""

    def __init__(self) -> None:
        super().__init__(SYSTEM_CLOCK)
        self.asked: dict[str, int] = {}

    def acquire(self, key: str, limit: int, seconds: float, *, longest_wait: float = 30.0) -> float:
        self.asked[key] = limit
        return super().acquire(key, limit, seconds, longest_wait=longest_wait)


@pytest.mark.parametrize(("settings", "limit"), [({}, 300), ({"organisation_requests_per_minute": 150}, 150)])
def test_the_limit_of_the_whole_organisation(lime_url: str, settings: dict[str, Any], limit: int) -> None:
    budget = _Counting()
    given = {"api": "agentic", "base_url": lime_url, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    host = Host.in_memory("lime", budget=budget)
    connection = CrmConnection(LimeGoPlugin(LimeGoSettings.model_validate(given | settings), host))
    try:
        connection.fetch_events(None, CONTEXT)
    finally:
        connection.close()
    assert [each for key, each in budget.asked.items() if ":organisation " in key] == [limit]
