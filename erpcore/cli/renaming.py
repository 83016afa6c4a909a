"""``erpcore rename``: a connection or a sync has another name in the settings, and keeps what it knows."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

from erpcore.cli.accounts import chosen_plugin, is_crm
from erpcore.cli.mending import is_worked_on
from erpcore.cli.opening import SettingsFile, opened_assembly
from erpcore.errors import ConfigurationError, MissingRecordError

if TYPE_CHECKING:
    from erpcore.engine.assembly import Assembly


class What(StrEnum):
    """What has another name."""

    CONNECTION = "connection"
    SYNC = "sync"


def add_commands(app: typer.Typer) -> None:
    """Add this module's command to the program."""
    app.command("rename")(rename)


def rename(
    what: Annotated[What, typer.Argument(help="What the settings call otherwise now.")],
    old: Annotated[str, typer.Argument(help="Its name until now, which the settings do not have any more.")],
    new: Annotated[str | None, typer.Argument(help="Its name in the settings now.")] = None,
    settings_file: SettingsFile = None,
    aside: Annotated[
        bool,
        typer.Option("--aside", help="Of a sync that has ended: keep what it made, and let another one begin anew."),
    ] = False,
) -> None:
    """Let a connection or a sync that has a new name in the settings keep all that is known under the old one."""
    from erpcore.store import kept_names, now, put_sync_aside, rename_connection, rename_sync, sole_worker

    if aside == (new is not None) or (aside and what is What.CONNECTION):
        raise MissingRecordError(
            "Name what it is called now, or --aside for a sync that has ended.",
            advice=f"Such as: erpcore rename {what} {old} NEW-NAME",
        )
    console = Console()
    with opened_assembly(settings_file) as assembly, sole_worker(assembly.store):
        settings, store = assembly.settings, assembly.store
        if is_worked_on(settings, store):
            raise ConfigurationError("a worker is running.", setting="store", advice="Stop it first, then rename.")
        named = settings.connections if what is What.CONNECTION else settings.syncs
        if old in named:
            raise ConfigurationError(
                f"the settings still have a {what} “{old}”.",
                setting=f"{what}s.{old}",
                file=str(settings.file),
                advice=f"Rename it there first; “{old}” is its old name. Nothing was changed.",
            )
        with store.read() as reading:
            kept = kept_names(reading)[what]
        if old not in kept:
            others = [f"“{each}”" for each in kept if each not in named]
            raise MissingRecordError(
                f"Nothing is kept under the {what} “{old}”.",
                advice=f"Names that are kept and that the settings do not have: {', '.join(others) or 'none'}.",
            )
        if new is not None:
            _require_same(assembly, what, old, new)
        with store.begin() as writing:
            if new is None:
                ending = f"{old} until {now(writing):%Y-%m-%d %H:%M:%S}"
                put_sync_aside(writing, old, ending)
                console.print(f"Put aside, under the name “{escape(ending)}”.")
                return
            if what is What.CONNECTION:
                rename_connection(writing, old, new)
                console.print(
                    f"Connection {escape(new)} goes on where {escape(old)} was: what was read, its events, tokens and "
                    "secrets are its own now."
                )
                return
            try:
                moved = rename_sync(writing, old, new)
            except ValueError:
                raise ConfigurationError(
                    f"sync {new} has links, documents or runs of its own already, so it cannot take over those of "
                    f"“{old}”.",
                    setting=f"syncs.{new}",
                    file=str(settings.file),
                    advice=f"Name it “{old}” again in the settings, or, if the two are to be kept apart: "
                    f"erpcore rename sync {old} --aside. Nothing was changed.",
                ) from None
        told = ", ".join(f"{count} {name}" for name, count in moved.items())
        console.print(f"Sync {escape(new)} goes on where {escape(old)} was: {told}.")


def _require_same(assembly: Assembly, what: What, old: str, new: str) -> None:
    """Ask the systems whether they are the companies that the old name stood for.

    Raises:
        ConfigurationError: The settings have no such name, or it is another company.
        ErpcoreError: A system could not be asked.
    """
    from erpcore.store import noted_accounts

    if what is What.CONNECTION:
        chosen_plugin(assembly.settings, new)
        names, pairs = [new], [(f"connections.{old}", f"connections.{new}")]
    else:
        rules = assembly.settings.sync_named(new)
        names = [rules.crm, rules.erp]
        pairs = [(f"syncs.{old}.{side}", f"syncs.{new}.{side}") for side in ("crm", "erp")]
    for name in names:
        assembly.accounts.ask(assembly.crm(name) if is_crm(assembly, name) else assembly.erp(name))
    for pair in pairs:
        with assembly.store.read() as reading:
            noted = {each.owner: each for each in noted_accounts(reading, pair)}
        if len(noted) == len(pair) and noted[pair[0]].key != (noted[pair[1]].other_key or noted[pair[1]].key):
            was, found = noted[pair[0]], noted[pair[1]]
            company = (found.other_name or found.other_key) if found.other_key else (found.name or found.key)
            raise ConfigurationError(
                f"{what} “{old}” was {was.name or was.key}, and {new} is {company}: that is another company, to which "
                "nothing of the first may be said.",
                setting=pair[1],
                file=str(assembly.settings.file),
                advice="Nothing was changed. A company that is new begins anew, under a name of its own.",
            )
