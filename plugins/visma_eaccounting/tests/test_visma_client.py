"""The protocol: filters that may be refused, pages, the budget, and what refusals mean."""

from __future__ import annotations

from typing import Any

import pytest
from erpcore_visma_eaccounting.client import VismaClient
from erpcore_visma_eaccounting.errors import read_error
from erpcore_visma_eaccounting.plugin import VismaEAccountingPlugin
from erpcore_visma_eaccounting.simulator import Behaviour, VismaEAccountingSimulator

from erpcore.errors import (
    AuthenticationError,
    ConflictError,
    InvalidValueError,
    MalformedReplyError,
    NotFoundError,
    OutcomeUnknownError,
    PermissionDeniedError,
    RateLimitedError,
    RejectedError,
    RemoteError,
    UnavailableError,
)
from erpcore.host import SYSTEM_CLOCK, MemoryBudget
from erpcore.http import Reply, to_json
from erpcore.models import ArticleQuery, CustomerQuery, Ref
from erpcore.simulator import Fault
from plugins.visma_eaccounting.tests.conftest import Company


def client_of(company: Company) -> VismaClient:
    plugin = company.connection.plugin
    assert isinstance(plugin, VismaEAccountingPlugin)
    return plugin._client


def queries(company: Company) -> list[str]:
    entries = company.simulator.journal.entries()
    company.simulator.journal.clear()
    return [entry.query for entry in entries if entry.path.startswith("/v2/")]


def test_a_list_is_asked_for_with_a_stable_order_and_a_quoted_filter(company: Company) -> None:
    query = CustomerQuery(name="Bo's “Åkeri” & Co")
    assert list(company.connection.find_customers(query, company.context)) == []
    (asked,) = queries(company)
    assert "%24orderby=CustomerNumber" in asked
    assert "%24filter=Name+eq+%27Bo%27%27s" in asked


def test_a_filter_that_is_refused_is_not_tried_again_and_the_list_is_read_through(connect: Any) -> None:
    company = connect(Behaviour(unfilterable=("Number",)), page_size=2)
    company.simulator.seed({"articles": [{"Number": f"A-{n}", "Name": f"Vara {n}"} for n in range(5)]})
    for number in ("A-4", "A-0"):
        (found,) = company.connection.find_articles(ArticleQuery(number=number), company.context)
        assert found.number == number
    assert len([asked for asked in queries(company) if "filter" in asked]) == 1


def test_many_articles_are_looked_up_in_one_request(company: Company) -> None:
    company.simulator.seed({"articles": [{"Number": f"R-{n}", "Name": f"Vara {n}"} for n in range(10)]})
    (first,) = company.connection.find_articles(ArticleQuery(number="R-0"), company.context)
    queries(company)
    wanted = [Ref(number="was another", key=first.key), *(Ref(number=f"R-{n}") for n in range(1, 12))]
    found = company.connection.find_many_articles(wanted, company.context)
    assert sorted(str(each.number) for each in found) == [f"R-{n}" for n in range(10)]
    asked = [each for each in queries(company) if "orderby=Name" not in each]  # account codings are read once
    assert len(asked) == 2, "one list, and the article that has another number by now"


def test_another_refusal_is_not_taken_for_that(company: Company) -> None:
    company.simulator.faults.add(Fault("error_before", status=400, path="/v2/articles"))
    with pytest.raises(RejectedError):
        company.connection.find_articles(ArticleQuery(number="S-1"), company.context)


@pytest.mark.parametrize("pages", [None, "two"])
def test_a_list_without_its_number_of_pages_is_no_answer(company: Company, pages: object) -> None:
    reply = Reply("c", "GET x", of_write=False, status=200, headers={}, body=to_json({"Data": [], "Meta": pages}))
    client = client_of(company)
    client._api = type("Api", (), {"read": lambda *_, **__: reply, "close": lambda _: None})()
    with pytest.raises(MalformedReplyError):
        list(client.all("customers"))


def test_connections_of_one_application_share_the_budget_per_address(connect: Any) -> None:
    budget = MemoryBudget(SYSTEM_CLOCK)
    limits = {"requests_per_window": 2, "window_seconds": 30.0}
    simulator = VismaEAccountingSimulator(rate_limit=None)
    one = connect(simulator=simulator, budget=budget, name="one", **limits)
    two = connect(budget=budget, name="two", **limits)
    other = connect(budget=budget, name="other", client_id="other-client", **limits)
    query = CustomerQuery(number="1")
    one.connection.find_customers(query, one.context)
    two.connection.find_customers(query, two.context)
    for company in (one, two):
        with pytest.raises(RateLimitedError):
            company.connection.find_customers(query, company.context)
        terms = company.connection.list_register("terms_of_payment", company.context)
        assert terms, "another address has a budget of its own"
    other.simulator.identity.server.clients["other-client"] = "demo-secret"
    other.connection.find_customers(query, other.context)


def test_two_records_of_a_register_count_towards_one_address(company: Company) -> None:
    client = client_of(company)
    keys = {
        limit.key
        for part in ("38fe43cc-c843-48e0-9efe-fa7b262a8191", "70000000-0000-4000-8000-000000000010")
        for limit in client._limits("GET", f"customers/{part}")
    }
    assert keys == {"visma_eaccounting:demo-client:customers/{id}"}


def test_too_fast_is_waited_for_as_the_text_says(connect: Any) -> None:
    company = connect(simulator=VismaEAccountingSimulator(rate_limit=1))
    company.connection.list_register("terms_of_payment", company.context)
    with pytest.raises(RateLimitedError) as error:
        company.connection.list_register("terms_of_payment", company.context)
    assert error.value.retry_after == pytest.approx(60, abs=2)


def reply(status: int, body: Any, *, of_write: bool = True) -> Reply:
    return Reply("c", "POST orders", of_write=of_write, status=status, headers={}, body=to_json(body))


def envelope(code: int, text: str = "Text", errors: Any = None) -> dict[str, Any]:
    return {"ErrorCode": code, "DeveloperErrorMessage": text, "Errors": errors, "ErrorId": "e-1"}


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, 2000, RejectedError),
        (400, 3000, NotFoundError),
        (404, 3000, NotFoundError),
        (400, 4000, ConflictError),
        (409, 4000, ConflictError),
        (401, 4005, AuthenticationError),
        (403, 4006, PermissionDeniedError),
        (403, 4009, PermissionDeniedError),
        (403, 4002, PermissionDeniedError),
        (400, 4012, PermissionDeniedError),
        (400, 4034, PermissionDeniedError),
        (400, 4027, RejectedError),
        (400, 5003, RejectedError),
        (400, 9999, RejectedError),
        (500, 5000, OutcomeUnknownError),
        (503, 5001, OutcomeUnknownError),
    ],
)
def test_a_refusal_is_classified_by_status_and_code(status: int, code: int, kind: type[RemoteError]) -> None:
    error = read_error(reply(status, envelope(code)))
    assert type(error) is kind
    assert error is not None
    assert (error.vendor_code, error.vendor_text, error.request_id) == (str(code), "Text", "e-1")
    assert error.advice


@pytest.mark.parametrize("code", [3003, 4003, 4004, 4006, 4007, 4009, 4011, 4012, 4019, 4034])
def test_a_missing_right_is_one_with_either_status(code: int) -> None:
    # With which status each of these codes comes is unconfirmed.
    for status in (400, 403):
        error = read_error(reply(status, envelope(code)))
        assert type(error) is PermissionDeniedError
        assert "“scopes”" in str(error.advice) or code != 4006


OF_VALUES = [3001, 3002, 4001, 4002, 4008, *range(4013, 4019), *range(4023, 4034), 4035, 4038, 4039, 4100]
OF_VALUES += [5003, 5004, 5007, 6000, 6001]


@pytest.mark.parametrize("code", OF_VALUES)
def test_values_that_are_refused_are_never_sent_again_by_themselves(code: int) -> None:
    error = read_error(reply(400, envelope(code, "Why.")))
    assert type(error) is RejectedError
    assert not error.retryable
    assert error.vendor_text == "Why."


def test_members_that_are_wrong_are_named() -> None:
    listed = [{"Field": "Name", "Message": "is too long"}, {"Message": "alone"}, "odd"]
    error = read_error(reply(400, envelope(2000, "Fel", listed)))
    assert error is not None
    assert error.vendor_text == "Fel Name: is too long alone"


def test_what_is_no_envelope_is_left_to_the_status() -> None:
    assert read_error(reply(200, envelope(2000))) is None
    assert read_error(reply(400, ["odd"])) is None
    assert read_error(reply(502, {"message": "Bad gateway"})) is None
    assert isinstance(read_error(reply(500, envelope(5000), of_write=False)), UnavailableError)


def test_a_cursor_of_another_plugin_is_refused(company: Company) -> None:
    for cursor in ("x", "0", "orders:1", "customerinvoices:x"):
        with pytest.raises(InvalidValueError):
            company.connection.fetch_invoices(None, cursor, company.context)
    with pytest.raises(InvalidValueError):
        company.connection.fetch_articles(None, "-1", company.context)
