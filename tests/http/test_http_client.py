"""What the client asks, repeats and raises, against a real server on loopback."""

from __future__ import annotations

from decimal import Decimal
from http.server import BaseHTTPRequestHandler
from random import Random

import pytest
from pydantic import SecretStr

from erpcore.errors import (
    AuthenticationError,
    ConfigurationError,
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
from erpcore.host import Host, MemoryBudget, RateLimit
from erpcore.http import (
    NO_RETRIES,
    ApiClient,
    Credentials,
    HTTPTransport,
    Reply,
    Request,
    Response,
    RetryRules,
    StaticAuth,
)


def test_numbers_arrive_and_leave_exactly(server, client, answer) -> None:
    server.answers(answer(201, '{"Order": {"Total": 1698.10, "DocumentNumber": 7}}'))
    reply = client.write("POST", "/orders", json={"Price": Decimal("0.10"), "Name": "Åsa"})
    assert server.seen[0].target == "/3/orders"
    assert server.seen[0].body == '{"Price":0.10,"Name":"Åsa"}'.encode()
    assert server.seen[0].headers["content-type"] == "application/json"
    assert reply.json() == {"Order": {"Total": Decimal("1698.10"), "DocumentNumber": 7}}
    assert str(reply.json()["Order"]["Total"]) == "1698.10"


def test_parameters_are_quoted_and_none_left_out(server, client, answer) -> None:
    server.answers(answer(200, "[]"))
    client.read("/orders?fixed=1", params={"filter": "a b&c", "page": 2, "gone": None})
    assert server.seen[0].target == "/3/orders?fixed=1&filter=a+b%26c&page=2"


def test_a_form_or_a_raw_body_is_sent_with_its_type(server, client, answer) -> None:
    server.answers(answer(204))
    client.write("PUT", "x", form={"a": "1 2"})
    client.write("POST", "x", body=b"\x00", headers={"Content-Type": "application/pdf"})
    assert [(seen.headers["content-type"], seen.body) for seen in server.seen] == [
        ("application/x-www-form-urlencoded", b"a=1+2"),
        ("application/pdf", b"\x00"),
    ]
    with pytest.raises(TypeError, match="one body"):
        client.write("POST", "x", json={}, form={})


@pytest.mark.parametrize(
    ("status", "of_read", "of_write"),
    [
        (400, RejectedError, RejectedError),
        (401, AuthenticationError, AuthenticationError),
        (403, PermissionDeniedError, PermissionDeniedError),
        (404, NotFoundError, NotFoundError),
        (405, RejectedError, RejectedError),
        (409, ConflictError, ConflictError),
        (412, ConflictError, ConflictError),
        (422, RejectedError, RejectedError),
        (429, RateLimitedError, RateLimitedError),
        (500, UnavailableError, OutcomeUnknownError),
        (502, UnavailableError, OutcomeUnknownError),
        (503, UnavailableError, OutcomeUnknownError),
        (408, UnavailableError, OutcomeUnknownError),
        (302, MalformedReplyError, OutcomeUnknownError),
    ],
)
def test_each_status_has_its_error(server, movable, answer, status, of_read, of_write) -> None:
    server.answers(
        answer(status, "<html><body>Fel\n  uppstod</body></html>", content_type="text/html", x_request_id="r-1")
    )
    with ApiClient(server.url, movable.host(), retry=NO_RETRIES) as client:
        for call, kind in (
            (lambda: client.read("/orders/1"), of_read),
            (lambda: client.write("POST", "/orders", json={}), of_write),
        ):
            with pytest.raises(RemoteError) as caught:
                call()
            assert type(caught.value) is kind
            assert caught.value.connection == "acme"
            assert caught.value.status == status
            assert caught.value.request_id == "r-1"
            assert caught.value.advice
            assert "Fel uppstod" in (caught.value.vendor_text or "")
    assert len(server.seen) == 2


def test_a_read_is_repeated_over_a_short_outage(server, client, answer, movable) -> None:
    server.answers(answer(500, "<html>"), answer(503), answer(200, "[1]"))
    assert client.read("/orders").json() == [1]
    assert len(server.seen) == 3
    assert movable.slept == [pytest.approx(0.56, abs=0.07), pytest.approx(1.1, abs=0.15)]


def test_a_read_gives_up_after_its_attempts(server, client, answer) -> None:
    server.answers(answer(500))
    with pytest.raises(UnavailableError):
        client.read("/orders")
    assert len(server.seen) == 3


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408])
def test_a_write_is_never_repeated_over_a_server_error(server, client, answer, status) -> None:
    server.answers(answer(status, retry_after="0"), answer(201, "{}"))
    with pytest.raises(OutcomeUnknownError) as caught:
        client.write("POST", "/orders", json={})
    assert len(server.seen) == 1
    assert not caught.value.retryable


def test_an_idempotent_write_is_repeated(server, client, answer) -> None:
    server.answers(answer(500), answer(200, "{}"))
    assert client.write("PUT", "/orders/1", json={}, idempotent=True).status == 200
    server.answers(answer(500))
    with pytest.raises(OutcomeUnknownError) as caught:
        client.write("PUT", "/orders/1", json={}, idempotent=True)
    assert len(server.seen) == 3
    assert caught.value.retryable


@pytest.mark.parametrize(("lasts", "least", "most"), [(0.2, 0.5, 0.7), (45.0, 14.9, 15.2), (59.0, 0.9, 1.2)])
def test_an_idempotent_write_is_not_overtaken_by_its_own_repetition(
    server, client, answer, movable, lasts: float, least: float, most: float
) -> None:
    # What timed out may be carried out until a request's longest time is over, after whatever is written meanwhile.
    def late(request: BaseHTTPRequestHandler, body: bytes) -> None:
        movable.move(lasts)
        answer(504)(request, body)

    server.answers(late, answer(200, "{}"))
    assert client.write("PUT", "/orders/1", json={}, idempotent=True).status == 200
    assert least <= movable.slept[0] <= most


@pytest.mark.parametrize(("header", "least"), [("2", 2.0), ("0.7", 0.7), (None, 0.5)])
def test_too_fast_is_repeated_for_writes_too_and_never_early(server, client, answer, movable, header, least) -> None:
    extra = {} if header is None else {"retry_after": header}
    server.answers(answer(429, '{"message": "slow down"}', **extra), answer(201, "{}"))
    assert client.write("POST", "/orders", json={"a": 1}).status == 201
    assert [seen.body for seen in server.seen] == [b'{"a":1}'] * 2
    assert least <= movable.slept[0] <= least + 0.2


def test_a_long_retry_after_is_left_to_the_engine(server, client, answer, movable) -> None:
    server.answers(answer(429, retry_after="3600"), answer(200, "[]"))
    with pytest.raises(RateLimitedError) as caught:
        client.read("/orders")
    assert caught.value.retry_after == 3600.0
    assert caught.value.retryable
    assert movable.slept == []
    assert len(server.seen) == 1


def test_a_429_closes_the_window_for_everybody(server, movable, answer) -> None:
    budget = MemoryBudget(movable.clock)
    limit = RateLimit("vendor:tenant", 25, 5.0)
    server.answers(answer(429, retry_after="9"), answer(200, "[]"))
    with ApiClient(server.url, movable.host(budget=budget), limits=[limit], retry=NO_RETRIES) as client:
        with pytest.raises(RateLimitedError):
            client.read("/a")
        client.read("/a")
    assert sum(movable.slept) == pytest.approx(9.0)


def test_the_budget_is_kept_with_its_margin_and_per_endpoint(server, movable, answer) -> None:
    budget = MemoryBudget(movable.clock)
    server.answers(answer(200, "[]"))
    with ApiClient(
        server.url,
        movable.host(budget=budget),
        limits=lambda method, path: [RateLimit(f"{method} {path}", 2, 1.0, margin=0.5)],
    ) as client:
        for path in ("/a", "/a", "/b", "/b"):
            client.read(path)
        assert movable.slept == []
        client.read("/a")
    assert movable.slept == [pytest.approx(1.5)]


def test_a_request_counts_from_its_answer_on(server, movable, answer) -> None:
    class SlowWay(HTTPTransport):
        def handle_request(self, request: Request) -> Response:
            movable.clock.sleep(0.4)
            return super().handle_request(request)

    server.answers(answer(200, "[]"))
    limits = [RateLimit("k", 1, 10.0, margin=0.1)]
    with SlowWay() as way, ApiClient(server.url, movable.host(transport=way), limits=limits) as client:
        client.read("/a")
        client.read("/a")
    assert movable.slept == [0.4, pytest.approx(10.1), 0.4]


def test_the_plugin_reads_errors_first(server, movable, answer) -> None:
    def reader(reply: Reply) -> RemoteError | None:
        members = reply.json()
        if "Error" in members:
            return RejectedError("The article number is used up.", vendor_code=members["Error"])
        return None

    with ApiClient(server.url, movable.host(), error_reader=reader) as client:
        server.answers(answer(500, '{"Error": "2000013"}', x_request_id="r-2"))
        with pytest.raises(RejectedError, match="article number") as caught:
            client.write("POST", "/articles", json={})
        assert (caught.value.connection, caught.value.status, caught.value.request_id) == ("acme", 500, "r-2")
        server.answers(answer(200, '{"Error": "17"}'))
        with pytest.raises(RejectedError):
            client.read("/graphql", method="POST", json={"query": "{deals}"})
        server.answers(answer(404, "<html>"))
        with pytest.raises(NotFoundError):
            client.read("/articles/1")
        server.answers(answer(200, "%PDF", content_type="application/pdf"))
        assert client.read("/pdf").body == b"%PDF"


def test_a_time_that_the_plugin_reads_from_the_message_is_kept_to(server, movable, answer) -> None:
    def reader(reply: Reply) -> RemoteError | None:
        return RateLimitedError("Quota.", retry_after=11.0) if reply.status == 429 else None

    server.answers(answer(429, '{"DeveloperErrorMessage": "Try again in 11 seconds."}'), answer(200, "[]"))
    with ApiClient(server.url, movable.host(), error_reader=reader) as client:
        client.read("/a")
    assert 11.0 <= movable.slept[0] <= 11.2


def test_a_write_that_the_plugin_calls_unavailable_is_not_repeated_all_the_same(server, movable, answer) -> None:
    def reader(reply: Reply) -> RemoteError | None:
        return UnavailableError("Maintenance.") if reply.status == 503 else None

    server.answers(answer(503), answer(201, "{}"))
    with (
        ApiClient(server.url, movable.host(), error_reader=reader) as client,
        pytest.raises(UnavailableError, match="Maintenance"),
    ):
        client.write("POST", "/orders", json={})
    assert len(server.seen) == 1


def test_credentials_are_renewed_once_in_a_call(server, movable, answer) -> None:
    class AlwaysHopeful(StaticAuth):
        renewals = 0

        def renew(self, refused: Credentials) -> bool:
            self.renewals += 1
            return True

    auth = AlwaysHopeful(headers={"x-api-key": SecretStr("key-123456")})
    server.answers(answer(401, "{}"))
    with (
        ApiClient(server.url, movable.host(), auth=auth) as client,
        pytest.raises(AuthenticationError),
    ):
        client.read("/orders")
    assert (len(server.seen), auth.renewals) == (2, 1)


def test_a_faulty_reader_does_not_hide_what_became_of_a_write(server, movable, answer) -> None:
    def reader(reply: Reply) -> RemoteError | None:
        raise KeyError("secret detail")

    with ApiClient(server.url, movable.host(), error_reader=reader) as client:
        server.answers(answer(201, "{}"))
        with pytest.raises(OutcomeUnknownError, match="KeyError"):
            client.write("POST", "/orders", json={})
        with pytest.raises(MalformedReplyError):
            client.read("/orders")
        server.answers(answer(409, "{}"))
        with pytest.raises(ConflictError):
            client.write("POST", "/orders", json={})


@pytest.mark.parametrize("body", ["", "  ", "<html>hej</html>", '{"Order": {"Doc', "hej", '{"a": NaN}'])
def test_an_unreadable_answer_is_malformed_or_unknown(server, client, answer, body) -> None:
    server.answers(answer(200, body))
    with pytest.raises(MalformedReplyError):
        client.read("/orders").json()
    with pytest.raises(OutcomeUnknownError):
        client.write("POST", "/orders", json={}).json()


def test_a_huge_answer_is_cut_off(server, movable, answer) -> None:
    server.answers(answer(200, b"[" + b" " * 3_000_000 + b"]"))
    with ApiClient(server.url, movable.host(), max_body=100_000) as client:
        reply = client.read("/orders")
        assert reply.too_large
        assert len(reply.body) == 100_000
        with pytest.raises(MalformedReplyError, match="larger than the limit"):
            reply.json()
        with pytest.raises(OutcomeUnknownError, match="larger than the limit"):
            client.write("POST", "/orders", json={}).json()


@pytest.mark.parametrize("link", ["{base}/../../x", "{base}/%2e%2e/x", "../../secret", "orders/..%5c../x/.."])
def test_a_link_that_climbs_out_is_not_followed(server, client, answer, link) -> None:
    server.answers(answer(200, "{}"))
    with pytest.raises(MalformedReplyError, match="leads out"):
        client.read(link.format(base=f"{server.url}/3"))
    assert server.seen == []


def test_text_follows_the_charset(server, client, answer) -> None:
    server.answers(answer(200, "Åre".encode("latin-1"), content_type="text/plain; charset=iso-8859-1"))
    assert client.read("/x").text == "Åre"
    server.answers(answer(200, "Åre", content_type="text/plain; charset=nonsense"))
    assert client.read("/x").text == "Åre"


def test_credentials_are_sent_only_under_the_base_address(server, movable, answer) -> None:
    server.answers(answer(200, "[]"))
    auth = StaticAuth(headers={"x-api-key": SecretStr("key-123456")}, params={"apikey": SecretStr("other-key-77")})
    with ApiClient(f"{server.url}/v1", movable.host(), auth=auth) as client:
        client.read(f"{server.url}/v1/next?page=2")
        assert server.seen[0].target == "/v1/next?page=2&apikey=other-key-77"
        assert server.seen[0].headers["x-api-key"] == "key-123456"
        for link in (
            f"{server.url}/other",
            "https://elsewhere.test/v1/next",
            "//elsewhere.test/v1",
            f"{server.url}/v1x/y",
        ):
            with pytest.raises(MalformedReplyError, match="credentials are not sent there"):
                client.read(link)
    assert len(server.seen) == 1


def test_a_redirect_is_not_followed(server, client, answer) -> None:
    server.answers(answer(307, location="/elsewhere"), answer(200, "[]"))
    with pytest.raises(MalformedReplyError):
        client.read("/orders")
    assert len(server.seen) == 1


def test_cookies_are_not_kept(server, client, answer) -> None:
    server.answers(answer(200, "[]", set_cookie="sid=abc; Path=/"))
    client.read("/a")
    client.read("/b")
    assert "cookie" not in server.seen[1].headers


@pytest.mark.parametrize("address", ["api.example.test", "ftp://x.test", "https://", ""])
def test_an_address_must_be_one(address) -> None:
    with pytest.raises(ConfigurationError, match="connection acme must start with"):
        ApiClient(address, Host.in_memory("acme"))


def test_an_impossible_number_in_the_path_is_the_records_fault(server, client, answer) -> None:
    server.answers(answer(200, "[]"))
    with pytest.raises(InvalidValueError, match="address of the request"):
        client.write("POST", "/orders/12\n3", json={})
    assert server.seen == []


def test_retry_rules_are_a_setting(server, movable, answer) -> None:
    server.answers(answer(500))
    rules = RetryRules(attempts=5, first_wait=0.1, jitter=0)
    with (
        ApiClient(server.url, movable.host(), retry=rules) as client,
        pytest.raises(UnavailableError),
    ):
        client.read("/a")
    assert len(server.seen) == 5
    assert movable.slept == [pytest.approx(wait) for wait in (0.1, 0.2, 0.4, 0.8)]


def test_waits_are_spread_by_the_host_s_randomness(server, movable, answer) -> None:
    server.answers(answer(503))
    waits = []
    for _ in range(2):
        movable.slept.clear()
        with ApiClient(server.url, movable.host(random=Random(7))) as client, pytest.raises(UnavailableError):
            client.read("/a")
        waits.append(list(movable.slept))
    assert waits[0] == waits[1]
    assert len(set(waits[0])) == 2
