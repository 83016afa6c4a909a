"""The bench of a system that is reached without HTTP, by calling a function."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import Any, Protocol

from erpcore.plugin import Plugin
from erpcore.testing.bench import Bench, FaultName
from erpcore.testing.tap import Answer, CallTap, Sent


class CallSystem(Protocol):
    """What `CallBench` needs of a system that is reached by calling a function."""

    def state(self) -> Any:
        """Return its registers."""

    def restore(self, state: Any) -> None:
        """Hold what `state` returned, and nothing else."""


class CallBench(Bench):
    """A system that is reached without HTTP.

    Args:
        plugin_class: The plugin.
        system: The system.
        method: Name of the method that everything goes through: function name first, credentials last.
        settings: The settings of a connection.
        lost: Raised where an answer is lost.
        broken: Raised for a fault inside the system.
        ahead: Puts its clock ahead of the machine's by so many seconds.
        lag: Lets new records be missing from searches for so many seconds; 0 puts it back.
        credentials: How many of the method's last arguments are credentials.
    """

    def __init__(
        self,
        plugin_class: type[Plugin[Any]],
        system: CallSystem,
        method: str,
        settings: Mapping[str, Any],
        *,
        lost: Callable[[], BaseException],
        broken: Callable[[], BaseException],
        ahead: Callable[[float], None],
        lag: Callable[[float], None],
        credentials: int = 0,
    ) -> None:
        super().__init__(plugin_class, system, CallTap(type(system), method, self.state, secrets=credentials))
        self._settings = dict(settings)
        self._errors: dict[FaultName, Callable[[], BaseException]] = {
            "lose_answer": lost,
            "error_after": broken,
            "error_before": broken,
        }
        self._put_ahead = ahead
        self._ahead = 0.0
        self._lag = lag
        self._kept: Any = None

    def settings(self) -> dict[str, Any]:
        """See `Bench.settings`."""
        return dict(self._settings)

    def state(self) -> Mapping[str, Any]:
        """See `Bench.state`."""
        state: Mapping[str, Any] = self.system.state()
        return state

    def advance(self, seconds: float, *, known: bool = True) -> None:
        """See `Bench.advance`."""
        self._slept += seconds if known else 0.0
        self._ahead += seconds
        self._put_ahead(self._ahead)

    def lag(self, seconds: float) -> None:
        """See `Bench.lag`."""
        self._lag(seconds)

    def strike(self, number: int, fault: FaultName) -> None:
        """See `Bench.strike`."""
        if fault == "error_before":
            self.answer(Answer(raises=self._errors[fault]()), number, number)
            return

        def after(at: int, sent: Sent) -> None:
            if at == number:
                raise self._errors[fault]()

        self.tap.after = after

    def kept_now(self) -> Callable[[], None]:
        """See `Bench.kept_now`."""
        kept = copy.deepcopy(self.system.state())
        return lambda: self.system.restore(copy.deepcopy(kept))

    def _serve(self, stack: ExitStack) -> None:
        stack.callback(self._lag, 0)

    def _save(self) -> None:
        self._kept = copy.deepcopy(self.system.state())

    def _restore(self) -> None:
        self._lag(0)
        self._ahead = self._begun
        self._put_ahead(self._ahead)
        self.system.restore(copy.deepcopy(self._kept))
