"""Products, which are erpcore's articles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from erpcore.errors import (
    ConflictError,
    GoneMeanwhileError,
    InvalidValueError,
    MissingRecordError,
    NotFoundError,
    RejectedError,
)
from erpcore.fields import FieldMap, canonical
from erpcore.http import path_of
from erpcore.models import Article, ArticleQuery, ArticleSync, Page, RecordRef, Ref
from erpcore_poweroffice import values
from erpcore_poweroffice.client import PowerOfficeClient, Record
from erpcore_poweroffice.settings import PowerOfficeSettings

_LONGEST_CODE = 100
_AT_ONCE = 50
"""Codes that one request asks for, so that addresses stay short."""
_LIST_FROM = 20
"""So many articles to compare that reading the whole register is cheaper than one request for each."""


class Products:
    """The register of products.

    Args:
        client: PowerOffice.
        field_map: The table of products.
        settings: The connection's settings.
    """

    def __init__(self, client: PowerOfficeClient, field_map: FieldMap[Article], settings: PowerOfficeSettings) -> None:
        self._client = client
        self._map = field_map
        self._settings = settings

    def find(self, query: ArticleQuery) -> list[Article]:
        """Find articles by number, or by their exact description."""
        if query.key:
            found = self._keyed(query.key)
        elif query.number:
            found = self._listed("codes", query.number)
        elif query.description:
            found = self._listed("names", query.description)
        else:
            return []
        articles = [self._canonical(record) for record in found]
        return [
            article
            for article in articles
            if (query.key or query.number in (None, article.number))
            and query.description in (None, article.description)
        ]

    def find_many(self, wanted: Sequence[Ref]) -> list[Article]:
        """Find several articles, many codes to a request; one that has another code by now is read by its key."""
        numbers, keys = {ref.number for ref in wanted if ref.key is None}, {ref.key for ref in wanted if ref.key}
        codes = sorted({ref.number for ref in wanted})
        together = [",".join(codes[start : start + _AT_ONCE]) for start in range(0, len(codes), _AT_ONCE)]
        # The filter is a list with commas, so what has one itself can only be found by reading all.
        filters = [{}] if any("," in code for code in codes) else [{"codes": each} for each in together]
        found = {str(record["Id"]): record for asked in filters for record in self._client.all("Products", **asked)}
        for key in keys - found.keys():
            if record := next(self._keyed(key), None):
                found[key] = record
        return [
            self._canonical(record) for key, record in found.items() if key in keys or record.get("Code") in numbers
        ]

    def create(self, article: Article) -> RecordRef:
        """Make an article.

        The number is looked up first, and again when PowerOffice refuses: whether it takes a code twice is unconfirmed.
        An article of the same number and description is taken for the one that an earlier attempt made.

        Raises:
            InvalidValueError: It has no number or no description.
            ConflictError: Another article has the number.
        """
        payload = self._map.to_native(article)
        number = _required_number(payload)
        if not payload.get("Name"):
            raise InvalidValueError(
                "An article needs a description.", field="description", advice="Give the product a name in the CRM."
            )
        if held := self._by_number(number):
            return _same(held, payload)
        try:
            record = self._client.post("Products", payload, key="Code")
        except (RejectedError, ConflictError):
            if held := self._by_number(number):
                return _same(held, payload)
            raise
        return _ref(record)

    def sync(self, articles: Sequence[Article], *, there: bool) -> ArticleSync:
        """Make PowerOffice's articles equal to these, by number.

        Args:
            articles: The articles.
            there: Whether each only changes an article that was there.

        Raises:
            InvalidValueError: An article has no number.
            GoneMeanwhileError: One that was there is not any more.
        """
        for article in articles:
            _required_number({"Code": article.number})
        listed = None
        if len(articles) > _LIST_FROM:
            listed = {str(record.get("Code")): record for record in self._client.all("Products")}
        created, updated, unchanged = [], [], []
        for article in articles:
            number = article.number or ""
            held = self._by_number(number) if listed is None else listed.get(number)
            if held is None and there:
                raise GoneMeanwhileError(
                    f"Article {number} is not in PowerOffice Go any more.",
                    record=f"article {number}",
                    advice="Nothing was made; both sides are compared anew.",
                )
            if held is None:
                created.append(self.create(article).number)
            elif self._make_equal(article, held):
                updated.append(number)
            else:
                unchanged.append(number)
        return ArticleSync(created=tuple(created), updated=tuple(updated), unchanged=tuple(unchanged))

    def fetch(self, changed_since: datetime | None, cursor: str | None) -> Page[Article]:
        """Read one page of articles; see `ErpHooks.fetch_articles`. Products without a code are left out."""
        since = None if changed_since is None else values.moment(changed_since, self._settings.overlap_seconds)
        params = {"lastChangedDateTimeOffsetGreaterThan": since, "OrderBy": "Id"}
        found = self._client.page("Products", cursor, params=params)
        items = tuple(self._canonical(record) for record in found.items if record.get("Code"))
        return Page[Article](items=items, next_cursor=found.next_cursor)

    def _keyed(self, key: str) -> Iterator[Record]:
        with suppress(NotFoundError):
            yield self._client.get(path_of("Products", key))

    def _listed(self, filter_name: str, wanted: str) -> Iterator[Record]:
        # The filter is a list with commas, so what has one itself can only be found by reading all.
        params = {} if "," in wanted else {filter_name: wanted}
        return self._client.all("Products", **params)

    def _by_number(self, number: str) -> Record | None:
        return next((record for record in self._listed("codes", number) if record.get("Code") == number), None)

    def _make_equal(self, article: Article, held: Record) -> bool:
        payload = self._map.to_native(article)
        wanted, current = self._map.from_native(payload), self._canonical(held)
        different = {name for name in wanted.model_fields_set if getattr(wanted, name) != getattr(current, name)}
        changes = {
            member: payload[member]
            for entry in self._map.entries
            if entry.name in different
            for member in getattr(entry, "native", ())
        }
        if changes:
            self._client.patch(path_of("Products", held["Id"]), self._patchable(changes))
        return bool(changes)

    def _patchable(self, changes: dict[str, Any]) -> dict[str, Any]:
        """Put keys in place of codes and numbers, which changes cannot be made with (interface description)."""
        if (code := changes.pop("ProductGroupCode", None)) is not None:
            groups = self._client.all("ProductGroups")
            changes["ProductGroupId"] = _key_of(groups, "Code", code, "product group")
        if (number := changes.pop("StandardSalesAccount", None)) is not None:
            accounts = self._client.all("GeneralLedgerAccounts", accountNos=str(number))
            changes["StandardSalesAccountId"] = _key_of(accounts, "AccountNo", number, "account")
        return changes

    def _canonical(self, record: Record) -> Article:
        return canonical(self._map, record, f"product {record.get('Code')}")


def _required_number(payload: Mapping[str, Any]) -> str:
    number = payload.get("Code")
    if not number or len(number) > _LONGEST_CODE:
        raise InvalidValueError(
            f"A product at PowerOffice needs a code of at most {_LONGEST_CODE} characters, by which rows name it.",
            field="number",
            advice="Give the article a number in the CRM and send it again.",
        )
    return str(number)


def _key_of(records: Iterator[Record], member: str, wanted: object, what: str) -> int:
    for record in records:
        if record.get(member) == wanted:
            return int(record["Id"])
    raise MissingRecordError(
        f"PowerOffice has no {what} {wanted}.", advice=f"Add the {what} in PowerOffice, or correct it in the CRM."
    )


def _same(held: Record, payload: Mapping[str, Any]) -> RecordRef:
    if held.get("Name") != payload["Name"]:
        raise ConflictError(
            f"PowerOffice has another article {held.get('Code')}: “{held.get('Name')}”.",
            record=f"article {held.get('Code')}",
            advice="Give the product another number in the CRM, or the same name as in PowerOffice.",
        )
    return _ref(held)


def _ref(record: Record) -> RecordRef:
    return RecordRef(number=str(record["Code"]), key=str(record.get("Id") or "") or None, raw=record)
