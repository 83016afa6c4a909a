"""All cassettes of the repository: they say where they come from, and give nobody's secrets or identity away.

The rules here are independent of the scrubbing that made the files: they look for what a secret looks like.
"""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from vcr.persisters.filesystem import FilesystemPersister
from vcr.serializers import yamlserializer

from erpcore.testing.cassettes import Provenance, Scrubber

ROOT = Path(__file__).parents[2]
CASSETTES = sorted(ROOT.glob("plugins/*/tests/cassettes/**/*.yaml"))

DEMO_SECRETS = ("demo-secret", "demo-key", "demo-api-key")
PATTERNS = {
    "a JSON web token": r"eyJ[A-Za-z0-9_-]{8,}",
    "an Authorization header": r"(?i)\bauthorization\b\s*:",
    "a cookie": r"(?i)\b(?:set-)?cookie\b\s*:",
    "a bearer or basic credential": r"\b(?:Bearer|Basic)\s+[A-Za-z0-9+/=._-]{8,}",
    "a GUID key": r"go-api:[0-9a-fA-F]{8}",
    "a credential in a form or address": (
        r"(?i)[?&\"'\s](?:client_secret|refresh_token|access_token|password|api_?key|code)=(?!scrubbed)[^&\s\"']{6,}"
    ),
    "a credential in JSON": (
        r"(?i)\\?\"(?:access_token|refresh_token|id_token|client_secret|password|api_?key|secret)\\?\"\s*:\s*"
        r"\\?\"(?!scrubbed)[^\"\\]"
    ),
    "a private key": r"-----BEGIN",
    "an e-mail address of somebody": r"[\w.+-]+@(?!(?:[\w-]+\.)*(?:example|invalid|test)\b)[\w-]+\.\w+",
    "a Swedish personal number": r"\b(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])-?\d{4}\b",
}
MIXED = re.compile(
    r"(?<![\w/+-])(?=[\w+/-]*\d)(?=[\w+/-]*[a-z])(?=[\w+/-]*[A-Z])[A-Za-z0-9_+/-]{32,}(?![\w/+-])", re.ASCII
)


def load(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = yamlserializer.deserialize(path.read_text(encoding="utf-8"))
    return content


def findings(text: str) -> list[str]:
    found = [f"{name}: {match[0]!r}" for name, rule in PATTERNS.items() for match in re.finditer(rule, text)]
    found += [f"a long random text: {match[0]!r}" for match in MIXED.finditer(text) if not is_readable(match[0])]
    return found + [f"a demo secret: {secret}" for secret in DEMO_SECRETS if secret in text]


def is_readable(text: str) -> bool:
    """Tell whether a text is a path of words and numbers, or a readable text in base64 such as the cursor of a feed."""
    if all(
        re.fullmatch(r"[A-Za-z]+|[A-Z]+(_[A-Z]+)*\d*|\d+|v\d+|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", segment)
        for segment in text.split("/")
    ):
        return True
    try:
        plain = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        return plain.decode("ascii").isprintable()
    except ValueError:
        return False


def test_there_are_cassettes() -> None:
    assert {path.relative_to(ROOT).parts[1] for path in CASSETTES} >= {"fortnox"}


@pytest.mark.parametrize("path", CASSETTES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_cassette_gives_no_secret_and_nobody_away(path: Path) -> None:
    assert findings(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", CASSETTES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_cassette_says_where_it_comes_from_and_leads_to_no_real_host(path: Path) -> None:
    content = load(path)
    told = content["metadata"]
    assert told["recorded-from"] == "simulator" or told["recorded-from"].startswith("live")
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", told["recorded-on"])
    assert told["api-version"]
    assert content["interactions"]
    for interaction in content["interactions"]:
        assert (urlsplit(interaction["request"]["uri"]).hostname or "").endswith(".invalid")


@pytest.mark.parametrize(
    "leak",
    [
        'string: \'{"access_token": "abc123", "scope": "order"}\'',
        "body: grant_type=refresh_token&refresh_token=0123456789abcdef",
        "- Bearer abcdefgh12345678",
        "authorization: [x]",
        "uri: https://x.invalid/events?apikey=0123456789",
        "eyJhbGciOiJIUzI1NiJ9.eyJ0ZW5hbnRJZCI6MX0.c2ln",
        "Email: anna.ek@fortnoxkund.se",
        "19121212-1212",
        "go-api:3F2504E0-4F89-11D3-9A0C-0305E82C3301",
        "Zk3vT9qLw8Xy2Rb7Nc5Mf1Hd6Ps4Ga0J",
        "demo-secret",
    ],
)
def test_the_guard_sees_what_it_is_there_for(leak: str) -> None:
    assert findings(f"interactions:\n{leak}\n")


def test_the_guard_lets_ordinary_texts_pass() -> None:
    text = 'ekonomi@example.com 556036-0793 "code":2000433 "access_token":"scrubbed" Bearer x'
    cursor = base64.b64encode(b'[31, "2026-11-22T15:27:57.059023+00:00"]').decode()
    assert findings(f"{text} {cursor}") == []


class Request:
    """As vcrpy gives one to be scrubbed."""

    def __init__(self, uri: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> None:
        self.uri, self.body, self.headers = uri, body, headers or {}


def test_a_request_is_scrubbed_of_headers_credentials_and_host() -> None:
    scrubber = Scrubber({"http://127.0.0.1:43210": "https://x.invalid"}, ["hush-hush"])
    request = scrubber.request(
        Request(
            "http://127.0.0.1:43210/token?apikey=abc&page=1",
            b"grant_type=refresh_token&refresh_token=abc&client_id=hush-hush",
            {"Authorization": "Basic abc", "Cookie": "a=b", "Content-Type": "application/x-www-form-urlencoded"},
        )
    )
    assert request.uri == "https://x.invalid/token?apikey=scrubbed&page=1"
    assert request.body == b"grant_type=refresh_token&refresh_token=scrubbed&client_id=scrubbed"
    assert request.headers == {"Content-Type": "application/x-www-form-urlencoded"}


def test_a_response_is_scrubbed_of_tokens_and_keeps_error_codes() -> None:
    body = b'{"access_token": "a.b\\"c", "code": "2000433", "Code": 1, "message": "hush-hush", "Number": 1234567}'
    response = {"status": {"code": 200}, "headers": {"Set-Cookie": ["a"], "ETag": ["1"]}, "body": {"string": body}}
    scrubbed = Scrubber({}, ["hush-hush", "1234567"]).response(response)
    assert scrubbed["body"]["string"] == (
        b'{"access_token": "scrubbed", "code": "2000433", "Code": 1, "message": "scrubbed", "Number": 1111111}'
    )
    assert scrubbed["headers"] == {"ETag": ["1"]}
    assert response["body"] == {"string": body}


def test_an_authorization_code_is_no_error_code() -> None:
    body = b'{"code": "a1B2-c3D4-e5F6"}'
    response = {"status": {"code": 200}, "headers": {}, "body": {"string": body}}
    assert Scrubber({}, []).response(response)["body"]["string"] == b'{"code": "scrubbed"}'


def test_a_cassette_of_ours_is_a_cassette_of_vcrpys(tmp_path: Path) -> None:
    if not CASSETTES:
        pytest.skip("there is no cassette yet")
    requests, responses, metadata = FilesystemPersister.load_cassette(CASSETTES[0], yamlserializer)
    assert len(requests) == len(responses) > 0
    assert metadata.keys() == Provenance("simulator", "3").metadata().keys()
