"""Invoices on their way home: people book, pay and credit them in the ERP while workers read them and tell the CRM."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from random import Random
from typing import ClassVar

from erpcore.simulator import Clock
from erpcore.testing.simulation import Books, Pair, System
from erpcore.testing.simulation.installation import World
from erpcore.testing.simulation.oracle import unsettled
from tests.simulation.erps import Erp, Fortnox, PowerOffice, VismaAdmin, VismaEAccounting
from tests.simulation.pairs import LimeCrm, LimeGo, PairWithErp


class Home(PairWithErp):
    """A record that has become an invoice before the schedule begins. People book it, and pay it a minute later.

    A strike may pay a part of it, all of it earlier, or credit it.
    """

    changes = ()

    def __init__(self, erp: Erp) -> None:
        super().__init__(erp, invoices_since="2026-03-01", invoice_minutes=0.001)
        self.acts = {"pay_part": lambda: erp.pay("100"), "pay": erp.pay, "credit": erp.credit}
        with World(self, lambda point: "", 1, 1) as world:
            world.run()
        self.keep()
        self.brings_home, self.planned = True, [(60.0, "pay")]

    def people_begin(self, records: int) -> None:
        if self.brings_home:
            self.erp.book()
        else:
            super().people_begin(records)

    def judged(self, books: Books, usual: Collection[Books], strikes: Collection[str]) -> list[str]:
        """Tell what does not hold: the CRM shows what the ERP has, once, unless a run says that it cannot be told."""
        runs, erp, crm = self.runs(), books.beside["erp"], books.beside["crm"]
        found = unsettled(self, runs, strikes)
        if erp != crm and all(run.state != "failed" for run in runs):
            found.append(f"DIFFERS the ERP has {erp}, the CRM shows {crm}")
        return found


class HomeToLimeGo(Home, LimeGo):
    """Lime Go shows on the deal what its invoices come to."""

    fields: ClassVar = {f"invoice{name}_field": f"Faktura{name}" for name in ("s", "_total", "_balance", "_colour")}
    crm_settings: ClassVar = {**LimeGo.crm_settings, **fields}

    def make(self, clock: Clock, random: Random) -> dict[str, System]:
        made = super().make(clock, random)
        self.lime.seed({"custom_fields": [{"title": title, "entity_type": "deals"} for title in self.fields.values()]})
        return made

    def books(self) -> Books:
        numbers, totals, left = zip(*self.erp.owed(), strict=True)
        ought = (", ".join(numbers), f"{sum(totals):.2f}", f"{sum(left):.2f}", "yellow" if max(left) else "green")
        shown = tuple(str(self.lime.custom_field(self.deals["1"], title)) for title in self.fields.values())
        return Books((), {"erp": ought, "crm": shown}, {})


class HomeToLimeCrm(Home, LimeCrm):
    """Lime CRM keeps copies of the invoices."""

    crm_settings: ClassVar = {**LimeCrm.crm_settings, "invoice": {"colour": "invoice_colour"}}
    _fields = ("invoice_number", "invoice_total_sum", "invoice_balance", "invoice_colour")

    def books(self) -> Books:
        text = "{} {:.2f} {:.2f} {}".format
        copies = [each.values for each in self.lime.account.all("invoice")]
        ought = [text(*each, "yellow" if each[2] else "green") for each in self.erp.owed()]
        shown = [text(*(copy[name] for name in self._fields)) for copy in copies]
        return Books((), {"erp": tuple(ought), "crm": tuple(shown)}, {})


HOMES: Mapping[str, Callable[[], Pair]] = {
    "fortnox_home_lime_go": lambda: HomeToLimeGo(Fortnox()),
    "poweroffice_home_lime_crm": lambda: HomeToLimeCrm(PowerOffice()),
    "visma_eaccounting_home_lime_go": lambda: HomeToLimeGo(VismaEAccounting()),
    "visma_admin_home_lime_crm": lambda: HomeToLimeCrm(VismaAdmin()),
}
"""The same four ERPs, with the CRM that they bring invoices home to."""
