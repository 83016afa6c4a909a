"""Looking a connection over, and whose company it is."""

from __future__ import annotations

from typing import Any

import pytest

from erpcore.host import Token
from erpcore.simulator import Fault
from plugins.visma_eaccounting.tests.conftest import NAME, Company


def states(company: Company) -> dict[str, str]:
    report = company.connection.check_connection(company.context)
    return {check.name: check.state for check in report.checks}


def test_a_company_that_is_set_up_has_nothing_wrong(company: Company) -> None:
    report = company.connection.check_connection(company.context)
    assert report.ok
    assert report.account == "Demobolaget AB"
    details = {check.name: check.detail for check in report.checks}
    assert details["terms of payment"] == "10 dagar netto, 30 dagar netto, Kort"
    assert details["articles"] == "New ones have the unit Styck and the account coding Byggtjänster 25 %."


@pytest.mark.parametrize(
    ("settings", "seed", "name", "state"),
    [
        ({"terms_of_payment": "45 dagar"}, {}, "terms of payment", "error"),
        ({"currency": "NOK"}, {}, "currencies", "error"),
        ({"article_unit": "flak"}, {}, "articles", "error"),
        ({"default_article": "404"}, {}, "default article", "error"),
        ({}, {"company": {"ProductVariant": 4}}, "orders", "warning"),
        ({}, {"company": {"CompanyStatus": 2}}, "company", "error"),
        ({"scopes": ["ea:api", "ea:accounting"]}, {}, "scopes", "error"),
    ],
)
def test_what_is_missing_is_named(connect: Any, settings: Any, seed: Any, name: str, state: str) -> None:
    company = connect(**settings)
    company.simulator.seed({"articles": [{"Number": "S-1", "Name": "Stol"}], **seed})
    told = states(company)
    assert told[name] == state
    assert {each for each in told if told[each] != "ok"} == {name}


def test_scopes_that_the_sign_in_does_not_tell_are_no_error(company: Company) -> None:
    held = company.host.tokens.load(NAME)
    assert held is not None
    company.host.tokens.save(NAME, Token(held.access_token, held.refresh_token, held.expires_at))
    assert states(company)["scopes"] == "ok"


def test_a_refusal_is_a_finding(company: Company) -> None:
    company.simulator.faults.add(Fault("consent_withdrawn"))
    assert states(company) == {"sign-in": "error"}
    company.simulator.faults.add(Fault("error_before", status=403, path="/v2/companysettings"))


def test_the_account_is_the_company_s_identifier_and_organisation_number(company: Company) -> None:
    account = company.connection.identify_account(company.context)
    expected = "company c0ffee00-0000-4000-8000-000000000001, organisation number 556036-0793"
    assert (account.key, account.name) == (expected, "Demobolaget AB")
    assert company.asked() == ["GET companysettings"]
