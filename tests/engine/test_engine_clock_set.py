"""The wall clock is set a day forward and back under workers that are at work: nothing twice, nothing lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.engine.clock_process import OFF_BY

pytestmark = pytest.mark.slow

DAY = 86_400
DEALS = ("d1", "d2", "d3", "d4", "d5")


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
    off_by = place.settings_file.with_name(OFF_BY)

    def set_clock(day: int) -> None:
        draft = off_by.with_suffix(".new")
        draft.write_text(str(day * DAY))
        draft.replace(off_by)

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
    set_clock(days)
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
    set_clock(-days)
    down.unlink()
    place.wait(lambda: done("d4"))

    place.folder.win("d5")
    place.wait(lambda: done("d5"))
    numbers = {deal: place.erp_id(deal) for deal in DEALS}
    assert sorted(map(str, numbers.values())) == sorted(number for number, _ in place.orders())
    assert len(place.orders()) == len(DEALS)
    assert [run.state for run in place.runs()] == ["done"] * len(DEALS)
