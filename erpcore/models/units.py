"""Words that people write for units, by the code of UN/ECE Recommendation 20 that means the same."""

from __future__ import annotations

from collections.abc import Mapping

_WORDS: Mapping[str, str] = {
    "EA": "ea st st. stk stk. styck stycken pc pcs piece each enhet kpl",
    "HUR": "hur h t tim tim. timme timmar time timer hour hours tunti",
    "DAY": "day d dag dagar dager døgn days",
    "WEE": "wee v vecka veckor uke uker week weeks",
    "MON": "mon mån mån. månad månader mnd mnd. måned måneder month months",
    "QAN": "qan kvartal quarter",
    "ANN": "ann år year years",
    "MTR": "mtr m meter",
    "KMT": "kmt km kilometer",
    "CMT": "cmt cm",
    "DMT": "dmt dm",
    "MMT": "mmt mm",
    "LM": "lm löpmeter løpemeter",
    "MTK": "mtk m2 m² kvm",
    "MTQ": "mtq m3 m³ kbm",
    "KGM": "kgm kg kilo",
    "HGM": "hgm hg",
    "GRM": "grm g gram",
    "TNE": "tne ton tonn",
    "LTR": "ltr l liter",
    "DLT": "dlt dl",
    "MLT": "mlt ml",
    "KWH": "kwh",
    "MWH": "mwh",
    "PR": "pr par pair",
    "SET": "set sett",
    "XPK": "xpk pkt paket pakke förp förp. pk pack package",
    "BX": "bx ask eske box",
    "XRO": "xro rulle rull roll",
    "XBG": "xbg påse pose bag",
    "XCT": "xct kartong karton carton",
}
_CODE_OF = {word: code for code, words in _WORDS.items() for word in words.split()}


def common_unit(word: str) -> str | None:
    """Give the code of the unit that a word means, in any letters; None when it is not known.

    Args:
        word: As a person wrote it, or a system's own code.
    """
    return _CODE_OF.get(" ".join(word.split()).casefold())


def same_unit(one: str, other: str) -> bool:
    """Tell whether two words mean the same unit: the same letters, large or small, or both known for one.

    Args:
        one: As a person wrote it, or a system's own code.
        other: The other.
    """
    plain = [" ".join(word.split()).casefold() for word in (one, other)]
    return plain[0] == plain[1] or (common_unit(one) is not None and common_unit(one) == common_unit(other))
