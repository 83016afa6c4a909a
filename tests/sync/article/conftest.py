"""Syncs that keep articles equal."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.sync.article_world import ArticleWorld

MakeArticles = Callable[..., ArticleWorld]


@pytest.fixture
def make_articles(tmp_path: Path, empty_store: Path) -> Iterator[MakeArticles]:
    made: list[ArticleWorld] = []

    def make(**options: Any) -> ArticleWorld:
        file = shutil.copy(empty_store, tmp_path / f"articles-{len(made)}.db")
        made.append(ArticleWorld(f"sqlite:///{file}", **options))
        return made[-1]

    yield make
    for world in made:
        world.close()
