"""Reading what happened: what is ready, what changed, each once, and nothing of our own."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from erpcore_lime_crm.client import LimeCrm
from erpcore_lime_crm.polling import Polling
from erpcore_lime_crm.settings import LimeCrmSettings
from erpcore_lime_crm.simulator import LimeCrmSimulator, Model, Switches
from erpcore_lime_crm.simulator.demo import API_KEY, API_USER

from erpcore import Context
from erpcore.connection import CrmConnection
from erpcore.errors import RejectedError
from erpcore.host import SYSTEM_CLOCK, Exchange, Host
from erpcore.models import CrmEvent, WriteBack
from erpcore.simulator import Clock, running

CONTEXT = Context(correlation_id="test")
Connect = Callable[..., CrmConnection]


class Reader:
    """Reads rounds as the engine does: cursor kept, known keys left out."""

    def __init__(self, crm: CrmConnection) -> None:
        self.crm = crm
        self.cursor: str | None = None
        self.known: set[str] = set()
        self.pages = 0

    def page(self) -> tuple[list[CrmEvent], bool]:
        page = self.crm.fetch_events(self.cursor, CONTEXT)
        self.cursor = page.next_cursor or self.cursor
        self.pages += 1
        return list(page.events), page.more

    def round(self) -> list[tuple[str, str]]:
        new, more = [], True
        while more:
            events, more = self.page()
            new += [event for event in events if event.key not in self.known]
            self.known |= {event.key for event in events}
        return [(event.kind, event.record_id or "") for event in new]


def orders(lime: LimeCrmSimulator) -> list[int]:
    return [each.id for each in lime.account.all("order")]


def test_an_order_is_told_once_it_is_ready(lime: LimeCrmSimulator, connect: Connect) -> None:
    reader = Reader(connect())
    assert reader.round() == []
    first, second, _ = orders(lime)
    lime.set_ready(second)
    assert reader.round() == [("order_ready", str(second))]
    assert reader.round() == []
    lime.set_ready(first)
    assert reader.round() == [("order_ready", str(first))]


def test_a_ready_order_tells_which_erp_database_it_is_for(lime: LimeCrmSimulator, connect: Connect) -> None:
    told = {}
    for erp_db in ("2", None):
        order = lime.add_order("Fjellvik Bygg AS", erp_db=erp_db).id
        lime.set_ready(order)
        (event,) = [each for each in connect().fetch_events(None, CONTEXT).events if each.record_id == str(order)]
        told[erp_db] = event.erp_db
    assert told == {"2": "2", None: None}


def test_an_order_that_was_ready_before_the_first_reading_is_told(lime: LimeCrmSimulator, connect: Connect) -> None:
    lime.set_ready(orders(lime)[0])
    assert Reader(connect()).round() == [("order_ready", str(orders(lime)[0]))]


def test_an_order_that_failed_goes_again_when_it_is_set_ready(lime: LimeCrmSimulator, connect: Connect) -> None:
    crm = connect()
    reader, order = Reader(crm), orders(lime)[2]
    lime.set_ready(order)
    assert len(reader.round()) == 1
    for status in ("inprocess", "error"):
        told = WriteBack(record_kind="order", record_id=str(order), status=status, message="Article is missing")
        assert crm.write_back(told, CONTEXT)
        assert reader.round() == []
    lime.set_ready(order)
    assert reader.round() == [("order_ready", str(order))]


def test_many_ready_orders_come_in_pages_and_survive_a_new_process(lime: LimeCrmSimulator, connect: Connect) -> None:
    made = [lime.add_order("Fjellvik Bygg AS").id for _ in range(7)]
    for order in made:
        lime.set_ready(order)
    reader = Reader(connect(page_size=3))
    events, more = reader.page()
    assert more
    assert len(events) == 3
    reader.crm = connect(page_size=3)
    reader.known |= {event.key for event in events}
    assert [record for _, record in reader.round()] == [str(order) for order in made[3:]]


def test_a_company_that_is_sent_or_changed_is_told(lime: LimeCrmSimulator, connect: Connect) -> None:
    reader = Reader(connect())
    reader.round()
    sundet, fjellvik = lime.object("company", "Sundet Handel AS"), lime.object("company", "Fjellvik Bygg AS")
    lime.send_company(sundet.id)
    lime.edit_company(fjellvik.id, phone="1")
    assert sorted(reader.round()) == [
        ("company_changed", str(fjellvik.id)),
        ("company_is_customer", str(sundet.id)),
    ]
    assert reader.round() == []


@pytest.mark.parametrize("options", ["object", "key"])
def test_a_synced_company_that_nothing_marks_is_told_by_its_time(
    lime: LimeCrmSimulator, connect: Connect, options: Any
) -> None:
    lime.switch(marks_changes=False, query_options=options)
    reader = Reader(connect())
    reader.round()
    fjellvik = lime.object("company", "Fjellvik Bygg AS")
    lime.edit_company(fjellvik.id, phone="1")
    assert reader.round() == [("company_changed", str(fjellvik.id))]
    assert reader.round() == []
    lime.edit_company("Sundet Handel AS", phone="2")
    assert reader.round() == [], "it is not in the ERP"


def test_our_own_changes_are_not_told(lime: LimeCrmSimulator, connect: Connect) -> None:
    lime.switch(marks_changes=False)
    crm = connect()
    reader = Reader(crm)
    reader.round()
    fjellvik = lime.object("company", "Fjellvik Bygg AS")
    crm.write_back(WriteBack(record_kind="company", record_id=str(fjellvik.id), status="synced"), CONTEXT)
    assert fjellvik.updated_by == API_USER
    assert reader.round() == []


def test_a_wrong_id_of_our_own_user_is_told_when_something_is_written(
    lime: LimeCrmSimulator, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    fjellvik = lime.object("company", "Fjellvik Bygg AS")
    told = WriteBack(record_kind="company", record_id=str(fjellvik.id), status="synced", message="x")
    connect().write_back(told, CONTEXT)
    assert "api_user_id" not in caplog.text
    connect(api_user_id=999).write_back(told.model_copy(update={"message": "y"}), CONTEXT)
    assert f"api_user_id is 999, but what this key writes is by user {API_USER}" in caplog.text


@pytest.mark.parametrize(("status", "fact"), [("synced", "synced"), ("", "synced")])
def test_a_change_of_a_company_that_is_in_the_erp_says_so(
    lime: LimeCrmSimulator, connect: Connect, status: str, fact: str
) -> None:
    lime.switch(marks_changes=False)
    crm = connect(company={"erp_status": "erp_status" if status else ""})
    reader = Reader(crm)
    reader.round()
    lime.edit_company("Fjellvik Bygg AS", phone="1")
    events, more = [], True
    while more:
        page, more = reader.page()
        events += page
    assert [event.facts["status"] for event in events] == [fact]


def test_a_company_that_waits_for_a_word_says_so(lime: LimeCrmSimulator, connect: Connect) -> None:
    reader = Reader(connect())
    reader.round()
    lime.edit_company("Fjellvik Bygg AS", phone="1")
    lime.send_company(lime.object("company", "Sundet Handel AS").id)
    events, more = [], True
    while more:
        page, more = reader.page()
        events += page
    assert {event.facts["status"] for event in events} == {"updatesmade", "readyforfirstsync"}


def test_a_company_that_is_mended_after_its_first_sending_failed_is_to_be_sent(
    lime: LimeCrmSimulator, connect: Connect
) -> None:
    crm = connect()
    reader = Reader(crm)
    reader.round()
    company = lime.object("company", "Sundet Handel AS")
    lime.edit_company(company.id, erp_id="")
    crm.write_back(
        WriteBack(record_kind="company", record_id=str(company.id), status="error", message="No number"), CONTEXT
    )
    lime.edit_company(company.id, registrationno="910 000 012")
    assert company.values["erp_status"] == "updatesmade"
    assert reader.round() == [("company_is_customer", str(company.id))]


def test_without_the_user_s_id_only_statuses_are_read(
    lime: LimeCrmSimulator, connect: Connect, exchanges: list[Exchange]
) -> None:
    lime.switch(marks_changes=False)
    reader = Reader(connect(api_user_id=None))
    reader.round()
    lime.edit_company("Fjellvik Bygg AS", phone="1")
    assert reader.round() == []
    assert not any("/query/" in each.path for each in exchanges)


def test_won_deals_are_told_when_they_are_watched(lime: LimeCrmSimulator, connect: Connect) -> None:
    deal = lime.object("deal", "Kurspakke høst")
    watching, not_watching = Reader(connect(watch_deals=True)), Reader(connect())
    for reader in (watching, not_watching):
        reader.round()
    lime.win_deal(deal.id)
    assert ("deal_won", str(deal.id)) in watching.round()
    assert ("deal_won", str(deal.id)) not in not_watching.round()
    lime.edit_deal(deal.id, name="Ny navn")
    assert watching.round() == [("deal_won", str(deal.id))]


def test_deals_won_before_the_first_reading_are_history(lime: LimeCrmSimulator, connect: Connect) -> None:
    deal = lime.object("deal", "Kurspakke høst")
    deal.values["dealstatus"] = "agreement"
    reader = Reader(connect(watch_deals=True))
    assert reader.round() == []
    assert reader.round() == []
    lime.edit_deal(deal.id, name="Ny navn")
    assert reader.round() == [("deal_won", str(deal.id))]


def test_a_change_with_an_older_time_than_the_newest_is_told(connector: Connect, still_clock: Clock) -> None:
    lime = LimeCrmSimulator(Switches(marks_changes=False), clock=still_clock)
    with running(lime) as url:
        reader = Reader(connector(url, overlap_seconds=600))
        reader.cursor = '{"newest": {"company": "2026-11-22T09:05:00+00:00"}}'
        # Lime's time is 09:00, five minutes before the newest change known: a commit that came late.
        lime.edit_company("Fjellvik Bygg AS", phone="9")
        assert reader.round() == [("company_changed", str(lime.object("company", "Fjellvik Bygg AS").id))]
        still_clock.advance(3600)
        lime.edit_company("Fjellvik Bygg AS", phone="10")
        assert len(reader.round()) == 1
        pages = reader.pages
        assert reader.round() == []
        assert reader.pages - pages == 2, "companies were looked for by their status just now"


def test_the_overlap_ends_when_nothing_new_comes(lime: LimeCrmSimulator, lime_url: str) -> None:
    ahead = timedelta()
    clock = replace(SYSTEM_CLOCK, now=lambda: datetime.now(UTC) + ahead)
    told = {"url": f"{lime_url}/demo", "api_key": API_KEY, "api_user_id": API_USER}
    settings = LimeCrmSettings.model_validate(told)
    protocol = LimeCrm(settings, Host.in_memory("lime", clock=clock))
    polling = Polling(protocol, settings)
    lime.switch(marks_changes=False)

    def told_in_a_round(cursor: str | None) -> tuple[int, str | None]:
        count, more = 0, True
        while more:
            page = polling.fetch(cursor)
            cursor, more, count = page.next_cursor, page.more, count + len(page.events)
        return count, cursor

    _, cursor = told_in_a_round(None)
    lime.edit_company("Fjellvik Bygg AS", phone="9")
    told_again = []
    for _ in range(3):
        count, cursor = told_in_a_round(cursor)
        told_again.append(count)
        ahead += timedelta(seconds=400)
    lime.edit_company("Fjellvik Bygg AS", phone="10")
    assert told_again == [1, 1, 0]
    assert told_in_a_round(cursor)[0] == 1
    protocol.close()


def test_more_changes_than_a_page_are_all_told(connector: Connect, still_clock: Clock) -> None:
    lime = LimeCrmSimulator(Switches(marks_changes=False), clock=still_clock)
    with running(lime) as url:
        reader = Reader(connector(url))
        reader.cursor = '{"newest": {"company": "2026-11-22T09:00:00+00:00"}}'
        still_clock.advance(60)
        made = [lime.add_company(f"Firma {each}", erp_id=str(each), erp_status="synced").id for each in range(450)]
        told: list[str] = []
        begins: set[str] = set()
        more, deleted = True, False
        while more:
            events, more = reader.page()
            begins |= {json.loads(reader.cursor or "{}")["since"]} - {""}
            told += [event.record_id or "" for event in events]
            if told and not deleted:
                # Five that were told already go away between two pages, which moves the others forward.
                for company in made[:5]:
                    lime.delete("company", company)
                deleted = True
        assert set(map(str, made)) <= set(told)
        assert len(begins) == 1, "all pages of a list begin at one time"


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "[]",
        '{"source": -1}',
        '{"newest": {"company": "yesterday"}}',
        '{"newest": {"company": "2026-01-01T00:00:00"}}',
        '{"a": 1}',
    ],
)
def test_a_cursor_that_is_not_ours_begins_anew(lime: LimeCrmSimulator, connect: Connect, cursor: str) -> None:
    lime.set_ready(orders(lime)[0])
    page = connect().fetch_events(cursor, CONTEXT)
    assert [event.kind for event in page.events] == ["order_ready"]


def test_an_installation_without_statuses_on_companies_is_read_by_time(connector: Connect) -> None:
    lime = LimeCrmSimulator(model=Model(without=["company.erp_status"]))
    with running(lime) as url:
        reader = Reader(connector(url, company={"erp_status": ""}))
        reader.round()
        lime.edit_company("Fjellvik Bygg AS", phone="9")
        assert ("company_changed", str(lime.object("company", "Fjellvik Bygg AS").id)) in reader.round()


def test_orders_do_not_wait_for_a_list_that_cannot_be_read(
    lime: LimeCrmSimulator, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    lime.switch(query_shows_users=False)
    reader = Reader(connect())
    for order in orders(lime):
        lime.set_ready(order)
        assert reader.round() == [("order_ready", str(order))]
    assert "changes of company cannot be read" in caplog.text
    lime.switch(query_shows_users=True)
    reader.round()
    lime.switch(marks_changes=False)
    lime.edit_company("Fjellvik Bygg AS", phone="1")
    assert [kind for kind, _ in reader.round()] == ["company_changed"]


def test_orders_that_cannot_be_read_are_an_error(connect: Connect) -> None:
    with pytest.raises(RejectedError):
        connect(order={"status": "nonsense"}).fetch_events(None, CONTEXT)


def test_changes_are_not_read_where_that_is_set(connect: Connect, exchanges: list[Exchange]) -> None:
    Reader(connect(watch_changes=False)).round()
    assert len(exchanges) == 3


def test_a_quiet_round_costs_two_requests(
    connect: Connect, exchanges: list[Exchange], monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = Reader(connect())
    reader.round()
    exchanges.clear()
    reader.round()
    assert len(exchanges) == 2
    monkeypatch.setattr("erpcore_lime_crm.polling._LOOKED_EVERY", timedelta(0))
    exchanges.clear()
    reader.round()
    assert len(exchanges) == 4, "now and then companies are looked for by their status too"


def test_companies_that_wait_are_told_between_two_looks_at_their_status(
    lime: LimeCrmSimulator, connect: Connect, exchanges: list[Exchange]
) -> None:
    reader = Reader(connect())
    reader.round()
    exchanges.clear()
    lime.edit_company("Fjellvik Bygg AS", phone="1")
    lime.send_company(lime.object("company", "Sundet Handel AS").id)
    assert {kind for kind, _ in reader.round()} == {"company_changed", "company_is_customer"}
    assert len(exchanges) == 2
