"""The documentation is true: its code does what it says. Its commands: see tests/scaffold."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.page_blocks import run_python

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize(
    ("page", "compared"),
    [("field-maps.md", 37), ("errors.md", 10), ("effects.md", 0), ("simulators.md", 17), ("host.md", 0)],
)
def test_the_code_on_a_page_does_what_the_page_says(page: str, compared: int) -> None:
    assert run_python(DOCS / page) == compared
