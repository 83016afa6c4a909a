"""The classic adapter against the simulator: what each key shows, and how numbers are written back."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal

import pytest
from erpcore_lime_go.simulator import LimeGoSimulator

from erpcore import Context
from erpcore.connection import CrmConnection
from erpcore.errors import (
    AuthenticationError,
    ConfigurationError,
    InvalidValueError,
    MalformedReplyError,
    NotFoundError,
    OutcomeUnknownError,
    RejectedError,
    UnavailableError,
)
from erpcore.models import CrmEvent, Deal, WriteBack
from erpcore.simulator import Fault

CONTEXT = Context(correlation_id="test")
Connect = Callable[..., CrmConnection]
SCAFFOLDING, LICENCES, FITTINGS = "850000", "850001", "850002"
WRITES = {"set_custom_field_mutation": "setDealCustomField"}


def won_event(connection: CrmConnection) -> CrmEvent:
    return next(event for event in connection.fetch_events(None, CONTEXT).events if event.kind == "deal_won")


@pytest.mark.parametrize("key", ["full_access", "company", "personal"])
def test_a_won_deal_is_read_with_each_kind_of_key(lime: LimeGoSimulator, connect: Connect, key: str) -> None:
    lime.win_deal(SCAFFOLDING)
    connection = connect(key=key)
    event = won_event(connection)
    deal = connection.fetch_deal(event.record_id or "", event, CONTEXT)
    assert (deal.id, deal.name, deal.won, deal.status) == (SCAFFOLDING, "Ställningar etapp 1", True, "Order")
    assert deal.value == Decimal(12500)
    assert deal.contact is not None
    assert (deal.contact.name, deal.contact.email) == ("Karin Gran", "karin@granudden.example")
    assert deal.contact.shown("phone") == (key != "company")
    assert deal.responsible is not None
    assert deal.responsible.name == "Anna Exempel"
    assert {field.title: field.value for field in deal.custom_fields or ()} == {
        "Projekt": "Etapp 1",
        "Leveransvillkor": "Fritt levererat",
    }
    assert deal.shown("erp_id")
    assert deal.erp_id is None
    company = connection.fetch_customer(deal.company_id or "", CONTEXT)
    assert (company.name, company.organisation_number) == ("Granudden Bygg AB", "559900-0014")
    for name in ("email", "phone", "postal_address", "visiting_address"):
        assert company.shown(name) == (key != "company"), name
    if key != "company":
        assert (company.email, company.phone) == ("faktura@granudden.example", "08-000 10 00")
        assert company.postal_address is not None
        assert company.postal_address.model_dump(exclude_unset=True) == {
            "street": "Boxgatan 1",
            "postal_code": "111 22",
            "city": "Stockholm",
            "country_code": "SE",
            "country": "SE",
        }
        assert company.visiting_address is not None
        assert company.visiting_address.street == "Byggvägen 7"


@pytest.mark.parametrize("hidden", ["null", "absent"])
def test_hidden_contact_data_is_not_shown_however_it_is_hidden(
    lime: LimeGoSimulator, connect: Connect, hidden: str
) -> None:
    lime.switch(hidden_contact_data=hidden)
    company = connect(key="company").fetch_customer("pase100001", CONTEXT)
    assert company.model_fields_set.isdisjoint({"email", "phone", "postal_address", "visiting_address"})


def test_a_company_without_e_mail_shows_that_it_has_none_to_a_key_that_shows_contact_data(
    lime: LimeGoSimulator, connect: Connect
) -> None:
    made = lime.add_company("Utan Post AB", phone="08-1", country=None)
    company = connect().fetch_customer(made.classic_id, CONTEXT)
    assert company.shown("email")
    assert company.email is None
    assert company.phone == "08-1"
    assert company.postal_address is not None
    assert company.postal_address.city is None


def test_a_company_of_which_no_contact_data_is_seen_shows_none_unless_the_setting_says_that_the_key_does(
    lime: LimeGoSimulator, connect: Connect
) -> None:
    made = lime.add_company("Bara Namn AB", country=None)
    assert not connect().fetch_customer(made.classic_id, CONTEXT).shown("email")
    assert connect(contact_data="shown").fetch_customer(made.classic_id, CONTEXT).shown("email")
    assert not connect(contact_data="hidden").fetch_customer("pase100001", CONTEXT).shown("email")


def test_the_value_comes_from_the_event_where_graphql_has_none(lime: LimeGoSimulator, connect: Connect) -> None:
    lime.switch(deal_fields={})
    lime.edit_deal(SCAFFOLDING, value="12500.50")
    lime.win_deal(SCAFFOLDING)
    connection = connect()
    event = won_event(connection)
    assert connection.fetch_deal(SCAFFOLDING, event, CONTEXT).value == Decimal("12500.50")
    untold = connection.fetch_deal(SCAFFOLDING, None, CONTEXT)
    assert not untold.shown("value")
    assert not untold.shown("won")
    assert not untold.shown("contact")


def test_fields_that_the_schema_calls_otherwise_are_found_by_their_names_in_the_settings(
    lime: LimeGoSimulator, connect: Connect
) -> None:
    lime.switch(
        deal_fields={"value": "amount", "currency": "curr", "contact": "who", "erp_id": "erpNumber"},
        organization_fields={"postal_address": "mailTo"},
        person_phone_field="phonenumber",
    )
    lime.edit_deal(SCAFFOLDING, custom_fields={"ERP ID": "17"})
    names = {
        "deal_value": ["amount"],
        "deal_currency": ["curr"],
        "deal_contact": ["who"],
        "deal_erp_id": ["erpNumber"],
        "postal_address": ["mailTo"],
    }
    connection = connect(graphql_names=names, erp_id_field=None)
    deal = connection.fetch_deal(SCAFFOLDING, None, CONTEXT)
    assert (deal.value, deal.currency, deal.erp_id) == (Decimal(12500), "SEK", "17")
    assert deal.contact is not None
    assert deal.contact.phone == "070-000 10 01"
    company = connection.fetch_customer("pase100001", CONTEXT)
    assert company.postal_address is not None
    assert company.postal_address.city == "Stockholm"
    assert not company.shown("visiting_address")


def test_without_a_readable_schema_the_published_fields_are_asked_for(lime: LimeGoSimulator, connect: Connect) -> None:
    connection = connect()
    lime.faults.add(Fault("error_before", path="/v1/graphql", status=400))
    deal = connection.fetch_deal(SCAFFOLDING, None, CONTEXT)
    assert deal.name == "Ställningar etapp 1"
    assert not deal.shown("value")


def test_the_schema_is_asked_for_once(lime: LimeGoSimulator, connect: Connect) -> None:
    connection = connect()
    for _ in range(3):
        connection.fetch_deal(SCAFFOLDING, None, CONTEXT)
    assert lime.journal.count("POST", "/v1/graphql") == 4


@pytest.mark.parametrize(
    ("settings", "stage", "won"),
    [
        ({}, "Order", True),
        ({"won_statuses": ["order"]}, "Order", True),
        ({"won_statuses": ["Fakturerad"]}, "Order", False),
        ({"lost_statuses": ["Order"]}, "Order", False),
    ],
)
def test_the_event_says_won_unless_the_status_denies_it(
    lime: LimeGoSimulator, connect: Connect, settings: dict[str, list[str]], stage: str, won: bool
) -> None:
    lime.win_deal(SCAFFOLDING)
    connection = connect(**settings)
    assert connection.fetch_deal(SCAFFOLDING, won_event(connection), CONTEXT).won is won


def test_an_event_of_a_lost_deal_says_that_it_is_not_won(lime: LimeGoSimulator, connect: Connect) -> None:
    lime.lose_deal(SCAFFOLDING)
    connection = connect()
    events = connection.fetch_events(None, CONTEXT).events
    lost = next(event for event in events if event.facts["event_type"] == "DealLost")
    assert connection.fetch_deal(SCAFFOLDING, lost, CONTEXT).won is False


def test_an_erp_id_is_empty_filled_or_not_shown(lime: LimeGoSimulator, connect: Connect) -> None:
    def read(**settings: str | None) -> Deal:
        return connect(**settings).fetch_deal(SCAFFOLDING, None, CONTEXT)

    assert not read(erp_id_field=None).shown("erp_id")
    assert read().shown("erp_id")
    # The title is absent from the list: only the setting can say what that means.
    assert not read(absent_custom_field="not_shown").shown("erp_id")
    lime.edit_deal(SCAFFOLDING, custom_fields={"ERP ID": "4711"})
    filled = read(erp_id_field="erp id", absent_custom_field="not_shown")
    assert filled.erp_id == "4711"
    assert "ERP ID" not in {field.title for field in filled.custom_fields or ()}


def test_rows_are_read_from_the_custom_field_that_is_named(connect: Connect) -> None:
    assert not connect().fetch_deal(LICENCES, None, CONTEXT).shown("rows")
    connection = connect(rows_field="ERP rows")
    first, second = connection.fetch_deal(LICENCES, None, CONTEXT).rows or ()
    assert (first.article_number, first.description, first.quantity) == ("LIC-1", "Licens, år", Decimal(5))
    assert (second.quantity, second.unit_price) == (Decimal("2.5"), Decimal("950.00"))
    (fitting,) = connection.fetch_deal(FITTINGS, None, CONTEXT).rows or ()
    assert fitting.discount_percent == Decimal(10)
    assert connection.fetch_deal(SCAFFOLDING, None, CONTEXT).rows is None


@pytest.mark.parametrize(
    "written", ["two licences", '{"text": "a"}', '[{"quantity": "many"}]', '["a"]', "[1e400000000]"]
)
def test_rows_that_cannot_be_read_are_a_persons_to_mend(lime: LimeGoSimulator, connect: Connect, written: str) -> None:
    lime.edit_deal(SCAFFOLDING, custom_fields={"Projekt": written})
    with pytest.raises(InvalidValueError, match="The custom field “Projekt” does not hold rows") as caught:
        connect(rows_field="Projekt").fetch_deal(SCAFFOLDING, None, CONTEXT)
    assert caught.value.record == "deal 850000"


def test_a_value_of_a_row_that_cannot_be_read_is_named_with_its_row(lime: LimeGoSimulator, connect: Connect) -> None:
    rows = [{"text": "Stol", "quantity": "1", "price": "10"}, {"text": "Bord", "quantity": "2,5", "price": "1 234,50"}]
    lime.edit_deal(SCAFFOLDING, custom_fields={"Projekt": json.dumps(rows)})
    with pytest.raises(InvalidValueError, match="row 2 has “2,5” as its “quantity” and “1 234,50” as its “price”"):
        connect(rows_field="Projekt").fetch_deal(SCAFFOLDING, None, CONTEXT)


def test_a_currency_that_is_none_is_a_persons_to_mend(lime: LimeGoSimulator, connect: Connect) -> None:
    lime.switch(deal_fields={"currency": "currency"})
    lime.edit_deal(SCAFFOLDING, currency="kronor")
    with pytest.raises(InvalidValueError, match="lime, deal 850000: The currency “kronor”"):
        connect().fetch_deal(SCAFFOLDING, None, CONTEXT)


def test_records_that_are_not_there_are_told_in_plain_words(connect: Connect) -> None:
    connection = connect()
    with pytest.raises(NotFoundError, match="Lime Go has no deal 999"):
        connection.fetch_deal("999", None, CONTEXT)
    with pytest.raises(NotFoundError, match="whose keys here are numbers"):
        connection.fetch_deal("3f1c-uuid", None, CONTEXT)
    with pytest.raises(NotFoundError, match="Lime Go has no company pase1"):
        connection.fetch_customer("pase1", CONTEXT)


def test_numbers_are_written_back_in_one_request_and_again_without_harm(
    lime: LimeGoSimulator, connect: Connect
) -> None:
    connection = connect(**WRITES, order_number_field="Projekt", message_field="Leveransvillkor")
    told = WriteBack(record_kind="deal", record_id=SCAFFOLDING, erp_id="7", order_number="7", message=None)
    assert connection.write_back(told, CONTEXT)
    assert connection.write_back(told, CONTEXT)
    assert [lime.custom_field(SCAFFOLDING, title) for title in ("ERP ID", "Projekt", "Leveransvillkor")] == [
        "7",
        "7",
        None,
    ]
    assert lime.journal.count("POST", "/v1/graphql") == 3


def test_what_is_not_shown_is_left_alone(lime: LimeGoSimulator, connect: Connect) -> None:
    connection = connect(**WRITES, order_number_field="Projekt")
    assert connection.write_back(WriteBack(record_kind="deal", record_id=SCAFFOLDING, erp_id="7"), CONTEXT)
    assert lime.custom_field(SCAFFOLDING, "Projekt") == "Etapp 1"


def test_nothing_is_written_where_nothing_can_be(lime: LimeGoSimulator, connect: Connect) -> None:
    told = WriteBack(record_kind="deal", record_id=SCAFFOLDING, erp_id="7")
    assert connect().write_back(told, CONTEXT) is False
    assert connect(**WRITES, erp_id_field=None).write_back(told, CONTEXT) is False
    company = WriteBack(record_kind="company", record_id="pase100001", erp_id="7")
    assert connect(**WRITES, company_erp_number_field="Kundgrupp").write_back(company, CONTEXT) is False
    assert lime.journal.count("POST", "/v1/graphql") == 0


def test_an_erp_id_that_is_shown_and_never_written_does_not_stand_there(
    lime: LimeGoSimulator, connect: Connect
) -> None:
    """Though the order number is written: the ERP ID that reading shows stays empty, and nobody has cleared it."""
    lime.switch(deal_fields={"erp_id": "erpId"})
    connection = connect(**WRITES, erp_id_field=None, order_number_field="Projekt")
    assert connection.fetch_deal(SCAFFOLDING, None, CONTEXT).shown("erp_id")
    told = WriteBack(record_kind="deal", record_id=SCAFFOLDING, erp_id="7", order_number="7")
    assert connection.write_back(told, CONTEXT) is False
    assert lime.custom_field(SCAFFOLDING, "Projekt") == "7"
    lime.switch(deal_fields={})
    hidden = connect(**WRITES, erp_id_field=None, order_number_field="Projekt")
    assert hidden.write_back(told, CONTEXT) is True


def test_a_mutation_that_answers_without_the_deal_is_proved_by_reading_it(
    lime: LimeGoSimulator, connect: Connect
) -> None:
    lime.switch(custom_field_reply="bare")
    connection = connect(**WRITES)
    told = WriteBack(record_kind="deal", record_id=SCAFFOLDING, erp_id="7")
    assert connection.write_back(told, CONTEXT)
    assert lime.custom_field(SCAFFOLDING, "ERP ID") == "7"
    assert lime.journal.count("POST", "/v1/graphql") == 3, "the schema, the mutation, the deal"


@pytest.mark.parametrize("reply", ["deal", "bare"])
def test_a_number_that_lime_took_and_does_not_show_is_told(
    lime: LimeGoSimulator, connect: Connect, monkeypatch: pytest.MonkeyPatch, reply: str
) -> None:
    lime.switch(custom_field_reply=reply)
    monkeypatch.setattr(lime.account, "put_custom_field", lambda *_: None)
    connection = connect(**WRITES, erp_id_field="Projekt")
    with pytest.raises(RejectedError, match="lime, deal 850000: Lime Go took the custom field “Projekt” and does not"):
        connection.write_back(WriteBack(record_kind="deal", record_id=SCAFFOLDING, erp_id="7"), CONTEXT)
    cut = connect(**WRITES, erp_id_field=None, message_field="Projekt")
    assert cut.write_back(WriteBack(record_kind="deal", record_id=SCAFFOLDING, message="long"), CONTEXT)


def test_a_mutation_that_is_not_there_names_the_setting(connect: Connect) -> None:
    told = WriteBack(record_kind="deal", record_id=SCAFFOLDING, erp_id="7")
    with pytest.raises(ConfigurationError, match=r"set_custom_field_mutation.*no such mutation"):
        connect(set_custom_field_mutation="updateDeal").write_back(told, CONTEXT)
    arguments = {"deal": "id"}
    with pytest.raises(ConfigurationError, match="it takes dealId, title, value"):
        connect(**WRITES, set_custom_field_arguments=arguments).write_back(told, CONTEXT)


def test_a_key_that_may_not_write_is_refused_with_limes_own_words(lime: LimeGoSimulator, connect: Connect) -> None:
    told = WriteBack(record_kind="deal", record_id=SCAFFOLDING, erp_id="7")
    with pytest.raises(RejectedError, match="a company key may not change anything"):
        connect(key="company", **WRITES).write_back(told, CONTEXT)
    with pytest.raises(RejectedError, match="no custom field 'Order no'"):
        connect(**WRITES, erp_id_field="Order no").write_back(told, CONTEXT)


def test_a_write_whose_answer_is_lost_may_be_sent_again(lime: LimeGoSimulator, connect: Connect) -> None:
    connection = connect(**WRITES)
    connection.fetch_deal(SCAFFOLDING, None, CONTEXT)
    lime.faults.add(Fault("lose_answer", path="/v1/graphql"))
    told = WriteBack(record_kind="deal", record_id=SCAFFOLDING, erp_id="7")
    with pytest.raises(OutcomeUnknownError) as caught:
        connection.write_back(told, CONTEXT)
    assert caught.value.retryable
    assert connection.write_back(told, CONTEXT)
    assert lime.custom_field(SCAFFOLDING, "ERP ID") == "7"


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault("error_before", path="/v1/graphql"), UnavailableError),
        (Fault("html", path="/v1/graphql"), MalformedReplyError),
        (Fault("garbage", path="/v1/graphql"), MalformedReplyError),
        (Fault("empty", path="/v1/graphql"), MalformedReplyError),
        (Fault("lose_answer", path="/v1/graphql"), UnavailableError),
    ],
)
def test_bad_answers_are_typed_errors(
    lime: LimeGoSimulator, connect: Connect, fault: Fault, error: type[Exception]
) -> None:
    connection = connect()
    lime.faults.add(fault)
    with pytest.raises(error):
        connection.fetch_deal(SCAFFOLDING, None, CONTEXT)
    assert connection.fetch_deal(SCAFFOLDING, None, CONTEXT).name


@pytest.mark.parametrize("status", [200, 400])
def test_a_refused_query_is_told_with_limes_own_words(lime: LimeGoSimulator, connect: Connect, status: int) -> None:
    connection = connect(**WRITES, erp_id_field="Nowhere")
    lime.switch(graphql_error_status=status)
    with pytest.raises(RejectedError, match="deals have no custom field 'Nowhere'"):
        connection.write_back(WriteBack(record_kind="deal", record_id=SCAFFOLDING, erp_id="7"), CONTEXT)


def test_a_wrong_key_is_told_in_plain_words(connect: Connect) -> None:
    with pytest.raises(AuthenticationError, match="Lime Go does not accept the API key"):
        connect(key="99999999-9999-4999-8999-999999999999").fetch_deal(SCAFFOLDING, None, CONTEXT)


def test_the_key_may_come_with_its_prefix(connect: Connect) -> None:
    connection = connect(key="go-api:11111111-1111-4111-8111-111111111111")
    assert connection.fetch_deal(SCAFFOLDING, None, CONTEXT).name


def test_the_key_is_nowhere_to_be_seen(lime: LimeGoSimulator, connect, exchanges, caplog) -> None:
    caplog.set_level("DEBUG")
    connection = connect()
    connection.fetch_deal(SCAFFOLDING, None, CONTEXT)
    lime.faults.add(Fault("error_before", path="/v1/graphql"))
    with pytest.raises(UnavailableError) as caught:
        connection.fetch_deal(SCAFFOLDING, None, CONTEXT)
    told = [*map(repr, exchanges), caplog.text, str(caught.value), repr(caught.value), repr(connection.plugin.settings)]
    assert not any("11111111-1111-4111-8111" in each for each in told)


def test_the_setting_says_which_relations_make_a_customer(lime: LimeGoSimulator, connect: Connect) -> None:
    lime.win_deal(SCAFFOLDING)
    deal = connect().fetch_deal(SCAFFOLDING, None, CONTEXT)
    for relations, is_customer in (("IS_A_CUSTOMER", "WAS_A_CUSTOMER"), True), (("WAS_A_CUSTOMER",), False):
        company = connect(customer_relations=relations).fetch_customer(deal.company_id or "", CONTEXT)
        assert company.is_customer is is_customer
