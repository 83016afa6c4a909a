"""Opening what commands work on: the settings, the store, and the connections."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from erpcore.engine.assembly import Assembly
    from erpcore.settings import Settings
    from erpcore.store import Store

TALKATIVE = ("alembic", "dbos", "httpcore", "httpx")
"""Libraries that log more than people want to read."""

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs; the documentation says what is in it.")]

SettingsFile = Annotated[
    Path | None, typer.Option("--settings", "-s", help="The settings file; erpcore.toml in this folder if left out.")
]


HERE = ("127.0.0.1", "::1", "localhost")
"""Names of this machine, which need no encryption."""


def money_cell(amount: Decimal | None, currency: str | None = None) -> str:
    """Write an amount for a table, in groups of three digits; nothing where there is none."""
    return "" if amount is None else f"{amount:,.2f} {currency or ''}".replace(",", " ").strip()


def person_here() -> str:
    """Name the person at the command line: a container's user may have a number and no name."""
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}" if hasattr(os, "getuid") else "somebody"


def print_json(value: Any) -> None:
    """Print JSON for programs: times in UTC by ISO 8601, amounts with exactly their digits.

    Args:
        value: Mappings, sequences, texts, numbers, aware times.
    """
    from erpcore.exact_json import to_json

    typer.echo(to_json(_plain(value)).decode())


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds")
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value


@contextmanager
def opened_store(file: Path | None, *, only_reads: bool = False) -> Iterator[tuple[Settings, Store]]:
    """Read the settings and open the store.

    Args:
        file: The settings file.
        only_reads: Where there is no SQLite file yet, none is made: the command finds an empty store.

    Raises:
        ConfigurationError: A setting is wrong, or the store is out of reach.
    """
    from erpcore.settings import load_settings, store_url
    from erpcore.store import is_missing, open_memory_store, open_store

    settings = load_settings(file)
    start_logging(settings, beside_tables=True)
    url = store_url(settings)
    if only_reads and is_missing(url):
        store = open_memory_store()
    else:
        kept = settings.store
        store = open_store(url, keyring=kept.key_in == "keyring", synchronous=kept.synchronous)
    try:
        yield settings, store
    finally:
        store.close()


@contextmanager
def opened_assembly(file: Path | None) -> Iterator[Assembly]:
    """Read the settings, open the store, and give the connections that they name.

    Args:
        file: The settings file.

    Raises:
        ConfigurationError: A setting is wrong, or the store is out of reach.
    """
    from erpcore.engine.assembly import Assembly

    with opened_store(file) as (settings, store):
        assembly = Assembly(settings, store, worker=f"command line of {person_here()}")
        try:
            yield assembly
        finally:
            assembly.close()


def start_logging(settings: Settings, *, beside_tables: bool = False) -> None:
    """Log to standard error, as much as the settings say.

    Libraries are heard from a warning on: what they tell of every request is its whole query, with organisation
    numbers and names, and of every start each table that they look for.

    Args:
        settings: The settings.
        beside_tables: A command that prints for people says no more than warnings besides, unless all is asked for.
    """
    from erpcore.logs import FORMAT, JsonLines
    from erpcore.redaction import SecretFilter, SecretFormatter

    level = logging.getLevelNamesMapping()[settings.logging.level]
    if beside_tables and level > logging.DEBUG:
        level = max(level, logging.WARNING)

    handler = logging.StreamHandler()
    handler.addFilter(SecretFilter())
    inner = JsonLines() if settings.logging.format == "json" else logging.Formatter(FORMAT)
    handler.setFormatter(SecretFormatter(inner))
    logging.basicConfig(level=level, handlers=[handler])
    for library in TALKATIVE:
        logging.getLogger(library).setLevel(logging.WARNING)
    # What its loops meet while the store is away fills pages each second; ours say it in a line.
    logging.getLogger("dbos").setLevel(logging.ERROR)
