"""Proof by simulation: the real code between two simulated systems, in one thread, in virtual time, struck at will.

`Bench` runs schedules of a `Pair` of systems, `Levels` all of a level; ``docs/proof.md`` tells what is struck, and what
must hold.
"""

from erpcore.testing.simulation.installation import Pair
from erpcore.testing.simulation.levels import SIZES, Levels, fingerprint
from erpcore.testing.simulation.oracle import Books, Document
from erpcore.testing.simulation.search import Bench, Level, Result, Strikes
from erpcore.testing.simulation.wire import System

__all__ = [
    "SIZES",
    "Bench",
    "Books",
    "Document",
    "Level",
    "Levels",
    "Pair",
    "Result",
    "Strikes",
    "System",
    "fingerprint",
]
