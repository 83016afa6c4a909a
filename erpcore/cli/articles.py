"""``erpcore articles``: what of the articles differs between CRM and ERP, and making it equal."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from erpcore.cli.mending import queue_of
from erpcore.cli.opening import AsJson, SettingsFile, opened_assembly, opened_store, print_json
from erpcore.errors import ErpcoreError

if TYPE_CHECKING:
    from erpcore.sync.article.flow import Work

_TOLD = 10_000
_PATIENCE = 30.0


def add_commands(app: typer.Typer) -> None:
    """Add this module's command to the program."""
    app.command("articles")(articles)


def articles(
    sync: Annotated[str, typer.Argument(help="Name of the sync, as in the settings file.")],
    settings_file: SettingsFile = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print what would be changed; nothing is sent.")] = False,
    full: Annotated[
        bool, typer.Option("--full", help="Read all articles of both sides again, and find those that are gone.")
    ] = False,
    listed: Annotated[
        bool, typer.Option("--list", help="Print the articles as they were read last; nothing is asked or sent.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make the articles of CRM and ERP equal now, as the worker does at intervals."""
    from erpcore.engine.articles import ArticleRounds, Round
    from erpcore.store import count_troubled

    console = Console()
    if listed:
        _list(console, settings_file, sync, as_json=as_json)
        return
    waiting = nullcontext() if as_json else console.status("Reading articles …")
    with opened_assembly(settings_file) as assembly:
        settings, store = assembly.settings, assembly.store
        settings.sync_named(sync)
        with queue_of(settings, store) as queue, waiting:
            rounds = ArticleRounds(store, queue, assembly.articles, settings.syncs)
            try:
                if dry_run:
                    done = Round(finished=True, works=list(rounds.differences(sync, whole=full, wait=_PATIENCE)))
                else:
                    done = rounds.go(sync, whole=full, keep=_TOLD, wait=_PATIENCE)
            except TimeoutError as error:
                raise ErpcoreError(
                    "a worker is making these articles equal just now.", advice="Ask again when it is done."
                ) from error
            with store.read() as connection:
                left = count_troubled(connection, sync)
    failed = {number: str(error) for number, error in done.failed.items()}
    if as_json:
        print_json(
            {
                "sync": sync,
                "sent": not dry_run,
                "articles": [_plain(each) for each in done.works],
                "failed": failed,
                "left_to_runs": left,
            }
        )
    else:
        _show(console, done.works, failed, left, dry_run=dry_run)
    if done.failed:
        raise typer.Exit(1)


def _list(console: Console, settings_file: Path | None, sync: str, *, as_json: bool) -> None:
    from erpcore.store import list_articles
    from erpcore.sync.article.compare import SIDES
    from erpcore.sync.article.words import value

    with opened_store(settings_file) as (settings, store):
        settings.sync_named(sync)
        with store.read() as connection:
            found = list_articles(connection, sync, limit=_TOLD)
    if as_json:
        told = [{"number": each.number, **{side: each.halves[side].shown for side in SIDES}} for each in found]
        print_json({"sync": sync, "articles": told})
        return
    table = Table("Number", "Name", "Price", "Unit", "Sold", "CRM", "ERP")
    for each in found:
        shown = each.halves["erp"].shown or each.halves["crm"].shown or {}
        there = ["" if half.shown is None else "gone" if half.gone else "yes" for half in each.halves.values()]
        cells = (str(shown.get("description") or ""), *(value(shown.get(name)) for name in ("price", "unit", "active")))
        table.add_row(escape(each.number), *(escape(cell) for cell in cells), *there)
    console.print(table)


def _show(console: Console, works: list[Work], failed: dict[str, str], left: int, *, dry_run: bool) -> None:
    from erpcore.sync.article import words

    for work in works:
        console.print(f"[bold]{escape(work.number)}[/]")
        for line in words.plan(work.verdict):
            console.print(f"  {escape(line)}")
        if work.number in failed:
            console.print(f"  [red]{escape(failed[work.number])}[/]")
    if not works:
        console.print("Nothing else differs." if left else "Nothing differs.")
    elif dry_run:
        console.print("Nothing was sent.")
    else:
        console.print(f"{len(works) - len(failed)} made equal.")
    if left:
        told = "1 article is" if left == 1 else f"{left} articles are"
        console.print(f"{told} left to runs, because of what failed or must be answered: erpcore status.")


def _plain(work: Work) -> dict[str, Any]:
    asks = [{"field": each.field, "crm": each.crm, "erp": each.erp} for each in work.verdict.asks]
    return {
        "number": work.number,
        "makes": sorted(work.verdict.makes),
        "crm": work.verdict.send["crm"],
        "erp": work.verdict.send["erp"],
        "asks": asks,
    }
