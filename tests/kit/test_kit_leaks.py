"""Leaks of twenty-odd kinds, planted one at a time into a good cassette: each is found, and the clean one is not."""

from __future__ import annotations

import base64
import copy
import json
from typing import Any

import pytest
import yaml

from erpcore.testing.leaks import leaks_in
from tests.kit.mutants.base import ROOT

CLEAN = yaml.safe_load(
    (ROOT / "plugins/fortnox/tests/cassettes/test_fortnox_cassettes/test_refusals.yaml").read_text(encoding="utf-8")
)


def member(name: str, value: Any) -> Any:
    return lambda request: request.update(body=json.dumps({name: value}))


def header(name: str, value: str) -> Any:
    return lambda request: request["headers"].update({name: [value]})


def query(text: str) -> Any:
    return lambda request: request.update(uri=f"https://fortnox.invalid/3/orders?{text}")


PLANTED = {
    "a password": member("password", "hej"),
    "a short secret": member("clientSecret", "abc123"),
    "a pin of digits": member("otp", 123456),
    "a token inside": member("Session", {"token": "t-1"}),
    "an application key": member("ApplicationKey", "nyckel-ett"),
    "a header": header("x-api-key", "kort"),
    "a subscription key": header("Ocp-Apim-Subscription-Key", "prenumeration"),
    "a cookie": header("Cookie", "JSESSIONID=1; theme=dark"),
    "a sign-in": header("Authorization", "Basic a29ydA=="),
    "a parameter": query("api_key=kort"),
    "a key in the address": query("key=kort"),
    "a session in the address": query("page=1&sessionToken=abc"),
    "a form": lambda request: request.update(body="grant_type=password&password=hemligt"),
    "a digest": member("hash", "0cc175b9c0f1b6a831c399e269772661"),
    "a key of another alphabet": member("Note", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"),
    "a key of letters and digits": member("Note", "bX9qW2vT7kLp4RzN8sYd3HcJ6fGm1AeU"),
    "a token": member("Note", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"),
    "an address": member("Email", "anna.andersson@storbolaget.se"),
    "an address in the address": query("email=anna.andersson%40storbolaget.se"),
    "an escaped address": lambda request: request.update(body='{"Email": "anna\\u0040storbolaget.se"}'),
    "an encoded address": member("Cursor", base64.b64encode(b"after anna@storbolaget.se").decode()),
    "a Swede": member("Note", "19121212-1212"),
    "a Norwegian": member("Note", "15108695088"),
    "a Dane": member("Note", "211062-5629"),
    "a Finn": member("Note", "131052-308T"),
}


def found_in(cassette: Any) -> list[str]:
    return list(leaks_in(cassette))


def test_the_clean_cassette_has_none() -> None:
    assert found_in(CLEAN) == []


@pytest.mark.parametrize("kind", PLANTED)
def test_a_planted_leak_is_found(kind: str) -> None:
    cassette = copy.deepcopy(CLEAN)
    PLANTED[kind](cassette["interactions"][0]["request"])
    assert found_in(cassette), kind
