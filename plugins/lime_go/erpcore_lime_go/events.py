"""Events of the classic API, from its feed and its deliveries, in erpcore's words. No I/O.

An event's key is its position in the feed, which a delivery is taken to carry too, so that one event told both ways is
one. Confirmed are only the members ``position`` and ``eventType``; the rest is found where `EventNames` says.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from erpcore.errors import InvalidValueError
from erpcore.fields import OMIT, exact, identifier
from erpcore.models import CrmEvent

from .settings import EventNames
from .values import text

_LOG = logging.getLogger(__name__)

Kind = Literal["deal_won", "deal_changed", "company_is_customer", "company_changed", "other"]

KINDS: dict[str, Kind] = {
    "DealWon": "deal_won",
    "DealLost": "deal_changed",
    "DealStatusChange": "deal_changed",
    "OrganizationIsACustomer": "company_is_customer",
    "OrganizationBeenInTouch": "company_changed",
    "OrganizationHasNoRelation": "company_changed",
    "OrganizationWasACustomer": "company_changed",
    "OrganizationWorkingOnIt": "company_changed",
}
"""Events that mean something to erpcore (Lime Go API reference, Event subscription). All others are ``other``."""


def read_events(items: Sequence[Any], names: EventNames, window: str = "") -> list[CrmEvent]:
    """Read the items of one page or delivery, in their order.

    Args:
        items: The JSON values; one that is no event becomes an event of the kind ``other``.
        names: Where an event holds what.
        window: Goes into the key of an event without a position. Equal events of different windows are two.

    Returns:
        As many events as items.
    """
    seen: Counter[str] = Counter()
    found = []
    for item in items:
        key = _key(item, names, window)
        seen[key] += 1
        # The second of two equal items on one page is another event, unless its position says that it is the same.
        unique = key if key.startswith("position:") or seen[key] == 1 else f"{key}:{seen[key]}"
        found.append(_event(item if isinstance(item, dict) else {}, unique, names))
    return found


def _event(item: Mapping[str, Any], key: str, names: EventNames) -> CrmEvent:
    event_type = _text(item, names.event_type)
    kind = KINDS.get(event_type or "", "other")
    record_id = _identifier(item, names.deal_id if kind.startswith("deal") else names.company_id)
    if kind != "other" and record_id is None:
        _LOG.warning(
            "An event %s (%s) names no record where it is looked for; it has %s. See the setting event_names.",
            event_type,
            key,
            ", ".join(sorted(map(str, item))),
        )
        kind = "other"
    return CrmEvent(
        key=key, kind=kind, record_id=record_id, happened_at=_moment(item, names), facts=_facts(item, names, event_type)
    )


def _facts(item: Mapping[str, Any], names: EventNames, event_type: str | None) -> dict[str, Any]:
    coworker = item.get("coworker")
    person = coworker if isinstance(coworker, dict) else {}
    full_name = " ".join(filter(None, (_text(person, (part,)) for part in ("firstName", "lastName"))))
    facts = {
        "event_type": event_type,
        "deal_name": _text(item, names.deal_name),
        # As text, since what is stored must not become a float.
        "deal_value": _amount(item, names),
        "coworker_name": full_name or None,
        "coworker_email": _text(person, ("email",)),
    }
    return {name: value for name, value in facts.items() if value is not None}


def _key(item: Any, names: EventNames, window: str) -> str:
    if isinstance(item, dict) and (position := _identifier(item, names.position)) is not None:
        return f"position:{position}"
    # JSON text of sorted members: a repeated delivery need not have them in the same order.
    written = json.dumps([window, item], sort_keys=True, default=str)
    return f"body:{hashlib.sha256(written.encode()).hexdigest()[:32]}"


def _find(item: Mapping[str, Any], paths: Sequence[str]) -> Any:
    for path in paths:
        value: Any = item
        for name in path.split("."):
            value = value.get(name) if isinstance(value, dict) else None
        if value is not None:
            return value
    return None


def _text(item: Mapping[str, Any], paths: Sequence[str]) -> str | None:
    value = _find(item, paths)
    return text(value) if isinstance(value, str | int) else None


def _identifier(item: Mapping[str, Any], paths: Sequence[str]) -> str | None:
    found = identifier(_find(item, paths))
    return None if found is OMIT else found


def _amount(item: Mapping[str, Any], names: EventNames) -> str | None:
    try:
        raw = _find(item, names.deal_value)
        amount = None if raw is None else exact(raw)
    except InvalidValueError:
        return None  # the deal itself is read later; an odd value there is told to a person
    return None if amount is None else str(amount)


def _moment(item: Mapping[str, Any], names: EventNames) -> datetime | None:
    written = _text(item, names.happened_at)
    try:
        moment = datetime.fromisoformat(written) if written else None
    except ValueError:
        return None
    # A time without a zone says nothing that can be relied on.
    return moment if moment is not None and moment.tzinfo is not None else None
