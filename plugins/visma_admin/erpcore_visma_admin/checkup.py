"""Looking a connection over: what is reachable, allowed and set up as syncs need it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from erpcore.errors import ErpcoreError
from erpcore.fields import Field, FieldMap, LossKind, currency_code
from erpcore.models import Account, ArticleQuery, Check, ConnectionReport
from erpcore_visma_admin.articles import Articles
from erpcore_visma_admin.company import Company
from erpcore_visma_admin.documents import VatRates
from erpcore_visma_admin.settings import VismaAdminSettings

_WITH_ORDERS = frozenset({1, 2})
"""Editions with orders: Administration 2000 and 1000."""
_TABLES = {"customer": "CUSTOMER", "article": "ARTICLE", "order": "ORDER_HEAD", "order_row": "ORDER_ROW"}


def identify_account(company: Company) -> Account:
    """Tell which company it is.

    Args:
        company: The company.
    """
    told = company.about()["company"]
    number = str(told.get("ORGANISATION_NUMBER") or "")
    name = str(told.get("NAME") or "") or None
    currency = currency_code(told.get("CURRENCY_CODE") or "")
    return Account(key=f"organisation number {number}" if number else None, name=name, currency=currency)


def check_connection(
    company: Company, articles: Articles, field_maps: Mapping[str, FieldMap[Any]], settings: VismaAdminSettings
) -> ConnectionReport:
    """Look the connection over, changing nothing.

    Args:
        company: The company.
        articles: The register of articles.
        field_maps: The connection's tables.
        settings: The connection's settings.
    """
    try:
        about = company.about()
    except ErpcoreError as error:
        return ConnectionReport(checks=(Check(name="company", state="error", detail=str(error)),))
    told = about["company"]
    program = f"{about['edition_name']}, interface {about['interface']}."
    checks = [
        Check(name="company", state="ok", detail=program),
        _edition(about),
        _widths(about["widths"], field_maps),
        Check.of("coding", lambda: _coding(company, settings)),
        Check.of("VAT rates", lambda: _vat(company)),
        Check.of("units", lambda: _codes(company, "CODE_OF_UNIT", settings)),
        Check.of("currencies", lambda: _codes(company, "CODE_OF_CURRENCY", settings)),
        _currency(told, settings),
    ]
    if settings.default_article:
        number = settings.default_article
        checks.append(Check.of("default article", lambda: _default_article(articles, number)))
    return ConnectionReport(account=str(told.get("NAME") or "") or None, checks=tuple(checks))


def _edition(about: Mapping[str, Any]) -> Check:
    if about["edition"] in _WITH_ORDERS:
        return Check(name="edition", state="ok", detail="Orders can be made.")
    detail = "This edition has no orders: they need Visma Administration 1000 or 2000."
    return Check(name="edition", state="warning", detail=detail)


def _widths(widths: Mapping[str, Mapping[str, int]], field_maps: Mapping[str, FieldMap[Any]]) -> Check:
    narrower = [
        f"{table}.{name} takes {widths[table][name]} characters, not {declared}"
        for model, table in _TABLES.items()
        for name, declared in _declared(field_maps[model])
        if widths.get(table, {}).get(name, declared) < declared
    ]
    if not narrower:
        return Check(name="widths", state="ok", detail="Texts may be as long as the field maps say.")
    detail = f"{'; '.join(narrower)}: longer texts are refused. Please report it, so that they are cut and told."
    return Check(name="widths", state="warning", detail=detail)


def _declared(field_map: FieldMap[Any]) -> Iterator[tuple[str, int]]:
    for entry in field_map.entries:
        if isinstance(entry, Field):
            for narrowing in entry.narrow:
                if narrowing.kind is LossKind.TRUNCATED and narrowing.bound is not None:
                    yield entry.native[0], narrowing.bound


def _coding(company: Company, settings: VismaAdminSettings) -> tuple[str, str]:
    coding = company.find("CODE_OF_ARTICLE_ACCOUNT", settings.accounting_code)
    if coding is None:
        return "error", f"There is no coding {settings.accounting_code}: correct the setting accounting_code."
    return "ok", f"New articles are made towards {coding['CODE']} ({coding['TEXT']}), account {coding['SALES']}."


def _vat(company: Company) -> tuple[str, str]:
    rates = VatRates.read(company).percents
    return "ok", ", ".join(f"code {code}: {rate:f} %" for code, rate in rates.items())


def _codes(company: Company, table: str, settings: VismaAdminSettings) -> tuple[str, str]:
    codes = [str(record["CODE"]) for record in company.all(table, settings.page_size)]
    return (
        ("ok", ", ".join(codes)) if codes else ("warning", "The register is empty: orders that name one are refused.")
    )


def _currency(told: Mapping[str, Any], settings: VismaAdminSettings) -> Check:
    own = str(told.get("CURRENCY_CODE") or "")
    if own in ("", settings.currency):
        return Check(name="own currency", state="ok", detail=f"The company's own is {settings.currency}.")
    detail = f"The company's own currency is {own}, and the setting currency says {settings.currency}: correct it."
    return Check(name="own currency", state="error", detail=detail)


def _default_article(articles: Articles, number: str) -> tuple[str, str]:
    if articles.find(ArticleQuery(number=number)):
        return "ok", f"{number} is there."
    return "error", f"There is no article {number}: make it, or correct the setting default_article."
