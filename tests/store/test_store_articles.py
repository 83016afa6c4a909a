"""The mirror of articles, on both databases: only what differs is written, and what is gone is noticed."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from erpcore.store import (
    ShownArticle,
    Store,
    begin_anew,
    choose_side,
    due_articles,
    get_articles,
    note_equal,
    note_making,
    note_shown,
    note_trouble,
    note_whole,
    now,
)
from erpcore.store.articles import _DUE

VALUES: dict[str, Any] = {"description": "Stol", "price": Decimal("790.50"), "vat_percent": Decimal(25), "active": True}


def shown(number: str, **values: Any) -> ShownArticle:
    return ShownArticle(number, {**VALUES, **values}, key=f"k{number}")


def read(store: Store, *articles: ShownArticle, side: Any = "erp", whole: bool = False, sync: str = "won") -> int:
    """A reading shows articles, and is over."""
    with store.begin() as connection:
        at = now(connection)
        due = note_shown(connection, sync, side, articles, read_at=at, whole=whole)
        return due + (note_whole(connection, sync, side, read_at=at) if whole else 0)


def due(store: Store, sync: str = "won") -> list[str]:
    with store.read() as connection:
        return [each.number for each in due_articles(connection, sync)]


def settle(store: Store, number: str, **made: Any) -> None:
    with store.begin() as connection:
        article = get_articles(connection, "won", [number])[number]
        values = {side: half.shown for side, half in article.halves.items()}
        note_equal(connection, article, values, {side: value or {} for side, value in values.items()}, **made)


def test_what_is_read_comes_back_with_its_digits_and_types(store: Store) -> None:
    read(store, shown("1", price=Decimal("0.10"), unit=None))
    with store.read() as connection:
        half = get_articles(connection, "won", ["1", "2"])["1"].halves["erp"]
    assert half.shown == {**VALUES, "price": Decimal("0.10"), "unit": None}
    assert str(dict(half.shown)["price"]) == "0.10"
    assert (half.key, half.gone, half.agreed) == ("k1", False, {})


def test_only_what_differs_from_what_is_known_is_due(store: Store) -> None:
    assert read(store, *(shown(str(number)) for number in range(1, 6))) == 5
    for number in range(1, 6):
        settle(store, str(number))
    assert due(store) == []
    assert read(store, shown("1"), shown("2", price=Decimal("790.5")), shown("3", price=Decimal(800))) == 1
    assert due(store) == ["3"], "790.50 and 790.5 are the same price"
    assert due(store, "another") == []


def test_what_a_whole_reading_does_not_show_is_gone_and_comes_back(store: Store) -> None:
    read(store, shown("1"), shown("2"), whole=True)
    settle(store, "1")
    settle(store, "2")
    assert read(store, shown("2"), whole=True) == 1
    assert due(store) == ["1"]
    settle(store, "1")
    assert read(store, shown("2"), whole=True) == 0, "it is gone already"
    assert read(store, shown("1")) == 1, "it is there again"


def test_what_was_made_after_a_reading_began_is_not_gone_at_its_end(timed_store: Store, clock: Any) -> None:
    store = timed_store
    read(store, shown("1"), side="crm")
    with store.begin() as connection:
        began = now(connection)
    clock.move(5)
    with store.begin() as connection:
        note_making(connection, "won", ["1"])
        article = get_articles(connection, "won", ["1"])["1"]
        assert article.sending_at is not None
        assert article.sending_at - began == timedelta(seconds=5)
        note_equal(connection, article, {"crm": VALUES, "erp": VALUES}, {"crm": VALUES, "erp": VALUES}, made=["erp"])
        assert note_whole(connection, "won", "erp", read_at=began) == 0
        assert get_articles(connection, "won", ["1"])["1"].sending_at is None


def test_of_two_articles_of_one_number_the_first_that_a_reading_shows_counts(store: Store) -> None:
    twins = (shown("1"), ShownArticle("1", {**VALUES, "price": Decimal(1)}, key="other"))
    for _ in range(2):
        read(store, *twins, whole=True)
    with store.read() as connection:
        half = get_articles(connection, "won", ["1"])["1"].halves["erp"]
    assert (half.key, dict(half.shown or {})["price"]) == ("k1", Decimal("790.50"))


def test_an_answer_and_a_trouble_last_until_both_sides_are_equal(store: Store) -> None:
    read(store, shown("1"))
    with store.begin() as connection:
        note_trouble(connection, "won", "1")
        assert choose_side(connection, "won", "1", "crm")
        assert not choose_side(connection, "won", "2", "crm")
        article = get_articles(connection, "won", ["1"])["1"]
        assert (article.due, article.troubled, article.chosen) == (False, True, "crm")
    settle(store, "1")
    with store.read() as connection:
        article = get_articles(connection, "won", ["1"])["1"]
        assert (article.troubled, article.chosen) == (False, None)


def test_another_company_s_account_begins_without_the_mirror(store: Store) -> None:
    read(store, shown("1"))
    read(store, shown("1"), sync="kept")
    with store.begin() as connection:
        begin_anew(connection, ["connections.books"], crm=None, syncs=["won"])
    assert (due(store), due(store, "kept")) == ([], ["1"])


def test_due_articles_are_found_by_an_index(store: Store) -> None:
    if not store.is_sqlite:
        pytest.skip("PostgreSQL chooses by how many rows there are; the statement and the index are the same")
    asked = f"EXPLAIN QUERY PLAN {_DUE.compile(store.engine)}"
    with store.read() as connection:
        plan = " ".join(str(line) for line in connection.exec_driver_sql(asked, ("won", "", 50, 0)).all())
    assert "SEARCH erpcore_articles USING INDEX ix_erpcore_articles_sync_due_number (sync=? AND due=?" in plan, plan
    assert "TEMP B-TREE" not in plan, "they come in order"
