"""What `erpcore articles` prints and does, for people and for programs."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

from tests.cli.conftest import Cli
from tests.e2e.article_world import article_world


def test_a_dry_run_prints_what_would_be_changed_and_a_round_does_it(cli: Cli, tmp_path: Path) -> None:
    with article_world(tmp_path, "fortnox", articles="to_crm") as world:
        world.write_in_erp("STOL-1", description="Stol, röd", price=Decimal("790.50"), active=True)
        dry = cli("articles", "articles", "--dry-run")
        assert "STOL-1" in dry.out
        assert "Make it in the CRM: the name “Stol, röd”, the price 790.5" in dry.out
        assert "Nothing was sent." in dry.out
        assert not [each for each in world.crm.account.all("article") if each.values["articleno"] == "STOL-1"]
        done = cli("articles", "articles", "--json")
        told = json.loads(done.out, parse_float=Decimal)
        assert (told["sent"], told["failed"]) == (True, {})
        assert [each["crm"]["price"] for each in told["articles"] if each["number"] == "STOL-1"] == [Decimal("790.50")]
        assert Decimal(world.in_crm("STOL-1")["price"]) == Decimal("790.50")
        assert "Nothing differs." in cli("articles", "articles").out


def test_what_a_crm_has_no_place_for_is_listed_from_the_mirror(cli: Cli, tmp_path: Path) -> None:
    with article_world(tmp_path, "fortnox", crm="lime_go", articles="to_crm") as world:
        world.write_in_erp("STOL-1", description="Stol", price=Decimal("790.50"), active=True)
        cli("articles", "articles")
        world.erp.journal.clear()
        line = next(line for line in cli("articles", "articles", "--list").out.splitlines() if "STOL-1" in line)
        assert [cell.strip() for cell in line.split("│")[1:-1]] == [
            "STOL-1",
            "Stol",
            "790.5",
            "empty",
            "yes",
            "",
            "yes",
        ]
        listed = json.loads(cli("articles", "articles", "--list", "--json").out, parse_float=Decimal)
        assert {each["number"]: (each["crm"], each["erp"]["price"]) for each in listed["articles"]} == {
            "STOL-1": (None, Decimal("790.50"))
        }
        assert world.erp.journal.entries() == [], "nothing is asked"


def test_an_article_that_is_refused_is_told_and_ends_with_1(cli: Cli, tmp_path: Path) -> None:
    with article_world(tmp_path, "visma_eaccounting", articles="to_erp") as world:
        world.crm.edit_article("KURS-1", unit="furlong", incomeaccount="3001")
        for number in ("LIS-1", "TIME-1"):
            world.crm.edit_article(number, unit="st", incomeaccount="3001")
        assembly = world.assembly
        assert assembly.articles("articles").readable("crm")
        done = world.round()
        assert "no “furlong” among its units" in str(done.failed["KURS-1"])
        assert list(done.failed) == ["KURS-1"]


def test_where_articles_are_off_the_command_says_how_they_are_switched_on(cli: Cli, tmp_path: Path) -> None:
    with article_world(tmp_path, "fortnox"):
        refused = cli("articles", "articles")
    assert refused.code == 2
    assert "Set it to “to_crm”" in refused.err
