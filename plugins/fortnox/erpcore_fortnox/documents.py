"""What orders and invoices share: how they are sent, and how their rows are read.

Prices go out excluding VAT. A document that somebody made in Fortnox may count including VAT; its rows are turned into
prices excluding VAT when they are read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeVar

from erpcore.errors import InvalidValueError, MissingRecordError, NotFoundError, RejectedError
from erpcore.fields import OMIT, FieldMap, require_sense
from erpcore.models import Document, DocumentRow, RecordRef
from erpcore_fortnox import values
from erpcore_fortnox.client import FortnoxClient, Record
from erpcore_fortnox.errors import MISSING_IN_DOCUMENT
from erpcore_fortnox.fields import two_decimals
from erpcore_fortnox.settings import FortnoxSettings
from erpcore_fortnox.text import is_taken

D = TypeVar("D", bound=Document)

LONGEST_REFERENCE = 80
_QUANTITIES = ("OrderedQuantity", "DeliveredQuantity")
_PRICED = (*_QUANTITIES, "Price", "Discount")
_CLEARED = ("AccountNumber", "VAT")
_TEXT_ROW = ("RowId", "Description")
_SUMS = {"net": "Net", "vat": "TotalVAT", "total": "Total", "freight": "Freight", "fee": "AdministrationFee"}
_TEXTS = {
    "currency": "Currency",
    "customer_name": "CustomerName",
    "customer_organisation_number": "OrganisationNumber",
}


def document_payload(
    field_map: FieldMap[D], document: D, reference: str | None, rows_member: str, settings: FortnoxSettings
) -> dict[str, Any]:
    """Translate a document that shall be made.

    Args:
        field_map: Its table.
        document: The order or invoice.
        reference: Our own key.
        rows_member: ``OrderRows`` or ``InvoiceRows``.
        settings: The connection's settings.

    Raises:
        InvalidValueError: A row has a price but no quantity, or nothing at all; there are too many; or the key does not
            fit.
    """
    rows: Sequence[DocumentRow] = getattr(document, "rows", None) or ()
    if settings.most_rows and len(rows) > settings.most_rows:
        raise InvalidValueError(
            f"The document has {len(rows)} rows, and Fortnox takes {settings.most_rows} at most.",
            field="rows",
            advice="Spread the rows over several documents in the CRM. If Fortnox takes more, raise most_rows.",
        )
    for index, row in enumerate(rows):
        require_sense(row, index)  # without a quantity, Fortnox takes 0 and the row costs nothing
    payload = field_map.to_native(document)
    key = document.reference if reference is None else reference
    if key is not None:
        payload[settings.reference_field] = _fitting_reference(key)
    if rows and settings.text_rows == "cleared":
        quantities = _QUANTITIES if rows_member == "OrderRows" else _QUANTITIES[1:]
        for row, sent in zip(rows, payload[rows_member], strict=True):
            if row.is_text:
                # Said outright: of two texts in a row, the second became a priced row for one production client.
                sent.update({"AccountNumber": 0, "VAT": 0, "Price": 0, **dict.fromkeys(quantities, "0")})
    return payload


def make_document(client: FortnoxClient, path: str, envelope: str, payload: Record) -> RecordRef:
    """Make a document: one request.

    Raises:
        MissingRecordError: Its customer, or something that a row names, is not there.
    """
    try:
        record = client.post(path, envelope, payload, key="DocumentNumber")
    except (RejectedError, NotFoundError) as error:
        if what := MISSING_IN_DOCUMENT.get(error.vendor_code or ""):
            raise MissingRecordError(
                f"Fortnox refused the {envelope.lower()}: its {what} is not there ({error.vendor_text}).",
                advice=f"Make the {what} in Fortnox, or correct it in the CRM, then send the record again.",
            ).about(what) from error
        raise
    return document_ref(record)


def document_ref(record: Record) -> RecordRef:
    """Give what identifies a document, with the sums that Fortnox computed and the customer that it names."""
    told = {name: record.get(member) for name, member in _SUMS.items()}
    sums = {name: sum_ for name, value in told.items() if (sum_ := values.number(value)) is not OMIT}
    texts = {name: values.text(record.get(member) or "") for name, member in _TEXTS.items()}
    return RecordRef(number=str(record["DocumentNumber"]), raw=record, **sums, **texts)


def readable(record: Record, rows_member: str, settings: FortnoxSettings) -> Record:
    """Give a document in the form that the field maps read.

    Text rows show their text alone; prices and discounts are without VAT; the rate is for one unit of the currency, and
    the balance is in the document's.

    Args:
        record: As Fortnox sent it.
        rows_member: ``OrderRows`` or ``InvoiceRows``.
        settings: The connection's settings.
    """
    changed = dict(record)
    unit, rate = values.number(record.get("CurrencyUnit")), values.number(record.get("CurrencyRate"))
    if rate is not OMIT and unit is not OMIT and unit not in (0, 1):
        changed["CurrencyRate"] = rate / unit
    rate, balance = values.number(changed.get("CurrencyRate")), values.number(record.get("Balance"))
    if settings.balance_in == "company" and balance is not OMIT and rate not in (OMIT, 0):
        changed["Balance"] = two_decimals(balance / rate)
    rows = record.get(rows_member)
    if isinstance(rows, list):
        with_vat = values.flag(record.get("VATIncluded")) is True
        changed[rows_member] = [
            {name: row[name] for name in _TEXT_ROW if name in row}
            if _is_text(row, settings)
            else _without_vat(row)
            if with_vat
            else row
            for row in rows
            if isinstance(row, Mapping)
        ]
    return changed


def _is_text(row: Record, settings: FortnoxSettings) -> bool:
    """Whether a row carries text alone: a row that costs nothing, such as a gift, has an account, VAT or a unit."""
    if row.get("ArticleNumber") or row.get("Unit"):
        return False
    # Where text rows are sent without saying more, Fortnox gives them an account and VAT as it does to others.
    told = _PRICED + (_CLEARED if settings.text_rows == "cleared" else ())
    return all(values.number(row.get(name)) in (OMIT, 0) for name in told)


def _without_vat(row: Record) -> Record:
    rate = values.number(row.get("VAT"))
    part = 1 + (Decimal(0) if rate is OMIT else rate) / 100
    members = dict(row)
    for name, net in {"Price": "PriceExcludingVAT", "Total": "TotalExcludingVAT"}.items():
        gross = values.number(row.get(name))
        if gross is not OMIT:
            members[name] = row[net] if row.get(net) is not None else two_decimals(gross / part)
    discount = values.number(row.get("Discount"))
    if row.get("DiscountType") == "AMOUNT" and discount is not OMIT:
        members["Discount"] = two_decimals(discount / part)
    return members


def _fitting_reference(key: str) -> str:
    if not key or len(key) > LONGEST_REFERENCE or not is_taken(key):
        raise InvalidValueError(
            f"Our key “{key}” does not fit into Fortnox's field: at most {LONGEST_REFERENCE} characters, and none that "
            "Fortnox refuses.",
            field="reference",
            advice="This is a fault of the program: please report it.",
        )
    return key
