from __future__ import annotations

import copy
import json
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from erpcore.errors import MalformedReplyError, OutcomeUnknownError, RemoteError
from erpcore.http import Reply, from_json, storable, to_json

exact = st.decimals(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.text() | exact,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(values)
def test_what_is_written_is_read_back_exactly(value: object) -> None:
    assert from_json(to_json(value)) == value


@given(exact)
def test_decimal_is_a_json_number_with_every_digit(value: Decimal) -> None:
    text = to_json({"Price": value}).decode()
    assert '"' not in text.removeprefix('{"Price":')
    number = json.loads(text, parse_float=Decimal, parse_int=Decimal)["Price"]
    assert number == value
    assert number.is_signed() == value.is_signed()


@given(st.text(), exact)
def test_text_that_looks_like_a_number_stays_text(text: str, value: Decimal) -> None:
    assert from_json(to_json([text, str(value), value])) == [text, str(value), value]


def test_amounts_keep_their_decimals() -> None:
    assert (
        to_json([Decimal("0.10"), Decimal("1E+3"), Decimal("1E-7"), Decimal("19.90")]) == b"[0.10,1000,0.0000001,19.90]"
    )
    assert str(from_json(b"[0.10]")[0]) == "0.10"


def test_binary_fractions_are_refused() -> None:
    with pytest.raises(TypeError, match="float"):
        to_json({"Price": 0.1})


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity"), Decimal("-Infinity")])
def test_non_numbers_are_refused(value: Decimal) -> None:
    with pytest.raises(ValueError, match="not a number"):
        to_json(value)


@pytest.mark.parametrize("value", [{1: "x"}, object(), {"a": {1, 2}}, b"bytes"])
def test_values_without_a_json_form_are_refused(value: object) -> None:
    with pytest.raises(TypeError):
        to_json(value)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"a": NaN}',
        b"[Infinity]",
        b"<html>",
        b"[" * 200_000,
        b"\xff\xfe\xff",
        b"9" * 10_000,
        b"1e99999999999999999999",
    ],
)
def test_what_is_not_json_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 each has its own words
        from_json(body)


def test_a_byte_order_mark_is_read_over() -> None:
    assert from_json('\ufeff[1.50, "å"]'.encode()) == [Decimal("1.50"), "å"]


def test_what_a_database_refuses_is_not_storable() -> None:
    assert storable({"name": "Åsa 🪑", "rows": [{"price": Decimal("1.50")}, None]})
    assert not any(storable(value) for value in ("a\x00b", ["\ud83d"], {"a\x00": 1}, {"rows": [{"text": "\udc00"}]}))
    nested: object = "x"
    for _ in range(51):
        nested = [nested]
    assert not storable(nested)


@pytest.mark.parametrize(("of_write", "error"), [(False, MalformedReplyError), (True, OutcomeUnknownError)])
def test_a_member_that_an_answer_lacks_is_told_as_the_answers_fault(of_write: bool, error: type[RemoteError]) -> None:
    body = b'{"Order": {"Rows": [{"Id": 1}]}}'
    reply = Reply("fortnox", "POST /orders", of_write, 200, {}, body, request_id="r-1")
    order = reply.record("Order")
    assert order == copy.deepcopy(order) == {"Rows": [{"Id": 1}]}
    assert order.get("DocumentNumber") is None
    for lacking in (lambda: order["DocumentNumber"], lambda: order["Rows"][0]["Price"]):
        with pytest.raises(error) as told:
            lacking()
        assert told.value.request_id == "r-1"
        assert "POST /orders was answered with status 200, but the answer has no member" in told.value.message
