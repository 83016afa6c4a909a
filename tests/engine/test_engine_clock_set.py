"""The wall clock is set a day forward and back under workers that are at work: nothing twice, nothing lost."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from erpcore.store.intents import read_intents
from tests.engine.clock_process import OFF_BY

pytestmark = pytest.mark.slow

DAY = 86_400
HOUR = 3_600
DEALS = ("d1", "d2", "d3", "d4", "d5")


def clock_set(place: Any, seconds: int) -> None:
    """Set the workers' clock so far off."""
    off_by = place.settings_file.with_name(OFF_BY)
    draft = off_by.with_suffix(".new")
    draft.write_text(str(seconds))
    draft.replace(off_by)


@pytest.mark.parametrize(
    ("store", "days"),
    [
        pytest.param("sqlite", -1, id="sqlite back first"),
        pytest.param("postgresql", 1, id="postgresql forward first"),
        pytest.param("sqlite", 1, marks=pytest.mark.proof, id="sqlite forward first"),
        pytest.param("postgresql", -1, marks=pytest.mark.proof, id="postgresql back first"),
    ],
)
def test_a_clock_that_is_set_by_a_day_and_back_again(
    make_place: Callable[..., Any], store: str, days: int, request: pytest.FixtureRequest
) -> None:
    url = "sqlite:///erpcore.db" if store == "sqlite" else request.getfixturevalue("postgres_url")
    place = make_place(url, dead_after=2.0)
    set_clock = partial(clock_set, place)

    def done(deal: str) -> bool:
        return [run.state for run in place.runs() if run.record_id == deal] == ["done"]

    for deal in DEALS:
        place.folder.deal(deal)
    set_clock(0)
    first = place.start(program="clock_process")
    place.folder.win("d1")
    place.wait(lambda: done("d1"))

    # While a document is being made; and its answer is lost.
    hold = place.folder.fault("hold-create_order")
    place.folder.win("d2")
    place.wait(lambda: place.folder.has("held-create_order"))
    set_clock(days * DAY)
    place.folder.fault("lose-create_order")
    hold.unlink()
    place.wait(lambda: done("d2"))

    # While a worker is dead whose document was made and not noted.
    place.folder.take("held-create_order")
    hold = place.folder.fault("hold-create_order")
    place.folder.win("d3")
    place.wait(lambda: place.folder.has("held-create_order"))
    place.kill(first)
    set_clock(0)
    hold.unlink()
    place.start("w1" if store == "sqlite" else "w2", program="clock_process")
    place.wait(lambda: done("d3"))

    # While a run waits for a system that is away.
    down = place.folder.fault("down")
    place.folder.win("d4")
    place.wait(lambda: [run for run in place.runs() if run.record_id == "d4" and run.state == "waiting"])
    set_clock(-days * DAY)
    down.unlink()
    place.wait(lambda: done("d4"))

    place.folder.win("d5")
    place.wait(lambda: done("d5"))
    numbers = {deal: place.erp_id(deal) for deal in DEALS}
    assert sorted(map(str, numbers.values())) == sorted(number for number, _ in place.orders())
    assert len(place.orders()) == len(DEALS)
    assert [run.state for run in place.runs()] == ["done"] * len(DEALS)


def looked_in_vain(place: Any) -> bool:
    with place.looking.read() as connection:
        return any(intent.absent_at is not None for intent in read_intents(connection))


@pytest.mark.parametrize("store", ["sqlite", pytest.param("postgresql", marks=pytest.mark.proof)])
def test_what_was_looked_for_in_vain_before_the_clock_was_set_back_is_looked_for_again(
    make_place: Callable[..., Any], store: str, request: pytest.FixtureRequest
) -> None:
    """Found by three workers and three strikes: the look of before lay behind the new fence, and an order was sent."""
    url = "sqlite:///erpcore.db" if store == "sqlite" else request.getfixturevalue("postgres_url")
    place = make_place(url, dead_after=2.0, worker="longest_request_seconds = 4.0")
    file = place.settings_file
    file.write_text(file.read_text().replace("\nfolder =", "\nrequest_seconds = 3.0\nfolder ="))
    place.folder.deal("d1")
    clock_set(place, 0)
    first = place.start(program="clock_process")
    hold = place.folder.fault("hold-create_order")
    place.folder.win("d1")
    place.wait(lambda: place.folder.has("held-create_order"))
    show = place.folder.hide("order", "1")
    place.folder.fault("lose-create_order")
    hold.unlink()
    place.wait(lambda: looked_in_vain(place))
    show()
    hold = place.folder.fault("hold-find_orders")
    clock_set(place, -HOUR)
    place.wait(lambda: place.folder.has("held-find_orders"))
    place.kill(first)
    hold.unlink()
    place.start("w1" if store == "sqlite" else "w2", program="clock_process")
    place.wait(lambda: [run.state for run in place.runs()] == ["done"])
    assert [number for number, _ in place.orders()] == [place.erp_id("d1")]
