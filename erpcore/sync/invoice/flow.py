"""A run of its own for an invoice that could not be told on its page: its story, its waits, its end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import sqlalchemy as sa

from erpcore.errors import MissingRecordError
from erpcore.problem import Problem
from erpcore.store import Run, describe, hold_run, note_told
from erpcore.sync.flow import Ending
from erpcore.sync.invoice.home import InvoicesHome
from erpcore.sync.window import Window, nothing


class InvoiceRun:
    """What is done for one invoice in a run.

    Args:
        home: The sync's invoices.
        window: With the worker and its clock; what holds the run is added.
    """

    def __init__(self, home: InvoicesHome, window: Window) -> None:
        self._home = home
        self._window = window

    def carry_out(self, run: Run, *, look_again: Callable[[sa.Connection], None] = nothing) -> Ending:
        """Read the invoice anew, keep it, and tell the CRM of it.

        Args:
            run: As it was taken; its record is the invoice's key in the mirror.
            look_again: Of no use here: nothing is made in the ERP.

        Raises:
            MissingRecordError: The mirror has no such invoice.
            ErpcoreError: As for `InvoicesHome.tell`.
        """
        home = self._home
        window = replace(self._window, hold=lambda connection: hold_run(connection, run))
        mirrored = home.read_again(run.record_id, window.hold)
        if mirrored is None:
            raise MissingRecordError(
                f"erpcore has read no invoice {run.record_id}.", advice="Look at: erpcore invoices", record=run.record
            )
        invoice = mirrored.invoice
        with window.begin() as connection:
            facts = {
                "name": f"Invoice {invoice.number}",
                "customer": invoice.customer_name,
                "amount": invoice.net,
                "currency": invoice.currency,
            }
            describe(connection, run, facts)
        # What the company owes is told first: it does not hang on what the CRM says to the invoice's copy.
        home.tell_companies([mirrored], window)
        told = home.tell(mirrored, window)
        with window.begin() as connection:
            note_told(connection, home.sync, [told])
        return Ending("done", f"Invoice {invoice.number} is told to the CRM.", {})

    def tell_failure(self, run: Run, problem: Problem) -> None:
        """Tell nobody: an invoice in the CRM has no place for a message, and lists show the run."""
