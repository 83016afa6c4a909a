"""Whose account a connection is, and what is put aside when another company begins under its name."""

from __future__ import annotations

from erpcore.store import (
    NotedAccount,
    Store,
    accept_account,
    begin_anew,
    get_cursor,
    get_subscription,
    intents_of,
    links_from,
    note_account,
    noted_accounts,
    plan_intent,
    put_cursor,
    put_event,
    put_link,
    put_subscription,
)

OWNERS = ("connections.books", "syncs.won.erp")


def note(store: Store, key: str, name: str | None = None) -> list[NotedAccount]:
    with store.begin() as connection:
        return [note_account(connection, owner, key=key, name=name) for owner in OWNERS]


def remember(store: Store, reference: str = "r1") -> int:
    with store.begin() as connection:
        put_link(connection, sync="won", source_kind="company", source_id="c1", target_kind="customer", number="1")
        intent = plan_intent(
            connection, sync="won", record="deal 1", operation="create_order", reference=reference, fence_seconds=1.0
        )
        put_event(connection, source="lime", event_key="position:1", kind="w", record_kind="deal", record_id="1")
        put_cursor(connection, "lime", "events", "17")
        put_subscription(connection, "lime", subscription_id="5", target="https://a.example/webhooks/lime/secret-token")
    return intent.id


def test_the_first_account_stays_and_another_one_is_noted_beside_it(store: Store) -> None:
    assert [noted.other_key for noted in note(store, "tenant 1", "Test AB")] == [None, None]
    (noted, _) = note(store, "tenant 2", "Real AB")
    assert (noted.key, noted.name, noted.other_key, noted.other_name) == ("tenant 1", "Test AB", "tenant 2", "Real AB")
    (noted, _) = note(store, "tenant 1", "Test and Co AB")
    assert (noted.key, noted.name, noted.other_key) == ("tenant 1", "Test and Co AB", None)


def test_a_person_says_that_it_is_the_same_company(store: Store) -> None:
    note(store, "key 1")
    note(store, "key 2", "Test AB")
    with store.begin() as connection:
        assert accept_account(connection, OWNERS) == 2
        assert accept_account(connection, OWNERS) == 0
        assert [(each.key, each.name) for each in noted_accounts(connection, OWNERS)] == [("key 2", "Test AB")] * 2


def test_beginning_anew_puts_aside_and_deletes_nothing_that_was_made(store: Store) -> None:
    note(store, "tenant 1")
    first = remember(store)
    with store.begin() as connection:
        ending = begin_anew(connection, OWNERS, crm=None, syncs=["won"])
        assert noted_accounts(connection, OWNERS) == []
        assert links_from(connection, sync="won", source_kind="company", source_id="c1") == []
        (kept,) = links_from(connection, sync=f"won{ending}", source_kind="company", source_id="c1")
        assert kept.number == "1"
        (intent,) = intents_of(connection, sync=f"won{ending}", record="deal 1")
        assert (intent.id, intent.reference) == (first, f"r1{ending}")
        assert get_cursor(connection, "lime", "events") == "17", "the CRM is the same"
        assert get_subscription(connection, "lime") is not None
    assert remember(store) != first, "the same record is wanted anew, under the same reference"


def test_beginning_anew_with_a_crm_reads_its_events_from_the_start(store: Store) -> None:
    remember(store)
    with store.begin() as connection:
        begin_anew(connection, ["connections.lime"], crm="lime", syncs=["won"])
        assert get_cursor(connection, "lime", "events") is None
        assert get_subscription(connection, "lime") is None
        _, new = put_event(
            connection, source="lime", event_key="position:1", kind="w", record_kind="deal", record_id="1"
        )
    assert new


def test_a_subscription_keeps_no_secret(store: Store) -> None:
    remember(store)
    with store.read() as connection:
        found = get_subscription(connection, "lime")
        held = connection.exec_driver_sql("SELECT * FROM erpcore_subscriptions").all()
    assert found is not None
    assert found.is_to("https://a.example/webhooks/lime/secret-token")
    assert not found.is_to("https://a.example/webhooks/lime/another-token")
    assert found.address == "https://a.example/webhooks/lime"
    assert "secret-token" not in str(held)
