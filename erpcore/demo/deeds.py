"""What a person does by hand in a demonstration, before anything is won: linking a company, as `erpcore link` does."""

from __future__ import annotations

import time

from rich.console import Console
from rich.markup import escape

from erpcore.demo.show import SYNC, World
from erpcore.engine.asking import ask
from erpcore.engine.worker import make_queue
from erpcore.store import OPEN_STATES, Run, get_run, latest_run
from erpcore.sync.shared.wish import Wish

_WAIT_SECONDS = 60.0
_LOOK_SECONDS = 0.15


def do_deeds(on: World, console: Console) -> bool:
    """Do what a person does by hand, one thing after the other, and tell what came of each.

    A company that an earlier demonstration has linked is left as it is.

    Args:
        on: The world.
        console: Where it is told.

    Returns:
        Whether all went well.
    """
    deeds = on.scenario.deeds(on.crm)
    if not deeds:
        return True
    with on.store.read() as reading:
        if latest_run(reading, sync=SYNC, record_kind="company", record_id=deeds[0].company_id) is not None:
            return True
    queue, well = make_queue(on.settings, on.store), True
    try:
        for deed in deeds:
            deed.before()
            asked = Wish(sync=SYNC, action=deed.action, by="the demonstration", person_id=deed.person_id)
            run = _ended(on, ask(on.settings, on.store, queue, deed.company_id, asked))
            fine = run.state == "done"
            told = (
                f"[green]{escape(run.summary or '')}[/]" if fine else f"[red]{escape(run.error_text or run.state)}[/]"
            )
            console.print(f"{escape(deed.words)}: {told}")
            well = well and fine
    finally:
        queue.close()
    console.print()
    return well


def _ended(on: World, run: Run) -> Run:
    end = time.monotonic() + _WAIT_SECONDS
    while run.state in OPEN_STATES and time.monotonic() < end:
        time.sleep(_LOOK_SECONDS)
        with on.store.read() as reading:
            run = get_run(reading, run.id)
    return run
