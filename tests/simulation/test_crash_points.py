"""Crash points by name: each write of a run is struck six times, and there is one document; a table tells of each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import ClassVar

import pytest

from erpcore.testing.simulation import Bench, Pair, Strikes
from erpcore.testing.simulation.author import AuthorPair, contract_in
from tests.simulation.erps import Fortnox, PowerOffice, VismaAdmin, VismaEAccounting
from tests.simulation.pairs import LimeCrm, LimeGo


class Without(VismaEAccounting):
    """Visma eAccounting where our key is not printed, so that nothing can tell two orders apart."""

    settings: ClassVar = {**VismaEAccounting.settings, "references": "none"}


SYSTEMS: Mapping[str, Callable[[], Pair]] = {
    "visma_eaccounting": lambda: LimeGo(VismaEAccounting()),
    "visma_eaccounting, no reference": lambda: LimeGo(Without()),
    "visma_admin": lambda: LimeCrm(VismaAdmin(), missing_article="create"),
    "fortnox": lambda: LimeGo(Fortnox()),
    "poweroffice": lambda: LimeCrm(PowerOffice()),
}
SAMPLE = 5
"""Every so many cases are struck in each run of the tests."""
WRITES = {
    "customer": ("create_customer", "POST erp.*([Cc]ustomers|CUSTOMER/add)$"),
    "article": ("create_article", "POST erp.*(articles|Products|ARTICLE/add)$"),
    "price": ("create_article", "erp.*(prices/A/A-1|PRICE/add)$"),
    "order": ("create_order", "POST erp.*(/orders|SalesOrders/Complete|ORDER_HEAD/add)$"),
    "conversion": ("convert_to_invoice", "erp.*(createinvoice|CreateAndSendInvoice|invoicedrafts|INVOICE_HEAD/add)$"),
    "state": ("convert_to_invoice", "PUT erp.*/orders/N$"),
    "told": ("", "wire [A-Z]+ crm"),
}
"""What is written: the hook whose strategy tells what becomes of it, and what the point is known by."""
NOTING = ("A tx done ", "A tx do ", "A tx tell_all ")
"""Points at which worker A commits that a write was done."""


def after(trace: list[str], begun: int, kinds: str | tuple[str, ...]) -> int:
    """Give the next point of these kinds."""
    return next(at for at in range(begun, len(trace)) if trace[at].startswith(kinds))


def cases(bench: Bench) -> Iterator[tuple[str, str, Strikes]]:
    """Give each case of each write: its name, the hook that writes, and the strikes that it is."""
    trace = [point.name for point in bench.undisturbed.trace]
    for sent, point in enumerate(bench.undisturbed.trace):
        if point.write:
            label = point.name.rpartition(" #")[0]
            ((what, hook),) = [(what, hook) for what, (hook, known) in WRITES.items() if re.search(known, label)]
            for name, at, strike in (
                ("killed before send", sent, "kill"),
                ("killed after answer", sent + 1, "kill"),
                ("killed after done", after(trace, sent, NOTING) + 1, "kill"),
                ("killed, and the request arrives late", sent, "gone"),
                ("outage", sent, "outage"),
                ("answer lost", sent, "unanswered"),
            ):
                yield f"{what} ({point.name}): {name}", hook, {trace[at]: strike}


def token_cases(bench: Bench) -> Iterator[tuple[str, str, Strikes]]:
    """Give each case of a token that is renewed within the run.

    The old one is spent: where the new one is gone with the worker, the run waits for a person who consents anew.
    """
    out = {"A wire GET erp/N/companysettings #1": "sign_out"}
    trace = [point.name for point in bench.run(out).trace]
    sent = trace.index("A wire POST erp/connect/token #1")
    saved = after(trace, sent, "A tx save")
    yield "token: killed before send", "", {**out, trace[sent]: "kill"}
    yield "token: killed before its save, and consent", "", {**out, trace[saved]: "kill"}
    yield "token: killed after its save", "", {**out, trace[saved + 1]: "kill"}
    yield "token: outage", "", {**out, trace[sent]: "outage"}
    yield "token: answer lost, and consent", "", {**out, trace[sent]: "unanswered"}


@pytest.mark.parametrize(
    ("name", "every"),
    [
        *(pytest.param(name, SAMPLE, id=f"{name}-sample") for name in SYSTEMS),
        *(pytest.param(name, 1, id=name, marks=pytest.mark.proof) for name in SYSTEMS),
    ],
)
def test_each_crash_point_leaves_one_document(name: str, every: int, capsys: pytest.CaptureFixture[str]) -> None:
    bench, uncertain, lines = Bench(SYSTEMS[name]()), 0, [""]
    assembly = bench.pair.assembly("-")
    (sync,) = bench.pair.read.syncs.values()
    effect = assembly.erp(sync.erp).effect
    assembly.close()
    found = [*cases(bench), *(token_cases(bench) if name.startswith("visma_eaccounting") else ())]
    for told, hook, strikes in found[::every]:
        result = bench.run(strikes)
        assert (set(result.strikes), result.violations) == (set(strikes), ()), told
        assert result.books is not None
        documents, beside = len(result.books.documents), [len(held) for held in result.books.beside.values()]
        ends, kind = [run.state for run in bench.pair.runs()], effect(hook).kind.value if hook else ""
        if "uncertain" in ends:
            uncertain += 1
            assert kind == "none", f"{told}: the strategy {kind} promises an answer"
        else:  # a run after the one that did it all finds nothing to do
            assert (documents, set(ends) - {"done", "nothing"}) == (1, set()), told
        assert max(documents, *beside) <= 1, told
        lines.append(f"{name:32} {told:110} {documents} {beside[0]}  {', '.join(ends):16} {kind}")
    lines.append(f"{name}: {len(found[::every])} of {len(found)} cases, {uncertain} uncertain")
    with capsys.disabled():
        print(*(lines if every == 1 else lines[-1:]), sep="\n")  # noqa: T201  the table, or its sum


def test_an_article_whose_price_meets_an_outage_has_it_in_the_end_at_visma_admin() -> None:
    """At Visma Administration a price is a record of its own; an article without one is not whole."""
    contract = contract_in(Path("plugins/visma_admin/tests/test_visma_admin_contract.py"))
    assert Bench(AuthorPair(contract)).run({"A wire POST erp/N/companies/main/PRICE/add #1": "outage"}).violations == ()
