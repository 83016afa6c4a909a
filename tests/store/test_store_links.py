"""Links between CRM records and ERP records."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection

from erpcore.errors import RecordError
from erpcore.store import Link, Store, cut_link, links_from, links_to, live_link, put_link

DEAL: dict[str, Any] = {"sync": "go-fortnox", "kind": "deal", "crm_id": "4711"}


def _link(connection: Connection, number: str = "17", **more: Any) -> Link:
    return put_link(connection, **{**DEAL, "erp_kind": "order", "erp_number": number, **more})


def test_a_link_is_found_from_both_sides(store: Store) -> None:
    with store.begin() as connection:
        made = _link(connection, erp_id="abc")
        assert live_link(connection, **DEAL, target_kind="order") == made
        assert links_to(connection, sync="go-fortnox", erp_kind="order", erp_number="17") == [made]
        assert links_to(connection, sync="go-fortnox", erp_kind="order", erp_id="abc") == [made]
        assert links_to(connection, sync="other", erp_kind="order", erp_number="17") == []
        assert live_link(connection, **DEAL, target_kind="invoice") is None


def test_order_and_invoice_of_one_deal_live_side_by_side(store: Store) -> None:
    with store.begin() as connection:
        order = _link(connection)
        invoice = _link(connection, "900", erp_kind="invoice")
        assert links_from(connection, **DEAL) == [order, invoice]


def test_two_companies_may_be_one_customer(store: Store) -> None:
    with store.begin() as connection:
        for crm_id in ("1", "2"):
            put_link(connection, sync="s", source_kind="company", source_id=crm_id, target_kind="customer", number="55")
        assert len(links_to(connection, sync="s", erp_kind="customer", erp_number="55")) == 2


def test_the_same_link_again_refreshes_what_was_sent(store: Store) -> None:
    with store.begin() as connection:
        first = _link(connection, erp_id="abc", sent_digest="one")
        second = _link(connection, sent_digest="two")
    assert (second.id, second.erp_id, second.sent_digest) == (first.id, "abc", "two")


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


def test_links_to_needs_one_key(store: Store) -> None:
    with store.begin() as connection, pytest.raises(ValueError, match="either"):
        links_to(connection, sync="s", erp_kind="order")
