"""The client under vcrpy: recorded against a loopback server, played back without it."""

from __future__ import annotations

from contextlib import nullcontext
from decimal import Decimal
from pathlib import Path

import pytest
import vcr
from pydantic import SecretStr
from vcr.errors import CannotOverwriteExistingCassetteException

from erpcore.host import Host
from erpcore.http import NO_RETRIES, ApiClient, BaseTransport, HTTPTransport, Request, Response, StaticAuth


class _Counting(BaseTransport):
    """A wire tap as a plugin's test would write it: hands over to the ordinary transport."""

    def __init__(self) -> None:
        self.ordinary = HTTPTransport()
        self.carried = 0

    def handle_request(self, request: Request) -> Response:
        self.carried += 1
        return self.ordinary.handle_request(request)

    def close(self) -> None:
        self.ordinary.close()


@pytest.mark.parametrize("tapped", [False, True])
def test_recorded_once_and_played_back_without_a_server(server, answer, tmp_path: Path, tapped: bool) -> None:
    recorder = vcr.VCR(
        cassette_library_dir=str(tmp_path),
        match_on=["method", "uri", "body"],
        filter_headers=["authorization", "cookie"],
        filter_query_parameters=["apikey"],
    )
    auth = StaticAuth(headers={"Authorization": SecretStr("go-api:4711-key")}, params={"apikey": SecretStr("4711-key")})

    def scenario() -> None:
        tap = _Counting() if tapped else None
        host = Host.in_memory("acme", transport=tap)
        with tap or nullcontext(), ApiClient(server.url, host, auth=auth, retry=NO_RETRIES) as client:
            reply = client.write("POST", "/orders", json={"Price": Decimal("0.10")})
            assert reply.json() == {"Total": Decimal("19.90")}
            assert client.read("/orders", params={"page": 1}).json() == [1, 2]
        assert tap is None or tap.carried == 2

    server.answers(answer(201, '{"Total": 19.90}'), answer(200, "[1, 2]"))
    with recorder.use_cassette("orders.yaml", record_mode="once"):
        scenario()
    assert len(server.seen) == 2
    server.answers(answer(500))
    with recorder.use_cassette("orders.yaml", record_mode="none") as cassette:
        scenario()
        assert cassette.all_played
        with (
            ApiClient(server.url, Host.in_memory("acme")) as client,
            pytest.raises(CannotOverwriteExistingCassetteException),
        ):
            client.read("/another")
    assert server.seen == []
    assert "4711-key" not in (tmp_path / "orders.yaml").read_text()
