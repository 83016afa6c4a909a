"""The `erpcore` program: its commands, and how errors are shown to people."""

from __future__ import annotations

import inspect
import os
import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from erpcore.cli import (
    accounts,
    answers,
    articles,
    authors,
    connect,
    database,
    init,
    invoices,
    links,
    mail,
    matching,
    mending,
    plugins,
    registers,
    renaming,
    simulated,
    status,
    syncs,
    webhooks,
)
from erpcore.errors import ConfigurationError, ErpcoreError, PluginError

SYNC_PACKAGES = (
    "dbos",
    "sqlalchemy",
    "alembic",
    "cryptography",
    "starlette",
    "uvicorn",
    "filelock",
    "cachetools",
    "jinja2",
    "standardwebhooks",
)

app = typer.Typer(
    name="erpcore",
    help="Join a CRM to an accounting program: customers, articles, orders and invoices, never twice and never lost.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
PANELS = {
    "Try it": (simulated,),
    "Set it up": (plugins, init, connect, accounts, renaming, matching, webhooks, database),
    "Work": (syncs, articles, registers),
    "See what became of it": (status, invoices, mail),
    "Mend what went wrong": (mending, answers, links),
    "Write plugins": (authors,),
}
"""Headings of ``erpcore --help``, and the modules whose commands stand below them."""


def _add_commands() -> None:
    for panel, modules in PANELS.items():
        before = len(app.registered_commands), len(app.registered_groups)
        for module in modules:
            module.add_commands(app)
        for command in app.registered_commands[before[0] :]:
            command.rich_help_panel = panel
        for group in app.registered_groups[before[1] :]:
            group.rich_help_panel = panel
    programs = [app, *(group.typer_instance for group in app.registered_groups)]
    for command in (each for program in programs if program is not None for each in program.registered_commands):
        # A paragraph breaks where the window ends, not where the line of the source does.
        told = inspect.getdoc(command.callback) or ""
        command.help = "\n\n".join(" ".join(paragraph.split()) for paragraph in told.split("\n\n"))


_add_commands()


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

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
    """Run the program; what goes wrong is a sentence and an exit code, not a traceback.

    Exit codes: 1 for what a system or a record refuses, 2 for a wrong setting, plugin, file or command line.
    ``ERPCORE_TRACEBACK=1`` shows the traceback all the same.
    """
    try:
        app()
    except Exception as error:
        told = _in_words(error)
        if told is None or os.environ.get("ERPCORE_TRACEBACK"):
            raise
        from erpcore.redaction import hidden_everywhere

        Console(stderr=True, soft_wrap=True).print(f"[bold red]Error:[/] {escape(hidden_everywhere(told))}")
        refused = isinstance(error, ErpcoreError) and not isinstance(error, (ConfigurationError, PluginError))
        sys.exit(1 if refused else 2)


def _in_words(error: Exception) -> str | None:
    """Say what went wrong; None for a fault of erpcore itself, whose traceback is wanted."""
    if isinstance(error, ErpcoreError):
        return str(error)
    if isinstance(error, ModuleNotFoundError):
        if error.name is None or error.name.partition(".")[0] not in SYNC_PACKAGES:
            return None
        return (
            f"This command needs the package “{error.name}”, which belongs to the part of erpcore that runs syncs. "
            "Install it: pip install 'erpcore[sync]'"
        )
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{error.strerror or error}."
    if isinstance(error, UnicodeError):
        return f"A file is not text in UTF-8: {error}."
    if type(error).__module__.partition(".")[0] == "sqlalchemy":
        from erpcore.store.failures import store_failure

        return str(store_failure(error))  # type: ignore[arg-type]  # the base install does without the library
    return None
