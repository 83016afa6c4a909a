"""Comparing both registers before the first activation."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
import typer

from erpcore.settings import load_settings, store_url
from erpcore.store import links_from, open_store, put_link

pytestmark = pytest.mark.usefixtures("secrets")


@pytest.fixture
def registers(lime_go, fortnox) -> dict[str, str]:
    """Companies of each kind in Lime Go, by name, beside the demonstration's; more than one page of them."""
    lime, _ = lime_go
    books, _ = fortnox
    books.tokens()
    wanted: dict[str, dict[str, Any]] = {
        "Passar AB": {"business_id": "556016-0680"},
        "=Tvetydig AB": {"business_id": "556036-0793"},
        "Utan nummer AB": {"business_id": None},
        "Fel nummer AB": {"business_id": "556016-0681"},
        "Länkad AB": {"business_id": "559900-0246"},
    }
    keys = {name: f"pase{lime.add_company(name, **values).number}" for name, values in wanted.items()}
    for number in range(20):
        lime.add_company(f"Fyllnad {number} AB", business_id=None)
    books.seed(
        {
            "customers": [
                {"CustomerNumber": "50", "Name": "Passar i Lund", "OrganisationNumber": "5560160680"},
                {"CustomerNumber": "51", "Name": "Ett", "OrganisationNumber": "556036-0793"},
                {"CustomerNumber": "52", "Name": "Två", "OrganisationNumber": "5560360793"},
            ]
        }
    )
    return keys


def links(settings_file: Path, company: str) -> list[str]:
    store = open_store(store_url(load_settings(settings_file)))
    with store.read() as reading:
        found = links_from(reading, sync="won", source_kind="company", source_id=company)
    store.close()
    return [link.number for link in found if link.cut_at is None]


def test_every_company_is_told_for_what_it_is_and_nothing_is_changed(
    cli, settings_file: Path, registers: dict[str, str], tmp_path: Path, fortnox
) -> None:
    store = open_store(store_url(load_settings(settings_file)))
    with store.begin() as writing:
        given = {"source_kind": "company", "source_id": registers["Länkad AB"], "target_kind": "customer"}
        put_link(writing, sync="won", number="99", **given)
    store.close()
    file = tmp_path / "companies.csv"
    told = json.loads(cli("match", "won", "--csv", str(file), "--json").out)
    lines = list(csv.DictReader(file.read_text("utf-8-sig").splitlines(), delimiter=";"))
    outcomes = {line["name"]: (line["outcome"], line["number"]) for line in lines}
    assert outcomes["Passar AB"] == ("matched", "50")
    assert outcomes["'=Tvetydig AB"] == ("ambiguous", ""), "a name is no formula"
    assert outcomes["Utan nummer AB"] == ("invalid", "")
    assert outcomes["Fel nummer AB"] == ("invalid", "")
    assert outcomes["Länkad AB"] == ("linked", "99")
    assert outcomes["Granudden Bygg AB"] == ("new", "")
    assert outcomes["Sjöstrand Redovisning AB"] == ("matched", "10")
    assert len(lines) == sum(told["counts"].values()) == len({line["company"] for line in lines})
    assert len(lines) > 20, "all pages were read"
    assert links(settings_file, registers["Passar AB"]) == []
    assert not [entry for entry in fortnox[0].journal.entries() if entry.method != "GET" and "oauth" not in entry.path]
    shown = cli("match", "won", "--rows", "2").out
    assert "Nothing was changed." in shown
    assert "customer 51" in shown
    assert "customer 52" in shown


def test_links_are_made_in_bulk_after_a_person_has_said_so(
    cli, settings_file: Path, registers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter((False, True))

    def confirm(text: str, *, abort: bool) -> bool:
        assert "Link 2 companies" in text
        answer = next(answers)
        if abort and not answer:
            raise typer.Abort
        return answer

    monkeypatch.setattr("typer.confirm", confirm)
    assert cli("match", "won", "--link").code == 1
    assert links(settings_file, registers["Passar AB"]) == []
    assert "2 companies are linked." in cli("match", "won", "--link").out
    assert links(settings_file, registers["Passar AB"]) == ["50"]
    again = json.loads(cli("match", "won", "--link", "--yes", "--json").out)
    assert (again["counts"]["linked"], again["counts"]["matched"], again["linked"]) == (2, 0, 0)
    assert again["requests"]["books"] <= 2, "registers are read by the page"


def test_what_cannot_be_asked_is_refused(cli, settings_file: Path) -> None:
    assert "--yes goes with --link" in cli("match", "won", "--yes").err
    assert "cannot ask" in cli("match", "won", "--link", "--json").err
    assert "there is no sync" in cli("match", "wno").err
