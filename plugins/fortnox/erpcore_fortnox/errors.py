"""What Fortnox's refusals mean, in plain words.

The forms are those of recorded replies: ``ErrorInformation`` with small letters (refused values) or capitals (not
found), ``{"message":"unauthorized"}`` for a bearer token that is no good, HTML or nothing in an outage. An
``ErrorInformation`` is looked for in a 2xx answer too, where some clients have met one. Codes are those of Fortnox's
developer guide, Errors, and of production clients; the vendor's own text always goes along.
"""

from __future__ import annotations

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
    RejectedError,
    RemoteError,
    UnavailableError,
)
from erpcore.http import Reply

MISSING_IN_DOCUMENT = {
    "2000204": "customer",
    "2000433": "customer",
    "2001302": "article",
    "2000428": "article",
    "2001304": "account",
    "2000423": "account",
    "2000427": "currency",
    "2000429": "terms of payment",
    "2000432": "unit",
    "2001161": "project",
}
"""Codes that say that a document refers to something which is not there, and what."""


@dataclass(frozen=True)
class _Meaning:
    kind: type[RemoteError]
    what: str
    advice: str | None = None


_SCOPE = _Meaning(
    PermissionDeniedError,
    "the integration lacks the scope",
    "Add the scope in Fortnox's developer portal and to the connection's setting “scopes”, then run “erpcore connect”.",
)
_LICENCE = _Meaning(
    PermissionDeniedError,
    "the company has no active licence for this",
    "Let the company's Fortnox administrator add the licence.",
)
_RIGHT = _Meaning(
    PermissionDeniedError,
    "the user who gave consent lacks the right",
    "Let the company's Fortnox administrator give the right, or connect with a service account.",
)
_LOGIN = _Meaning(AuthenticationError, "the sign-in is not accepted", "Run “erpcore connect” again.")
_MEND = "Mend the record in the CRM, then send it again."
_CHANGED = "Read the record again before anything else is sent."


def _values(what: str, advice: str = _MEND) -> _Meaning:
    return _Meaning(RejectedError, what, advice)


def _missing(what: str) -> _Meaning:
    return _Meaning(NotFoundError, f"there is no such {what}", f"Check that the {what} still exists in Fortnox.")


_MEANINGS: dict[str, _Meaning] = {
    "2000663": _SCOPE,
    "2001101": _LICENCE,
    "2001103": _LICENCE,
    "2001393": _RIGHT,
    "2002455": _RIGHT,
    "2000310": _LOGIN,
    "2000311": _LOGIN,
    "2003275": _LOGIN,
    "2004054": _LOGIN,
    "2000637": _Meaning(
        ConflictError, "the customer number is or was in use", "Let Fortnox number the customer, or choose another one."
    ),
    "2000499": _Meaning(ConflictError, "the offer has an order already", _CHANGED),
    "2001243": _Meaning(ConflictError, "the document is locked", _CHANGED),
    "2003125": _Meaning(ConflictError, "the document is ready for the warehouse and locked", _CHANGED),
    "2000433": _missing("customer"),
    "2000439": _missing("order"),
    "2000434": _missing("invoice"),
    "2000428": _missing("article"),
    "2000432": _missing("unit"),
    "2000429": _missing("terms of payment"),
    "2001161": _missing("project"),
    "2000427": _missing("currency"),
    "2000430": _missing("price"),
    "2000431": _missing("price list"),
    "2000423": _missing("account"),
    "2000106": _values("a value must be letters and digits"),
    "2000108": _values("a value must be a number"),
    "2000134": _values("a value must be true or false"),
    "2000107": _values("a value is too long"),
    "2000166": _values("the article number has characters that Fortnox does not take"),
    "2000204": _values("the customer that the document names is not there"),
    "2000321": _values("the sales price cannot be written on the article", "Check the setting “price_list”."),
    "2000359": _values("a value has characters that Fortnox does not take"),
    "2000550": _values("the account is not active", "Activate the account in Fortnox, or choose another one."),
    "2000699": _values("a value must not be empty"),
    "2000755": _values("the voucher does not balance"),
    "2001302": _values("the article that a row names is not there"),
    "2001304": _values("the account that a row names is not there"),
    "2003977": _values("a row with a quantity lacks a text or an article"),
    "2004167": _values("a VAT rate of one's own needs an account"),
}
_SYSTEM_EXCEPTION = "1000003"


@dataclass(frozen=True)
class Told:
    """What Fortnox wrote about an error.

    Attributes:
        code: Its code; None when it gave none.
        text: Its message, in Swedish.
    """

    code: str | None
    text: str


def read_error(reply: Reply) -> RemoteError | None:
    """Read Fortnox's error out of an answer.

    Args:
        reply: Any answer, a 2xx one too.

    Returns:
        The error, or None to leave it to the status.
    """
    told = _told(reply) if reply.status != 429 else None
    if told is None:
        return None
    if reply.status == 401 and told.code is None:
        return _error(reply, told, _Meaning(AuthenticationError, "the access token is not accepted", _LOGIN.advice))
    if told.code is None:
        return None
    if reply.status >= 500 or told.code == _SYSTEM_EXCEPTION:
        # A server error may be a bad request in disguise, and may have been carried out.
        if reply.of_write:
            return _error(reply, told, _Meaning(OutcomeUnknownError, "an error inside Fortnox"))
        return _error(reply, told, _Meaning(UnavailableError, "an error inside Fortnox"))
    return _error(reply, told, _MEANINGS.get(told.code) or _by_status(reply.status))


def _by_status(status: int) -> _Meaning:
    match status:
        case 404:
            return _missing("record")
        case 403:
            return _RIGHT
        case 401:
            return _LOGIN
        case _:
            return _values("the values are refused")


def _error(reply: Reply, told: Told, meaning: _Meaning) -> RemoteError:
    error = meaning.kind(
        f"Fortnox did not do {reply.request}: {meaning.what}.",
        advice=meaning.advice,
        vendor_text=told.text or None,
        vendor_code=told.code,
    )
    missing = MISSING_IN_DOCUMENT.get(told.code or "")
    return error if missing is None else error.about(missing)


def _told(reply: Reply) -> Told | None:
    if reply.ok and b"errorinformation" not in reply.body.lower():
        return None
    try:
        members = _lowered(reply.json())
    except (MalformedReplyError, OutcomeUnknownError):
        return None
    if "errorinformation" in members:
        inner = _lowered(members["errorinformation"])
        return Told(_code(inner.get("code")), str(inner.get("message") or ""))
    if reply.ok:
        return None
    return Told(_code(members.get("code")), str(members.get("message") or members.get("details") or ""))


def _lowered(members: Any) -> dict[str, Any]:
    return {str(name).lower(): value for name, value in members.items()} if isinstance(members, Mapping) else {}


def _code(value: Any) -> str | None:
    return None if value in (None, "") else str(value)
