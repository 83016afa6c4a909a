"""What orders, drafts and invoices share: their rows, what the customer fills in, and the sums."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from erpcore.simulator import rounded
from erpcore_visma_eaccounting.simulator.books import Books
from erpcore_visma_eaccounting.simulator.errors import REVERSED_VAT, Refused, invalid
from erpcore_visma_eaccounting.simulator.shapes import Shape, taken

_EU = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
_FROM_CUSTOMER = {
    "InvoiceCustomerName": "Name",
    **{name: name for name in ("InvoiceAddress1", "InvoiceAddress2", "InvoicePostalCode", "InvoiceCity")},
    "InvoiceCountryCode": "InvoiceCountryCode",
    "DeliveryCustomerName": "DeliveryCustomerName",
    **{f"Delivery{part}": f"Delivery{part}" for part in ("Address1", "Address2", "PostalCode", "City", "CountryCode")},
    "TermsOfPaymentId": "TermsOfPaymentId",
}
_NOTHING = Decimal(0)


def document_of(books: Books, shape: Shape, sent: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what a request makes of a document, and its customer. What is empty comes from the customer.

    Raises:
        Refused: A member is wrong, or the customer is not there.
    """
    behaviour = books.behaviour
    values = taken(shape, sent, unknown=behaviour.unknown_members, decimals=behaviour.too_many_decimals)
    customer = books.one("customers", values["CustomerId"], "Customer")
    if values["TermsOfPaymentId"] is not None:
        books.one("termsofpayments", values["TermsOfPaymentId"], "TermsOfPayment")
    for name, source in _FROM_CUSTOMER.items():
        if values.get(name) is None:
            values[name] = customer[source]
    private = customer["IsPrivatePerson"]
    values |= {
        "CustomerNumber": customer["CustomerNumber"],
        "CustomerName": customer["Name"],
        "CustomerIsPrivatePerson": private,
        # Set upon creation, from the kind of customer and the company's setting (interface description).
        "IncludesVat": private and not books.company["ShowPricesExclVatPC"],
    }
    return values, customer


def rows_of(
    books: Books, shape: Shape, document: Mapping[str, Any], customer: Mapping[str, Any], reversed_by: str
) -> list[dict[str, Any]]:
    """Return the rows of a document as they are kept.

    Args:
        books: The company's.
        shape: What the rows have.
        document: As `document_of` gave it.
        customer: Its customer.
        reversed_by: The member of a row that says that its VAT is reversed.

    Raises:
        Refused: A row is wrong, or its article is not there.
    """
    behaviour = books.behaviour
    rows = []
    for at, sent in enumerate(document["Rows"] or []):
        where = f"Rows[{at}]."
        row = taken(shape, sent, unknown=behaviour.unknown_members, decimals=behaviour.too_many_decimals, where=where)
        row["Id"] = books.new_id()  # a new one at every change
        row["LineNumber"] = at if row["LineNumber"] is None else row["LineNumber"]
        if row["IsTextRow"]:
            if not row["Text"]:
                raise invalid(f"{where}Text", "A text row must have a text")
            row.update({"ArticleId": None, "UnitPrice": _NOTHING, "Quantity": _NOTHING})
        else:
            _fill_from_article(books, row, document, where)
            if row[reversed_by]:
                _require_reversible(books, row, customer)
        rows.append(row)
    return sorted(rows, key=lambda row: row["LineNumber"])


def _fill_from_article(books: Books, row: dict[str, Any], document: Mapping[str, Any], where: str) -> None:
    if row["ArticleId"] is None:
        raise invalid(f"{where}ArticleId", "The ArticleId field is required for rows that are no text rows")
    article = books.one("articles", row["ArticleId"], "Article")
    unit = books.get("units", article["UnitId"]) or {}
    if row["UnitPrice"] is None or (row["UnitPrice"] == 0 and document.get("ReplaceUnitPriceWhenZero")):
        row["UnitPrice"] = article["GrossPrice" if document["IncludesVat"] else "NetPrice"]
    row.update(
        {
            "ArticleNumber": article["Number"],
            "IsServiceArticle": article["IsServiceArticle"],
            "UnitId": article["UnitId"],
            "Text": row["Text"] or article["Name"],
        }
    )
    row.update({name: unit.get(name.removeprefix("Unit")) for name in ("UnitName", "UnitAbbreviation") if name in row})


def _require_reversible(books: Books, row: Mapping[str, Any], customer: Mapping[str, Any]) -> None:
    """Refuse reversed VAT of a customer or article that has none (measured: status 400)."""
    coding = _coding(books, row)
    account = coding["DomesticSalesSubjectToReversedConstructionVatAccountNumber"]
    if not customer["ReverseChargeOnConstructionServices"] or account is None:
        text = "ReversedVatZeroException - Reversed VAT is not possible for this customer and article"
        raise Refused(REVERSED_VAT, text, status=400)


def _coding(books: Books, row: Mapping[str, Any]) -> Mapping[str, Any]:
    article = books.one("articles", row["ArticleId"], "Article")
    return books.one("articleaccountcodings", article["CodingId"], "ArticleAccountCoding")


def has_no_vat(customer: Mapping[str, Any]) -> bool:
    """Tell whether a customer's documents are without VAT: abroad, and inside the EU with a VAT number."""
    country = customer["InvoiceCountryCode"] or "SE"
    if country == "SE" or customer["ForceBookkeepVat"]:
        return False
    return country not in _EU.split() or bool(customer["VatNumber"])


def summed(
    books: Books,
    rows: Iterable[dict[str, Any]],
    *,
    with_vat: bool,
    without_any: bool,
    reversed_by: str,
    currency: str,
) -> dict[str, Any]:
    """Compute the rows and their sums, halves away from zero; VAT per rate.

    Args:
        books: The company's.
        rows: They get their Amount (including VAT) and VatRate.
        with_vat: Whether their prices include VAT.
        without_any: Whether the customer pays no VAT at all.
        reversed_by: The member of a row that says that its VAT is reversed.
        currency: Of the document; the total of one in the company's own may be rounded to whole units.

    Returns:
        ``net``, ``vat``, ``rounding`` and ``total``, and ``rates``: the sum and VAT of each rate.
    """
    percent = books.behaviour.vat_scale == "percent"
    sums: dict[Decimal, Decimal] = {}
    for row in rows:
        if row["IsTextRow"]:
            row |= {"VatRate": None, "Amount": _NOTHING}
            continue
        rate = _NOTHING if without_any or row[reversed_by] else _coding(books, row)["VatRatePercent"]
        amount = rounded(row["UnitPrice"] * row["Quantity"] * (1 - row["DiscountPercentage"]))
        sums[rate] = sums.get(rate, _NOTHING) + amount
        net = rounded(amount / (1 + rate)) if with_vat else amount
        row |= {"VatRate": rate * 100 if percent else rate, "Amount": net + rounded(net * rate)}
        row |= {name: value for name, value in (("AmountNoVat", net), ("PercentVat", rate * 100)) if name in row}
    rates = {}
    for rate, amount in sums.items():
        net = rounded(amount / (1 + rate)) if with_vat else amount
        rates[rate] = (net, amount - net if with_vat else rounded(net * rate))
    net, vat = sum((net for net, _ in rates.values()), _NOTHING), sum((vat for _, vat in rates.values()), _NOTHING)
    total = net + vat
    whole = books.company["DomesticCurrencyRounding"] and currency == books.company["CurrencyCode"]
    rounding = rounded(total, 0) - total if whole else _NOTHING
    return {"net": net, "vat": vat, "rounding": rounding, "total": total + rounding, "rates": rates}
