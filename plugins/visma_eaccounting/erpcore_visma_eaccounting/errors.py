"""What Visma's refusals mean, in plain words.

All come in one envelope: ``ErrorCode``, ``DeveloperErrorMessage``, ``ErrorId``, and for single members ``Errors``
(official page on error codes). The status goes first and the code second: codes from 5003 on are refusals of values in
spite of their numbers, and which status most codes have is unconfirmed.
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
    UnavailableError,
)
from erpcore.http import Reply

QUERY_REFUSED = "6000"
"""The code of a filter that a list cannot be filtered by."""

_SECONDS = re.compile(r"[Tt]ry again in (\d+) second")
_MEND = "Mend the record in the CRM, then send it again."
_CONNECT = "Run “erpcore connect” again, with a user of the company."
_WEB = "Sign in to Visma eAccounting (Spiris) with that user and do what it asks for."


@dataclass(frozen=True)
class _Meaning:
    kind: type[RemoteError]
    what: str
    advice: str | None = None


def _values(what: str, advice: str = _MEND) -> _Meaning:
    return _Meaning(RejectedError, what, advice)


def _right(what: str, advice: str = _CONNECT) -> _Meaning:
    return _Meaning(PermissionDeniedError, what, advice)


_MISSING = _Meaning(
    NotFoundError, "something that it names is not there", "Check that the record still exists in Visma eAccounting."
)
_CONFLICT = _Meaning(ConflictError, "there is such a record already", "Read the record again, then send again.")
_MEANINGS: Mapping[str, _Meaning] = {
    "2000": _values("values are refused"),
    "3000": _MISSING,
    "3003": _right("the user may not approve"),
    "4000": _CONFLICT,
    "4002": _values("the record cannot be made or changed like this"),
    "4003": _right("the company's start guide has not been gone through", _WEB),
    "4004": _right("the company is not active", _WEB),
    "4006": _right("the consent lacks a scope", "Add it to the setting “scopes”, then run “erpcore connect” again."),
    "4007": _right("the user who gave consent lacks the right"),
    "4008": _values("the check digit of a number is wrong"),
    "4009": _right("the company's variant of the program does not have this", "Orders need more than Solo."),
    "4011": _right("the user has no access to the company"),
    "4012": _right("the licence agreement has not been accepted", _WEB),
    "4013": _values("the invoice cannot be booked: the year or period is locked"),
    "4019": _right("the user may only read"),
    "4024": _values("the article's account coding has no account for such a sale"),
    "4025": _values("the VAT number is wrong"),
    "4026": _values("the day lies in a locked period"),
    "4027": _values("VAT cannot be reversed for this article and customer"),
    "4031": _values("the order has no articles"),
    "4034": _right("an integration for test companies was connected to a real one"),
    "4038": _values("the day lies in a locked year"),
    QUERY_REFUSED: _values("the list cannot be searched like this"),
}


@dataclass(frozen=True)
class Told:
    """What Visma wrote about an error.

    Attributes:
        code: Its code; None when it gave none.
        text: Its message, and those about single members.
        error_id: What to quote to its support.
    """

    code: str | None
    text: str
    error_id: str | None


def read_error(reply: Reply) -> RemoteError | None:
    """Read Visma's error out of an answer.

    Args:
        reply: Any answer.

    Returns:
        The error, or None to leave it to the status.
    """
    if reply.ok:
        return None
    told = _told(reply)
    if told is None:
        return None
    meaning = _meaning(reply, told)
    seconds = _SECONDS.search(told.text) if meaning.kind is RateLimitedError else None
    return meaning.kind(
        f"Visma eAccounting did not do {reply.request}: {meaning.what}.",
        advice=meaning.advice,
        vendor_text=told.text or None,
        vendor_code=told.code,
        request_id=told.error_id,
        # The header goes first where it is sent, which is unconfirmed.
        retry_after=float(seconds[1]) if seconds and "retry-after" not in reply.headers else None,
    )


def _meaning(reply: Reply, told: Told) -> _Meaning:
    code = told.code or ""
    match reply.status:
        case 429:
            return _Meaning(RateLimitedError, "requests come too fast for the application")
        case 401:
            return _Meaning(AuthenticationError, "the access token is not accepted", _CONNECT)
        case 403:
            known = _MEANINGS.get(code)
            return known if known and known.kind is PermissionDeniedError else _right("it is not allowed")
        case 404:
            return _MISSING
        case 409:
            return _CONFLICT
        case status if status >= 500 and reply.of_write:
            return _Meaning(OutcomeUnknownError, "an error inside Visma")
        case status if status >= 500:
            return _Meaning(UnavailableError, "an error inside Visma")
        case _:
            return _MEANINGS.get(code) or _values("the values are refused")


def _told(reply: Reply) -> Told | None:
    try:
        members: Any = reply.json()
    except (MalformedReplyError, OutcomeUnknownError):
        return None
    if not isinstance(members, Mapping) or not members.keys() & {"ErrorCode", "DeveloperErrorMessage"}:
        return None
    code = members.get("ErrorCode")
    texts = [str(members.get("DeveloperErrorMessage") or "")]
    listed = members.get("Errors")
    for error in listed if isinstance(listed, list) else []:
        if isinstance(error, Mapping):
            parts = (str(error[name]) for name in ("Field", "Message") if error.get(name))
            texts.append(": ".join(parts))
    text = " ".join(text for text in texts if text)
    return Told(None if code is None else str(code), text, str(members.get("ErrorId") or "") or None)
