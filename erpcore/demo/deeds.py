"""What a person does by hand in a demonstration: linking a company, and raising a price in the ERP."""

from __future__ import annotations

import time
from decimal import Decimal

from rich.console import Console
from rich.markup import escape

from erpcore.demo.home import waited
from erpcore.demo.show import SYNC, World
from erpcore.engine.articles import ArticleRounds
from erpcore.engine.asking import ask
from erpcore.engine.assembly import Assembly
from erpcore.engine.worker import make_queue
from erpcore.hookspecs import Context
from erpcore.models import Article
from erpcore.store import OPEN_STATES, Run, get_articles, get_run, latest_run
from erpcore.sync.shared.wish import Wish

_WAIT_SECONDS = 60.0
_LOOK_SECONDS = 0.15
_PERSON = Context("demo:person")
_DEARER = Decimal(25)
_PATIENCE = 20.0
_NOT_COME = "[red]The new price has not arrived.[/]"


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


def change_an_article(on: World, console: Console) -> bool:
    """Have somebody raise a price in the ERP, go a round at once, and show what the CRM is told.

    Args:
        on: The world.
        console: Where it is shown.

    Returns:
        Whether the new price has arrived.
    """
    assembly, queue = Assembly(on.settings, on.store, worker="demo command"), make_queue(on.settings, on.store)
    try:
        erp = assembly.erp(on.scenario.erp)
        named = [each for each in erp.fetch_articles(None, None, _PERSON).items if each.number]
        held = max(named, key=lambda each: each.price or 0)
        price = Decimal(held.price or 0) + _DEARER
        erp.sync_articles([Article(number=held.number, price=price)], _PERSON)
        console.print(f"\n[green]In {on.scenario.erp}:[/] {escape(held.description or '')} costs {price} from now on.")
        rounds = ArticleRounds(on.store, queue, assembly.articles, on.settings.syncs)

        def arrived() -> bool:
            rounds.go(on.sync, wait=_PATIENCE)
            return _price(on, str(held.number)) == price

        came = waited(arrived)
        keeps = assembly.crm(on.scenario.crm).can("store_article")
        where = on.scenario.crm if keeps else f"erpcore, since {on.scenario.crm} has no place for products"
        console.print(f"[green]Article {escape(str(held.number))}[/] costs {price} in {where}." if came else _NOT_COME)
        return came
    finally:
        assembly.close()
        queue.close()


def _price(on: World, number: str) -> Decimal | None:
    """Give what is known to stand at the CRM, or in the mirror where the CRM keeps no articles."""
    with on.store.read() as connection:
        halves = get_articles(connection, on.sync, [number])[number].halves
    shown = halves["crm"].shown or halves["erp"].shown or {}
    return None if shown.get("price") is None else Decimal(shown["price"])
