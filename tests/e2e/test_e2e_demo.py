"""``erpcore demo`` as a person runs it: in an empty folder, again, and left running until it is told to end."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from pathlib import Path

import pytest
from erpcore_visma_admin.simulator.library import compiler

from erpcore.demo.lime_go_fortnox import SCENARIO
from erpcore.demo.show import world
from erpcore.errors import ErpcoreError
from tests.e2e.world import PROGRAM
from tests.forked import Forked

pytestmark = pytest.mark.slow
AGAIN = [1, pytest.param(2, marks=pytest.mark.proof)]
"""How often a demonstration is run in one folder: here twice for one pair of systems, in `make proof` for each."""


def start(folder: Path, *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [str(PROGRAM), "demo", *options],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "COLUMNS": "200"},
    )


def shown(folder: Path, *options: str) -> str:
    """Give what a demonstration prints, which must go well; the next in the folder goes on where it ended."""
    log = folder / "shown"
    environment = {**os.environ, "COLUMNS": "200"}
    process = Forked("erpcore.cli:main", ["demo", "--folder", str(folder / "demo"), *options], log, environment)
    try:
        code = process.wait(100)
    finally:
        process.kill()
    assert code == 0, log.read_text()
    return log.read_text()


def held_in(output: str, erp: str = "fortnox") -> list[str]:
    """Give the lines that name the documents that the ERP holds, from the summary."""
    assert f"{erp} holds now:" in output, output
    told = output.partition("holds now:")[2].splitlines()
    return [line.strip() for line in told if line.strip().startswith(("order ", "invoice "))]


def invoice_rows(output: str) -> list[str]:
    """Give the lines of the table of invoices: number, customer, total, left, due, state, what the CRM shows."""
    return [line for line in output.splitlines() if line.startswith("│ ") and line.count("│") == 8]


@pytest.mark.parametrize("times", AGAIN)
def test_a_company_is_linked_by_hand_and_its_deals_become_orders_and_drafts(tmp_path: Path, times: int) -> None:
    output = shown(tmp_path, "--erp", "visma_eaccounting")
    assert "Everything ended well" in output
    for told in ("Add Granudden Bygg AB as a customer", "Add its contact person Karin Gran", "Overwrite the customer"):
        assert told in output
    held = output.partition("holds now:")[2]
    assert "Granudden Bygg AB, Nya Hamngatan 9, contact person Karin Gran" in held
    assert held.count("customer ") == 3, "the linked company and the one that Visma had are not made again"
    assert held.count("  order ") == 3
    assert re.search(r"  invoice \d+, Sjöstrand", held), "the draft was booked"
    assert "invoice draft of Sjöstrand" not in held
    for _ in range(1, times):
        output = shown(tmp_path, "--erp", "visma_eaccounting")
        assert output.partition("holds now:")[2].count("  order ") == 3


def test_the_demonstration_twice_and_left_running(tmp_path: Path) -> None:
    first = start(tmp_path)
    output, _ = first.communicate(timeout=100)
    assert first.returncode == 0, output
    orders = held_in(output)
    assert [line.split(",")[0] for line in orders] == ["order 1", "order 2", "order 3", "order 4"]
    assert sorted(line.partition("invoiced as ")[2] for line in orders) == ["", "", "1", "2"]
    # One deal fails, its mail is shown in its reader's language, and it goes again once it is mended.
    # Where the worker was quick, the mail tells of the company's run as well: “2 poster” stands in its subject then.
    assert "[erpcore demo] Fel värde: " in output, output
    assert "affär 850003 Fasadtvätt, Höglund Måleri AB" in output.partition("[erpcore demo]")[2].partition("--")[0]
    assert "Företaget har inget organisationsnummer" in " ".join(output.split())
    assert "got its organisation number in Lime Go" in " ".join(output.split())
    assert "In fortnox: invoice 1 is booked." in output
    assert "In fortnox: invoice 1 is paid." in output
    before, after = output.partition("35 days pass.")[::2]
    assert [row.split("│")[6].strip() for row in invoice_rows(before)] == ["green", "yellow"]
    assert [row.split("│")[6].strip() for row in invoice_rows(after)] == ["green", "red"]
    assert "green, 0.00 left to pay" in invoice_rows(after)[0]
    assert "red, " in invoice_rows(after)[1]
    assert all(" SEK incl. VAT" in line for line in orders)
    assert "Everything ended well" in output

    # Again, on what the first left behind, and this time it stays until it is told to end.
    second = start(tmp_path, "--keep")
    assert second.stdout is not None
    lines: list[str] = []
    for line in second.stdout:
        lines.append(line)
        if "Everything is left running" in line:
            break
    assert second.poll() is None, "".join(lines)
    second.send_signal(signal.SIGTERM)
    try:
        rest, _ = second.communicate(timeout=60)
    finally:
        second.kill()  # so that one that does not listen disturbs no other test
    assert second.returncode == 0, rest
    assert held_in("".join(lines)) == orders, "no second order for the same deals"
    assert "nothing" in "".join(lines)


@pytest.mark.parametrize("times", AGAIN)
def test_the_demonstration_of_the_order_flow(tmp_path: Path, times: int) -> None:
    options = ("--crm", "lime_crm", "--erp", "poweroffice")
    output = shown(tmp_path, *options)
    documents = held_in(output, "poweroffice")
    assert documents == [
        "order 5001, 10687.50 NOK incl. VAT",
        "order 5003, 4475.00 NOK incl. VAT",
        "invoice 10001, 10350.00 NOK incl. VAT",
    ]
    # One order fails for a product that is missing, and goes again once it is mended and set ready.
    assert "(MANGLER-9) of row 1 is not in the ERP" in " ".join(output.split())
    assert "[erpcore demo] Vare mangler: ordre 1019" in output, "the mail about it is shown"
    assert "was set ready again" in output
    assert "Everything ended well" in output

    for _ in range(1, times):
        output = shown(tmp_path, *options)
        assert held_in(output, "poweroffice") == documents, "nothing is made twice"
        assert "Everything ended well" in output


def test_a_simulator_kept_by_another_version_is_told_with_what_helps(tmp_path: Path) -> None:
    (tmp_path / "lime_go.json").write_text("{}")
    with pytest.raises(ErpcoreError, match="cannot recall") as told, world(SCENARIO, tmp_path):
        pytest.fail("it must not start")
    assert "--fresh" in told.value.advice


@pytest.mark.skipif(compiler() is None, reason="the simulated Visma Administration needs a C compiler")
@pytest.mark.parametrize("times", AGAIN)
@pytest.mark.parametrize("way", [pytest.param((), id="called"), pytest.param(("--asking",), id="asking")])
def test_the_demonstration_of_the_order_flow_through_an_agent(tmp_path: Path, way: tuple[str, ...], times: int) -> None:
    options = ("--crm", "lime_crm", "--erp", "visma_admin", *way)
    output = shown(tmp_path, *options)
    documents = held_in(output, "visma_admin")
    # The numbers go by who was first; the one that fails first is the last.
    assert sorted(line.split(", ")[1] for line in documents) == [
        "10350.00 NOK incl. VAT",
        "10350.00 NOK incl. VAT",
        "10687.50 NOK incl. VAT",
        "4475.00 NOK incl. VAT",
    ]
    assert documents[2:] == ["order 1003, 10350.00 NOK incl. VAT", "invoice 5001, 10350.00 NOK incl. VAT"]
    assert "Row 2: Visma Administration has no “t” among its units." in " ".join(output.split())
    assert "Article KURS-1 costs 4525 in lime_crm." in output
    assert "was set ready again" in output
    assert "Everything ended well" in output

    for _ in range(1, times):
        output = shown(tmp_path, *options)
        assert held_in(output, "visma_admin") == documents, "nothing is made twice"
        assert "Everything ended well" in output
