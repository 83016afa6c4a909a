"""What Lime's articles say of products, terms of payment and prices, between both CRMs and every ERP.

The sentences are those of Lime Go's “How the new ERP sync works” (Premium) and “Visma eAccounting integration”.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from erpcore.errors import ConfigurationError
from tests.e2e.article_world import ERPS, ArticleWorld, article_world

ACCOUNTS = {"fortnox": "3001", "visma_eaccounting": "3001", "visma_admin": "3001", "poweroffice": "3000"}
"""An income account that each company has."""


def _fit(world: ArticleWorld, account: str) -> None:
    """Have the CRM's articles name units and accounts that the ERP has."""
    for number in ("KURS-1", "LIS-1", "TIME-1"):
        world.crm.edit_article(number, unit="st", incomeaccount=account)


@pytest.mark.parametrize("erp", ERPS)
def test_products_and_articles_are_synced_between_the_systems_so_that_each_has_correct_product_information(
    tmp_path: Path, erp: str
) -> None:
    with article_world(tmp_path, erp, articles="both", article_conflict="erp") as world:
        world.write_in_erp("STOL-1", description="Stol", price=Decimal("790.50"), active=True)
        _fit(world, ACCOUNTS[erp])
        first = world.round()
        assert first.failed == {}
        assert world.in_crm("STOL-1")["description"] == "Stol"
        assert Decimal(world.in_crm("STOL-1")["price"]) == Decimal("790.50")
        assert world.in_erp("KURS-1").description == "Kurs, heldag", "an article of the CRM, as it comes with the demo"
        assert world.in_erp("KURS-1").price == Decimal(4500)
        _comes_to_rest(world)

        world.write_in_erp("STOL-1", price=Decimal("820.25"))
        world.crm.edit_article("KURS-1", description="Kurs, halvdag")
        world.round()
        assert Decimal(world.in_crm("STOL-1")["price"]) == Decimal("820.25")
        assert world.in_erp("KURS-1").description == "Kurs, halvdag"
        assert world.in_erp("KURS-1").price == Decimal(4500), "nobody changed it"
        _comes_to_rest(world)

        assert world.in_crm("STOL-1")["active"] is True
        world.write_in_erp("STOL-1", active=False)
        world.round()
        assert world.in_crm("STOL-1")["active"] is False, "it is not sold any more, and is not deleted either"
        _comes_to_rest(world)


def _comes_to_rest(world: ArticleWorld) -> None:
    """What a system adds of its own, such as a VAT rate, may come back once; then nothing moves any more."""
    world.round()
    assert [(each.number, each.verdict.send) for each in world.round().works] == []


@pytest.mark.parametrize("erp", ERPS)
def test_an_article_changed_in_the_erp_is_at_hand_where_lime_go_has_no_place_for_products(
    tmp_path: Path, erp: str
) -> None:
    with article_world(tmp_path, erp, crm="lime_go", articles="to_crm") as world:
        world.write_in_erp("STOL-1", description="Stol", price=Decimal("790.50"), active=True)
        world.round()
        world.write_in_erp("STOL-1", price=Decimal("820.25"))
        world.round()
        shown = world.mirror()["STOL-1"].halves["erp"].shown
        assert shown is not None
        assert (shown["description"], shown["price"]) == ("Stol", Decimal("820.25"))


def test_lime_go_shows_no_products_so_that_none_can_be_sent_from_there(tmp_path: Path) -> None:
    with (
        article_world(tmp_path, "fortnox", crm="lime_go", articles="both") as world,
        pytest.raises(ConfigurationError, match="Lime Go shows no articles"),
    ):
        world.round()


def test_articles_are_added_on_top_of_the_existing_sync(tmp_path: Path) -> None:
    with article_world(tmp_path, "fortnox") as world:
        assert world.assembly.settings.syncs["articles"].articles == "off"
        world.rounds.go_all()
        assert world.erp.journal.entries() == []


def test_groups_come_before_the_articles_that_name_them(tmp_path: Path) -> None:
    groups = {"Kurs": "KUR", "Programvare": "SW", "Inventar": "MOB"}
    with article_world(tmp_path, "poweroffice", articles="both", article_groups=groups) as world:
        codes = [{"Code": code, "Name": name} for name, code in groups.items()]
        world.erp.seed({"product_groups": codes})
        _fit(world, ACCOUNTS["poweroffice"])
        world.write_in_erp("STOL-1", description="Stol", group="MOB")
        assert world.round().failed == {}
        made = world.crm.object("articlegroup", world.in_crm("STOL-1")["articlegroup"])
        assert made.values["name"] == "Inventar", "it was not there, and is made first"
        assert world.in_erp("LIS-1").group == "SW"
        _comes_to_rest(world)


def test_without_a_table_of_groups_those_of_the_erp_come_home_and_those_of_the_crm_stay(tmp_path: Path) -> None:
    with article_world(tmp_path, "poweroffice", articles="both") as world:
        world.erp.seed({"product_groups": [{"Code": "MOB", "Name": "Inventar"}]})
        _fit(world, ACCOUNTS["poweroffice"])
        world.write_in_erp("STOL-1", description="Stol", group="MOB")
        assert world.round().failed == {}
        made = world.crm.object("articlegroup", world.in_crm("STOL-1")["articlegroup"])
        assert made.values["name"] == "MOB"
        kept = world.in_crm("KURS-1")["articlegroup"]
        _comes_to_rest(world)
        assert world.crm.object("articlegroup", kept).values["name"] == "Kurs"


def test_a_usual_word_for_a_unit_is_the_erp_s_code_and_no_difference(tmp_path: Path) -> None:
    with article_world(tmp_path, "fortnox", articles="both") as world:
        assert world.round().failed == {}
        assert [(world.in_crm(number)["unit"], world.in_erp(number).unit) for number in ("KURS-1", "TIME-1")] == [
            ("stk", "st"),
            ("time", "h"),
        ]
        _comes_to_rest(world)
        world.crm.edit_article("KURS-1", description="Kurs, halvdag")
        assert world.round().failed == {}
        assert (world.in_erp("KURS-1").description, world.in_crm("KURS-1")["unit"]) == ("Kurs, halvdag", "stk")


@pytest.mark.parametrize("erp", ["fortnox", "visma_admin"])
def test_an_article_that_was_deleted_in_the_crm_is_not_made_there_of_the_one_value_that_changed(
    tmp_path: Path, erp: str
) -> None:
    """Made of its price alone, it came back as one without VAT that is not sold, and the ERP's was changed so."""
    with article_world(tmp_path, erp, articles="both", article_conflict="erp") as world:
        _fit(world, ACCOUNTS[erp])
        world.round()
        _comes_to_rest(world)
        before = world.in_erp("TIME-1")
        world.crm.delete("article", world.crm.object("article", "TIME-1").id)
        world.write_in_erp("TIME-1", price=Decimal("1234"))
        for _ in range(3):
            assert world.round().failed == {}
        assert [each.values["articleno"] for each in world.crm.account.all("article")].count("TIME-1") == 0
        after = world.in_erp("TIME-1")
        assert (after.price, after.active) == (Decimal(1234), False), "what the CRM deleted is not sold any more"
        assert (after.description, after.vat_percent) == (before.description, before.vat_percent)


def test_an_article_that_was_deleted_in_the_crm_comes_back_whole_where_the_erp_alone_counts(tmp_path: Path) -> None:
    with article_world(tmp_path, "fortnox", articles="to_crm") as world:
        world.write_in_erp("STOL-1", description="Stol", price=Decimal("790.50"), active=True)
        world.round()
        world.crm.delete("article", world.crm.object("article", "STOL-1").id)
        world.write_in_erp("STOL-1", price=Decimal("800"))
        for _ in range(2):
            assert world.round().failed == {}
        assert (world.in_crm("STOL-1")["description"], world.in_crm("STOL-1")["price"]) == ("Stol", Decimal(800))


@pytest.mark.parametrize("erp", ["fortnox", "visma_eaccounting"])
def test_an_article_that_was_deleted_in_the_erp_is_not_made_there_of_the_one_value_that_changed(
    tmp_path: Path, erp: str
) -> None:
    with article_world(tmp_path, erp, articles="to_erp") as world:
        _fit(world, ACCOUNTS[erp])
        world.round()
        with world.erp.lock:
            if erp == "fortnox":
                del world.erp.books.articles["TIME-1"]
            else:
                (held,) = [each for each in world.erp.books.all("articles") if each["Number"] == "TIME-1"]
                world.erp.books.drop("articles", held["Id"])
        world.crm.edit_article("TIME-1", price=Decimal("999"))
        for _ in range(2):
            assert world.round().failed == {}
        made = world.in_erp("TIME-1")
        assert (made.description, made.price) == ("Konsulent, time", 999), "the CRM alone counts: it is made again"
