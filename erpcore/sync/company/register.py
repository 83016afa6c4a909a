"""The ERP's register of customers, read once and kept aside in a file that any number of companies is compared with.

The file is a SQLite database of its own in the system's folder for temporary files. Memory holds one page.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

from erpcore.models import Customer, CustomerQuery, one_spelling
from erpcore.sync.company.match import Match

_TABLES = """
create table customers (number text, key text, name text, organisation text, active integer, written text);
create table matches (company text, number text, key text);
"""
_INDEXES = """
create index by_number on customers (number);
create index by_organisation on customers (organisation);
create index by_name on customers (name);
"""
_COLUMNS = "number, key, name, written, active"


class CustomerRegister:
    """Customers, found by number, organisation number in any spelling, or exact name. A context manager.

    Used in one thread: all customers are added first, and looked for then.
    """

    def __init__(self) -> None:
        self._folder = TemporaryDirectory(prefix="erpcore-match-")
        self._file = sqlite3.connect(Path(self._folder.name) / "customers.db", isolation_level=None)
        self._file.execute("pragma synchronous = off")  # it is thrown away in any case
        self._file.executescript(_TABLES)
        self._indexed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._file.close()
        self._folder.cleanup()

    def add(self, customers: Iterable[Customer]) -> None:
        """Add a page of customers.

        Args:
            customers: As the ERP shows them.
        """
        rows = [_row(each) for each in customers]
        self._file.execute("begin")
        self._file.executemany("insert into customers values (?, ?, ?, ?, ?, ?)", rows)
        self._file.execute("commit")

    def find(self, query: CustomerQuery) -> tuple[Customer, ...]:
        """Find the customers that fit a query by number, organisation number or name, as `ErpHooks.find_customers`.

        Args:
            query: The query.
        """
        if not self._indexed:
            self._file.executescript(_INDEXES)
            self._indexed = True
        if query.number:
            column, value = "number", query.number
        elif query.organisation_number:
            column, value = "organisation", one_spelling(query.organisation_number)
        else:
            column, value = "name", query.name or ""
        found = self._file.execute(f"select {_COLUMNS} from customers where {column} = ?", (value,))  # noqa: S608  our own words
        return tuple(_customer(row) for row in found)

    def note(self, matches: Iterable[Match]) -> None:
        """Note what was matched, for linking.

        Args:
            matches: Of one page; only those that name a customer are kept.
        """
        rows = [(each.company, each.number, each.key) for each in matches if each.outcome == "matched"]
        self._file.execute("begin")
        self._file.executemany("insert into matches values (?, ?, ?)", rows)
        self._file.execute("commit")

    def matched(self, after: int, at_most: int) -> list[tuple[int, str, str, str | None]]:
        """Give noted matches, in the order of their noting.

        Args:
            after: The place of the last one that is known; 0 for none.
            at_most: How many.

        Returns:
            Place, the company's key, the customer's number and key.
        """
        text = "select rowid, company, number, key from matches where rowid > ? order by rowid limit ?"
        return self._file.execute(text, (after, at_most)).fetchall()

    def shared(self) -> int:
        """Tell how many customers more than one company was matched with."""
        text = "select count(*) from (select 1 from matches group by number having count(*) > 1)"
        return int(self._file.execute(text).fetchone()[0])


def _row(each: Customer) -> tuple[str | None, str | None, str | None, str | None, bool | None, str | None]:
    number = each.organisation_number
    return each.number, each.key, each.name, one_spelling(number or ""), each.active, number


def _customer(row: tuple[str | None, str | None, str | None, str | None, int | None]) -> Customer:
    number, key, name, written, active = row
    shown = None if active is None else bool(active)
    return Customer(number=number, key=key, name=name, organisation_number=written, active=shown)
