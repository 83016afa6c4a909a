"""Stores to test with: the same tests on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import make_url

from erpcore.host import Clock
from erpcore.store import Store, open_store, upgrade
from tests.conftest_postgres import new_database

KEY = Fernet.generate_key().decode()


class MovableClock:
    """Time that stands still until a test moves it, or somebody sleeps.

    Attributes:
        sleep: What sleeping does; a test may put something else in its place.
        clock: What a store is given.
    """

    def __init__(self) -> None:
        self.at = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
        self.sleep: Callable[[float], None] = self.move
        self.clock = Clock(monotonic=lambda: self.at.timestamp(), now=self, sleep=lambda seconds: self.sleep(seconds))

    def __call__(self) -> datetime:
        return self.at

    def move(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@pytest.fixture(scope="session")
def migrated_template(postgres_server: str) -> Iterator[str]:
    """Name of a database with our tables: copying it is quicker than migrating for each test."""
    with new_database(postgres_server) as url:
        upgrade(url)
        yield str(make_url(url).database)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of a database without any table."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'erpcore.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of a database that `open_store` takes."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'erpcore.db'}"
        return
    server = request.getfixturevalue("postgres_server")
    with new_database(server, template=request.getfixturevalue("migrated_template")) as url:
        yield url


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """A store that keeps the database's own time."""
    opened = open_store(store_url, key=KEY)
    yield opened
    opened.close()


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def timed_store(store_url: str, clock: MovableClock) -> Iterator[Store]:
    """A store whose time the test moves."""
    opened = open_store(store_url, key=KEY, clock=clock.clock)
    yield opened
    opened.close()
