"""``erpcore registers``: the ERP's terms of payment and other registers, and bringing them to the CRM."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from erpcore.cli.opening import AsJson, SettingsFile, opened_assembly, print_json
from erpcore.errors import ConfigurationError, ErpcoreError

if TYPE_CHECKING:
    from erpcore.connection import CrmConnection
    from erpcore.engine.registers import Brought
    from erpcore.models import Register


def add_commands(app: typer.Typer) -> None:
    """Add this module's command to the program."""
    app.command("registers")(registers)


def registers(
    sync: Annotated[str, typer.Argument(help="Name of the sync, as in the settings file.")],
    settings_file: SettingsFile = None,
    only: Annotated[
        list[str] | None,
        typer.Option("--register", help="Such as terms_of_payment, unit or vat_code; those that the CRM keeps else."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show them; nothing is sent.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show the ERP's terms of payment and other registers, and write them where the CRM keeps them.

    A worker does that once a day by itself.
    """
    from erpcore.engine.registers import RegisterRounds

    with opened_assembly(settings_file) as assembly:
        assembly.settings.sync_named(sync)
        crm, erp = assembly.pair(sync)
        wanted = _chosen(only, crm)
        rounds = RegisterRounds(assembly, "the command line")
        try:
            found = list(rounds.go(sync, wanted, send=not dry_run))
        except TimeoutError as error:
            raise ErpcoreError("a worker is at these registers just now.", advice="Ask again in a moment.") from error
    if as_json:
        print_json({"sync": sync, "registers": [_plain(each) for each in found]})
        return
    console = Console()
    for each in found:
        _show(console, each, crm, erp.plugin.display_name, dry_run=dry_run)


def _chosen(only: list[str] | None, crm: CrmConnection) -> list[Register]:
    from erpcore.models import Register as Known

    known: tuple[Register, ...] = get_args(Known)
    if strange := [name for name in only or () if name not in known]:
        raise ConfigurationError(
            f"there is no register “{strange[0]}”.", setting="--register", advice=f"There are: {', '.join(known)}."
        )
    kept = crm.plugin.registers or {"terms_of_payment"}
    return [name for name in known if name in (only or kept)]


def _show(console: Console, brought: Brought, crm: CrmConnection, erp: str, *, dry_run: bool) -> None:
    from erpcore.fields import register_words

    words = register_words(brought.register)
    if brought.entries is None:
        console.print(f"{erp} shows no {words}.")
        return
    table = Table("Code", "Name", "Days", "Percent", "In use", box=box.SIMPLE_HEAD, title=f"{erp}: {words}")
    for entry in brought.entries:
        in_use = "no" if entry.active is False else "yes"
        cells = (entry.code, entry.name, _text(entry.days), _text(entry.percent), in_use)
        table.add_row(*(escape(cell) for cell in cells))
    console.print(table)
    if brought.stored:
        said = f"They stand in {crm.plugin.display_name} now."
    elif brought.register in crm.plugin.registers:
        said = "Nothing was sent." if dry_run else f"{crm.plugin.display_name} was not told: the list is empty."
    else:
        said = f"{crm.plugin.display_name} has no place for them: what the settings choose is chosen by code or name."
    console.print(said)


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _plain(brought: Brought) -> dict[str, Any]:
    entries = None if brought.entries is None else [each.model_dump(mode="json") for each in brought.entries]
    return {"register": brought.register, "stored": brought.stored, "entries": entries}
