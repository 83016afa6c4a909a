"""Codes that records name entries of the ERP's registers by: known before anything is sent, and resolved to keys."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from difflib import get_close_matches
from itertools import chain
from threading import Lock
from typing import TypeVar

from cachetools import TTLCache

from erpcore.connection import ErpConnection
from erpcore.errors import InvalidValueError, PermissionDeniedError, UnsupportedOperationError
from erpcore.fields import Code, register_words
from erpcore.hookspecs import Context
from erpcore.models import CanonicalModel, Register, RegisterEntry, common_unit

R = TypeVar("R", bound=CanonicalModel)

_ROW = re.compile(r"rows\[(\d+)\]")


class KnownRegisters:
    """The registers of one ERP as they were read. A code that is missing makes a register be read again.

    One instance per ERP connection and process; safe for threads.

    Args:
        monotonic: Seconds that never run backwards.
        seconds: How long a register is believed to be as it was read.
    """

    def __init__(self, monotonic: Callable[[], float], *, seconds: float = 3600.0) -> None:
        self._held: TTLCache[Register, tuple[RegisterEntry, ...] | None] = TTLCache(100, seconds, timer=monotonic)
        self._own: TTLCache[str, str | None] = TTLCache(1, seconds, timer=monotonic)
        self._lock = Lock()

    def own_currency(self, erp: ErpConnection, context: Context) -> str | None:
        """Give the company's own currency: the ERP's answer, else what the plugin's settings say.

        Args:
            erp: The ERP.
            context: The call's context.
        """
        said = erp.plugin.own_currency
        if not erp.plugin.tells_currency:
            return said
        with self._lock:
            if erp.name in self._own:
                return self._own[erp.name]
        try:
            told = erp.identify_account(context).currency or said
        except (UnsupportedOperationError, PermissionDeniedError):
            told = said
        with self._lock:
            self._own[erp.name] = told
        return told

    def rate(self, erp: ErpConnection, currency: str, context: Context) -> Decimal | None:
        """Give what one unit of a currency is worth in the company's own; None where the ERP's register does not tell.

        Args:
            erp: The ERP.
            currency: Its code.
            context: The call's context.
        """
        if not erp.can("list_register"):
            return None
        entries, _ = self._entries(erp, "currency", context)
        return next((entry.rate for entry in entries or () if entry.code == currency), None)

    def coded(self, erp: ErpConnection, sent: R, record: str, context: Context) -> R:
        """Give a record with each code as its register spells it: people write a code, or its name, in any letters.

        The company's own currency needs no register.

        Args:
            erp: The ERP.
            sent: What is going to be sent.
            record: What it is sent for, for the error.
            context: The calls' context.

        Raises:
            InvalidValueError: A register has no such code; says which row, and what is near.
        """
        if not erp.can("list_register"):
            return sent
        for code in erp.codes(sent):
            if code.register == "currency" and code.value == self.own_currency(erp, context):
                continue
            entries, fresh = self._entries(erp, code.register, context)
            if entries is not None and not fresh and _named(entries, code.value) is None:
                with self._lock:
                    self._held.pop(code.register, None)  # it may have been added since
                entries, _ = self._entries(erp, code.register, context)
            if entries is None:
                continue
            if (entry := _named(entries, code.value)) is None:
                raise _unknown(erp, code, entries, record)
            if entry.code != code.value:
                sent = _with(sent, code.field, entry.code)
        return sent

    def units(self, erp: ErpConnection, words: Iterable[str], context: Context) -> Mapping[str, str]:
        """Give the ERP's codes of units by the words for them, of words that are no codes and mean the same unit.

        Args:
            erp: The ERP.
            words: As the CRM shows them.
            context: The calls' context.
        """
        wanted = {word: common for word in words if (common := common_unit(word)) is not None}
        field_map = erp.plugin.field_maps.get("order_row")
        named = field_map is not None and any(getattr(entry, "register", None) == "unit" for entry in field_map.entries)
        if not (wanted and named and erp.can("list_register")):
            return {}
        entries, _ = self._entries(erp, "unit", context)
        found: dict[str, str] = {}
        for word, common in wanted.items():
            if entries is None or _named(entries, word) is not None:
                continue
            same = [each.code for each in entries if common in (common_unit(each.code), common_unit(each.name))]
            found |= {word: same[0]} if same else {}
        return found

    def keys(self) -> Mapping[Register, Mapping[str, str]]:
        """Give the keys of what was read, by register and code."""
        with self._lock:
            held = dict(self._held)
        return {
            register: {entry.code: entry.key for entry in entries or () if entry.key is not None}
            for register, entries in held.items()
        }

    def _entries(
        self, erp: ErpConnection, register: Register, context: Context
    ) -> tuple[tuple[RegisterEntry, ...] | None, bool]:
        """Give a register, and whether it was read just now; None when it cannot be read, which stops nobody."""
        with self._lock:
            if register in self._held:
                return self._held[register], False
        try:
            entries: tuple[RegisterEntry, ...] | None = tuple(erp.list_register(register, context))
        except (UnsupportedOperationError, PermissionDeniedError):
            entries = None
        with self._lock:
            self._held[register] = entries
        return entries, True


def _named(entries: Sequence[RegisterEntry], value: str) -> RegisterEntry | None:
    """Give the entry that a value names: by its code, else by the code in other letters, else by its name."""
    wanted = value.strip()
    folded = wanted.casefold()
    by_code = (entry for entry in entries if entry.code == wanted)
    by_letters = (entry for entry in entries if entry.code.casefold() == folded)
    by_name = (entry for entry in entries if entry.name.casefold() == folded)
    return next(chain(by_code, by_letters, by_name), None)


def _with(record: R, path: str, value: str) -> R:
    """Put a value at a dotted path, where another one stands."""
    name, _, rest = path.partition(".")
    row = _ROW.match(name)
    if row is None:
        return record.model_copy(update={name: _with(getattr(record, name), rest, value) if rest else value})
    rows = list(getattr(record, "rows"))  # noqa: B009  what has rows is a document
    rows[int(row[1])] = _with(rows[int(row[1])], rest, value)
    return record.model_copy(update={"rows": tuple(rows)})


def _unknown(erp: ErpConnection, code: Code, entries: Sequence[RegisterEntry], record: str) -> InvalidValueError:
    row = _ROW.match(code.field)
    where = f"Row {int(row[1]) + 1}: " if row else ""
    words, named = register_words(code.register), code.field.rpartition(".")[2].replace("_", " ")
    near = list(_near(entries, code.value))
    hint = f"Did you mean {' or '.join(near)}? " if near else ""
    return InvalidValueError(
        f"{where}{erp.plugin.display_name} has no “{code.value}” among its {words}.",
        connection=erp.name,
        field=code.field,
        record=record,
        advice=f"{hint}Correct the {named} in the CRM or in the sync's rules, or add it in {erp.plugin.display_name}, "
        "then send the record again.",
    )


def _near(entries: Sequence[RegisterEntry], value: str) -> Iterator[str]:
    """Give up to three entries that look alike, in words."""
    words = {text.casefold(): entry for entry in entries for text in (entry.name, entry.code)}
    for found in dict.fromkeys(words[text].code for text in get_close_matches(value.casefold(), words, 6, 0.5)):
        yield f"“{found}”"
