"""Refusals: every shape and code that Fortnox answers with becomes one of our errors, in plain words."""

from __future__ import annotations

import json
from typing import Any

import pytest
from erpcore_fortnox.errors import read_error
from erpcore_fortnox.remedies import REMEDIES

from erpcore.errors import (
    AuthenticationError,
    ConflictError,
    NotFoundError,
    OutcomeUnknownError,
    PermissionDeniedError,
    RejectedError,
    RemoteError,
    UnavailableError,
)
from erpcore.http import Reply
from erpcore.problem import Problem
from erpcore.remedy import remedy_for


def reply(status: int, body: Any, *, of_write: bool = True) -> Reply:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Reply(
        connection="fortnox",
        request="POST /3/orders" if of_write else "GET /3/orders",
        of_write=of_write,
        status=status,
        headers={"content-type": "application/json"},
        body=content,
    )


def told(code: Any, text: str = "Nej.", *, capital: bool = False) -> dict[str, Any]:
    small = {"error": 1, "message": text, "code": code}
    return {"ErrorInformation": {name.capitalize(): value for name, value in small.items()} if capital else small}


@pytest.mark.parametrize("capital", [False, True])
@pytest.mark.parametrize("code", [2000359, "2000359"])
def test_both_casings_and_both_forms_of_the_code_are_read(code: Any, *, capital: bool) -> None:
    error = read_error(reply(400, told(code, "Värdet innehåller ogiltiga tecken.", capital=capital)))
    assert isinstance(error, RejectedError)
    assert error.vendor_code == "2000359"
    assert error.vendor_text == "Värdet innehåller ogiltiga tecken."
    assert str(error) == (
        "Fortnox did not do POST /3/orders: a value has characters that Fortnox does not take. Mend the record in the "
        "CRM, then send it again. [Värdet innehåller ogiltiga tecken. (2000359)]"
    )


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (404, 2000433, NotFoundError),
        (404, 2000439, NotFoundError),
        (404, 2000434, NotFoundError),
        (404, 2000428, NotFoundError),
        (404, 9999999, NotFoundError),
        (400, 2000663, PermissionDeniedError),
        (403, 2000663, PermissionDeniedError),
        (403, 2001101, PermissionDeniedError),
        (400, 2001103, PermissionDeniedError),
        (403, 2001393, PermissionDeniedError),
        (403, 9999999, PermissionDeniedError),
        (403, 2000310, AuthenticationError),
        (403, 2000311, AuthenticationError),
        (401, 9999999, AuthenticationError),
        (400, 2000637, ConflictError),
        (400, 2001243, ConflictError),
        (400, 2000204, RejectedError),
        (400, 2001302, RejectedError),
        (400, 2001399, RejectedError),
        (400, 9999999, RejectedError),
        (200, 2000359, RejectedError),
        (201, 2000637, ConflictError),
    ],
)
def test_the_code_decides_and_the_status_where_the_code_is_not_known(
    status: int, code: int, kind: type[RemoteError]
) -> None:
    error = read_error(reply(status, told(code)))
    assert type(error) is kind
    assert error.advice
    assert not error.retryable


@pytest.mark.parametrize(("status", "code"), [(500, 2000106), (400, 1000003), (503, 1)])
def test_an_error_inside_fortnox_leaves_a_write_unknown_and_a_read_to_be_repeated(status: int, code: int) -> None:
    assert type(read_error(reply(status, told(code)))) is OutcomeUnknownError
    assert type(read_error(reply(status, told(code), of_write=False))) is UnavailableError


def test_a_token_that_is_no_good_is_told_without_a_code() -> None:
    error = read_error(reply(401, {"message": "unauthorized"}))
    assert type(error) is AuthenticationError
    assert error.vendor_text == "unauthorized"


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, {"Order": {"Comments": "an error"}}),
        (400, {"message": "no code"}),
        (502, b"<html>Bad Gateway</html>"),
        (500, b""),
        (400, b"[1]"),
        (400, {"ErrorInformation": "text"}),
        (429, told(1)),
        (429, b""),
    ],
)
def test_what_is_in_no_known_form_is_left_to_the_status(status: int, body: Any) -> None:
    assert read_error(reply(status, body)) is None


def test_an_answer_that_only_mentions_the_word_is_no_error() -> None:
    assert read_error(reply(200, {"Order": {"Remarks": "see ErrorInformation"}})) is None


@pytest.mark.parametrize("code", REMEDIES)
def test_a_code_has_words_for_whoever_can_mend_it(code: str) -> None:
    error = read_error(reply(400, told(int(code))))
    assert error is not None
    error.connection = "fortnox"
    problem = Problem.of(error)
    remedy = remedy_for(problem, REMEDIES)
    assert remedy.label == REMEDIES[code].label
    assert not any("{" in text for text in (remedy.meaning, *remedy.steps))
    assert remedy.steps[-1].endswith(f"--cause {problem.key}")
