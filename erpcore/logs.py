"""The log: lines for people, or JSON for programs that collect lines.

Whoever logs may hand facts over as ``extra=facts(...)``; a line for people leaves them out: its words say the same.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
"""How a line for people is made."""


def facts(**known: object) -> Mapping[str, Any]:
    """Give facts of a line, to be handed over as its ``extra``; what is None is left out.

    Args:
        **known: JSON values.
    """
    return {"facts": {name: value for name, value in known.items() if value is not None}}


class JsonLines(logging.Formatter):
    """One JSON object per line: ``at`` (UTC), ``level``, ``logger``, ``message``, facts, ``traceback`` of an error."""

    def format(self, record: logging.LogRecord) -> str:
        """See `logging.Formatter.format`."""
        told: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "facts", {}),
        }
        if record.exc_info:
            told["traceback"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False, default=str)
