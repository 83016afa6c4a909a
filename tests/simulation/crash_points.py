"""The writes of a run by name, and the strikes at each: killed at three points, and three faults of its request."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import ClassVar

from erpcore.simulator import Clock
from erpcore.testing.simulation import Bench, Pair, Result, System
from erpcore.testing.simulation.search import Strikes
from tests.simulation.erps import Fortnox, PowerOffice, VismaAdmin, VismaEAccounting
from tests.simulation.pairs import LimeCrm, LimeGo

FAULTS: Mapping[str, str] = {
    "killed, and the request arrives late": "gone",
    "outage": "outage",
    "answer lost": "unanswered",
}
SIGNED_OUT = "A wire GET erp/N/companysettings #1"
"""The request before which the token dies in a run that has to renew it."""
CONSENT = "consent"
CONSENTED = "A tx carry_out #3"
"""The point at which a person consents, where the run cannot go on without it."""


@dataclass(frozen=True)
class Write:
    """A write of an undisturbed run.

    Attributes:
        name: What it is, for people.
        point: The point at which worker A sends it.
        operation: The hook whose strategy tells what becomes of it; None for what is told to the CRM again.
    """

    name: str
    point: str
    operation: str | None = None


@dataclass(frozen=True)
class Case:
    """One crash or fault by name, and the strikes that are it."""

    name: str
    write: Write
    strikes: Strikes


class Without(VismaEAccounting):
    """Visma eAccounting where our key is not printed, so that nothing can tell two orders apart."""

    settings: ClassVar = {**VismaEAccounting.settings, "references": "none"}


class Consenting(LimeGo):
    """Lime Go with a Visma eAccounting to which a person may consent anew."""

    def make(self, clock: Clock, random: Random) -> dict[str, System]:
        """Make the simulators; see `LimeGo.make`."""
        made = super().make(clock, random)
        self.acts[CONSENT] = self.connect
        return made


_GO = {
    "number to the CRM": Write("number to the CRM", "wire POST crm/N/graphql mutation setDealCustomField #1"),
    "invoice to the CRM": Write("invoice to the CRM", "wire POST crm/N/graphql mutation setDealCustomField #2"),
}
_CRM = {
    "order in process": Write("order in process", "wire PUT crm/demo/api/N/limeobject/order/N/ #1"),
    "number to the CRM": Write("number to the CRM", "wire PUT crm/demo/api/N/limeobject/order/N/ #2"),
    "invoice to the CRM": Write("invoice to the CRM", "wire PUT crm/demo/api/N/limeobject/order/N/ #3"),
    "customer to the CRM": Write("customer to the CRM", "wire PUT crm/demo/api/N/limeobject/company/N/ #1"),
}


def _erp(**points: str) -> tuple[Write, ...]:
    operations = {
        "customer": "create_customer",
        "article": "create_article",
        "price": "create_article",
        "order": "create_order",
        "conversion": "convert_to_invoice",
        "state": "convert_to_invoice",
    }
    return tuple(Write(name, f"wire {point} #1", operations[name]) for name, point in points.items())


_EACCOUNTING = _erp(
    customer="POST erp/N/customers",
    article="POST erp/N/articles",
    order="POST erp/N/orders",
    conversion="POST erp/N/customerinvoicedrafts",
    state="PUT erp/N/orders/N",
)
SYSTEMS: Mapping[str, tuple[Callable[[], Pair], tuple[Write, ...]]] = {
    "visma_eaccounting": (lambda: Consenting(VismaEAccounting()), (*_EACCOUNTING, *_GO.values())),
    "visma_eaccounting, no reference": (lambda: Consenting(Without()), (*_EACCOUNTING, *_GO.values())),
    "visma_admin": (
        lambda: LimeCrm(VismaAdmin(), missing_article="create"),
        (
            *_erp(
                customer="POST erp/N/companies/main/CUSTOMER/add",
                article="POST erp/N/companies/main/ARTICLE/add",
                order="POST erp/N/companies/main/ORDER_HEAD/add",
                conversion="POST erp/N/companies/main/INVOICE_HEAD/add",
            ),
            *_CRM.values(),
        ),
    ),
    "fortnox": (
        lambda: LimeGo(Fortnox()),
        (
            *_erp(
                customer="POST erp/N/customers",
                article="POST erp/N/articles",
                price="PUT erp/N/prices/A/A-1",
                order="POST erp/N/orders",
                conversion="PUT erp/N/orders/N/createinvoice",
            ),
            *_GO.values(),
        ),
    ),
    "poweroffice": (
        lambda: LimeCrm(PowerOffice()),
        (
            *_erp(
                customer="POST erp/N/Customers",
                article="POST erp/N/Products",
                order="POST erp/N/SalesOrders/Complete",
                conversion="POST erp/N/SalesOrders/N/CreateAndSendInvoice",
            ),
            *_CRM.values(),
        ),
    ),
}
"""An ERP, with the CRM that it is simulated with -> how the pair is made, and every write of its run."""

_NOTING = ("A tx done ", "A tx do ", "A tx tell_all ")
"""Points at which worker A commits that a write was done."""


def cases(bench: Bench, writes: tuple[Write, ...]) -> Iterator[Case]:
    """Give every case of every write, in the order of the table."""
    trace = [point.name for point in bench.undisturbed.trace]
    for write in writes:
        sent = trace.index(f"A {write.point}")
        noted = next(at for at in range(sent, len(trace)) if trace[at].startswith(_NOTING))
        for name, point in (("before send", sent), ("after answer", sent + 1), ("after done", noted + 1)):
            yield Case(f"killed {name}", write, {trace[point]: "kill"})
        for name, fault in FAULTS.items():
            yield Case(name, write, {trace[sent]: fault})


def token_cases(bench: Bench) -> Iterator[Case]:
    """Give every case of a token that is renewed within the run."""
    write, out = Write("token", "wire POST erp/connect/token #1"), {SIGNED_OUT: "sign_out"}
    trace = [point.name for point in bench.run(out).trace]
    sent = trace.index(f"A {write.point}")
    saved = next(at for at in range(sent, len(trace)) if trace[at].startswith("A tx save"))
    yield Case("killed before send", write, {**out, trace[sent]: "kill"})
    # The old token is spent and the new one gone with the worker: the run waits for a person who consents anew.
    yield Case("killed before its save, and consent", write, {**out, trace[saved]: "kill", CONSENTED: CONSENT})
    yield Case("killed after its save", write, {**out, trace[saved + 1]: "kill"})
    yield Case("outage", write, {**out, trace[sent]: "outage"})
    yield Case("answer lost, and consent", write, {**out, trace[sent]: "unanswered", CONSENTED: CONSENT})


def strategy(pair: Pair, write: Write) -> str:
    """Tell the strategy that the plugin declares for a write; empty for what needs none."""
    if write.operation is None:
        return ""
    assembly = pair.assembly("-")
    try:
        (sync,) = pair.read.syncs.values()
        return str(assembly.erp(sync.erp).effect(write.operation).kind.value)
    finally:
        assembly.close()


def states(pair: Pair) -> str:
    """Tell how the runs of the schedule that was run last ended, oldest first."""
    return ", ".join(run.state for run in pair.runs())


def counted(result: Result) -> tuple[int, ...]:
    """Count the documents and the entries of each register at the end of a schedule."""
    assert result.books is not None
    return (len(result.books.documents), *(len(held) for held in result.books.beside.values()))
