"""``erpcore plugins`` and ``erpcore fields``: what is installed, and what becomes of each field."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from erpcore import registry
from erpcore.errors import ConfigurationError, PluginError, PluginNotFoundError
from erpcore.fields import page_table
from erpcore.plugin import Plugin

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
STYLES = {
    "supported": "green",
    "read only": "cyan",
    "lossy": "yellow",
    "computed": "cyan",
    "derived": "cyan",
    "crm only": "dim",
}


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
    console = Console()
    if not found:
        console.print("No plugin is installed. Install one, for example: pip install erpcore-fortnox")
        return
    table = Table("Plugin", "Kind", "Package", "State", "Operations")
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
    console = Console()
    for name, field_map in chosen.items():
        if name in pages:
            page = _table(f"{cls.display_name}: {name}, as the help page has it", "Help page", "Named there", "Sent as")
            for seen in pages[name]:
                page.add_row(seen.label, seen.known_as, seen.native, _styled(seen.state), escape(seen.note))
            console.print(page)
        table = _table(f"{cls.display_name}: {name}", "Field", cls.display_name)
        for line in field_map.table():
            table.add_row(line.field, line.native, _styled(line.state), escape(line.note))
        console.print(table)


def _table(title: str, *columns: str) -> Table:
    return Table(*columns, "State", "Note", title=title, title_justify="left")


def _styled(state: str) -> str:
    return f"[{STYLES.get(state, 'red')}]{state}[/]"


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
