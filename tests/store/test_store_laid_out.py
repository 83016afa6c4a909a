"""The files that tests work on are those that the migrations make, though most of them are laid out without."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from erpcore.store import open_store
from tests import conftest_once


def made(file: Path) -> list[tuple[Any, ...]]:
    """Make a store, and give all of its tables and indexes, and the version that it notes."""
    open_store(f"sqlite:///{file}").close()
    with closing(sqlite3.connect(file)) as connection:
        version = f"SELECT version_num FROM {conftest_once.migrations().VERSION_TABLE}"  # noqa: S608 a name of ours
        whole = "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name"
        return [*connection.execute(whole).fetchall(), *connection.execute(version).fetchall()]


def test_a_file_that_is_laid_out_at_once_is_what_the_migrations_make(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(tmp_path / "first.db")  # in case no test of this process has made one yet
    laid_out = made(tmp_path / "laid_out.db")
    migrations = conftest_once.migrations()
    (as_it_is,) = migrations._upgrade.args
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "_upgrade", as_it_is)
        migrated = made(tmp_path / "migrated.db")
    assert laid_out == migrated
    assert len(migrated) > 20
