"""The ledger of payments: what is owed on an invoice, what was paid of it, and when.

An item is whatever has a balance: an invoice, a credit note, in some systems a payment too. Its amount is positive for
what a customer owes and negative for what is owed to the customer. All amounts of one item are in one currency, which
the simulator knows; items that are set off against each other share theirs.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Generic, TypeVar

_NOTHING = Decimal(0)
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Settlement:
    """An amount by which an item's balance goes down from a day on (up, where it is negative)."""

    amount: Decimal
    day: date


@dataclass
class LedgerItem:
    """What an item came to, and what has settled it since, in the order in which it was booked."""

    amount: Decimal
    settlements: list[Settlement] = field(default_factory=list)


LEDGER_KINDS: tuple[type, ...] = (Settlement, LedgerItem)
"""The dataclasses in `Ledger.memory`."""


class Ledger(Generic[Key]):
    """Items by number or id, and their balances now and at the end of any day."""

    def __init__(self) -> None:
        self._items: dict[Key, LedgerItem] = {}

    def owe(self, key: Key, amount: Decimal) -> None:
        """Put an item in, or say anew what it comes to, as while an invoice is a draft; what settled it stays."""
        self._items.setdefault(key, LedgerItem(amount)).amount = amount

    def settle(self, key: Key, amount: Decimal, day: date) -> None:
        """Book a payment or write-off of an item; a negative amount takes one back.

        More than the balance is taken too: then the item is overpaid, and its balance has the other sign.

        Raises:
            KeyError: There is no such item.
        """
        self._items[key].settlements.append(Settlement(amount, day))

    def set_off(self, one: Key, other: Key, day: date) -> Decimal:
        """Let an item that is owed and one that is owed back cancel each other out, as far as the smaller goes.

        Args:
            one: The one.
            other: The other, of the opposite sign.
            day: From when on it counts.

        Returns:
            By how much, positive; 0 when their balances are not of opposite signs, and then nothing is booked.

        Raises:
            KeyError: There is no such item.
        """
        debit, credit = (one, other) if self.balance(one) > 0 else (other, one)
        amount = min(self.balance(debit), -self.balance(credit))
        if amount <= 0:
            return _NOTHING
        self.settle(debit, amount, day)
        self.settle(credit, -amount, day)
        return amount

    def balance(self, key: Key, day: date | None = None) -> Decimal:
        """Return what is left of an item, now or at the end of a day.

        Raises:
            KeyError: There is no such item.
        """
        item = self._items[key]
        return item.amount - sum((each.amount for each in item.settlements if day is None or each.day <= day), _NOTHING)

    def settled_on(self, key: Key) -> date | None:
        """Return the day from which on nothing is left of an item, for good; None while something is.

        An item of 0 that nothing was ever booked on has no such day either: nobody paid it.

        Raises:
            KeyError: There is no such item.
        """
        if self.balance(key):
            return None
        days = sorted({each.day for each in self._items[key].settlements}, reverse=True)
        earlier = next((at for at, day in enumerate(days) if self.balance(key, day)), len(days))
        return days[earlier - 1] if days else None

    def memory(self) -> dict[Key, Any]:
        """Return all items; needs `LEDGER_KINDS`."""
        return dict(self._items)

    def remember(self, memory: Mapping[Key, Any]) -> None:
        """Hold what `memory` returned, and nothing else."""
        self._items = dict(memory)
