"""Articles and their prices.

The price on an article is the one in the company's price list; it is written there, not on the article (error 2000321).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from erpcore.errors import (
    ConflictError,
    GoneMeanwhileError,
    InvalidValueError,
    NotFoundError,
    OutcomeUnknownError,
    RejectedError,
    RemoteError,
)
from erpcore.fields import FieldMap, canonical
from erpcore.http import path_of
from erpcore.models import Article, ArticleQuery, ArticleSync, Page, RecordRef
from erpcore_fortnox import values
from erpcore_fortnox.client import FortnoxClient, Record
from erpcore_fortnox.fields import as_sent
from erpcore_fortnox.settings import FortnoxSettings

_DESCRIPTION = 200
_SHOWN_PRICE_LIST = "A"
"""The list whose price an article shows (seen in recorded replies)."""
_READ_IN_FULL = 10
"""So many that have a description are read one by one; of more, nobody can choose anyway."""
_ACTIVE, _INACTIVE = "active", "inactive"
_BY_NUMBER = {"sortby": "articlenumber", "sortorder": "ascending"}
_LIST_FROM = 20
"""So many articles to compare that reading the whole register is cheaper than one request for each."""


class Articles:
    """The register of articles.

    Args:
        client: Fortnox.
        field_map: The table of articles.
        settings: The connection's settings.
    """

    def __init__(self, client: FortnoxClient, field_map: FieldMap[Article], settings: FortnoxSettings) -> None:
        self._client = client
        self._map = field_map
        self._settings = settings

    def find(self, query: ArticleQuery) -> list[Article]:
        """Find articles by number, or by their exact description."""
        if query.number:
            record = self._by_number(query.number)
            found = [] if record is None else [record]
        elif query.description:
            listed = self._client.all("articles", "Articles", description=as_sent(query.description, _DESCRIPTION))
            found = [item for item in map(_unlisted, listed) if _fits(self._canonical(item), query)]
            if len(found) <= _READ_IN_FULL:
                # A list does not show whether an article is inactive.
                numbers = [str(item["ArticleNumber"]) for item in found]
                found = [record for record in map(self._by_number, numbers) if record is not None]
        else:
            return []
        articles = [self._canonical(record) for record in found]
        return [article for article in articles if _fits(article, query)]

    def create(self, article: Article) -> RecordRef:
        """Make an article and its price.

        An article that exists with the same number and description is taken for the one that an earlier attempt made,
        and gets its price.

        Raises:
            ConflictError: Another article has the number.
            OutcomeUnknownError: It may have been made; or it was made, but its price was not stored.
        """
        payload, price = self._payload(article, self._client.host.today())
        if not payload.get("Description"):
            raise InvalidValueError(
                "An article needs a description in letters that Fortnox takes.",
                field="description",
                advice="Give the product a name in the CRM.",
            )
        record = self._create(payload)
        number = str(record["ArticleNumber"])
        if price is not None:
            try:
                self._write_price(number, price)
            except RemoteError as error:
                raise _without_price(number, error) from error
        return RecordRef(number=number, raw=record)

    def sync(self, articles: Sequence[Article], *, there: bool) -> ArticleSync:
        """Make Fortnox's articles equal to these, by number.

        Args:
            articles: The articles.
            there: Whether each only changes an article that was there.

        Raises:
            InvalidValueError: An article has no number.
            GoneMeanwhileError: One that was there is not any more.
        """
        if any(not article.number for article in articles):
            raise InvalidValueError(
                "Articles are matched by their number, and one has none.", field="number", advice="Number it first."
            )
        listed = self._listed() if len(articles) > _LIST_FROM else None
        created, updated, unchanged = [], [], []
        for article in articles:
            number = article.number or ""
            held = self._held(article, number, listed)
            if held is None and there:
                raise GoneMeanwhileError(
                    f"Article {number} is not in Fortnox any more.",
                    record=f"article {number}",
                    advice="Nothing was made; both sides are compared anew.",
                )
            if held is None:
                created.append(self.create(article).number)
            elif self._make_equal(article, number, held):
                updated.append(number)
            else:
                unchanged.append(number)
        return ArticleSync(created=tuple(created), updated=tuple(updated), unchanged=tuple(unchanged))

    def fetch(self, changed_since: datetime | None, cursor: str | None) -> Page[Article]:
        """Read one page of articles; see `ErpHooks.fetch_articles`.

        A list does not show whether an article is active. So what changed is read in full, and all articles are listed
        in two parts, unless they are read in full too.
        """
        if changed_since is None and not self._settings.article_details:
            return self._fetch_all(cursor)
        found = self._client.page(
            "articles",
            "Articles",
            cursor,
            limit=self._settings.detailed_page_size,
            params={"lastmodified": self._client.changed_since(changed_since), **_BY_NUMBER},
        )
        records = [self._client.get(path_of("articles", str(item["ArticleNumber"])), "Article") for item in found.items]
        return Page[Article](items=tuple(self._canonical(record) for record in records), next_cursor=found.next_cursor)

    def _fetch_all(self, cursor: str | None) -> Page[Article]:
        part, _, page = (cursor or _ACTIVE).partition(":")
        if part not in (_ACTIVE, _INACTIVE):
            raise InvalidValueError(f"“{cursor}” is no cursor of this list.", advice="Start again without a cursor.")
        found = self._client.page("articles", "Articles", page or None, params={"filter": part, **_BY_NUMBER})
        following = None if found.next_cursor is None else f"{part}:{found.next_cursor}"
        items = (self._canonical({**_unlisted(item), "Active": part == _ACTIVE}) for item in found.items)
        return Page[Article](items=tuple(items), next_cursor=following or (_INACTIVE if part == _ACTIVE else None))

    def _payload(self, article: Article, today: date | None = None) -> tuple[dict[str, Any], Any]:
        payload = self._map.to_native(article, today=today)
        return payload, payload.pop("SalesPrice", None)

    def _create(self, payload: dict[str, Any]) -> Record:
        number = payload.get("ArticleNumber")
        try:
            return self._client.post("articles", "Article", payload, key="ArticleNumber")
        except (RejectedError, ConflictError) as error:
            # Which code a used number gives is unconfirmed, so the register is asked.
            held = self._by_number(number) if number else None
            if held is None:
                raise
            if self._canonical(held).description == payload["Description"]:
                return held
            raise ConflictError(
                f"Fortnox has another article {number}: “{held.get('Description')}”.",
                record=f"article {number}",
                advice="Give the product another number in the CRM, or the same name as in Fortnox.",
                vendor_text=error.vendor_text,
                vendor_code=error.vendor_code,
                status=error.status,
            ) from error

    def _write_price(self, number: str, price: Any) -> None:
        """Store the price for quantities from 0: change it, and make it when it is not there.

        Whether an article without a price has that step to be changed is unconfirmed, and both are handled.
        """
        payload = {"ArticleNumber": number, "PriceList": self._settings.price_list, "Price": price}
        try:
            self._client.put(path_of("prices", self._settings.price_list, number), "Price", payload)
        except NotFoundError:
            self._client.add("prices", "Price", {**payload, "FromQuantity": 0})

    def _price(self, number: str) -> Any:
        try:
            held = self._client.get(path_of("prices", self._settings.price_list, number), "Price")
        except NotFoundError:
            return None
        return values.number(held.get("Price"))

    def _by_number(self, number: str) -> Record | None:
        try:
            return self._client.get(path_of("articles", number), "Article")
        except NotFoundError:
            return None

    def _listed(self) -> Mapping[str, Record]:
        listed = map(_unlisted, self._client.all("articles", "Articles"))
        return {str(item.get("ArticleNumber")): item for item in listed}

    def _held(self, article: Article, number: str, listed: Mapping[str, Record] | None) -> Record | None:
        if listed is None:
            return self._by_number(number)
        item = listed.get(number)
        if item is None or self._map.to_native(article).keys() <= item.keys():
            return item
        return self._by_number(number)  # a list shows less than the record

    def _make_equal(self, article: Article, number: str, held: Record) -> bool:
        wanted = self._map.from_native(self._map.to_native(article))
        current = self._canonical(held)
        if "price" in wanted.model_fields_set and self._settings.price_list != _SHOWN_PRICE_LIST:
            current = current.model_copy(update={"price": self._price(number)})
        different = {name for name in wanted.model_fields_set if getattr(wanted, name) != getattr(current, name)}
        payload, price = self._payload(article)
        payload.pop("ArticleNumber", None)
        if different - {"price"}:
            self._client.put(path_of("articles", number), "Article", payload)
        if "price" in different:
            self._write_price(number, price)
        return bool(different)

    def _canonical(self, record: Record) -> Article:
        return canonical(self._map, record, f"article {record.get('ArticleNumber')}")


def _unlisted(item: Record) -> Record:
    """Give a list's item the forms of the record: a VAT of 0 is null in lists (seen in recorded replies)."""
    return {**item, "VAT": 0} if "VAT" in item and item["VAT"] is None else item


def _fits(article: Article, query: ArticleQuery) -> bool:
    if query.number and article.number != query.number:
        return False
    wanted = query.description
    return not wanted or article.description in (wanted, as_sent(wanted, _DESCRIPTION))


def _without_price(number: str, error: RemoteError) -> OutcomeUnknownError:
    """Tell that an article is there while its price is not."""
    return OutcomeUnknownError(
        f"Article {number} was made, but its price was not stored: {error.message}",
        record=f"article {number}",
        advice="Set the price in Fortnox, or send the article again.",
        vendor_text=error.vendor_text,
        vendor_code=error.vendor_code,
        status=error.status,
        request_id=error.request_id,
    )
