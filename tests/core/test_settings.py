from __future__ import annotations

from pathlib import Path

import pytest
from erpcore_fortnox.plugin import FortnoxPlugin
from erpcore_lime_go.plugin import LimeGoPlugin
from pydantic import ValidationError

from erpcore.errors import ConfigurationError
from erpcore.plugin_settings import wrong_setting
from erpcore.setting_errors import lines_of_settings
from erpcore.settings import Settings, load_settings, parse_settings, store_url

GOOD = """\
[store]
url = "sqlite:///data.db"
synchronous = "NORMAL"

[worker]
poll_seconds = 5
retry_seconds = [
  1,
  2.5,
]

[connections.lime]
plugin = "lime_go"
api_key = "go-api:x"

[connections.fortnox]
plugin = "fortnox"
wrappers = ["company.hooks:Rounding"]
tenant_id = "1"

[syncs.deals]
crm = "lime"
erp = "fortnox"
missing_article = "stop"
field_mapping = { "Ert ordernummer" = "your_order_number" }
"""


def parse(text: str) -> Settings:
    return parse_settings(text, Path("/srv/company/erpcore.toml"))


def refused(text: str) -> ConfigurationError:
    with pytest.raises(ConfigurationError) as caught:
        parse(text)
    return caught.value


def test_a_good_file_is_read() -> None:
    settings = parse(GOOD)
    assert settings.worker.poll_seconds == 5
    assert settings.worker.retry_seconds == (1, 2.5)
    assert settings.worker.lanes == 8
    assert settings.connections["fortnox"].plugin == "fortnox"
    assert settings.connections["fortnox"].options == {"tenant_id": "1"}
    assert settings.syncs["deals"].missing_article == "stop"
    assert settings.syncs["deals"].mapped_field("ert ORDERNUMMER") == "your_order_number"


def test_an_empty_file_has_defaults_that_need_nothing_installed() -> None:
    settings = parse("")
    assert store_url(settings) == "sqlite:////srv/company/erpcore.db"
    assert settings.worker.webhook_port is None
    assert settings.worker.webhook_host == "127.0.0.1"


def test_a_relative_store_is_beside_the_file() -> None:
    assert store_url(parse(GOOD)) == "sqlite:////srv/company/data.db"
    assert store_url(parse('[store]\nurl = "sqlite:////var/x.db"')) == "sqlite:////var/x.db"
    assert store_url(parse('[store]\nurl = "postgresql://u:p@h/d"')) == "postgresql://u:p@h/d"


def test_a_store_that_is_no_address_names_its_line() -> None:
    with pytest.raises(ConfigurationError) as caught:
        store_url(parse('[worker]\n\n[store]\nurl = "my database"'))
    assert (caught.value.line, caught.value.setting) == (4, "store.url")


@pytest.mark.parametrize(
    ("text", "line", "setting", "words"),
    [
        ("[store]\nurl = sqlite\n", 2, None, "not TOML"),
        ('[store\nurl = "x"\n', 1, None, "not TOML"),
        ("[worker]\n\npol_seconds = 3\n", 3, "worker.pol_seconds", "Did you mean “poll_seconds”?"),
        ("[worker]\npoll_seconds = 'soon'\n", 2, "worker.poll_seconds", "this must be a number"),
        ("[worker]\nretry_seconds = [\n 1,\n -5,\n]\n", 2, "worker.retry_seconds.1", "greater than 0"),
        ("[strore]\nurl = 'x'\n", 1, "strore", "Did you mean “store”?"),
        ("[connections.fortnox]\ntenant_id = '1'\n", 1, "connections.fortnox.plugin", "missing"),
        ("[connections.Fortnox]\nplugin = 'fortnox'\n", 1, "connections.Fortnox", "small letters"),
        ("[connections.a]\nplugin = 'p'\nwrappers = ['nothing']\n", 3, "connections.a.wrappers.0", "as it must be"),
        (
            "[connections.a]\nplugin='p'\n[syncs.s]\ncrm='a'\nerp='a'\nmissing_artikle='stop'\n",
            6,
            "syncs.s.missing_artikle",
            "Did you mean “missing_article”?",
        ),
        (
            "[connections.a]\nplugin='p'\n[syncs.s]\ncrm='a'\nerp='a'\nmissing_article='stpo'\n",
            6,
            "syncs.s.missing_article",
            "this must be 'create', 'stop' or 'text_row'",
        ),
        (
            "[connections.a]\nplugin='p'\n[syncs.s]\ncrm='a'\nerp='a'\nwon_since='soon'\n",
            6,
            "syncs.s.won_since",
            "a day",
        ),
        ("[connections.a]\nplugin='p'\n[syncs.s]\ncrm='a'\nerp='a'\nmatch='name'\n", 6, "syncs.s.match", "a list"),
        ("[connections.a]\nplugin='p'\n[syncs.s]\ncrm='a'\nerp='a'\nsend_customers='si'\n", 6, None, "true or false"),
        ("[connections.lime]\nplugin='p'\n[syncs.s]\ncrm='lime'\nerp='fortnox'\n", 5, "syncs.s.erp", "no connection"),
        (
            "[connections.lime]\nplugin='p'\n[syncs.s]\ncrm='lme'\nerp='lime'\n",
            4,
            "syncs.s.crm",
            "Did you mean “lime”?",
        ),
        (
            "[syncs.s]\ncrm='a'\nerp='a'\n[syncs.s.customer_defaults]\ncurency='SEK'",
            5,
            None,
            "Did you mean “currency”?",
        ),
    ],
)
def test_a_bad_file_names_line_and_setting(text: str, line: int, setting: str | None, words: str) -> None:
    error = refused(text)
    assert error.file == "/srv/company/erpcore.toml"
    assert error.line == line
    assert setting is None or error.setting == setting
    assert words in str(error)
    assert str(error).startswith(f"/srv/company/erpcore.toml:{line}: ")


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="erpcore init"):
        load_settings(tmp_path / "erpcore.toml")


def test_a_file_in_another_encoding_is_told(tmp_path: Path) -> None:
    (tmp_path / "erpcore.toml").write_bytes('[store]\nurl = "å"'.encode("latin-1"))
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_settings(tmp_path / "erpcore.toml")


def test_the_environment_goes_before_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ERPCORE_STORE__URL", "postgresql://h/d")
    monkeypatch.setenv("ERPCORE_CONNECTIONS__FORTNOX__CLIENT_SECRET", "s3cret")
    monkeypatch.setenv("ERPCORE_WORKER__POLL_SECONDS", "2.5")
    monkeypatch.setenv("ERPCORE_KEY", "belongs to the vault")
    settings = parse(GOOD)
    assert settings.store.url == "postgresql://h/d"
    assert settings.store.synchronous == "NORMAL"
    assert settings.worker.poll_seconds == 2.5
    assert settings.connections["fortnox"].options == {"tenant_id": "1", "client_secret": "s3cret"}


def test_a_wrong_value_from_the_environment_names_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ERPCORE_WORKER__CONCURRENCY", "many")
    error = refused(GOOD)
    assert error.setting == "environment variable ERPCORE_WORKER__CONCURRENCY"
    assert error.file is None
    assert "many" not in str(error)


def test_all_mistakes_of_a_file_are_told_at_once() -> None:
    text = (
        "[worker]\npol_seconds = 3\nlanes = 0\n[connections.a]\nplugn = 'p'\n"
        "[syncs.s]\ncrm = 'a'\nerp = 'a'\nmatch = 'name'\n"
    )
    lines = str(refused(text)).splitlines()
    assert [line.partition(" ")[0] for line in lines] == [f"/srv/company/erpcore.toml:{line}:" for line in (2, 3, 4, 9)]
    assert "Did you mean “poll_seconds”?" in lines[0]
    told = str(refused("[connections.a]\nplugin='p'\n[syncs.s]\ncrm='b'\nerp='c'\n"))
    assert told.count("there is no connection") == 2


def test_a_misspelt_name_is_not_told_as_missing_too() -> None:
    told = str(refused("[syncs.s]\ncrm='a'\nerpp='a'\n[connections.a]\nplugin='p'\n"))
    assert "syncs.s.erpp: there is no such setting. Did you mean “erp”?" in told
    assert "missing" not in told


def test_a_setting_below_a_heading_that_is_a_comment_says_so() -> None:
    told = str(refused("[connections.a]\nplugin='p'\n[syncs.s]\ncrm='a'\nerp='a'\ncurrency='SEK'\n"))
    assert "It belongs under [syncs.s.customer_defaults]: remove the # in front of that line too." in told
    names = {"client_id": "x", "api": "classic", "deal": "affär"}
    with pytest.raises(ValidationError) as refusal:
        LimeGoPlugin.Settings.model_validate(names)
    told = str(wrong_setting(LimeGoPlugin, "lime", names, refusal.value))
    assert "It belongs under [connections.lime.set_custom_field_arguments]" in told


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_file_of_a_windows_editor_is_read(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "erpcore.toml").write_bytes(GOOD.replace("\n", "\r\n").encode(encoding))
    settings = load_settings(tmp_path / "erpcore.toml")
    assert settings.syncs["deals"].mapped_field("ert ordernummer") == "your_order_number"


@pytest.mark.parametrize(
    ("variable", "words"),
    [
        ("ERPCORE_WORKR__LANES", "Did you mean “WORKER”?"),
        ("ERPCORE_NOTHING__AT_ALL", "in one of the tables STORE, WORKER"),
        ("ERPCORE_KEYS", "Did you mean “KEY”?"),
        ("ERPCORE_WORKER__LANESS", "Did you mean “lanes”?"),
    ],
)
def test_a_variable_that_nothing_reads_is_told(monkeypatch: pytest.MonkeyPatch, variable: str, words: str) -> None:
    monkeypatch.setenv(variable, "4")
    told = str(refused(GOOD))
    assert f"environment variable {variable}: there is no such setting." in told
    assert words in told


def test_a_variable_of_somebody_else_s_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ERPCORE_IMAGE_VERSION", "1.2")
    assert parse(GOOD).worker.lanes == 8


def test_an_error_of_a_plugin_gets_its_line() -> None:
    error = parse(GOOD).locate(ConfigurationError("is wrong", setting="connections.fortnox.tenant_id"))
    assert (error.line, error.file) == (19, "/srv/company/erpcore.toml")
    missing = parse(GOOD).locate(ConfigurationError("is missing", setting="connections.fortnox.client_id"))
    assert missing.line == 16, "a missing setting has the line of the table that it should be in"


def test_lines_are_found_whatever_the_spelling() -> None:
    text = (
        "# a comment\n"
        'title = """\n[not.a.table]\nkey = 1\n"""\n'
        "[ a . 'b c' ] # remark\n"
        "x.y = 1\n"
        "list = [\n  'one', # [no.table]\n  'two',\n]\n"
        "inline = { p = 1, q = { r = 2 } }\n"
        "[[rows]]\nn = 1\n[[rows]]\nn = 2\n"
    )
    assert lines_of_settings(text) == {
        ("title",): 2,
        ("a",): 6,
        ("a", "b c"): 6,
        ("a", "b c", "x"): 7,
        ("a", "b c", "x", "y"): 7,
        ("a", "b c", "list"): 8,
        ("a", "b c", "inline"): 12,
        ("a", "b c", "inline", "p"): 12,
        ("a", "b c", "inline", "q"): 12,
        ("a", "b c", "inline", "q", "r"): 12,
        ("rows",): 13,
        ("rows", "n"): 14,
    }


def two_syncs(first: str = "", second: str = "", crm: str = "lime") -> str:
    connections = "".join(f"[connections.{name}]\nplugin='p'\n" for name in ("lime", "other", "one", "two"))
    return f"{connections}[syncs.a]\ncrm='lime'\nerp='one'\n{first}\n[syncs.b]\ncrm='{crm}'\nerp='two'\n{second}\n"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("", ""),
        ("", "won_deal='invoice'"),
        ("erp_db='se'", ""),
        ("erp_db='se'", "erp_db='se'"),
    ],
)
def test_two_syncs_never_make_documents_of_the_same_deals(first: str, second: str) -> None:
    error = refused(two_syncs(first, second))
    assert error.setting == "syncs.b.won_deal"
    assert "a won deal would have 2 of them" in str(error)
    assert "won_deal = “nothing”" in str(error)


@pytest.mark.parametrize(
    ("first", "second", "crm"),
    [
        ("", "won_deal='nothing'", "lime"),
        ("erp_db='se'", "erp_db='no'", "lime"),
        ("", "", "other"),
    ],
    ids=["one for customers only", "orders told apart", "another CRM"],
)
def test_syncs_that_share_no_deals_are_well(first: str, second: str, crm: str) -> None:
    assert len(parse_settings(two_syncs(first, second, crm), Path("erpcore.toml")).syncs) == 2


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"client_id": ""}, "fortnox.client_id: this is empty; fill it in (plugin “fortnox”)."),
        ({"client_id": "x", "price_list": ["A"]}, "fortnox.price_list: this must be text, in quotation marks"),
        ({"client_id": "x", "scopes": []}, "fortnox.scopes: this is empty; fill it in"),
        ({"client_id": "x", "page_size": "many"}, "fortnox.page_size: this must be a whole number"),
    ],
)
def test_a_wrong_setting_of_a_plugin_is_told_in_words_and_without_its_value(values: dict, words: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        FortnoxPlugin.Settings.model_validate({"client_secret": "made-up-secret", **values})
    told = str(wrong_setting(FortnoxPlugin, "fortnox", values, refusal.value))
    assert words in told
    assert "many" not in told
    assert "made-up-secret" not in told
