"""``erpcore demo`` and ``erpcore simulate``: stand-ins for the systems, on this machine alone."""

from __future__ import annotations

import shutil
import signal
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from erpcore.errors import ErpcoreError

_AWAKE_SECONDS = 0.2


def add_commands(app: typer.Typer) -> None:
    """Add this module's commands to the program."""
    app.command("demo")(demo)
    app.command("simulate")(simulate)


def demo(
    crm: Annotated[str, typer.Option(help="Plugin of the CRM.")] = "lime_go",
    erp: Annotated[str, typer.Option(help="Plugin of the accounting program.")] = "fortnox",
    folder: Annotated[
        Path | None, typer.Option(help="Where the demonstration keeps its store and simulators.", show_default=False)
    ] = None,
    asking: Annotated[
        bool,
        typer.Option("--asking", help="With visma_admin: the agent is not reached, and asks erpcore for work."),
    ] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Leave everything running until Ctrl-C.")] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget an earlier demonstration first.")] = False,
) -> None:
    """Win four deals in a simulated Lime Go and watch them become orders in a simulated Fortnox.

    One fails first: its mail is shown, and it goes again when it is mended. Then an invoice is booked and paid in
    Fortnox, and its deal shows green; another turns red when its day has passed. With --erp visma_eaccounting: a
    company is linked by hand first, and gets a contact person.

    With --crm lime_crm and --erp poweroffice or visma_admin: set three orders ready in a simulated Lime CRM, of which
    one fails first. At the end an article's price is raised in the ERP. Visma Administration needs a C compiler, since
    its simulator is a library in C.
    """
    import logging

    from erpcore.demo import lime_crm_poweroffice, lime_crm_visma_admin, lime_go_fortnox, lime_go_visma_eaccounting
    from erpcore.demo.deeds import change_an_article, do_deeds
    from erpcore.demo.home import bring_home
    from erpcore.demo.show import play, require_free, summarise, world

    demonstrations = (lime_go_fortnox, lime_go_visma_eaccounting, lime_crm_poweroffice, lime_crm_visma_admin)
    scenarios = {(each.SCENARIO.crm, each.SCENARIO.erp): each.SCENARIO for each in demonstrations}
    scenario = scenarios.get((crm, erp))
    if scenario is None:
        pairs = ", ".join(f"--crm {one} --erp {other}" for one, other in scenarios)
        raise ErpcoreError(f"There is no demonstration of {crm} with {erp}.", advice=f"There are: {pairs}.")
    if asking:
        if erp != "visma_admin":
            raise ErpcoreError("--asking goes with --erp visma_admin.")
        called = scenario.erp_connection
        scenario = replace(scenario, asking=True, erp_connection=lambda url: {**called(url), "asking": True})
    folder = folder or Path(f".erpcore-demo-{crm}-{erp}")
    logging.basicConfig(level=logging.CRITICAL)
    console = Console()
    require_free(folder)
    if fresh and folder.exists():
        shutil.rmtree(folder)
    with ExitStack() as stack:
        with console.status("Starting the simulators, the store and erpcore …"):
            on = stack.enter_context(world(scenario, folder))
        console.print(f"{crm} simulator: {on.crm_url}\n{erp} simulator: {on.erp_url}\nstore and settings: {folder}/\n")
        well = do_deeds(on, console)
        well = play(on, console) and well
        well = bring_home(on, console) and well
        well = change_an_article(on, console) and well
        summarise(on, console, well=well)
        if keep:
            _wait(console, folder)
    if not well:
        raise typer.Exit(1)


def _wait(console: Console, folder: Path) -> None:
    told: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: told.append(number))
    console.print(
        "\nEverything is left running. Ctrl-C ends it. Try, in another terminal:\n"
        f"  erpcore status --settings {folder}/erpcore.toml\n"
        f"  erpcore check --settings {folder}/erpcore.toml"
    )
    # Not one endless wait: a signal that the system hands to another thread does not wake this one, and its handler
    # runs only when this one is awake. Nor an event: the handler may interrupt the very wait whose lock it would need.
    while not told:
        time.sleep(_AWAKE_SECONDS)


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
