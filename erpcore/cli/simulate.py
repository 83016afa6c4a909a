"""``erpcore simulate``: a stateful local stand-in for a system, for a person or a stranger's client to talk to."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from erpcore import registry


def add_commands(app: typer.Typer) -> None:
    """Add this module's command to the program."""
    app.command("simulate")(simulate)


def simulate(
    system: Annotated[str, typer.Argument(help="Name of the system, such as fortnox or lime_go.")],
    port: Annotated[int | None, typer.Option(help="Port on 127.0.0.1; the simulator's own when left out.")] = None,
    seed_file: Annotated[
        Path | None, typer.Option(help="Records to start with, as JSON or TOML.", exists=True, dir_okay=False)
    ] = None,
) -> None:
    """Run the simulator of a system on 127.0.0.1 until Ctrl-C."""
    cls = registry.load_simulator(system)
    from erpcore.simulator import serve

    simulator = cls()
    if seed_file is not None:
        simulator.load_seed(seed_file)
    chosen = port if port is not None else simulator.default_port
    console = Console()
    console.print(f"[bold]{cls.__name__}[/] on http://127.0.0.1:{chosen}  (Ctrl-C ends it)")
    console.print(f"Switches, journal and state: http://127.0.0.1:{chosen}/_simulator/")
    serve(simulator, chosen)
