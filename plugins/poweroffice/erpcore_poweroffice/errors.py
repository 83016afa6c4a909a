"""What PowerOffice's refusals mean, in plain words.

Two shapes. The program's own: ``{"title", "status", "detail"}``, whose title tells the kind of problem and whose detail
the values. And that of the gateway in front of it: ``{"statusCode", "message"}``, which speaks of addresses, keys and
the request rate, and never of records: its 404 does not say that a record is missing (seen in recorded replies).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

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
)
from erpcore.http import Reply

_MEND = "Mend the record in the CRM, then send it again."
_SECONDS = re.compile(r"in (\d+) second", re.IGNORECASE)
_USED_REFERENCE = re.compile(
    r"externalimportreference\b.*\b(already|in use|unique|duplicate)", re.IGNORECASE | re.DOTALL
)


@dataclass(frozen=True)
class Told:
    """What PowerOffice wrote about an error.

    Attributes:
        title: The kind of problem; None from the gateway.
        text: What is wrong.
        by_gateway: Whether the gateway said it.
    """

    title: str | None
    text: str
    by_gateway: bool


def read_error(reply: Reply) -> RemoteError | None:
    """Read PowerOffice's error out of an answer.

    Args:
        reply: Any answer.

    Returns:
        The error, or None to leave it to the status.
    """
    if reply.ok or reply.status >= 500:
        return None
    told = _told(reply)
    if told is None:
        return _without_words(reply)
    return _by_gateway(reply, told) if told.by_gateway else _by_program(reply, told)


def is_used_reference(error: RemoteError) -> bool:
    """Tell whether the refusal says that another record has our key already.

    The words are those that customers are refused with (interface description); that orders are refused alike is
    unconfirmed, so whoever makes an order also looks when the words differ.
    """
    return bool(_USED_REFERENCE.search(error.vendor_text or ""))


def _by_gateway(reply: Reply, told: Told) -> RemoteError | None:
    match reply.status:
        case 429:
            # The header goes first where it is sent, which is unconfirmed.
            seconds = None if "retry-after" in reply.headers else _SECONDS.search(told.text)
            return RateLimitedError(
                f"PowerOffice did not do {reply.request}: requests come too fast for the subscription key.",
                vendor_text=told.text or None,
                retry_after=float(seconds[1]) if seconds else None,
            )
        case 401:
            return AuthenticationError(
                f"PowerOffice did not do {reply.request}: the subscription key or the token is not accepted.",
                advice="Check subscription_key, and that all three keys belong to the same environment.",
                vendor_text=told.text or None,
            )
        case 403 | 404:
            return PermissionDeniedError(
                f"PowerOffice did not do {reply.request}: its gateway has no such address for this subscription key.",
                advice="Check the connection's base_url, and in the developer portal what the subscription covers.",
                vendor_text=told.text or None,
            )
        case _:
            return None


def _by_program(reply: Reply, told: Told) -> RemoteError:
    kind, what, advice = _meaning(reply.status, told)
    error = kind(
        f"PowerOffice did not do {reply.request}: {what}.",
        advice=advice,
        vendor_text=told.text or told.title,
        vendor_code=told.title,
    )
    if isinstance(error, RejectedError) and is_used_reference(error):
        return ConflictError(
            f"PowerOffice did not do {reply.request}: another record has our key already.",
            advice="The record that has it is looked up.",
            vendor_text=error.vendor_text,
            vendor_code=error.vendor_code,
        )
    return error


def _meaning(status: int, told: Told) -> tuple[type[RemoteError], str, str | None]:
    if (told.title or "").casefold() == "missing privilege":
        return (
            PermissionDeniedError,
            "the integration lacks a privilege",
            "Ask PowerOffice to grant the integration the privilege that is named; sending invoices is one of its own, "
            "beside that for sales orders.",
        )
    match status:
        case 404:
            return (
                NotFoundError,
                "something that it names is not there",
                "Check that the record is still in PowerOffice.",
            )
        case 403:
            return PermissionDeniedError, "a privilege or a module is missing", _RIGHTS
        case 401:
            return AuthenticationError, "the token is not accepted", "Check the connection's three keys."
        case 409:
            return ConflictError, "the record is in use or has changed", "Read the record again, then send again."
        case 429:
            return RateLimitedError, "requests come too fast", None
        case _:
            return RejectedError, "the values are refused", _MEND


_RIGHTS = "Run “erpcore check”, which names the missing privileges, and those that the company has no module for."


def _without_words(reply: Reply) -> RemoteError | None:
    if reply.status != 403:
        return None
    return PermissionDeniedError(
        f"PowerOffice did not do {reply.request}: a privilege or a module is missing.", advice=_RIGHTS
    )


def _told(reply: Reply) -> Told | None:
    try:
        members = _lowered(reply.json())
    except (MalformedReplyError, OutcomeUnknownError):
        return None
    if "statuscode" in members:
        return Told(None, str(members.get("message") or ""), by_gateway=True)
    if not members.keys() & {"title", "detail", "errors"}:
        return None
    details = [str(members.get("detail") or ""), *_listed(members.get("errors"))]
    return Told(str(members.get("title") or "") or None, " ".join(part for part in details if part), by_gateway=False)


def _listed(errors: Any) -> list[str]:
    """Read the form in which single members are refused: their names and what is wrong with each."""
    if not isinstance(errors, Mapping):
        return []
    return [
        f"{name}: {', '.join(map(str, problems)) if isinstance(problems, list) else problems}"
        for name, problems in errors.items()
    ]


def _lowered(members: Any) -> dict[str, Any]:
    return {str(name).lower(): value for name, value in members.items()} if isinstance(members, Mapping) else {}
