"""The right to write: a worker that was asleep while another one took its run over writes and sends nothing.

Each transaction of an attempt asks for the run's token (`Window.begin`). Directly before a write goes on the wire,
after sign-in and budget, `wire_open` asks once more, and looks at the turn's age: the request must be over before
anybody else believes that nothing was sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa

from erpcore.errors import NotSentError, TurnLostError
from erpcore.host import LONGEST_REQUEST, Clock, asking_before_writes
from erpcore.plugin import Effect, EffectKind
from erpcore.store import Store, Turn, renew_sending
from erpcore.sync.shared import story

STORE_AWAY = (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError)
"""What our own database raises when it is out of reach, locked for too long, or its disk is full."""

OLDEST_TURN = 10.0
"""Seconds after which a turn is too old, where a request's own time is 50 s or less."""


class OthersLookError(NotSentError):
    """A look-up would write what must not be written twice, and others may be looking at the same time."""


def nothing(connection: sa.Connection) -> None:
    """Ask for nothing: outside of runs there is no turn to lose."""


@dataclass(frozen=True)
class Window:
    """What effects are carried out with.

    Attributes:
        store: Where the ledger is.
        worker: Who works, for the ledger's history.
        clock: Sleeps short fences, and tells a turn's age; it runs on while the machine sleeps.
        patience: Seconds that are slept here; longer fences are for the queue (`ComeBackLater`).
        longest_request: Seconds that one request may be under way, from the turn's beginning on.
        oldest_turn: Seconds after which a turn is too old for a request to leave: what is left of `longest_request`
            once a request has had all of its own time.
        hold: Refuses a transaction once the run is another worker's.
        last_for: Has the right to write last for so many seconds, where it would run out by itself: nobody else is to
            write before a request that leaves now can arrive no more.
        look_again: Has the run looked at once more, because a second document has turned up.
        record: The run's record, which asks a person about it; None outside of runs.
    """

    store: Store
    worker: str
    clock: Clock
    patience: float = 2.0
    longest_request: float = LONGEST_REQUEST
    oldest_turn: float = OLDEST_TURN
    hold: Callable[[sa.Connection], None] = nothing
    last_for: Callable[[float], None] = lambda seconds: None
    look_again: Callable[[sa.Connection], None] = nothing
    record: str | None = None

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """A writing transaction of the store.

        Raises:
            TurnLostError: The run is another worker's by now.
        """
        with self.store.begin() as connection:
            self.hold(connection)
            yield connection

    def fence_seconds(self, effect: Effect) -> float | None:
        """Give how long a look-up that finds nothing is not believed; None when nothing can be looked up.

        Args:
            effect: The declared strategy of the write.
        """
        return None if effect.kind is EffectKind.NONE else effect.fence_seconds + self.longest_request


@contextmanager
def wire_open(window: Window, turn: Turn | None = None, begun: float = 0.0) -> Iterator[None]:
    """Let writes leave inside the block, as long as the run is in this worker's hand and the turn is young.

    A turn that grew old in waiting for sign-in or budget is renewed in the ledger, which moves its fence.

    Args:
        window: Store and clock.
        turn: The ``send`` turn; None for a write that may be done twice.
        begun: When the turn was asked for, by the window's clock.

    Raises:
        TurnLostError: At a write: another worker has the run.
        NotSentError: At a write: the turn is too old.
    """

    def ask() -> None:
        nonlocal begun
        if turn is not None and window.clock.monotonic() - begun > window.oldest_turn:
            begun = window.clock.monotonic()
            with window.begin() as connection:
                renewed = renew_sending(connection, turn)
            if not renewed:
                raise TurnLostError("Another attempt at this has begun: nothing is sent here.")
        else:
            with window.store.read() as connection:
                window.hold(connection)
            window.last_for(window.longest_request)
        # Asking takes time too, and the worker may have been asleep in it.
        if turn is not None and window.clock.monotonic() - begun > window.oldest_turn:
            raise NotSentError(story.too_old())

    with asking_before_writes(ask):
        yield


@contextmanager
def looking(window: Window) -> Iterator[None]:
    """Let a look-up write what may be written twice; several may be looking at the same time.

    Args:
        window: Store and clock.

    Raises:
        TurnLostError: At a write: another worker has the run.
        OthersLookError: At a write that must not be made twice: it is for whoever has the turn to send.
    """

    def refuse() -> None:
        raise OthersLookError("Others may be looking for this as well: only whoever may send it writes this.")

    with wire_open(window), asking_before_writes(refuse, repeatable=False):
        yield
