"""What is to be written where: pure, case by case, and over all ways in which two people may edit two systems."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from erpcore.store import Half
from erpcore.sync.article.compare import FIELDS, OTHER, SIDES, Side, Terms, Verdict, compare
from erpcore.sync.shared.rule_fields import ArticleDirection, ConflictRule

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def seen_by_crm(values: Mapping[str, Any]) -> dict[str, Any]:
    """A CRM that cuts a name after five characters."""
    cut = {name: value[:5].rstrip() if name == "description" and value else value for name, value in values.items()}
    return dict(cut)


def seen_by_erp(values: Mapping[str, Any]) -> dict[str, Any]:
    """An ERP that rounds prices, has no groups, and empties no unit."""
    seen = {name: value for name, value in values.items() if name != "group" and (name != "unit" or value)}
    if seen.get("price") is not None:
        seen["price"] = Decimal(seen["price"]).quantize(Decimal(1), ROUND_HALF_UP)
    return seen


TAKES = {"crm": frozenset(FIELDS), "erp": frozenset(FIELDS) - {"group"}}
SEEN = {"crm": seen_by_crm, "erp": seen_by_erp}


def terms(direction: ArticleDirection = "both", conflict: ConflictRule = "newest", **takes: Any) -> Terms:
    return Terms(direction, lambda _: conflict, takes={**TAKES, **takes}, seen_as=SEEN)  # type: ignore[arg-type]


def halves(
    crm: Any = None,
    erp: Any = None,
    agreed: Any = None,
    *,
    changed_at: Mapping[Side, datetime | None] | None = None,
    gone: Side | None = None,
) -> dict[Side, Half]:
    both = {"crm": crm, "erp": erp}
    times = changed_at or {}
    return {side: Half(both[side], agreed or {}, gone=side == gone, changed_at=times.get(side)) for side in SIDES}


def told(verdict: Verdict) -> tuple[dict[str, Any], dict[str, Any]]:
    return verdict.send["crm"], verdict.send["erp"]


def test_what_one_side_changed_travels_and_nothing_else() -> None:
    agreed = {"description": "Chair", "price": Decimal(100), "unit": "st"}
    changed = halves({**agreed, "price": Decimal(120)}, {**agreed, "unit": "pkt"}, agreed)
    verdict = compare(changed, terms())
    assert told(verdict) == ({"unit": "pkt"}, {"price": Decimal(120)})
    assert not verdict.makes
    assert verdict.agreed["crm"] == verdict.agreed["erp"] == {**agreed, "price": Decimal(120), "unit": "pkt"}


@pytest.mark.parametrize(
    ("conflict", "crm_later", "crm_counts"),
    [
        ("crm", False, True),
        ("erp", True, False),
        ("newest", True, True),
        ("newest", False, False),
        ("newest", None, False),
    ],
)
def test_a_field_changed_on_both_sides_goes_by_the_rule(
    conflict: ConflictRule, crm_later: bool | None, crm_counts: bool
) -> None:
    agreed = {"price": Decimal(100)}
    later = None if crm_later is None else AT + timedelta(hours=1 if crm_later else -1)
    both = halves({"price": Decimal(110)}, {"price": Decimal(130)}, agreed, changed_at={"crm": later, "erp": AT})
    expected = ({}, {"price": Decimal(110)}) if crm_counts else ({"price": Decimal(130)}, {})
    assert told(compare(both, terms(conflict=conflict))) == expected


def test_where_the_rule_asks_the_field_waits_and_the_others_travel() -> None:
    agreed = {"price": Decimal(100), "unit": "st"}
    both = halves({"price": Decimal(110), "unit": "st"}, {"price": Decimal(130), "unit": "m"}, agreed)
    verdict = compare(both, terms(conflict="ask"))
    assert told(verdict) == ({"unit": "m"}, {})
    assert [(each.field, each.crm, each.erp) for each in verdict.asks] == [("price", Decimal(110), Decimal(130))]
    assert verdict.agreed["crm"]["price"] == Decimal(100), "what is asked about stays as it was agreed"
    answered = compare(both, terms(conflict="ask"), chosen="crm")
    assert (told(answered), answered.asks) == (({"unit": "m"}, {"price": Decimal(110)}), [])


def test_a_text_that_a_side_cuts_is_no_change_of_that_side() -> None:
    long = {"description": "Office chair"}
    first = compare(halves({"description": "Offic"}, long), terms())
    assert told(first) == ({}, {}), "the CRM shows what it would show if it were told"
    again = {
        side: Half(half.shown, first.agreed[side]) for side, half in halves({"description": "Offic"}, long).items()
    }
    assert told(compare(again, terms())) == ({}, {})


def test_an_empty_value_is_no_change_when_two_meet_for_the_first_time() -> None:
    met = compare(halves({"unit": None, "price": Decimal(5)}, {"unit": "st", "price": None}), terms())
    assert told(met) == ({"unit": "st"}, {"price": Decimal(5)})
    zero = compare(halves({"price": Decimal(0)}, {"price": Decimal(5)}), terms(conflict="crm"))
    assert told(zero) == ({"price": Decimal(5)}, {}), "CRMs show an empty number as 0"
    later = compare(
        halves({"unit": "st", "price": None}, {"unit": "st", "price": Decimal(5)}, {"price": Decimal(5)}), terms()
    )
    assert told(later)[1] == {"price": None}, "emptied by a person, it is emptied on the other side"


def test_what_a_side_cannot_empty_stays_and_is_not_asked_for_again() -> None:
    agreed = {"unit": "st"}
    emptied = halves({"unit": None}, {"unit": "st"}, agreed)
    verdict = compare(emptied, terms())
    assert told(verdict) == ({}, {})
    settled = {side: replace(half, agreed=verdict.agreed[side]) for side, half in emptied.items()}
    assert told(compare(settled, terms())) == ({}, {})


def test_a_field_that_a_side_has_no_place_for_is_left_alone() -> None:
    assert told(compare(halves({"group": "Kurs"}, {}), terms())) == ({}, {})


@pytest.mark.parametrize("here", SIDES)
def test_an_article_that_one_side_has_alone_is_made_on_the_other(here: Side) -> None:
    values = {"description": "Stol", "price": Decimal(90), "unit": None, "active": True}
    alone = halves(**{here: values})
    verdict = compare(alone, terms())
    assert verdict.makes == {OTHER[here]}
    assert verdict.send[OTHER[here]] == {"description": "Stol", "price": Decimal(90), "active": True}
    one_way = compare(alone, terms("to_crm" if here == "crm" else "to_erp"))
    assert (told(one_way), one_way.makes) == (({}, {}), set()), "its changes do not travel"
    inactive = compare(halves(**{here: {**values, "active": False}}), terms())
    assert told(inactive) == ({}, {}), "what is not sold any more is not made"


@pytest.mark.parametrize("gone", SIDES)
def test_a_deleted_article_becomes_inactive_on_the_other_side_and_is_never_made_again(gone: Side) -> None:
    values = {"description": "Stol", "active": True}
    deleted = halves(values, values, values, gone=gone)
    verdict = compare(deleted, terms())
    assert verdict.send == {OTHER[gone]: {"active": False}, gone: {}}
    assert not verdict.makes
    told_so = {side: replace(half, agreed=verdict.agreed[side]) for side, half in deleted.items()}
    told_so[OTHER[gone]] = replace(told_so[OTHER[gone]], shown={**values, "active": False})
    assert told(compare(told_so, terms())) == ({}, {})
    told_so[OTHER[gone]] = replace(told_so[OTHER[gone]], shown=values)
    assert compare(told_so, terms()).makes == {gone}, "a person sells it again"


def test_one_way_a_target_that_was_changed_is_left_alone_until_its_source_changes() -> None:
    agreed = {"price": Decimal(100)}
    assert told(compare(halves({"price": Decimal(1)}, agreed, agreed), terms("to_crm"))) == ({}, {})
    both = compare(halves({"price": Decimal(1)}, {"price": Decimal(120)}, agreed), terms("to_crm", "crm"))
    assert told(both) == ({"price": Decimal(120)}, {})


def test_a_crm_that_takes_no_articles_is_told_nothing() -> None:
    verdict = compare(halves(None, {"description": "Stol"}), terms("to_crm", crm=frozenset()))
    assert (told(verdict), verdict.makes) == (({}, {}), set())


VALUES: dict[str, st.SearchStrategy[Any]] = {
    "description": st.sampled_from(["Stol", "Stolen", "Stol A", "Stol B", "Bord", "Bordet är långt"]),
    "price": st.none() | st.decimals("0", "9", places=1),
    "unit": st.none() | st.sampled_from(["st", "m", "h"]),
    "group": st.none() | st.sampled_from(["A", "B"]),
    "active": st.booleans(),
}
"""Values that the fake systems narrow, or cannot be told; few, so that people often write the same."""


class TwoPeople(RuleBasedStateMachine):
    """Two systems, each narrowing in its own way; people edit both, and in between a round makes them equal."""

    conflict: ConflictRule = "newest"

    def __init__(self) -> None:
        super().__init__()
        self.at = AT
        start = {"description": "Stol", "price": Decimal(1), "unit": "st", "group": None, "active": True}
        self.shown: dict[Side, dict[str, Any]] = {"crm": dict(start), "erp": seen_by_erp(start)}
        self.agreed: dict[Side, dict[str, Any]] = {side: dict(self.shown[side]) for side in SIDES}
        self.changed_at: dict[Side, datetime] = dict.fromkeys(SIDES, AT)

    @rule(side=st.sampled_from(SIDES), data=st.data(), name=st.sampled_from(sorted(VALUES)))
    def edit(self, side: Side, data: st.DataObject, name: str) -> None:
        """A person writes a value, which the system narrows."""
        wanted = data.draw(VALUES[name])
        if name not in self.shown[side]:
            return  # the system has no such field
        seen = SEEN[side]({name: wanted})
        if name in seen:
            self.at += timedelta(seconds=1)
            self.shown[side][name], self.changed_at[side] = seen[name], self.at

    def halves(self) -> dict[Side, Half]:
        return {
            side: Half(dict(self.shown[side]), dict(self.agreed[side]), changed_at=self.changed_at[side])
            for side in SIDES
        }

    @rule()
    def round(self) -> None:
        """What a round does, and what must be true of it."""
        before = self.halves()
        verdict = compare(before, terms(conflict=self.conflict))
        for side in SIDES:
            self.shown[side] |= SEEN[side](verdict.send[side])
        for name in FIELDS:
            self._judge(name, before, verdict)
        self.agreed = {side: dict(verdict.agreed[side]) for side in SIDES}
        again = compare(self.halves(), terms(conflict=self.conflict))
        assert again.send == {"crm": {}, "erp": {}}, "a second round changes something: ping-pong"
        assert again.asks == verdict.asks, "the question is forgotten"

    def _judge(self, name: str, before: Mapping[Side, Half], verdict: Verdict) -> None:
        """No change is lost, and conflicts go by the rule."""
        was = {side: (before[side].shown or {}).get(name) for side in SIDES}
        shows = [side for side in SIDES if name in (before[side].shown or {})]
        changed = [side for side in shows if was[side] != before[side].agreed.get(name)]
        asked = name in {each.field for each in verdict.asks}
        if len(changed) == 2 and not asked:
            later = max(changed, key=lambda side: self.changed_at[side])
            kept = later if self.conflict == "newest" else self.conflict
            assert kept != "ask" or was["crm"] == was["erp"] or self._fits(name, was), "nobody was asked"
            if kept in SIDES:
                assert self.shown[kept][name] == was[kept] or self._fits(name, was), "the rule's side has lost"  # type: ignore[index]
        for side in changed:
            other = OTHER[side]
            if len(changed) == 1:
                assert self.shown[side].get(name) == was[side], "a change was overwritten"
                expected = SEEN[other]({name: was[side]})
                if name in expected and other in shows:
                    assert self.shown[other][name] in (expected[name], was[other]), "something else arrived"
                    if self.shown[other][name] != expected[name]:
                        assert self._fits(name, was), "a change did not travel"

    @staticmethod
    def _fits(name: str, was: Mapping[Side, Any]) -> bool:
        """Whether a side showed already what it would show of the other's value."""
        return any(SEEN[side]({name: was[OTHER[side]]}).get(name) == was[side] for side in SIDES)

    @invariant()
    def what_is_agreed_is_shown_or_was_changed(self) -> None:
        """Nobody agreed on a value that a side never showed."""
        for side in SIDES:
            for name, value in self.agreed[side].items():
                assert SEEN[side]({name: value}).get(name, value) == value


class TwoPeopleCrm(TwoPeople):
    conflict = "crm"


class TwoPeopleErp(TwoPeople):
    conflict = "erp"


class TwoPeopleAsk(TwoPeople):
    conflict = "ask"


_OFTEN = settings(max_examples=150, stateful_step_count=25, deadline=None)
for machine in (TwoPeople, TwoPeopleCrm, TwoPeopleErp, TwoPeopleAsk):
    machine.TestCase.settings = _OFTEN
TestTwoPeopleNewest = TwoPeople.TestCase
TestTwoPeopleCrm = TwoPeopleCrm.TestCase
TestTwoPeopleErp = TwoPeopleErp.TestCase
TestTwoPeopleAsk = TwoPeopleAsk.TestCase
