"""What a person asks for a company by hand: put in beside the CRM's events, and worked on by a run of its own.

So a wish has a story like everything else, goes through the intent ledger, and is gone on with whatever breaks it.
"""

from __future__ import annotations

from erpcore.engine.assembly import Assembly
from erpcore.engine.attempts import Attempts
from erpcore.engine.queue import RunQueue
from erpcore.errors import ErpcoreError
from erpcore.settings import Settings
from erpcore.store import Run, Store, get_run, open_run, put_event
from erpcore.sync.shared.wish import WISH, Wish


def ask(settings: Settings, store: Store, queue: RunQueue, company_id: str, wish: Wish) -> Run:
    """Put a wish in, with the run that carries it out.

    Args:
        settings: The settings.
        store: The store.
        queue: Where the run waits.
        company_id: The CRM's key of the company.
        wish: What is asked.

    Raises:
        ErpcoreError: The company is being handled at this moment.
    """
    rules = settings.sync_named(wish.sync)
    with store.begin() as writing:
        run, new = open_run(
            writing, sync=wish.sync, source=rules.crm, target=rules.erp, record_kind="company", record_id=company_id
        )
        if not new:
            raise ErpcoreError(
                f"run {run.id} of it is {run.state}.",
                record=run.record,
                advice="Wait for its end, then ask again. Nothing was noted.",
            )
        put_event(
            writing,
            source=rules.crm,
            event_key=f"{WISH}:{run.id}",
            kind=WISH,
            record_kind="company",
            record_id=company_id,
            payload=wish.model_dump(mode="json"),
        )
        queue.enqueue(writing, run, attempt=1)
    return run


def carry_out_here(assembly: Assembly, queue: RunQueue, run: Run, worker: str) -> Run:
    """Carry out the first attempt at a run in this process, because no worker is there to take it from the queue.

    A worker that starts meanwhile takes the run over, and this process then writes and sends nothing more.

    Args:
        assembly: The connections and the store.
        queue: Where a later attempt waits.
        run: From `ask`.
        worker: Name of this process in the run's story.

    Returns:
        The run as it stands then.
    """
    attempts = Attempts(assembly.store, queue, assembly.flow, assembly.settings.worker, worker)
    attempts.carry_out(run.id, 1)
    with assembly.store.read() as reading:
        return get_run(reading, run.id)
