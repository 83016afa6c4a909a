"""``erpcore plan`` and ``run``: what would be done, and doing it."""

from __future__ import annotations

from contextlib import nullcontext
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from erpcore.cli.opening import AsJson, SettingsFile, opened_assembly, print_json, start_logging
from erpcore.errors import ConfigurationError

if TYPE_CHECKING:
    from erpcore.sync.plan import Plan


class Kind(StrEnum):
    """What a sync handles."""

    DEAL = "deal"
    ORDER = "order"
    COMPANY = "company"


def add_commands(app: typer.Typer) -> None:
    """Add this module's commands to the program."""
    app.command("plan")(plan)
    app.command("run")(run)


KindOption = Annotated[
    Kind | None, typer.Option(help="What the record is; an order where the CRM keeps orders, else a deal.")
]


def plan(
    sync: Annotated[str, typer.Argument(help="Name of the sync, as in the settings file.")],
    record: Annotated[str, typer.Argument(help="The CRM's key of the deal, order or company.")],
    settings_file: SettingsFile = None,
    kind: KindOption = None,
    as_json: AsJson = False,
) -> None:
    """Print what would happen to a deal, an order or a company, and what would be lost. Nothing is sent."""
    console = Console()
    waiting = nullcontext() if as_json else console.status(f"Reading {escape(record)} …")
    with opened_assembly(settings_file) as assembly, waiting:
        assembly.settings.sync_named(sync)
        found = assembly.flow(sync, kind or assembly.usual_kind(sync)).preview(record)
    if as_json:
        steps = [{"name": step.name, "words": step.words()} for step in found.steps]
        losses = [lost.model_dump(mode="json") for lost in found.losses]
        whose = {"kind": found.record_kind, "id": found.record_id}
        why = {"reason": found.reason, "why": found.why}
        print_json({"record": whose, **why, "steps": steps, "notes": list(found.notes), "losses": losses})
        return
    show_plan(console, found)


def show_plan(console: Console, found: Plan) -> None:
    """Print a plan.

    Args:
        console: Where.
        found: The plan.
    """
    from erpcore.sync.shared import loss_words
    from erpcore.sync.shared.losses import grouped

    console.print(f"[bold]{found.record_kind.capitalize()} {escape(found.record_id)}[/]: {escape(found.why)}")
    for number, step in enumerate(found.steps, 1):
        console.print(f"  {number}. {escape(step.words())}")
    if not found.steps:
        console.print("  Nothing would be sent.")
    for note in found.notes:
        console.print(f"[cyan]Note:[/] {escape(note)}")
    if found.losses:
        table = Table("Record", "Field", "Value", "Becomes", "Why", "Rule", title="Would be lost", title_justify="left")
        for lost in grouped(found.losses):
            cells = (
                lost.record,
                loss_words.place(lost.field),
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
