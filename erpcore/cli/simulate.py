"""``erpcore simulate``: a stateful local stand-in for a system, for a person or a stranger's client to talk to."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from erpcore.errors import ErpcoreError


def add_commands(app: typer.Typer) -> None:
    """Add this module's command to the program."""
    app.command("simulate")(simulate)


def simulate(
    system: Annotated[str, typer.Argument(help="Name of the system, such as fortnox or lime_go.")],
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Port on 127.0.0.1; the simulator's own when left out.")
    ] = None,
    seed_file: Annotated[
        Path | None, typer.Option(help="Records to start with, as JSON or TOML.", exists=True, dir_okay=False)
    ] = None,
    keep: Annotated[
        Path | None, typer.Option(help="Remember everything in this file, and go on from it.", dir_okay=False)
    ] = None,
) -> None:
    """Run the simulator of a system on 127.0.0.1 until Ctrl-C."""
    from erpcore import registry

    cls = registry.load_simulator(system)
    from erpcore.simulator import serve

    simulator = cls()
    if seed_file is not None:
        if keep is not None and keep.exists():
            raise ErpcoreError(
                f"{keep} remembers an earlier run, so --seed-file would be lost.", advice="Leave one out."
            )
        try:
            simulator.load_seed(seed_file)
        except (ValueError, OSError) as error:
            raise ErpcoreError(str(error), advice="See the simulator's docstring for what a seed may hold.") from error
    chosen = port if port is not None else simulator.default_port

    def ready() -> None:
        console = Console()
        console.print(f"[bold]{cls.__name__}[/] on http://127.0.0.1:{chosen}  (Ctrl-C ends it)")
        console.print(f"Switches, journal and state: http://127.0.0.1:{chosen}/_simulator/")
        for name, value in cls.made_up_secrets.items():
            console.print(f"{name} is {value}", highlight=False)

    try:
        serve(simulator, chosen, keep=keep, on_ready=ready)
    except (ValueError, OSError) as error:
        raise ErpcoreError(f"The simulator cannot run on port {chosen}: {error}") from error
