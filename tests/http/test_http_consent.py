"""Consent by a person: the address they are sent to, and the code they come back with."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs

import pytest

from erpcore.errors import AuthenticationError
from erpcore.host import Token
from erpcore.http import OAuth2Auth

STATE = "a question that nobody can guess"


def consent(auth: OAuth2Auth, callback: Callable[[str], str]) -> Token:
    auth.endpoint.authorization_url("https://me.test/back", state=STATE)
    return auth.endpoint.exchange_code(callback(STATE), state=STATE, redirect_uri="https://me.test/back")


def test_the_consent_address_and_the_code(vendor, sign_in) -> None:
    auth = sign_in(authorize_url="https://vendor.test/oauth-v1/auth", scope="order customer")
    url = auth.endpoint.authorization_url(
        "https://me.test/back", state=STATE, access_type="offline", account_type="service"
    )
    address, _, query = url.partition("?")
    assert address == "https://vendor.test/oauth-v1/auth"
    assert {name: values[0] for name, values in parse_qs(query).items()} == {
        "client_id": "my-id",
        "redirect_uri": "https://me.test/back",
        "scope": "order customer",
        "response_type": "code",
        "access_type": "offline",
        "account_type": "service",
        "state": STATE,
    }
    callback = f"http://localhost:8080/back?code=abc-1&state={STATE}"
    token = auth.endpoint.exchange_code(callback, state=STATE, redirect_uri="https://me.test/back")
    assert (token.access_token, token.refresh_token) == ("access-1", "refresh-1")
    assert vendor.forms == [
        {"grant_type": "authorization_code", "code": "abc-1", "redirect_uri": "https://me.test/back"}
    ]


@pytest.mark.parametrize(
    ("callback", "words"),
    [
        ("?code=abc&state=another", "does not belong"),
        ("?code=abc", "does not belong"),
        ("?state={state}", "has no code"),
        ("?error=access_denied&error_description=Nej+tack&state={state}", "Nej tack"),
        ("?state={state}#access_token=evil&token_type=bearer", "has no code"),
    ],
)
def test_consent_that_was_not_given_buys_nothing(vendor, sign_in, callback, words) -> None:
    auth = sign_in(authorize_url="https://vendor.test/auth")
    with pytest.raises(AuthenticationError, match=words) as caught:
        consent(auth, lambda state: "https://me.test/back" + callback.format(state=state))
    assert "erpcore connect acme" in str(caught.value)
    assert vendor.forms == []


def test_an_address_of_this_machine_needs_no_encryption(sign_in) -> None:
    auth = sign_in(authorize_url="http://127.0.0.1:8080/auth?kind=test")
    assert auth.endpoint.authorization_url("http://localhost/cb", state=STATE).startswith(
        "http://127.0.0.1:8080/auth?kind=test&response_type=code&client_id=my-id&"
    )


def test_an_answer_to_no_question_buys_nothing(vendor, sign_in) -> None:
    auth = sign_in(authorize_url="https://vendor.test/auth")
    with pytest.raises(AuthenticationError, match="question is not known"):
        auth.endpoint.exchange_code("https://me.test/back?code=abc&state=", state="", redirect_uri="https://me.test")
    assert vendor.forms == []


def test_a_code_that_is_used_up(vendor, sign_in) -> None:
    vendor.refuses = (400, {"error": "invalid_grant", "error_description": "Authorization code expired"})
    auth = sign_in(authorize_url="https://vendor.test/auth")
    with pytest.raises(AuthenticationError, match="used up or too old"):
        consent(auth, lambda state: f"https://me.test/back?code=abc&state={state}")


def test_a_connection_without_a_consent_page_says_so(sign_in) -> None:
    with pytest.raises(AuthenticationError, match="no consent page"):
        sign_in().endpoint.authorization_url("https://me.test/back", state=STATE)
