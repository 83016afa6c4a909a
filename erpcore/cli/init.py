"""``erpcore init``: a first settings file, of what a person chose."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from erpcore.errors import ConfigurationError

if TYPE_CHECKING:
    from erpcore import registry
    from erpcore.cli.starter import Chosen
    from erpcore.plugin import Plugin

_USUAL: Mapping[registry.PluginKind, str] = {"crm": "lime_go", "erp": "fortnox"}
_MADE_UP = "https://made-up.invalid/0123456789abcdef0123456789abcdef"
_SYSTEMS: Mapping[registry.PluginKind, str] = {"crm": "CRM", "erp": "accounting program"}


def add_commands(app: typer.Typer) -> None:
    """Add this module's command to the program."""
    app.command("init")(init)


def init(
    file: Annotated[Path, typer.Argument(help="Where to write the settings.")] = Path("erpcore.toml"),
    crm: Annotated[str | None, typer.Option(help="Plugin of the CRM.")] = None,
    erp: Annotated[str | None, typer.Option(help="Plugin of the accounting program.")] = None,
    sync: Annotated[str | None, typer.Option(help="Name of the sync between them.")] = None,
    given: Annotated[
        list[str] | None,
        typer.Option("--set", help="A setting of a connection or of the sync, such as fortnox.client_id=abc."),
    ] = None,
    simulated: Annotated[
        bool, typer.Option("--simulated", help="Point the connections at simulators on this machine.")
    ] = False,
    full: Annotated[bool, typer.Option("--full", help="Write every setting with its meaning and its default.")] = False,
) -> None:
    """Write a settings file: asks in a terminal; options answer for scripts."""
    from erpcore import registry
    from erpcore.cli.starter import Chosen, full_starter, starter

    if file.exists():
        raise ConfigurationError(
            "this file exists already; it is left as it is.",
            file=str(file),
            advice="Name another one, or move it away.",
        )
    console = Console()
    asks = sys.stdin.isatty() and not simulated
    plugins = {
        "crm": registry.load("crm", crm or _which(console, "crm", asks=asks)),
        "erp": registry.load("erp", erp or _which(console, "erp", asks=asks)),
    }
    sync = sync or (_answer("Name of the sync", "won_deals") if asks else "won_deals")
    chosen = Chosen(plugins["crm"], plugins["erp"], sync, _given(given or []))
    if simulated:
        for plugin in plugins.values():
            chosen.point_at(registry.load_simulator(plugin.name))
    elif asks:
        for plugin in plugins.values():
            _ask_settings(console, plugin, chosen)
    chosen.refuse_strangers()
    _write(file, full_starter(chosen) if full else starter(chosen))
    for line in _rules_that_do_nothing(chosen):
        console.print(f"[yellow]{escape(line)}[/]", soft_wrap=True)
    _say_next(console, file, plugins.values(), chosen)


def _rules_that_do_nothing(chosen: Chosen) -> list[str]:
    """Give the rules that what was chosen makes dead or refuses; none where too little was chosen to tell.

    The plugins are built with made-up values for what is missing; nobody is asked for anything.
    """
    from pydantic import ValidationError

    from erpcore import registry
    from erpcore.errors import ErpcoreError
    from erpcore.host import Host
    from erpcore.plugin_settings import secret_settings
    from erpcore.settings import SyncSettings
    from erpcore.sync.shared.workable import cannot_work, dead_rules

    def settings(plugin: type[Plugin[Any]]) -> dict[str, Any]:
        wanted = ["url", *secret_settings(plugin), *(path.partition(".")[2] for path in chosen.missing())]
        made_up = {name: _MADE_UP for name in wanted if name in plugin.Settings.model_fields}
        return {**made_up, **chosen.values(plugin.name)}

    try:
        crm = registry.connect_crm(chosen.crm.name, Host.in_memory(chosen.crm.name), settings(chosen.crm))
        erp = registry.connect_erp(chosen.erp.name, Host.in_memory(chosen.erp.name), settings(chosen.erp))
        rules = SyncSettings(crm=crm.name, erp=erp.name, **chosen.values(chosen.sync))
    except (ErpcoreError, ValidationError):
        return []  # “erpcore check” says what is wrong
    refused = [str(error) for error in cannot_work(chosen.sync, rules, crm, erp)]
    return refused + [f"syncs.{chosen.sync}: {words}" for words in dead_rules(rules, crm, erp)]


def _which(console: Console, kind: registry.PluginKind, *, asks: bool) -> str:
    """Give the plugin: the only one that is installed, what a person chooses, or the usual one."""
    from erpcore import registry

    names = [each.name for each in registry.installed(kind)]
    if len(names) == 1:
        return names[0]
    usual = _USUAL[kind] if _USUAL[kind] in names or not names else names[0]
    if not asks:
        return usual
    for number, name in enumerate(names, 1):
        console.print(f"  {number}. {name}")
    while True:
        answer = _answer(f"Which {_SYSTEMS[kind]} (number or name)", usual)
        name = names[int(answer) - 1] if answer.isdecimal() and 0 < int(answer) <= len(names) else answer
        if name in names:
            return name
        console.print(f"“{escape(answer)}” is none of them.", style="yellow")


def _ask_settings(console: Console, plugin: type[Plugin[Any]], chosen: Chosen) -> None:
    """Ask for what a plugin cannot do without; secrets are asked for when it is connected."""
    from erpcore.plugin_settings import secret_settings

    secrets = secret_settings(plugin)
    for name, info in plugin.Settings.model_fields.items():
        if info.is_required() and name not in secrets and name not in chosen.values(plugin.name):
            console.print(f"{plugin.display_name}: {escape(info.description or name)}", style="dim")
            if answer := _answer(f"{plugin.name}.{name}", ""):
                chosen.put(plugin.name, name, answer)


def _answer(question: str, usual: str) -> str:
    return str(typer.prompt(question, default=usual, show_default=bool(usual))).strip()


def _given(pairs: Sequence[str]) -> dict[str, dict[str, Any]]:
    tables: dict[str, dict[str, Any]] = {}
    for pair in pairs:
        path, equals, text = pair.partition("=")
        table, dot, name = path.strip().partition(".")
        if not (equals and dot and table and name):
            raise ConfigurationError(
                f"--set {pair} sets nothing.",
                advice="Write it as --set fortnox.client_id=abc, or --set won_deals.won_deal=invoice.",
            )
        tables.setdefault(table, {})[name] = _value(text.strip())
    return tables


def _value(text: str) -> Any:
    import tomllib

    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text  # a text need not stand in quotation marks


def _write(file: Path, text: str) -> None:
    try:
        file.touch(mode=0o600)  # a person may write a secret into it
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(
            f"the settings cannot be written there: {error.strerror}.",
            file=str(file),
            advice="Name a file in a folder that is there and that this user may write to.",
        ) from error


def _say_next(console: Console, file: Path, plugins: Iterable[type[Plugin[Any]]], chosen: Chosen) -> None:
    from erpcore.plugin_settings import secret_settings

    console.print(f"Wrote [bold]{escape(str(file))}[/]. Next:")
    steps = [f"fill in {', '.join(missing)} in {file}"] if (missing := chosen.missing()) else []
    for plugin in plugins:
        if secret_settings(plugin):
            made_up = chosen.made_up.get(plugin.name)
            hint = f"   ({', '.join(f'{name}: {value}' for name, value in made_up.items())})" if made_up else ""
            steps.append(f"erpcore connect {plugin.name}{hint}")
    steps += ["erpcore check", "erpcore run"]
    for number, step in enumerate(steps, 1):
        console.print(f"  {number}. {escape(step)}", soft_wrap=True)
