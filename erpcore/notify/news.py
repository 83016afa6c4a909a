"""What is to be told now, of what stands and of what people know already. Pure.

The first of a cause is told at once, and with it all that is new; what fails later for the same cause is told together;
and one word is said when a cause is over.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from erpcore.notice_settings import MailSettings
from erpcore.problem import Problem
from erpcore.store import CauseOfSync, Failing, Notice

NewsKind = Literal["began", "more", "over"]
"""A cause is new; more records wait for a known one; nothing waits for it any more."""


@dataclass(frozen=True)
class Trouble:
    """A cause that is there in a sync now.

    Attributes:
        cause: Its key.
        since: Since when, aware.
        untold: Records that people were not told of.
        run_id: A run that failed for it; None when only a connection fails as a whole.
        problem: What is wrong with the connection; None when that must be read from the run.
    """

    cause: str
    since: datetime
    untold: int = 0
    run_id: int | None = None
    problem: Problem | None = None


@dataclass(frozen=True)
class News:
    """Something to tell about a cause.

    Attributes:
        kind: What.
        cause: The cause's key.
        since: Since when it is, or was, there.
        untold: Records that people were not told of.
        run_id: As in `Trouble`.
        problem: The problem, where it is known.
    """

    kind: NewsKind
    cause: str
    since: datetime
    untold: int
    run_id: int | None
    problem: Problem | None


def troubles_of(
    sync: str,
    connections: Collection[str],
    causes: Iterable[CauseOfSync],
    failing: Iterable[Failing],
    known: Collection[str],
    at: datetime,
    rules: MailSettings,
) -> dict[str, Trouble]:
    """Give every cause that is there in a sync, by its key.

    Args:
        sync: Name of the sync.
        connections: Its two connections.
        causes: For which records need a person.
        failing: Connections that fail as a whole.
        known: Keys of the causes that people were told of.
        at: The present, aware.
        rules: When an outage has lasted long enough to be told of; a consent that is missing is told of at once.
    """
    found = {
        each.cause: Trouble(each.cause, each.since, each.untold, each.run_id) for each in causes if each.sync == sync
    }
    for each in failing:
        if each.connection not in connections:
            continue
        key = each.problem.key
        needs_consent = each.problem.error_class == "ConsentNeededError"
        if not (needs_consent or key in known or at - each.since >= timedelta(minutes=rules.outage_minutes)):
            continue
        before = found.get(key, Trouble(key, each.since))
        found[key] = replace(before, since=min(before.since, each.since), problem=each.problem)
    return found


def due_news(
    troubles: Mapping[str, Trouble], known: Sequence[Notice], last: datetime | None, at: datetime, rules: MailSettings
) -> list[News]:
    """Decide what of a sync is to be told now.

    Args:
        troubles: What is there.
        known: What people were told of.
        last: When something of this sync was told last, aware; None when never.
        at: The present, aware.
        rules: How often.

    Returns:
        Nothing while the last message is too fresh; else all that there is, when one of it is urgent enough.
    """
    if last is not None and at - last < timedelta(minutes=rules.pause_minutes):
        return []
    told = {notice.cause: notice for notice in known}
    began = [_news("began", each) for key, each in troubles.items() if key not in told]
    more = [_news("more", each) for key, each in troubles.items() if key in told and each.untold]
    over = [
        News("over", key, notice.since, 0, None, notice.problem) for key, notice in told.items() if key not in troubles
    ]
    digest = timedelta(minutes=rules.digest_minutes)
    if began or over or any(at - told[each.cause].told_at >= digest for each in more):
        return [*began, *more, *over]
    return []


def _news(kind: NewsKind, trouble: Trouble) -> News:
    return News(kind, trouble.cause, trouble.since, trouble.untold, trouble.run_id, trouble.problem)
