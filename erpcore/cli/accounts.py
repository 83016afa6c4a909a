"""``erpcore init``, ``connect``, ``check`` and ``account``: setting up the accounts, and knowing them again."""

from __future__ import annotations

import getpass
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from erpcore import registry
from erpcore.cli.consent import AsksForConsent, ask_for_consent
from erpcore.cli.opening import SettingsFile, opened_assembly, opened_store
from erpcore.cli.webhooks import show_subscription
from erpcore.errors import ConfigurationError, ErpcoreError, PluginError
from erpcore.hookspecs import Context
from erpcore.plugin_settings import secret_settings

if TYPE_CHECKING:
    from erpcore.connection import CrmConnection, ErpConnection
    from erpcore.engine.assembly import Assembly
    from erpcore.settings import Settings

STYLES = {"ok": "green", "warning": "yellow", "error": "red"}
CONSENT_PORT = 8765


def add_commands(app: typer.Typer) -> None:
    """Add this module's commands to the program."""
    app.command("init")(init)
    app.command("connect")(connect)
    app.command("check")(check)
    app.command("account")(account)


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
    text = starter(registry.load("crm", crm), registry.load("erp", erp))
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(
            f"the settings cannot be written there: {error.strerror}.",
            file=str(file),
            advice="Name a file in a folder that is there and that this user may write to.",
        ) from error
    console = Console()
    console.print(f"Wrote [bold]{escape(str(file))}[/]. Next:")
    console.print(f"  1. fill in the connections in {escape(str(file))}")
    console.print(f"  2. erpcore connect {crm}, erpcore connect {erp}   (secrets, stored encrypted; consent)")
    console.print("  3. erpcore check")
    console.print("  4. erpcore run")


def connect(
    name: Annotated[str, typer.Argument(help="Name of the connection, as in the settings file.")],
    settings_file: SettingsFile = None,
    port: Annotated[
        int,
        typer.Option(min=1, max=65535, help="Port on this machine that the browser comes back to after a consent."),
    ] = CONSENT_PORT,
    browser: Annotated[bool, typer.Option(help="Open the browser for a consent.")] = True,
) -> None:
    """Store a connection's secrets, encrypted, and ask for consent where the system wants one."""
    console = Console()
    with opened_store(settings_file) as (settings, store):
        plugin, chosen = _plugin_of(settings, name)
        from erpcore.store import put_secret

        for secret in secret_settings(plugin):
            if secret in chosen.options:
                console.print(f"{secret}: set in the settings file or the environment; the vault is not used.")
                continue
            if value := _asked(name, secret):
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
        same = _show_account(console, assembly, connection)
    if not same:
        raise typer.Exit(1)


def _asked(connection: str, secret: str) -> str:
    """Ask for a secret; an empty answer leaves it as it is.

    Args:
        connection: Name of the connection.
        secret: Name of the setting.

    Raises:
        ConfigurationError: There is nobody to ask, and nothing was piped in.
    """
    with warnings.catch_warnings():
        if not sys.stdin.isatty():
            # What is piped in is not echoed, so that it is not hidden either is nothing to warn of.
            warnings.simplefilter("ignore", getpass.GetPassWarning)
        try:
            return str(
                typer.prompt(f"{secret} (enter leaves it as it is)", hide_input=True, default="", show_default=False)
            )
        except typer.Abort:
            if sys.stdin.isatty():
                raise
            raise ConfigurationError(
                f"{secret} cannot be asked for, because this is no terminal.",
                setting=f"connections.{connection}.{secret}",
                advice="Run the command in a terminal, or set the environment variable "
                f"ERPCORE_CONNECTIONS__{connection.upper()}__{secret.upper()}.",
            ) from None


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
                connection = _connection(assembly, each)
                fine = _show_report(console, connection) and fine
                fine = _show_account(console, assembly, connection) and fine
                show_subscription(console, assembly, connection)
            except ErpcoreError as error:
                named = "" if error.connection == each else f"[bold]{escape(each)}[/]: "
                console.print(f"{named}[red]{escape(str(error))}[/]", soft_wrap=True)
                fine = False
    if not fine:
        raise typer.Exit(1)


def account(
    name: Annotated[str, typer.Argument(help="Name of the connection, as in the settings file.")],
    settings_file: SettingsFile = None,
    same: Annotated[
        bool, typer.Option("--same", help="It is the same company, under another key or address: keep everything.")
    ] = False,
    anew: Annotated[
        bool, typer.Option("--anew", help="It is another company: put aside what is remembered of the first.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether to go on.")] = False,
) -> None:
    """Show which company a connection is, and decide when it has become another one."""
    from erpcore.store import accept_account, begin_anew, noted_accounts, sole_worker

    console = Console()
    if same and anew:
        raise ConfigurationError("--same and --anew exclude each other.", advice="Choose one.")
    with opened_assembly(settings_file) as assembly:
        connection = _connection(assembly, name)
        store, owners = assembly.store, assembly.accounts.owners(name)
        if not (same or anew):
            if not _show_account(console, assembly, connection):
                raise typer.Exit(1)
            return
        with sole_worker(store):
            syncs = [sync for sync, rules in assembly.settings.syncs.items() if name in (rules.crm, rules.erp)]
            if anew:
                if not yes:
                    typer.confirm(
                        f"Put aside every link, document and event of {name} and of {', '.join(syncs) or 'no sync'}? "
                        "They are kept, but used no more: a deal that became an order already becomes another one when "
                        "it is won again.",
                        abort=True,
                    )
                crm = name if is_crm(assembly, name) else None
                with store.begin() as writing:
                    ending = begin_anew(writing, owners, crm=crm, syncs=syncs)
                console.print(f"Put aside, under names that end in “{ending.strip()}”.")
            else:
                assembly.accounts.ask(connection)
                with store.begin() as writing:
                    changed = accept_account(writing, owners)
                console.print("Kept, as the same company." if changed else "It was no other company before.")
        found = assembly.accounts.ask(connection)
        with store.read() as reading:
            noted = noted_accounts(reading, owners)
        console.print(
            f"{name} is {escape(found)}." if found and noted else f"{name} does not tell which company it is."
        )


def _plugin_of(settings: Settings, name: str) -> tuple[type[Any], Any]:
    chosen = settings.connections.get(name)
    if chosen is None:
        raise ConfigurationError(
            f"there is no connection “{name}”.",
            setting="connections",
            file=str(settings.file),
            advice=f"The settings have: {', '.join(settings.connections) or 'none yet'}.",
        )
    try:
        return registry.load(_kind(settings, name, chosen.plugin), chosen.plugin), chosen
    except PluginError as error:
        error.connection = error.connection or name
        raise


def _kind(settings: Settings, name: str, plugin: str) -> registry.PluginKind:
    """Tell what a connection is: what the syncs use it as, or else what its plugin is for."""
    used: list[registry.PluginKind] = [
        kind for kind in registry.GROUPS if any(getattr(sync, kind) == name for sync in settings.syncs.values())
    ]
    return used[0] if len(used) == 1 else registry.kind_of(plugin, preferred=used)


def _connection(assembly: Assembly, name: str) -> CrmConnection | ErpConnection:
    _plugin_of(assembly.settings, name)
    return assembly.crm(name) if is_crm(assembly, name) else assembly.erp(name)


def is_crm(assembly: Assembly, name: str) -> bool:
    """Tell whether a connection is to a CRM.

    Args:
        assembly: The connections.
        name: Name of one that the settings have.
    """
    return _kind(assembly.settings, name, assembly.settings.connections[name].plugin) == "crm"


def _show_account(console: Console, assembly: Assembly, connection: CrmConnection | ErpConnection) -> bool:
    """Print whose account it is; tell whether that is the company that it was."""
    try:
        found = assembly.accounts.ask(connection)
    except ErpcoreError as error:
        console.print(f"Which company it is could not be asked: {escape(str(error))}", style="yellow")
        return True  # the report above has told what is wrong
    problems = assembly.accounts.problems(assembly.accounts.owners(connection.name))
    for problem in problems:
        console.print(f"[bold red]Another company:[/] {escape(str(problem))}", soft_wrap=True)
    if not problems:
        console.print(f"Known by: {escape(found)}" if found else "Which company it is, is not told.", style="dim")
    return not problems


def _show_report(console: Console, connection: CrmConnection | ErpConnection) -> bool:
    with console.status(f"Looking at {escape(connection.name)} …"):
        report = connection.check_connection(Context(correlation_id=f"check:{connection.name}"))
    whose = f": {report.account}" if report.account else ""
    table = Table("Looked at", "State", "Found", title=escape(f"{connection.name}{whose}"), title_justify="left")
    for seen in report.checks:
        table.add_row(escape(seen.name), f"[{STYLES[seen.state]}]{seen.state}[/]", escape(seen.detail))
    console.print(table)
    return report.ok
