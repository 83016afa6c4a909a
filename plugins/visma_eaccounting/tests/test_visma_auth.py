"""Signing in: consent once by a person, and tokens that are renewed, each refresh token once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx  # noqa: TID251 a person's browser
import pytest
from erpcore_visma_eaccounting.plugin import VismaEAccountingPlugin

from erpcore.errors import AuthenticationError, ConsentNeededError
from erpcore.host import Token
from erpcore.models import CustomerQuery
from erpcore.simulator import Fault
from plugins.visma_eaccounting.tests.conftest import NAME, Company

BACK = "https://localhost:44300/callback"


def plugin_of(company: Company) -> VismaEAccountingPlugin:
    plugin = company.connection.plugin
    assert isinstance(plugin, VismaEAccountingPlugin)
    return plugin


def come_back(url: str) -> dict[str, list[str]]:
    answer = httpx.get(url, follow_redirects=False)
    assert answer.status_code == 302
    return parse_qs(urlsplit(answer.headers["Location"]).query)


def token(company: Company) -> Token:
    held = company.host.tokens.load(NAME)
    assert held is not None
    return held


def run_out(company: Company, **changes: Any) -> None:
    """Let the stored access token be one that has run out."""
    held = token(company)
    ended = datetime.now(UTC) - timedelta(seconds=1)
    company.host.tokens.save(NAME, Token(held.access_token, held.refresh_token, ended, held.scope))


def test_consent_stores_the_first_token_and_asks_which_company(company: Company) -> None:
    plugin = plugin_of(company)
    url = plugin.authorization_url(BACK, "s-1")
    asked = parse_qs(urlsplit(url).query)
    assert asked["scope"] == ["ea:api ea:sales offline_access"]
    assert (asked["prompt"], asked["acr_values"]) == (["select_account"], ["forceselectcompany:true"])
    before = token(company)
    came = come_back(url)
    assert came["state"] == ["s-1"]
    plugin.finish_authorization(came["code"][0], BACK)
    assert token(company).refresh_token not in (None, before.refresh_token)
    with pytest.raises(AuthenticationError):
        plugin.finish_authorization(came["code"][0], BACK)
    assert company.connection.find_customers(CustomerQuery(number="1"), company.context)


@pytest.mark.parametrize("client_auth", ["client_secret_basic", "client_secret_post"])
def test_each_refresh_stores_a_new_pair_before_it_is_used(connect: Any, client_auth: str) -> None:
    company = connect(client_auth=client_auth)
    seen = {token(company).refresh_token}
    for _ in range(3):
        run_out(company)
        company.connection.close()
        company.connection.list_register("terms_of_payment", company.context)
        seen.add(token(company).refresh_token)
    assert len(seen) == 4


def test_a_token_that_is_not_accepted_is_renewed_once(company: Company) -> None:
    company.simulator.faults.add(Fault("expired_token"))
    assert company.connection.list_register("terms_of_payment", company.context)
    assert company.asked() == ["GET termsofpayments", "GET termsofpayments"]


def test_a_withdrawn_consent_needs_a_person(company: Company) -> None:
    company.simulator.faults.add(Fault("consent_withdrawn"))
    with pytest.raises(ConsentNeededError) as error:
        company.connection.list_register("terms_of_payment", company.context)
    assert f"erpcore connect {NAME}" in str(error.value)
    with pytest.raises(ConsentNeededError):
        company.connection.list_register("terms_of_payment", company.context)


def test_a_wrong_secret_is_no_dead_consent(connect: Any) -> None:
    company = connect(client_secret="another")
    run_out(company)
    with pytest.raises(AuthenticationError) as error:
        company.connection.list_register("terms_of_payment", company.context)
    assert not isinstance(error.value, ConsentNeededError)


def test_the_parameters_of_the_consent_page_are_a_setting(connect: Any) -> None:
    url = plugin_of(connect(consent_parameters={"prompt": "login"})).authorization_url(BACK, "s-1")
    asked = parse_qs(urlsplit(url).query)
    assert (asked["prompt"], asked.get("acr_values")) == (["login"], None)


@pytest.mark.parametrize(("errors", "gone"), [(["invalid_grant"], False), (["invalid_grant", "invalid_client"], True)])
def test_the_setting_tells_which_refusals_mean_that_the_consent_is_gone(
    connect: Any, errors: list[str], *, gone: bool
) -> None:
    company = connect(client_secret="another", consent_errors=errors)
    run_out(company)
    with pytest.raises(AuthenticationError) as error:
        company.connection.list_register("terms_of_payment", company.context)
    assert isinstance(error.value, ConsentNeededError) is gone
