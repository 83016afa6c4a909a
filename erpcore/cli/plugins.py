"""``erpcore plugins`` and ``erpcore fields``: what is installed, and what becomes of each field."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from erpcore.cli.opening import AsJson, print_json
from erpcore.errors import ConfigurationError, PluginError

if TYPE_CHECKING:
    from erpcore import registry

STYLES = {
    "supported": "green",
    "read only": "cyan",
    "lossy": "yellow",
    "computed": "cyan",
    "derived": "cyan",
    "crm only": "dim",
}
NOTE_WIDTH, LEAST_NOTE_WIDTH = 20, 12
"""Columns that a note needs to be read with ease, and what it must do with where names are very long."""
UNBOUNDED = 10_000


def add_commands(app: typer.Typer) -> None:
    """Add this module's commands to the program."""
    app.command("plugins")(plugins)
    app.command("fields")(fields)


def plugins(as_json: AsJson = False) -> None:
    """List the plugins that are installed, and say of each whether it can be used."""
    from erpcore import registry

    found = [_describe(plugin) for kind in registry.GROUPS for plugin in registry.installed(kind)]
    if as_json:
        print_json(found)
        return
    console = _console()
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
        print_json(tables)
        return
    console = _console()
    for name, field_map in chosen.items():
        title = f"{cls.display_name}: {name}"
        if name in pages:
            lines = [(seen.label, seen.known_as, seen.native, seen.state, seen.note) for seen in pages[name]]
            headers = ("Help page", "Named there", "Sent as")
            console.print(_name_table(f"{title}, as the help page has it", headers, lines, console.width))
        told = [(line.field, line.native, line.state, line.note) for line in field_map.table()]
        console.print(_name_table(title, ("Field", cls.display_name), told, console.width))


def _console() -> Console:
    """Give a console as wide as its window, or as COLUMNS says; a file or another program has no width of its own."""
    console = Console()
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = UNBOUNDED
    return console


def _name_table(title: str, names: Sequence[str], lines: Sequence[Sequence[str]], width: int) -> Table:
    """Make a table of fields.

    Args:
        title: What stands above it.
        names: What the systems are called whose names stand in the first columns.
        lines: A field each: its name in each system, its state, its note.
        width: Columns of the window. Where the names do not fit in beside each other, they stand below each other.

    Returns:
        The table. Its names go on in the next line only where the window is narrower than one of them.
    """
    rows = [(tuple(line[:-2]), line[-2], line[-1]) for line in lines]
    stacked = _needed([names, *(row[0] for row in rows)], NOTE_WIDTH) > width
    if stacked:
        names = ["\n".join(names)]
        rows = [(("\n".join(each),), state, note) for each, state, note in rows]
    table = Table(title=escape(title), title_justify="left", show_lines=stacked)
    # Several names of one field may stand below each other; a single one is cut only where the window is narrower.
    single = [names, *(tuple(cell.replace(", ", "\n") for cell in row[0]) for row in rows)]
    whole = _needed(single, LEAST_NOTE_WIDTH) <= width
    for name, least in zip(names, _widths(single), strict=True):
        table.add_column(escape(name), min_width=least if whole else None, overflow="fold")
    table.add_column("State", no_wrap=whole, overflow="fold")
    table.add_column("Note", overflow="fold")
    for each, state, note in rows:
        table.add_row(*map(escape, each), f"[{STYLES.get(state, 'red')}]{state}[/]", escape(note))
    return table


def _needed(rows: Sequence[Sequence[str]], note_width: int) -> int:
    columns = _widths(rows)
    borders = 3 * (len(columns) + 2) + 1
    return sum(columns) + len("unsupported") + note_width + borders


def _widths(rows: Sequence[Sequence[str]]) -> list[int]:
    return [max(cell_len(line) for cell in column for line in cell.split("\n")) for column in zip(*rows, strict=True)]
