"""``erpcore demo``: watch won deals become orders, on this machine alone."""

from __future__ import annotations

import shutil
import signal
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

FOLDER = Path(".erpcore-demo")


def add_commands(app: typer.Typer) -> None:
    """Add this module's command to the program."""
    app.command("demo")(demo)


def demo(
    folder: Annotated[Path, typer.Option(help="Where the demonstration keeps its store and simulators.")] = FOLDER,
    keep: Annotated[bool, typer.Option("--keep", help="Leave everything running until Ctrl-C.")] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget an earlier demonstration first.")] = False,
) -> None:
    """Win three deals in a simulated Lime Go and watch them become orders in a simulated Fortnox."""
    import logging

    from erpcore.demo.lime_go_fortnox import SCENARIO
    from erpcore.demo.show import play, require_free, summarise, world

    logging.basicConfig(level=logging.ERROR)
    console = Console()
    require_free(folder)
    if fresh and folder.exists():
        shutil.rmtree(folder)
    with ExitStack() as stack:
        with console.status("Starting the simulators, the store and erpcore …"):
            on = stack.enter_context(world(SCENARIO, folder))
        console.print(
            f"Lime Go simulator  {on.crm_url}\nFortnox simulator  {on.erp_url}\nStore and settings {folder}/\n"
        )
        well = play(on, console)
        summarise(on, console, well=well)
        if keep:
            _wait(console, folder)
    if not well:
        raise typer.Exit(1)


def _wait(console: Console, folder: Path) -> None:
    console.print(
        "\nEverything is left running. Ctrl-C ends it. Try, in another terminal:\n"
        f"  erpcore status --settings {folder}/erpcore.toml\n"
        f"  erpcore check --settings {folder}/erpcore.toml"
    )
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    stopped.wait()
