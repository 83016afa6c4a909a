"""Over an order's whole life, with faults and people: at most one order in the ERP, and the CRM tells how it stands."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from erpcore.models import CrmOrderRow
from erpcore.store import links_from
from tests.sync.memory_plugin import Killed
from tests.sync.order_plugin import HeadCrm, OrderCrm, TellingErp
from tests.sync.world import SYNC, World

ERP_FAULTS = [f"{when}:{what}" for when in ("before", "after") for what in ("lost", "garbage", "killed")]
FAULTS = st.fixed_dictionaries(
    {},
    optional={
        **{
            operation: st.sampled_from([*ERP_FAULTS, "before:refused", "before:unreachable"])
            for operation in ("create_customer", "create_article", "create_order", "convert_to_invoice")
        },
        "write_back order": st.sampled_from([*ERP_FAULTS, "before:forbidden"]),
        "write_back company": st.sampled_from([*ERP_FAULTS, "before:forbidden"]),
    },
)


class OrderLife(RuleBasedStateMachine):
    """An order is set ready, taken back, edited and set ready again, while the systems fail."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())

    @initialize(invoice=st.booleans(), lag=st.sampled_from([0.0, 2.0]), crm=st.sampled_from([OrderCrm, HeadCrm]))
    def begin(self, invoice: bool, lag: float, crm: type[OrderCrm]) -> None:
        url = f"sqlite:///{self.folder / 'erpcore.db'}"
        self.world = World(url, crm_class=crm, erp_class=TellingErp)
        self.world.books.lag = lag
        self.world.company(erp_number=None)
        rows = (CrmOrderRow(article_id="p1", description="Lamp", quantity=2, unit_price=100),)
        self.world.order(status="notready", create_invoice=invoice, rows=rows)

    def _handle(self) -> None:
        world = self.world
        world.time.move(1)
        world.event("o1", "order_ready")
        try:
            world.work(world.open("o1", "order"))
        except Killed:
            return

    @rule(faults=FAULTS)
    def set_ready(self, faults: dict[str, str]) -> None:
        for operation, fault in faults.items():
            place = self.world.desk if operation.startswith("write_back") else self.world.books
            place.faults[operation] = [fault]
        if self.world.desk.orders["o1"].status != "inprocess":  # people cannot change it then
            self.world.change_order(status="readytobesent")
        self._handle()

    @rule()
    def take_back(self) -> None:
        if self.world.desk.orders["o1"].status != "inprocess":
            self.world.change_order(status="notready")
        self._handle()

    @rule(invoice=st.booleans())
    def edit(self, invoice: bool) -> None:
        if self.world.desk.orders["o1"].status != "inprocess":
            self.world.change_order(create_invoice=invoice, your_reference="Another")

    @rule()
    def mend_and_set_ready(self) -> None:
        world = self.world
        world.books.faults.clear()
        world.desk.faults.clear()
        for _ in range(3):
            world.time.move(120)
            self._handle()
        world.ready()
        order = world.desk.orders["o1"]
        assert (order.status, order.order_number) == ("synced", world.only_order.number)
        assert order.invoice_number == next((each.number for each in world.only_order.invoices or ()), None)
        assert world.desk.companies["c1"].erp_number == "1"

    @invariant()
    def there_is_at_most_one_of_each_and_what_the_crm_tells_is_so(self) -> None:
        if not hasattr(self, "world"):
            return
        world, order = self.world, self.world.desk.orders["o1"]
        books = world.books
        assert max(len(each) for each in (books.customers, books.articles, books.orders, books.invoices)) <= 1
        if order.status == "synced":
            assert order.order_number in books.orders
        if order.order_number is not None:
            assert order.order_number in books.orders
            with world.store.read() as connection:
                links = links_from(connection, sync=SYNC, source_kind="order", source_id="o1")
            assert order.order_number in {link.number for link in links if link.cut_at is None}

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.world.close()
        shutil.rmtree(self.folder, ignore_errors=True)


TestOrderLife = OrderLife.TestCase
TestOrderLife.settings = settings(
    max_examples=20,
    stateful_step_count=8,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
