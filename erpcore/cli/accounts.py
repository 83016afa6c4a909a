"""``erpcore check`` and ``account``: looking at the accounts, and knowing them again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from erpcore.cli.opening import AsJson, SettingsFile, opened_assembly, print_json
from erpcore.cli.webhooks import show_subscription
from erpcore.errors import ConfigurationError, ErpcoreError, PluginError

if TYPE_CHECKING:
    from erpcore.connection import CrmConnection, ErpConnection
    from erpcore.engine.assembly import Assembly
    from erpcore.plugin import Plugin
    from erpcore.settings import ConnectionSettings, Settings, SyncSettings

STYLES = {"ok": "green", "warning": "yellow", "error": "red"}


def add_commands(app: typer.Typer) -> None:
    """Add this module's commands to the program."""
    app.command("check")(check)
    app.command("account")(account)


def check(
    name: Annotated[str | None, typer.Argument(help="One connection; all when left out.")] = None,
    settings_file: SettingsFile = None,
    as_json: AsJson = False,
) -> None:
    """Look at each connection: reachable, allowed, and with what the syncs need."""
    from erpcore.engine.choices import wrong_choices

    console = Console()
    fine = True
    with opened_assembly(settings_file) as assembly:
        names = [name] if name is not None else list(assembly.settings.connections)
        if as_json:
            told = [_told(assembly, each) for each in names]
            problems = [str(error) for error in _cannot_work(assembly, names)]
            fine = all(each["ok"] for each in told) and not problems
            print_json({"ok": fine, "connections": told, "rules": problems})
            raise typer.Exit(not fine)
        if not names:
            console.print("The settings name no connection yet.")
        for each in names:
            try:
                connection = _connection(assembly, each)
                fine = show_report(console, connection) and fine
                fine = _show_account(console, assembly, connection) and fine
                show_subscription(console, assembly, connection)
                for wrong in wrong_choices(assembly, each):
                    console.print(f"[red]{escape(str(wrong))}[/]", soft_wrap=True)
                    fine = False
            except ErpcoreError as error:
                named = "" if error.connection == each else f"[bold]{escape(each)}[/]: "
                console.print(f"{named}[red]{escape(str(error))}[/]", soft_wrap=True)
                fine = False
        for problem in _cannot_work(assembly, names):
            console.print(f"[red]{escape(str(problem))}[/]", soft_wrap=True)
            fine = False
        renamed = map(str, assembly.accounts.renamed_syncs(begun=True).values())
        for words in [*_dead_rules(assembly, names), *renamed, *assembly.accounts.renamed_connections()]:
            console.print(f"[yellow]{escape(words)}[/]", soft_wrap=True)
    if not fine:
        raise typer.Exit(1)


def _syncs(assembly: Assembly, names: Sequence[str]) -> Iterator[tuple[str, SyncSettings]]:
    """Give the syncs whose two connections are looked at and can be used."""
    for sync, rules in assembly.settings.syncs.items():
        if {rules.crm, rules.erp} & set(names):
            with suppress(ErpcoreError):
                assembly.crm(rules.crm)
                assembly.erp(rules.erp)
                yield sync, rules


def _cannot_work(assembly: Assembly, names: Sequence[str]) -> list[ConfigurationError]:
    renamed = assembly.accounts.renamed_syncs(begun=False)
    return [
        error
        for sync, rules in _syncs(assembly, names)
        for error in (*assembly.cannot_work(sync, rules), *filter(None, [renamed.get(sync)]))
    ]


def _dead_rules(assembly: Assembly, names: Sequence[str]) -> list[str]:
    from erpcore.sync.shared.workable import dead_rules

    return [
        f"syncs.{sync}: {words}"
        for sync, rules in _syncs(assembly, names)
        for words in dead_rules(rules, assembly.crm(rules.crm), assembly.erp(rules.erp))
    ]


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
            f"{name} is {escape(found.words)}."
            if found.words and noted
            else f"{name} does not tell which company it is."
        )


def chosen_plugin(settings: Settings, name: str) -> tuple[type[Plugin[Any]], ConnectionSettings]:
    """Give the plugin class of a connection, and what the settings say of it.

    Args:
        settings: The settings.
        name: Name of the connection, as a person gave it.

    Raises:
        ConfigurationError: There is no such connection.
        PluginError: Its plugin cannot be used.
    """
    from erpcore import registry
    from erpcore.engine.trial import connection_kind

    chosen = settings.connections.get(name)
    if chosen is None:
        raise ConfigurationError(
            f"there is no connection “{name}”.",
            setting="connections",
            file=str(settings.file),
            advice=f"The settings have: {', '.join(settings.connections) or 'none yet'}.",
        )
    try:
        return registry.load(connection_kind(settings, name), chosen.plugin), chosen
    except PluginError as error:
        error.connection = error.connection or name
        raise


def _connection(assembly: Assembly, name: str) -> CrmConnection | ErpConnection:
    chosen_plugin(assembly.settings, name)
    return assembly.crm(name) if is_crm(assembly, name) else assembly.erp(name)


def is_crm(assembly: Assembly, name: str) -> bool:
    """Tell whether a connection is to a CRM.

    Args:
        assembly: The connections.
        name: Name of one that the settings have.
    """
    from erpcore.engine.trial import connection_kind

    return connection_kind(assembly.settings, name) == "crm"


def _told(assembly: Assembly, name: str) -> dict[str, Any]:
    """Look at a connection for a program: what `check` prints, by name."""
    from erpcore.engine.choices import wrong_choices
    from erpcore.hookspecs import Context

    told: dict[str, Any] = {"name": name, "ok": False, "account": None, "known_by": None, "checks": [], "problems": []}
    try:
        connection = _connection(assembly, name)
        report = connection.check_connection(Context(correlation_id=f"check:{name}"))
        told |= {"account": report.account, "checks": [check.model_dump() for check in report.checks]}
        found = assembly.accounts.ask(connection)
        with assembly.store.read() as reading:
            others = assembly.accounts.problems(reading, assembly.accounts.owners(name))
        problems = [*others, *wrong_choices(assembly, name)]
        told |= {"known_by": found.words, "problems": [str(problem) for problem in problems]}
        told["ok"] = report.ok and not problems
    except ErpcoreError as error:
        told["problems"] = [str(error)]
    return told


def _show_account(console: Console, assembly: Assembly, connection: CrmConnection | ErpConnection) -> bool:
    """Print whose account it is; tell whether that is the company that it was, and the credentials are accepted."""
    try:
        found = assembly.accounts.ask(connection)
    except ErpcoreError as error:
        console.print(f"Which company it is could not be asked: {escape(str(error))}", style="yellow", soft_wrap=True)
        return error.retryable
    with assembly.store.read() as reading:
        problems = assembly.accounts.problems(reading, assembly.accounts.owners(connection.name))
    for problem in problems:
        console.print(f"[bold red]Another company:[/] {escape(str(problem))}", soft_wrap=True)
    if problems:
        return False
    if found.in_place_of is not None:
        console.print(f"It was {escape(found.in_place_of)} before, of which nothing was remembered.")
    known = f"Known by: {escape(found.words)}" if found.words else "Which company it is, is not told."
    console.print(known, style="dim")
    return True


def show_report(console: Console, connection: CrmConnection | ErpConnection) -> bool:
    """Print what a look at a connection finds, and tell whether nothing of it is an error.

    Args:
        console: Where.
        connection: The connection.
    """
    from erpcore.hookspecs import Context
    from erpcore.starts import not_yet

    with console.status(f"Looking at {escape(connection.name)} …"):
        report = connection.check_connection(Context(correlation_id=f"check:{connection.name}"))
    whose = f": {report.account}" if report.account else ""
    table = Table("Looked at", "State", "Found", title=escape(f"{connection.name}{whose}"), title_justify="left")
    for seen in report.checks:
        table.add_row(escape(seen.name), f"[{STYLES[seen.state]}]{seen.state}[/]", escape(seen.detail))
    console.print(table)
    for hook, cost in connection.plugin.poll_costs.items():
        console.print(f"{hook}: {escape(cost)}", style="dim")
    for name, start in not_yet(connection.plugin.starts, connection.plugin.host.today()).items():
        console.print(f"{name}: {escape(start.words)}", style="dim")
    return report.ok
