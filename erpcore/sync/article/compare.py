"""What is to be written where so that an article is the same in the CRM and in the ERP. Pure.

Compared three ways: what each side shows now, and what each showed when the two were last made equal. Both of the
latter are kept, because they need not be the same: a side that cuts a text shows the cut one, and that is no change
that somebody made. So only what a person changed travels, and it travels once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, get_args

from erpcore.store import ArticleSide, Half
from erpcore.sync.shared.rule_fields import ArticleDirection, ArticleField, ConflictRule

Side = ArticleSide
SIDES: tuple[Side, ...] = ("crm", "erp")
OTHER: Mapping[Side, Side] = {"crm": "erp", "erp": "crm"}
FIELDS: tuple[ArticleField, ...] = get_args(ArticleField)
"""What of an article is kept equal, beside its number, which is its key."""

Values = Mapping[str, Any]
"""Values of an article by field; a field that is not there is not shown."""

_HIDDEN: Final = object()
_SOURCES: Mapping[ArticleDirection, frozenset[Side]] = {
    "off": frozenset(),
    "to_erp": frozenset({"crm"}),
    "to_crm": frozenset({"erp"}),
    "both": frozenset(SIDES),
}


@dataclass(frozen=True)
class Terms:
    """By what two halves are compared.

    Attributes:
        direction: Which side's changes travel.
        conflict: Gives the rule for a field that was changed on both sides.
        takes: The fields that a side can be told; none where it takes no articles.
        seen_as: From values as they are sent to what a side would show then.
    """

    direction: ArticleDirection
    conflict: Callable[[ArticleField], ConflictRule]
    takes: Mapping[Side, frozenset[ArticleField]]
    seen_as: Mapping[Side, Callable[[Values], Values]]

    @property
    def sources(self) -> frozenset[Side]:
        """The sides whose changes travel."""
        return _SOURCES[self.direction]


@dataclass(frozen=True)
class Difference:
    """A field that was changed on both sides, and that a person must decide about."""

    field: ArticleField
    crm: Any
    erp: Any


@dataclass
class Verdict:
    """What is to be done.

    Attributes:
        send: What each side is told; empty for nothing.
        makes: The sides that get the article for the first time, or again.
        agreed: What each side will show as agreed once it has been told.
        asks: What waits for a person.
    """

    send: dict[Side, dict[str, Any]] = field(default_factory=lambda: {"crm": {}, "erp": {}})
    makes: set[Side] = field(default_factory=set)
    agreed: dict[Side, dict[str, Any]] = field(default_factory=lambda: {"crm": {}, "erp": {}})
    asks: list[Difference] = field(default_factory=list)


def compare(halves: Mapping[Side, Half], terms: Terms, chosen: Side | None = None) -> Verdict:
    """Tell what is to be written where.

    Args:
        halves: The article on both sides.
        terms: By what they are compared.
        chosen: The side whose values count where the rule asks a person, once one has answered.
    """
    verdict = Verdict(agreed={side: dict(halves[side].agreed) for side in SIDES})
    there = [side for side in SIDES if halves[side].shown is not None and not halves[side].gone]
    if len(there) == 2:
        _compare_both(halves, terms, chosen, verdict)
    elif there:
        _complete(there[0], halves, terms, verdict)
    return verdict


def _compare_both(halves: Mapping[Side, Half], terms: Terms, chosen: Side | None, verdict: Verdict) -> None:
    shown: dict[Side, Values] = {side: halves[side].shown or {} for side in SIDES}
    as_told = {side: terms.seen_as[side](shown[OTHER[side]]) for side in SIDES}
    for name in FIELDS:
        values = {side: shown[side].get(name, _HIDDEN) for side in SIDES}
        changed = {side for side in SIDES if values[side] not in (_HIDDEN, halves[side].agreed.get(name, _HIDDEN))}
        if not changed:
            continue
        if _is_same(name, values, as_told):
            _agree(verdict, name, values)
            continue
        origin = _origin(name, values, changed, halves, terms, chosen)
        if origin == "ask":
            verdict.asks.append(Difference(name, crm=values["crm"], erp=values["erp"]))
        elif origin is None or name not in terms.takes[OTHER[origin]]:
            _agree(verdict, name, values)
        else:
            _tell(verdict, name, origin, values, as_told)


def _origin(
    name: ArticleField,
    values: Mapping[Side, Any],
    changed: set[Side],
    halves: Mapping[Side, Half],
    terms: Terms,
    chosen: Side | None,
) -> Side | Literal["ask"] | None:
    """Say whose value counts; None: nobody's travels."""
    moving = changed & terms.sources
    if not moving:
        return None
    first = all(name not in halves[side].agreed for side in SIDES)
    filled = [side for side in SIDES if not _is_nothing(values[side])]
    if first and len(filled) == 1:
        # Two that meet for the first time: an empty value is no change that somebody made.
        return filled[0] if filled[0] in terms.sources else None
    if len(moving) == 1:
        return next(iter(moving))
    rule = terms.conflict(name)
    if rule == "ask":
        return chosen or "ask"
    return _newest(halves) if rule == "newest" else rule


def _is_nothing(value: Any) -> bool:
    """Whether a value may mean that nothing was entered: CRMs show an empty number as 0."""
    return value is None or value is _HIDDEN or (not isinstance(value, bool) and value == 0)


def _newest(halves: Mapping[Side, Half]) -> Side:
    """The side that was changed last; the ERP where one of them does not tell when."""
    crm, erp = halves["crm"].changed_at, halves["erp"].changed_at
    return "crm" if crm is not None and erp is not None and crm > erp else "erp"


def _is_same(name: ArticleField, values: Mapping[Side, Any], as_told: Mapping[Side, Values]) -> bool:
    """Whether a side shows already what it would show if it were told the other one's value."""
    if values["crm"] == values["erp"]:
        return True
    return any(
        values[side] is not _HIDDEN and as_told[side].get(name, _HIDDEN) == values[side]
        for side in SIDES
        if values[OTHER[side]] is not _HIDDEN
    )


def _agree(verdict: Verdict, name: ArticleField, values: Mapping[Side, Any]) -> None:
    for side, value in values.items():
        if value is not _HIDDEN:
            verdict.agreed[side][name] = value


def _tell(
    verdict: Verdict, name: ArticleField, origin: Side, values: Mapping[Side, Any], as_told: Mapping[Side, Values]
) -> None:
    target = OTHER[origin]
    value, told = values[origin], as_told[target].get(name, _HIDDEN)
    verdict.agreed[origin][name] = value
    if told is _HIDDEN or told == values[target]:
        # It cannot show this, such as an empty value where nothing empties the field.
        if values[target] is not _HIDDEN:
            verdict.agreed[target][name] = values[target]
        return
    verdict.send[target][name] = value
    verdict.agreed[target][name] = told


def _complete(here: Side, halves: Mapping[Side, Half], terms: Terms, verdict: Verdict) -> None:
    """An article that one side has alone: made on the other one, or made inactive where the other one deleted it."""
    other, shown, agreed = OTHER[here], halves[here].shown or {}, halves[here].agreed
    active, told_inactive = shown.get("active"), agreed.get("active") is False
    if halves[other].gone and other in terms.sources and not (told_inactive and active):
        if active is not False and "active" in terms.takes[here]:
            verdict.send[here]["active"] = False
            verdict.agreed[here]["active"] = False
        return
    if here not in terms.sources or active is False or not terms.takes[other]:
        return
    told = terms.seen_as[other](shown)
    sent: dict[str, Any] = {
        name: value for name, value in shown.items() if value is not None and name in terms.takes[other]
    }
    verdict.send[other] = sent
    verdict.makes.add(other)
    verdict.agreed[here] = dict(shown)
    verdict.agreed[other] = {name: told[name] for name in sent if name in told}
