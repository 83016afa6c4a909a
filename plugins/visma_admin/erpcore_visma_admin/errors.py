"""What goes wrong at Visma Administration, as erpcore's errors, however the company is reached.

A problem has a kind (see `erpcore_visma_admin.agent.app`), words, and where the program itself refused, what it told.
"""

from __future__ import annotations

from collections.abc import Mapping
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
from erpcore_visma_admin.adk.constants import RESULTS

_MEND = "Mend the record in the CRM, or what it names in Visma Administration, then send it again."
_BY_ITSELF = "A sync tries it again by itself."
_LOOKED_UP = "It is looked up before anything is sent again."
_INSTALLATION = (
    "Open the company in Visma Administration on the server, and run “erpcore-adk-agent probe” there, which says more."
)
_LICENCE = "Check the licence in Visma Administration: it must hold Visma Integration, and orders need 1000 or 2000."

_MISSING = frozenset({20, 21, 115})
_TAKEN = frozenset({11, 12, 13, 214, 217, 220, 221, 375})
_SIGN_IN = frozenset({674, 676})
_NO_LICENCE = frozenset({128, 129, 130, 185, 207, 208, 274, 275, 278, 321, 580, 581, 582, 583, 602, 675})
_WRONG_INSTALLATION = frozenset({75, 76, 77, 80, 107, 116, 131, 132, 133, 137, 223, 673})
_BUSY = frozenset({135, 486, 560})
_MAYBE_LOCKED = frozenset({1, 216})
"""No code says that somebody has a card open; these two are the likeliest (unconfirmed)."""

NOT_DONE = frozenset(
    {"no_library", "in_use", "too_late", "stuck", "replay", "before_start", "clock", "no_agent", "not_here"}
)
"""Kinds of which nothing was done, although they are no refusals of the record."""


def error_for(
    kind: str, message: str, told: Mapping[str, Any] | None, *, asked: str, of_write: bool, may_repeat: bool
) -> RemoteError | None:
    """Give the error that a problem stands for.

    Args:
        kind: Its kind.
        message: Its words.
        told: What the program told, where it refused.
        asked: What was asked, such as “add to ORDER_HEAD”.
        of_write: Whether it may have changed something.
        may_repeat: Whether the call changes a record that is known, so that the same again does no harm.

    Returns:
        The error; None for a kind that is not known.
    """
    match kind:
        case "refused":
            return _refused(told or {}, asked, of_write=of_write, may_repeat=may_repeat)
        case "token":
            return AuthenticationError(
                f"The agent does not believe erpcore: {message}",
                advice="Put the same token into the agent's settings and into the connection's.",
                vendor_text=message,
                vendor_code=kind,
            )
        case "clock":
            return UnavailableError(
                f"The agent did not do {asked}: {message}",
                advice="Set the clocks of both computers by a time server.",
                vendor_text=message,
                vendor_code=kind,
            )
        case "bad_call" | "too_large":
            return RejectedError(
                f"The agent did not do {asked}: {message}",
                advice=f"{_MEND} If the agent is older than the plugin, install the same version of both.",
                vendor_text=message,
                vendor_code=kind,
            )
        case "too_late":
            return RateLimitedError(
                f"Visma Administration has more to do than it does in time, and did not begin {asked}: {message}",
                advice=_BY_ITSELF,
                vendor_text=message,
                vendor_code=kind,
            )
    if kind == "not_here":
        return UnavailableError(
            f"The agent was not given {asked}: {message}",
            advice="Let the connection's url and the agent's ask lead to one and the same worker.",
            vendor_text=message,
            vendor_code=kind,
        )
    if kind in NOT_DONE:
        return UnavailableError(
            f"Visma Administration could not do {asked}: {message}",
            advice=_BY_ITSELF,
            vendor_text=message,
            vendor_code=kind,
        )
    if kind in ("hung", "broken", "unreadable"):
        return _unknown(kind, message, asked, of_write=of_write)
    return None


def _unknown(kind: str, message: str, asked: str, *, of_write: bool) -> RemoteError:
    if of_write:
        words = f"Whether Visma Administration did {asked} is not known: {message}"
        return OutcomeUnknownError(words, advice=_LOOKED_UP, vendor_text=message, vendor_code=kind)
    words = f"Visma Administration did not answer {asked}: {message}"
    if kind == "unreadable":
        return MalformedReplyError(words, advice=_INSTALLATION, vendor_text=message, vendor_code=kind)
    return UnavailableError(words, advice=_BY_ITSELF, vendor_text=message, vendor_code=kind)


def _refused(told: Mapping[str, Any], asked: str, *, of_write: bool, may_repeat: bool) -> RemoteError:
    code = int(told.get("code") or 0)
    text = str(told.get("text") or "") or None
    meaning = RESULTS[code].meaning if code in RESULTS else f"it gave the code {code}"

    def error(cls: type[RemoteError], advice: str) -> RemoteError:
        return cls(
            f"Visma Administration did not do {asked}: {meaning}.",
            advice=advice,
            vendor_text=text,
            vendor_code=str(code),
        )

    if code in _MISSING:
        return error(NotFoundError, "Check that the record is still in Visma Administration.")
    if code in _TAKEN:
        return error(ConflictError, "Look at the record in Visma Administration.")
    if code in _SIGN_IN:
        return error(AuthenticationError, "Check user and password of the company where the agent runs.")
    if code in _NO_LICENCE:
        return error(PermissionDeniedError, _LICENCE)
    if code in _WRONG_INSTALLATION:
        return error(PermissionDeniedError, _INSTALLATION)
    if code in _BUSY:
        return error(UnavailableError, _BY_ITSELF)
    if code in _MAYBE_LOCKED and of_write and may_repeat:
        return error(UnavailableError, "Somebody may have the card open in Visma Administration. " + _BY_ITSELF)
    if code == 1 and of_write:
        return error(OutcomeUnknownError, _LOOKED_UP)
    return error(RejectedError, _MEND)
