"""The tests that the cassettes beside belong to; they are replayed."""

from urllib.request import Request, urlopen

import pytest

from erpcore.testing.cassettes import Provenance, cassette_config

pytestmark = [pytest.mark.vcr, pytest.mark.block_network]


@pytest.fixture
def vcr_config():
    """How a request is found among the recorded ones."""
    return {**cassette_config(Provenance("simulator", "1"), rename={}), "match_on": ["method", "uri"]}


def test_create():
    """Makes a customer."""
    request = Request("https://memory.invalid/customers", b'{"Name": "Kund AB"}', {"Content-Type": "application/json"})
    with urlopen(request) as answer:  # noqa: S310 a recorded answer
        assert answer.status == 200
