"""Signing in: both grants, consent, dead grants, the check of a connection, and secrets that stay secret."""

from __future__ import annotations

import logging
import traceback
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx  # noqa: TID251 a stranger's client: the person's browser
import pytest
from erpcore_fortnox.auth import tenant_of
from erpcore_fortnox.plugin import FortnoxPlugin
from erpcore_fortnox.simulator import FortnoxSimulator

from erpcore.connection import ErpConnection
from erpcore.errors import (
    AuthenticationError,
    ConfigurationError,
    ConsentNeededError,
    ErpcoreError,
    RejectedError,
)
from erpcore.host import Token
from erpcore.models import Customer, CustomerQuery
from erpcore.registry import connect_erp
from erpcore.simulator import Clock, Fault

REDIRECT = "http://localhost:8400/callback"
ANYBODY = CustomerQuery(number="1")


def plugin_of(company: Any) -> FortnoxPlugin:
    plugin = company.connection.plugin
    assert isinstance(plugin, FortnoxPlugin)
    return plugin


def consent(company: Any) -> str:
    """Give consent on the simulated page; return the code that came back."""
    url = plugin_of(company).authorization_url(REDIRECT, "state-1")
    answer = httpx.get(url, follow_redirects=False)
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    assert query["state"] == ["state-1"]
    return query["code"][0]


def test_the_consent_page_is_asked_for_a_service_account_and_the_scopes(company: Any) -> None:
    url = urlsplit(plugin_of(company).authorization_url(REDIRECT, "state-1"))
    asked = {name: value[0] for name, value in parse_qs(url.query).items()}
    assert url.path == "/oauth-v1/auth"
    assert asked == {
        "client_id": "demo-client",
        "redirect_uri": REDIRECT,
        "scope": "companyinformation customer order invoice article price payment settings currency",
        "state": "state-1",
        "access_type": "offline",
        "account_type": "service",
        "response_type": "code",
    }


@pytest.mark.parametrize("grant", ["client_credentials", "authorization_code"])
def test_after_consent_the_connection_works_and_knows_its_company(connect: Any, grant: str) -> None:
    company = connect(FortnoxSimulator(rate_limit=None, consented=False), grant=grant, tenant_id=None)
    with pytest.raises(ConsentNeededError, match="erpcore connect fortnox-test"):
        company.connection.find_customers(ANYBODY, company.context)
    plugin_of(company).finish_authorization(consent(company), REDIRECT)
    assert company.connection.find_customers(ANYBODY, company.context) == []
    company.simulator.clock.advance(7200)
    again = connect_erp("fortnox", company.host, plugin_of(company).settings.model_dump())
    assert again.find_customers(ANYBODY, company.context) == []
    again.close()


def test_consent_for_another_company_is_not_kept(connect: Any) -> None:
    company = connect(FortnoxSimulator(consented=False), tenant_id="999")
    with pytest.raises(AuthenticationError, match="tenant id 1234567, but the connection is for 999"):
        plugin_of(company).finish_authorization(consent(company), REDIRECT)
    assert company.host.tokens.load("fortnox-test") is None


def test_a_code_works_once(connect: Any) -> None:
    company = connect(FortnoxSimulator(consented=False))
    code = consent(company)
    plugin_of(company).finish_authorization(code, REDIRECT)
    with pytest.raises(AuthenticationError, match="erpcore connect") as caught:
        plugin_of(company).finish_authorization(code, REDIRECT)
    assert code not in str(caught.value)


def test_an_opaque_token_leaves_the_company_to_the_settings(connect: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    company = connect(FortnoxSimulator(consented=False), tenant_id=None)
    monkeypatch.setattr("erpcore_fortnox.auth.tenant_of", lambda token: None)
    with pytest.raises(ConfigurationError, match="tenant_id"):
        plugin_of(company).finish_authorization(consent(company), REDIRECT)


@pytest.mark.parametrize("token", ["opaque", "a.b.c", "a.e30.c", "a.W10.c", "", "a.eyJ0ZW5hbnRJZCI6MH0"])
def test_a_token_that_does_not_tell_the_company_is_no_error(token: str) -> None:
    assert tenant_of(token) is None


def test_a_refresh_token_works_once_and_the_next_one_is_stored(connect: Any) -> None:
    company = connect(FortnoxSimulator(rate_limit=None, consented=False), grant="authorization_code", tenant_id=None)
    plugin_of(company).finish_authorization(consent(company), REDIRECT)
    used = set()
    for _ in range(3):
        used.add(company.host.tokens.load("fortnox-test").refresh_token)
        company.simulator.clock.advance(7200)
        stale = company.host.tokens.load("fortnox-test")
        company.host.tokens.save("fortnox-test", Token(stale.access_token, stale.refresh_token, scope=stale.scope))
        connection = connect_erp("fortnox", company.host, plugin_of(company).settings.model_dump())
        assert connection.find_customers(ANYBODY, company.context) == []
        connection.close()
    assert len(used) == 3


def test_a_token_that_died_early_is_renewed_and_the_write_is_sent_once_more(company: Any) -> None:
    company.connection.find_customers(ANYBODY, company.context)
    company.simulator.faults.add(Fault("expired_token", method="POST"))
    company.connection.create_customer(Customer(name="Ek"), company.context)
    assert len(company.simulator.state()["customers"]) == 1


def test_withdrawn_consent_is_told_once_and_with_what_to_do(connect: Any) -> None:
    company = connect(grant="authorization_code")
    company.host.tokens.save("fortnox-test", Token("old.old.old", "used-refresh-token"))
    for _ in range(2):
        with pytest.raises(ConsentNeededError, match="Run “erpcore connect fortnox-test”"):
            company.connection.find_customers(ANYBODY, company.context)
    assert company.simulator.journal.count("POST", "/oauth-v1/token") == 1
    assert company.host.tokens.dead_reason("fortnox-test") == "Invalid refresh token"


def test_a_wrong_secret_is_told_without_it(connect: Any) -> None:
    company = connect(client_secret="wrong-secret-value")
    with pytest.raises(AuthenticationError, match="refused") as caught:
        company.connection.find_customers(ANYBODY, company.context)
    assert not isinstance(caught.value, ConsentNeededError)
    assert "wrong-secret-value" not in str(caught.value)


def test_a_check_of_the_connection_looks_at_all_that_syncs_need(company: Any) -> None:
    report = company.connection.check_connection(company.context)
    assert report.ok, report
    assert report.account == "Demobolaget AB"
    assert {check.name for check in report.checks} >= {"company", "scopes", "orders", "price list", "currencies"}
    assert len(company.asked()) == 9
    assert all(entry.method == "GET" for entry in company.simulator.journal.entries())


def test_a_company_is_known_by_its_tenant_id_and_its_organisation_number(company: Any, connect: Any) -> None:
    found = company.connection.identify_account(company.context)
    assert found.key == "tenant id 1234567, organisation number 556036-0793"
    assert found.name == "Demobolaget AB"
    other = FortnoxSimulator(rate_limit=None)
    other.seed({"company": {"Name": "Demobolaget AB", "OrganizationNumber": "559999-0005"}})
    stranger = connect(other)
    assert stranger.connection.identify_account(stranger.context).key != found.key


def test_a_company_that_may_not_be_read_is_not_told_and_hinders_nobody(connect: Any) -> None:
    company = connect(FortnoxSimulator(rate_limit=None, licences_missing=["companyinformation"]))
    assert company.connection.identify_account(company.context).key is None


def test_what_is_missing_is_a_check_and_no_exception(connect: Any) -> None:
    simulator = FortnoxSimulator(rate_limit=None, licences_missing=["order"])
    company = connect(simulator, price_list="X", currency="CHF", scopes=("customer", "unheard-of"))
    report = company.connection.check_connection(company.context)
    states = {check.name: (check.state, check.detail) for check in report.checks}
    assert not report.ok
    assert states["orders"][0] == "error"
    assert "licence" in states["orders"][1] or "scope" in states["orders"][1]
    assert "unheard-of" in states["scopes"][1]


@pytest.mark.parametrize(
    ("settings", "name", "text"),
    [
        ({"price_list": "X"}, "price list", "no price list X"),
        ({"currency": "CHF"}, "currencies", "CHF is not in the register"),
    ],
)
def test_settings_that_do_not_fit_the_company_are_named(connect: Any, settings: Any, name: str, text: str) -> None:
    company = connect(**settings)
    report = company.connection.check_connection(company.context)
    (check,) = [check for check in report.checks if check.name == name]
    assert check.state == "error"
    assert text in check.detail


def test_no_sign_in_is_one_error_in_the_report(connect: Any) -> None:
    company = connect(client_secret="wrong-secret-value")
    report = company.connection.check_connection(company.context)
    assert [(check.name, check.state) for check in report.checks] == [("sign-in", "error")]


def secrets_of(company: Any) -> set[str]:
    token = company.host.tokens.load("fortnox-test")
    return {"demo-secret", token.access_token, token.access_token.rpartition(".")[2]}


def test_secrets_are_in_no_log_no_exception_no_repr_and_no_recorded_request(
    company: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    company.connection.find_customers(ANYBODY, company.context)
    secrets = secrets_of(company)
    said = [repr(plugin_of(company).settings), repr(company.host), repr(vars(plugin_of(company)))]
    company.simulator.faults.add(Fault("lose_answer", method="POST"))
    for attempt in (
        lambda: company.connection.create_customer(Customer(name="Ek"), company.context),
        lambda: company.connection.create_customer(Customer(name="Ek", terms_of_payment="no"), company.context),
    ):
        try:
            attempt()
        except ErpcoreError as error:
            said += traceback.format_exception(error)
    said += [repr(exchange) for exchange in company.exchanges]
    said.append(caplog.text)
    assert len(company.exchanges) >= 3
    assert not [secret for secret in secrets if any(secret in text for text in said)]


def test_settings_hide_the_secret_and_name_what_is_wrong(company: Any) -> None:
    with pytest.raises(ConfigurationError, match="tenant_id"):
        connect_erp("fortnox", company.host, {"client_id": "x", "client_secret": "hush", "tenant_id": "abc"})
    with pytest.raises(ConfigurationError, match="page_size"):
        connect_erp("fortnox", company.host, {"client_id": "x", "client_secret": "hush", "page_size": 501})


def test_two_connections_to_one_company_share_one_budget(connect: Any) -> None:
    company = connect(FortnoxSimulator(), requests_per_window=25)
    asked: list[str] = []
    acquire = company.host.budget.acquire

    def listening(key: str, *arguments: Any, **options: Any) -> float:
        asked.append(key)
        return float(acquire(key, *arguments, **options))

    company.host.budget.acquire = listening
    company.connection.find_customers(ANYBODY, company.context)
    assert asked == ["fortnox:demo-client:1234567"]


def test_the_clock_of_tokens_is_the_machines(connect: Any) -> None:
    clock = Clock()
    company = connect(FortnoxSimulator(rate_limit=None, clock=clock))
    company.connection.find_customers(ANYBODY, company.context)
    clock.advance(4000)
    company.connection.find_customers(ANYBODY, company.context)
    assert company.simulator.journal.count("POST", "/oauth-v1/token") == 2


def test_refusals_carry_the_connection(company: Any) -> None:
    connection: ErpConnection = company.connection
    with pytest.raises(RejectedError) as caught:
        connection.create_customer(
            Customer(name="x", external_reference="y" * 30, organisation_number="556036-0794"), company.context
        )
    assert caught.value.connection == "fortnox-test"
