"""Articles. VAT and accounts of what is sold follow the article's account coding; a row of a document has none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from erpcore.errors import ConflictError, GoneMeanwhileError, InvalidValueError
from erpcore.fields import FieldMap, canonical
from erpcore.http import path_of
from erpcore.models import Article, ArticleQuery, ArticleSync, Page, RecordRef, Ref
from erpcore_visma_eaccounting import finding, values
from erpcore_visma_eaccounting.client import Record, VismaClient, instant, quoted
from erpcore_visma_eaccounting.fields import CODING
from erpcore_visma_eaccounting.registers import Registers
from erpcore_visma_eaccounting.settings import VismaEAccountingSettings

_LONGEST_NUMBER = 40
_LONGEST_NAME = 50
_CODED = {"vat_percent", "income_account"}


class Articles:
    """The register of articles.

    Args:
        client: Visma.
        field_map: The table of articles.
        settings: The connection's settings.
    """

    def __init__(self, client: VismaClient, field_map: FieldMap[Article], settings: VismaEAccountingSettings) -> None:
        self._client = client
        self._map = field_map
        self._settings = settings
        self._registers = Registers(client, settings)

    def find(self, query: ArticleQuery) -> list[Article]:
        """Find articles by number, or by their exact description."""
        if query.key:
            return [self._canonical(record) for record in finding.by_key(self._client, "articles", query.key)]
        if query.number:
            text = f"Number eq {quoted(query.number)}"
        elif query.description:
            text = f"Name eq {quoted(_as_sent(query.description))}"
        else:
            return []
        articles = [self._canonical(record) for record in self._client.all("articles", text)]
        return [
            article
            for article in articles
            if query.number in (None, article.number)
            and (not query.description or article.description == _as_sent(query.description))
        ]

    def find_many(self, wanted: Sequence[Ref]) -> list[Article]:
        """Find several articles, many numbers to a request; one that has another number by now is read by its key."""
        numbers, keys = {ref.number for ref in wanted if ref.key is None}, {ref.key for ref in wanted if ref.key}
        found = {str(record["Id"]): record for record in finding.numbered(self._client, {ref.number for ref in wanted})}
        for key in keys - found.keys():
            for record in finding.by_key(self._client, "articles", key):
                found[key] = record
        return [
            self._canonical(record) for key, record in found.items() if key in keys or record.get("Number") in numbers
        ]

    def create(self, article: Article, units: Mapping[str, str]) -> RecordRef:
        """Make an article.

        An article that exists with the same number and description is taken for the one that an earlier attempt made.

        Args:
            article: The article.
            units: Ids of units by abbreviation, as far as they are known; others are looked up.

        Raises:
            InvalidValueError: It has no number or no description.
            ConflictError: Another article has the number.
            MissingRecordError: The company has no such unit or account coding.
        """
        number = _required_number(article)
        if not article.description:
            raise InvalidValueError(
                "An article needs a description.", field="description", advice="Give the product a name in the CRM."
            )
        payload = {"IsActive": True, **self._resolved(article, None, units)}
        try:
            return _ref(self._client.post("articles", payload, again=True))
        except ConflictError as error:
            held = finding.articles(self._client, [number]).get(number)
            if held is None:
                raise  # it is not listed yet
            if held.get("Name") == payload["Name"]:
                return _ref(held)
            raise ConflictError(
                f"Visma eAccounting has another article {number}: “{held.get('Name')}”.",
                record=f"article {number}",
                advice="Give the product another number in the CRM, or the same name as in Visma eAccounting.",
                vendor_text=error.vendor_text,
                vendor_code=error.vendor_code,
                status=error.status,
            ) from error

    def sync(self, articles: Sequence[Article], units: Mapping[str, str], *, there: bool) -> ArticleSync:
        """Make Visma's articles equal to these, by number.

        Args:
            articles: The articles.
            units: As for `create`.
            there: Whether each only changes an article that was there.

        Raises:
            InvalidValueError: An article has no number.
            GoneMeanwhileError: One that was there is not any more.
        """
        listed = finding.articles(self._client, [_required_number(article) for article in articles])
        created, updated, unchanged = [], [], []
        for article in articles:
            number = str(article.number)
            held = listed.get(number)
            if held is None and there:
                raise GoneMeanwhileError(
                    f"Article {number} is not in Visma eAccounting any more.",
                    record=f"article {number}",
                    advice="Nothing was made; both sides are compared anew.",
                )
            if held is None:
                created.append(self.create(article, units).number)
            elif self._make_equal(article, held, units):
                updated.append(number)
            else:
                unchanged.append(number)
        return ArticleSync(created=tuple(created), updated=tuple(updated), unchanged=tuple(unchanged))

    def fetch(self, changed_since: datetime | None, cursor: str | None) -> Page[Article]:
        """Read one page of articles; see `ErpHooks.fetch_articles`."""
        since = None if changed_since is None else values.since(changed_since, self._settings.overlap_seconds)
        found = self._client.page("articles", cursor, [] if since is None else [f"ChangedUtc ge {instant(since)}"])
        records: Sequence[Record] = found.items
        if since is not None:
            records = [each for each in records if (values.moment(each.get("ChangedUtc")) or since) >= since]
        items = tuple(self._canonical(record) for record in records)
        return Page[Article](items=items, next_cursor=found.next_cursor)

    def _make_equal(self, article: Article, held: Record, units: Mapping[str, str]) -> bool:
        if article.unit and article.unit not in units:
            article = article.model_copy(update={"unit": self._registers.unit(article.unit).get("Abbreviation")})
        wanted, current = self._map.from_native(self._map.to_native(article)), self._canonical(held)
        shown = wanted.model_fields_set & set(Article.model_fields)
        different = {name for name in shown if getattr(wanted, name) != getattr(current, name)}
        if not different:
            return False
        if different & _CODED:
            different |= shown & _CODED  # rate and account choose the coding together
        changes = Article.model_validate({name: getattr(article, name) for name in different})
        self._client.change(path_of("articles", str(held["Id"])), self._resolved(changes, held, units))
        return True

    def _resolved(self, article: Article, held: Record | None, units: Mapping[str, str]) -> dict[str, Any]:
        """Give the members to send: ids in place of unit and coding, and the price with VAT beside that without."""
        payload = self._map.to_native(article, today=self._client.host.today() if held is None else None)
        if unit := payload.pop("UnitAbbreviation", None):
            payload["UnitId"] = units.get(unit) or str(self._registers.unit(unit)["Id"])
        wanted = payload.pop(CODING, None)
        if held is None or wanted:
            coding = self._registers.coding(*_of_coding(wanted or {}))
            payload["CodingId"] = str(coding["Id"])
        if {"NetPrice", "CodingId"} & payload.keys():
            # Which of the two Visma goes by is unconfirmed, so both are sent and agree.
            whole = {**(held or {}), **payload}
            price = values.number(whole.get("NetPrice") or 0)
            payload["GrossPrice"] = values.cents(price * (1 + self._registers.rate_of(whole)))
        return payload

    def _canonical(self, record: Record) -> Article:
        coded = {**record, CODING: self._registers.codings.get(str(record.get("CodingId")), {})}
        return canonical(self._map, coded, f"article {record.get('Number')}")


def _of_coding(wanted: Mapping[str, Any]) -> tuple[Decimal | None, int | None]:
    return wanted.get("VatRatePercent"), wanted.get("DomesticSalesSubjectToVatAccountNumber")


def _required_number(article: Article) -> str:
    if not article.number or len(article.number) > _LONGEST_NUMBER:
        raise InvalidValueError(
            f"An article in Visma eAccounting needs a number of at most {_LONGEST_NUMBER} characters.",
            field="number",
            advice="Give the article a number in the CRM and send it again.",
        )
    return article.number


def _as_sent(description: str) -> str:
    return description.strip()[:_LONGEST_NAME].rstrip()


def _ref(record: Record) -> RecordRef:
    return RecordRef(number=str(record["Number"]), key=str(record["Id"]), raw=record)
