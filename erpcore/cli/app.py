"""The `erpcore` program: its commands, and how errors are shown to people."""

from __future__ import annotations

import os
import sys
from importlib.metadata import version
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from erpcore.cli import (
    accounts,
    answers,
    connect,
    contract,
    database,
    demo,
    new_plugin,
    plugins,
    simulate,
    syncs,
    webhooks,
)
from erpcore.errors import ConfigurationError, ErpcoreError, PluginError

SYNC_PACKAGES = ("dbos", "sqlalchemy", "alembic", "cryptography", "starlette", "uvicorn", "filelock", "cachetools")

app = typer.Typer(
    name="erpcore",
    help="Join a CRM to an accounting program: customers, articles, orders and invoices, never twice and never lost.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
for group in (plugins, accounts, connect, webhooks, database, syncs, answers, simulate, demo, new_plugin, contract):
    group.add_commands(app)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"erpcore {version('erpcore')}, Python {sys.version.partition(' ')[0]}")
        raise typer.Exit


@app.callback()
def _options(
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """Options of the program as a whole."""


def main() -> None:
    """Run the program; an error of erpcore is a sentence and an exit code, not a traceback.

    Exit codes: 1 for what a system or a record refuses, 2 for a wrong setting, plugin or command line.
    ``ERPCORE_TRACEBACK=1`` shows the traceback all the same.
    """
    try:
        app()
    except ErpcoreError as error:
        if os.environ.get("ERPCORE_TRACEBACK"):
            raise
        Console(stderr=True, soft_wrap=True).print(f"[bold red]Error:[/] {escape(str(error))}")
        sys.exit(2 if isinstance(error, (ConfigurationError, PluginError)) else 1)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in SYNC_PACKAGES:
            raise
        Console(stderr=True, soft_wrap=True).print(
            f"[bold red]Error:[/] This command needs the package “{error.name}”, which belongs to the part of erpcore "
            "that runs syncs. Install it: pip install 'erpcore\\[sync]'"
        )
        sys.exit(2)
