"""Products, as the company holds them afterwards, and the terms of payment."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from erpcore.errors import ConflictError, InvalidValueError, MissingRecordError, UnsupportedOperationError
from erpcore.models import Article, ArticleQuery, Ref, Register, RegisterEntry

CHAIR = Article(number="S-1", description="Stol", kind="goods", unit="st", price=Decimal("99.50"), ean="7310865004703")


def test_a_product_is_made_and_found_by_number_and_name(company: Any) -> None:
    ref = company.connection.create_article(CHAIR, company.context)
    assert ref.number == "S-1"
    for query in (ArticleQuery(number="S-1"), ArticleQuery(description="Stol")):
        (found,) = company.connection.find_articles(query, company.context)
        assert (found.number, found.price, found.unit, found.kind) == ("S-1", Decimal("99.5"), "EA", "goods")
    for query in (ArticleQuery(number="s-1"), ArticleQuery(description="Sto"), ArticleQuery()):
        assert company.connection.find_articles(query, company.context) == []


def test_a_number_or_name_with_a_comma_is_found_too(company: Any) -> None:
    odd = Article(number="A,1", description="Skrue, lang")
    company.connection.create_article(odd, company.context)
    for query in (ArticleQuery(number="A,1"), ArticleQuery(description="Skrue, lang")):
        assert [found.number for found in company.connection.find_articles(query, company.context)] == ["A,1"]


def asked_for(company: Any, *wanted: Ref) -> tuple[list[str | None], int]:
    """Look several up; give their numbers in order, and the number of requests."""
    company.simulator.journal.clear()
    found = company.connection.find_many_articles(wanted, company.context)
    asked = [each for each in company.simulator.journal.entries() if "/Products" in each.path]
    return sorted(str(each.number) for each in found), len(asked)


def test_many_products_are_looked_up_in_one_request(company: Any) -> None:
    company.connection.sync_articles(
        [Article(number=f"R-{at}", description="Stol") for at in range(10)], company.context
    )
    numbers = [f"R-{at}" for at in range(10)]
    assert asked_for(company, *(Ref(number=number) for number in (*numbers, "R-", "r-1"))) == (numbers, 1)


def test_products_with_commas_and_other_numbers_by_now_are_looked_up_together(company: Any) -> None:
    articles = [Article(number=number, description="Stol") for number in ("A,1", "A,2", "B-1", "B-2")]
    keys = [company.connection.create_article(each, company.context).key for each in articles]
    wanted = [Ref(number="A,1"), Ref(number="A,2"), Ref(number="was another", key=keys[2]), Ref(number="B-2", key="77")]
    assert asked_for(company, *wanted) == (["A,1", "A,2", "B-1"], 2), "the register once, and the key that is not there"
    assert asked_for(company, Ref(number="was another", key=keys[2]), Ref(number="B-2")) == (["B-1", "B-2"], 2)


def test_the_same_product_again_is_the_first_one_and_another_with_its_number_is_told(company: Any) -> None:
    first = company.connection.create_article(CHAIR, company.context)
    assert company.connection.create_article(CHAIR, company.context).key == first.key
    with pytest.raises(ConflictError, match="another article S-1: “Stol”"):
        company.connection.create_article(Article(number="S-1", description="Bord"), company.context)


@pytest.mark.parametrize(
    ("article", "field"),
    [
        (Article(description="x"), "number"),
        (Article(number="x" * 101, description="x"), "number"),
        (Article(number="x"), "description"),
    ],
)
def test_a_product_without_number_or_name_is_refused_before_anything_is_sent(
    company: Any, article: Article, field: str
) -> None:
    with pytest.raises(InvalidValueError) as caught:
        company.connection.create_article(article, company.context)
    assert caught.value.field == field
    assert company.asked() == []


@pytest.mark.parametrize("many", [False, True])
def test_products_are_made_equal_by_number_and_then_nothing_is_left_to_do(company: Any, many: bool) -> None:
    filler = [Article(number=f"F-{n}", description="Fyll") for n in range(25 if many else 0)]
    company.connection.sync_articles([CHAIR, *filler], company.context)
    dearer = CHAIR.model_copy(update={"price": Decimal(120), "active": False})
    new = Article(number="B-1", description="Bord", kind="service", unit="tim")
    done = company.connection.sync_articles([dearer, new, *filler], company.context)
    assert (done.created, done.updated) == (("B-1",), ("S-1",))
    assert len(done.unchanged) == len(filler)
    held = company.record("products", "S-1")
    assert (Decimal(str(held["UnitPrice"])), held["IsArchived"], held["Name"]) == (120, True, "Stol")
    company.asked()
    again = company.connection.sync_articles([dearer, new, *filler], company.context)
    assert (again.created, again.updated) == ((), ())
    assert not any(line.startswith(("POST", "PATCH")) for line in company.asked())


def test_group_and_account_are_changed_by_their_keys(company: Any) -> None:
    company.simulator.seed({"product_groups": [{"Code": "MOB", "Name": "Möbler"}]})
    company.connection.create_article(CHAIR, company.context)
    account = str(next(account["AccountNo"] for account in company.simulator.state()["accounts"]))
    change = Article(number="S-1", group="MOB", income_account=account)
    assert company.connection.sync_articles([change], company.context).updated == ("S-1",)
    (found,) = company.connection.find_articles(ArticleQuery(number="S-1"), company.context)
    assert (found.group, found.income_account) == ("MOB", account)
    with pytest.raises(MissingRecordError, match="no product group XXX"):
        company.connection.sync_articles([Article(number="S-1", group="XXX")], company.context)


def test_products_come_in_pages_and_only_the_changed_ones(connect: Any) -> None:
    company = connect(page_size=2)
    for number in range(5):
        company.connection.create_article(Article(number=f"P-{number}", description="x"), company.context)
    seen, cursor = [], None
    while True:
        page = company.connection.fetch_articles(None, cursor, company.context)
        assert len(page.items) <= 2
        seen += [article.number for article in page.items]
        if (cursor := page.next_cursor) is None:
            break
    assert {f"P-{number}" for number in range(5)} <= set(seen)
    assert len(seen) == len(set(seen))
    company.simulator.clock.advance(3600)
    since = company.simulator.clock.now() - timedelta(minutes=10)
    assert company.connection.fetch_articles(since, None, company.context).items == ()
    company.connection.sync_articles([Article(number="P-3", description="y")], company.context)
    page = company.connection.fetch_articles(since, None, company.context)
    assert [article.number for article in page.items] == ["P-3"]


def test_a_cursor_that_is_none_is_told(company: Any) -> None:
    with pytest.raises(InvalidValueError, match="no cursor"):
        company.connection.fetch_articles(None, "second", company.context)


def test_terms_of_payment_go_by_key_and_show_their_days(company: Any) -> None:
    terms = company.connection.list_register("terms_of_payment", company.context)
    assert all(term.code.isdigit() and term.name for term in terms)
    assert any(term.days is not None for term in terms)


def test_registers_are_listed_by_the_codes_that_records_name(company: Any) -> None:
    company.simulator.seed({"projects": [{"Code": "10.2", "Name": "Bygget", "IsActive": False}]})

    def listed(register: Register) -> dict[str, RegisterEntry]:
        return {entry.code: entry for entry in company.connection.list_register(register, company.context)}

    assert [(each.name, each.active) for each in listed("project").values()] == [("Bygget", False)]
    assert listed("cost_center")["1"].name == "Salg"
    assert listed("account")["3000"].name == "Salgsinntekt, avgiftspliktig"
    rates = {code: int(entry.percent or 0) for code, entry in listed("vat_code").items()}
    assert rates == {"3": 25, "31": 15, "33": 12, "5": 0, "52": 0}
    assert listed("currency")["DKK"].active is False
    with pytest.raises(UnsupportedOperationError):
        listed("unit")
