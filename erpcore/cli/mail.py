"""``erpcore mail``: what is told to people and programs, and trying the mail server."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from erpcore.cli.opening import AsJson, SettingsFile, opened_store, print_json
from erpcore.cli.status import when
from erpcore.errors import ConfigurationError, ErpcoreError, MissingRecordError

if TYPE_CHECKING:
    from erpcore.settings import Settings
    from erpcore.store import Message, Store


def add_commands(app: typer.Typer) -> None:
    """Add this module's command to the program."""
    app.command("mail")(mail)


def mail(
    number: Annotated[int | None, typer.Argument(help="Number of a message: its text.")] = None,
    settings_file: SettingsFile = None,
    trial: Annotated[
        bool, typer.Option("--try", help="Send a mail to everybody in mail_to of every sync, to try the settings.")
    ] = False,
    most: Annotated[int, typer.Option(min=1, max=1_000, help="How many at the most.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Show which mails and deliveries were sent or wait, or try the mail server."""
    from erpcore.store import list_messages

    console = Console()
    with opened_store(settings_file, only_reads=True) as (settings, store):
        if trial:
            _try(console, settings, store, as_json=as_json)
            return
        with store.read() as connection:
            found = list_messages(connection, limit=most if number is None else None, number=number)
    if number is not None:
        if not found:
            raise MissingRecordError(f"there is no message {number}.", advice="Look at: erpcore mail")
        console.print(_text(settings, found[0]), markup=False, highlight=False, soft_wrap=True)
    elif as_json:
        print_json({"messages": [vars(message) for message in found]})
    else:
        _show(console, found)


def _show(console: Console, found: list[Message]) -> None:
    if not found:
        console.print("No messages yet.")
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("No.", justify="right", no_wrap=True)
    table.add_column("To", ratio=1, overflow="fold")
    table.add_column("About", ratio=1, overflow="fold")
    table.add_column("State", no_wrap=True)
    table.add_column("When", no_wrap=True)
    for each in found:
        state = "[green]sent[/]" if each.sent_at else "[yellow]waits[/]"
        kinds = {"began": "failed", "more": "more failed", "over": "well again"}
        about = ", ".join(dict.fromkeys(kinds[news["kind"]] for news in each.body["news"]))
        why = "" if each.error is None else f"\n[red]{escape(each.error)}[/]"
        table.add_row(
            str(each.id),
            escape(each.address),
            f"{escape(each.sync)}: {about}{why}",
            state,
            when(each.sent_at or each.made_at),
        )
    console.print(table)
    console.print("erpcore mail NUMBER shows the text of one.", style="dim")


def _text(settings: Settings, message: Message) -> str:
    """Give the text of a message, as a mail would have it."""
    from erpcore.engine.trial import plugin_of
    from erpcore.notify import letter

    rules = settings.sync_named(message.sync)
    written = letter(message.sync, message.body["news"], rules.language, rules.time_zone, partial(plugin_of, settings))
    return f"{written.subject}\n\n{written.text}"


def _try(console: Console, settings: Settings, store: Store, *, as_json: bool) -> None:
    from erpcore.notify import Envelope, send_mail, trial_letter
    from erpcore.store import now

    wanted = [(sync, address) for sync, rules in settings.syncs.items() for address in rules.mail_to]
    if not wanted:
        raise ConfigurationError(
            "nobody gets mails.", setting="syncs.NAME.mail_to", advice="Write who does, and add a table [mail]."
        )
    with store.read() as connection:
        at = now(connection)
    beside = Path() if settings.file is None else settings.file.absolute().parent
    failures: list[dict[str, str]] = []
    for number, (sync, address) in enumerate(wanted, 1):
        name = f"try-{at:%Y%m%d%H%M%S}-{number}"
        try:
            written = trial_letter(sync, settings.syncs[sync].language)
            send_mail(settings.mail, written, Envelope(address, name, at), beside=beside)
        except ErpcoreError as error:
            failures.append({"sync": sync, "to": address, "why": str(error)})
            if not as_json:
                console.print(f"[red]{escape(sync)}: {escape(address)}: {escape(str(error))}[/]", soft_wrap=True)
            continue
        if not as_json:
            where = settings.mail.folder or settings.mail.host
            console.print(f"{escape(sync)}: a mail to {escape(address)} was handed over to {where}.")
    if as_json:
        print_json({"tried": len(wanted), "failures": failures})
    if failures:
        raise typer.Exit(1)
