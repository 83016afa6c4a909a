"""``erpcore init``, ``connect``, ``check`` and ``db``: setting up the accounts and the store."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer
from pydantic import BaseModel, SecretStr
from rich.console import Console
from rich.table import Table

from erpcore import registry
from erpcore.cli.consent import AsksForConsent, ask_for_consent
from erpcore.cli.opening import SettingsFile, opened_assembly, opened_store
from erpcore.errors import ConfigurationError, ErpcoreError
from erpcore.hookspecs import Context

if TYPE_CHECKING:
    from erpcore.connection import CrmConnection, ErpConnection
    from erpcore.engine.assembly import Assembly
    from erpcore.settings import Settings

STYLES = {"ok": "green", "warning": "yellow", "error": "red"}
CONSENT_PORT = 8765
database = typer.Typer(help="The store's tables.", no_args_is_help=True)


def add_commands(app: typer.Typer) -> None:
    """Add this module's commands to the program."""
    app.command("init")(init)
    app.command("connect")(connect)
    app.command("check")(check)
    app.add_typer(database, name="db")


def init(
    file: Annotated[Path, typer.Argument(help="Where to write the settings.")] = Path("erpcore.toml"),
    crm: Annotated[str, typer.Option(help="Plugin of the CRM.")] = "lime_go",
    erp: Annotated[str, typer.Option(help="Plugin of the accounting program.")] = "fortnox",
) -> None:
    """Write a settings file with every setting, its meaning and its default."""
    from erpcore.cli.starter import starter

    if file.exists():
        raise ConfigurationError(
            "this file exists already; it is left as it is.",
            file=str(file),
            advice="Name another one, or move it away.",
        )
    file.write_text(starter(registry.load("crm", crm), registry.load("erp", erp)), encoding="utf-8")
    console = Console()
    console.print(f"Wrote [bold]{file}[/]. Next:")
    console.print(f"  1. fill in the connections in {file}")
    console.print(f"  2. erpcore connect {crm}, erpcore connect {erp}   (secrets, stored encrypted; consent)")
    console.print("  3. erpcore check")
    console.print("  4. erpcore run")


def connect(
    name: Annotated[str, typer.Argument(help="Name of the connection, as in the settings file.")],
    settings_file: SettingsFile = None,
    port: Annotated[
        int, typer.Option(help="Port on this machine that the browser comes back to after a consent.")
    ] = CONSENT_PORT,
    browser: Annotated[bool, typer.Option(help="Open the browser for a consent.")] = True,
) -> None:
    """Store a connection's secrets, encrypted, and ask for consent where the system wants one."""
    console = Console()
    with opened_store(settings_file) as (settings, store):
        plugin, chosen = _plugin_of(settings, name)
        from erpcore.store import put_secret

        for secret in _secrets_of(plugin):
            if secret in chosen.options:
                console.print(f"{secret}: set in the settings file or the environment; the vault is not used.")
                continue
            value = typer.prompt(
                f"{secret} (enter leaves it as it is)", hide_input=True, default="", show_default=False
            )
            if value:
                vault = store.vault
                with store.begin() as writing:
                    put_secret(writing, vault, name, secret, value)
                console.print(f"{secret}: stored, encrypted.")
    with opened_assembly(settings_file) as assembly:
        connection = _connection(assembly, name)
        plugin_instance: object = connection.plugin
        if isinstance(plugin_instance, AsksForConsent):
            ask_for_consent(plugin_instance, console, port=port, browser=browser)
        _show_report(console, connection)


def check(
    name: Annotated[str | None, typer.Argument(help="One connection; all when left out.")] = None,
    settings_file: SettingsFile = None,
) -> None:
    """Look at each connection: reachable, allowed, and with what the syncs need."""
    console = Console()
    fine = True
    with opened_assembly(settings_file) as assembly:
        names = [name] if name is not None else list(assembly.settings.connections)
        if not names:
            console.print("The settings name no connection yet.")
        for each in names:
            try:
                fine = _show_report(console, _connection(assembly, each)) and fine
            except ErpcoreError as error:
                console.print(f"[bold]{each}[/]: [red]{error}[/]")
                fine = False
    if not fine:
        raise typer.Exit(1)


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
            queue.make_tables()  # the durable engine's own, in the same database
        finally:
            queue.close()
    Console().print(f"Applied: {', '.join(applied)}." if applied else "The tables are up to date.")


def _plugin_of(settings: Settings, name: str) -> tuple[type[Any], Any]:
    chosen = settings.connections.get(name)
    if chosen is None:
        raise ConfigurationError(
            f"there is no connection “{name}”.",
            setting="connections",
            file=str(settings.file),
            advice=f"The settings have: {', '.join(settings.connections) or 'none yet'}.",
        )
    return registry.load(_kind(settings, name, chosen.plugin), chosen.plugin), chosen


def _kind(settings: Settings, name: str, plugin: str) -> registry.Kind:
    """Tell what a connection is; where both kinds have a plugin of its name, by the syncs that use it."""
    used: list[registry.Kind] = [
        kind for kind in registry.GROUPS if any(getattr(sync, kind) == name for sync in settings.syncs.values())
    ]
    return registry.kind_of(plugin, preferred=used)


def _connection(assembly: Assembly, name: str) -> CrmConnection | ErpConnection:
    _, chosen = _plugin_of(assembly.settings, name)
    return assembly.crm(name) if _kind(assembly.settings, name, chosen.plugin) == "crm" else assembly.erp(name)


def _secrets_of(plugin: type[Any]) -> list[str]:
    model: type[BaseModel] = plugin.Settings
    return [
        name for name, info in model.model_fields.items() if SecretStr in (info.annotation, *get_args(info.annotation))
    ]


def _show_report(console: Console, connection: CrmConnection | ErpConnection) -> bool:
    with console.status(f"Looking at {connection.name} …"):
        report = connection.check_connection(Context(correlation_id=f"check:{connection.name}"))
    account = f": {report.account}" if report.account else ""
    table = Table("Looked at", "State", "Found", title=f"{connection.name}{account}", title_justify="left")
    for seen in report.checks:
        table.add_row(seen.name, f"[{STYLES[seen.state]}]{seen.state}[/]", seen.detail)
    console.print(table)
    return report.ok
