"""How a client signs in: something that gives credentials for a request, and renews them when they are refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from pydantic import SecretStr

from erpcore.errors import ConfigurationError
from erpcore.redaction import Redactor


@dataclass(frozen=True)
class Credentials:
    """What goes with one request. Not in its `repr`: all of it is secret.

    Args:
        headers: Headers to send.
        params: Query parameters to send.
    """

    headers: Mapping[str, str] = field(repr=False, default_factory=dict)
    params: Mapping[str, str] = field(repr=False, default_factory=dict)


class Auth(Protocol):
    """Signs requests of one connection in."""

    @property
    def redactor(self) -> Redactor:
        """Holds the secrets that these credentials consist of; the client hides them everywhere."""

    def credentials(self) -> Credentials:
        """Give credentials that should work now.

        Raises:
            ConsentNeededError: A person must connect again.
            AuthenticationError: The sign-in itself is refused.
            UnavailableError: The sign-in could not be reached; nothing was sent to the system.
        """

    def renew(self, refused: Credentials) -> bool:
        """Get other credentials because the system refused these.

        Args:
            refused: What was sent.

        Returns:
            Whether `credentials` now gives others, so that it is worth asking again.

        Raises:
            ConsentNeededError: A person must connect again.
            AuthenticationError: The sign-in itself is refused.
            UnavailableError: The sign-in could not be reached.
        """

    def close(self) -> None:
        """Close connections, where there are any."""


class StaticAuth:
    """Keys that stay the same, in headers or query parameters.

    Args:
        headers: Such as ``{"x-api-key": SecretStr("...")}``.
        params: Such as ``{"apikey": SecretStr("...")}``. A header is better where the vendor takes one: URLs end up
            in logs along the way.
    """

    def __init__(
        self, *, headers: Mapping[str, SecretStr] | None = None, params: Mapping[str, SecretStr] | None = None
    ) -> None:
        self._credentials = Credentials(
            {name: _header_value(name, value) for name, value in (headers or {}).items()},
            {name: value.get_secret_value() for name, value in (params or {}).items()},
        )
        self.redactor = Redactor([*self._credentials.headers.values(), *self._credentials.params.values()])

    def credentials(self) -> Credentials:
        """See `Auth.credentials`."""
        return self._credentials

    def renew(self, refused: Credentials) -> bool:
        """See `Auth.renew`: there are no others."""
        return False

    def close(self) -> None:
        """See `Auth.close`: there is nothing to close."""


def _header_value(name: str, value: SecretStr) -> str:
    text = value.get_secret_value().strip()
    if not (text.isascii() and text.isprintable()):
        raise ConfigurationError(
            f"The key sent as {name} holds a character that no key has, such as a line break or a Swedish letter.",
            advice="Copy it again from the system.",
        )
    return text
