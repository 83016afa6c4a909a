"""Settings of what people and programs are told when something fails: ``[mail]`` and ``[listeners.NAME]``."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, field_validator, model_validator

from erpcore.errors import ConfigurationError
from erpcore.setting_errors import suggest

MailAddress = Annotated[str, StringConstraints(pattern=r"^[^@\s,;<>\"]{1,64}@[^@\s,;<>\"]{1,190}$")]
"""A bare e-mail address."""

_HERE = ("127.0.0.1", "::1", "localhost")
_PORTS = {"starttls": 587, "tls": 465, "none": 25}


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class MailSettings(_Table):
    """``[mail]``: the mail server, and how often it is used. Who gets mails, and in which language, each sync says."""

    host: str | None = Field(None, description="The mail server (SMTP); no mails if left out")
    folder: Path | None = Field(
        None,
        description="Mails are written into this folder, beside the settings file, instead of sent: to see what they "
        "look like",
    )
    port: int | None = Field(None, ge=1, le=65535, description="Its port; 587, 465 or 25 by `security` if left out")
    security: Literal["starttls", "tls", "none"] = Field(
        "starttls",
        description="How the connection is encrypted: starttls after it began (587), tls from the start (465), or "
        "none, for a server that takes mails without signing in",
    )
    user: str | None = Field(None, description="Name to sign in with; no signing in if left out")
    password: SecretStr | None = Field(
        None, description="Its password. Set it in the environment: ERPCORE_MAIL__PASSWORD"
    )
    sender: MailAddress | None = Field(None, description="Address that the mails come from")
    ca_file: Path | None = Field(
        None, description="A file with the certificate that signed the mail server's own, when no public one did"
    )
    pause_minutes: float = Field(
        5.0, ge=0, description="A mail about the first of a cause goes at once, but not sooner after the one before"
    )
    digest_minutes: float = Field(
        60.0, gt=0, description="What fails for a cause that is known already is told together, at most this often"
    )
    outage_minutes: float = Field(
        10.0, ge=0, description="A system that is out of reach is told of when it has been so for this long"
    )

    @property
    def is_on(self) -> bool:
        """Whether mails go anywhere."""
        return self.host is not None or self.folder is not None

    @property
    def port_used(self) -> int:
        """The port: the one that is set, or the usual one."""
        return self.port or _PORTS[self.security]

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.is_on and self.sender is None:
            raise ValueError("mails without a sender: set sender to the address that mails come from")
        if (self.user is None) != (self.password is None):
            raise ValueError("user and password belong together: set both, or neither")
        if self.user is not None and self.security == "none" and self.host not in _HERE:
            raise ValueError("a password is not sent without encryption: set security to starttls or tls")
        return self


class ListenerSettings(_Table):
    """``[listeners.NAME]``: a program that is told the same as people are, by signed deliveries (Standard Webhooks)."""

    url: str = Field(
        pattern=r"^(https://|http://(127\.0\.0\.1|localhost|\[::1\])[:/]).*$",
        description="Where to: an address with https, or one of this machine",
    )
    secret: SecretStr = Field(
        description="What deliveries are signed with: whsec_ and 24 to 64 bytes in base64. Set it in the environment, "
        "such as ERPCORE_LISTENERS__NAME__SECRET",
    )
    syncs: tuple[str, ...] = Field((), description="Only of these syncs; of all if left out")

    @field_validator("secret")
    @classmethod
    def _is_secret(cls, secret: SecretStr) -> SecretStr:
        head, _, rest = secret.get_secret_value().partition("_")
        try:
            key = base64.b64decode(rest, validate=True)
        except binascii.Error:
            key = b""
        if head != "whsec" or not 24 <= len(key) <= 64:
            raise ValueError("this must be whsec_ and 24 to 64 bytes in base64, as Standard Webhooks says")
        return secret


def notice_problems(
    mail: MailSettings, listeners: Mapping[str, ListenerSettings], syncs: Mapping[str, bool]
) -> list[ConfigurationError]:
    """Tell what does not fit together; file and line are the caller's to add.

    Args:
        mail: ``[mail]``.
        listeners: By name.
        syncs: Names of the syncs, and whether people get mails about it.
    """
    problems = [
        ConfigurationError(
            "there is no mail server to send mails by.",
            setting=f"syncs.{name}.mail_to",
            advice="Add a table [mail] with host and sender, or take mail_to away.",
        )
        for name, wanted in syncs.items()
        if wanted and not mail.is_on
    ]
    problems += [
        ConfigurationError(
            f"there is no sync “{sync}”.",
            setting=f"listeners.{name}.syncs",
            advice=suggest(sync, syncs) or f"The settings have: {', '.join(syncs) or 'none yet'}.",
        )
        for name, listener in listeners.items()
        for sync in listener.syncs
        if sync not in syncs
    ]
    return problems
