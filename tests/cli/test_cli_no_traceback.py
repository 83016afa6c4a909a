"""No command ends in a traceback, whatever is wrong: arguments, files, ports, the store, the user."""

from __future__ import annotations

import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import typer

from erpcore.cli.app import app

pytestmark = pytest.mark.usefixtures("secrets")

COMMANDS: dict[tuple[str, ...], tuple[str, ...]] = {
    ("plugins",): (),
    ("fields",): ("fortnox",),
    ("init",): ("made.toml",),
    ("check",): (),
    ("account",): ("books",),
    ("connect",): ("lime",),
    ("webhooks", "subscribe"): ("lime", "--url", "https://erp.example.com"),
    ("db", "upgrade"): (),
    ("db", "copy"): ("--to", "sqlite:///other.db"),
    ("db", "rotate-key"): (),
    ("db", "forget-secrets"): ("--yes",),
    ("plan",): ("won", "850000"),
    ("run",): (),
    ("status",): (),
    ("invoices",): ("won",),
    ("articles",): ("won",),
    ("registers",): ("won",),
    ("match",): ("won",),
    ("mail",): (),
    ("send",): ("won", "850000"),
    ("retry",): ("1",),
    ("rename",): ("sync", "sold", "won"),
    ("dismiss",): ("1", "--why", "done by hand"),
    ("link",): ("won", "850000"),
    ("answer",): ("1", "not-made"),
    ("simulate",): ("fortnox",),
    ("demo",): (),
    ("new-plugin",): ("acme",),
    ("contract", "simulate"): ("no_such_plugin",),
    ("contract", "report"): ("report.json",),
    ("contract", "readme"): ("report.json", "README.md"),
}
"""Every command, with arguments that are right as such."""

USE_THE_STORE = [
    name
    for name in COMMANDS
    if name[0] not in ("plugins", "fields", "init", "simulate", "demo", "new-plugin", "contract")
]
BLOCK = {("run",), ("simulate",), ("demo",)}


def names(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, inner in command.commands.items():
        if hasattr(inner, "commands"):
            yield from names(inner, (*path, name))
        else:
            yield (*path, name)


def test_every_command_is_walked() -> None:
    assert set(names(typer.main.get_command(app))) == set(COMMANDS)


def ids(value: Any) -> str:
    return " ".join(value) if isinstance(value, tuple) else str(value)


def refused(cli, *arguments: str) -> str:
    result = cli(*arguments)
    assert result.code in (1, 2), result
    told = result.err + result.out
    assert "Traceback" not in told
    assert told.strip()
    return told


@pytest.mark.parametrize("command", COMMANDS, ids=ids)
def test_wrong_arguments(cli, command: tuple[str, ...]) -> None:
    assert "No such option" in refused(cli, *command, *COMMANDS[command], "--no-such-option")
    refused(cli, *command, *COMMANDS[command], "one", "too", "many", "by", "far")
    assert cli(*command, "--help").code == 0
    needed = COMMANDS[command] and not COMMANDS[command][0].startswith("-") and command not in {("retry",), ("init",)}
    if needed:
        assert "Missing argument" in refused(cli, *command)


@pytest.mark.parametrize("command", USE_THE_STORE, ids=ids)
@pytest.mark.parametrize("wrong", ["missing", "a folder", "no text", "no settings"])
def test_wrong_settings_files(cli, tmp_path: Path, command: tuple[str, ...], wrong: str) -> None:
    file = tmp_path / "other.toml"
    if wrong == "a folder":
        file.mkdir()
    elif wrong == "no text":
        file.write_bytes(b"\xff\xfe\x00\xd8[")
    elif wrong == "no settings":
        file.write_text("[store]\nurl = 7\n")
    assert "other.toml" in refused(cli, *command, *COMMANDS[command], "--settings", str(file))


@contextmanager
def locked(file: Path) -> Iterator[None]:
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield


@pytest.mark.parametrize("command", USE_THE_STORE, ids=ids)
@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ("no database", "is no database"),
        ("a folder", "cannot be opened"),
        ("in a folder that is not there", "of the store does not exist"),
        ("another program's", "is locked by another program"),
        ("no address", "this is not the address of a database"),
        ("postgresql that does not run", "is out of reach"),
    ],
)
def test_a_store_that_cannot_be_used(
    cli, settings_file: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], wrong: str, words: str
) -> None:
    monkeypatch.setattr("erpcore.store.sqlite._LONGEST_WAIT", 0.05)
    file = settings_file.parent / "erpcore.db"
    urls = {
        "in a folder that is not there": "sqlite:///nowhere/erpcore.db",
        "no address": "somewhere",
        "postgresql that does not run": "postgresql://erpcore:hush@127.0.0.1:9/erpcore",
    }
    if url := urls.get(wrong):
        monkeypatch.setenv("ERPCORE_STORE__URL", url)
    if wrong == "no database":
        file.write_text("This is a letter, and no database at all. " * 200)
    elif wrong == "a folder":
        file.mkdir()
    elif wrong == "another program's":
        with locked(file):
            told = refused(cli, *command, *COMMANDS[command])
        assert words in told
        return
    told = refused(cli, *command, *COMMANDS[command])
    assert words in told
    assert "hush" not in told


@pytest.mark.parametrize("command", [name for name in COMMANDS if name not in BLOCK], ids=ids)
def test_a_bare_user_id(cli, settings_file: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]) -> None:
    """As in a container that is run with a number for a user; what is refused is refused for another reason."""

    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found: 12345")

    monkeypatch.setattr("getpass.getuser", nobody)
    told = cli(*command, *COMMANDS[command])
    assert told.code in (0, 1, 2)
    assert "getpwuid" not in told.err + told.out


def test_a_port_that_is_taken(cli, settings_file: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        told = refused(cli, "simulate", "fortnox", "--port", port)
        assert port in told
        assert "Switches" not in told, "it says where it is once it is there"
        settings_file.write_text(f"{settings_file.read_text()}\n[worker]\nwebhook_port = {port}\n")
        assert "worker.webhook_port" in refused(cli, "run")


def test_files_that_are_not_what_they_should_be(cli, tmp_path: Path) -> None:
    (tmp_path / "letter.json").write_text("Dear reader")
    (tmp_path / "README.md").mkdir()
    assert "letter.json" in refused(cli, "contract", "report", "letter.json")
    assert "README.md" in refused(cli, "contract", "readme", "letter.json", "README.md")
    assert "seed" in refused(cli, "simulate", "fortnox", "--seed-file", "nowhere.json")
    refused(cli, "simulate", "fortnox", "--seed-file", "letter.json")
    refused(cli, "demo", "--folder", str(tmp_path))
    assert str(tmp_path) in refused(cli, "new-plugin", "acme", "--folder", str(tmp_path))
