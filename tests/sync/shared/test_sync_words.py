"""What people read: the words of each reason, and our references in the ERP."""

from __future__ import annotations

import re
from typing import get_args

from hypothesis import given, strategies as st

from erpcore.sync.shared import story
from erpcore.sync.shared.reasons import ASKS, Reason, why
from erpcore.sync.shared.reference import LONGEST_REFERENCE, reference

strange = st.text(max_size=80)


def test_every_reason_has_its_words() -> None:
    words = {"number": "1001", "erp_id": "7", "when": "on 2026-11-20", "cut": "by hand", "person": "Kim"}
    for reason in get_args(Reason):
        text = why(reason, **words, rivals="orders 1001 and 1002")
        assert text.endswith(".")
        assert "{" not in text


def test_a_reason_that_asks_a_person_says_how_to_answer() -> None:
    assert set(ASKS) <= set(get_args(Reason))
    assert all("nswer “" in story.HOW_TO_ANSWER[cause] for cause in ASKS.values())


@given(st.lists(st.tuples(strange, strange, strange, st.integers(1, 10**6), strange), unique=True, max_size=20))
def test_references_are_short_plain_and_unique(wanted: list[tuple[str, str, str, int, str]]) -> None:
    made = [reference(*one) for one in wanted]
    assert len(set(made)) == len(made)
    for text in made:
        assert len(text) <= LONGEST_REFERENCE
        assert re.fullmatch(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*", text)


def test_a_reference_can_be_read_by_people() -> None:
    text = reference("abc234", "lime-fortnox", "deal 4711", 2, "create_order")
    assert text.startswith("abc234-lime-fortnox-deal-4711-2-")
    assert text == reference("abc234", "lime-fortnox", "deal 4711", 2, "create_order")
