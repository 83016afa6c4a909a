"""Articles, each with its base price, which is a record of its own in a price list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from erpcore.errors import ConflictError, GoneMeanwhileError, InvalidValueError
from erpcore.fields import FieldMap
from erpcore.models import Article, ArticleQuery, ArticleSync, Page, RecordRef
from erpcore_visma_admin import values
from erpcore_visma_admin.adk.tables import TIMESTAMP
from erpcore_visma_admin.changes import Beside, page
from erpcore_visma_admin.company import Company, Record
from erpcore_visma_admin.documents import LONGEST_KEY, canonical
from erpcore_visma_admin.fields import PRICE
from erpcore_visma_admin.settings import VismaAdminSettings

_TABLE, _PRICES = "ARTICLE", "PRICE"
_OF_PRICES = Beside(_PRICES, "ARTICLE_NUMBER")
_LONGEST_NUMBER = 16


class Articles:
    """The register of articles.

    Args:
        company: The company.
        field_map: The table of articles.
        settings: The connection's settings.
    """

    def __init__(self, company: Company, field_map: FieldMap[Article], settings: VismaAdminSettings) -> None:
        self._company = company
        self._map = field_map
        self._settings = settings

    def find(self, query: ArticleQuery) -> list[Article]:
        """Find articles; see `ErpHooks.find_articles`. By description, the register is read through."""
        if query.number:
            record = self._by_number(query.number)
            found = [] if record is None else [record]
        elif query.description:
            found = self._company.search(_TABLE, {"NAME": query.description})
        else:
            return []
        articles = [self._canonical(record) for record in found]
        return [article for article in articles if not query.description or article.description == query.description]

    def create(self, article: Article) -> RecordRef:
        """Make an article towards the setting's coding, with its price. One that is there already is made whole.

        Raises:
            InvalidValueError: It has no number that is possible.
            ConflictError: The number is another article's.
        """
        fields, price = self._native(article)
        number = _required_number(fields)
        held = self._by_number(number)
        if held is None:
            # Not as repeatable: whoever meets an article without its price takes it for a whole one. So when the price
            # fails, this article must count as not made yet.
            held = self._add(fields, repeatable=False)
        elif "NAME" in fields and held["NAME"] != fields["NAME"]:
            raise ConflictError(
                f"Visma Administration has another article {number}: “{held['NAME']}”.",
                record=f"article {number}",
                advice="Give the product another number in the CRM, or the same name as in Visma Administration.",
            )
        if price is not None:
            self._set_price(number, price)
        return RecordRef(number=str(held["NUMBER"]), raw=held)

    def sync(self, articles: Sequence[Article], *, there: bool) -> ArticleSync:
        """Make the register's articles equal to these; see `ErpHooks.sync_articles`."""
        made: list[str] = []
        changed: list[str] = []
        same: list[str] = []
        for article in articles:
            fields, price = self._native(article, clearing=True)
            number = _required_number(fields)
            held = self._by_number(number)
            if held is None and there:
                raise GoneMeanwhileError(
                    f"Article {number} is not in Visma Administration any more.",
                    record=f"article {number}",
                    advice="Nothing was made; both sides are compared anew.",
                )
            if held is None:
                self._add(self._map.to_native(article, today=self._company.today()), repeatable=True)
                made.append(number)
                if price is not None:
                    self._set_price(number, price)
                continue
            different = {name: value for name, value in fields.items() if held.get(name) != value}
            if different:
                self._company.change(_TABLE, number, different)
            priced = price is not None and self._set_price(number, price)
            (changed if different or priced else same).append(number)
        return ArticleSync(created=tuple(made), updated=tuple(changed), unchanged=tuple(same))

    def fetch(self, changed_since: datetime | None, cursor: str | None) -> Page[Article]:
        """Read one page of articles; see `ErpHooks.fetch_articles`."""
        records, following = page(self._company, self._settings, _TABLE, _OF_PRICES, changed_since, cursor)
        return Page[Article](items=tuple(self._canonical(record) for record in records), next_cursor=following)

    def _native(self, article: Article, *, clearing: bool = False) -> tuple[dict[str, Any], str | None]:
        fields = self._map.to_native(article, clearing=clearing, today=self._company.today())
        return fields, fields.pop(PRICE, None)

    def _add(self, fields: dict[str, Any], *, repeatable: bool) -> Record:
        fields = {name: value for name, value in fields.items() if name != PRICE}
        return self._company.add(_TABLE, fields, repeatable=repeatable)

    def _by_number(self, number: str) -> Record | None:
        return self._company.find(_TABLE, number) if len(number) <= LONGEST_KEY else None

    def _base_price(self, number: str, price_list: str) -> Record | None:
        for price in self._company.select(_PRICES, number):
            if price["BASE"] and price["PRICE_LIST"] == price_list:
                return price
        return None

    def _set_price(self, number: str, price: str) -> bool:
        """Make the base price this one; tell whether it was another."""
        price_list = self._price_list()
        held = self._base_price(number, price_list)
        key: dict[str, str | bool | None] = {"PRICE_LIST": price_list, "BASE": True}
        if held is None:
            fields = {"ARTICLE_NUMBER": number, **key, "PRICE": price}
            # Whether a second base price is refused is not published.
            self._company.add(_PRICES, fields, repeatable=False)
        elif Decimal(held["PRICE"]) == Decimal(price):
            return False
        else:
            self._company.change(_PRICES, number, {"PRICE": price}, key)
        return True

    def _price_list(self) -> str:
        if self._settings.price_list:
            return self._settings.price_list
        held = self._company.find("PRM2") or {}
        return str(held.get("DEFAULT_PRICELIST") or "")

    def _canonical(self, record: Record) -> Article:
        number = str(record["NUMBER"])
        price = self._base_price(number, self._price_list())
        priced = {} if price is None else {PRICE: price["PRICE"]}
        changed = max(str(each.get(TIMESTAMP) or "") for each in (record, price or {}))
        told = {TIMESTAMP: values.aware(changed, self._settings.time_zone)}
        return canonical(self._map, {**record, **priced, **told}, f"article {number}")


def _required_number(fields: dict[str, Any]) -> str:
    number = str(fields.get("NUMBER") or "")
    if not 0 < len(number) <= _LONGEST_NUMBER:
        raise InvalidValueError(
            f"An article needs a number of at most {_LONGEST_NUMBER} characters, by which rows name it.",
            field="number",
            advice="Give the article a number in the CRM and send it again.",
        )
    return number
