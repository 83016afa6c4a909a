"""An integrator who types what the first page prints has an order in ten commands."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.page_blocks import follow
from tests.scaffold.author_environment import at_an_authors

PAGE = Path(__file__).parents[2] / "docs" / "first-order.md"


@pytest.mark.wide
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_ten_commands_lead_to_the_first_order(tmp_path: Path) -> None:
    integrator = at_an_authors(tmp_path)
    # A browser that follows the consent page to its end and shows nothing.
    integrator.variables["BROWSER"] = "curl -sL -o page.html %s"
    try:
        assert follow(PAGE, integrator) == 10
    finally:
        integrator.stop()
