"""Articles that an ERP is known to have, so that a row's article is not looked up each time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Lock
from typing import NamedTuple

from cachetools import TTLCache

from erpcore.fields import Field
from erpcore.models import Article, Ref
from erpcore.plugin import ErpPlugin, PluginSettings

_ON_ROWS = ("unit", "income_account", "vat_percent")
"""What an article has that a document's row shows too."""


class _Known(NamedTuple):
    """An article that the ERP is known to have, what it shows on rows, and what it is called."""

    ref: Ref
    values: Mapping[str, str] = {}
    text: str | None = None


class KnownArticles:
    """Articles that were seen in one ERP, by number. One that is missing is not remembered: it may come any time.

    One instance per ERP connection and process; safe for threads.

    Args:
        monotonic: Seconds that never run backwards.
        seconds: How long a number is believed to be there.
        size: How many numbers are kept, the least used ones leave first.
    """

    def __init__(self, monotonic: Callable[[], float], *, seconds: float = 3600.0, size: int = 10_000) -> None:
        self._numbers: TTLCache[str, _Known] = TTLCache(maxsize=size, ttl=seconds, timer=monotonic)
        self._lock = Lock()

    def get(self, number: str) -> Ref | None:
        """Give an article that the ERP is known to have, with the key that the ERP has told.

        Args:
            number: The number that it is known by.
        """
        with self._lock:
            known = self._numbers.get(number)
        return None if known is None else known.ref

    def values(self, number: str) -> Mapping[str, str]:
        """Give what an article that the ERP is known to have shows on rows, as far as it was told; see `on_rows`.

        Args:
            number: The number that it is known by.
        """
        with self._lock:
            known = self._numbers.get(number)
        return {} if known is None else known.values

    def text(self, number: str) -> str | None:
        """Give what an article that the ERP is known to have is called there, as far as it was told.

        Args:
            number: The number that it is known by.
        """
        with self._lock:
            known = self._numbers.get(number)
        return None if known is None else known.text

    def add(self, number: str, ref: Ref, article: Article | None = None) -> None:
        """Remember that the ERP has an article.

        Args:
            number: The number that it is known by, in the CRM or in a link.
            ref: Its number and key in the ERP.
            article: The article, where the ERP has told it or was told it.
        """
        with self._lock:
            self._numbers[number] = (
                _Known(ref) if article is None else _Known(ref, on_rows(article), article.description)
            )

    def discard(self, number: str) -> None:
        """Forget a number, after the ERP refused something about it.

        Args:
            number: Its number.
        """
        with self._lock:
            of_number = [known for known, each in self._numbers.items() if number in (known, each.ref.number)]
            for known in of_number:
                self._numbers.pop(known, None)


def on_rows(article: Article) -> dict[str, str]:
    """Give what rows show that have it from their article, by field: a unit, empty where there is none, an account, and
    a VAT rate in percent.

    An empty account or rate says nothing: another register decides it then.

    Args:
        article: As the ERP shows it, or is going to be told it.
    """
    held = {name: getattr(article, name) for name in _ON_ROWS if article.shown(name)}
    shown = {name: "" if value is None else str(value) for name, value in held.items()}
    return {name: value for name, value in shown.items() if value or name == "unit"}


def unwritten(plugin: ErpPlugin[PluginSettings]) -> list[str]:
    """Give what rows of the ERP show and cannot be told, because it is their article's.

    Args:
        plugin: The ERP's.
    """
    table = plugin.field_maps.get("order_row")
    written = (each for each in (() if table is None else table.entries) if isinstance(each, Field))
    names = {each.name for each in written if each.direction != "read"}
    return [name for name in _ON_ROWS if name not in names]
