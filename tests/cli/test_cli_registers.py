"""What `erpcore registers` prints and does, for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Cli
from tests.e2e.article_world import article_world
from tests.e2e.test_e2e_registers import PLACE, kept


def test_terms_of_payment_are_shown_and_written_where_the_crm_keeps_them(cli: Cli, tmp_path: Path) -> None:
    with article_world(tmp_path, "fortnox", crm_tables=PLACE) as world:
        dry = cli("registers", "articles", "--dry-run")
        assert "Fortnox: terms of payment" in dry.out
        assert "Nothing was sent." in dry.out
        assert kept(world) == {}
        done = cli("registers", "articles")
        assert "They stand in Lime CRM now." in done.out
        assert kept(world)
        told = json.loads(cli("registers", "articles", "--json").out)
        (register,) = told["registers"]
        assert (register["register"], register["stored"]) == ("terms_of_payment", True)
        assert {each["code"] for each in register["entries"]} == set(kept(world))


def test_lime_go_has_no_place_for_them_and_the_command_says_what_is_done_then(cli: Cli, tmp_path: Path) -> None:
    with article_world(tmp_path, "fortnox", crm="lime_go"):
        shown = cli("registers", "articles")
    assert "Lime Go has no place for them" in shown.out
    assert "30" in shown.out


def test_an_unknown_register_is_told_with_those_that_there_are(cli: Cli, tmp_path: Path) -> None:
    with article_world(tmp_path, "fortnox"):
        refused = cli("registers", "articles", "--register", "colours")
        nothing = cli("registers", "articles", "--register", "vat_code")
    assert refused.code == 2
    assert "there is no register “colours”" in refused.err
    assert "terms_of_payment" in refused.err
    assert nothing.code == 0
