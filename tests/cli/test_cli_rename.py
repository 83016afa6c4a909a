"""A connection or a sync that has another name in the settings: told, sending nothing, and given what is known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from erpcore.settings import load_settings, store_url
from erpcore.store import (
    get_cursor,
    get_secret,
    invoices_cursor,
    links_from,
    list_runs,
    open_run,
    open_store,
    put_cursor,
    put_event,
    put_link,
    put_secret,
)

pytestmark = pytest.mark.usefixtures("secrets")

COMPANY = {"source_kind": "company", "source_id": "pase1"}


@pytest.fixture(autouse=True)
def begun(cli: Any, settings_file: Path, fortnox: Any, secrets: None) -> None:
    """The two accounts are noted, and something has been made."""
    fortnox[0].tokens()
    assert cli("check").code == 0
    with opened(settings_file) as store:
        vault = store.vault
    with opened(settings_file) as store, store.begin() as writing:
        put_link(writing, sync="won", **COMPANY, target_kind="customer", number="1")
        open_run(writing, sync="won", source="lime", target="books", record_kind="deal", record_id="850000")
        put_cursor(writing, "books", invoices_cursor("won"), "the place")
        put_cursor(writing, "lime", "events", "the events' place")
        put_secret(writing, vault, "lime", "api_key", "kept key")
        for key in ("e1", "e2"):
            put_event(
                writing, source="lime", event_key=key, kind="deal_won", record_kind="deal", record_id="1", payload={}
            )


def opened(settings_file: Path) -> Any:
    from contextlib import closing

    return closing(open_store(store_url(load_settings(settings_file))))


def change(settings_file: Path, *pairs: tuple[str, str]) -> None:
    text = settings_file.read_text()
    for before, after in pairs:
        text = text.replace(before, after)
    settings_file.write_text(text)


def words(text: str) -> str:
    return " ".join(text.split())


def test_a_sync_with_a_new_name_sends_nothing_until_it_is_given_what_is_known(
    cli: Any, settings_file: Path, lime_go: Any
) -> None:
    change(settings_file, ("[syncs.won]", "[syncs.sold]"))
    lime_go[0].win_deal("850000")
    checked = cli("check")
    assert checked.code == 1
    assert "erpcore rename sync won sold" in words(checked.out)
    ran = cli("run")
    assert ran.code == 2
    assert "could become another one here" in words(ran.err)
    assert "goes on where won was: 1 links, 0 documents, 1 runs" in words(cli("rename", "sync", "won", "sold").out)
    with opened(settings_file) as store, store.read() as reading:
        assert [link.number for link in links_from(reading, sync="sold", **COMPANY)] == ["1"]
        assert [run.sync for run in list_runs(reading)] == ["sold"]
        assert get_cursor(reading, "books", invoices_cursor("sold")) == "the place"
        assert get_cursor(reading, "books", invoices_cursor("won")) is None
    assert cli("check").code == 0
    assert "has links, documents or runs" not in cli("plan", "sold", "850000").err


def test_a_sync_that_begins_anew_puts_the_old_one_aside(cli: Any, settings_file: Path) -> None:
    change(settings_file, ("[syncs.won]", "[syncs.sold]"))
    assert "Put aside, under the name “won until" in words(cli("rename", "sync", "won", "--aside").out)
    assert cli("check").code == 0
    with opened(settings_file) as store, store.read() as reading:
        assert links_from(reading, sync="sold", **COMPANY) == []
        (kept,) = list_runs(reading)
        assert kept.sync.startswith("won until")


def test_what_was_made_under_both_names_is_never_mixed(cli: Any, settings_file: Path) -> None:
    change(settings_file, ("[syncs.won]", "[syncs.sold]"))
    with opened(settings_file) as store, store.begin() as writing:
        open_run(writing, sync="sold", source="lime", target="books", record_kind="deal", record_id="1")
    refused = cli("rename", "sync", "won", "sold")
    assert refused.code == 2
    assert "has links, documents or runs of its own already" in refused.err
    assert "Nothing was changed" in refused.err


def test_a_connection_with_a_new_name_goes_on_where_it_was(
    cli: Any, settings_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(settings_file, ("[connections.lime]", "[connections.go]"), ('crm = "lime"', 'crm = "go"'))
    assert "environment variable ERPCORE_CONNECTIONS__LIME__API_KEY: the settings file has no" in cli("check").err
    monkeypatch.delenv("ERPCORE_CONNECTIONS__LIME__API_KEY")
    monkeypatch.setenv("ERPCORE_CONNECTIONS__GO__API_KEY", "11111111-1111-4111-8111-111111111111")
    assert "erpcore rename connection lime go" in words(cli("check").out)
    with opened(settings_file) as store, store.begin() as writing:
        put_cursor(writing, "go", "events", "the events' place of today")
        put_event(writing, source="go", event_key="e1", kind="deal_won", record_kind="deal", record_id="1", payload={})
    renamed = cli("rename", "connection", "lime", "go")
    assert "Connection go goes on where lime was" in words(renamed.out), renamed
    with opened(settings_file) as store:
        vault = store.vault
    with opened(settings_file) as store, store.read() as reading:
        assert get_cursor(reading, "go", "events") == "the events' place"
        assert [(run.source, run.target) for run in list_runs(reading)] == [("go", "books")]
        assert get_secret(reading, vault, "go", "api_key") == "kept key"
    assert "rename" not in cli("check").out


def test_another_company_s_is_never_taken_over(cli: Any, settings_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    change(settings_file, ("[connections.lime]", "[connections.go]"), ('crm = "lime"', 'crm = "go"'))
    monkeypatch.delenv("ERPCORE_CONNECTIONS__LIME__API_KEY")
    monkeypatch.setenv("ERPCORE_CONNECTIONS__GO__API_KEY", "22222222-2222-4222-8222-222222222222")
    assert cli("rename", "connection", "lime", "go").code in (1, 2)
    with opened(settings_file) as store, store.read() as reading:
        assert get_cursor(reading, "lime", "events") == "the events' place"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("sync", "won", "sold"), "the settings still have a sync “won”"),
        (("sync", "wno", "won"), "Nothing is kept under the sync “wno”"),
        (("connection", "wno", "lime"), "Nothing is kept under the connection “wno”"),
        (("sync", "won"), "Name what it is called now"),
        (("connection", "lime", "--aside"), "Name what it is called now"),
        (("sync", "won", "sold", "--aside"), "Name what it is called now"),
    ],
)
def test_what_cannot_be_renamed_is_told(cli: Any, arguments: tuple[str, ...], told: str) -> None:
    refused = cli("rename", *arguments)
    assert refused.code in (1, 2)
    assert told in refused.err
