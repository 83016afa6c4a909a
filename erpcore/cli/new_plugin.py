"""``erpcore new-plugin``: the files that a plugin for a further system begins with."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.markup import escape


def add_commands(app: typer.Typer) -> None:
    """Add this module's command to the program."""
    app.command("new-plugin")(new_plugin)


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
