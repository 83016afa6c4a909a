"""Articles that an ERP is known to have, so that a row's article is not looked up each time."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from cachetools import TTLCache

from erpcore.fields import Field
from erpcore.models import Ref
from erpcore.plugin import ErpPlugin, PluginSettings


class KnownArticles:
    """Articles that were seen in one ERP, by number. One that is missing is not remembered: it may come any time.

    One instance per ERP connection and process; safe for threads.

    Args:
        monotonic: Seconds that never run backwards.
        seconds: How long a number is believed to be there.
        size: How many numbers are kept, the least used ones leave first.
    """

    def __init__(self, monotonic: Callable[[], float], *, seconds: float = 3600.0, size: int = 10_000) -> None:
        self._numbers: TTLCache[str, tuple[Ref, str | None]] = TTLCache(maxsize=size, ttl=seconds, timer=monotonic)
        self._lock = Lock()

    def get(self, number: str) -> Ref | None:
        """Give an article that the ERP is known to have, with the key that the ERP has told.

        Args:
            number: The number that it is known by.
        """
        with self._lock:
            return self._numbers.get(number, (None, None))[0]

    def unit(self, number: str) -> str | None:
        """Give the unit of an article that the ERP is known to have; None where it was not told.

        Args:
            number: The number that it is known by.
        """
        with self._lock:
            return self._numbers.get(number, (None, None))[1]

    def add(self, number: str, article: Ref, unit: str | None = None) -> None:
        """Remember that the ERP has an article.

        Args:
            number: The number that it is known by, in the CRM or in a link.
            article: Its number and key in the ERP.
            unit: Its unit, where the ERP has told it.
        """
        with self._lock:
            self._numbers[number] = (article, unit)

    def discard(self, number: str) -> None:
        """Forget a number, after the ERP refused something about it.

        Args:
            number: Its number.
        """
        with self._lock:
            for known in [known for known, (each, _) in self._numbers.items() if number in (known, each.number)]:
                self._numbers.pop(known, None)


def writes_unit(plugin: ErpPlugin[PluginSettings]) -> bool:
    """Tell whether a row of the ERP has a unit of its own; else it has its article's.

    Args:
        plugin: The ERP's.
    """
    table = plugin.field_maps.get("order_row")
    entries = () if table is None else table.entries
    return any(isinstance(each, Field) and each.name == "unit" and each.direction != "read" for each in entries)
