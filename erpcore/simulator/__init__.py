"""The kit that simulators are built with.

Around a simulator: server, calls without one, clock, journal, faults, rate window, OAuth, keeping and deliveries to
webhooks. Inside it: numbering, the ledger of payments, rounding, pages, switches and seeds; these know no vendor's
words, so that a simulator is its system's own forms and rules, and little else.

A simulator derives from `Simulator` and says its routes, its state and how it is seeded; the kit does the rest.
It needs the extra ``erpcore[simulator]``.

Example::

    simulator = FortnoxSimulator()
    with running(simulator) as base_url:
        simulator.faults.add(Fault("lose_answer", method="POST", path="/3/orders"))
        ...
        assert simulator.journal.count("POST", "/3/orders") == 2
"""

from erpcore.simulator.acting import acting, action_routes, json_object, plain, switch_routes
from erpcore.simulator.amounts import EXACT, rounded
from erpcore.simulator.app import Simulator
from erpcore.simulator.bodies import read_json
from erpcore.simulator.clock import Clock
from erpcore.simulator.deliveries import DeliveryQueue
from erpcore.simulator.faults import Fault, FaultSwitches
from erpcore.simulator.in_process import Answered, InProcess
from erpcore.simulator.journal import Journal, JournalEntry
from erpcore.simulator.ledger import LEDGER_KINDS, Ledger, LedgerItem, Settlement
from erpcore.simulator.middleware import AnswerLost, HeldAnswers
from erpcore.simulator.numbering import Numbering, SeriesExhausted
from erpcore.simulator.oauth import (
    OAUTH_KINDS,
    Grant,
    IssuedTokens,
    OAuthRefused,
    OAuthServer,
    basic_credentials,
    bearer_token,
)
from erpcore.simulator.paging import Page, page_of
from erpcore.simulator.rate import SlidingWindow
from erpcore.simulator.seeding import no_strangers, put_records
from erpcore.simulator.server import running, serve
from erpcore.simulator.switches import SwitchBoard

__all__ = [
    "EXACT",
    "LEDGER_KINDS",
    "OAUTH_KINDS",
    "AnswerLost",
    "Answered",
    "Clock",
    "DeliveryQueue",
    "Fault",
    "FaultSwitches",
    "Grant",
    "HeldAnswers",
    "InProcess",
    "IssuedTokens",
    "Journal",
    "JournalEntry",
    "Ledger",
    "LedgerItem",
    "Numbering",
    "OAuthRefused",
    "OAuthServer",
    "Page",
    "SeriesExhausted",
    "Settlement",
    "Simulator",
    "SlidingWindow",
    "SwitchBoard",
    "acting",
    "action_routes",
    "basic_credentials",
    "bearer_token",
    "json_object",
    "no_strangers",
    "page_of",
    "plain",
    "put_records",
    "read_json",
    "rounded",
    "running",
    "serve",
    "switch_routes",
]
