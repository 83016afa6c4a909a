"""What orders and invoices share: VAT codes in place of rates, discounts and their flag, rows that make sense."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from pydantic import ValidationError

from erpcore.errors import InvalidValueError, MalformedReplyError
from erpcore.fields import FieldMap, require_sense, senseless
from erpcore.models import CanonicalModel, Document, DocumentRow, RecordRef
from erpcore_visma_admin import values
from erpcore_visma_admin.adk.tables import ROWS
from erpcore_visma_admin.company import Company, Record
from erpcore_visma_admin.document_fields import CREDIT, DISCOUNT, DISCOUNT_PERCENT
from erpcore_visma_admin.settings import VismaAdminSettings

M = TypeVar("M", bound=CanonicalModel)

FLAG = "AMOUNT_DISCOUNT_FLAG"
LONGEST_KEY = 60
"""Characters of the longest number that is looked up at all."""
_NO_VAT = "0"
_SUMS = ("EXCLUDING_OF_VAT", "VAT_AMOUNT", "TOTAL_AMOUNT", "BALANCE", "BALANCE2")
_ROW_SUMS = ("QUANTITY1", "QUANTITY2", "AMOUNT_CURRENT_CURRENCY", "CONTRIBUTION_MARGIN")
_OF_TEXT_ROWS = ("ROWNUMBER", "TEXT")


@dataclass(frozen=True)
class VatRates:
    """The company's VAT rates: percent by code, in the order of the codes; 0 is no VAT."""

    percents: Mapping[str, Decimal]

    @classmethod
    def read(cls, company: Company) -> VatRates:
        """Read them from the company's defaults."""
        held = company.find("PRM2") or {}
        return cls({_NO_VAT: Decimal(0), **{str(code): Decimal(held.get(f"VAT{code}") or 0) for code in range(1, 5)}})

    def code(self, percent: Decimal, row: int) -> str:
        """Give the code of a rate.

        Args:
            percent: The rate.
            row: Index of the row, for the error.

        Raises:
            InvalidValueError: The company has no such rate.
        """
        for code, rate in self.percents.items():
            if rate == percent:
                return code
        known = ", ".join(f"{rate:f} %" for rate in dict.fromkeys(self.percents.values()))
        raise InvalidValueError(
            f"Row {row + 1} has {percent:f} % VAT, and the company has {known}.",
            field=f"rows[{row}].vat_percent",
            advice="Correct the rate in the CRM, then send the record again.",
        )

    def percent(self, code: object) -> str | None:
        """Give the rate of a code; None of a code that is none of them."""
        rate = self.percents.get(str(code))
        return None if rate is None else format(rate, "f")


def prepared(
    document: Document,
    field_map: FieldMap[Any],
    reference: str | None,
    rates: VatRates,
    settings: VismaAdminSettings,
    *,
    today: date,
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Give a document's fields and its rows as the interface takes them, in the order that they are written in.

    Args:
        document: An order or an invoice.
        field_map: Its table.
        reference: Our own key.
        rates: The company's VAT rates.
        settings: The connection's settings.
        today: The company's day.

    Raises:
        InvalidValueError: A row makes no sense.
    """
    given: Sequence[DocumentRow] = getattr(document, "rows", None) or ()
    for index, row in enumerate(given):
        _require_sense(row, index, settings)
    fields = field_map.to_native(document, today=today)
    rows = fields.pop(ROWS, [])
    if reference is not None:
        fields[settings.reference_field] = reference
    # The customer's own terms are written over whatever stood there, and prices are not turned around afterwards.
    customer = fields.pop("CUSTOMER_NUMBER", "")
    fields = {"CUSTOMER_NUMBER": customer, "INCLUDING_VAT": False, **fields}
    for index, (row, native) in enumerate(zip(given, rows, strict=True)):
        if row.is_text:
            continue
        if "VAT_CODE" in native:
            native["VAT_CODE"] = rates.code(Decimal(native["VAT_CODE"]), index)
        if (percent := native.pop(DISCOUNT_PERCENT, None)) is not None:
            native |= {DISCOUNT: percent, FLAG: not settings.amount_discount_flag}
        native.setdefault(DISCOUNT, "0")  # or the customer's own discount might be taken off
        if settings.default_article and "ARTICLE_NUMBER" not in native:
            native["ARTICLE_NUMBER"] = settings.default_article
    return fields, rows


def readable(record: Record, rates: VatRates, settings: VismaAdminSettings) -> dict[str, Any]:
    """Give a document in the form that the field maps read.

    A credit note's amounts and quantities are held without a sign (L-Sven's reader turns them around too).
    """
    credit = record.get("TYPE_OF_INVOICE") == CREDIT
    read = {**record, **_negated(record, _SUMS if credit else ())}
    if order := values.order_of(read.get(settings.reference_field)):
        read[settings.reference_field] = ""
        read.setdefault("ORDER", order)
    if ROWS in record:
        read[ROWS] = [_readable_row(row, rates, settings, credit=credit) for row in record[ROWS]]
    return read


def _readable_row(row: Record, rates: VatRates, settings: VismaAdminSettings, *, credit: bool) -> dict[str, Any]:
    if not row.get("ARTICLE_NUMBER") and not any(Decimal(row.get(name) or 0) for name in ("QUANTITY1", "QUANTITY2")):
        return {name: row[name] for name in _OF_TEXT_ROWS if name in row}
    read = {**row, **_negated(row, _ROW_SUMS if credit else ())}
    if (percent := rates.percent(read.pop("VAT_CODE", None))) is not None:
        read["VAT_CODE"] = percent
    if read.get(FLAG) is not settings.amount_discount_flag and DISCOUNT in read:
        read[DISCOUNT_PERCENT] = read.pop(DISCOUNT)
    for name in (DISCOUNT, DISCOUNT_PERCENT):
        if name in read and not Decimal(read[name]):
            del read[name]
    return read


def _negated(record: Record, names: Sequence[str]) -> dict[str, str]:
    return {name: format(-Decimal(record[name]) + 0, "f") for name in names if name in record}


def canonical(field_map: FieldMap[M], record: Record, what: str) -> M:
    """Read a record with its table.

    Args:
        field_map: The table.
        record: The record.
        what: What it is, for the error.

    Raises:
        MalformedReplyError: A value has a form that no record has.
    """
    try:
        return field_map.from_native(record)
    except ValidationError as error:
        wrong = ", ".join(".".join(map(str, problem["loc"])) for problem in error.errors(include_input=False))
    raise MalformedReplyError(
        f"Visma Administration gave {what} with values that cannot be read: {wrong}.",
        advice="Look at the record in Visma Administration.",
    )


def document_ref(record: Record) -> RecordRef:
    """Give the reference of a document that was made."""
    return RecordRef(
        number=str(record["DOCUMENT_NUMBER"]),
        net=Decimal(record["EXCLUDING_OF_VAT"]),
        vat=Decimal(record["VAT_AMOUNT"]),
        total=Decimal(record["TOTAL_AMOUNT"]),
        currency=str(record.get("CURRENCY_CODE") or "") or None,
        customer_name=str(record.get("CUSTOMER_NAME") or "") or None,
        raw=record,
    )


def is_number(number: str) -> bool:
    """Tell whether a text can be the number of a document, which is a whole number without zeros in front."""
    return number.isascii() and number.isdigit() and len(number) <= 12 and not number.startswith("0")


def _require_sense(row: DocumentRow, index: int, settings: VismaAdminSettings) -> None:
    require_sense(row, index)
    if not (row.is_text or row.article_number or settings.default_article):
        raise senseless(
            index,
            "has a price but no article, and Visma Administration takes the account from the article",
            "article_number",
            "Choose an article in the CRM, or name one in the setting default_article",
        )
