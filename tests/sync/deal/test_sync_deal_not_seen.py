"""What a CRM that tells no wins leaves unseen: a win in another stage, and one between two readings."""

from __future__ import annotations

from tests.sync.conftest import MakeWorld
from tests.sync.world import World


def sent(make_world: MakeWorld) -> World:
    """A deal whose order is made and told."""
    world = make_world()
    world.company()
    world.deal(status="Vunnen P1", revision=5)
    assert world.handle("d1", "deal_changed").state == "done"
    assert world.desk.deals["d1"].erp_id == "1001"
    return world


def test_a_deal_that_was_cleared_and_stands_in_another_won_stage_was_won_again(make_world: MakeWorld) -> None:
    world = sent(make_world)
    world.desk.change("d1", erp_id=None, status="Vunnen P2", revision=8)
    assert world.handle("d1", "deal_changed").state == "done"
    assert len(world.books.orders) == 2


def test_a_deal_that_was_moved_first_and_cleared_then_was_not_won_again(make_world: MakeWorld) -> None:
    world = sent(make_world)
    world.desk.change("d1", status="Vunnen P2", revision=7)
    assert world.handle("d1", "deal_changed").state == "nothing"
    world.desk.change("d1", erp_id=None, revision=8)
    assert world.handle("d1", "deal_changed").state == "nothing"
    assert "was not seen" in world.told("d1")
    assert len(world.books.orders) == 1


def test_a_win_between_two_readings_is_asked_about(make_world: MakeWorld) -> None:
    world = sent(make_world)
    world.desk.change("d1", erp_id=None, revision=7)
    assert world.handle("d1", "deal_changed").state == "nothing"
    world.desk.change("d1", revision=9)
    run = world.handle("d1", "deal_changed")
    assert (run.state, run.cause) == ("uncertain", "cleared_number")
    assert "was not seen" in str(run.error_text)
    world.answer_new_document(run)
    assert world.retry(run).state == "done"
    assert len(world.books.orders) == 2


def test_one_change_is_no_win(make_world: MakeWorld) -> None:
    world = sent(make_world)
    world.desk.change("d1", erp_id=None, revision=7)
    world.handle("d1", "deal_changed")
    world.desk.change("d1", name="Nytt namn", revision=8)
    assert world.handle("d1", "deal_changed").state == "nothing"
    assert len(world.books.orders) == 1
