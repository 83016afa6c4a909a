"""Units: the words that people write, and PowerOffice's closed list of codes (interface description, unit of measure).

The list is UN/ECE Recommendation 20; a word that is neither a code nor known here is left out, and told as lost.
"""

from __future__ import annotations

from collections.abc import Mapping

from erpcore.fields import LossKind, Narrowing
from erpcore.models import common_unit

_ALL = (
    "BX MTR KMT KGM EA LTR HUR DAY MTK MTQ TNE MON ANN QAN NL XRO XBA XPL XPC PR XCI XBG "
    "SET XTY XOF FTK KWH MWH LBR CMT DMT LM XPK GRM HGM XFL XBE E54 MMT DAA H18 MLT HLT DLT "
    "AK XCR E14 MJ J57 XJG XCT XSA XTU WEE XCA XCN NAR M4 XVQ P1 MFU KMK LM3 FOT FM3 E34 "
    "E35"
)
CODES = frozenset(_ALL.split())
"""All the codes that PowerOffice takes."""


def unit_code(unit: str, own: Mapping[str, str]) -> str | None:
    """Give PowerOffice's code for a unit.

    Args:
        unit: A code, or a word as people write it.
        own: The company's own words in small letters, and their codes; these go first.

    Returns:
        The code; None when there is none.
    """
    word = " ".join(unit.split()).casefold()
    if word in own:
        return own[word]
    if word.upper() in CODES:
        return word.upper()
    common = common_unit(word)
    return common if common in CODES else None


def known_unit(own: Mapping[str, str]) -> Narrowing:
    """Bound a unit to those that have a code.

    Args:
        own: As for `unit_code`.
    """
    return Narrowing(
        LossKind.DROPPED,
        lambda unit: unit if unit_code(unit, own) else None,
        "PowerOffice has a closed list of units and this word is none of them; the product's unit stands (setting "
        "units adds words)",
        remark="a word for none of them is dropped, and the product's unit stands (setting units adds words)",
    )
