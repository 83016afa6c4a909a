"""Articles: found exactly, made with their price, made equal without needless writes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from erpcore_fortnox.settings import SCOPES
from erpcore_fortnox.simulator import Behaviour, FortnoxSimulator

from erpcore.errors import (
    ConflictError,
    InvalidValueError,
    OutcomeUnknownError,
    PermissionDeniedError,
    RejectedError,
)
from erpcore.models import Article, ArticleQuery, Register
from erpcore.simulator import Clock, Fault

CHAIR = Article(number="S-1", description="Stol", price=Decimal("499.50"), unit="st", vat_percent=Decimal(25))


def found(company: Any, **query: str) -> list[str | None]:
    return [article.number for article in company.connection.find_articles(ArticleQuery(**query), company.context)]


def test_an_article_is_looked_up_by_number_and_compared_by_description(company: Any) -> None:
    company.simulator.seed(
        {"articles": [{"ArticleNumber": str(n), "Description": text} for n, text in enumerate(["Stol", "Stolsits"], 1)]}
    )
    assert found(company, number="1") == ["1"]
    assert found(company, number="9") == []
    assert company.asked() == ["GET articles/1", "GET articles/9"]
    assert found(company, description="Stol") == ["1"]
    assert company.asked() == ["GET articles", "GET articles/1"]


def test_a_number_that_is_no_path_is_quoted(company: Any) -> None:
    company.connection.create_article(Article(number="A/1+2", description="x", price=Decimal(1)), company.context)
    assert found(company, number="A/1+2") == ["A/1+2"]


@pytest.mark.parametrize(
    ("base_price_exists", "asked"),
    [
        (True, ["POST articles", "PUT prices/A/S-1"]),
        (False, ["POST articles", "PUT prices/A/S-1", "POST prices"]),
    ],
)
def test_the_price_goes_to_the_price_list_whether_it_had_one_or_not(
    connect: Any, asked: list[str], *, base_price_exists: bool
) -> None:
    company = connect(FortnoxSimulator(rate_limit=None, behaviour=Behaviour(base_price_exists=base_price_exists)))
    assert company.connection.create_article(CHAIR, company.context).number == "S-1"
    assert company.asked() == asked
    assert company.record("articles", "S-1")["SalesPrice"] == 499.5


def test_a_repeat_after_a_lost_answer_adopts_the_article_and_gives_it_its_price(company: Any) -> None:
    company.simulator.faults.add(Fault("lose_answer", method="POST", path="/3/articles"))
    with pytest.raises(OutcomeUnknownError):
        company.connection.create_article(CHAIR, company.context)
    assert company.connection.create_article(CHAIR, company.context).number == "S-1"
    assert len(company.simulator.state()["articles"]) == 1
    assert company.record("articles", "S-1")["SalesPrice"] == 499.5


def test_another_article_with_the_number_is_a_conflict(company: Any) -> None:
    company.connection.create_article(CHAIR, company.context)
    with pytest.raises(ConflictError, match="another article S-1: “Stol”"):
        company.connection.create_article(Article(number="S-1", description="Bord"), company.context)


def test_an_article_whose_price_was_not_stored_is_told(company: Any) -> None:
    company.simulator.faults.add(Fault("lose_answer", method="PUT", path="/3/prices/.*", times=3))
    with pytest.raises(OutcomeUnknownError, match="Article S-1 was made, but its price was not stored"):
        company.connection.create_article(CHAIR, company.context)
    assert found(company, number="S-1") == ["S-1"]


def test_a_price_that_may_not_be_written_is_told_with_its_reason(connect: Any) -> None:
    company = connect(FortnoxSimulator(rate_limit=None, licences_missing=["price"]))
    with pytest.raises(OutcomeUnknownError, match="Article S-1 was made, but its price was not stored") as caught:
        company.connection.create_article(CHAIR, company.context)
    assert not caught.value.retryable  # it is looked for, and made whole
    assert caught.value.status == 403


def test_values_that_fortnox_refuses_are_told(company: Any) -> None:
    with pytest.raises(RejectedError) as caught:
        company.connection.create_article(Article(number="Å 1", description="x"), company.context)
    assert caught.value.vendor_code == "2000166"
    with pytest.raises(InvalidValueError, match="needs a description"):
        company.connection.create_article(Article(number="1"), company.context)


def test_defaults_of_the_settings_fill_what_an_article_does_not_name(connect: Any) -> None:
    company = connect(article_account=3041, article_vat_percent="6")
    company.connection.create_article(Article(number="1", description="x"), company.context)
    company.connection.create_article(
        Article(number="2", description="y", vat_percent=Decimal(25), income_account="3001"), company.context
    )
    held = company.simulator.state()["articles"]
    assert [(article["SalesAccount"], article["VAT"]) for article in held] == [(3041, 6), (3001, 25)]


def test_articles_are_made_equal_and_the_second_time_nothing_is_written(company: Any) -> None:
    wanted = [CHAIR, Article(number="B-1", description="Bord")]
    company.connection.create_article(Article(number="B-1", description="Bordet"), company.context)
    company.asked()
    done = company.connection.sync_articles(wanted, company.context)
    assert (done.created, done.updated, done.unchanged) == (("S-1",), ("B-1",), ())
    company.asked()
    again = company.connection.sync_articles(wanted, company.context)
    assert again.unchanged == ("S-1", "B-1")
    assert company.asked() == ["GET articles/S-1", "GET articles/B-1"]
    dearer = [CHAIR.model_copy(update={"price": Decimal(500)})]
    assert company.connection.sync_articles(dearer, company.context).updated == ("S-1",)
    assert company.asked() == ["GET articles/S-1", "PUT prices/A/S-1"]


def test_many_articles_are_compared_with_a_list(company: Any) -> None:
    wanted = [Article(number=f"A-{n}", description=f"Vara {n}", price=Decimal(n)) for n in range(30)]
    assert len(company.connection.sync_articles(wanted, company.context).created) == 30
    company.asked()
    assert len(company.connection.sync_articles(wanted, company.context).unchanged) == 30
    assert company.asked() == ["GET articles"]
    noted = [article.model_copy(update={"note": "ny"}) for article in wanted]
    noted = [Article(**article.model_dump(exclude_none=True)) for article in noted]
    assert len(company.connection.sync_articles(noted, company.context).updated) == 30


def test_another_price_list_is_compared_with_its_own_price(connect: Any) -> None:
    company = connect(price_list="B")
    company.simulator.seed({"pricelists": [{"Code": "B", "Description": "Butik"}]})
    company.connection.create_article(CHAIR, company.context)
    company.asked()
    assert company.connection.sync_articles([CHAIR], company.context).unchanged == ("S-1",)
    assert company.asked() == ["GET articles/S-1", "GET prices/B/S-1"]


def test_articles_without_a_number_cannot_be_matched(company: Any) -> None:
    with pytest.raises(InvalidValueError, match="matched by their number"):
        company.connection.sync_articles([Article(description="x")], company.context)


def test_changed_articles_are_fetched_page_by_page(connect: Any) -> None:
    clock = Clock(datetime(2026, 11, 22, 12, 0, tzinfo=UTC))
    simulator = FortnoxSimulator(rate_limit=None, clock=clock)
    simulator.seed({"articles": [{"Description": f"Gammal {n}"} for n in range(3)]})
    clock.advance(3600)
    since = clock.now()
    clock.advance(60)
    simulator.seed({"articles": [{"Description": f"Ny {n}"} for n in range(3)]})
    company = connect(simulator, detailed_page_size=2)
    names, cursor = [], None
    while True:
        page = company.connection.fetch_articles(since, cursor, company.context)
        names += [article.description for article in page.items]
        if (cursor := page.next_cursor) is None:
            break
    assert names == ["Ny 0", "Ny 1", "Ny 2"]
    first, second = ["GET articles/4", "GET articles/5"], ["GET articles/6"]
    assert company.asked() == ["GET articles", *first, "GET articles", *second], "a list does not show all of them"
    overlap = company.connection.fetch_articles(since + timedelta(seconds=150), None, company.context)
    assert len(overlap.items) == 2


def test_articles_are_read_in_full_where_the_setting_says(connect: Any) -> None:
    company = connect(article_details=True)
    company.simulator.seed({"articles": [{"Description": "Vara", "Type": "SERVICE"}]})
    (article,) = company.connection.fetch_articles(None, None, company.context).items
    assert article.kind == "service"
    assert company.asked() == ["GET articles", "GET articles/1"]


def test_all_articles_are_listed_in_two_parts_which_tell_whether_they_are_active(connect: Any) -> None:
    company = connect(page_size=2)
    articles = [{"Description": f"Vara {n}", "Active": n != 2} for n in range(1, 5)]
    company.simulator.seed({"articles": articles})
    found, cursor = [], None
    while True:
        page = company.connection.fetch_articles(None, cursor, company.context)
        found += [(article.number, article.active) for article in page.items]
        if (cursor := page.next_cursor) is None:
            break
    assert found == [("1", True), ("3", True), ("4", True), ("2", False)]
    assert company.asked() == ["GET articles"] * 3


def test_a_cursor_of_somebody_else_is_refused(company: Any) -> None:
    with pytest.raises(InvalidValueError, match="no cursor"):
        company.connection.fetch_articles(None, "0x", company.context)


def test_terms_of_payment_are_days_where_their_code_is_a_number(company: Any) -> None:
    company.simulator.seed({"termsofpayments": [{"Code": "K", "Description": "Kontant"}]})
    listed = company.connection.list_register("terms_of_payment", company.context)
    terms = {term.code: (term.name, term.days) for term in listed}
    assert terms["30"] == ("30 dagar", 30)
    assert terms["K"] == ("Kontant", None)


def test_projects_and_cost_centres_are_listed_with_what_is_over(connect: Any) -> None:
    company = connect(scopes=[*SCOPES, "project", "costcenter"])
    over = {"ProjectNumber": "8", "Description": "Klart", "Status": "COMPLETED"}
    old = {"Code": "KS2", "Description": "Gammalt", "Active": False}
    company.simulator.seed(
        {
            "projects": [{"ProjectNumber": "7", "Description": "Bygget"}, over],
            "costcenters": [{"Code": "KS1"}, old],
        }
    )

    def listed(register: Register) -> list[tuple[str, str, bool | None]]:
        entries = company.connection.list_register(register, company.context)
        return [(entry.code, entry.name, entry.active) for entry in entries]

    assert listed("project") == [("7", "Bygget", None), ("8", "Klart", False)]
    assert listed("cost_center") == [("KS1", "KS1", None), ("KS2", "Gammalt", False)]


def test_a_register_whose_scope_was_not_asked_for_is_refused(company: Any) -> None:
    with pytest.raises(PermissionDeniedError):
        company.connection.list_register("project", company.context)


@pytest.mark.parametrize(("rate", "euro"), [("sell", "11.3"), ("buy", "11.2")])
def test_a_currency_has_the_rate_of_one_unit(connect: Any, rate: str, euro: str) -> None:
    company = connect(currency_rate=rate)
    yen = {"Code": "JPY", "Description": "Yen", "BuyRate": 7, "SellRate": 7, "Unit": 100}
    company.simulator.seed({"currencies": [yen]})
    rates = {each.code: each.rate for each in company.connection.list_register("currency", company.context)}
    assert (rates["EUR"], rates["JPY"]) == (Decimal(euro), Decimal("0.07"))
