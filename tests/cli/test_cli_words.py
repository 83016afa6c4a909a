"""What people see: no traceback, no markup taken for ours, no library's chatter, no address that is not there."""

from __future__ import annotations

import io
import json
import logging
import stat
import urllib.request
from importlib.metadata import version
from pathlib import Path

import pytest

from erpcore.settings import load_settings, store_url
from erpcore.store import open_store

pytestmark = pytest.mark.usefixtures("secrets")


@pytest.mark.parametrize("record", ["[/]", "[/red]", "[bold]x"])
def test_a_record_s_id_is_text_and_not_markup(cli, settings_file: Path, fortnox, record: str) -> None:
    fortnox[0].tokens()
    assert cli("send", "won", record).code == 0
    listed = cli("status")
    assert listed.code == 0
    assert f"deal {record}" in listed.out
    assert f"deal {record}" in cli("status", "1").out
    planned = cli("plan", "won", record)
    assert planned.code == 1, "there is no such deal"
    assert "Traceback" not in planned.err


def test_what_is_told_of_a_connection_is_text(cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LIME__API_KEY", "BOOKS__CLIENT_SECRET", "BOOKS__TENANT_ID"):
        monkeypatch.delenv(f"ERPCORE_CONNECTIONS__{name}")
    (tmp_path / "erpcore.toml").write_text("[connections.a]\nplugin = '[/]'\n")
    checked = cli("check")
    assert checked.code == 1
    assert "No plugin “[/]”" in checked.out


def test_run_says_at_once_that_a_plugin_is_missing(cli, settings_file: Path) -> None:
    settings_file.write_text(settings_file.read_text().replace('"fortnox"', '"acme"'))
    ran = cli("run")
    assert ran.code == 2
    assert "books: No plugin “acme”" in ran.err
    assert "Working on" not in ran.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("simulate", "fortnox", "--port", "80000"), "'--port': Input should be less than or equal to 65535"),
        (("connect", "books", "--port", "0"), "'--port': Input should be greater than or equal to 1"),
        (("init", "/nonexistent/dir/e.toml"), "the settings cannot be written there: No such file or directory."),
    ],
)
def test_what_cannot_be_is_told_in_words(cli, arguments: tuple[str, ...], words: str) -> None:
    result = cli(*arguments)
    assert result.code == 2
    assert words in result.err
    assert "Traceback" not in result.err


def test_libraries_are_not_heard_beside_the_tables(cli, settings_file: Path, caplog: pytest.LogCaptureFixture) -> None:
    loud = ("httpx", "dbos", "alembic")
    for name in loud:
        logging.getLogger(name).setLevel(logging.NOTSET)
    caplog.set_level(logging.INFO)
    cli("check", "lime")
    cli("send", "won", "850000")
    assert [record.name for record in caplog.records if record.name.partition(".")[0] in loud] == []


def test_the_store_is_its_owner_s_alone(cli, settings_file: Path) -> None:
    cli("send", "won", "850000")
    store = open_store(store_url(load_settings(settings_file)))
    with store.begin():
        files = [file for file in settings_file.parent.glob("erpcore.db*") if not file.name.endswith(".lock")]
        assert {file.name for file in files} >= {"erpcore.db", "erpcore.db-wal"}
        assert {file.name: stat.S_IMODE(file.stat().st_mode) for file in files} == {file.name: 0o600 for file in files}
    store.close()


def test_a_simulator_s_printed_address_is_there(fortnox) -> None:
    _, url = fortnox
    with urllib.request.urlopen(f"{url}/_simulator/") as answer:  # noqa: S310 the simulator's own address
        told = json.load(answer)
    assert told["simulator"] == "fortnox"
    assert told["addresses"]["/_simulator/journal"] == ["DELETE", "GET"]
    with urllib.request.urlopen(f"{url}/_simulator/journal") as answer:  # noqa: S310 as above
        assert json.load(answer) == []


def test_connect_without_a_terminal_says_how_else_a_secret_is_given(
    cli, settings_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ERPCORE_CONNECTIONS__BOOKS__CLIENT_SECRET")
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    asked = cli("connect", "books")
    assert asked.code == 2
    assert "client_secret cannot be asked for, because this is no terminal" in asked.err
    assert "ERPCORE_CONNECTIONS__BOOKS__CLIENT_SECRET" in asked.err


def test_the_version_that_is_installed_is_told(cli) -> None:
    told = cli("--version")
    assert told.code == 0
    assert told.out.startswith(f"erpcore {version('erpcore')}, Python 3.")


@pytest.mark.parametrize("raised", [KeyError("getpwuid(): uid not found: 12345"), OSError("no name")])
def test_a_user_without_a_name_is_known_by_number(
    cli, settings_file: Path, monkeypatch: pytest.MonkeyPatch, raised: Exception
) -> None:
    """As in a container that is run with a bare user id."""

    def nobody() -> str:
        raise raised

    monkeypatch.setattr("getpass.getuser", nobody)
    assert cli("check", "lime").code == 0
    assert "there is no run 7" in cli("answer", "7", "not-made").err


def test_a_worker_without_a_key_does_not_start(cli, settings_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On PostgreSQL there is no place beside the store for a key file."""
    monkeypatch.setattr("erpcore.store.Store.path", None)
    ran = cli("run")
    assert ran.code == 2
    assert "ERPCORE_KEY: the vault has no key." in ran.err
    assert "Working on" not in ran.out
    upgraded = cli("db", "upgrade")
    assert upgraded.code == 0
    assert "ERPCORE_KEY: the vault has no key." in upgraded.out
