"""A vendor's hiccup is waited for some minutes; a consent that is gone holds the connection until it is given."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from erpcore.errors import AuthenticationError, ConsentNeededError, MalformedReplyError, UnavailableError
from erpcore.host import Token
from erpcore.store import Run, StoreTokenStore, now, read_health


def raising(*errors: Exception | None) -> Any:
    left = list(errors)

    def step(run: Run) -> None:
        if left and (error := left.pop(0)) is not None:
            raise error

    return step


def garbled() -> MalformedReplyError:
    return MalformedReplyError("GET /orders was answered with status 200, but the answer is a web page.")


def refused() -> AuthenticationError:
    return AuthenticationError("refused", connection="erp", advice="Check the connection's credentials.")


@pytest.mark.parametrize("make", [garbled, refused])
def test_a_hiccup_of_the_vendor_fails_no_deal(bench: Any, make: Any) -> None:
    bench.flow.does = {"first": raising(make(), make())}
    run = bench.open()
    with bench.running():
        bench.wait(lambda: bench.run(run.id).state == "done")
    assert len(bench.lines(run.id, "waiting")) == 2
    assert bench.flow.told == [], "the CRM is not told of what is over in a moment"


@pytest.mark.parametrize("make", [garbled, refused])
def test_what_lasts_has_failed(bench: Any, make: Any) -> None:
    bench.flow.does = {"first": raising(*(make() for _ in range(9)))}
    bench.settings = bench.settings.model_copy(update={"hiccup_minutes": 0.5 / 60, "retry_seconds": (0.1, 0.2)})
    run = bench.open()
    with bench.running():
        failed = bench.wait(lambda: (now := bench.run(run.id)).state == "failed" and now)
    assert "of trying. The last time" in failed.problem.message
    assert failed.problem.advice == make().advice
    assert bench.lines(run.id, "waiting"), "it was waited for"
    assert bench.flow.told


def test_an_outage_before_it_is_no_part_of_a_hiccup(bench: Any) -> None:
    bench.settings = bench.settings.model_copy(update={"hiccup_minutes": 0.6 / 60, "retry_seconds": (0.4,)})
    bench.flow.does = {"first": raising(*(UnavailableError("away") for _ in range(3)), garbled())}
    run = bench.open()
    with bench.running():
        bench.wait(lambda: bench.run(run.id).state == "done")


def test_a_list_without_an_end_fails_at_once(bench: Any) -> None:
    error = MalformedReplyError("The system's list has no end.")
    error.lasts = True
    bench.flow.does = {"first": raising(error)}
    run = bench.open(enqueue=False)
    assert bench.carry_out(run) == "failed"


def test_a_consent_that_is_gone_holds_the_connection_and_goes_on_by_itself(bench: Any) -> None:
    tokens = StoreTokenStore(bench.store)
    tokens.mark_dead("erp", "Invalid refresh token", "")
    gone = ConsentNeededError("The consent is gone.", connection="erp", advice="erpcore connect erp")
    bench.flow.does = {"first": raising(*([gone] * 8))}
    bench.settings = bench.settings.model_copy(update={"retry_seconds": (3600.0,), "give_up_hours": 0.001})
    runs = [bench.open(f"d{number}") for number in range(8)]
    with bench.running():
        bench.wait(lambda: all(bench.run(run.id).state == "waiting" for run in runs))
        with bench.store.read() as connection:
            health, at = read_health(connection), now(connection)
        assert health.counts == {"waiting": 8}, "nothing has failed, and nothing needs a person eight times"
        assert list(health.dead_grants) == ["erp"]
        bench.recovery().sweep()
        assert {bench.run(run.id).state for run in runs} == {"waiting"}
        with tokens.locked("erp") as held:
            held.save(Token("new", "refresh", at + timedelta(hours=1)))
        bench.recovery().sweep()
        bench.wait(lambda: all(bench.run(run.id).state == "done" for run in runs))
    assert bench.flow.told == []
