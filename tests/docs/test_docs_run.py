"""The documentation is true: its commands print what it says, and its code does."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.page_blocks import follow, run_python
from tests.scaffold.author_environment import at_an_authors

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_new_author_gets_from_nothing_to_a_proven_plugin(tmp_path: Path) -> None:
    author = at_an_authors(tmp_path)
    # In the order in which a reader comes by; each page goes on with the plugin of the one before.
    assert follow(DOCS / "tutorial.md", author) == 12
    assert follow(DOCS / "simulators.md", author) == 0
    assert follow(DOCS / "cassettes.md", author) == 3
    assert follow(DOCS / "publishing.md", author) == 1


@pytest.mark.parametrize(
    ("page", "compared"), [("field-maps.md", 7), ("errors.md", 4), ("effects.md", 0), ("simulators.md", 17)]
)
def test_the_code_on_a_page_does_what_the_page_says(page: str, compared: int) -> None:
    assert run_python(DOCS / page) == compared
