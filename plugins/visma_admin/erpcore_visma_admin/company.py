"""One company, asked and told in the calls of `erpcore_visma_admin.adk.calls`, whichever way it is reached."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from erpcore.errors import MalformedReplyError, OutcomeUnknownError, RemoteError
from erpcore_visma_admin.access import Access

Record = Mapping[str, Any]
"""A record as the interface gives it: values by field name, a document's rows under ``ROWS``."""
Fields = Mapping[str, str | bool | None]


@dataclass(frozen=True)
class Records:
    """Some of a table's records.

    Attributes:
        records: The records.
        after: What the next page is asked for with; None when there is none.
    """

    records: list[Record]
    after: str | None


class Company:
    """Asks and tells one company.

    Args:
        access: The way to it.
        today: Gives the company's day (`Host.today`).
    """

    def __init__(self, access: Access, today: Callable[[], date]) -> None:
        self._access = access
        self.today = today

    def about(self) -> Record:
        """Tell which program and which company it is."""
        told = self._access.read("about", None, {})
        if not isinstance(told, Mapping) or not isinstance(told.get("company"), Mapping):
            raise _unreadable("about", of_write=False)
        return told

    def find(self, table: str, key: str | None = None, *, rows: bool = False, in_ledger: bool = False) -> Record | None:
        """Read one record; None when it is not there.

        Args:
            table: Its table.
            key: Its number or code; None for a table of one record.
            rows: Whether its rows are read too.
            in_ledger: Whether to look among the invoices that are in the ledger alone.
        """
        given = {"key": key, "rows": rows, "in_ledger": in_ledger}
        answer = self._access.read("find", table, {name: value for name, value in given.items() if value})
        if not isinstance(answer, Mapping) or "record" not in answer:
            raise _unreadable(f"find {table}", of_write=False)
        record: Record | None = answer["record"]
        if record is not None and not _is_record(record):
            raise _unreadable(f"find {table}", of_write=False)
        return record

    def select(self, table: str, key: str) -> list[Record]:
        """Read all records that share a key."""
        return self._records("select", table, {"key": key}).records

    def page(self, table: str, after: str | None, limit: int, *, rows: bool = False) -> Records:
        """Read records in the order of their keys."""
        return self._records("page", table, {"after": after, "limit": limit, "rows": rows})

    def all(self, table: str, size: int) -> Iterator[Record]:
        """Read a table to its end, page by page."""
        after: str | None = None
        while True:
            found = self.page(table, after, size)
            yield from found.records
            after = found.after
            if after is None:
                return

    def changed(self, table: str, since: str, after: str | None, limit: int, *, rows: bool = False) -> Records:
        """Read what was changed at or after a moment of the program's clock, the newest change first."""
        return self._records("changed", table, {"since": since, "after": after, "limit": limit, "rows": rows})

    def search(self, table: str, any_of: Mapping[str, str], **how: Any) -> list[Record]:
        """Read the newest records that have one of several values; `how` as in `adk.calls.Search`."""
        return self._records("search", table, {"any_of": any_of, **how}).records

    def add(
        self, table: str, fields: Fields, rows: list[dict[str, Any]] | None = None, *, repeatable: bool = False
    ) -> Record:
        """Make a record, and give it as it is stored.

        Args:
            table: Its table.
            fields: Its fields, in the order that they are written in.
            rows: Its rows.
            repeatable: The hook may be called again whatever became of this: it makes what the hook looks for first.
        """
        arguments = {"fields": fields, **({} if rows is None else {"rows": rows})}
        return self._written("add", table, arguments, repeatable=repeatable)

    def change(self, table: str, key: str, fields: Fields, match: Fields | None = None) -> Record:
        """Change fields of a record, and give it as it is stored. The same again changes nothing more.

        Args:
            table: Its table.
            key: Its number.
            fields: What it shall have.
            match: Which one of several records that share the key.
        """
        return self._written("change", table, {"key": key, "match": match or {}, "fields": fields}, repeatable=True)

    def close(self) -> None:
        """Give back what is held open."""
        self._access.close()

    def _records(self, call: str, table: str, arguments: Mapping[str, Any]) -> Records:
        answer = self._access.read(call, table, arguments)
        records = answer.get("records") if isinstance(answer, Mapping) else None
        if not isinstance(records, list) or not all(map(_is_record, records)):
            raise _unreadable(f"{call} {table}", of_write=False)
        return Records(records, answer.get("next"))

    def _written(self, call: str, table: str, arguments: Mapping[str, Any], *, repeatable: bool) -> Record:
        answer = self._access.write(call, table, arguments, repeatable=repeatable)
        record = answer.get("record") if isinstance(answer, Mapping) else None
        if not isinstance(record, Mapping):
            raise _unreadable(f"{call} {table}", of_write=True)
        return record


def _is_record(found: Any) -> bool:
    """Whether it is a record: values by field name, and rows that are records too."""
    if not isinstance(found, Mapping):
        return False
    rows = found.get("ROWS") or []
    values = (value for name, value in found.items() if name != "ROWS")
    return isinstance(rows, list) and all(map(_is_record, rows)) and not any(isinstance(v, list | dict) for v in values)


def _unreadable(asked: str, *, of_write: bool) -> RemoteError:
    words = f"The answer to “{asked}” is not in the form that it should have."
    if of_write:
        return OutcomeUnknownError(
            f"{words} It was most likely done.", advice="It is looked up before anything is sent."
        )
    return MalformedReplyError(words, advice="Install the same version of the agent and of the plugin.")
