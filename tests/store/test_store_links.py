"""Links between CRM records and ERP records."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection

from erpcore.errors import RecordError
from erpcore.store import Link, Store, cut_link, links_from, live_link, put_link

DEAL: dict[str, Any] = {"sync": "go-fortnox", "source_kind": "deal", "source_id": "4711"}


def _link(connection: Connection, number: str = "17", **more: Any) -> Link:
    return put_link(connection, **{**DEAL, "target_kind": "order", "number": number, **more})


def test_a_link_is_found_from_its_record(store: Store) -> None:
    with store.begin() as connection:
        made = _link(connection, key="abc")
        assert (made.number, made.key, made.told_at, made.cut_at) == ("17", "abc", None, None)
        assert live_link(connection, **DEAL, target_kind="order") == made
        assert live_link(connection, **{**DEAL, "sync": "other"}, target_kind="order") is None
        assert live_link(connection, **DEAL, target_kind="invoice") is None


def test_order_and_invoice_of_one_deal_live_side_by_side(store: Store) -> None:
    with store.begin() as connection:
        order = _link(connection)
        invoice = _link(connection, "900", target_kind="invoice")
        assert links_from(connection, **DEAL) == [order, invoice]


def test_two_companies_may_be_one_customer(store: Store) -> None:
    with store.begin() as connection:
        for company in ("1", "2"):
            record = {"sync": "s", "source_kind": "company", "source_id": company}
            put_link(connection, **record, target_kind="customer", number="55")
            (link,) = links_from(connection, **record)
            assert link.number == "55"


def test_the_same_link_again_refreshes_what_was_sent(store: Store) -> None:
    with store.begin() as connection:
        first = _link(connection, key="abc", sent_digest="one")
        second = _link(connection, sent_digest="two")
    assert (second.id, second.key, second.sent_digest) == (first.id, "abc", "two")


def test_when_the_source_was_told_is_noted_and_kept(timed_store: Store, clock: Any) -> None:
    with timed_store.begin() as connection:
        assert _link(connection).told_at is None
        clock.move(10)
        told = _link(connection, told=True)
        assert told.told_at == clock.at
        clock.move(10)
        assert _link(connection, sent_digest="x").told_at == told.told_at, "nothing was told this time"


def test_a_second_live_link_is_refused(store: Store) -> None:
    with store.begin() as connection:
        _link(connection)
        with pytest.raises(RecordError, match="linked to order 17 already, not 18") as caught:
            _link(connection, "18")
    assert caught.value.advice


def test_a_cut_link_is_history_and_makes_room(store: Store) -> None:
    with store.begin() as connection:
        old = _link(connection)
        assert cut_link(connection, old.id, reason="the ERP-ID field was cleared")
        assert not cut_link(connection, old.id, reason="again")
        assert live_link(connection, **DEAL, target_kind="order") is None
        new = _link(connection, "18", generation=2)
        history = links_from(connection, **DEAL)
    assert [(link.number, link.generation) for link in history] == [("17", 1), ("18", 2)]
    assert history[0].cut_reason == "the ERP-ID field was cleared"
    assert history[0].cut_at is not None
    assert history[1] == new
