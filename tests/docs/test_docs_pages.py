"""The documentation says what the code says, is complete, and needs no other host."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType
from typing import get_args

import pytest

from erpcore.errors import Cause
from erpcore.hookspecs import CrmHooks, ErpHooks, hooks_of

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


pages = load(DOCS / "generated_pages.py")
HOOKS = [(kind, name) for kind in pages.SPECS for name in pages.hooks(kind)]
AGAIN = "run: python docs/generated_pages.py"


def test_every_hook_has_its_page_and_no_page_is_left_over() -> None:
    specs = {"erp": ErpHooks, "crm": CrmHooks}
    wanted = {f"{kind}/{name}" for kind, spec in specs.items() for name in hooks_of(spec)}
    there = {f"{page.parent.name}/{page.stem}" for page in DOCS.glob("hooks/*/*.md")}
    assert there == wanted, AGAIN


@pytest.mark.parametrize(("kind", "name"), HOOKS, ids=[f"{kind}-{name}" for kind, name in HOOKS])
def test_a_hook_s_page_begins_with_what_its_spec_says(kind: str, name: str) -> None:
    page = (DOCS / "hooks" / kind / f"{name}.md").read_text(encoding="utf-8")
    assert page.startswith(pages.hook_head(kind, name)), AGAIN
    by_hand = page.partition(pages.MARK)[2]
    assert by_hand.startswith("\n\n## What to mind\n\n- "), f"say below the mark what is to be minded about {name}"


def test_a_hook_s_page_says_who_calls_it() -> None:
    assert "`erpcore.engine.intake`" in pages.called_by("crm", "fetch_events")
    assert "`erpcore.sync." in pages.called_by("erp", "create_order")
    both = [pages.called_by(kind, "identify_account") for kind in ("erp", "crm")]
    registers = "`erpcore.engine.accounts`, `erpcore.sync.shared.registers`"
    assert both == [f"**Called by** {registers}.", "**Called by** `erpcore.engine.accounts`."]


def test_a_hook_that_nobody_calls_is_told_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "CALLERS", ("web",))
    pages.calls.cache_clear()
    try:
        assert "nothing in erpcore yet" in pages.called_by("erp", "create_order")
    finally:
        monkeypatch.undo()
        pages.calls.cache_clear()


def test_the_generated_pages_are_fresh() -> None:
    assert (DOCS / "hooks" / "index.md").read_text(encoding="utf-8") == pages.hook_list(), AGAIN
    assert (DOCS / "models.md").read_text(encoding="utf-8") == pages.model_page(), AGAIN
    made = {"settings": pages.settings_page(), "rules": pages.rules_page(), "remedies": pages.remedy_page()}
    made |= {f"plugins/{name.removesuffix('.md')}": text for name, text in pages.plugin_pages().items()}
    for name, text in made.items():
        assert (DOCS / f"{name}.md").read_text(encoding="utf-8") == text, AGAIN
    assert {page.name for page in DOCS.glob("plugins/*.md")} == set(pages.plugin_pages())
    assert pages.error_tree() in (DOCS / "errors.md").read_text(encoding="utf-8"), AGAIN


def test_every_question_that_a_person_is_asked_has_its_answers() -> None:
    page = (DOCS / "running.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(\w+)` \| .* \| .*`erpcore .* \|$", page, re.M)) >= set(get_args(Cause))


def test_a_changed_signature_is_noticed() -> None:
    """The comparison is with the annotations as they are written, so that a type that changes shows."""
    assert pages.signature(pages.hooks("erp")["fetch_invoices"]) == (
        "def fetch_invoices(self, changed_since: Moment | None, cursor: str | None, context: Context)"
        " -> Page[Invoice]: ..."
    )


def test_the_rules_that_pages_name_are_there() -> None:
    rules = {
        match
        for module in (ROOT / "erpcore" / "testing" / "contract").glob("*.py")
        for match in re.findall(r"def test_([A-Z]\d\d)_", module.read_text(encoding="utf-8"))
    }
    for page in [*DOCS.glob("*.md"), *DOCS.glob("hooks/*/*.md")]:
        named = set(re.findall(r"\b([CDEFGMOPRS]\d\d)\b", page.read_text(encoding="utf-8")))
        assert named <= rules, f"{page.name} names rules that are not there: {sorted(named - rules)}"


class Fetched(HTMLParser):
    """Collects what a browser fetches by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in ("script", "img", "iframe", "source", "video") and given.get("src"):
            self.addresses.append(str(given["src"]))
        if tag == "link" and given.get("rel") != "canonical" and given.get("href"):
            self.addresses.append(str(given["href"]))


@pytest.mark.slow
def test_the_site_is_built_and_fetches_nothing_from_other_hosts(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path / "site")]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"}, capture_output=True, text=True, timeout=280
    )
    assert done.returncode == 0, done.stdout + done.stderr
    built = list((tmp_path / "site").rglob("*.html"))
    assert len(built) > len(HOOKS)
    for page in built:
        fetched = Fetched()
        fetched.feed(page.read_text(encoding="utf-8"))
        assert fetched.addresses, f"{page.name} has not even a style sheet of its own"
        assert not [address for address in fetched.addresses if "//" in address], page.name
        assert "```" not in page.read_text(encoding="utf-8"), f"{page.name} shows a block of code as its source"
    for sheet in (tmp_path / "site").rglob("*.css"):
        assert not re.search(r"url\([\"']?(https?:)?//", sheet.read_text(encoding="utf-8")), sheet.name
