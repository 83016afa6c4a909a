"""GraphQL answers that carry errors, odd schemas, and the reading of single values."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from erpcore_lime_go.graphql import GraphQL, deal_wants
from erpcore_lime_go.schema import Want, found_name, read_schema, selection
from erpcore_lime_go.settings import GraphqlNames
from erpcore_lime_go.simulator.classic_graphql import schema_for
from erpcore_lime_go.simulator.switches import Switches
from erpcore_lime_go.values import filled, first_text, text
from graphql import get_introspection_query, graphql_sync
from hypothesis import given, strategies as st

from erpcore.errors import InvalidValueError, MalformedReplyError, NotFoundError, RejectedError
from erpcore.fields import OMIT, country, exact, identifier
from erpcore.host import Host
from erpcore.http import ApiClient, BaseTransport, Request, Response

SCHEMA = read_schema(graphql_sync(schema_for(Switches()), get_introspection_query()).data or {})


class Answers(BaseTransport):
    """Gives the same JSON to every request."""

    def __init__(self, body: Any) -> None:
        self.body = body

    def handle_request(self, request: Request) -> Response:
        return Response(200, json=self.body, request=request)


def ask(body: Any) -> dict[str, Any]:
    graphql = GraphQL(ApiClient("https://lime-go.invalid", Host.in_memory("lime", transport=Answers(body))))
    graphql._schema = (None,)
    return graphql.one("deal", "1", deal_wants(GraphqlNames()), "deal 1")


def error(*path: str | int) -> dict[str, Any]:
    return {"message": "hidden from this key", "path": list(path)}


def test_a_member_that_came_with_an_error_is_not_shown_rather_than_empty() -> None:
    deal = {"id": 1, "value": None, "customer": {"id": "a", "email": None}}
    found = ask({"data": {"deal": deal}, "errors": [error("deal", "value"), error("deal", "customer", "email")]})
    assert found == {"id": 1, "customer": {"id": "a"}}


def test_an_error_below_a_member_that_became_null_takes_that_member_out() -> None:
    body = {"data": {"deal": {"id": 1, "customer": None}}, "errors": [error("deal", "customer", "email")]}
    assert ask(body) == {"id": 1}
    assert ask({**body, "errors": [error("deal", "customer", "email"), error("deal", "customer", "phone")]}) == {
        "id": 1
    }


@pytest.mark.parametrize(
    "errors",
    [[error("deal")], [{"message": "hidden from this key"}], [error("deal", "tags", 0)], [error("other", "x")]],
)
def test_an_error_that_no_member_answers_for_refuses_the_whole(errors: list[Any]) -> None:
    with pytest.raises(RejectedError, match="hidden from this key"):
        ask({"data": {"deal": {"id": 1, "tags": [None]}}, "errors": errors})


@pytest.mark.parametrize("body", [[], {}, {"data": []}, {"data": {"deal": 3}}])
def test_an_answer_of_another_form_is_told_as_one(body: Any) -> None:
    with pytest.raises(MalformedReplyError):
        ask(body)


def test_null_without_an_error_is_no_record() -> None:
    with pytest.raises(NotFoundError):
        ask({"data": {"deal": None}})


def test_an_answer_that_is_no_schema_is_told_as_one() -> None:
    graphql = GraphQL(
        ApiClient("https://lime-go.invalid", Host.in_memory("lime", transport=Answers({"data": {"a": 1}})))
    )
    with pytest.raises(MalformedReplyError, match="is no GraphQL schema"):
        graphql.schema()


def test_a_selection_asks_for_what_exists_under_our_names() -> None:
    wants = (
        Want("id"),
        Want("amount", ("price", "value"), documented=False),
        Want("owner", ("responsibleCoworker",), (Want("name"), Want("shoeSize"))),
        Want("status", (), (Want("label"),)),
        Want("customer"),
        Want("nothing"),
    )
    assert selection(wants, SCHEMA, "Deal") == "{ id amount: value owner: responsibleCoworker { name } }"
    assert selection((Want("nothing"),), SCHEMA, "Deal") == ""


def test_a_field_that_needs_arguments_is_not_asked_for() -> None:
    assert found_name(Want("deal", children=(Want("id"),)), SCHEMA, SCHEMA.query) is None


def test_arguments_are_declared_as_the_schema_has_them() -> None:
    mutation = SCHEMA.root("setDealCustomField", mutation=True)
    assert mutation is not None
    assert dict(mutation.arguments) == {"dealId": "Int!", "title": "String!", "value": "String"}


@pytest.mark.parametrize("raw", ["1,5", "kr", True, [1], {}, "NaN", "Infinity", "1e400000000"])
def test_what_is_no_number_is_a_persons_to_mend(raw: Any) -> None:
    with pytest.raises(InvalidValueError, match="is no number"):
        exact(raw)


@given(st.decimals(-(10**15), 10**15, places=4))
def test_numbers_stay_exact(number: Decimal) -> None:
    assert exact(number) == exact(f" {number} ") == number


def test_single_values_are_read_as_people_mean_them() -> None:
    assert [text(" a "), text("  "), text(raw=True), text(Decimal("1.50")), text(["a", None, " b"])] == [
        "a",
        None,
        "true",
        "1.50",
        "a, b",
    ]
    assert [identifier(7), identifier(" x "), identifier(raw=True), identifier(""), identifier({})] == [
        "7",
        "x",
        OMIT,
        OMIT,
        OMIT,
    ]
    assert [first_text(["", None, " 08 "]), first_text([]), first_text("08")] == ["08", None, "08"]
    assert [country("se"), country("Sverige"), country(" ")] == ["SE", "SE", None]
    assert [filled(json.loads(each)) for each in ('{"a": null}', '{"a": ["", "x"]}', "[]", "0")] == [
        False,
        True,
        False,
        True,
    ]
