"""What the database says when it cannot be used, as a sentence with its cause and what to do, in one place."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

import sqlalchemy as sa

from erpcore.errors import ConfigurationError

_ROOM = "Make room on the disk; work goes on by itself then."
_RIGHTS = "Let the user that erpcore runs as write to the file and its folder."
_RUNS = "Check the address under [store], and that the database runs."

_SQLITE: Mapping[int, tuple[str, str]] = {
    sqlite3.SQLITE_BUSY: ("is locked by another program", "End that program, or wait until it is done."),
    sqlite3.SQLITE_LOCKED: ("is locked by another program", "End that program, or wait until it is done."),
    sqlite3.SQLITE_FULL: ("cannot be written, because the disk is full", _ROOM),
    sqlite3.SQLITE_READONLY: ("may not be written", _RIGHTS),
    sqlite3.SQLITE_PERM: ("may not be written", _RIGHTS),
    sqlite3.SQLITE_CANTOPEN: (
        "cannot be opened",
        f"It must be a file, not a folder, in a folder that is there. {_RIGHTS}",
    ),
    sqlite3.SQLITE_NOTADB: ("is no database", "Name another file under [store], or put the right one back."),
    sqlite3.SQLITE_CORRUPT: ("is damaged", "Put back the last copy of it. What was made since is in the ERP: compare."),
    sqlite3.SQLITE_IOERR: ("cannot be read or written", "Check the disk. Keep the store on a disk of this machine."),
}

_POSTGRES: Mapping[str, tuple[str, str]] = {
    "28P01": ("refuses the password", "Correct the password in the address under [store]."),
    "28000": ("refuses the user", "Correct the user in the address under [store]."),
    "3D000": ("does not exist", "Make the database, or correct its name in the address under [store]."),
    "42501": ("does not allow this", "Give the user of the address the right to make and change tables there."),
    "42P07": (
        "has a table of this name already",
        "Use a database of erpcore's own, or one that “db upgrade” has made.",
    ),
    "42P01": ("lacks a table", "Stop the workers and run: erpcore db upgrade"),
    "42703": ("lacks a column", "Stop the workers and run: erpcore db upgrade"),
    "53100": ("cannot be written, because its disk is full", _ROOM),
    "53300": ("takes no more connections", "Allow it more connections, or run fewer workers."),
    "57P03": ("is starting", "Wait a moment."),
}


def store_failure(error: sa.exc.SQLAlchemyError, store: str = "the store") -> ConfigurationError:
    """Give the sentence for an error of the database.

    Args:
        error: The error.
        store: What it is called in the sentence; without a password.
    """
    what, advice = _meaning(error)
    orig = getattr(error, "orig", None)
    said = " ".join(str(error if orig is None else orig).split()).rstrip(".")
    return ConfigurationError(f"{store} {what} ({said}).", setting="store", advice=advice)


def _meaning(error: sa.exc.SQLAlchemyError) -> tuple[str, str]:
    orig = getattr(error, "orig", None)
    if isinstance(orig, sqlite3.Error):
        code = getattr(orig, "sqlite_errorcode", None)
        known = _SQLITE.get(-1 if code is None else code & 0xFF)
        return known or ("could not do what was asked", "If it goes on, report it with the log.")
    known = _POSTGRES.get(getattr(orig, "sqlstate", None) or "")
    if known is None and "does not exist" in str(orig):  # what a refused sign-in says, which carries no state
        known = _POSTGRES["3D000" if "database" in str(orig) else "28000"]
    if known is None and "password" in str(orig):
        known = _POSTGRES["28P01"]
    if known is not None:
        return known
    if isinstance(error, (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError)):
        return "is out of reach", _RUNS
    return "could not do what was asked", "If it goes on, report it with the log."
