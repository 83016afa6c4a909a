"""``erpcore plan``, ``run``, ``status``, ``send`` and ``retry``: the work itself, and mending it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, get_args

import typer
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.progress import track
from rich.table import Table

from erpcore.cli.opening import SettingsFile, opened_assembly, opened_store, start_logging
from erpcore.errors import ConfigurationError, ErpcoreError, MissingRecordError

if TYPE_CHECKING:
    from erpcore.engine.queue import RunQueue
    from erpcore.settings import Settings
    from erpcore.store import Intent, Run, Store, StoryLine
    from erpcore.sync.plan import Plan

STYLES = {"done": "green", "nothing": "dim", "failed": "red", "uncertain": "bold red", "waiting": "yellow"}


class Kind(StrEnum):
    """What a sync handles."""

    DEAL = "deal"
    ORDER = "order"
    COMPANY = "company"


def add_commands(app: typer.Typer) -> None:
    """Add this module's commands to the program."""
    app.command("plan")(plan)
    app.command("run")(run)
    app.command("status")(status)
    app.command("send")(send)
    app.command("retry")(retry)


KindOption = Annotated[
    Kind | None, typer.Option(help="What the record is; an order where the CRM keeps orders, else a deal.")
]


def plan(
    sync: Annotated[str, typer.Argument(help="Name of the sync, as in the settings file.")],
    record: Annotated[str, typer.Argument(help="The CRM's key of the deal, order or company.")],
    settings_file: SettingsFile = None,
    kind: KindOption = None,
) -> None:
    """Print what would happen to a deal, an order or a company, and what would be lost. Nothing is sent."""
    console = Console()
    with opened_assembly(settings_file) as assembly, console.status(f"Reading {escape(record)} …"):
        assembly.settings.sync_named(sync)
        found = assembly.flow(sync, kind or assembly.usual_kind(sync)).preview(record)
    show_plan(console, found)


def show_plan(console: Console, found: Plan) -> None:
    """Print a plan.

    Args:
        console: Where.
        found: The plan.
    """
    console.print(f"[bold]{found.record_kind.capitalize()} {escape(found.record_id)}[/]: {escape(found.why)}")
    for number, step in enumerate(found.steps, 1):
        console.print(f"  {number}. {escape(step.words())}")
    if not found.steps:
        console.print("  Nothing would be sent.")
    for note in found.notes:
        console.print(f"[cyan]Note:[/] {escape(note)}")
    if found.losses:
        table = Table("Record", "Field", "Value", "Becomes", "Why", "Rule", title="Would be lost", title_justify="left")
        for lost in found.losses:
            cells = (
                lost.record,
                lost.field,
                lost.value,
                lost.becomes or "–",
                f"{lost.kind}: {lost.reason}",
                lost.policy,
            )
            table.add_row(*(escape(cell) for cell in cells))
        console.print(table)
    else:
        console.print("Nothing would be lost.")


def run(settings_file: SettingsFile = None) -> None:
    """Work until told to stop: read the CRMs' feeds, take webhooks in, carry out what they ask for."""
    from erpcore.settings import load_settings
    from erpcore.worker import leave_at_once, run_worker

    settings = load_settings(settings_file)
    start_logging(settings)
    if not settings.syncs:
        raise ConfigurationError(
            "there is no sync to run.", file=str(settings.file), setting="syncs", advice="Add a table [syncs.NAME]."
        )
    console = Console()

    def ready() -> None:
        console.print(f"Working on {', '.join(settings.syncs)}. Ctrl-C stops when the work in hand is done.")

    if not run_worker(settings, on_ready=ready):
        console.print("A request hangs. The process ends now; its work is taken up at the next start.")
        leave_at_once()


def status(
    run_id: Annotated[int | None, typer.Argument(help="Number of a run: its whole story.")] = None,
    settings_file: SettingsFile = None,
    record: Annotated[str | None, typer.Option(help="Only the runs of this deal, order or company.")] = None,
    state: Annotated[str | None, typer.Option(help="Only runs in this state, such as failed.")] = None,
    most: Annotated[int, typer.Option(help="How many at the most.")] = 30,
) -> None:
    """Show what became of each record, or the story of one run."""
    from erpcore.store import RunState, get_run, list_runs, story_of_run, uncertain_intents

    console = Console()
    states: list[RunState] = [known for known in get_args(RunState) if known == state]
    if state and not states:
        raise MissingRecordError(f"No run is ever “{state}”.", advice=f"States are: {', '.join(get_args(RunState))}.")
    with opened_store(settings_file) as (_, store), store.read() as connection:
        if run_id is not None:
            shown = get_run(connection, run_id)
            _show_story(console, shown, story_of_run(connection, run_id))
            if shown.state == "uncertain":
                _show_uncertain(console, uncertain_intents(connection, sync=shown.sync))
            return
        found = list_runs(connection, record_id=record, states=states or None, limit=most)
    if not found:
        console.print("No runs.")
        return
    table = Table("Run", "Sync", "Record", "State", "Result", "Since")
    for each in found:
        style = STYLES.get(each.state, "cyan")
        since = each.finished_at or each.started_at or each.queued_at
        table.add_row(
            str(each.id),
            each.sync,
            escape(f"{each.record_kind} {each.record_id}"),
            f"[{style}]{each.state}[/]",
            escape(each.error_text or each.summary or ""),
            f"{since.astimezone():%Y-%m-%d %H:%M:%S}",
        )
    console.print(table)
    console.print("erpcore status RUN shows the story of one.", style="dim")


def send(
    sync: Annotated[str, typer.Argument(help="Name of the sync.")],
    record: Annotated[str, typer.Argument(help="The CRM's key of the deal, order or company.")],
    settings_file: SettingsFile = None,
    kind: KindOption = None,
) -> None:
    """Handle a deal, an order or a company now, without waiting for an event. The worker must be running."""
    from erpcore.store import open_run

    with opened_assembly(settings_file) as assembly:
        settings, store = assembly.settings, assembly.store
        rules = settings.sync_named(sync)
        record_kind = str(kind or assembly.usual_kind(sync))
        queue = _queue(settings, store)
        try:
            with store.begin() as connection:
                opened, new = open_run(
                    connection, sync=sync, source=rules.crm, target=rules.erp, record_kind=record_kind, record_id=record
                )
                if new:
                    queue.enqueue(connection, opened, attempt=1)
        finally:
            queue.close()
    Console().print(f"Run {opened.id} is {'queued' if new else opened.state}.")


def retry(
    runs: Annotated[list[int] | None, typer.Argument(help="Numbers of runs.")] = None,
    settings_file: SettingsFile = None,
    failed: Annotated[bool, typer.Option("--failed", help="All that failed.")] = False,
) -> None:
    """Send runs again, after what was wrong has been mended."""
    from erpcore.store import list_runs

    console = Console()
    problems = 0
    with opened_store(settings_file) as (settings, store):
        chosen = list(runs or [])
        if failed:
            with store.read() as connection:
                chosen += [each.id for each in list_runs(connection, states=["failed"], latest_only=True, limit=10_000)]
        if not chosen:
            raise MissingRecordError("No run is named.", advice="Name run numbers, or --failed.")
        queue = _queue(settings, store)
        try:
            for number in track(chosen, "Queueing", console=console, transient=True):
                try:
                    queue.retry(number)
                    console.print(f"Run {number} is queued again.")
                except ErpcoreError as error:
                    problems += 1
                    console.print(f"[red]Run {number}: {escape(str(error))}[/]")
        finally:
            queue.close()
    if problems:
        raise typer.Exit(1)


def _queue(settings: Settings, store: Store) -> RunQueue:
    from erpcore.engine.worker import make_queue

    return make_queue(settings, store)


def _show_story(console: Console, shown: Run, lines: list[StoryLine]) -> None:
    style = STYLES.get(shown.state, "cyan")
    console.print(
        f"[bold]Run {shown.id}[/]: {shown.record_kind} {escape(shown.record_id)}, sync {shown.sync}: "
        f"[{style}]{shown.state}[/]"
    )
    story = Table.grid(padding=(0, 2))
    for line in lines:
        story.add_row(f"{line.at.astimezone():%H:%M:%S}", escape(line.kind), escape(line.text))
    console.print(Padding(story, (0, 2)))
    if shown.error_text:
        console.print(f"[red]{escape(shown.error_text)}[/] {escape(shown.advice or '')}")
    if shown.requests:
        counts = ", ".join(f"{name} {count}" for name, count in shown.requests.items())
        console.print(f"Requests: {escape(counts)}", style="dim")


def _show_uncertain(console: Console, open_ones: list[Intent]) -> None:
    """Print the writes of a sync of which nobody knows whether they were made."""
    table = Table(
        "Intent", "Record", "Operation", "Our reference", "Error or numbers", title="Uncertain", title_justify="left"
    )
    for each in open_ones:
        what = f"{each.number} and {each.second}" if each.second else each.error or ""
        cells = (each.record, each.operation, each.reference, what)
        table.add_row(str(each.id), *(escape(cell) for cell in cells))
    console.print(table)
    if any(each.second is None for each in open_ones):
        console.print("Look in the ERP for our reference, then: erpcore answer RUN made NUMBER, or … not-made")
