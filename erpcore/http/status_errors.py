"""What an answer, or the lack of one, means when the plugin does not know better."""

from __future__ import annotations

from datetime import datetime

from erpcore.errors import (
    AuthenticationError,
    ConflictError,
    MalformedReplyError,
    NotFoundError,
    OutcomeUnknownError,
    PermissionDeniedError,
    RateLimitedError,
    RejectedError,
    RemoteError,
    UnavailableError,
)
from erpcore.http.reply import Failure, Reply
from erpcore.http.retry import retry_after

_Meaning = tuple[type[RemoteError], str, str | None]
"""Class of the error, what became of the request, and an advice that is better than the usual one of the class."""

_BY_STATUS: dict[int, _Meaning] = {
    401: (AuthenticationError, "was not accepted: the credentials are refused", "Check the connection's credentials."),
    402: (PermissionDeniedError, "was not allowed: a licence is missing", "Check the account's licences."),
    403: (PermissionDeniedError, "was not allowed", "Check the account's rights, scopes and licences."),
    404: (NotFoundError, "found no such record", "Check that the record still exists in the system."),
    409: (ConflictError, "met a record that exists already or has changed", "Read the record again, then send again."),
    410: (NotFoundError, "found no such record any more", "Check that the record still exists in the system."),
    412: (ConflictError, "met a record that has changed", "Read the record again, then send again."),
    429: (RateLimitedError, "was refused because requests come too fast", None),
}


def error_for_reply(reply: Reply, now: datetime) -> RemoteError | None:
    """Give the error that a status stands for; None for 2xx.

    Args:
        reply: The answer.
        now: The present, aware, to count a Retry-After date from.
    """
    if reply.ok:
        return None
    kind, what, advice = _meaning(reply)
    return kind(
        f"{reply.request} {what} (status {reply.status}).",
        connection=reply.connection,
        advice=advice,
        vendor_text=" ".join(reply.text.split()) or None,
        status=reply.status,
        request_id=reply.request_id,
        retry_after=retry_after(reply.headers, now),
    )


def _meaning(reply: Reply) -> _Meaning:
    if known := _BY_STATUS.get(reply.status):
        return known
    # 408 and 425 are a server's trouble with the connection, not with the values.
    if reply.status >= 500 or reply.status in {408, 425}:
        if reply.of_write:
            return OutcomeUnknownError, "was answered with a server error", None
        return UnavailableError, "was answered with a server error", None
    if reply.status >= 400:
        return RejectedError, "was refused", "Mend the record, then send it again."
    if reply.of_write:
        return OutcomeUnknownError, "was sent elsewhere by the server", None
    return MalformedReplyError, "was sent elsewhere by the server", "Check the connection's address."


def error_for_failure(failure: Failure, *, connection: str, request: str, of_write: bool) -> RemoteError:
    """Give the error for a request without an answer.

    Args:
        failure: What happened.
        connection: Name of the connection.
        request: Method and path.
        of_write: Whether it may change something.
    """
    if of_write and failure.left:
        return OutcomeUnknownError(
            f"{request} was sent, but its answer is lost: {failure.reason}.", connection=connection
        )
    return UnavailableError(f"{request} failed: {failure.reason}. Nothing was changed.", connection=connection)
