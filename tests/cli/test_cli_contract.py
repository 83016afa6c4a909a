"""The contract kit's results on the command line and in the README."""

from __future__ import annotations

from pathlib import Path

import pytest

from erpcore.testing.report import Result, make_report, write_report

PAGE = "# A page\n\n<!-- plugins: begin -->\nold\n<!-- plugins: end -->\n\nAfter it.\n"


@pytest.fixture
def report(tmp_path: Path) -> Path:
    results = [
        Result("fortnox", "erp", "TestFortnox", "D01", None, "passed", ""),
        Result("fortnox", "erp", "TestFortnox", "O04", "rows", "deviation", "it posts what it makes"),
        Result("fortnox", "erp", "TestFortnox", "C01", None, "not applicable", "no cassettes"),
    ]
    write_report(make_report(results), tmp_path / "contract.json")
    return tmp_path / "contract.json"


def test_the_report_is_shown_with_what_deviates(cli, report: Path) -> None:
    shown = cli("contract", "report", str(report))
    assert shown.code == 0
    assert "it posts what it makes" in shown.out


def test_the_table_is_written_into_the_page_and_a_stale_one_is_noticed(cli, report: Path, tmp_path: Path) -> None:
    page = tmp_path / "README.md"
    page.write_text(PAGE)
    stale = cli("contract", "readme", "--check", str(report), str(page))
    assert stale.code == 1
    assert "stale" in stale.err
    assert page.read_text() == PAGE
    assert cli("contract", "readme", str(report), str(page)).code == 0
    written = page.read_text()
    assert "| `fortnox` | Fortnox | ERP | erpcore-fortnox | 1 of 2 cases, 1 declared deviation |" in written
    assert "old" not in written
    assert written.endswith("\n\nAfter it.\n")
    assert cli("contract", "readme", "--check", str(report), str(page)).code == 0


def test_a_page_without_a_place_and_a_file_that_is_no_report_are_told(cli, report: Path, tmp_path: Path) -> None:
    page = tmp_path / "README.md"
    page.write_text("nothing here")
    assert "no place for the table" in cli("contract", "readme", str(report), str(page)).err
    assert "--contract-report" in cli("contract", "report", str(page)).err
