"""What orders and invoice drafts share: how they are sent, and how they are read.

Prices go out excluding VAT, but for private persons where the company shows them prices including it: Visma decides
that when a document is made (interface description, ``IncludesVat``), and then takes prices as including VAT.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

from erpcore.errors import InvalidValueError, MissingRecordError, NotFoundError
from erpcore.fields import OMIT, FieldMap, require_sense, senseless
from erpcore.models import Document, DocumentRow, RecordRef, Ref
from erpcore_visma_eaccounting import finding, marks, values
from erpcore_visma_eaccounting.client import Record, VismaClient
from erpcore_visma_eaccounting.document_fields import ORDER_NUMBER, REFERENCE
from erpcore_visma_eaccounting.registers import Registers
from erpcore_visma_eaccounting.settings import VismaEAccountingSettings

D = TypeVar("D", bound=Document)

_TEXT_ROW = ("Id", "Text")
_REVERSES = "ReverseChargeOnConstructionServices"


@dataclass(frozen=True)
class Built:
    """A document that can be sent.

    Attributes:
        payload: Its members; what only one kind of document has is the caller's to add.
        customer: The customer, as Visma holds it.
        rows: Its rows, the one that carries our key at the end.
    """

    payload: dict[str, Any]
    customer: Record
    rows: list[dict[str, Any]]


def build(
    client: VismaClient,
    settings: VismaEAccountingSettings,
    field_map: FieldMap[D],
    document: D,
    reference: str | None,
    reversed_by: str,
) -> Built:
    """Translate a document that shall be made.

    Args:
        client: Visma, where customer and articles are looked up.
        settings: The connection's settings.
        field_map: The document's table.
        document: The order or invoice.
        reference: Our own key.
        reversed_by: The member of a row that says that the buyer pays its VAT.

    Raises:
        InvalidValueError: A row makes no sense, or there is no customer number.
        MissingRecordError: The customer, an article, or terms of payment are not there.
    """
    rows: Sequence[DocumentRow] = getattr(document, "rows", None) or ()
    for index, row in enumerate(rows):
        _require_sense(row, index, settings.default_article)
    payload = field_map.to_native(document, today=client.host.today())
    own_key = payload.pop(REFERENCE, None)
    key = own_key if reference is None else reference
    number = payload.pop("CustomerNumber", None)
    if not (number or document.customer_key):
        raise InvalidValueError("The document names no customer.", field="customer_number", advice="Name one.")
    customer = finding.required_customer(client, Ref(number=str(number or ""), key=document.customer_key))
    registers = Registers(client, settings)
    payload["CustomerId"] = str(customer["Id"])
    payload |= {"EuThirdParty": False, "RotReducedInvoicingType": 0}
    if terms := payload.get("TermsOfPaymentId"):
        payload["TermsOfPaymentId"] = registers.terms_id(terms)
    with_vat = _counts_with_vat(customer, registers)
    # Of an article whose id and price are known, nothing else is needed unless VAT is reckoned with.
    searched = with_vat or customer.get(_REVERSES) is True
    numbers = [
        None if row.article_key and row.unit_price is not None and not searched else _article_number(row, settings)
        for row in rows
    ]
    articles = finding.required_articles(client, [number for number in numbers if number])
    sent = []
    for row, number, native in zip(rows, numbers, payload.pop("Rows", ()), strict=True):
        article = articles[number] if number else {"Id": row.article_key} if row.article_key else None
        sent.append(_row(native, row, article, registers, customer, reversed_by, with_vat=with_vat))
    if key is not None and settings.references == "text_row":
        sent.append(text_row(marks.reference_text(key), reversed_by))
    return Built(payload, customer, sent)


def text_row(text: str, reversed_by: str) -> dict[str, Any]:
    """Give a row that only carries text."""
    return {"IsTextRow": True, "Text": text, reversed_by: False}


def make(client: VismaClient, path: str, payload: Record) -> Record:
    """Make a document: one request.

    Raises:
        MissingRecordError: Something that it names is not there any more.
    """
    try:
        return client.post(path, payload)
    except NotFoundError as error:
        raise MissingRecordError(
            f"Visma refused the document: something that it names is not there ({error.vendor_text}).",
            advice="Make it in Visma eAccounting, or correct it in the CRM, then send the record again.",
        ) from error


def rows_in_order(record: Record) -> list[Record]:
    """Give a document's rows as they are printed."""
    rows = [row for row in record.get("Rows") or [] if isinstance(row, Mapping)]
    return sorted(rows, key=lambda row: row.get("LineNumber") or 0)


def readable(record: Record) -> dict[str, Any]:
    """Give a document in the form that the field maps read: marks taken off its rows, prices without VAT.

    Args:
        record: As Visma sent it.

    Returns:
        The document, with our key under `REFERENCE` and the number of its order under `ORDER_NUMBER`.
    """
    own, key, order = marks.split(rows_in_order(record))
    with_vat = record.get("IncludesVat") is True
    rows = [_readable_row(row, with_vat=with_vat) for row in own]
    return {**record, REFERENCE: key, ORDER_NUMBER: order, "Rows": rows}


def document_ref(number: str, record: Record, *, total: str, vat: str, rounding: str) -> RecordRef:
    """Give what identifies a document that was made, with the sums that Visma computed.

    Args:
        number: What people call it.
        record: As Visma sent it.
        total: The member with the sum including VAT and rounding.
        vat: That with the VAT.
        rounding: That with the rounding.
    """
    found = {name: values.number(record.get(member)) for name, member in (("total", total), ("vat", vat))}
    sums = {name: value for name, value in found.items() if value is not OMIT}
    if len(sums) == 2:
        off = values.number(record.get(rounding))
        sums["net"] = sums["total"] - sums["vat"] - (0 if off is OMIT else off)
    currency = values.text(record.get("CurrencyCode") or "")
    return RecordRef(number=number, key=str(record["Id"]), currency=currency, raw=record, **sums)


def _row(
    native: dict[str, Any],
    row: DocumentRow,
    article: Record | None,
    registers: Registers,
    customer: Record,
    reversed_by: str,
    *,
    with_vat: bool,
) -> dict[str, Any]:
    if article is None:
        return text_row(str(native.get("Text") or ""), reversed_by)
    native.pop("ArticleNumber", None)
    price = native.get("UnitPrice")
    if price is None:
        price = values.number(article.get("GrossPrice" if with_vat else "NetPrice") or 0)
    elif with_vat:
        price = values.cents(price * (1 + registers.rate_of(article)))
    # Both flags are needed for VAT that the buyer pays, and an article without an account for it is refused (seen).
    reverses = customer.get(_REVERSES) is True and registers.reverses_vat(article)
    return {
        **native,
        "IsTextRow": False,
        "ArticleId": str(article["Id"]),
        "UnitPrice": price,
        reversed_by: reverses,
    }


def _counts_with_vat(customer: Record, registers: Registers) -> bool:
    return customer.get("IsPrivatePerson") is True and registers.company.get("ShowPricesExclVatPC") is not True


def _article_number(row: DocumentRow, settings: VismaEAccountingSettings) -> str | None:
    return None if row.is_text else row.article_number or settings.default_article


def _readable_row(row: Record, *, with_vat: bool) -> Record:
    if row.get("IsTextRow") is True:
        return {name: row[name] for name in _TEXT_ROW if name in row}
    price, rate = values.number(row.get("UnitPrice")), values.fraction(row.get("VatRate"))
    if not with_vat or price is OMIT:
        return row
    return {**row, "UnitPrice": values.cents(price / (1 + (Decimal(0) if rate is OMIT else rate)))}


def _require_sense(row: DocumentRow, index: int, default_article: str | None) -> None:
    require_sense(row, index)
    if not (row.is_text or row.article_number or row.article_key or default_article):
        raise senseless(
            index,
            "has a price but no article, and Visma takes VAT and account from the article",
            "article_number",
            "Choose an article in the CRM, or name one in the setting default_article",
        )
