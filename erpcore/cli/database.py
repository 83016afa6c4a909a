"""``erpcore db``: the store's tables, and the key of its vault."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

from erpcore.cli.opening import SettingsFile, opened_store
from erpcore.errors import ConfigurationError

if TYPE_CHECKING:
    import sqlalchemy as sa

    from erpcore.settings import Settings

database = typer.Typer(help="The store: its tables, and the key of its vault.", no_args_is_help=True)


def add_commands(app: typer.Typer) -> None:
    """Add this module's commands to the program."""
    app.add_typer(database, name="db")


@database.command("upgrade")
def upgrade_tables(settings_file: SettingsFile = None) -> None:
    """Bring the store's tables up to this version of erpcore. On SQLite this happens by itself."""
    from erpcore.engine.worker import make_queue
    from erpcore.settings import load_settings, store_url
    from erpcore.store import upgrade

    applied = upgrade(store_url(load_settings(settings_file)))
    with opened_store(settings_file) as (settings, store):
        queue = make_queue(settings, store)
        try:
            queue.make_tables()  # DBOS' own, in the same database
        finally:
            queue.close()
        console = Console()
        console.print(f"Applied: {', '.join(applied)}." if applied else "The tables are up to date.")
        try:
            store.unlock()
        except ConfigurationError as error:
            # The tables are as they should be; but no worker starts before this is mended.
            console.print(escape(str(error)), style="yellow", soft_wrap=True)


@database.command("copy")
def copy(
    to: Annotated[
        str, typer.Option("--to", help="Address of the other store, such as postgresql://USER:PASSWORD@HOST/NAME.")
    ],
    settings_file: SettingsFile = None,
) -> None:
    """Copy the store into an empty database, such as from SQLite to PostgreSQL. Stop the workers before."""
    from erpcore.engine.worker import make_queue
    from erpcore.store import OPEN_STATES, copy_store, list_runs, now, open_store, sole_worker, upgrade

    console = Console()
    upgrade(to)
    with opened_store(settings_file) as (settings, source), sole_worker(source):
        with source.read() as reading:
            _refuse_workers(reading, settings, "what it does meanwhile would be in the old store alone")
        target = open_store(to, key=source.key)
        try:
            rows = copy_store(source, target, lambda table, rows: console.print(f"  {table}: {rows}", style="dim"))
            queue = make_queue(settings, target)
            try:
                queue.make_tables()
                with target.begin() as connection:
                    open_ones = list_runs(connection, states=OPEN_STATES, limit=1_000_000)
                    for run in reversed(open_ones):
                        # What the queue of the other store had in hand is put into this one's.
                        wait = 0.0 if run.resume_at is None else (run.resume_at - now(connection)).total_seconds()
                        queue.enqueue(connection, run, attempt=run.attempt, delay_seconds=max(0.0, wait))
            finally:
                queue.close()
        finally:
            target.close()
        console.print(f"Copied: {rows} rows, and {len(open_ones)} runs that are under way. Next:")
        console.print(escape("  1. set url under [store] to the new address"))
        if settings.store.key_in == "file" and source.path is not None and not os.environ.get("ERPCORE_KEY"):
            console.print(f"  2. set ERPCORE_KEY to what is in {escape(str(source.path))}.key, for every worker")
        console.print("  and erpcore check. Keep the old store, but let no worker run on it any more.")


@database.command("rotate-key")
def rotate_key(settings_file: SettingsFile = None) -> None:
    """Encrypt every token and secret with a new key. Stop the workers before.

    In a file beside a SQLite store, or in the system's keyring, the new key is made and kept here. Keys from the
    environment: put the new one in front (ERPCORE_KEY=new,old), run this, then take the old one out.
    """
    from erpcore.store import rotate_keys, sole_worker

    why = "it keeps the key from before, and could not read what is encrypted anew"
    with opened_store(settings_file) as (settings, store), sole_worker(store):
        count = rotate_keys(store, lambda writing: _refuse_workers(writing, settings, why))
    Console().print(f"Encrypted anew: {count} tokens and secrets. The key before is not needed any more.")


@database.command("forget-secrets")
def forget(
    settings_file: SettingsFile = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether to go on.")] = False,
) -> None:
    """Delete every stored token and secret: the way on when the vault's key is lost. Stop the workers before.

    Links, documents and events stay. Each connection is then connected again.
    """
    from erpcore.store import forget_secrets, sole_worker

    if not yes:
        typer.confirm("Delete every stored token and secret? Each connection must be connected again.", abort=True)
    with opened_store(settings_file) as (settings, store):
        with sole_worker(store), store.begin() as connection:
            _refuse_workers(connection, settings, "it would go on with secrets that nobody keeps any more")
            count = forget_secrets(connection)
        console = Console()
        console.print(f"Deleted: {count} tokens and secrets. Links and documents are as they were. Next:")
        for name in settings.connections:
            console.print(f"  erpcore connect {name}")


def _refuse_workers(connection: sa.Connection, settings: Settings, why: str) -> None:
    from erpcore.engine.health import is_alive
    from erpcore.store import list_workers, now

    at = now(connection)
    alive = [worker for worker in list_workers(connection) if is_alive(worker, at, settings.worker)]
    if alive:
        raise ConfigurationError(
            f"a worker is running ({', '.join(f'{each.executor_id} on {each.host}' for each in alive)}): {why}.",
            setting="store",
            advice="Stop every worker, then try again. One that was killed counts as running for a moment.",
        )
