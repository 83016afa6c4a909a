"""Organisation numbers of Sweden and Norway, normalised, with their check digits proven.

The organisation number is the key between Lime Go and Fortnox, so two spellings of one number must be one value.
The check-digit arithmetic is python-stdnum's.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from stdnum.no import orgnr as norwegian
from stdnum.se import orgnr as swedish

from erpcore.errors import InvalidValueError

_SWEDISH_VAT = re.compile(r"^SE(\d{10})01$")
_NORWEGIAN_VAT = re.compile(r"^(?:NO)?(\d{9})(?:MVA)?$")


class OrganisationNumber(NamedTuple):
    """A proven organisation number.

    Attributes:
        digits: Ten digits (Sweden) or nine (Norway), nothing else.
        country: ISO code of the country whose register it belongs to.
    """

    digits: str
    country: Literal["SE", "NO"]

    def __str__(self) -> str:
        """The spelling of the country's authorities: ``556000-4615`` or ``123 456 785``."""
        if self.country == "SE":
            return f"{self.digits[:6]}-{self.digits[6:]}"
        return f"{self.digits[:3]} {self.digits[3:6]} {self.digits[6:]}"


def organisation_number(text: str) -> OrganisationNumber:
    """Read an organisation number in any spelling that people use.

    Blanks, dashes and dots are ignored. A Swedish number may have the century in front (``16556000-4615``, and a
    sole trader's ``19121212-1212``) or be a VAT number (``SE556000461501``); a Norwegian one may carry ``NO`` and
    ``MVA``.

    Args:
        text: The number as a person or a system wrote it.

    Returns:
        The normalised number.

    Raises:
        InvalidValueError: The length or the check digit is wrong.
    """
    compact = re.sub(r"[\s.\-–+]", "", text).upper()
    if (match := _SWEDISH_VAT.match(compact)) or (match := _NORWEGIAN_VAT.match(compact)):
        compact = match[1]
    elif re.fullmatch(r"(16|18|19|20)\d{10}", compact):
        compact = compact[2:]
    if len(compact) == 10 and swedish.is_valid(compact):
        return OrganisationNumber(compact, "SE")
    if len(compact) == 9 and norwegian.is_valid(compact):
        return OrganisationNumber(compact, "NO")
    if compact.isdigit() and len(compact) in (9, 10):
        country = "Swedish" if len(compact) == 10 else "Norwegian"
        problem = f"the check digit of a {country} organisation number does not fit"
    else:
        problem = "neither ten digits (Sweden) nor nine (Norway)"
    raise InvalidValueError(
        f"The organisation number “{text}” is wrong: {problem}.",
        field="organisation_number",
        advice="Correct it in the CRM and send the record again.",
    )


def same_organisation(one: str, other: str) -> bool:
    """Tell whether two spellings are the same organisation number; a wrong number is the same as none.

    Args:
        one: A number in any spelling.
        other: Another one.
    """
    try:
        return organisation_number(one) == organisation_number(other)
    except InvalidValueError:
        return False
