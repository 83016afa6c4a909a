"""What `check_connection` finds, what the settings ask for, and what the plugin says of itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from erpcore_lime_go.plugin import LimeGoPlugin
from erpcore_lime_go.settings import LimeGoSettings
from erpcore_lime_go.simulator import LimeGoSimulator
from erpcore_lime_go.simulator.demo import FULL_ACCESS_KEY
from pydantic import ValidationError

from erpcore import Context, registry
from erpcore.connection import CrmConnection
from erpcore.errors import AuthenticationError, ConfigurationError
from erpcore.models import Company, Deal

CONTEXT = Context(correlation_id="test")
Connect = Callable[..., CrmConnection]


def states(connection: CrmConnection) -> dict[str, str]:
    return {check.name: check.state for check in connection.check_connection(CONTEXT).checks}


def detail(connection: CrmConnection, name: str) -> str:
    return next(check.detail for check in connection.check_connection(CONTEXT).checks if check.name == name)


def test_a_classic_account_that_shows_everything_is_well(lime: LimeGoSimulator, connect: Connect) -> None:
    lime.switch(deal_fields={"value": "value", "currency": "currency", "contact": "customerContact"})
    lime.edit_deal(850000, custom_fields={"ERP ID": "1"})
    found = states(connect(set_custom_field_mutation="setDealCustomField"))
    assert set(found.values()) == {"ok"}
    assert list(found) == [
        "API key",
        "event feed",
        "time of a win",
        "contact data",
        "fields",
        "ERP ID",
        "writing back",
        "won deals",
        "webhook",
    ]


def key_of(connection: CrmConnection) -> str:
    return str(connection.identify_account(CONTEXT).key)


def test_an_account_is_known_by_its_organisation_or_else_by_its_credentials(connect: Connect) -> None:
    one, other = "full_access", "company"
    same = f"go-api:{FULL_ACCESS_KEY}"
    assert key_of(connect(key=one)) == key_of(connect(key=same))
    assert key_of(connect(key=one)) != key_of(connect(key=other))
    assert FULL_ACCESS_KEY not in key_of(connect(key=one))
    named = connect(key=one, organisation="Exempel AB")
    assert key_of(named) == key_of(connect(key=other, organisation="Exempel AB"))
    assert "organisation Exempel AB" in key_of(named)
    assert "OAuth client" in key_of(connect("agentic"))


@pytest.mark.parametrize(
    ("api", "wrong"),
    [("classic", {"key": "11111111-1111-4111-8111-1111111111ff"}), ("agentic", {"client_secret": "no"})],
)
def test_nobody_s_account_is_named_for_credentials_that_are_refused(
    connect: Connect, api: str, wrong: dict[str, str]
) -> None:
    refused = connect(api, **wrong, organisation="Exempel AB")
    with pytest.raises(AuthenticationError):
        refused.identify_account(CONTEXT)


def test_a_delivery_s_address_ends_in_the_token_and_needs_one(connect: Connect) -> None:
    token = "0123456789abcdef-token"
    assert connect(webhook_token=token).plugin.delivery_token == token
    with pytest.raises(ConfigurationError, match="webhook_token"):
        connect().plugin.delivery_token  # noqa: B018 asking for it is what is refused


def test_a_classic_key_without_contact_data_is_named(connect: Connect) -> None:
    assert "this key has no contact-data access" in detail(connect(key="company"), "contact data")


def test_what_the_classic_schema_lacks_is_named(lime: LimeGoSimulator, connect: Connect) -> None:
    lime.switch(deal_fields={}, organization_fields={})
    told = detail(connect(), "fields")
    for name in ("deal value", "currency", "contact person", "postal address", "visiting address"):
        assert name in told


@pytest.mark.parametrize(
    ("settings", "name", "state", "text"),
    [
        ({}, "ERP ID", "warning", "no deal looked at shows the custom field “ERP ID”"),
        ({"erp_id_field": None}, "ERP ID", "ok", "links are the truth"),
        ({}, "writing back", "warning", "no mutation is named"),
        ({"set_custom_field_mutation": "putField"}, "writing back", "error", "setDealCustomField"),
        (
            {"set_custom_field_mutation": "setDealCustomField", "set_custom_field_arguments": {"deal": "id"}},
            "writing back",
            "error",
            "takes no id",
        ),
        ({"won_statuses": ["Kontakt"]}, "won deals", "ok", "counted by status"),
        ({"won_statuses": ["Vunnen"]}, "won deals", "warning", "seen: Kontakt"),
        ({"contact_data": "hidden"}, "contact data", "ok", "taken to be hidden"),
        ({"webhook_token": "a-long-enough-token"}, "webhook", "ok", "unsigned"),
        ({"key": "no-such-key"}, "API key", "error", "does not accept the API key"),
        ({"base_url": "http://127.0.0.1:9"}, "API key", "error", "Nothing was changed"),
    ],
)
def test_what_a_classic_account_lacks_is_named(
    connect: Connect, settings: dict[str, Any], name: str, state: str, text: str
) -> None:
    connection = connect(**settings)
    assert states(connection)[name] == state
    assert text in detail(connection, name)


def test_a_field_of_its_own_for_the_erp_id_is_seen(lime: LimeGoSimulator, connect: Connect) -> None:
    lime.switch(deal_fields={"erp_id": "erpId"})
    assert "which is read and never written" in detail(connect(erp_id_field=None), "ERP ID")


def test_whether_events_tell_the_time_of_a_win_is_looked_at(lime: LimeGoSimulator, connect: Connect) -> None:
    assert "no win is on the feed's first page" in detail(connect(), "time of a win")
    lime.win_deal("850000")
    assert states(connect())["time of a win"] == "warning"
    assert "the day that erpcore reads a win" in detail(connect(), "time of a win")
    lime.switch(event_time=True)
    assert states(connect())["time of a win"] == "ok"
    assert states(connect(event_names={"happened_at": ["when"]}))["time of a win"] == "warning"


def test_a_feed_that_may_not_be_read_is_an_error(lime: LimeGoSimulator, connect: Connect) -> None:
    lime.switch(feed_keys=["company"])
    report = connect().check_connection(CONTEXT)
    assert not report.ok
    assert states(connect())["event feed"] == "error"


def test_an_agentic_account_that_has_everything_is_well(lime: LimeGoSimulator, connect: Connect) -> None:
    found = states(connect("agentic", integration_id="mine", rows_field="ERP rows"))
    assert {name for name, state in found.items() if state != "ok"} == {"time of a win"}, "the API does not show it"
    assert list(found) == ["OAuth client", "scopes", "won deals", "time of a win", "ERP ID", "ERP rows", "own changes"]


@pytest.mark.parametrize(
    ("settings", "name", "state", "text"),
    [
        ({}, "own changes", "warning", "integration_id is not set"),
        ({"erp_id_field": None}, "ERP ID", "ok", "links are the truth"),
        ({"erp_id_field": "ERP-nr"}, "ERP ID", "error", "Make it in Lime Go"),
        ({"won_categories": ["closed_won"]}, "won deals", "error", "categories: lost, open, won"),
        ({"client_secret": "wrong"}, "OAuth client", "error", "lime"),
        ({"scope": "companies:read contacts:read changes:read deals:read"}, "scopes", "error", "reference:read"),
        ({"scope": "reference:read deals:read"}, "scopes", "error", "companies:read, contacts:read, changes:read"),
    ],
)
def test_what_an_agentic_account_lacks_is_named(
    connect: Connect, settings: dict[str, Any], name: str, state: str, text: str
) -> None:
    connection = connect("agentic", **settings)
    assert states(connection)[name] == state
    assert text in detail(connection, name)


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({}, "the classic API needs api_key"),
        ({"api": "agentic"}, "the agentic API needs base_url, client_id, client_secret"),
        ({"api": "soap"}, "classic"),
        ({"api_key": "x", "colour": "red"}, "colour"),
    ],
)
def test_incomplete_settings_say_what_is_missing(settings: dict[str, Any], text: str) -> None:
    with pytest.raises(ValidationError, match=text):
        LimeGoSettings.model_validate(settings)


@pytest.mark.parametrize("address", ["https://api.lime-go.com", "https://api.lime-go.com/v1/"])
def test_the_address_may_be_written_with_its_version(address: str) -> None:
    assert LimeGoSettings.model_validate({"api_key": "x", "base_url": address}).host_url == "https://api.lime-go.com"


def test_secrets_are_not_in_the_settings_text() -> None:
    settings = LimeGoSettings.model_validate(
        {"api_key": "secret-key", "client_secret": "secret-too", "webhook_token": "a-token-that-is-secret"}
    )
    assert "secret" not in f"{settings!r} {settings} {settings.model_dump_json()}".replace("client_secret", "")


def test_every_setting_says_what_it_is() -> None:
    without = [
        name
        for name, field in LimeGoSettings.model_fields.items()
        if not field.description and name not in {"set_custom_field_arguments", "graphql_names", "event_names"}
    ]
    assert without == []


def test_the_plugin_offers_what_lime_go_can_do_and_nothing_else() -> None:
    assert registry.load("crm", "lime_go") is LimeGoPlugin
    assert registry.operations("crm", LimeGoPlugin) == [
        "identify_account",
        "check_connection",
        "fetch_events",
        "acknowledge_events",
        "receive_events",
        "subscribe_events",
        "fetch_deal",
        "fetch_customer",
        "fetch_companies",
        "fetch_persons",
        "write_back",
        "show_invoices",
    ]


@pytest.mark.parametrize("name", ["company", "company_agentic", "deal", "deal_agentic", "deal_row", "person"])
def test_each_table_says_what_becomes_of_every_field(name: str) -> None:
    for line in LimeGoPlugin.field_maps[name].table():
        assert line.state in {"read only", "computed", "unsupported"}
        assert line.native != "N/A" or line.note


def test_the_tables_are_the_translation() -> None:
    payload = {
        "id": "pase1",
        "name": "A",
        "phoneNumber": [],
        "postalAddress": {"zipCode": "1", "countryCode": "Sweden"},
        "erpcore": {"custom_fields": ()},
    }
    company = LimeGoPlugin.field_maps["company"].from_native(payload)
    assert isinstance(company, Company)
    assert company.model_dump(exclude_unset=True) == {
        "id": "pase1",
        "name": "A",
        "phone": None,
        "postal_address": {"postal_code": "1", "country_code": "SE", "country": "Sweden"},
        "custom_fields": (),
    }
    assert LimeGoPlugin.field_maps["deal"].to_native(Deal(id="1", name="A")) == {}
