"""Setting up: a first settings file, secrets, consent, and what is said when something is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from erpcore.settings import load_settings


def test_init_writes_a_file_that_loads_and_is_never_written_over(cli, tmp_path: Path) -> None:
    assert cli("init").code == 0
    settings = load_settings(tmp_path / "erpcore.toml")
    assert set(settings.connections) == {"lime_go", "fortnox"}
    assert settings.syncs["won_deals"].won_deal == "order"
    text = (tmp_path / "erpcore.toml").read_text()
    assert "# Turn each order into an invoice draft as soon as it is made\n# convert_to_invoice = false" in text
    assert 'client_id = ""  # you must fill this in' in text
    assert "client_secret: a secret" in text
    again = cli("init")
    assert again.code == 2
    assert "exists already" in again.err


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[store]\nurl = 'x", "erpcore.toml:2: this is not TOML"),
        ("[store]\nulr = 'x'", "erpcore.toml:2: store.ulr: there is no such setting. Did you mean “url”?"),
        ("[worker]\n\nconcurrency = 0", "erpcore.toml:3: worker.concurrency"),
        ("[connections.a]\nplugin = 'nope'\n[syncs.s]\ncrm = 'b'\nerp = 'a'", "erpcore.toml:4: syncs.s.crm"),
    ],
)
def test_a_bad_settings_file_names_the_line_and_the_setting(cli, tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "erpcore.toml").write_text(text)
    result = cli("check")
    assert result.code == 2
    assert words in result.err
    assert "Traceback" not in result.err


def test_no_settings_file_says_how_to_make_one(cli) -> None:
    result = cli("status")
    assert result.code == 2
    assert "erpcore init" in result.err


def test_a_misspelt_plugin_is_told_with_what_was_meant_and_no_stranger_s_package(cli, tmp_path: Path) -> None:
    (tmp_path / "erpcore.toml").write_text(
        "[connections.a]\nplugin = 'fortnos'\n[connections.b]\nplugin = 'visma_net'\n"
    )
    result = cli("check", "a")
    assert "a: No plugin “fortnos”" in result.out
    assert "Did you mean “fortnox”?" in result.out
    assert "pip install" not in result.out + result.err + cli("check", "b").out
    assert result.code == 1


def test_a_crm_s_plugin_in_place_of_an_erp_s_is_told_as_that(cli, tmp_path: Path) -> None:
    (tmp_path / "erpcore.toml").write_text(
        "[connections.lime]\nplugin = 'lime_go'\n[connections.fortnox]\nplugin = 'lime_crm'\n"
        "[syncs.won]\ncrm = 'lime'\nerp = 'fortnox'\n"
    )
    result = cli("check", "fortnox")
    assert "“lime_crm” is a plugin for a CRM, and an accounting program is wanted here." in result.out
    assert "fortnox, memory, poweroffice, visma_admin, visma_eaccounting" in result.out


def test_check_tells_each_connection_and_fails_when_one_is_not_right(cli, settings_file: Path) -> None:
    result = cli("check")
    assert result.code == 1
    words = " ".join(result.out.split())
    assert "connections.lime: the classic API needs api_key (plugin “lime_go”). Secrets" in words
    assert "are asked for and stored by: erpcore connect lime" in words
    assert "connections.books.client_secret: this setting is missing" in words
    assert "connections.lime." not in words
    assert "Value error" not in words


def test_check_goes_well_with_secrets_from_the_environment(
    cli, settings_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ERPCORE_CONNECTIONS__LIME__API_KEY", "11111111-1111-4111-8111-111111111111")
    result = cli("check", "lime")
    assert result.code == 0, result.out
    assert "11111111-1111" not in result.out


def test_an_unknown_connection_is_told_with_the_known_ones(cli, settings_file: Path) -> None:
    result = cli("check", "bokos")
    assert "The settings have: lime, books." in result.out + result.err


def test_db_upgrade_says_what_it_did(cli, settings_file: Path) -> None:
    assert "Applied: 0001, 0002, 0003, 0004, 0005, 0006, 0007, 0008." in cli("db", "upgrade").out
    assert "up to date" in cli("db", "upgrade").out
