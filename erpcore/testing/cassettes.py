"""Cassettes: recorded exchanges that a plugin's tests replay without a network (vcrpy, pytest-recording).

A cassette of ours says in its ``metadata`` where it comes from, so that nobody takes a recording of a simulator for one
of the vendor's own system::

    metadata: {api-version: '3', recorded-from: simulator, recorded-on: '2026-11-22'}

It holds no credentials: of the headers only a few harmless ones are kept, and token members, credential fields of forms
and the secrets that a test names are replaced before anything is written. Its host is a made-up name (`.invalid`
never resolves), so that one file serves whatever it was recorded from.

How a test module uses it::

    pytestmark = [pytest.mark.vcr, pytest.mark.block_network]

    @pytest.fixture
    def vcr_config(source):            # pytest-recording asks for this fixture
        return cassette_config(Provenance("simulator", "3"), rename={source.base_url: "https://fortnox.invalid"})

That every recorded answer is still asked for is rule C06 of the contract.

Needs vcrpy and pytest-recording.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from vcr.persisters.filesystem import CassetteNotFoundError  # type: ignore[import-untyped] # vcrpy has no types
from vcr.serialize import deserialize, serialize  # type: ignore[import-untyped] # vcrpy has no types

from erpcore.redaction import NAMES_OF_SECRETS

SCRUBBED = "scrubbed"
"""What stands in a cassette where a secret stood."""

SCRUBBED_NUMBER = "1111111"
"""What stands where a secret of digits alone stood, such as a company's id: a number stays a number in JSON."""

KEPT_HEADERS = frozenset({"accept", "content-type", "if-match", "etag", "location", "retry-after", "idempotency-key"})
"""The headers that a cassette holds, in small letters; all others may carry secrets or change with each recording."""

MATCH_ON = ("method", "scheme", "host", "port", "path", "query", "body")
"""What a request must share with a recorded one to be answered by it."""

_HIDDEN_NAMES = f"code|session|{NAMES_OF_SECRETS}"
_SECRET_MEMBER = re.compile(rf'("(?:{_HIDDEN_NAMES})"\s*:\s*")((?:[^"\\]|\\.)*)', re.IGNORECASE)
_SECRET_FIELD = re.compile(rf"((?:^|[?&])(?:{_HIDDEN_NAMES})=)[^&]*", re.IGNORECASE)
_VENDOR_ERROR_CODE = re.compile(r"[A-Za-z_]{0,40}|\d{1,10}")


@dataclass(frozen=True)
class Provenance:
    """Where a recording comes from.

    Attributes:
        recorded_from: ``simulator``, or a name for the live company that gives nobody away, such as
            ``live test company``.
        api_version: The vendor's version of the interface.
    """

    recorded_from: str
    api_version: str

    def metadata(self) -> dict[str, str]:
        """Return what goes into the cassette, with today's date (UTC)."""
        return {
            "recorded-from": self.recorded_from,
            "recorded-on": datetime.now(UTC).date().isoformat(),
            "api-version": self.api_version,
        }


class CassetteFiles:
    """Writes cassettes with their provenance, and reads them.

    Args:
        provenance: Where recordings made now come from.
    """

    def __init__(self, provenance: Provenance) -> None:
        self._provenance = provenance

    def load_cassette(self, cassette_path: str, serializer: ModuleType) -> Any:
        """Read a cassette.

        Raises:
            CassetteNotFoundError: There is no such file.
        """
        path = Path(cassette_path)
        if not path.is_file():
            raise CassetteNotFoundError(path)
        return deserialize(path.read_text(encoding="utf-8"), serializer)

    def save_cassette(self, cassette_path: str, cassette_dict: dict[str, Any], serializer: ModuleType) -> None:
        """Write a cassette with its provenance."""
        path = Path(cassette_path)
        path.parent.mkdir(parents=True, exist_ok=True)
        told = {**cassette_dict, "metadata": self._provenance.metadata()}
        path.write_text(serialize(told, serializer), encoding="utf-8")


def cassette_config(
    provenance: Provenance, *, rename: Mapping[str, str], secrets: Sequence[str] = ()
) -> dict[str, Any]:
    """Give what pytest-recording's fixture ``vcr_config`` returns.

    Args:
        provenance: Where recordings made now come from.
        rename: Beginnings of addresses and what stands for them in the cassette, the longest tried first, such as
            ``{"http://127.0.0.1:43210": "https://fortnox.invalid"}``.
        secrets: Values that must not be in the cassette, such as the client secret that the test signs in with.
    """
    scrub = Scrubber(rename, secrets)
    return {
        "match_on": list(MATCH_ON),
        "decode_compressed_response": True,
        "before_record_request": scrub.request,
        "before_record_response": scrub.response,
        "persister": CassetteFiles(provenance),
        "allowed_hosts": [],
    }


class Scrubber:
    """Takes everything secret out of an exchange before it is matched or written.

    Args:
        rename: See `cassette_config`.
        secrets: See `cassette_config`.
    """

    def __init__(self, rename: Mapping[str, str], secrets: Iterable[str]) -> None:
        self._rename = sorted(rename.items(), key=lambda pair: len(pair[0]), reverse=True)
        self._secrets = sorted((secret for secret in secrets if secret), key=len, reverse=True)

    def request(self, request: Any) -> Any:
        """Scrub a request in place (vcrpy gives a copy) and return it."""
        request.uri = self._address(request.uri)
        request.headers = {name: value for name, value in request.headers.items() if name.lower() in KEPT_HEADERS}
        if request.body:
            request.body = self._body(request.body)
        return request

    def response(self, response: dict[str, Any]) -> dict[str, Any]:
        """Return a scrubbed copy of a response."""
        kept = {
            name: [self._text(value) for value in values]
            for name, values in response["headers"].items()
            if name.lower() in KEPT_HEADERS
        }
        body = response["body"]["string"]
        return {**response, "headers": kept, "body": {"string": self._body(body) if body else body}}

    def _address(self, address: str) -> str:
        for beginning, becomes in self._rename:
            if address.startswith(beginning):
                address = becomes + address.removeprefix(beginning)
                break
        return self._text(_SECRET_FIELD.sub(rf"\1{SCRUBBED}", address))

    def _body(self, body: bytes | str) -> bytes:
        try:
            text = body if isinstance(body, str) else body.decode()
        except UnicodeDecodeError:
            return body if isinstance(body, bytes) else body.encode()
        text = _SECRET_MEMBER.sub(_scrubbed_member, self._text(text))
        return (text if _is_json(text) else _SECRET_FIELD.sub(rf"\1{SCRUBBED}", text)).encode()

    def _text(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, SCRUBBED_NUMBER if secret.isdigit() else SCRUBBED)
        return text


def _scrubbed_member(match: re.Match[str]) -> str:
    # An error's or a register's "code" is no secret, and tests read it; an authorization code is longer and mixed.
    if match[1].lower().startswith('"code"') and _VENDOR_ERROR_CODE.fullmatch(match[2]):
        return match[0]
    return f"{match[1]}{SCRUBBED}"


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
