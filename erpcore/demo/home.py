"""Invoices on their way home, as the demonstration shows them: booked, paid, and past due by a clock that is moved."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from erpcore.host import SYSTEM_CLOCK, Clock
from erpcore.store import MirroredInvoice, ask_for_invoices, list_invoices, shown_state

if TYPE_CHECKING:
    from erpcore.demo.show import World

WAIT_SECONDS = 30.0
_LOOK_SECONDS = 0.2
_DAYS = 35
"""Past the usual thirty days of payment, and before any sign-in that nobody renews ends."""
_STYLES = {"green": "green", "yellow": "yellow", "red": "bold red"}


class SimulatedTime:
    """The simulators' time, which the demonstration moves ahead so that nobody waits for a day of payment.

    erpcore lives in the ERP's: a simulator keeps how far it is ahead, and no time ever goes back.

    Args:
        erp: The ERP's simulator.
        crm: The CRM's simulator.
    """

    def __init__(self, erp: Any, crm: Any) -> None:
        self._clocks = (erp.clock, crm.clock)
        self.clock = Clock(erp.clock.monotonic, erp.clock.now, SYSTEM_CLOCK.sleep)

    def move(self, days: int) -> None:
        """Let days pass.

        Args:
            days: How many.
        """
        for clock in self._clocks:
            clock.advance(days * 86_400.0)


@dataclass(frozen=True)
class Settled:
    """What people did with the invoices in the ERP.

    Attributes:
        words: A sentence for each thing that they did just now.
        paid: Numbers of the invoices that are paid.
        unpaid: Numbers of those that are booked and not paid.
    """

    words: list[str]
    paid: list[str]
    unpaid: list[str]


def bring_home(on: World, console: Console) -> bool:
    """Have invoices booked and paid in the ERP, and show their colours; then let their day of payment pass.

    Args:
        on: The world.
        console: Where it is shown.

    Returns:
        Whether every colour came.
    """
    settled = on.scenario.settle(on.erp)
    console.print()
    for words in settled.words:
        console.print(f"[green]In {on.scenario.erp}:[/] {escape(words)}")
    with on.store.begin() as connection:
        ask_for_invoices(connection, on.scenario.erp, on.sync)
    first = {**dict.fromkeys(settled.paid, ("green",)), **dict.fromkeys(settled.unpaid, ("yellow", "red"))}
    well = _shown(on, console, first, "The invoices have come home")
    if settled.unpaid:
        on.time.move(_DAYS)
        on.scenario.prepare(on.erp, on.store)  # a consent that nobody used for so long may be gone
        console.print(f"[yellow]{_DAYS} days pass.[/] Whoever has not paid by now is late.")
        then = {**dict.fromkeys(settled.paid, ("green",)), **dict.fromkeys(settled.unpaid, ("red",))}
        well = _shown(on, console, then, "What was not paid is past due") and well
    return well


def _shown(on: World, console: Console, wanted: Mapping[str, tuple[str, ...]], title: str) -> bool:
    """Wait until the CRM has been told of these colours, and show them."""

    def has_come() -> bool:
        told = {each.invoice.number: each.told_colour for each in _mirror(on) if not each.waiting}
        return all(told.get(number) in colours for number, colours in wanted.items())

    came = waited(has_come)
    table = Table(title=title)
    for name in ("Invoice", "Customer", "Total", "Left to pay", "Due", "State", f"{on.scenario.crm} shows"):
        table.add_column(name, no_wrap=name == "Due")  # half a day is none
    today = on.settings.syncs[on.sync].day_of(on.time.clock.now())
    for each in sorted(_mirror(on), key=lambda each: each.key):
        invoice, state = each.invoice, shown_state(each.invoice, today)
        record_id = each.owner.record_id
        table.add_row(
            invoice.number,
            escape(invoice.customer_name or ""),
            f"{invoice.total} {invoice.currency}",
            str(invoice.balance),
            str(invoice.due_date),
            f"[{_STYLES.get(state, 'white')}]{state}[/]",
            "" if record_id is None else escape(on.scenario.colour_shown(on.crm, record_id)),
        )
    console.print(table)
    if not came:
        console.print(f"[red]Not every colour came within {WAIT_SECONDS:.0f} seconds.[/]")
    return came


def _mirror(on: World) -> list[MirroredInvoice]:
    with on.store.read() as connection:
        today = on.settings.syncs[on.sync].day_of(on.time.clock.now())
        return list_invoices(connection, on.sync, today=today)


def waited(has_come: Callable[[], bool]) -> bool:
    """Wait until something has come; give whether it came within `WAIT_SECONDS`."""
    until = time.monotonic() + WAIT_SECONDS
    while not (came := has_come()) and time.monotonic() < until:
        time.sleep(_LOOK_SECONDS)
    return came
