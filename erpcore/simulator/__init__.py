"""The kit that simulators are built with: server, clock, journal, faults, rate window, OAuth and keeping.

A simulator derives from `Simulator` and says its routes, its state and how it is seeded; the kit does the rest.
It needs the extra ``erpcore[simulator]``.

Example::

    simulator = FortnoxSimulator()
    with running(simulator) as base_url:
        simulator.faults.add(Fault("lose_answer", method="POST", path="/3/orders"))
        ...
        assert simulator.journal.count("POST", "/3/orders") == 2
"""

from erpcore.simulator.app import Simulator
from erpcore.simulator.clock import Clock
from erpcore.simulator.faults import Fault, FaultSwitches
from erpcore.simulator.journal import Journal, JournalEntry
from erpcore.simulator.middleware import AnswerLost, HeldAnswers
from erpcore.simulator.oauth import (
    OAUTH_KINDS,
    Grant,
    IssuedTokens,
    OAuthRefused,
    OAuthServer,
    basic_credentials,
    bearer_token,
)
from erpcore.simulator.rate import SlidingWindow
from erpcore.simulator.server import running, serve

__all__ = [
    "OAUTH_KINDS",
    "AnswerLost",
    "Clock",
    "Fault",
    "FaultSwitches",
    "Grant",
    "HeldAnswers",
    "IssuedTokens",
    "Journal",
    "JournalEntry",
    "OAuthRefused",
    "OAuthServer",
    "Simulator",
    "SlidingWindow",
    "basic_credentials",
    "bearer_token",
    "running",
    "serve",
]
