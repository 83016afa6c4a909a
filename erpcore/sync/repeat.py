"""Writes that may be done twice: where the answer is lost, they are done again a little later."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from erpcore.errors import MalformedReplyError, OutcomeUnknownError
from erpcore.sync.effect import ComeBackLater
from erpcore.sync.shared import story
from erpcore.sync.window import Window, wire_open

T = TypeVar("T")

REPEAT_AFTER = 5.0
"""Seconds before a harmless write whose answer was lost is done again."""


def repeatable(window: Window, doing: str, call: Callable[[], T]) -> T:
    """Do a write that may be done twice.

    Args:
        window: Refuses it when another worker has taken the work over.
        doing: What it does, for people.
        call: The write.

    Raises:
        ComeBackLater: Its answer is lost; it is done again.
        TurnLostError: Another worker has the work by now.
    """
    try:
        with wire_open(window):
            return call()
    except (OutcomeUnknownError, MalformedReplyError) as error:
        raise ComeBackLater(
            story.repeated(doing, str(error)), seconds=REPEAT_AFTER, connection=error.connection
        ) from error
