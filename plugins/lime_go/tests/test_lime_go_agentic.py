"""The Agentic adapter against the simulator: changes, reading, and writing beside others who write."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from erpcore_lime_go.simulator import LimeGoSimulator
from erpcore_lime_go.simulator.account import CustomFieldDefinition
from erpcore_lime_go.simulator.records import Company, Deal

from erpcore import Context
from erpcore.connection import CrmConnection
from erpcore.errors import (
    AuthenticationError,
    NotFoundError,
    RateLimitedError,
    RejectedError,
    UnavailableError,
    UnsupportedOperationError,
    WebhookRefusedError,
)
from erpcore.models import EventPage, WriteBack
from erpcore.simulator import Fault

CONTEXT = Context(correlation_id="run-1")
Connect = Callable[..., CrmConnection]
SCAFFOLDING, LICENCES = 850000, 850001


def drain(connection: CrmConnection, cursor: str | None) -> tuple[list[str], str | None]:
    """Read all that is waiting; give the keys and the cursor."""
    keys: list[str] = []
    while True:
        page = connection.fetch_events(cursor, CONTEXT)
        keys += [event.key for event in page.events]
        cursor = page.next_cursor
        if not page.more:
            return keys, cursor


def integration_of(lime: LimeGoSimulator) -> str:
    (found,) = lime.state()["integrations"].values()
    return str(found)


def test_the_first_reading_gives_a_place_and_the_wins_before_it_as_history(
    lime: LimeGoSimulator, connect: Connect
) -> None:
    lime.win_deal(SCAFFOLDING)
    connection = connect("agentic")
    first = connection.fetch_events(None, CONTEXT)
    assert (first.events, first.more) == ((), True)
    page = connection.fetch_events(first.next_cursor, CONTEXT)
    old = lime.deal(SCAFFOLDING).id
    assert [(each.key, each.kind, each.record_id, each.history) for each in page.events] == [
        (f"history:deals:{old}", "deal_won", old, True)
    ]
    lime.edit_deal(SCAFFOLDING, value=1)
    lime.win_deal(LICENCES)
    following = connection.fetch_events(page.next_cursor, CONTEXT)
    assert {(each.record_id, each.history) for each in following.events if each.kind == "deal_changed"} == {
        (old, False),
        (lime.deal(LICENCES).id, False),
    }
    assert not following.more


def test_history_goes_over_many_pages_and_a_win_meanwhile_is_told_in_any_case(
    lime: LimeGoSimulator, connect: Connect
) -> None:
    made = [lime.add_deal(f"Deal {number}", number).id for number in range(130)]
    place = connect("agentic").fetch_events(None, CONTEXT).next_cursor
    lime.win_deal(int(lime.deal(made[-1]).number))
    keys, _ = drain(connect("agentic"), place)
    assert [key for key in keys if made[-1] in key] == [f"history:deals:{made[-1]}", f"deals:{made[-1]}:1"]


def test_a_won_deal_is_a_change_and_its_stage_says_that_it_is_won(lime: LimeGoSimulator, connect: Connect) -> None:
    connection = connect("agentic")
    _, cursor = drain(connection, None)
    lime.win_deal(SCAFFOLDING)
    deal, company = lime.deal(SCAFFOLDING), lime.account.get(Company, 100001)
    page = connection.fetch_events(cursor, CONTEXT)
    assert [(event.key, event.kind, event.record_id) for event in page.events] == [
        (f"deals:{deal.id}:1", "deal_changed", deal.id),
        (f"companies:{company.id}:1", "company_changed", company.id),
    ]
    read = connection.fetch_deal(deal.id, page.events[0], CONTEXT)
    assert (read.name, read.won, read.status) == ("Ställningar etapp 1", True, "Order")
    assert (read.value, read.currency) == (Decimal("12500.00"), "SEK")
    assert read.contact is not None
    assert (read.contact.name, read.contact.phone) == ("Karin Gran", "070-000 10 01")
    assert read.responsible is not None
    assert (read.responsible.name, read.responsible.email) == ("Anna Exempel", "anna@nordverk.example")
    assert {field.title: field.value for field in read.custom_fields or ()} == {
        "Projekt": "Etapp 1",
        "Leveransvillkor": "Fritt levererat",
    }
    assert read.shown("erp_id")
    assert read.erp_id is None
    customer = connection.fetch_customer(read.company_id or "", CONTEXT)
    assert customer.model_dump(exclude_unset=True, exclude={"id", "responsible", "custom_fields"}) == {
        "name": "Granudden Bygg AB",
        "organisation_number": "559900-0014",
        "email": "faktura@granudden.example",
        "phone": "08-000 10 00",
        "website": "granudden.example",
        "is_customer": True,
        "postal_address": {
            "street": "Boxgatan 1",
            "postal_code": "111 22",
            "city": "Stockholm",
            "country_code": "SE",
            "country": "SE",
        },
    }
    assert customer.responsible is not None
    assert customer.responsible.name == "Anna Exempel"


@pytest.mark.parametrize(
    ("settings", "won"),
    [
        ({}, False),
        ({"won_stages": ["offert"]}, True),
        ({"won_categories": ["OPEN"]}, True),
        ({"won_categories": []}, False),
    ],
)
def test_which_stages_are_won_is_a_setting(
    lime: LimeGoSimulator, connect: Connect, settings: dict[str, list[str]], won: bool
) -> None:
    lime.move_deal(SCAFFOLDING, stage="Offert")
    deal = connect("agentic", **settings).fetch_deal(lime.deal(SCAFFOLDING).id, None, CONTEXT)
    assert deal.won is won


def test_pages_of_the_feed_are_read_to_the_end(lime: LimeGoSimulator, connect: Connect) -> None:
    lime.switch(changes_page_size=2)
    connection = connect("agentic")
    _, cursor = drain(connection, None)
    for value in range(7):
        lime.edit_deal(SCAFFOLDING, value=value)
    keys, cursor = drain(connection, cursor)
    deal = lime.deal(SCAFFOLDING).id
    assert keys == [f"deals:{deal}:{revision}" for revision in range(1, 8)]
    assert drain(connection, cursor)[0] == []


def test_a_cursor_can_be_read_from_again(lime: LimeGoSimulator, connect: Connect) -> None:
    connection = connect("agentic")
    _, cursor = drain(connection, None)
    lime.win_deal(SCAFFOLDING)
    assert drain(connection, cursor)[0] == drain(connection, cursor)[0] != []


def test_our_own_changes_are_left_out_when_the_integration_is_known(lime: LimeGoSimulator, connect: Connect) -> None:
    known, unknown = connect("agentic", integration_id=integration_of(lime)), connect("agentic")
    (_, after_known), (_, after_unknown) = drain(known, None), drain(unknown, None)
    deal = lime.deal(SCAFFOLDING)
    known.write_back(WriteBack(record_kind="deal", record_id=deal.id, erp_id="7"), CONTEXT)
    assert drain(known, after_known)[0] == []
    assert drain(unknown, after_unknown)[0] == [f"deals:{deal.id}:1"]


def test_an_expired_cursor_reads_anew_what_changed_and_loses_nothing(lime: LimeGoSimulator, connect: Connect) -> None:
    connection = connect("agentic", resync_overlap_hours=1)
    connection.plugin._adapter._changes._clock = lime.clock
    lime.clock.advance(2 * 3600)
    _, cursor = drain(connection, None)
    lime.clock.advance(60)
    lime.win_deal(SCAFFOLDING)
    lime.expire_cursors()
    lime.clock.advance(1)
    page = connection.fetch_events(cursor, CONTEXT)
    assert page.more
    assert page.events == ()
    lime.edit_deal(LICENCES, value=1)
    keys, cursor = drain(connection, page.next_cursor)
    won, edited = lime.deal(SCAFFOLDING), lime.deal(LICENCES)
    assert f"deals:{won.id}:1" in keys
    assert f"deals:{edited.id}:1" in keys
    assert not any(str(lime.deal(850002).id) in key for key in keys)
    lime.win_deal(850002)
    assert f"deals:{lime.deal(850002).id}:1" in drain(connection, cursor)[0]


def test_reading_anew_goes_over_many_pages_and_goes_on_after_a_restart(lime: LimeGoSimulator, connect: Connect) -> None:
    connection = connect("agentic")
    _, cursor = drain(connection, None)
    made = {lime.add_deal(f"Deal {number}", number).id for number in range(230)}
    lime.expire_cursors()
    lime.clock.advance(1)
    pages: list[EventPage] = []
    while True:
        page = connect("agentic").fetch_events(cursor, CONTEXT)
        pages.append(page)
        cursor = page.next_cursor
        if not page.more:
            break
    found = {event.record_id for page in pages for event in page.events}
    assert made <= found
    assert max(len(page.events) for page in pages) == 100


def test_a_cursor_that_is_not_ours_begins_with_a_checkpoint(connect: Connect) -> None:
    for cursor in ("", "12", '{"cursor": "a"}', '{"cursor": "a", "read_at": "once"}', "[]"):
        assert connect("agentic").fetch_events(cursor, CONTEXT).events == ()


def test_a_deleted_deal_is_no_reason_to_read_it(lime: LimeGoSimulator, connect: Connect) -> None:
    connection = connect("agentic")
    _, cursor = drain(connection, None)
    deal = lime.deal(SCAFFOLDING)
    lime.account.remove(deal)
    (event,) = connection.fetch_events(cursor, CONTEXT).events
    assert (event.kind, event.facts["deleted"]) == ("other", True)
    with pytest.raises(NotFoundError, match=f"lime, deals {deal.id}: Lime Go has no such record"):
        connection.fetch_deal(deal.id, None, CONTEXT)


def test_nothing_is_let_go_delivered_or_subscribed(connect: Connect) -> None:
    connection = connect("agentic")
    assert connection.acknowledge_events(EventPage(events=()), CONTEXT) == 0
    with pytest.raises(UnsupportedOperationError, match="delivers no events"):
        connection.subscribe_events("https://a.example/b", CONTEXT)


def test_a_delivery_is_refused(connect: Connect, lime: LimeGoSimulator) -> None:
    from erpcore.models import WebhookRequest

    request = WebhookRequest(path="/x", body=b"{}", received_at=lime.clock.now())
    with pytest.raises(WebhookRefusedError) as caught:
        connect("agentic").receive_events(request, CONTEXT)
    assert caught.value.status == 404


def test_a_field_that_is_not_defined_is_not_shown_and_one_that_is_not_filled_in_is_empty(
    lime: LimeGoSimulator, connect: Connect
) -> None:
    deal = lime.deal(SCAFFOLDING).id
    assert not connect("agentic", erp_id_field="Nowhere").fetch_deal(deal, None, CONTEXT).shown("erp_id")
    by_key = connect("agentic", erp_id_field="erp_id").fetch_deal(deal, None, CONTEXT)
    assert by_key.shown("erp_id")
    lime.edit_deal(SCAFFOLDING, custom_fields={"ERP ID": "9"})
    assert connect("agentic").fetch_deal(deal, None, CONTEXT).erp_id == "9"


def test_rows_are_read_from_the_custom_field_that_is_named(lime: LimeGoSimulator, connect: Connect) -> None:
    read = connect("agentic", rows_field="ERP rows").fetch_deal(lime.deal(LICENCES).id, None, CONTEXT)
    assert [row.article_number for row in read.rows or ()] == ["LIC-1", "SUP-1"]
    assert (read.rows or ())[1].quantity == Decimal("2.5")


@pytest.mark.parametrize(
    ("entity_type", "archived", "shown"), [("deal", False, True), ("companies", False, False), ("deals", True, False)]
)
def test_a_definition_counts_for_its_own_type_in_either_number_while_it_is_in_use(
    lime: LimeGoSimulator, connect: Connect, entity_type: str, archived: bool, shown: bool
) -> None:
    gone = lime.clock.now() if archived else None
    lime.account.add(CustomFieldDefinition, key="nr", label="Ordernr", entity_type=entity_type, archived_at=gone)
    read = connect("agentic", erp_id_field="Ordernr").fetch_deal(lime.deal(SCAFFOLDING).id, None, CONTEXT)
    assert read.shown("erp_id") is shown


def test_a_deal_costs_few_requests_once_the_registers_are_known(lime: LimeGoSimulator, connect: Connect) -> None:
    connection = connect("agentic")
    ids = [lime.deal(number).id for number in (SCAFFOLDING, LICENCES)]
    connection.fetch_deal(ids[0], None, CONTEXT)
    lime.journal.clear()
    connection.fetch_deal(ids[1], None, CONTEXT)
    assert lime.journal.count() == 2


@pytest.mark.parametrize(
    ("fault", "error", "text"),
    [
        (Fault("error_before", path="/api/v1/deals/.*", status=503), UnavailableError, "server error"),
        (Fault("too_many_requests", path="/api/v1/deals/.*"), RateLimitedError, "requests come too fast"),
    ],
)
def test_bad_answers_are_typed_errors(
    lime: LimeGoSimulator, connect: Connect, fault: Fault, error: type[Exception], text: str
) -> None:
    connection = connect("agentic")
    lime.faults.add(fault)
    with pytest.raises(error, match=text):
        connection.fetch_deal(lime.deal(SCAFFOLDING).id, None, CONTEXT)


def test_refusals_carry_limes_code_text_and_request_id(lime: LimeGoSimulator, connect: Connect) -> None:
    connection = connect("agentic")
    with pytest.raises(NotFoundError) as caught:
        connection.fetch_deal("no such/deal", None, CONTEXT)
    assert caught.value.vendor_code == "not_found"
    assert caught.value.request_id
    with pytest.raises(RejectedError, match=r"The parameter filter\[colour\] is not known here") as refused:
        connection.plugin._adapter._api.page("deals", colour="red")
    assert refused.value.vendor_code == "invalid_query"


def test_without_retry_after_the_rate_headers_say_how_long_to_wait(lime: LimeGoSimulator, connect: Connect) -> None:
    lime.switch(integration_limit=1, retry_after=False)
    connection = connect("agentic")
    connection.fetch_events(None, CONTEXT)
    with pytest.raises(RateLimitedError) as caught:
        connection.fetch_events(None, CONTEXT)
    assert caught.value.retry_after is not None
    assert 1 <= caught.value.retry_after <= 60


def test_both_limits_are_kept_and_connections_of_one_organisation_can_share_theirs(connect: Connect) -> None:
    connection = connect("agentic", requests_per_minute=7, organisation="acme")
    limits = connection.plugin._adapter._client._limits
    assert [(limit.key, limit.limit, limit.seconds) for limit in limits] == [
        ("lime_go:agentic:integration demo-client", 7, 60.0),
        ("lime_go:agentic:organisation acme", 300, 60.0),
    ]


def test_an_expired_token_is_renewed_once_and_unseen(lime: LimeGoSimulator, connect: Connect) -> None:
    connection = connect("agentic")
    connection.fetch_events(None, CONTEXT)
    lime.expire_tokens()
    assert connection.fetch_events(None, CONTEXT).next_cursor
    assert lime.journal.count("POST", "/oauth/token") == 2


def test_a_refused_client_is_told_in_plain_words_and_no_secret_is_seen(
    lime: LimeGoSimulator, connect: Connect, caplog: pytest.LogCaptureFixture, exchanges
) -> None:
    caplog.set_level("DEBUG")
    connection = connect("agentic", client_secret="not-the-right-secret")
    with pytest.raises(AuthenticationError) as caught:
        connection.fetch_events(None, CONTEXT)
    good = connect("agentic")
    good.fetch_deal(lime.deal(SCAFFOLDING).id, None, CONTEXT)
    told = [*map(repr, exchanges), caplog.text, str(caught.value), repr(caught.value), repr(good.plugin.settings)]
    token = good.plugin.host.tokens.load("lime")
    assert token is not None
    for secret in ("not-the-right-secret", "demo-secret", token.access_token):
        assert not any(secret in each for each in told), secret


def test_a_deal_without_stage_contact_or_owner_is_read(lime: LimeGoSimulator, connect: Connect) -> None:
    deal = lime.account.add(Deal, name="Bare")
    read = connect("agentic").fetch_deal(deal.id, None, CONTEXT)
    assert read.won is False
    assert read.shown("contact")
    assert read.contact is None
    assert read.shown("responsible")
    assert read.responsible is None
    assert read.shown("company_id")
    assert read.company_id is None
