"""``erpcore plugins`` and ``erpcore fields``: what is installed, and what becomes of each field."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.markup import escape
from rich.table import Table

from erpcore.cli.name_tables import name_table, open_console
from erpcore.cli.opening import AsJson
from erpcore.errors import ConfigurationError, PluginError

if TYPE_CHECKING:
    from erpcore import registry


def add_commands(app: typer.Typer) -> None:
    """Add this module's commands to the program."""
    app.command("plugins")(plugins)
    app.command("fields")(fields)


def plugins(as_json: AsJson = False) -> None:
    """List the plugins that are installed, and say of each whether it can be used."""
    from erpcore import registry

    found = [_describe(plugin) for kind in registry.GROUPS for plugin in registry.installed(kind)]
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    console = open_console()
    if not found:
        console.print("No plugin is installed. Install one, for example: pip install erpcore-fortnox")
        return
    table = Table()
    for header in ("Plugin", "Kind", "State", "Operations"):
        table.add_column(header, overflow="fold")
    for plugin in found:
        state = "[green]ok[/]" if plugin["ok"] else "[red]unusable[/]"
        name = f"{escape(plugin['name'])}\n[dim]{escape(plugin['package'])}[/]"
        table.add_row(name, plugin["kind"], state, ", ".join(plugin["operations"]))
    console.print(table)
    # Below the table, where a command that mends it can be read and copied.
    for plugin in found:
        if not plugin["ok"]:
            console.print(f"[bold]{escape(plugin['name'])}[/] ({plugin['kind']}): {escape(plugin['problem'])}")


def _describe(plugin: registry.Installed) -> dict[str, Any]:
    from erpcore import registry
    from erpcore.plugin_class import printed

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
    except Exception as error:
        # The class is a stranger's: whatever it raises is told in its own row, and costs no neighbour its own.
        described.update(ok=False, problem=f"{type(error).__name__} when it was looked at: {printed(error)}")
    return described


def fields(
    plugin: Annotated[str, typer.Argument(help="Name of the plugin, such as fortnox.")],
    model: Annotated[
        str | None, typer.Argument(help="Name of the model, such as order_row; all when left out.")
    ] = None,
    kind: Annotated[
        Literal["erp", "crm"] | None, typer.Option(help="Which one, where an ERP and a CRM have this name.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print what becomes of each canonical field in a system: its name there, whether it fits, and why not."""
    from erpcore import registry
    from erpcore.fields import page_table

    cls = registry.load(kind or registry.kind_of(plugin), plugin)
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
