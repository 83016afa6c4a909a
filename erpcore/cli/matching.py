"""``erpcore match``: what each company of the CRM is in the ERP, before the first activation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from erpcore.cli.opening import AsJson, SettingsFile, opened_assembly, print_json
from erpcore.errors import ConfigurationError

if TYPE_CHECKING:
    from erpcore.sync.company.match import Match

_STYLES = {"linked": "cyan", "matched": "green", "ambiguous": "yellow", "new": "white", "invalid": "red"}
_WORDS = {
    "linked": "is linked already",
    "matched": "fits one customer",
    "ambiguous": "fits several customers",
    "new": "fits none; would be created",
    "invalid": "cannot be sent as it is",
}
_COLUMNS = ("company", "name", "organisation_number", "outcome", "number", "by", "why")
_FORMULA = ("=", "+", "-", "@", "\t")


def add_commands(app: typer.Typer) -> None:
    """Add this module's command to the program."""
    app.command("match")(match)


def match(
    sync: Annotated[str, typer.Argument(help="Name of the sync, as in the settings file.")],
    settings_file: SettingsFile = None,
    file: Annotated[
        Path | None, typer.Option("--csv", help="Write every company into this file, for a spreadsheet.")
    ] = None,
    rows: Annotated[int, typer.Option(min=0, help="How many companies of each kind to print.")] = 10,
    link: Annotated[
        bool, typer.Option("--link", help="Link the companies that fit one customer, after asking.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="With --link: do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Compare all companies of the CRM with all customers of the ERP, and tell which are which. Nothing is changed.

    Both registers are read once, whatever their size; the report is for the time before a sync is switched on. --link
    makes links, and nothing else.
    """
    from erpcore.engine.requests import counting
    from erpcore.sync.company.match import OUTCOMES
    from erpcore.sync.company.matching import link_matches, matched_pages, read_customers
    from erpcore.sync.company.register import CustomerRegister

    if yes and not link:
        raise ConfigurationError("--yes goes with --link.")
    if as_json and link and not yes:
        raise ConfigurationError("--json cannot ask before it links.", advice="Give --yes besides.")
    console = Console()
    counts, shown = Counter[str](), {outcome: list[Any]() for outcome in OUTCOMES}
    linked = left = 0
    with opened_assembly(settings_file) as assembly, CustomerRegister() as register, counting() as tally:
        assembly.settings.sync_named(sync)
        sides = assembly.flow(sync, "company").sides
        with _progress(console, quiet=as_json) as step:
            read_customers(sides, register, step("Customers read"))
            tell = step("Companies compared")
            with _csv_of(file) as write:
                for page in matched_pages(sides, register):
                    counts.update(each.outcome for each in page)
                    for each in page:
                        if len(shown[each.outcome]) < rows:
                            shown[each.outcome].append(each)
                        write(each)
                    tell(len(page))
        shared = register.shared()
        if not as_json:
            _report(console, counts, shown, shared)
            if file is not None:
                console.print(f"All of them are in {escape(str(file))}.")
        if link and counts["matched"]:
            if not yes:
                typer.confirm(f"Link {counts['matched']} companies to the customer that fits?", abort=True)
            with _progress(console, quiet=as_json) as step:
                linked, left = link_matches(sides, register, step("Linked"))
        requests = dict(tally.requests)
    if as_json:
        print_json({"counts": {name: counts[name] for name in OUTCOMES}, "shared": shared, "linked": linked,
                    "left_alone": left, "requests": requests})  # fmt: skip
        return
    if link:
        told = f", {left} were linked otherwise meanwhile and left alone" if left else ""
        console.print(f"{linked} companies are linked{told}.")
    elif counts["matched"]:
        console.print(f"Nothing was changed. “erpcore match {escape(sync)} --link” links those that fit one customer.")
    console.print(f"Requests: {', '.join(f'{name} {count}' for name, count in requests.items())}", style="dim")


@contextmanager
def _progress(console: Console, *, quiet: bool) -> Iterator[Any]:
    """Give a function that begins a line of progress, and gives a function that counts it up."""
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}: {task.completed}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=quiet) as progress:

        def step(words: str) -> Any:
            task = progress.add_task(words, total=None)
            return lambda count: progress.advance(task, count)

        yield step


@contextmanager
def _csv_of(file: Path | None) -> Iterator[Any]:
    """Give a function that writes a company into a file; into none without a file."""
    if file is None:
        yield lambda _: None
        return
    # With the mark and the separator by which spreadsheets of the Nordic countries read it right.
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        yield _writer(out)


def _writer(out: TextIO) -> Any:
    import csv

    writer = csv.writer(out, delimiter=";")
    writer.writerow(_COLUMNS)

    def write(found: Match) -> None:
        writer.writerow([_cell(getattr(found, name)) for name in _COLUMNS])

    return write


def _cell(value: str | None) -> str:
    """Keep a spreadsheet from taking a name for a formula."""
    text = value or ""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _report(console: Console, counts: Counter[str], shown: dict[Any, list[Match]], shared: int) -> None:
    table = Table("Companies", "How many", "What that means")
    for outcome in shown:
        table.add_row(f"[{_STYLES[outcome]}]{outcome}[/]", str(counts[outcome]), _WORDS[outcome])
    console.print(table)
    if shared:
        console.print(f"{shared} customers fit more than one company: those companies become one customer.")
    for outcome in ("invalid", "ambiguous", "new", "matched"):
        if not shown[outcome]:
            continue
        more = counts[outcome] - len(shown[outcome])
        title = f"{outcome}" + (f", and {more} more" if more else "")
        lines = Table("Company", "Name", "Organisation number", "Customer", "Why", title=title, title_justify="left")
        for each in shown[outcome]:
            cells = (each.company, each.name, each.organisation_number, each.number, each.why or each.by)
            lines.add_row(*(escape(cell or "") for cell in cells))
        console.print(lines)
