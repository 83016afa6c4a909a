"""``erpcore invoices``: the ERP's invoices as erpcore read them last, with their colours."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from erpcore.cli.opening import AsJson, SettingsFile, money_cell, opened_assembly, opened_store, print_json
from erpcore.errors import ConfigurationError, ErpcoreError

if TYPE_CHECKING:
    from datetime import date

    from erpcore.settings import Settings
    from erpcore.store import InvoiceState, MirroredInvoice
    from erpcore.sync.invoice.place import Place


class State(StrEnum):
    """What an invoice is asked for by: its colour, or why it has none."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    DRAFT = "draft"
    CREDIT = "credit"
    CANCELLED = "cancelled"


STYLES = {"green": "green", "yellow": "yellow", "red": "bold red"}
_WORDS = {
    "green": "paid",
    "yellow": "open",
    "red": "overdue",
    "draft": "draft",
    "credit": "credit note",
    "cancelled": "cancelled",
}


def add_commands(app: typer.Typer) -> None:
    """Add this module's command to the program."""
    app.command("invoices")(invoices)


def invoices(
    sync: Annotated[str, typer.Argument(help="Name of the sync, as in the settings file.")],
    settings_file: SettingsFile = None,
    company: Annotated[
        str | None, typer.Option(help="Only this company's: the CRM's key of it, or its customer number.")
    ] = None,
    state: Annotated[
        list[State] | None,
        typer.Option(help="Only paid (green), open (yellow) or overdue (red) ones, or those that have no colour."),
    ] = None,
    look: Annotated[
        bool, typer.Option("--look", help="Ask the ERP first whether drafts and unpaid invoices are still there.")
    ] = False,
    most: Annotated[int, typer.Option(min=1, max=10_000, help="How many at the most.")] = 30,
    as_json: AsJson = False,
) -> None:
    """Show the ERP's invoices: green is paid, yellow is not paid and not due, red is not paid and past due.

    Without --look nothing is asked of the ERP: what is shown is what the worker read last.
    """
    if look:
        _look(settings_file, sync, quiet=as_json)
    from erpcore.store import count_invoices, get_cursor, invoices_cursor, list_invoices, now
    from erpcore.sync.invoice.place import Place

    with opened_store(settings_file, only_reads=True) as (settings, store), store.read() as connection:
        name = _bringing(settings, sync)
        rules = settings.syncs[name]
        today = rules.day_of(now(connection))
        states: list[InvoiceState] = [each.value for each in state or ()]
        found = list_invoices(connection, name, today=today, company=company, states=states, limit=most)
        count = count_invoices(connection, name)
        kept = get_cursor(connection, rules.erp, invoices_cursor(name))
    place = None if kept is None else Place.model_validate_json(kept)
    if as_json:
        reading = {
            "read_at": None if place is None else place.began,
            "importing": place is not None and place.first,
            "imported": place.read if place is not None and place.first else None,
        }
        print_json({"today": today.isoformat(), "count": count, **reading, "invoices": _as_told(found, today)})
        return
    console = Console()
    _show_reading(console, place, count)
    if found:
        _show(console, found, today)
    elif count:
        console.print("None of them is as it was asked for.")
    if len(found) == most:
        console.print(f"There may be more: --most {most * 10}", style="dim")


def _look(settings_file: Path | None, sync: str, *, quiet: bool) -> None:
    """Ask the ERP for what is a draft or not paid, and say how much of it is gone."""
    from functools import partial

    from erpcore.cli.mending import queue_of
    from erpcore.engine.invoices import InvoiceRounds

    with opened_assembly(settings_file) as assembly:
        settings, store = assembly.settings, assembly.store
        name = _bringing(settings, sync)
        with queue_of(settings, store) as queue:
            first = partial(queue.enqueue, attempt=1)
            rounds = InvoiceRounds(store, settings, assembly.invoices, first, "the command line")
            try:
                found = list(rounds.look_for_all(name))
            except TimeoutError as error:
                raise ErpcoreError(
                    "a worker is at these invoices just now.", advice="Ask again in a moment."
                ) from error
    gone = [each.invoice.number or each.key for each in found if each.gone]
    if not quiet:
        listed = f": {', '.join(gone)}" if gone else ""
        Console().print(f"{len(found)} were looked for in the ERP; {len(gone)} were deleted there{listed}.")


def _bringing(settings: Settings, sync: str) -> str:
    """Name the sync that brings the invoices of a sync's two systems home.

    Raises:
        ConfigurationError: There is no such sync, or none brings them.
    """
    asked = settings.sync_named(sync)
    for name in settings.invoice_syncs():
        if (settings.syncs[name].crm, settings.syncs[name].erp) == (asked.crm, asked.erp):
            return name
    raise settings.locate(
        ConfigurationError(
            "this sync does not read the ERP's invoices.",
            setting=f"syncs.{sync}.invoices",
            advice="Set it to “mirror” or “crm”.",
        )
    )


def _show_reading(console: Console, place: Place | None, count: int) -> None:
    """Say how far reading has come."""
    if place is None:
        console.print("Nothing has been read yet: the worker begins with that (erpcore run).")
    elif place.first:
        console.print(f"[yellow]The first import is under way:[/] {place.read} read so far, {count} kept.")
    elif not count:
        console.print(f"No invoice has changed in the ERP since {place.began.astimezone():%Y-%m-%d %H:%M}.")
    else:
        console.print(f"{count} invoices, read last at {place.began.astimezone():%Y-%m-%d %H:%M}.")


def _show(console: Console, found: Sequence[MirroredInvoice], today: date) -> None:
    from erpcore.store import shown_state

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    for title in ("Invoice", "Customer", "Date", "Due", "Total", "To pay", "State"):
        justify: Literal["left", "right"] = "right" if title in ("Total", "To pay") else "left"
        table.add_column(title, justify=justify, no_wrap=title != "Customer", overflow="fold")
    for each in found:
        invoice, state = each.invoice, shown_state(each.invoice, today)
        customer = " ".join(filter(None, (invoice.customer_number, invoice.customer_name)))
        whose = f"{each.owner.record_kind} {each.owner.record_id}" if each.owner.record_id else each.owner.company_id
        in_crm = "a run failed" if each.by_run else whose
        cells = (
            invoice.number or each.key,
            ", ".join(filter(None, (customer, in_crm))),
            str(invoice.invoice_date or ""),
            str(invoice.due_date or ""),
            money_cell(invoice.total, invoice.currency),
            money_cell(invoice.balance),
            "deleted" if each.gone else _WORDS[state],
        )
        style = STYLES.get(state, "dim")
        table.add_row(
            *(f"[{style}]{escape(cell)}[/]" if place == 6 else escape(cell) for place, cell in enumerate(cells))
        )
    console.print(table)


def _as_told(found: Sequence[MirroredInvoice], today: date) -> list[dict[str, Any]]:
    from erpcore.store import shown_state

    return [
        {
            "key": each.key,
            "state": shown_state(each.invoice, today),
            **each.invoice.model_dump(mode="json", exclude_unset=True),
            **{
                name: getattr(each.invoice, name)
                for name in ("net", "vat", "total", "balance", "currency_rate")
                if each.invoice.shown(name)
            },
            "company": each.owner.company_id,
            "record": None if each.owner.record_id is None else f"{each.owner.record_kind} {each.owner.record_id}",
            "crm_key": each.crm_key,
            "waiting": each.waiting,
            "failed": each.by_run,
            "gone": each.gone,
            "changed_at": each.changed_at,
        }
        for each in found
    ]
