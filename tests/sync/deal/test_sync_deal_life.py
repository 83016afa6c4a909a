"""Over a deal's whole life, with faults: the ERP has as many documents as the rules allow, and each is recorded."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from erpcore.store import intents_of, links_from
from tests.sync.memory_plugin import Killed
from tests.sync.world import SYNC, World

FAULTS = st.sampled_from(
    [
        "before:lost",
        "after:lost",
        "after:error",
        "before:garbage",
        "after:garbage",
        "before:killed",
        "after:killed",
        "before:unreachable",
        "before:refused",
    ]
)
"""A plugin that breaks in the CRM is no ErpcoreError of a write; `test_sync_steps_faults` has those of the ERP."""
WRITES = st.sampled_from(["create_order", "create_customer", "convert_to_invoice", "write_back"])


class DealLife(RuleBasedStateMachine):
    """A deal is won, cleared, won again, edited, while the systems fail."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())

    @initialize(convert=st.booleans(), lag=st.sampled_from([0.0, 2.0]), takes_numbers=st.booleans())
    def begin(self, convert: bool, lag: float, takes_numbers: bool) -> None:
        self.world = World(f"sqlite:///{self.folder / 'erpcore.db'}", convert_to_invoice=convert)
        self.world.books.lag = lag
        self.world.desk.takes_numbers = takes_numbers
        self.world.company()
        self.world.deal(won=False)
        self.allowed = 0
        self.settled = True

    def _handle(self, kind: str) -> None:
        world = self.world
        world.time.move(1)
        world.event("d1", kind)
        run_id = world.open("d1")
        try:
            run = world.work(run_id)
        except Killed:
            self.settled = False
            return
        self.settled = run.state in ("done", "nothing")
        if self.settled and not world.desk.deals["d1"].won:
            # A win that was taken back before its document was made asks for none any more.
            self.allowed = min(self.allowed, len(world.books.orders))

    def _fail(self, faults: dict[str, str]) -> None:
        for operation, fault in faults.items():
            of_crm = operation == "write_back"
            (self.world.desk if of_crm else self.world.books).faults[operation] = [fault]

    @rule(faults=st.dictionaries(WRITES, FAULTS, max_size=2))
    def win(self, faults: dict[str, str]) -> None:
        self._fail(faults)
        deal = self.world.desk.deals["d1"]
        self.world.desk.change("d1", won=True)
        with self.world.store.read() as connection:
            live = [
                link
                for link in links_from(connection, sync=SYNC, source_kind="deal", source_id="d1")
                if not link.cut_at
            ]
        # A document is allowed for the first win, and for a win after a number that was told was cleared.
        if not live and not deal.erp_id and not self.allowed:
            self.allowed = 1
        elif live and not deal.erp_id and any(link.sent_digest for link in live) and self.settled:
            # Only a number that stood in the CRM can have been cleared.
            self.allowed += self.world.desk.takes_numbers
        self._handle("deal_won")

    @rule(name=st.sampled_from(["Website", "Shop", "App"]), faults=st.dictionaries(WRITES, FAULTS, max_size=1))
    def edit(self, name: str, faults: dict[str, str]) -> None:
        self._fail(faults)
        self.world.desk.change("d1", name=name)
        self._handle("deal_changed")

    @precondition(lambda self: self.settled)
    @rule()
    def clear(self) -> None:
        self.world.desk.change("d1", erp_id=None)

    @rule()
    def lose(self) -> None:
        self.world.desk.change("d1", won=False)

    @rule()
    def retry_until_settled(self) -> None:
        self.world.books.faults.clear()
        self.world.desk.faults.clear()
        for _ in range(3):
            self.world.time.move(120)
            self._handle("deal_changed")
        assert self.settled

    @invariant()
    def every_document_is_allowed_and_recorded(self) -> None:
        if not hasattr(self, "world"):
            return
        orders = self.world.books.orders
        assert len(orders) <= self.allowed
        assert len(self.world.books.customers) <= 1
        assert len(self.world.books.invoices) <= len(orders)
        with self.world.store.read() as connection:
            intents = intents_of(connection, sync=SYNC, record="deal d1", operation="create_order")
            linked = {
                link.number
                for link in links_from(connection, sync=SYNC, source_kind="deal", source_id="d1")
                if link.target_kind == "order"
            }
        references = {intent.reference for intent in intents}
        assert {order.reference for order in orders.values()} <= references
        open_ones = [intent for intent in intents if intent.state in ("sending", "uncertain")]
        assert len(set(orders) - linked) <= len(open_ones) + (0 if self.settled else 1)
        if self.settled:
            assert set(orders) == linked
            assert self.allowed == len(orders)

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.world.close()
        shutil.rmtree(self.folder, ignore_errors=True)


TestDealLife = DealLife.TestCase
TestDealLife.settings = settings(
    max_examples=30,
    stateful_step_count=10,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
