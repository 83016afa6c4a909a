"""An article that is changed in the ERP, and arrives in the CRM, as the demonstration shows it."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from erpcore.demo.home import waited
from erpcore.engine.articles import ArticleRounds
from erpcore.engine.assembly import Assembly
from erpcore.engine.worker import make_queue
from erpcore.hookspecs import Context
from erpcore.models import Article
from erpcore.store import get_articles

if TYPE_CHECKING:
    from erpcore.demo.show import World

_PERSON = Context("demo:person")
_DEARER = Decimal(25)
_PATIENCE = 20.0
_NOT_COME = "[red]The new price has not arrived.[/]"


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
