"""Where reading invoices goes on: a round asks for everything that changed since the round before began. Pure.

Rounds overlap by what the plugin goes back further than asked, as its system's clock demands
(`ErpHooks.fetch_invoices`); what comes twice changes nothing in the mirror.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BaseModel, ConfigDict

from erpcore.sync.shared.rules import SyncRules

DATED_AHEAD = timedelta(days=31)
"""How long before its own date an invoice may have been changed last: people date them ahead."""


class Place(BaseModel):
    """Where reading stands, as the store keeps it.

    Attributes:
        changed_since: What the round asks for; None for everything.
        began: When the round began that is under way, or the last one.
        page: The plugin's cursor of the next page; None when no round is under way.
        first: Whether the round is the first import from `invoices_since` on.
        since: The first day of the invoices that are wanted, by the rules of that time.
        read: Invoices that the round has read so far.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    changed_since: AwareDatetime | None
    began: AwareDatetime
    page: str | None = None
    under_way: bool = False
    first: bool = False
    since: date | None = None
    read: int = 0

    @property
    def text(self) -> str:
        """As it is kept."""
        return self.model_dump_json(exclude_defaults=True)


def beginning(rules: SyncRules, at: datetime) -> Place:
    """Give the place of a sync that has read nothing yet.

    Args:
        rules: Those of the sync. Without `invoices_since` only what changes from now on is wanted.
        at: The present, aware.
    """
    if rules.invoices_since is None:
        return Place(changed_since=at, began=at)
    day = datetime.combine(rules.invoices_since, time(), ZoneInfo(rules.time_zone))
    first = {"under_way": True, "first": True, "since": rules.invoices_since}
    return Place(changed_since=day - DATED_AHEAD, began=at, **first)


def going_on(kept: str, rules: SyncRules, at: datetime, asked_at: datetime | None) -> Place | None:
    """Give the place from which to read now.

    Args:
        kept: The place as it was kept.
        rules: Those of the sync.
        at: The present, aware.
        asked_at: When somebody last asked for the invoices at once, aware.

    Returns:
        None when it is not time to read.
    """
    place = Place.model_validate_json(kept)
    wanted, known = rules.invoices_since, place.since
    if wanted is not None and (known is None or wanted < known):
        return beginning(rules, at)  # a person wants older ones than before
    if place.under_way:
        return place
    asked = asked_at is not None and asked_at >= place.began
    if asked or at - place.began >= timedelta(minutes=rules.invoice_minutes) or at < place.began:
        return Place(changed_since=min(place.began, at), began=at, under_way=True, since=known)
    return None


def after_page(place: Place, next_page: str | None, count: int) -> Place:
    """Give the place after a page.

    Args:
        place: The one that the page was read at.
        next_page: The plugin's cursor of the next page; None after the last one.
        count: Invoices of the page.
    """
    over = next_page is None
    update = {"page": next_page, "read": place.read + count, "under_way": not over, "first": place.first and not over}
    return place.model_copy(update=update)
