"""``erpcore plugins`` and ``erpcore fields``: what is installed, and what becomes of each field."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.table import Table

from erpcore import registry
from erpcore.cli.name_tables import name_table, open_console
from erpcore.errors import ConfigurationError, PluginError, PluginNotFoundError
from erpcore.fields import page_table
from erpcore.plugin import Plugin

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


def add_commands(app: typer.Typer) -> None:
    """Add this module's commands to the program."""
    app.command("plugins")(plugins)
    app.command("fields")(fields)


def plugins(as_json: AsJson = False) -> None:
    """List the plugins that are installed, and say of each whether it can be used."""
    found = [_describe(plugin) for kind in registry.GROUPS for plugin in registry.installed(kind)]
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    console = open_console()
    if not found:
        console.print("No plugin is installed. Install one, for example: pip install erpcore-fortnox")
        return
    table = Table()
    for header in ("Plugin", "Kind", "Package", "State", "Operations"):
        table.add_column(header, overflow="fold")
    for plugin in found:
        state = "[green]ok[/]" if plugin["ok"] else f"[red]{plugin['problem']}[/]"
        table.add_row(plugin["name"], plugin["kind"], plugin["package"], state, ", ".join(plugin["operations"]))
    console.print(table)


def _describe(plugin: registry.Installed) -> dict[str, Any]:
    described: dict[str, Any] = {
        "name": plugin.name,
        "kind": plugin.kind,
        "package": f"{plugin.distribution} {plugin.version}",
        "ok": True,
        "problem": None,
        "operations": [],
    }
    try:
        described["operations"] = registry.operations(plugin.kind, registry.load(plugin.kind, plugin.name))
    except PluginError as error:
        described.update(ok=False, problem=str(error))
    return described


def fields(
    plugin: Annotated[str, typer.Argument(help="Name of the plugin, such as fortnox.")],
    model: Annotated[
        str | None, typer.Argument(help="Name of the model, such as order_row; all when left out.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print what becomes of each canonical field in a system: its name there, whether it fits, and why not."""
    cls = _load_either(plugin)
    maps = cls.field_maps
    if model is not None and model not in maps:
        raise ConfigurationError(f"The plugin “{plugin}” has no table “{model}”.", advice=f"It has: {', '.join(maps)}.")
    chosen = {name: field_map for name, field_map in maps.items() if model in (None, name)}
    pages = {name: page_table(lines, chosen[name]) for name, lines in cls.pages.items() if name in chosen}
    if as_json:
        tables: dict[str, list[Any]] = {name: [asdict(line) for line in each.table()] for name, each in chosen.items()}
        tables |= {f"{name}_page": [asdict(line) for line in lines] for name, lines in pages.items()}
        typer.echo(json.dumps(tables, ensure_ascii=False, indent=2))
        return
    console = open_console()
    for name, field_map in chosen.items():
        title = f"{cls.display_name}: {name}"
        if name in pages:
            lines = [(seen.label, seen.known_as, seen.native, seen.state, seen.note) for seen in pages[name]]
            headers = ("Help page", "Named there", "Sent as")
            console.print(name_table(f"{title}, as the help page has it", headers, lines, console.width))
        told = [(line.field, line.native, line.state, line.note) for line in field_map.table()]
        console.print(name_table(title, ("Field", cls.display_name), told, console.width))


def _load_either(name: str) -> type[Plugin[Any]]:
    for kind in registry.GROUPS:
        if any(plugin.name == name for plugin in registry.installed(kind)):
            return registry.load(kind, name)
    known = sorted(plugin.name for kind in registry.GROUPS for plugin in registry.installed(kind))
    raise PluginNotFoundError(
        f"No plugin “{name}” is installed (installed here: {', '.join(known) or 'none'}).",
        plugin=name,
        advice=f"Install it: pip install erpcore-{name.replace('_', '-')}",
    )
