"""What must be mended when Fortnox says no, in words, by its code."""

from __future__ import annotations

from collections.abc import Mapping

from erpcore.remedy import Remedy

_AGAIN = "Send what waits for it again: erpcore retry --cause {key}"
_NEW_CONSENT = "Give a new consent, which then holds it: erpcore connect {connection}"


def _missing(what: str) -> Remedy:
    return Remedy(
        f"{what.split()[-1].capitalize()} missing",
        f"A row names {what} that Fortnox does not have.",
        ("Make it in Fortnox, or put another one on the product in the CRM.", _AGAIN),
        "accounts",
    )


_LICENCE = Remedy(
    "Licence missing",
    "The company has no active licence for what erpcore does.",
    ("Add the licence in Fortnox.", _NEW_CONSENT, _AGAIN),
    "erp_admin",
)
_RIGHT = Remedy(
    "Right missing",
    "The person who gave the consent lacks the right.",
    ("Give the right in Fortnox, or let an administrator give the consent.", _NEW_CONSENT, _AGAIN),
    "erp_admin",
)

REMEDIES: Mapping[str, Remedy] = {
    "2000663": Remedy(
        "Scope missing",
        "The integration lacks a scope.",
        (
            "Add the scope in Fortnox's developer portal, and to “scopes” of {connection} in the settings file.",
            _NEW_CONSENT,
            _AGAIN,
        ),
        "it",
    ),
    "2001101": _LICENCE,
    "2001103": _LICENCE,
    "2001393": _RIGHT,
    "2002455": _RIGHT,
    "2001302": _missing("an article"),
    "2000432": _missing("a unit"),
    "2001304": _missing("an account"),
    "2000550": Remedy(
        "Account not active",
        "A row names an account that is not active in Fortnox.",
        ("Activate it in Fortnox, or choose another one.", _AGAIN),
        "accounts",
    ),
    "2000637": Remedy(
        "Number taken",
        "The customer number is, or was, in use in Fortnox.",
        ("Let Fortnox number the customer, or put another number on the company in the CRM.", _AGAIN),
        "accounts",
    ),
}
