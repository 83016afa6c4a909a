"""What an error knew, as it is kept with a run. Texts are made of it where people read them."""

from __future__ import annotations

import hashlib
import re

from pydantic import BaseModel, ConfigDict

from erpcore.errors import Cause, ErpcoreError
from erpcore.redaction import hidden_everywhere

_OF_THE_CONNECTION = frozenset({"AuthenticationError", "ConsentNeededError", "RateLimitedError", "UnavailableError"})
"""Classes of errors that are about a connection as a whole: one cause, whatever it was asked for."""


class Problem(BaseModel):
    """Why a run did not come to a good end.

    Attributes:
        error_class: Name of the error's class.
        message: What happened, in words.
        connection: Name of the connection that it happened in.
        record: The record that it happened to, such as ``deal 4711``.
        field: Dotted canonical name of the field that is wrong, such as ``rows[2].unit_price``.
        advice: What a person can do.
        vendor_text: The system's own message, as it was sent.
        vendor_code: The system's own error code.
        status: HTTP status of the answer.
        request_id: What the vendor's support asks for.
        cause: What a person is asked, when nobody else can decide.
        subject_kind: What must be mended, such as ``article``.
        subject: Its number or name.
        operation: The hook that the error came out of.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    error_class: str
    message: str
    connection: str | None = None
    record: str | None = None
    field: str | None = None
    advice: str | None = None
    vendor_text: str | None = None
    vendor_code: str | None = None
    status: int | None = None
    request_id: str | None = None
    cause: Cause | None = None
    subject_kind: str | None = None
    subject: str | None = None
    operation: str | None = None

    @classmethod
    def of(cls, error: Exception) -> Problem:
        """Keep what an error knows.

        Args:
            error: Any; of a stranger's only its class and its text are known.
        """
        name = type(error).__name__
        if not isinstance(error, ErpcoreError):
            return cls(
                error_class=name,
                message=hidden_everywhere(f"Unexpected {name}: {error}"),
                advice="This is a fault of erpcore or of a plugin: please report it. It can be sent again.",
            )
        known = {field: getattr(error, field, None) for field in cls.model_fields if field != "error_class"}
        return cls.model_validate({"error_class": name, **known})

    @property
    def is_of_the_connection(self) -> bool:
        """Whether it is about a connection as a whole, whatever it was asked for."""
        return self.connection is not None and self.error_class in _OF_THE_CONNECTION

    @property
    def key(self) -> str:
        """The key of what must be mended: the same for all problems that one mending ends.

        Made of typed fields and never of a text, which would tell apart what is the same. Its first part is the version
        of how it is made.
        """
        parts = [self.connection or "", self.error_class]
        if self.error_class not in _OF_THE_CONNECTION:
            parts += [self.vendor_code or "", self.subject_kind or "", self.subject or "", self.cause or ""]
            if self.subject is None:
                parts += [re.sub(r"\[\d+\]", "", self.field or ""), self.operation or ""]
        return f"v1:{hashlib.sha256('|'.join(parts).encode()).hexdigest()[:12]}"

    @property
    def text(self) -> str:
        """What happened and where, with the vendor's own words, for people; the advice stands beside it."""
        where = ", ".join(part for part in (self.connection, self.record) if part)
        text = f"{where}: {self.message}" if where else self.message
        if not self.vendor_text:
            return text
        code = f" ({self.vendor_code})" if self.vendor_code else ""
        return f"{text} [{self.vendor_text}{code}]"

    @property
    def row(self) -> int | None:
        """The row that the field is in, from 1 as people count; None when it is in none."""
        name, _, rest = (self.field or "").partition("[")
        index = rest.partition("]")[0]
        return int(index) + 1 if name and index.isdigit() else None
