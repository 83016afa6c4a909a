"""Articles and their groups: read from Lime CRM, and stored there by number, groups first so that they can be tied."""

from __future__ import annotations

from collections.abc import Sequence

from erpcore.errors import (
    AmbiguousMatchError,
    ChangedMeanwhileError,
    GoneMeanwhileError,
    InvalidValueError,
    UnsupportedOperationError,
)
from erpcore.models import Article, Moment, Page, RecordRef

from .client import LimeCrm
from .records import Record, with_empty_relations
from .settings import LimeCrmSettings
from .values import same
from .written_fields import article_map

_OF_ITS_OWN = frozenset({"number", "key", "changed_at"})
"""What of an article nobody changes by hand."""


class Articles:
    """One connection's articles.

    Args:
        lime: The connection's protocol.
        settings: The connection's settings.
    """

    def __init__(self, lime: LimeCrm, settings: LimeCrmSettings) -> None:
        self._lime = lime
        self._settings = settings
        self._map = article_map(settings)

    def fetch(self, changed_since: Moment | None, cursor: str | None) -> Page[Article]:
        """Read one page of articles.

        A list cannot be filtered by time in any published way, so all are read and the older ones left out here; a
        register of articles is small.

        Args:
            changed_since: Only those changed at or after this moment; None for all.
            cursor: What the page before gave.
        """
        names = self._settings.article
        self._require(names.limetype)
        path = f"limeobject/{names.limetype}"
        found = self._lime.page(path, names.limetype, embed=[names.group], after=cursor)
        wanted = [each for each in found.items if changed_since is None or _changed(each, changed_since)]
        items = tuple(self._canonical(each) for each in wanted)
        return Page[Article](items=items, next_cursor=found.next_cursor)

    def store(self, article: Article, seen: Article | None) -> RecordRef:
        """Store an article. Doing it twice changes nothing more.

        Lime CRM has no way to change an object only if it is as it was (limeobject), so it is read right before.

        Args:
            article: The ERP's article with its number.
            seen: What Lime CRM showed of it when that was decided; None where that does not count.

        Raises:
            ChangedMeanwhileError: Lime CRM shows something else by now.
            GoneMeanwhileError: Lime CRM showed it, and does not have it any more.
            InvalidValueError: It has no number.
            AmbiguousMatchError: Lime CRM has several articles or groups that fit.
        """
        names = self._settings.article
        self._require(names.limetype)
        if not article.number:
            raise InvalidValueError("An article without a number cannot be stored.", field="number")
        record = f"article {article.number}"
        embed = [names.group] if seen is not None else []
        held = self._only(names.limetype, names.number, article.number, record, embed)
        if held is None and seen is not None:
            raise GoneMeanwhileError(
                f"Article {article.number} is not in Lime CRM any more.",
                connection=self._lime.connection,
                record=record,
                advice="Nothing was made; both sides are compared anew.",
            )
        if held is not None and seen is not None:
            self._refuse_changed(self._canonical(held), article, seen)
        group = self._group(article.group, record) if article.group and names.group else None
        payload = self._map.to_native(article, clearing=held is not None)
        if group is not None:
            payload[names.group] = group
        elif held is not None and names.group and article.shown("group") and not article.group:
            payload[names.group] = None
        if held is None:
            return RecordRef(number=article.number, key=str(self._lime.create(names.limetype, payload).id))
        zone = self._settings.zone
        changes = {name: value for name, value in payload.items() if not same(held.values.get(name), value, zone)}
        if changes:
            self._lime.change(names.limetype, held.id, changes)
        return RecordRef(number=article.number, key=str(held.id))

    def _refuse_changed(self, held: Article, article: Article, seen: Article) -> None:
        def is_known(name: str) -> bool:
            # What it shows as it is to be was written before, by an attempt whose answer is lost.
            to_be = [getattr(article, name)] if article.shown(name) else []
            return getattr(held, name) in (getattr(seen, name), *to_be)

        names = seen.model_fields_set - _OF_ITS_OWN
        if other := sorted(name for name in names if held.shown(name) and not is_known(name)):
            raise ChangedMeanwhileError(
                f"Article {article.number} was changed in Lime CRM since it was read: {', '.join(other)}.",
                connection=self._lime.connection,
                record=f"article {article.number}",
                advice="Nothing was written; it is read and compared anew.",
            )

    def _canonical(self, held: Record) -> Article:
        stamped = {} if held.timestamp is None else {"_timestamp": held.timestamp}
        return self._map.from_native({**with_empty_relations(held.values, self._map), **stamped})

    def _group(self, name: str, record: str) -> int | None:
        names = self._settings.article_group
        if not names.limetype or not names.name:
            return None
        held = self._only(names.limetype, names.name, name, record)
        if held is None:
            values = {names.name: name} | ({names.active: True} if names.active else {})
            held = self._lime.create(names.limetype, values, looked_for=True)
        return held.id

    def _only(self, limetype: str, name: str, value: str, record: str, embed: Sequence[str] = ()) -> Record | None:
        found = self._lime.find(limetype, name, value, embed=embed)
        if len(found) > 1:
            raise AmbiguousMatchError(
                f"Lime CRM has several {limetype} with {name} “{value}”.",
                candidates=[f"{each.limetype} {each.id}" for each in found],
                connection=self._lime.connection,
                record=record,
                advice="Correct all but one of them.",
            )
        return found[0] if found else None

    def _require(self, limetype: str) -> None:
        if not limetype:
            raise UnsupportedOperationError(
                "The installation has no articles (article.limetype is empty).", connection=self._lime.connection
            )


def _changed(record: Record, since: Moment) -> bool:
    return record.timestamp is None or record.timestamp >= since
