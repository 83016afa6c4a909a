"""A call of a hook, as far as the core must know of it: may it still write, and has it written?

Both belong to the call and not to the connection, which several threads share. So they are kept in context variables: a
plugin that works with threads of its own runs them in a copy of the context (`contextvars.copy_context`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

Ask = Callable[[], None]
"""Raises when nothing may be written any more, such as `NotSentError`."""


@dataclass
class Call:
    """One call of a hook, while it lasts.

    Attributes:
        writes: One entry for each write that left and may stand: whether making the whole call anew could double it.
        held_back: What refused a write before it left.
    """

    writes: list[bool] = field(default_factory=list)
    held_back: Exception | None = None

    @property
    def wrote(self) -> bool:
        """Whether something may stand in the system now that a second call would make once more."""
        return any(self.writes)


_call: ContextVar[Call | None] = ContextVar("erpcore_call", default=None)
_asks: ContextVar[tuple[tuple[Ask, bool], ...]] = ContextVar("erpcore_asks", default=())


@contextmanager
def one_call() -> Iterator[Call]:
    """Note what is written inside the block, as one call."""
    call = Call()
    token = _call.set(call)
    try:
        yield call
    finally:
        _call.reset(token)


@contextmanager
def asking_before_writes(ask: Ask, *, repeatable: bool = True) -> Iterator[None]:
    """Have every write inside the block asked for, directly before it leaves.

    Args:
        ask: Is asked after those of the blocks around this one.
        repeatable: Whether it is asked for writes too that may be made again; see `Host.before_write`.
    """
    token = _asks.set((*_asks.get(), (ask, repeatable)))
    try:
        yield
    finally:
        _asks.reset(token)


def before_write(*, repeatable_call: bool) -> None:
    """Take the last look before a write leaves, and note that it leaves.

    Args:
        repeatable_call: See `Host.before_write`.

    Raises:
        Exception: Whatever refuses it; nothing may be sent then.
    """
    call = _call.get()
    for ask, of_repeatable in _asks.get():
        if repeatable_call and not of_repeatable:
            continue
        try:
            ask()
        except Exception as error:
            if call is not None:
                call.held_back = error
            raise
    if call is not None:
        call.writes.append(not repeatable_call)


def had_no_effect() -> None:
    """Take back the last write of this call; see `Host.had_no_effect`."""
    call = _call.get()
    if call is not None and call.writes:
        call.writes.pop()
