"""The budget on a SQLite file: in memory, noted once a second, shared with commands and with the worker after it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from erpcore.errors import RateLimitedError
from erpcore.host import Budget
from erpcore.store import Store, StoreBudget, budget_of, open_store
from erpcore.store.schema import budget_grants
from tests.store.conftest import KEY, MovableClock


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def store(tmp_path: Path, clock: MovableClock) -> Store:
    return open_store(f"sqlite:///{tmp_path / 'erpcore.db'}", key=KEY, clock=clock.clock)


def refused(budget: Budget, limit: int, seconds: float) -> float:
    with pytest.raises(RateLimitedError) as caught:
        budget.acquire("k", limit, seconds, longest_wait=0.0)
    assert caught.value.retry_after is not None
    return caught.value.retry_after


def test_a_worker_is_granted_what_fits_and_writes_once_a_second(store: Store, clock: MovableClock) -> None:
    commits: list[Any] = []
    budget = budget_of(store, noted_every=1.0)
    budget.acquire("k", 100, 60.0)
    sa.event.listen(store.engine, "commit", commits.append)
    for _ in range(20):
        clock.move(0.1)
        budget.acquire("k", 100, 60.0)
    assert len(commits) == 2
    for _ in range(79):
        budget.acquire("k", 100, 60.0)
    assert refused(budget, 100, 60.0) == pytest.approx(58.0)


def test_a_command_beside_the_worker_shares_the_window(store: Store, clock: MovableClock) -> None:
    worker, command = budget_of(store, noted_every=1.0), budget_of(store)
    worker.acquire("k", 3, 10.0)
    command.acquire("k", 3, 10.0)
    clock.move(1.0)
    worker.acquire("k", 3, 10.0)
    assert refused(worker, 3, 10.0) == pytest.approx(9.0), "it knows of the command's request by now"
    clock.move(9.0)
    worker.acquire("k", 3, 10.0)
    command.acquire("k", 3, 10.0)
    assert refused(command, 3, 10.0) == pytest.approx(1.0)


def test_the_worker_after_it_knows_what_was_sent_before(store: Store, clock: MovableClock) -> None:
    first = budget_of(store, noted_every=1.0)
    first.acquire("k", 2, 10.0)
    clock.move(2.0)
    first.acquire("k", 2, 10.0)
    after = budget_of(store, noted_every=1.0)
    assert refused(after, 2, 10.0) == pytest.approx(8.0)
    clock.move(60.0)
    after.acquire("k", 2, 10.0)
    with store.read() as connection:
        kept = connection.execute(sa.select(sa.func.count()).select_from(budget_grants)).scalar_one()
    assert kept == 1, "what no window needs is forgotten"


def test_a_window_that_the_vendor_has_closed_is_closed_for_all(store: Store, clock: MovableClock) -> None:
    worker, command = budget_of(store, noted_every=1.0), budget_of(store)
    worker.acquire("k", 10, 5.0)
    command.acquire("k", 10, 5.0)
    command.close_window("k", 20.0)
    assert refused(command, 10, 5.0) == pytest.approx(20.0)
    clock.move(1.0)
    worker.acquire("k", 10, 5.0)
    assert refused(worker, 10, 5.0) == pytest.approx(19.0)


def test_many_workers_share_one_in_the_store(store: Store) -> None:
    class OnPostgres:
        is_sqlite, clock = False, store.clock

    assert isinstance(budget_of(OnPostgres()), StoreBudget)  # type: ignore[arg-type]
