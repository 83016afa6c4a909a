"""The errors of erpcore, one tree. Longer than 400 lines because a tree that is torn apart cannot be drawn.

::

    ErpcoreError
    ├── ConfigurationError          a setting is wrong: file, line and setting are named
    ├── PluginError                 a plugin cannot be used
    │   ├── PluginNotFoundError     not installed: what may have been meant is named
    │   ├── PluginDependencyError   installed, but a package it needs is not
    │   ├── PluginLoadError         raised while it was imported or built
    │   ├── PluginConflictError     two distributions offer the same name
    │   ├── IncompatiblePluginError written for another contract version
    │   └── PluginContractError     broke a rule of the contract while running
    ├── UnsupportedOperationError   the system cannot do this (or the plugin does not)
    ├── RecordError                 a person must mend the record, then send again
    │   ├── InvalidValueError       a value that no system could take
    │   ├── AmbiguousMatchError     more than one record fits; the candidates are listed
    │   ├── MissingRecordError      something the record refers to is not there
    │   └── FieldLossError          a value would be lost, and the sync's rule says stop
    ├── RemoteError                 the system answered no, or did not answer
    │   ├── AuthenticationError     the credentials are not accepted
    │   │   └── ConsentNeededError  the grant is dead; a person must connect again
    │   ├── PermissionDeniedError   right, scope or licence is missing
    │   ├── NotFoundError           no such record
    │   ├── ConflictError           it exists already, or has changed meanwhile
    │   │   └── ChangedMeanwhileError it shows something else than `Context.seen`: nothing was written
    │   │       └── GoneMeanwhileError it is not there any more: nothing was made
    │   ├── RejectedError           the values are refused
    │   ├── RateLimitedError        too fast (retryable, after `retry_after`)
    │   ├── UnavailableError        out of reach; a read, or a write that surely did not leave (retryable)
    │   ├── OutcomeUnknownError     a write left and its answer is lost: look before sending again
    │   └── MalformedReplyError     an answer that is not in the system's own form
    ├── NotSentError                a write was held back before it left (retryable)
    ├── UncertainEffectError        only a person can decide how it goes on; its `cause` says what is asked
    ├── TurnLostError               another worker has the run by now: this one writes and sends nothing
    └── WebhookRefusedError         a delivery that is not believed; nothing was enqueued

Every error says what happened (`message`), and where it is known in which connection, on which record, and what
to do about it (`advice`). What the vendor wrote is kept in `vendor_text`, untranslated.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal, Self

Cause = Literal[
    "made_or_not",
    "cleared_number",
    "two_documents",
    "sums_differ",
    "other_customer",
    "article_differs",
    "customer_shared",
]
"""What an uncertain run asks: was it made or not; was a number cleared on purpose; which counts; is it the one."""

_BY_ITSELF = "A sync tries it again by itself."
_REPORT_IT = "This is a fault of the plugin: please report it to its author."


class ErpcoreError(Exception):
    """Base of everything that erpcore raises on purpose.

    Args:
        message: What happened, in words for a person.
        connection: Name of the connection it happened in.
        record: The record it happened to, such as ``"deal 4711"``.
        advice: What the person can do about it.
    """

    retryable = False
    """Whether the same call may succeed later without anybody mending anything."""
    lasts = False  # whether what may be a hiccup of the system in other cases surely is none here
    usual_advice: ClassVar[str | None] = None
    """What is said where whoever raises it has no better advice."""
    subject_kind: str | None = None
    subject: str | None = None
    operation: str | None = None  # the hook that it came out of; noted by the connection

    def __init__(
        self,
        message: str,
        *,
        connection: str | None = None,
        record: str | None = None,
        advice: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.connection = connection
        self.record = record
        self.advice = self.usual_advice if advice is None else advice

    def about(self, kind: str, name: str | None = None) -> Self:
        """Say what must be mended, such as the ``article`` 3012, so that problems of the same thing are one cause."""
        self.subject_kind, self.subject = kind, name
        return self

    def __str__(self) -> str:
        where = ", ".join(part for part in (self.connection, self.record) if part)
        text = f"{where}: {self.message}" if where else self.message
        return f"{text} {self.advice}" if self.advice else text


class ConfigurationError(ErpcoreError):
    """A setting is missing or wrong.

    Args:
        message: What is wrong with it.
        file: Path of the settings file.
        line: Line in that file, from 1.
        setting: Dotted name, such as ``connections.fortnox.tenant_id``.
        advice: How to mend it.

    Attributes:
        others: What else is wrong, so that a person can mend all of it at once.
    """

    def __init__(
        self,
        message: str,
        *,
        file: str | None = None,
        line: int | None = None,
        setting: str | None = None,
        advice: str | None = None,
    ) -> None:
        super().__init__(message, advice=advice)
        self.file = file
        self.line = line
        self.setting = setting
        self.others: tuple[ConfigurationError, ...] = ()

    @classmethod
    def together(cls, errors: Sequence[ConfigurationError]) -> ConfigurationError:
        """Give one error that tells all of several, of which there is at least one, at the place of the first."""
        first, *rest = [each for error in errors for each in (error, *error.others)]
        for each in rest:
            each.others = ()
        first.others = tuple(rest)
        return first

    def __str__(self) -> str:
        place = (self.file or "") + ("" if self.line is None else f":{self.line}")
        parts = [part for part in (place, self.setting) if part]
        text = ": ".join([*parts, self.message])
        text = f"{text} {self.advice}" if self.advice else text
        return "\n".join([text, *map(str, self.others)])


class PluginError(ErpcoreError):
    """A plugin cannot be used.

    Args:
        message: What is wrong.
        plugin: Name of the plugin as in the configuration.
        distribution: Distribution and version that offers it, such as ``erpcore-fortnox 0.1.0``.
        advice: What to do.
    """

    def __init__(
        self,
        message: str,
        *,
        plugin: str | None = None,
        distribution: str | None = None,
        advice: str | None = None,
    ) -> None:
        super().__init__(message, advice=advice)
        self.plugin = plugin
        self.distribution = distribution


class PluginNotFoundError(PluginError):
    """No installed distribution offers the plugin."""


class PluginDependencyError(PluginError):
    """The plugin is installed, but a package that it imports is not."""


class PluginLoadError(PluginError):
    """Importing or building the plugin raised."""

    usual_advice = _REPORT_IT


class PluginConflictError(PluginError):
    """Two distributions offer a plugin of the same name."""


class IncompatiblePluginError(PluginError):
    """The plugin was written for another contract version."""


class PluginContractError(PluginError):
    """The plugin broke a rule of the contract, such as returning ``None``."""

    usual_advice = _REPORT_IT


class UnsupportedOperationError(ErpcoreError):
    """The plugin has no hook for this operation. Nothing was sent."""


class RecordError(ErpcoreError):
    """The record cannot be sent as it is; a person mends it and sends it again."""


class InvalidValueError(RecordError):
    """A value that no system could take, such as a wrong check digit.

    Args:
        message: What is wrong with it.
        field: Dotted name of the canonical field.
        connection: Name of the connection.
        record: The record.
        advice: What to do.
    """

    def __init__(
        self,
        message: str,
        *,
        field: str | None = None,
        connection: str | None = None,
        record: str | None = None,
        advice: str | None = None,
    ) -> None:
        super().__init__(message, connection=connection, record=record, advice=advice)
        self.field = field


class AmbiguousMatchError(RecordError):
    """More than one record in the system fits.

    Args:
        message: What was looked for.
        candidates: The records that fit, one line each, in words.
        connection: Name of the connection.
        record: The record.
        advice: What to do.
    """

    def __init__(
        self,
        message: str,
        *,
        candidates: Sequence[str],
        connection: str | None = None,
        record: str | None = None,
        advice: str | None = None,
    ) -> None:
        super().__init__(
            f"{message} Candidates: {'; '.join(candidates)}.",
            connection=connection,
            record=record,
            advice=advice,
        )
        self.candidates = tuple(candidates)


class MissingRecordError(RecordError):
    """Something that the record refers to does not exist in the system, such as an article."""


class FieldLossError(RecordError):
    """A value would be lost in the receiving system, and the sync's rule says to stop."""


class RemoteError(ErpcoreError):
    """The system answered no, or did not answer.

    Args:
        message: What happened, in our plain words.
        connection: Name of the connection.
        record: The record, when the plugin knows it.
        advice: What to do.
        vendor_text: The system's own message, as it was sent.
        vendor_code: The system's own error code.
        status: HTTP status of the answer.
        request_id: What the vendor's support asks for.
        retry_after: Seconds to wait before the next request, when the system said so.
    """

    def __init__(
        self,
        message: str,
        *,
        connection: str | None = None,
        record: str | None = None,
        advice: str | None = None,
        vendor_text: str | None = None,
        vendor_code: str | None = None,
        status: int | None = None,
        request_id: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, connection=connection, record=record, advice=advice)
        self.vendor_text = vendor_text
        self.vendor_code = vendor_code
        self.status = status
        self.request_id = request_id
        self.retry_after = retry_after

    def __str__(self) -> str:
        text = super().__str__()
        if not self.vendor_text:
            return text
        code = f" ({self.vendor_code})" if self.vendor_code else ""
        return f"{text} [{self.vendor_text}{code}]"


class AuthenticationError(RemoteError):
    """The credentials are not accepted."""


class ConsentNeededError(AuthenticationError):
    """The grant is dead (withdrawn, expired or lost). A person must run ``erpcore connect`` again."""


class PermissionDeniedError(RemoteError):
    """The account lacks the right, the scope or the licence for this."""


class NotFoundError(RemoteError):
    """There is no such record."""


class ConflictError(RemoteError):
    """It exists already, or it has changed since it was read."""


class ChangedMeanwhileError(ConflictError):
    """Somebody has changed it since it was read: nothing was written, so that no change is lost."""


class GoneMeanwhileError(ChangedMeanwhileError):
    """Somebody has deleted it since it was read: nothing was made of the few values that were to be changed."""


class RejectedError(RemoteError):
    """The system refuses the values. Sending the same again gives the same answer."""


class RateLimitedError(RemoteError):
    """The system said that we are too fast, in spite of the budget."""

    retryable = True
    usual_advice = _BY_ITSELF


class UnavailableError(RemoteError):
    """Out of reach. Nothing was changed: it was a read, or the request surely did not leave."""

    retryable = True
    usual_advice = _BY_ITSELF


class OutcomeUnknownError(RemoteError):
    """A write left and its answer is lost, or was a server error: it may have been carried out."""

    usual_advice = "It may have been carried out; it is looked up before anything is sent again."


class MalformedReplyError(RemoteError):
    """The answer is not in the system's own form (HTML, cut short, not JSON, without a member that is looked for)."""


class NotSentError(ErpcoreError):
    """A write was held back before it left, such as one of a worker that was asleep for too long. Nothing was sent."""

    retryable = True
    usual_advice = _BY_ITSELF


class UncertainEffectError(ErpcoreError):
    """Only a person can decide how it goes on, and nothing is sent before that.

    Args:
        message: What is not known.
        cause: What the person is asked.
        connection: Name of the connection.
        record: The record.
        advice: What to look for, and how to answer.
    """

    def __init__(
        self,
        message: str,
        *,
        cause: Cause = "made_or_not",
        connection: str | None = None,
        record: str | None = None,
        advice: str | None = None,
    ) -> None:
        super().__init__(message, connection=connection, record=record, advice=advice)
        self.cause = cause


class TurnLostError(ErpcoreError):
    """Another worker has taken the run over while this one was asleep. Nothing was written or sent."""


class WebhookRefusedError(ErpcoreError):
    """A delivery that is not believed.

    Args:
        message: Why, without anything of the body.
        status: HTTP status to answer with.
        connection: Name of the connection.
    """

    def __init__(self, message: str, *, status: int, connection: str | None = None) -> None:
        super().__init__(message, connection=connection)
        self.status = status
