"""Signing in, secrets, privileges, and the one budget of a subscription key."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from erpcore_poweroffice.simulator import Behaviour, PowerOfficeSimulator

from erpcore.errors import AuthenticationError, PermissionDeniedError
from erpcore.host import SYSTEM_CLOCK, MemoryBudget
from erpcore.models import Check, CustomerQuery
from erpcore.simulator import Fault

ANYBODY = CustomerQuery(number="10001")


def checks(company: Any) -> dict[str, Check]:
    return {check.name: check for check in company.connection.check_connection(company.context).checks}


def test_a_token_is_bought_with_both_keys_and_the_subscription_key_goes_with_everything(company: Any) -> None:
    company.connection.find_customers(ANYBODY, company.context)
    company.connection.find_customers(ANYBODY, company.context)
    token, *others = company.simulator.journal.entries()
    assert token.path.lower().endswith("/oauth/token")
    assert token.body == "grant_type=client_credentials"
    # The simulator refuses what comes without the subscription key.
    assert [entry.status for entry in others] == [204, 204]


def test_a_token_that_is_refused_is_bought_again(company: Any) -> None:
    company.connection.find_customers(ANYBODY, company.context)
    company.simulator.faults.add(Fault("expired_token"))
    company.connection.find_customers(ANYBODY, company.context)
    tokens = [entry for entry in company.simulator.journal.entries("POST") if "token" in entry.path.lower()]
    assert len(tokens) == 2


def test_a_company_is_known_by_its_client_id(company: Any) -> None:
    found = company.connection.identify_account(company.context)
    assert found.name == company.simulator.books.name
    assert found.key == f"client id {company.connection.plugin._client.get('ClientIntegrationInformation')['ClientId']}"


@pytest.mark.parametrize("key", ["application_key", "client_key", "subscription_key"])
def test_a_wrong_key_is_told_with_the_vendors_words_and_without_the_keys(connect: Any, key: str) -> None:
    company = connect(**{key: "not-the-right-one-at-all"})
    with pytest.raises(AuthenticationError) as caught:
        company.connection.find_customers(ANYBODY, company.context)
    assert caught.value.vendor_text
    assert "not-the-right-one-at-all" not in str(caught.value)
    report = company.connection.check_connection(company.context)
    assert not report.ok
    assert report.checks[0].name == "sign-in"


def test_no_key_and_no_token_is_in_what_is_recorded_or_shown(company: Any) -> None:
    company.connection.find_customers(ANYBODY, company.context)
    company.connection.check_connection(company.context)
    token = company.host.tokens.load(company.host.connection)
    assert token is not None
    secrets = [*company.keys.values(), token.access_token]
    told = json.dumps([repr(exchange) for exchange in company.exchanges]) + repr(company.connection.plugin.settings)
    assert len(company.exchanges) > 3
    assert not [secret for secret in secrets if secret in told]


def test_an_environment_is_an_address(connect: Any) -> None:
    company = connect(under="/Demo")
    assert company.connection.check_connection(company.context).ok
    assert {entry.path.split("/")[1] for entry in company.simulator.journal.entries()} == {"Demo"}


def test_a_connection_in_order_is_told_as_such(connect: Any) -> None:
    company = connect(default_product="FINS-EJ")
    found = checks(company)
    assert found["privileges"].state == "ok"
    assert found["sending invoices"].state == "ok"
    assert found["currencies"].state == "ok"
    assert found["default product"].state == "error"
    assert company.connection.check_connection(company.context).account == company.simulator.books.name


@pytest.mark.parametrize("shown", [True, False])
def test_missing_privileges_are_named_and_so_is_the_one_to_send_invoices(connect: Any, shown: bool) -> None:
    company = connect(behaviour=Behaviour(allow_send_shown=shown))
    granted = company.simulator.books.integration
    granted.privileges = tuple(name for name in granted.privileges if not name.startswith("Employee"))
    granted.blocked = ("SalesOrders_Full",)
    granted.may_send = False
    found = checks(company)
    assert "Not granted to the integration: Employee." in found["privileges"].detail
    assert "no module for them: SalesOrders_Full." in found["privileges"].detail
    assert found["sending invoices"].state == "warning"
    assert found["employees"].state == "error"
    assert not company.connection.check_connection(company.context).ok


@pytest.mark.parametrize("form", ["empty", "problem"])
def test_a_privilege_that_is_missing_is_told_when_it_is_needed(connect: Any, form: Any) -> None:
    company = connect(behaviour=Behaviour(bare_refusals=form))
    company.simulator.books.integration.privileges = ()
    with pytest.raises(PermissionDeniedError, match="privilege or a module"):
        company.connection.find_customers(ANYBODY, company.context)


def test_an_address_that_the_gateway_does_not_know_is_not_taken_for_a_missing_record(company: Any) -> None:
    with pytest.raises(PermissionDeniedError, match="no such address"):
        company.connection.plugin._client.get("Customer/17")


def test_the_budget_is_named_by_a_digest_and_never_by_the_key(company: Any) -> None:
    company.connection.find_customers(ANYBODY, company.context)
    (name,) = company.host.budget._granted
    assert name.startswith("poweroffice:")
    assert not [key for key in company.keys.values() if key in name]


def test_two_connections_on_one_subscription_key_share_the_budget(connect: Any) -> None:
    """Both at full speed from the first request on, tokens included: the vendor never has to say no."""
    simulator = PowerOfficeSimulator(rate_limit=10)
    pace = {"requests_per_window": 10}
    budget = MemoryBudget(SYSTEM_CLOCK)
    companies = [connect(simulator, name=name, budget=budget, **pace) for name in ("first", "second")]

    def ask(company: Any) -> None:
        for _ in range(8):
            company.connection.find_customers(ANYBODY, company.context)

    workers = [threading.Thread(target=ask, args=(company,)) for company in companies]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    entries = simulator.journal.entries()
    assert len(entries) == 18
    assert {entry.status for entry in entries} <= {200, 204}


def test_two_subscription_keys_have_two_budgets(connect: Any) -> None:
    budget = MemoryBudget(SYSTEM_CLOCK)
    for name in ("one", "other"):
        company = connect(name=name, budget=budget, subscription_key=f"key-of-{name}")
        with pytest.raises(AuthenticationError):
            company.connection.find_customers(ANYBODY, company.context)
    assert len(budget._granted) == 2


def test_a_wrong_address_is_told_as_such_and_not_tried_for_hours(connect: Any) -> None:
    wrong = connect(under="/nowhere")
    with pytest.raises(AuthenticationError, match="There is no sign-in at") as caught:
        wrong.connection.find_customers(ANYBODY, wrong.context)
    assert caught.value.advice == "Correct the connection's address in the settings."
