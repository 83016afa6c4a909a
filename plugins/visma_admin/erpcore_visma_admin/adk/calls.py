"""The closed list of what may be asked of a company, and how each is written down.

A call is one piece of work with a whole record or a page of records as its answer. The agent takes calls as JSON; a
plugin on the same machine hands them over as they are. Anything else is refused before the DLL is touched.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError, model_validator

from erpcore_visma_admin.adk.errors import BadCall
from erpcore_visma_admin.adk.layout import Kind
from erpcore_visma_admin.adk.tables import TABLES, TIMESTAMP, Table

MOST_ON_A_PAGE = 500
MOST_ROWS = 2000
Key = Annotated[str, StringConstraints(min_length=1, max_length=60)]
Fields = dict[str, str | bool | None]


class _Call(BaseModel):
    """What all calls share."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class About(_Call):
    """Tell which program and which company it is."""

    call: Literal["about"] = "about"


class _OfTable(_Call):
    table: str

    @property
    def of(self) -> Table:
        """The table."""
        return TABLES[self.table]

    @model_validator(mode="after")
    def _known(self) -> _OfTable:
        if self.table not in TABLES:
            raise ValueError(f"there is no table {self.table}")
        return self

    def _require_fields(self, names: Mapping[str, object], table: Table | None = None) -> None:
        known = (table or self.of).fields
        if strangers := sorted(name for name in names if name not in known or known[name].kind is Kind.ROWS):
            raise ValueError(f"{(table or self.of).name} has no field {', '.join(strangers)} that can be named")


class Find(_OfTable):
    """Read one record by its key; a table of one record is read without."""

    call: Literal["find"] = "find"
    key: Key | None = None
    rows: bool = False
    in_ledger: bool = False
    """Look among the invoices that are in the ledger alone."""

    @model_validator(mode="after")
    def _keyed(self) -> Find:
        if (self.key is None) != (self.of.key is None):
            raise ValueError(f"{self.table} is read {'with' if self.of.key else 'without'} a key")
        if self.in_ledger and self.table != "INVOICE_HEAD":
            raise ValueError("only invoices are in the ledger")
        return self


class Select(_OfTable):
    """Read all records that share a key, such as the prices of one article."""

    call: Literal["select"] = "select"
    key: Key


class PageOf(_OfTable):
    """Read records in the order of their keys."""

    call: Literal["page"] = "page"
    after: Key | None = None
    limit: int = Field(ge=1, le=MOST_ON_A_PAGE)
    rows: bool = False


class Changed(_OfTable):
    """Read records that were changed at or after a moment, the newest change first."""

    call: Literal["changed"] = "changed"
    since: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$")
    after: str | None = Field(None, max_length=120)
    limit: int = Field(ge=1, le=MOST_ON_A_PAGE)
    rows: bool = False

    @model_validator(mode="after")
    def _timed(self) -> Changed:
        if TIMESTAMP not in self.of.fields or self.of.key is None:
            raise ValueError(f"{self.table} is not read by time")
        return self


class Search(_OfTable):
    """Read the newest records, in the order of their keys, and give those that have one of several values."""

    call: Literal["search"] = "search"
    any_of: dict[str, Annotated[str, StringConstraints(min_length=1, max_length=250)]] = Field(min_length=1)
    """Values by field; one that fits is enough."""
    digits: bool = False
    """Compare digits alone, and let either have more of them in front or behind."""
    most: int | None = Field(None, ge=1)
    """How many records are looked at; None for all."""
    rows: bool = False

    @model_validator(mode="after")
    def _searchable(self) -> Search:
        self._require_fields(self.any_of)
        kinds = {self.of.fields[name].kind for name in self.any_of}
        if self.of.key is None or not kinds <= {Kind.TEXT, Kind.NUMBER}:
            raise ValueError(f"{self.table} is not searched by {', '.join(self.any_of)}")
        return self


class Add(_OfTable):
    """Make a record, with its rows. Fields are written in the order that they are given in."""

    call: Literal["add"] = "add"
    fields: Fields
    rows: list[Fields] = Field(default_factory=list, max_length=MOST_ROWS)

    @model_validator(mode="after")
    def _allowed(self) -> Add:
        if not self.of.may_add:
            raise ValueError(f"nothing is added to {self.table}")
        self._require_fields(self.fields)
        if self.rows and self.of.rows is None:
            raise ValueError(f"{self.table} has no rows")
        for row in self.rows:
            self._require_fields(row, self.of.rows)
        return self


class Change(_OfTable):
    """Change fields of a record; doing it twice changes nothing more."""

    call: Literal["change"] = "change"
    key: Key
    match: Fields = Field(default_factory=dict)
    """Which one of several records that share the key."""
    fields: Fields

    @model_validator(mode="after")
    def _allowed(self) -> Change:
        if not self.of.may_change:
            raise ValueError(f"nothing is changed in {self.table}")
        self._require_fields(self.fields)
        self._require_fields(self.match)
        return self


Call = About | Find | Select | PageOf | Changed | Search | Add | Change
_CALL: TypeAdapter[Call] = TypeAdapter(Annotated[Call, Field(discriminator="call")])


def read_call(written: Any) -> Call:
    """Read a call.

    Args:
        written: What JSON gave.

    Raises:
        BadCall: It is not on the list.
    """
    try:
        return _CALL.validate_python(written)
    except ValidationError as error:
        problems = [
            f"{'.'.join(str(part) for part in problem['loc']) or 'call'}: {problem['msg']}"
            for problem in error.errors(include_input=False, include_url=False)
        ]
    raise BadCall(f"This is no call that is answered here: {'; '.join(problems)[:500]}.")
