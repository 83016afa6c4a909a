"""``erpcore send``, ``retry`` and ``dismiss``: having records handled now, again, or no more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

from erpcore.cli.opening import AsJson, SettingsFile, opened_assembly, opened_store, person_here, print_json
from erpcore.cli.syncs import KindOption
from erpcore.errors import ErpcoreError, MissingRecordError

if TYPE_CHECKING:
    import sqlalchemy as sa

    from erpcore.engine.queue import RunQueue
    from erpcore.settings import Settings
    from erpcore.store import Store

_AT_MOST = 100_000


def add_commands(app: typer.Typer) -> None:
    """Add this module's commands to the program."""
    app.command("send")(send)
    app.command("retry")(retry)
    app.command("dismiss")(dismiss)


def send(
    sync: Annotated[str, typer.Argument(help="Name of the sync.")],
    record: Annotated[str, typer.Argument(help="The CRM's key of the deal, order or company.")],
    settings_file: SettingsFile = None,
    kind: KindOption = None,
    even_if_not_won: Annotated[
        bool, typer.Option("--even-if-not-won", help="Send a deal though the CRM does not show that it is won.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Handle a deal, an order or a company now, without waiting for an event. The worker must be running."""
    from erpcore.store import open_run

    with opened_assembly(settings_file) as assembly:
        settings, store = assembly.settings, assembly.store
        rules = settings.sync_named(sync)
        record_kind = str(kind or assembly.usual_kind(sync))
        with queue_of(settings, store) as queue, store.begin() as connection:
            if even_if_not_won:
                _say_it_is_won(connection, rules.crm, record)
            opened, new = open_run(
                connection, sync=sync, source=rules.crm, target=rules.erp, record_kind=record_kind, record_id=record
            )
            if new:
                queue.enqueue(connection, opened, attempt=1)
        alive = is_worked_on(settings, store)
    state = "queued" if new else opened.state
    if as_json:
        print_json({"run": opened.id, "state": state, "new": new, "worker_alive": alive})
        return
    console = Console()
    console.print(f"Run {opened.id} is {state}.")
    say_nobody_works(console, alive=alive)


def _say_it_is_won(connection: sa.Connection, crm: str, record: str) -> None:
    """Put a win into the inbox that a person vouches for."""
    from uuid import uuid4

    from erpcore.models import CrmEvent
    from erpcore.store import put_event

    facts = {"even_if_not_won": person_here()}
    event = CrmEvent(key=f"by hand {uuid4()}", kind="deal_won", record_id=record, facts=facts)
    put_event(
        connection,
        source=crm,
        event_key=event.key,
        kind=event.kind,
        record_kind="deal",
        record_id=record,
        payload=event.model_dump(mode="json", exclude_unset=True),
    )


def retry(
    runs: Annotated[list[int] | None, typer.Argument(help="Numbers of runs.")] = None,
    settings_file: SettingsFile = None,
    failed: Annotated[bool, typer.Option("--failed", help="All records that stand as failed.")] = False,
    cause: Annotated[
        str | None, typer.Option(help="All records that wait for this to be mended, by its key, which status shows.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Send records again, after what was wrong has been mended."""
    from rich.progress import track

    from erpcore.store import list_records

    console = Console()
    queued: list[int] = []
    refused: list[dict[str, object]] = []
    with opened_store(settings_file) as (settings, store):
        chosen = list(runs or [])
        if not (chosen or failed or cause):
            raise MissingRecordError("No run is named.", advice="Name run numbers, --failed, or --cause KEY.")
        if failed or cause:
            with store.read() as connection:
                standing = list_records(connection, states=["failed"], cause=cause, limit=_AT_MOST)
            chosen += [each.run_id for each in reversed(standing) if each.trying is None]
        with queue_of(settings, store) as queue:
            for number in track(
                chosen, "Queueing", console=console, transient=True, disable=as_json or not console.is_terminal
            ):
                try:
                    queue.retry(number)
                    queued.append(number)
                    if not as_json:
                        console.print(f"Run {number} is queued again.")
                except ErpcoreError as error:
                    refused.append({"run": number, "why": str(error)})
                    if not as_json:
                        console.print(f"[red]Run {number}: {escape(str(error))}[/]")
        alive = is_worked_on(settings, store)
    if as_json:
        print_json({"queued": queued, "refused": refused, "worker_alive": alive})
    elif not chosen:
        console.print("Nothing stands as failed." if cause is None else "Nothing that failed waits for that.")
    else:
        say_nobody_works(console, alive=alive)
    if refused:
        raise typer.Exit(1)


def dismiss(
    run_id: Annotated[int, typer.Argument(help="Number of the run that failed or asks.")],
    why: Annotated[str, typer.Option(help="Why nothing more is to be done here, for whoever reads its story.")],
    settings_file: SettingsFile = None,
    as_json: AsJson = False,
) -> None:
    """Set aside what went wrong, because it was dealt with elsewhere. Nothing is sent; a new event begins anew."""
    from erpcore.store import get_run, set_aside

    if not why.strip():
        raise MissingRecordError("--why is empty.", advice="Say in a few words what was done instead.")
    person = person_here()
    with opened_store(settings_file) as (_, store), store.begin() as connection:
        run = get_run(connection, run_id, lock=True)
        set_aside(connection, run, person=person, why=why.strip())
    if as_json:
        print_json({"run": run_id, "state": "set_aside", "person": person, "why": why.strip()})
        return
    Console().print(f"Set aside by {escape(person)}: {escape(run.record)}. “erpcore retry {run_id}” takes it back.")


@contextmanager
def queue_of(settings: Settings, store: Store) -> Iterator[RunQueue]:
    """Give the queue of a store for as long as the block takes.

    Args:
        settings: The settings.
        store: The store.
    """
    from erpcore.engine.worker import make_queue

    queue = make_queue(settings, store)
    try:
        yield queue
    finally:
        queue.close()


def is_worked_on(settings: Settings, store: Store) -> bool:
    """Tell whether a worker is alive that will take what was queued.

    Args:
        settings: The settings.
        store: The store.
    """
    from erpcore.engine.health import is_alive
    from erpcore.store import list_workers, now

    with store.read() as connection:
        at = now(connection)
        return any(is_alive(worker, at, settings.worker) for worker in list_workers(connection))


def say_nobody_works(console: Console, *, alive: bool) -> None:
    """Say that what was queued waits for a worker, where it does.

    Args:
        console: Where.
        alive: Whether a worker is alive.
    """
    if not alive:
        console.print("No worker is running: nothing happens until erpcore run.", style="yellow")
