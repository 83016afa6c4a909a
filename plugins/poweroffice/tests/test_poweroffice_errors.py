"""PowerOffice's refusals in plain words, from the two shapes that it and its gateway have."""

from __future__ import annotations

import json
from typing import Any

import pytest
from erpcore_poweroffice.errors import is_used_reference, read_error

from erpcore.errors import (
    AuthenticationError,
    ConflictError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitedError,
    RejectedError,
    RemoteError,
)
from erpcore.http import Reply


def reply(status: int, body: Any, *, of_write: bool = True) -> Reply:
    encoded = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Reply("power", "POST /v2/Customers", of_write, status, {"content-type": "application/json"}, encoded)


def problem(status: int, title: str, detail: str) -> dict[str, Any]:
    return {"title": title, "status": status, "detail": detail}


USED = "ExternalImportReference is already in use. 'ABC123' is used on (contact) Id = 123456789."


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (400, problem(400, "Customer validation error(s)", "Name is required."), RejectedError, "values are refused"),
        (400, problem(400, "Customer validation error(s)", USED), ConflictError, "has our key already"),
        (
            400,
            problem(
                400, "Missing privilege", "The integration does not have the required privileges to send invoices."
            ),
            PermissionDeniedError,
            "lacks a privilege",
        ),
        (404, problem(404, "Object(s) not found", "Customer with id = 1 not found."), NotFoundError, "not there"),
        (409, problem(409, "Customer conflict", "in use and cannot be deleted."), ConflictError, "in use"),
        (403, problem(403, "Forbidden", "x"), PermissionDeniedError, "privilege or a module"),
        (401, problem(401, "Unauthorized", "x"), AuthenticationError, "token is not accepted"),
        (401, {"statusCode": 401, "message": "Access denied"}, AuthenticationError, "subscription key"),
        (404, {"statusCode": 404, "message": "Resource not found"}, PermissionDeniedError, "no such address"),
        (
            429,
            {"statusCode": "429", "message": "Rate limit is exceeded. Try again in 3 seconds."},
            RateLimitedError,
            "fast",
        ),
    ],
)
def test_each_refusal_has_its_meaning_and_keeps_the_vendors_words(
    status: int, body: dict[str, Any], kind: type[RemoteError], words: str
) -> None:
    error = read_error(reply(status, body))
    assert type(error) is kind
    assert words in str(error)
    assert error.advice
    assert error.vendor_text == (body.get("detail") or body.get("message"))


def test_the_gateways_seconds_are_waited_for() -> None:
    error = read_error(reply(429, {"statusCode": 429, "message": "Rate limit is exceeded. Try again in 3 seconds."}))
    assert error is not None
    assert error.retry_after == 3


def test_members_that_are_refused_one_by_one_are_named() -> None:
    body = {"title": "One or more validation errors occurred.", "status": 400, "errors": {"Number": ["not a number"]}}
    error = read_error(reply(400, body))
    assert error is not None
    assert error.vendor_text == "Number: not a number"


def test_a_body_in_capitals_is_read_alike() -> None:
    error = read_error(reply(400, {"Title": "Missing privilege", "Detail": "no"}))
    assert isinstance(error, PermissionDeniedError)


@pytest.mark.parametrize("body", [b"", b"<html>403</html>", b"[]"])
def test_a_403_without_words_names_privileges_all_the_same(body: bytes) -> None:
    error = read_error(reply(403, body))
    assert isinstance(error, PermissionDeniedError)
    assert "module" in str(error)


@pytest.mark.parametrize(("status", "body"), [(200, {"title": "x"}), (500, problem(500, "x", "y")), (400, b"<html>")])
def test_what_is_no_refusal_in_its_own_form_is_left_to_the_status(status: int, body: Any) -> None:
    assert read_error(reply(status, body)) is None


@pytest.mark.parametrize(
    ("text", "used"),
    [
        (USED, True),
        ("externalImportReference must be unique", True),
        ("Product with code = 'X' not found.", False),
        ("ExternalImportReference is too long", False),
        ("Name is already in use", False),
    ],
)
def test_a_used_key_is_told_from_other_refusals(text: str, used: bool) -> None:
    assert is_used_reference(RejectedError("x", vendor_text=text)) is used
