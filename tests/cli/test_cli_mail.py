"""``erpcore mail``: trying the mail server, and what was told."""

from __future__ import annotations

import json
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from erpcore.settings import load_settings, store_url
from erpcore.store import add_message, open_store
from tests.notify.test_notify_letters import CASES

pytestmark = pytest.mark.usefixtures("secrets")


@pytest.fixture
def with_mails(settings_file: Path) -> Path:
    text = settings_file.read_text().replace(
        "[syncs.won]", '[mail]\nfolder = "mails"\nsender = "erpcore@a.example"\n\n[syncs.won]'
    )
    settings_file.write_text(f'{text}mail_to = ["sales@a.example", "accounts@a.example"]\nlanguage = "nb"\n')
    return settings_file


def test_a_trial_is_sent_to_everybody(cli, with_mails: Path) -> None:
    shown = cli("mail", "--try")
    assert shown.code == 0, shown.err
    assert "won: a mail to sales@a.example was handed over to mails." in shown.out
    mails = [message_from_bytes(file.read_bytes(), policy=default) for file in with_mails.parent.glob("mails/*.eml")]
    assert sorted(mail["To"] for mail in mails) == ["accounts@a.example", "sales@a.example"]
    assert mails[0]["Subject"] == "[erpcore won] En e-post for å prøve"


def test_a_mail_server_that_is_away_is_told_with_an_exit_code(cli, with_mails: Path) -> None:
    text = with_mails.read_text().replace('folder = "mails"', 'host = "127.0.0.1"\nport = 9')
    with_mails.write_text(text)
    shown = cli("mail", "--try")
    assert shown.code == 1
    assert "The mail server 127.0.0.1:9 cannot be reached" in shown.out
    as_json = cli("mail", "--try", "--json")
    assert as_json.code == 1
    assert len(json.loads(as_json.out)["failures"]) == 2


def test_without_addresses_there_is_nothing_to_try(cli, settings_file: Path) -> None:
    shown = cli("mail", "--try")
    assert shown.code == 2
    assert "nobody gets mails" in shown.err


def test_messages_are_listed_and_shown(cli, with_mails: Path) -> None:
    assert "No messages yet." in cli("mail").out
    store = open_store(store_url(load_settings(with_mails)))
    with store.begin() as connection:
        add_message(
            connection, sync="won", channel="mail", address="sales@a.example", body={"news": CASES["several_causes"]}
        )
    store.close()
    listed = cli("mail").out
    assert "sales@a.example" in listed
    assert "won: failed, more failed, well again" in listed
    assert "waits" in listed
    told = cli("mail", "1").out
    assert told.startswith("[erpcore won] 2 ting trenger noen")
    assert "regnskapsavdelingen" in told
    assert json.loads(cli("mail", "--json").out)["messages"][0]["address"] == "sales@a.example"
    assert cli("mail", "2").code == 1


@pytest.mark.parametrize("command", [("status",), ("status", "--check"), ("mail",), ("invoices", "won")])
def test_a_command_that_only_reads_makes_no_store(cli, settings_file: Path, command: tuple[str, ...]) -> None:
    cli(*command)
    assert not list(settings_file.parent.glob("*.db*"))
    assert "has never run" in cli("status").out
