"""``erpcore contract``: what the contract kit found, for people and for the README."""

from __future__ import annotations

import logging
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from erpcore.errors import ErpcoreError

if TYPE_CHECKING:
    from erpcore.testing.report import Report

BEGIN, END = "<!-- plugins: begin -->", "<!-- plugins: end -->"
contract = typer.Typer(help="Results of the contract kit.", no_args_is_help=True)
ReportFile = Annotated[Path, typer.Argument(help="Written by pytest --contract-report FILE.", dir_okay=False)]


def add_commands(app: typer.Typer) -> None:
    """Add this module's commands to the program."""
    app.add_typer(contract, name="contract")


@contract.command("report")
def show_report(file: ReportFile) -> None:
    """Print which rules each plugin passed, what deviates and what does not apply."""
    from rich.markdown import Markdown

    from erpcore.testing.report import render

    Console().print(Markdown(render(_read(file))))


@contract.command("readme")
def readme(
    file: ReportFile,
    page: Annotated[Path, typer.Argument(help="The page that holds the table of plugins.", dir_okay=False)],
    check: Annotated[bool, typer.Option("--check", help="Change nothing; fail when the table is stale.")] = False,
) -> None:
    """Write the table of plugins into a page, from the kit's results."""
    text = page.read_text(encoding="utf-8")
    head, begin, rest = text.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise ErpcoreError(f"{page} has no place for the table.", advice=f"Put {BEGIN} and {END} around it.")
    new = f"{head}{BEGIN}\n{plugin_table(_read(file))}{END}{tail}"
    if new == text:
        return
    if check:
        raise ErpcoreError(f"The table of plugins in {page} is stale.", advice="Run the command again without --check.")
    page.write_text(new, encoding="utf-8")


@contract.command("simulate")
def simulate(
    file: Annotated[Path, typer.Argument(help="The plugin's contract, such as tests/test_acme_contract.py.")],
    every: Annotated[int, typer.Option(help="Run one of so many strikes only.", min=1)] = 1,
) -> None:
    """Strike an ERP plugin and its simulator at every point of a run, in virtual time, and tell what does not hold."""
    from rich.progress import track

    from erpcore.testing.simulation import Bench
    from erpcore.testing.simulation.author import AuthorPair, contract_in

    logging.disable(logging.CRITICAL)
    console = Console()
    bench = Bench(AuthorPair(contract_in(file)))
    singles = bench.singles()[::every]
    failed = 0
    for strikes in track(singles, "Striking", console=console, transient=True):
        result = bench.run(strikes)
        if result.violations:
            failed += 1
            told = [*(f"{at:10.3f} s  {words}" for at, words in result.log), *result.violations]
            console.print("\n".join([str(dict(strikes)), *told, ""]), markup=False, highlight=False)
    console.print(f"{len(singles)} strikes at {len(bench.undisturbed.trace)} points: {failed} violations.")
    if failed:
        raise typer.Exit(1)


def plugin_table(report: Report) -> str:
    """Make the table of plugins.

    Args:
        report: The kit's results.
    """
    from erpcore import registry

    lines = ["| plugin | system | kind | package | contract |", "|---|---|---|---|---|"]
    for kind in registry.GROUPS:
        for plugin in registry.installed(kind):
            counted = Counter(each.outcome for each in report.results if each.plugin == plugin.name)
            cases = counted["passed"] + counted["failed"] + counted["deviation"]
            if not cases:
                continue
            proof = f"{counted['passed']} of {cases} cases"
            if counted["deviation"]:
                proof += f", {counted['deviation']} declared deviation{'s' if counted['deviation'] > 1 else ''}"
            system = registry.load(kind, plugin.name).display_name
            lines.append(f"| `{plugin.name}` | {system} | {kind.upper()} | {plugin.distribution} | {proof} |")
    return "\n".join(lines) + "\n"


def _read(file: Path) -> Report:
    from erpcore.testing.report import read_report

    try:
        return read_report(file)
    except (OSError, ValueError) as error:
        raise ErpcoreError(str(error), advice="Make one: pytest --contract-report FILE.json") from error
