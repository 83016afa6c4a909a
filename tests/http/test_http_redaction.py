"""Nothing secret in logs, exceptions, reprs or recorded exchanges, however it got there."""

from __future__ import annotations

import base64
import gc
import io
import logging
import time
import traceback
from collections.abc import Iterator
from urllib.parse import quote_plus

import pytest
from hypothesis import given, strategies as st
from pydantic import SecretStr

from erpcore.errors import ErpcoreError, RejectedError
from erpcore.host import Exchange, MemoryTokenStore, Token
from erpcore.http import (
    HIDDEN,
    NO_RETRIES,
    ApiClient,
    OAuth2Auth,
    OAuth2Settings,
    Redactor,
    SecretFilter,
    StaticAuth,
    redact_text,
)

SECRET = "s3cr3t/ä+key=="  # has another spelling in a URL, in JSON and in a form


def everything_said_by(error: BaseException) -> Iterator[str]:
    seen: set[int] = set()
    todo: list[BaseException | None] = [error]
    while todo:
        one = todo.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield repr(one)
        yield str(one)
        yield repr(vars(one))
        todo += [one.__cause__, one.__context__]
    yield "".join(traceback.format_exception(error))


def spellings(secret: str) -> set[str]:
    return {secret, quote_plus(secret), base64.b64encode(secret.encode()).decode(), secret.replace("ä", "\\u00e4")}


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ('{"access_token": "abc.def", "expires_in": 3600}', '{"access_token": "[hidden]", "expires_in": 3600}'),
        ('{"refresh_token":"a\\"b', '{"refresh_token":"[hidden]'),
        ("grant_type=refresh_token&refresh_token=abc&x=1", "grant_type=refresh_token&refresh_token=[hidden]&x=1"),
        ("GET https://x.test/feed?apikey=abc-1&first=20", "GET https://x.test/feed?apikey=[hidden]&first=20"),
        ("/callback?code=abc&state=s", "/callback?code=[hidden]&state=s"),
        ('{"value": {"token": "abc"}}', '{"value": {"token": "[hidden]"}}'),
        ("?consumerToken=abc&employee_token=d&x=1", "?consumerToken=[hidden]&employee_token=[hidden]&x=1"),
        ('{"webhookSecret": "abc", "vat": "25"}', '{"webhookSecret": "[hidden]", "vat": "25"}'),
        ("X-Session-Token: abc", "X-Session-Token: [hidden]"),
        ('{"homepage_password": "abc"}', '{"homepage_password": "[hidden]"}'),
        ('GET /list?pageToken=abc {"nextPageToken": "def"}', 'GET /list?pageToken=abc {"nextPageToken": "def"}'),
        ("Authorization: Bearer abc.def", "Authorization: [hidden]"),
        ("sent Bearer abc.defg to them", "sent Bearer [hidden] to them"),
        ("[(b'Set-Cookie', b'sid=abc'), (b'Date', b'x')]", "[(b'Set-Cookie', b'[hidden]'), (b'Date', b'x')]"),
        ("client_secret=hunter22", "client_secret=[hidden]"),
    ],
)
def test_places_that_hold_secrets_by_name(text: str, hidden: str) -> None:
    assert redact_text(text) == hidden


@pytest.mark.parametrize("text", ["a-" * 10_000, '"a-' * 10_000, "x-" * 10_000, "a" * 20_000, "_" * 20_000])
def test_a_long_text_takes_time_in_proportion_to_its_length(text: str) -> None:
    begun = time.process_time()
    redact_text(f"token {text}")
    assert time.process_time() - begun < 5, "it takes a tenth of a second; some 20 s where each word looks through all"


@pytest.mark.parametrize(
    "name",
    [
        *(f"{kind}_token" for kind in ("access", "refresh", "id", "auth", "bearer", "session", "employee")),
        *(f"{kind}-key" for kind in ("api", "subscription", "client", "application")),
        *("clientSecret", "client_assertion", "code_verifier", "password", "passwd", "secret"),
    ],
)
def test_each_name_is_found_in_any_casing_and_form(name: str) -> None:
    for spelling in (name, name.upper(), name.title(), name.replace("_", "").replace("-", "")):
        assert redact_text(f'{{"{spelling}": "abc-1"}}') == f'{{"{spelling}": "[hidden]"}}'
        assert redact_text(f"a=1&{spelling}=abc-1&b=2") == f"a=1&{spelling}=[hidden]&b=2"


@pytest.mark.parametrize(
    "header",
    ["Authorization", "Cookie", "Set-Cookie", "X-Api-Key", "Access-Token", "Client-Secret", "X-Auth-Token"],
)
def test_each_header_line_is_found_in_any_casing(header: str) -> None:
    for spelling in (header, header.upper(), header.lower()):
        assert redact_text(f"{spelling}: abc.def\r\nAccept: x/y") == f"{spelling}: [hidden]\r\nAccept: x/y"


@pytest.mark.parametrize(
    "text",
    [
        "POST /3/orders -> 201 in 12 ms",
        '{"Code": 2000013, "code": "A1"}',
        "Authorization has been denied",
        "basic data",
    ],
)
def test_ordinary_text_stays(text: str) -> None:
    assert redact_text(text) == text


@given(st.text(min_size=4).filter(lambda text: text.strip() == text), st.text(), st.text())
def test_a_known_secret_is_gone_from_any_text(secret: str, before: str, after: str) -> None:
    hidden = Redactor([secret]).known(before + secret + after)
    # What is left of the surroundings may by chance make up the secret only through the mark itself.
    assert secret not in hidden.replace(HIDDEN, "\0" * 9) or secret in HIDDEN


def test_the_last_tokens_are_remembered_and_lasting_secrets_always() -> None:
    redactor = Redactor(["lasting-secret"])
    for number in range(500):
        redactor.add(f"token-{number:04}", passing=True)
    assert redactor.known("token-0499 token-0000 lasting-secret") == f"{HIDDEN} token-0000 {HIDDEN}"


def test_the_filter_hides_what_any_connection_knows() -> None:
    redactor = Redactor([SECRET])
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(SecretFilter())
    logger = logging.getLogger("some.integrator")
    logger.addHandler(handler)
    try:
        logger.warning("calling with %s and %s", SECRET, {"access_token": "abc"})
    finally:
        logger.removeHandler(handler)
    assert redactor
    assert SECRET not in stream.getvalue()
    assert stream.getvalue().startswith(f"calling with {HIDDEN} and")


def test_a_traceback_and_a_stack_are_hidden_too() -> None:
    redactor = Redactor([SECRET])
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(SecretFilter())
    logger = logging.getLogger("some.integrator")
    logger.addHandler(handler)
    try:
        try:
            raise ValueError(f"no answer from {SECRET}")
        except ValueError:
            logger.exception("failed", stack_info=True)
    finally:
        logger.removeHandler(handler)
    told = stream.getvalue()
    assert redactor
    assert SECRET not in told
    assert f"ValueError: no answer from {HIDDEN}" in told
    assert "Stack (most recent call last)" in told


def test_a_redactor_that_is_gone_is_not_kept() -> None:
    Redactor(["only-for-a-moment"])
    gc.collect()
    record = logging.LogRecord("x", logging.INFO, "f", 1, "only-for-a-moment", (), None)
    SecretFilter().filter(record)
    assert record.getMessage() == "only-for-a-moment"


@pytest.mark.parametrize("status", [200, 400, 401, 403, 429, 500])
def test_keys_vanish_from_logs_errors_and_exchanges(server, answer, caplog, movable, status) -> None:
    for name in (None, "httpx", "httpcore"):  # the HTTP library's own loggers too, which the command line quiets
        caplog.set_level(logging.DEBUG, logger=name)
    header_key = "go-api:4711-header-key"
    told: list[Exchange] = []
    echo = f'{{"message": "key {SECRET} or {header_key} is odd", "client_secret": "unknown-to-us"}}'
    server.answers(answer(status, echo, set_cookie="sid=cookie-value-1", x_request_id="4711-header-key"))
    auth = StaticAuth(headers={"Authorization": SecretStr(header_key)}, params={"apikey": SecretStr(SECRET)})
    texts: list[str] = []

    def reader(reply):
        return RejectedError(f"odd: {reply.text}", vendor_text=reply.text) if status in {200, 400} else None

    with ApiClient(server.url, movable.host(observer=told.append), auth=auth, error_reader=reader) as client:
        texts += [repr(client), repr(auth), repr(auth.credentials())]
        for call in (lambda: client.read("/a"), lambda: client.write("POST", "/a", json={"apiKey": SECRET})):
            with pytest.raises(ErpcoreError) as caught:
                call()
            texts += everything_said_by(caught.value)
    texts += [repr(each) for each in told]
    texts += [record.getMessage() for record in caplog.records]
    assert any(record.name.startswith("httpcore") for record in caplog.records)
    assert len(told) >= 2
    for text in texts:
        for secret in (*spellings(SECRET), header_key, "4711-header-key", "unknown-to-us", "cookie-value-1"):
            assert secret not in text


def test_tokens_vanish_from_logs_errors_and_exchanges(server, answer, caplog, movable) -> None:
    caplog.set_level(logging.DEBUG)
    told: list[Exchange] = []
    secrets = ["access-one-11", "refresh-one-11", "access-two-22", "refresh-two-22", "the-client-secret", "id-token-33"]
    renewed = (
        '{"access_token":"access-two-22","refresh_token":"refresh-two-22","id_token":"id-token-33","expires_in":3600}'
    )
    server.answers(
        answer(401, '{"message": "access-one-11 is no good"}'),
        answer(200, renewed),
        answer(500, "access-two-22 the-client-secret refresh-two-22 refresh-one-11"),
        answer(400, '{"error": "invalid_grant", "error_description": "refresh-two-22 är förbrukad"}'),
    )
    store = MemoryTokenStore()
    store.save("acme", Token("access-one-11", "refresh-one-11"))
    settings = OAuth2Settings(f"{server.url}/token", "client-id", SecretStr("the-client-secret"))
    auth = OAuth2Auth(movable.host(observer=told.append, tokens=store), settings)
    texts = [repr(auth), repr(settings), repr(auth.endpoint), repr(store.load("acme"))]
    with ApiClient(server.url, movable.host(observer=told.append), auth=auth, retry=NO_RETRIES) as client:
        for _ in range(2):
            with pytest.raises(ErpcoreError) as caught:
                client.read("/a")
            texts += everything_said_by(caught.value)
            movable.move(3600)
    texts += [repr(each) for each in told]
    texts += [record.getMessage() for record in caplog.records]
    assert [(each.path, each.request_body, each.response_body) for each in told if each.path == "/token"] == [
        ("/token", "[not recorded]", "[not recorded]")
    ] * 2
    assert len(told) == 4
    assert "är förbrukad" in "".join(texts)
    basic = base64.b64encode(b"client-id:the-client-secret").decode()
    for text in texts:
        for secret in (*secrets, basic):
            assert secret not in text
