"""An article of which a part may be there: it counts as not made until it is whole."""

from __future__ import annotations

from typing import Any

import pytest

from erpcore.store import (
    Store,
    decide_intent,
    get_intent,
    open_intents,
    record_absent,
    record_not_sent,
    record_refused,
    record_uncertain,
)
from tests.store.intent_moves import begin, plan


@pytest.mark.parametrize("record", [record_refused, record_not_sent])
@pytest.mark.parametrize(("operation", "stays"), [("create_article", True), ("create_order", False)])
def test_an_article_of_which_a_part_may_be_there_counts_as_not_made_until_it_is_whole(
    timed_store: Store, clock: Any, record: Any, operation: str, *, stays: bool
) -> None:
    intent = plan(timed_store, record="article A-1", operation=operation)
    begin(timed_store, intent)  # its answer is lost, and the article is there without its price
    clock.move(11)
    look_up = begin(timed_store, intent)
    with timed_store.begin() as connection:
        record_absent(connection, look_up)
    turn = begin(timed_store, intent)
    with timed_store.begin() as connection:
        record(connection, turn, "the price was not sent")
        found = open_intents(connection, sync="s", records={"article A-1"})
    assert [each.error for each in found] == (["the price was not sent"] if stays else [])
    assert begin(timed_store, intent).action == "send", "nothing was sent, so nothing is to be looked for"


def test_an_article_that_a_person_says_was_not_made_is_not_half_made(timed_store: Store, clock: Any) -> None:
    intent = plan(timed_store, record="article A-1", operation="create_article")
    turn = begin(timed_store, intent)
    clock.move(11)
    look_up = begin(timed_store, intent)
    with timed_store.begin() as connection:
        record_absent(connection, look_up)
        record_uncertain(connection, turn, "nobody knows")
        decide_intent(connection, intent.id, person="Kim", number=None)
    turn = begin(timed_store, intent)
    with timed_store.begin() as connection:
        record_not_sent(connection, turn, "no connection")
    with timed_store.read() as connection:
        assert get_intent(connection, intent.id).state == "planned"
