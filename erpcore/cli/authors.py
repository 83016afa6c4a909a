"""``erpcore new-plugin`` and ``erpcore contract``: what authors of plugins begin with, and what the kit found."""

from __future__ import annotations

import shlex
from collections import Counter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console
from rich.markup import escape

from erpcore.errors import ErpcoreError

if TYPE_CHECKING:
    from erpcore.testing.report import Report

BEGIN, END = "<!-- plugins: begin -->", "<!-- plugins: end -->"
contract = typer.Typer(help="Prove a plugin: what the contract kit found, and a simulation.", no_args_is_help=True)
ReportFile = Annotated[Path, typer.Argument(help="Written by pytest --contract-report FILE.", dir_okay=False)]


def add_commands(app: typer.Typer) -> None:
    """Add this module's commands to the program."""
    app.command("new-plugin")(new_plugin)
    app.add_typer(contract, name="contract")


def new_plugin(
    name: Annotated[str, typer.Argument(help="Name of the plugin in the configuration, such as acme_books.")],
    kind: Annotated[
        Literal["erp", "crm"], typer.Option(help="Whether the system is an accounting program or a CRM.")
    ] = "erp",
    display_name: Annotated[
        str | None, typer.Option(help="The system's name for people; made of NAME when left out.")
    ] = None,
    folder: Annotated[
        Path | None, typer.Option(help="Where the files go; erpcore-NAME in this folder when left out.")
    ] = None,
) -> None:
    """Begin a plugin for a further system: field maps to fill in, client, simulator, contract test, CI file."""
    from erpcore.scaffold.new_plugin import NewPlugin, begin

    plugin = NewPlugin(name, kind, display_name if display_name is not None else name.replace("_", " ").title())
    target = folder or Path(plugin.distribution)
    files = begin(plugin, target)
    console = Console(soft_wrap=True)
    console.print(f"[bold]{plugin.distribution}[/] begins in {escape(str(target))}:")
    for file in files:
        console.print(f"  {escape(str(file))}")
    console.print("Go on with:")
    console.print(f"  cd {escape(shlex.quote(str(target)))}")
    console.print(escape("  python -m pip install -e '.[simulator,dev]'"))
    console.print("  pytest")


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
    level: Annotated[
        Literal["singles", "pairs", "random"],
        typer.Option(
            help="Every single strike, pairs of strikes, or three records and three workers struck at random."
        ),
    ] = "singles",
    only: Annotated[
        tuple[int, int] | None, typer.Option(help="Which strikes, openings of pairs, or seeds: from, and up to.")
    ] = None,
    every: Annotated[int, typer.Option(help="Run one of so many of them only.", min=1)] = 1,
    processes: Annotated[int, typer.Option(help="Work in so many processes, on Linux and macOS.", min=1)] = 1,
    keep: Annotated[Path | None, typer.Option(help="The folder to keep schedules in that fail.")] = None,
    replay: Annotated[Path | None, typer.Option(help="Run this kept schedule alone.", exists=True)] = None,
) -> None:
    """Strike an ERP plugin and its simulator at every point of a run, in virtual time, and tell what does not hold."""
    from rich.progress import track

    from erpcore.testing.simulation import Levels, fingerprint
    from erpcore.testing.simulation.author import AuthorPair, contract_in

    console, stated = Console(), contract_in(file)
    name = stated.plugin_class.name
    levels = Levels({name: partial(AuthorPair, stated)}, keep)
    if replay:
        result = levels.replay(replay)
        console.print(result.story if result.violations else "Everything holds.", markup=False, highlight=False)
        raise typer.Exit(bool(result.violations))
    first, last = only or (None, None)
    chosen = slice(first, last, every)
    portions = [*track(levels.run(level, [name], chosen, processes), "Striking", console=console, transient=True)]
    told = [text for portion in portions for text in portion.told]
    console.print(*told, sep="\n", end="\n" if told else "", markup=False, highlight=False, soft_wrap=True)
    count = sum(len(portion.prints) for portion in portions)
    console.print(f"{count} schedules, {len(told)} violations, {fingerprint(portions)}.")
    if told:
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
