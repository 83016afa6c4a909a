"""Column types that mean the same on SQLite and on PostgreSQL.

`Moment` keeps aware time (SQLite has no such type, so UTC text stands for it), `FreeText` keeps what others wrote,
`JsonValue` keeps JSON.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from erpcore.exact_json import from_json, to_json


class Moment(sa.types.TypeDecorator[datetime]):
    """A point in time: aware going in, aware in UTC coming out.

    Raises:
        ValueError: A datetime without time zone was given.
    """

    impl = sa.DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        """PostgreSQL keeps the time zone itself."""
        return dialect.type_descriptor(sa.DateTime(timezone=dialect.name == "postgresql"))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware time to what the database keeps."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"time without time zone: {value!r}")
        moment = value.astimezone(UTC)
        return moment if dialect.name == "postgresql" else moment.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """What the database keeps to aware time in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class FreeText(sa.types.TypeDecorator[str]):
    """Text that a person or a vendor wrote.

    PostgreSQL refuses the character NUL in text. An error message must be kept even when it holds one, so it is
    replaced by U+FFFD on both databases.
    """

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """The text without NUL."""
        return None if value is None else value.replace("\x00", "\ufffd")


class JsonValue(sa.types.TypeDecorator[Any]):
    """A JSON value whose numbers keep exactly their digits: an amount never passes through a float.

    Kept as text on both databases: nothing is searched inside, and PostgreSQL's own type refuses ``\\u0000``.

    Raises:
        TypeError: Something that JSON has no form for, or a float.
    """

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """JSON text; None is the database's NULL."""
        return None if value is None else to_json(value).decode()

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """Numbers with a point or an exponent come back as Decimal."""
        return None if value is None else from_json(value.encode())
