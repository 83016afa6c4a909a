"""Rounds of articles between a CRM and an ERP: what travels, what does not, and what a break leaves behind."""

from __future__ import annotations

import threading
from decimal import Decimal
from typing import Any

import pytest

from erpcore.errors import ConfigurationError, UnavailableError
from erpcore.store import note_attempt, story_of_record
from erpcore.sync import answers
from tests.sync.article.conftest import MakeArticles
from tests.sync.article_world import ArticleWorld, article
from tests.sync.memory_crm import MemoryCrm
from tests.sync.memory_plugin import Killed
from tests.sync.world import SYNC


def filled(make_articles: MakeArticles, **options: Any) -> ArticleWorld:
    """Five articles on each side, of which three are the same on both; equal after the first round."""
    world = make_articles(**options)
    for number in ("1", "2", "3", "7", "8"):
        world.in_erp.put(article(number))
    for number in ("1", "2", "3", "4", "5"):
        world.in_crm.put(article(number))
    assert world.round().finished
    return world


def test_the_first_round_makes_on_each_side_what_it_lacks_and_the_second_changes_nothing(
    make_articles: MakeArticles,
) -> None:
    world = filled(make_articles)
    assert sorted(world.desk.articles) == sorted(world.books.articles) == ["1", "2", "3", "4", "5", "7", "8"]
    assert (world.writes(), world.desk.calls["articles made"], world.books.calls["articles made"]) == (4, 2, 2)
    world.round()
    assert world.writes() == 4
    assert all(each is not None for each in (world.in_crm.asked[-1], world.in_erp.asked[-1])), "only changes are read"


def test_only_real_changes_travel_and_each_once(make_articles: MakeArticles) -> None:
    world = filled(make_articles)
    before = world.writes()
    world.in_erp.edit("1", price=Decimal("120.50"))
    world.in_crm.edit("2", description="A name that is longer than the ERP takes")
    world.in_crm.edit("3")  # saved without a change
    world.round()
    assert world.desk.articles["1"].price == Decimal("120.50")
    assert world.books.articles["2"].description == "A name that is longer than the"
    assert world.desk.articles["2"].description == "A name that is longer than the ERP takes"
    assert world.writes() == before + 2
    for _ in range(3):
        world.round()
    assert world.writes() == before + 2, "ping-pong"


def test_a_one_way_sync_never_writes_to_its_source(make_articles: MakeArticles) -> None:
    world = filled(make_articles, articles="to_crm")
    assert sorted(world.books.articles) == ["1", "2", "3", "7", "8"]
    assert "7" in world.desk.articles
    reads = world.desk.calls["fetch_articles"]
    world.in_crm.edit("1", price=Decimal(1))
    world.round()
    assert (world.books.calls["sync_articles"], world.desk.calls["fetch_articles"]) == (0, reads), "it is not even read"
    world.in_erp.edit("1", price=Decimal(130))
    world.round()
    assert world.desk.articles["1"].price == Decimal(130)


def test_a_change_is_read_however_many_pages_there_are(make_articles: MakeArticles) -> None:
    world = make_articles(articles="to_crm")
    for number in range(100, 140):
        world.in_erp.put(article(str(number)))
    world.round()
    assert len(world.desk.articles) == 40


def test_nothing_is_compared_before_both_lists_were_read_to_their_end(make_articles: MakeArticles) -> None:
    world = make_articles()
    for number in ("1", "2", "3", "4"):
        world.in_erp.put(article(number, price=Decimal(7)))
        world.in_crm.put(article(number, price=Decimal(7)))
    world.books.faults["fetch_articles"] = [None, "before:unreachable"]
    with pytest.raises(UnavailableError):
        world.round()
    assert world.writes() == 0, "articles of the page that is missing would be made a second time"
    world.round()
    assert world.writes() == 0
    assert world.in_erp.asked == [None], "the reading goes on with the page that was in hand"


def test_an_article_deleted_in_the_erp_becomes_inactive_in_the_crm(make_articles: MakeArticles) -> None:
    world = filled(make_articles)
    del world.books.articles["1"]
    world.round()
    assert world.desk.articles["1"].active is True, "lists of changes do not show what is gone"
    world.round(whole=True)
    assert world.desk.articles["1"].active is False
    assert "1" not in world.books.articles, "it is not made again"
    world.in_crm.edit("1", active=True)
    world.round()
    assert world.books.articles["1"].active is True, "a person sells it again"
    world.round(whole=True)
    assert world.desk.articles["1"].active is True


def test_an_article_that_fails_becomes_a_run_and_hinders_no_other(make_articles: MakeArticles) -> None:
    world = filled(make_articles)
    for number in ("1", "2", "3"):
        world.in_crm.edit(number, price=Decimal(5))
    # The three go in one call, and then one by one: the second is refused both times.
    world.books.faults["sync_articles"] = [None, "before:refused", "before:refused"]
    done = world.round()
    assert sorted(done.failed) == ["2"]
    assert (world.books.articles["1"].price, world.books.articles["3"].price) == (Decimal(5), Decimal(5))
    run = world.run_of("2")
    assert run is not None
    world.books.faults["sync_articles"] = ["before:refused"]
    failed = world.work(run.id)
    assert (failed.state, failed.problem and failed.problem.vendor_text) == ("failed", "Ogiltigt värde")
    again = world.retry(failed)
    assert (again.state, world.books.articles["2"].price) == ("done", Decimal(5))
    assert "changed in the ERP" in str(again.summary)


def test_a_person_answers_which_side_counts(make_articles: MakeArticles) -> None:
    world = filled(make_articles, article_conflict="newest", article_conflict_of={"price": "ask"})
    world.in_crm.edit("1", price=Decimal(110), unit="m")
    world.in_erp.edit("1", price=Decimal(130))
    done = world.round()
    assert list(done.failed) == ["1"]
    assert world.books.articles["1"].unit == "m", "what nobody must decide travels"
    run = world.run_of("1")
    assert run is not None
    asking = world.work(run.id)
    assert (asking.state, asking.cause) == ("uncertain", "article_differs")
    assert "110" in str(asking.error_text)
    assert "130" in str(asking.error_text)
    with world.store.begin() as connection:
        answers.take_side(connection, asking, "crm")
    assert world.retry(asking).state == "done"
    assert world.books.articles["1"].price == world.desk.articles["1"].price == Decimal(110)


def test_a_question_is_over_when_a_person_makes_both_equal(make_articles: MakeArticles) -> None:
    world = filled(make_articles, article_conflict="ask")
    world.in_crm.edit("1", price=Decimal(110))
    world.in_erp.edit("1", price=Decimal(130))
    world.round()
    first = world.run_of("1")
    assert first is not None
    world.work(first.id)
    world.in_crm.edit("1", price=Decimal(130))
    world.round()
    second = world.run_of("1")
    assert second is not None
    assert second.id != first.id
    assert world.work(second.id).state == "nothing"
    world.in_erp.edit("1", price=Decimal(140))
    world.round()
    assert world.desk.articles["1"].price == Decimal(140), "rounds handle it again"


BREAKS = [
    "after:lost",
    "after:killed",
    "before:lost",
    "before:killed",
    "after:garbage",
    "after:broken",
    "before:unreachable",
]


@pytest.mark.parametrize("lag", [0.0, 2.5])
@pytest.mark.parametrize("fault", BREAKS)
@pytest.mark.parametrize("side", ["crm", "erp"])
def test_whatever_breaks_a_making_there_is_one_article_in_the_end(
    make_articles: MakeArticles, side: str, fault: str, lag: float
) -> None:
    world = make_articles(articles="both")
    world.books.lag = lag
    world.round()
    here, there = (world.in_erp, world.desk) if side == "crm" else (world.in_crm, world.books)
    here.put(article("N-1"))
    there.faults["store_article" if side == "crm" else "sync_articles"] = [fault]
    broken = False
    for _ in range(4):
        try:
            world.round()
        except (Killed, UnavailableError):
            broken = True
        run = world.run_of("N-1")
        if run is not None and run.state in ("queued", "waiting"):
            try:
                world.work(run.id)
            except Killed:
                broken = True
    assert there.calls["articles made"] == 1
    assert world.equal("N-1", "description", "price", "unit", "active")
    assert not world.mirror()["N-1"].due
    assert broken or world.run_of("N-1") is not None


@pytest.mark.parametrize("fault", BREAKS)
@pytest.mark.parametrize("side", ["crm", "erp"])
def test_whatever_breaks_a_change_it_arrives_and_comes_to_rest(
    make_articles: MakeArticles, side: str, fault: str
) -> None:
    world = filled(make_articles)
    (world.in_erp if side == "crm" else world.in_crm).edit("1", price=Decimal(77))
    there = world.desk if side == "crm" else world.books
    there.faults["store_article" if side == "crm" else "sync_articles"] = [fault]
    for _ in range(4):
        try:
            world.round()
        except (Killed, UnavailableError):
            continue
        run = world.run_of("1")
        if run is not None and run.state in ("queued", "waiting"):
            world.work(run.id)
    assert there.articles["1"].price == Decimal(77)
    before = world.writes()
    world.round()
    assert world.writes() == before


def test_nobody_makes_an_article_anew_while_the_first_making_may_still_show(make_articles: MakeArticles) -> None:
    world = make_articles(articles="to_erp")
    world.in_crm.put(article("N-1"))
    world.books.lag = 50.0
    world.books.faults["sync_articles"] = ["after:killed"]
    with pytest.raises(Killed):
        world.round()
    world.time.move(55)
    world.books.lag = 0.0
    del world.books.articles["N-1"]
    world.rounds.go(SYNC)
    assert "N-1" not in world.books.articles, "the fence is 63 s and begins when the request leaves"
    world.time.move(10)
    world.rounds.go(SYNC)
    assert "N-1" in world.books.articles


def test_a_worker_that_lost_its_right_sends_nothing(make_articles: MakeArticles) -> None:
    world = make_articles(articles="to_erp")
    world.in_crm.put(article("N-1"))

    def asleep(operation: str) -> None:
        if operation == "sync_articles":
            world.books.before_gate = lambda operation: None
            world.time.move(120)
            # Another worker: a thread has no part in what this one may send.
            other = threading.Thread(target=world.rounds.go, args=(SYNC,))
            other.start()
            other.join()

    world.books.before_gate = asleep
    world.rounds.go_all()
    assert world.books.calls["sync_articles"] == world.books.calls["articles made"] == 1


def test_rules_that_a_plugin_cannot_carry_out_are_told_before_anything_is_done(make_articles: MakeArticles) -> None:
    with pytest.raises(ConfigurationError, match="shows no articles") as told:
        make_articles(crm_class=NoArticles, articles="both")
    assert told.value.setting == f"syncs.{SYNC}.articles"


class NoArticles(MemoryCrm):
    """A CRM that has no place for articles, as Lime Go's published interfaces."""

    shelf: Any = None


def test_a_crm_without_articles_has_those_of_the_erp_in_the_mirror(make_articles: MakeArticles) -> None:
    world = make_articles(crm_class=NoArticles, articles="to_crm")
    world.in_erp.put(article("1", price=Decimal(42)))
    assert world.round().works == []
    assert world.mirror()["1"].halves["erp"].shown == {
        "description": "Vara 1",
        "price": Decimal(42),
        "unit": "st",
        "active": True,
    }
    world.in_erp.edit("1", price=Decimal(43))
    world.round()
    shown = world.mirror()["1"].halves["erp"].shown
    assert shown is not None
    assert shown["price"] == Decimal(43)


def test_a_dry_run_tells_what_a_round_then_does(make_articles: MakeArticles) -> None:
    world = filled(make_articles)
    before = world.writes()
    world.in_erp.edit("1", price=Decimal(9))
    world.in_crm.put(article("6"))
    told = {each.number: each.verdict for each in world.rounds.differences(SYNC)}
    assert world.writes() == before
    assert told["1"].send == {"crm": {"price": Decimal(9)}, "erp": {}}
    assert told["6"].makes == {"erp"}
    done = world.round()
    assert {each.number: each.verdict.send for each in done.works} == {
        number: each.send for number, each in told.items()
    }


def test_two_articles_of_one_number_come_to_rest(make_articles: MakeArticles) -> None:
    world = filled(make_articles)
    twin = article("1", price=Decimal(55))

    def page(changed_since: Any, cursor: Any, real: Any = world.in_crm.page) -> Any:
        found = real(changed_since, cursor)
        if cursor is None:
            found = found.model_copy(update={"items": (*found.items, twin.model_copy(update={"key": "other"}))})
        return found

    world.in_crm.page = page  # type: ignore[method-assign]
    for _ in range(3):
        world.round(whole=True)
    before = world.writes()
    world.round(whole=True)
    assert world.writes() == before


def test_a_lossy_value_is_refused_where_the_rules_say_so(make_articles: MakeArticles) -> None:
    world = filled(make_articles, on_loss_of={"description": "block"})
    world.in_crm.edit("1", description="A name that is longer than thirty characters")
    assert "thirty" in str(world.round().failed["1"])
    assert world.books.articles["1"].description == "Vara 1"


def test_the_story_of_a_run_says_what_was_done(make_articles: MakeArticles) -> None:
    world = filled(make_articles)
    world.in_erp.edit("1", price=Decimal("9.50"))
    world.desk.faults["store_article"] = ["before:refused"]
    world.round()
    run = world.run_of("1")
    assert run is not None
    with world.store.begin() as connection:
        note_attempt(connection, run.id, 1)
    world.work(run.id)
    with world.store.read() as connection:
        story = [line.text for line in story_of_record(connection, sync=SYNC, record_kind="article", record_id="1")]
    assert "Change it in the CRM: the price 9.50." in story
