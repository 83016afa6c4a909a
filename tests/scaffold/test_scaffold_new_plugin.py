"""``erpcore new-plugin``: what a plugin begins with is clean, complete, and proven as far as it goes."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from erpcore.errors import ConfigurationError
from erpcore.fields import Default
from erpcore.models import Company, Customer, Deal, DealRow, Order, OrderRow
from erpcore.plugin import CONTRACT_VERSION
from erpcore.scaffold.new_plugin import TEMPLATE, NewPlugin, begin
from tests.docs.page_blocks import change, follow
from tests.scaffold.author_environment import at_an_authors, shared_types

DOCS = Path(__file__).parents[2] / "docs"
KINDS = ("erp", "crm")
# Names that make lines as short and as long as they get.
NAMES = {"ab": "X", "sysadmin_bokforing_pro_2024_xl": "Sysadmin Bokföring & Lön Pro 2024 (Norr)"}
FILLED_COMPANY = """
COMPANY = FieldMap(
    Company,
    [
        _read("id", "id"),
        _read("name", "name"),
        _read("organisation_number", "organisationNumber"),
        _not_built("email"),
        _not_built("invoice_email"),
        _not_built("phone"),
        _not_built("website"),
        _not_built("postal_address"),
        _not_built("visiting_address"),
        _read("erp_number", "erpNumber"),
        _not_built("is_customer"),
        _not_built("first_synced_at"),
        _not_built("responsible"),
        _not_built("custom_fields"),
    ],
)
"""
FILLED_DEALS = """
from decimal import Decimal

DEAL_ROW = FieldMap(
    DealRow,
    [
        _not_built("article_id"),
        _not_built("article_number"),
        _read("description", "text"),
        _read("quantity", "quantity", Decimal),
        _read("unit", "unit"),
        _read("unit_price", "price", Decimal),
        _read("vat_percent", "vat", Decimal),
        _not_built("discount_amount"),
        _not_built("discount_percent"),
    ],
)
DEAL = FieldMap(
    Deal,
    [
        _read("id", "id"),
        _read("name", "name"),
        _read("won", "status", lambda status: status == "won"),
        _read("status", "status"),
        _read("value", "value", Decimal),
        _not_built("currency"),
        _not_built("won_date"),
        _read("company_id", "companyId"),
        _not_built("contact"),
        _not_built("responsible"),
        Rows("rows", "rows", DEAL_ROW),
        _not_built("custom_fields"),
        _read("erp_id", "erpId"),
        _not_built("revision"),
    ],
)
"""


MADE_UP = """

def door(secret: str = "made-up-secret") -> str:
    \"\"\"Give what opens the door.\"\"\"
    return secret
"""
"""As simulators have it: secrets that are nobody's."""


def run(folder: Path, *command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, capture_output=True, text=True, timeout=280, check=False
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", NAMES)
def test_what_a_plugin_begins_with_is_clean(tmp_path: Path, kind: str, name: str) -> None:
    begin(NewPlugin(name, kind, NAMES[name]), tmp_path / "new")
    (simulator,) = (tmp_path / "new").glob("*/simulator.py")
    with simulator.open("a", encoding="utf-8") as file:
        file.write(MADE_UP)
    assert run(tmp_path / "new", "ruff", "check", ".") == ""
    assert run(tmp_path / "new", "ruff", "format", "--check", ".") == ""


@pytest.mark.wide
@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_what_a_plugin_begins_with_has_its_types_right(tmp_path: Path, kind: str) -> None:
    begin(NewPlugin("acme_books", kind, "Acme Books"), tmp_path / "new")
    assert run(tmp_path / "new", "mypy", "--cache-dir", str(shared_types(tmp_path))) == ""


@pytest.mark.parametrize("kind", KINDS)
def test_the_files_hold_no_template_and_no_place_of_this_machine(tmp_path: Path, kind: str) -> None:
    files = begin(NewPlugin("acme_books", kind, "Acme Books"), tmp_path / "new")
    assert {str(file) for file in files} == {
        ".github/workflows/check.yml",
        ".gitignore",
        "README.md",
        "erpcore_acme_books/__init__.py",
        "erpcore_acme_books/client.py",
        "erpcore_acme_books/fields.py",
        "erpcore_acme_books/plugin.py",
        "erpcore_acme_books/py.typed",
        "erpcore_acme_books/settings.py",
        "erpcore_acme_books/simulator.py",
        "pyproject.toml",
        "tests/test_acme_books_contract.py",
    }
    for file in files:
        text = (tmp_path / "new" / file).read_text(encoding="utf-8")
        assert "[[" not in text.replace("[[[", "")
        assert "[%" not in text
        assert str(TEMPLATE) not in text
    plugin = (tmp_path / "new" / "erpcore_acme_books" / "plugin.py").read_text(encoding="utf-8")
    # The number, not the constant: a published plugin must not claim to fit whatever erpcore it meets.
    assert f"contract_version: ClassVar[int] = {CONTRACT_VERSION}\n" in plugin


@pytest.mark.parametrize(("kind", "models"), [("erp", (Customer, Order, OrderRow)), ("crm", (Company, Deal, DealRow))])
def test_every_canonical_field_stands_in_the_field_maps(tmp_path: Path, kind: str, models: tuple[type, ...]) -> None:
    begin(NewPlugin("acme", kind, "Acme"), tmp_path / "new")
    names: dict[str, object] = {}
    fields = tmp_path / "new" / "erpcore_acme" / "fields.py"
    exec(compile(fields.read_text(encoding="utf-8"), str(fields), "exec"), names)  # noqa: S102 what we just wrote
    for model in models:
        (field_map,) = [value for value in names.values() if getattr(value, "model", None) is model]
        names_of_fields = [entry.name for entry in field_map.entries if not isinstance(entry, Default)]
        assert names_of_fields == list(model.model_fields)


@pytest.mark.wide
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_new_author_gets_from_nothing_to_a_proven_plugin(tmp_path: Path) -> None:
    author = at_an_authors(tmp_path)
    # In the order in which a reader comes by; each page goes on with the plugin of the one before.
    assert follow(DOCS / "tutorial.md", author) == 12
    assert follow(DOCS / "simulators.md", author) == 0
    assert follow(DOCS / "cassettes.md", author) == 3
    assert follow(DOCS / "publishing.md", author) == 1


@pytest.mark.wide
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_crm_plugin_is_installed_filled_in_and_keeps_the_contract(tmp_path: Path) -> None:
    """The same for an ERP is what the tutorial does."""
    author = at_an_authors(tmp_path)
    author.run("erpcore new-plugin hyrcrm --kind crm --display-name Hyrcrm --folder plugin")
    author.run("cd plugin")
    assert "Successfully installed erpcore-hyrcrm-0.1.0" in author.run("python -m pip install '.[simulator,dev]'")
    before = author.run("pytest -q -k test_M --tb=line")
    # What the CRM holds is not read yet: neither enough to work with, nor what the contract states.
    assert "FAILED" in before, before
    for rule, cases in (("M01", {"company", "deal"}), ("M04", {"fetch_customer", "fetch_deal"})):
        assert set(re.findall(rf"FAILED .*test_{rule}_\w+\[(\w+)\]", before)) == cases, before
    change(author.folder / "erpcore_hyrcrm" / "fields.py", FILLED_COMPANY)
    change(author.folder / "erpcore_hyrcrm" / "fields.py", FILLED_DEALS)
    author.run("python -m pip install '.[simulator,dev]'")
    after = author.run("pytest -q")
    assert "failed" not in after, after
    assert " passed" in after, after


@pytest.mark.slow
def test_the_template_is_shipped_in_the_package(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    assert run(root, "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)) == ""
    (wheel,) = tmp_path.glob("*.whl")
    shipped = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("erpcore/scaffold/template/")}
    wanted = {str(path.relative_to(root)) for path in TEMPLATE.rglob("*") if path.is_file()}
    assert shipped == wanted


@pytest.mark.parametrize("name", ["", "Acme", "2acme", "acme-books", "acme__books", "acme_", "class", "åkeri", "../up"])
def test_a_name_that_cannot_be_a_plugin_s_is_refused(name: str) -> None:
    with pytest.raises(ConfigurationError, match="cannot be the name of a plugin"):
        NewPlugin(name, "erp", "Acme")


def test_the_name_of_a_plugin_that_is_there_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"erpcore-fortnox \d"):
        NewPlugin("fortnox", "crm", "Another Fortnox")


def test_the_name_of_a_package_that_is_there_under_another_plugin_s_name_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    info = tmp_path / "erpcore_acme_books-2.1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: erpcore-acme-books\nVersion: 2.1\n")
    (info / "entry_points.txt").write_text("[erpcore.erp]\nacme_books_online = nowhere:Plugin\n")
    with pytest.raises(ConfigurationError, match=r"A package erpcore-acme-books is installed already \(2\.1\)"):
        NewPlugin("acme_books", "crm", "Acme Books")


@pytest.mark.parametrize("display_name", ["", " ", 'a "b"', "a\nb", "a\\b", "x" * 41, "{{ 7 * 7 }}[[ name ]]"])
def test_a_display_name_that_would_break_code_is_refused(display_name: str) -> None:
    with pytest.raises(ConfigurationError, match="cannot be a system's name"):
        NewPlugin("acme", "erp", display_name)


def test_nothing_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(ConfigurationError, match="not empty"):
        begin(NewPlugin("acme", "erp", "Acme"), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_without_jinja_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'erpcore\[author\]'"):
        begin(NewPlugin("acme", "erp", "Acme"), tmp_path / "new")
    assert not (tmp_path / "new").exists()
