"""Articles, whose account coding decides VAT and accounts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from erpcore_visma_eaccounting.simulator import Behaviour
from erpcore_visma_eaccounting.simulator.seed import (
    CODING_12,
    CODING_25,
    CODING_BUILDING,
    CODING_SERVICES,
    UNIT_HOUR,
    UNIT_PIECE,
)

from erpcore.errors import ConflictError, InvalidValueError, MissingRecordError, UnsupportedOperationError
from erpcore.hookspecs import Context
from erpcore.models import Article, ArticleQuery
from plugins.visma_eaccounting.tests.conftest import Company


def make(company: Company, **fields: Any) -> dict[str, Any]:
    company.connection.create_article(Article(number="A-1", description="Bord", **fields), company.context)
    return company.record("articles", Number="A-1")


@pytest.mark.parametrize(
    ("fields", "coding"),
    [
        ({}, CODING_BUILDING),
        ({"vat_percent": Decimal(12)}, CODING_12),
        ({"income_account": "3041"}, CODING_SERVICES),
        ({"vat_percent": Decimal(25), "income_account": "3001"}, CODING_25),
    ],
)
@pytest.mark.parametrize("vat_scale", ["fraction", "percent"])
def test_rate_and_account_choose_the_coding(connect: Any, fields: Any, coding: str, vat_scale: Any) -> None:
    company = connect(Behaviour(vat_scale=vat_scale))
    assert make(company, price=Decimal(100), **fields)["CodingId"] == coding


def test_the_setting_chooses_among_several_and_the_price_with_vat_goes_along(connect: Any) -> None:
    company = connect(article_coding="Varor 25 %", article_unit="Timmar")
    held = make(company, price=Decimal("99.99"))
    assert (held["CodingId"], held["UnitId"], held["GrossPrice"]) == (CODING_25, UNIT_HOUR, 124.99)


def test_what_is_not_in_a_register_is_told_and_nothing_is_made(company: Company) -> None:
    for fields in ({"unit": "flak"}, {"vat_percent": Decimal(7)}, {"vat_percent": Decimal(25), "income_account": "1"}):
        with pytest.raises(MissingRecordError, match="Visma eAccounting has no"):
            make(company, **fields)
    with pytest.raises(InvalidValueError, match="account number"):
        make(company, income_account="tre")
    assert len(company.simulator.state()["articles"]) == 1


def test_an_article_needs_a_number_and_a_text(company: Company) -> None:
    for article in (Article(description="Bord"), Article(number="A" * 41, description="Bord"), Article(number="A")):
        with pytest.raises(InvalidValueError):
            company.connection.create_article(article, company.context)
    with pytest.raises(InvalidValueError):
        company.connection.sync_articles([Article(description="Bord")], company.context)
    assert company.asked() == []


def test_the_same_article_again_is_the_first_and_another_one_is_a_conflict(company: Company) -> None:
    again = company.connection.create_article(Article(number="S-1", description="Stol"), company.context)
    assert again.key == company.record("articles")["Id"]
    with pytest.raises(ConflictError, match="“Stol”"):
        company.connection.create_article(Article(number="S-1", description="Bord"), company.context)


def test_articles_are_made_equal_whatever_their_unit_is_called(company: Company) -> None:
    wanted = [Article(number="S-1", description="Stol", unit="STYCK", price=Decimal(100))]
    assert company.connection.sync_articles(wanted, company.context).unchanged == ("S-1",)
    changed = [Article(number="S-1", unit="HUR", vat_percent=Decimal(12), active=False)]
    assert company.connection.sync_articles(changed, company.context).updated == ("S-1",)
    held = company.record("articles")
    assert (held["UnitId"], held["CodingId"], held["GrossPrice"], held["IsActive"]) == (
        UNIT_HOUR,
        CODING_12,
        112,
        False,
    )
    both = [Article(number="S-1", vat_percent=Decimal(25), income_account="3041")]
    company.connection.sync_articles(both, company.context)
    assert company.record("articles")["CodingId"] == CODING_SERVICES


def test_many_articles_are_looked_up_together(company: Company) -> None:
    seed = [{"Number": f"M-{n:03}", "Name": f"Vara {n}", "UnitId": UNIT_PIECE} for n in range(45)]
    company.simulator.seed({"articles": seed})
    wanted = [Article(number=each["Number"], description=each["Name"]) for each in seed]
    assert len(company.connection.sync_articles(wanted, company.context).unchanged) == 45
    assert len([asked for asked in company.asked() if asked == "GET articles"]) == 3


def test_an_article_shows_what_its_coding_decides(company: Company) -> None:
    (article,) = company.connection.find_articles(ArticleQuery(number="S-1"), company.context)
    assert (article.vat_percent, article.income_account, article.kind, article.unit) == (25, "3001", "goods", "st")
    losses = {loss.field: loss.kind for loss in company.connection.losses(Article(number="x", kind="service"))}
    assert losses == {"kind": "derived", "unit": "defaulted"}
    assert list(company.connection.find_articles(ArticleQuery(), company.context)) == []


def test_a_unit_whose_id_is_known_is_not_looked_up(company: Company) -> None:
    known = Context("t", keys={"unit": {"tim": UNIT_HOUR}})
    company.connection.create_article(Article(number="T-1", description="Timme", unit="tim"), known)
    assert company.record("articles", Number="T-1")["UnitId"] == UNIT_HOUR
    assert "GET units" not in company.asked()
    company.connection.sync_articles([Article(number="T-2", description="Timme", unit="tim")], known)
    assert "GET units" not in company.asked()
    company.connection.create_article(Article(number="T-3", description="Timme", unit="tim"), company.context)
    assert "GET units" in company.asked()


def test_currencies_and_the_accounts_of_codings_are_registers(company: Company) -> None:
    currencies = company.connection.list_register("currency", company.context)
    assert {"SEK", "EUR"} <= {each.code for each in currencies}
    accounts = {each.code: each.name for each in company.connection.list_register("account", company.context)}
    assert "3002" in accounts
    assert len(accounts) == len(set(accounts.values()))
    with pytest.raises(UnsupportedOperationError):
        company.connection.list_register("project", company.context)


def test_the_companys_own_currency_is_told(company: Company) -> None:
    assert company.connection.identify_account(company.context).currency == "SEK"
