"""What must be mended when Fortnox says no, in words, by its code."""

from __future__ import annotations

from collections.abc import Mapping

from erpcore.languages import Language
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

REMEDY_WORDS: Mapping[Language, Mapping[str, str]] = {
    "sv": {
        "Article missing": "Artikel saknas",
        "A row names an article that Fortnox does not have.": "En rad anger en artikel som inte finns i Fortnox.",
        "Unit missing": "Enhet saknas",
        "A row names a unit that Fortnox does not have.": "En rad anger en enhet som inte finns i Fortnox.",
        "Account missing": "Konto saknas",
        "A row names an account that Fortnox does not have.": "En rad anger ett konto som inte finns i Fortnox.",
        "Make it in Fortnox, or put another one on the product in the CRM.": (
            "Lägg upp den i Fortnox, eller välj en annan på produkten i CRM-systemet."
        ),
        "Licence missing": "Licens saknas",
        "The company has no active licence for what erpcore does.": (
            "Företaget har ingen aktiv licens för det som erpcore gör."
        ),
        "Add the licence in Fortnox.": "Lägg till licensen i Fortnox.",
        "The person who gave the consent lacks the right.": "Den som gav medgivandet saknar behörigheten.",
        "Give the right in Fortnox, or let an administrator give the consent.": (
            "Ge behörigheten i Fortnox, eller låt en administratör ge medgivandet."
        ),
        _NEW_CONSENT: "Ge ett nytt medgivande, som då innehåller det: erpcore connect {connection}",
        "Scope missing": "Scope saknas",
        "The integration lacks a scope.": "Integrationen saknar ett scope.",
        "Add the scope in Fortnox's developer portal, and to “scopes” of {connection} in the settings file.": (
            "Lägg till scopet i Fortnox utvecklarportal, och i ”scopes” för {connection} i inställningsfilen."
        ),
        "Account not active": "Kontot är inte aktivt",
        "A row names an account that is not active in Fortnox.": "En rad anger ett konto som inte är aktivt i Fortnox.",
        "Activate it in Fortnox, or choose another one.": "Aktivera det i Fortnox, eller välj ett annat.",
        "Number taken": "Numret är upptaget",
        "The customer number is, or was, in use in Fortnox.": "Kundnumret används, eller har använts, i Fortnox.",
        "Let Fortnox number the customer, or put another number on the company in the CRM.": (
            "Låt Fortnox numrera kunden, eller ange ett annat nummer på företaget i CRM-systemet."
        ),
    },
    "nb": {
        "Article missing": "Vare mangler",
        "A row names an article that Fortnox does not have.": "En linje oppgir en vare som ikke finnes i Fortnox.",
        "Unit missing": "Enhet mangler",
        "A row names a unit that Fortnox does not have.": "En linje oppgir en enhet som ikke finnes i Fortnox.",
        "Account missing": "Konto mangler",
        "A row names an account that Fortnox does not have.": "En linje oppgir en konto som ikke finnes i Fortnox.",
        "Make it in Fortnox, or put another one on the product in the CRM.": (
            "Opprett den i Fortnox, eller velg en annen på produktet i CRM-systemet."
        ),
        "Licence missing": "Lisens mangler",
        "The company has no active licence for what erpcore does.": (
            "Firmaet har ingen aktiv lisens for det erpcore gjør."
        ),
        "Add the licence in Fortnox.": "Legg til lisensen i Fortnox.",
        "The person who gave the consent lacks the right.": "Den som ga samtykket, mangler rettigheten.",
        "Give the right in Fortnox, or let an administrator give the consent.": (
            "Gi rettigheten i Fortnox, eller la en administrator gi samtykket."
        ),
        _NEW_CONSENT: "Gi et nytt samtykke, som da inneholder det: erpcore connect {connection}",
        "Scope missing": "Scope mangler",
        "The integration lacks a scope.": "Integrasjonen mangler et scope.",
        "Add the scope in Fortnox's developer portal, and to “scopes” of {connection} in the settings file.": (
            "Legg til scopet i utviklerportalen til Fortnox, og i «scopes» for {connection} i innstillingsfilen."
        ),
        "Account not active": "Kontoen er ikke aktiv",
        "A row names an account that is not active in Fortnox.": (
            "En linje oppgir en konto som ikke er aktiv i Fortnox."
        ),
        "Activate it in Fortnox, or choose another one.": "Aktiver den i Fortnox, eller velg en annen.",
        "Number taken": "Nummeret er opptatt",
        "The customer number is, or was, in use in Fortnox.": "Kundenummeret er, eller har vært, i bruk i Fortnox.",
        "Let Fortnox number the customer, or put another number on the company in the CRM.": (
            "La Fortnox nummerere kunden, eller oppgi et annet nummer på firmaet i CRM-systemet."
        ),
    },
}
"""The same in Swedish and Norwegian, by the English texts."""
