"""Programs are told the same as people, by deliveries that they can check."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from erpcore.errors import RejectedError, UnavailableError
from erpcore.store import Store, read_health
from tests.notify.conftest import SECRET, Ear, Installation
from tests.notify.test_notify_notices import MISSING, REFUSED
from tests.store.conftest import MovableClock


@pytest.fixture
def installed(store: Store, clock: MovableClock, ear: Ear, tmp_path: Path) -> Installation:
    clock.at = datetime.now(UTC)  # a listener takes nothing that is old
    more = f'[listeners.ops]\nurl = "{ear.url}"\nsecret = "{SECRET}"\n'
    return Installation(store, clock, tmp_path, mail_to=[], more=more)


def test_a_listener_is_told_and_can_check_who_told_it(installed: Installation, ear: Ear) -> None:
    run = installed.fail("7", MISSING)
    assert installed.round() == {"ops": None}
    headers, content = ear.taken[0]
    told = Webhook(SECRET).verify(content, headers)
    assert told["type"] == "cause.began"
    assert told["data"]["sync"] == "won"
    assert told["data"]["cause"] == MISSING.key
    assert told["data"]["label"] == "Article missing"
    assert told["data"]["count"] == told["data"]["new"] == 1
    assert told["data"]["records"] == [
        {
            "kind": "deal",
            "id": "7",
            "run": run,
            "state": "failed",
            "name": "Deal 7",
            "customer": "Åkerlund & Söner HB",
            "documents": None,
        }
    ]
    other = json.loads(content)
    other["data"]["count"] = 2
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(json.dumps(other), headers)


def test_each_cause_is_a_delivery_of_its_own(installed: Installation, ear: Ear) -> None:
    installed.fail("7", MISSING)
    installed.fail("8", REFUSED)
    installed.round()
    installed.end("7", "done")
    installed.round(after=3600)
    types = [json.loads(content)["type"] for _, content in ear.taken]
    assert types == ["cause.began", "cause.began", "cause.over"]


def test_it_is_told_again_until_it_takes_it_under_the_same_id(installed: Installation, ear: Ear) -> None:
    ear.answers = [500, 302, 410]
    installed.fail("7", MISSING)
    assert isinstance(installed.round()["ops"], RejectedError)
    assert installed.round(after=5) == {}
    with installed.store.read() as connection:
        (unsent,) = read_health(connection).unsent
    assert (unsent.address, unsent.count) == ("ops", 1)
    assert "status 500" in unsent.error
    for seconds in (31, 301):
        assert isinstance(installed.round(after=seconds)["ops"], RejectedError)
    assert installed.round(after=1801) == {"ops": None}
    assert len({headers["webhook-id"] for headers, _ in ear.taken}) == 1
    stamps = [int(headers["webhook-timestamp"]) for headers, _ in ear.taken]
    assert stamps == sorted(set(stamps)), "each try has its own time, or it would be taken for a replay"


def test_one_that_is_away_holds_up_nobody(store: Store, clock: MovableClock, ear: Ear, tmp_path: Path) -> None:
    clock.at = datetime.now(UTC)
    more = (
        f'[listeners.gone]\nurl = "http://127.0.0.1:9/x"\nsecret = "{SECRET}"\n'
        f'[listeners.ops]\nurl = "{ear.url}"\nsecret = "{SECRET}"\nsyncs = ["won"]\n'
    )
    installed = Installation(store, clock, tmp_path, mail_to=[], more=more)
    for number, problem in enumerate((MISSING, REFUSED)):
        installed.fail(str(number), problem)
    tried = installed.round()
    assert tried["ops"] is None
    assert isinstance(tried["gone"], UnavailableError)
    assert len(ear.taken) == 2
    assert installed.round() == {}, "what waits for the one that is away waits together"
