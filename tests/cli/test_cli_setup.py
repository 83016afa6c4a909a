"""Setting up: a first settings file, secrets, consent, and what is said when something is wrong."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from erpcore import registry, store
from erpcore.settings import load_settings

VERSIONS = Path(store.__file__).parent / "migrations" / "versions"


def test_init_writes_a_file_that_loads_and_is_never_written_over(cli, tmp_path: Path) -> None:
    assert cli("init", "--full").code == 0
    settings = load_settings(tmp_path / "erpcore.toml")
    assert set(settings.connections) == {"lime_go", "fortnox"}
    assert settings.syncs["won_deals"].won_deal == "order"
    text = (tmp_path / "erpcore.toml").read_text()
    assert "# Turn each order into an invoice draft as soon as it is made\n# convert_to_invoice = false" in text
    assert 'client_id = ""  # you must fill this in' in text
    assert "client_secret: a secret" in text
    assert (tmp_path / "erpcore.toml").stat().st_mode & 0o077 == 0, "a person may write a secret into it"
    again = cli("init")
    assert again.code == 2
    assert "exists already" in again.err


def test_init_writes_a_short_file_of_what_was_chosen(cli, tmp_path: Path) -> None:
    made = cli("init", "--set", "fortnox.client_id=abc", "--set", "won_deals.won_deal=invoice", "--sync", "won_deals")
    assert made.code == 0, made.err
    text = (tmp_path / "erpcore.toml").read_text()
    assert len(text.splitlines()) < 20
    settings = load_settings(tmp_path / "erpcore.toml")
    assert settings.connections["fortnox"].options == {"client_id": "abc"}
    assert settings.syncs["won_deals"].won_deal == "invoice"
    assert "1. erpcore connect lime_go" in made.out
    assert "fill in" not in made.out
    (tmp_path / "erpcore.toml").unlink()
    assert "1. fill in fortnox.client_id in erpcore.toml" in cli("init").out
    assert 'client_id = ""  # you must fill this in' in (tmp_path / "erpcore.toml").read_text()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("fortnox", "--set fortnox sets nothing."),
        ("fortnix.client_id=1", "there is no table “fortnix” in this file. Did you mean “fortnox”?"),
        ("fortnox.client=1", "--set fortnox.client: there is no such setting. Did you mean “client_id”?"),
    ],
)
def test_what_is_set_must_be_there_to_be_set(cli, tmp_path: Path, given: str, words: str) -> None:
    refused = cli("init", "--set", given)
    assert refused.code == 2
    assert words in refused.err
    assert not (tmp_path / "erpcore.toml").exists()


@pytest.mark.parametrize("full", [False, True])
def test_every_pair_of_plugins_can_begin_with_simulators(cli, tmp_path: Path, full: bool) -> None:
    for crm in ("lime_go", "lime_crm"):
        for erp in ("fortnox", "poweroffice", "visma_eaccounting", "visma_admin"):
            file = tmp_path / f"{crm}-{erp}-{full}.toml"
            made = cli("init", str(file), "--crm", crm, "--erp", erp, "--simulated", *(["--full"] if full else []))
            assert made.code == 0, made.err
            settings = load_settings(file)
            for name in (crm, erp):
                simulator = registry.load_simulator(name)
                options = {**settings.connections[name].options, **simulator.made_up_secrets}
                registry.load("crm" if name == crm else "erp", name).Settings.model_validate(options)
                assert f"127.0.0.1:{simulator.default_port}" in str(options)
                assert all(f"{key}: {value}" in made.out for key, value in simulator.made_up_secrets.items())


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_init_says_which_rules_the_choice_makes_dead_or_refuses(cli) -> None:
    told = " ".join(cli("init", "a.toml", "--crm", "lime_go", "--erp", "poweroffice").out.split())
    assert "What goes wrong with a deal is not told in Lime Go" in told
    assert "name an article in the connection's default_product" in told
    chosen = (
        "lime_go.message_field=Message",
        "lime_go.set_custom_field_mutation=set",
        "poweroffice.default_product=P1",
    )
    given = [part for each in chosen for part in ("--set", each)]
    told = " ".join(cli("init", "b.toml", "--crm", "lime_go", "--erp", "poweroffice", *given).out.split())
    assert "What goes wrong" not in told
    assert "default_product" not in told
    told = cli("init", "c.toml", "--crm", "lime_crm", "--erp", "poweroffice", "--set", "won_deals.won_deal=invoice").out
    assert "won_deal: PowerOffice Go makes no invoices directly" in told


def test_init_asks_in_a_terminal(cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    answers = iter(["9", "lime_go", "fortnox", "won", "my-client"])

    def prompt(question: str, **_: object) -> str:
        asked.append(question)
        return next(answers)

    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr("typer.prompt", prompt)
    made = cli("init")
    assert made.code == 0, made.err
    assert asked == [
        "Which CRM (number or name)",
        "Which CRM (number or name)",
        "Which accounting program (number or name)",
        "Name of the sync",
        "fortnox.client_id",
    ]
    assert "“9” is none of them." in made.out
    settings = load_settings(tmp_path / "erpcore.toml")
    assert settings.connections["fortnox"].options == {"client_id": "my-client"}
    assert settings.syncs["won"].erp == "fortnox"


def test_terms_of_payment_are_chosen_out_of_what_the_erp_has(
    cli, settings_file: Path, fortnox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ERPCORE_CONNECTIONS__BOOKS__CLIENT_SECRET", "demo-secret")
    monkeypatch.setattr("erpcore.cli.consent.ask_for_consent", lambda plugin, keep, *_, **__: keep())
    monkeypatch.setenv("ERPCORE_CONNECTIONS__BOOKS__TENANT_ID", "1234567")
    fortnox[0].tokens()
    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr("typer.prompt", lambda question, *_, **__: "2")
    connected = cli("connect", "books")
    assert connected.code == 0, connected.err
    chosen = load_settings(settings_file).syncs["won"].customer_defaults.terms_of_payment
    assert chosen is not None
    assert f"2. {chosen} " in connected.out
    again = cli("connect", "books")
    assert "2. " not in again.out, "it is chosen already"


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
    versions = sorted(file.name[1:5] for file in VERSIONS.glob("v*.py"))
    assert f"Applied: {', '.join(versions)}." in cli("db", "upgrade").out
    assert "up to date" in cli("db", "upgrade").out
