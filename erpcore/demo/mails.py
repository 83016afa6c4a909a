"""The mail about what failed, as the demonstration shows it."""

from __future__ import annotations

import time
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel

if TYPE_CHECKING:
    from erpcore.demo.show import World

_WAIT_SECONDS = 15.0
_LOOK_SECONDS = 0.2


def mails_written(on: World) -> set[Path]:
    """Give the mails that the demonstration's worker has written into its folder.

    Args:
        on: The world.
    """
    return set(((on.settings.file or Path()).parent / str(on.settings.mail.folder)).glob("*.eml"))


def show_new_mail(on: World, console: Console, known: set[Path]) -> None:
    """Wait for the mail about what has just failed, and show it.

    Args:
        on: The world.
        console: Where it is shown.
        known: Mails from before.
    """
    until = time.monotonic() + _WAIT_SECONDS
    while not (written := mails_written(on) - known) and time.monotonic() < until:
        time.sleep(_LOOK_SECONDS)
    if not written:
        console.print(f"[red]No mail about the failure came within {_WAIT_SECONDS:.0f} seconds.[/]")
        return
    mail = message_from_bytes(min(written).read_bytes(), policy=default)
    body = mail.get_body(("plain",)) if isinstance(mail, EmailMessage) else None
    text = "" if body is None else str(body.get_content()).strip()
    console.print(Panel(escape(text), title=escape(f"Mail to {mail['To']}: {mail['Subject']}"), title_align="left"))
