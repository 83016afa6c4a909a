"""Rows of orders and invoices: how they are read, filled in and checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from erpcore.simulator import rounded
from erpcore_fortnox.simulator.arithmetic import row_money
from erpcore_fortnox.simulator.books import Books, Record
from erpcore_fortnox.simulator.errors import Refused
from erpcore_fortnox.simulator.members import Member, Table, read_only
from erpcore_fortnox.simulator.prices import price_for

DEFAULT_ACCOUNT = 3001
DEFAULT_VAT = Decimal(25)
VAT_RATES = frozenset({Decimal(25), Decimal(12), Decimal(6), Decimal(0)})
WITHOUT_VAT = frozenset({"SEREVERSEDVAT", "EUREVERSEDVAT", "EXPORT"})
"""The VAT types of a customer whose documents carry no VAT, whatever the rows say."""

_ACCOUNT_OF = {
    "SEREVERSEDVAT": "ConstructionAccount",
    "EUREVERSEDVAT": "EUAccount",
    "EUVAT": "EUVATAccount",
    "EXPORT": "ExportAccount",
}
_NOTHING = Decimal(0)
_QUANTITY_LIMIT, _COST_LIMIT = 10**14 - 1, 9_999_999_999


def _quantity(name: str, *, writable: bool = True) -> Member:
    return Member(
        name,
        "number",
        _NOTHING,
        writable=writable,
        least=-_QUANTITY_LIMIT,
        most=_QUANTITY_LIMIT,
        as_text=True,
    )


_FIRST = [
    Member("AccountNumber", "whole", 0, least=1000, most=9999, zero_is_none=True),
    Member("ArticleNumber", null_clears=True),
    read_only("ContributionPercent", _NOTHING, "number", as_text=True),
    read_only("ContributionValue", _NOTHING, "number", as_text=True),
    Member("Cost", "number", _NOTHING, least=-_COST_LIMIT, most=_COST_LIMIT),
    Member("CostCenter", "text", None, null_clears=True),
    _quantity("DeliveredQuantity"),
    Member("Description", most=255),
    Member("Discount", "number", _NOTHING),
    Member("DiscountType", "choice", "PERCENT", choices=("AMOUNT", "PERCENT")),
    read_only("HouseWork", kind="flag", empty=False),
    read_only("HouseWorkHoursToReport", None, "whole"),
    read_only("HouseWorkType", None),
]
_PRICE = Member("Price", "number", _NOTHING)
ORDER_ROW = Table(
    [
        *_FIRST,
        _quantity("OrderedQuantity"),
        _PRICE,
        Member("Project"),
        _quantity("ReservedQuantity", writable=False),
        read_only("RowId", None, "whole"),
        Member("StockPointCode", "text", None),
        Member("StockPointId", "text", None),
        read_only("Total", _NOTHING, "number"),
        Member("Unit", most=20),
        Member("VAT", "number", DEFAULT_VAT),
        Member("VATCode", "text", None),
    ]
)
INVOICE_ROW = Table(
    [
        *_FIRST,
        _PRICE,
        read_only("PriceExcludingVAT", _NOTHING, "number"),
        Member("Project"),
        read_only("RowId", None, "whole"),
        Member("StockPointCode", "text", None),
        read_only("Total", _NOTHING, "number"),
        read_only("TotalExcludingVAT", _NOTHING, "number"),
        Member("Unit", most=20),
        Member("VAT", "number", DEFAULT_VAT),
        Member("VATCode", "text", None),
    ]
)


def read_rows(given: Sequence[Any], table: Table, books: Books) -> list[dict[str, Any]]:
    """Read the rows of a request.

    Returns:
        What each row says; prices and quantities rounded half up to two decimals (recorded replies).

    Raises:
        Refused: A member or a value is not taken.
    """
    rows = []
    for raw in given:
        if isinstance(raw, Mapping) and "Unit" in raw and raw["Unit"] is None:
            raise Refused("null", "unit")  # measured by a production client; an empty text is ignored
        row = table.read(raw, books.behaviour)
        if isinstance(raw, Mapping) and raw.get("AccountNumber") == "":
            row["AccountNumber"] = 0  # 0 or nothing turns the filling in of the account off
        for name in ("Price", "OrderedQuantity", "DeliveredQuantity"):
            if name in row:
                row[name] = rounded(row[name])
        if "Description" in row:
            row["Description"] = " ".join(row["Description"].splitlines())
        rows.append(row)
    return rows


def fill(
    row: dict[str, Any], table: Table, document: Mapping[str, Any], customer: Record, books: Books
) -> dict[str, Any]:
    """Return a new row with everything that it did not say: from article, price list and customer.

    Raises:
        Refused: The article is not there.
    """
    vat_type = customer.values["VATType"]
    defaults: dict[str, Any] = {
        "AccountNumber": customer.values["SalesAccount"] or DEFAULT_ACCOUNT,
        "Discount": customer.values["InvoiceDiscount"] or _NOTHING,
        # A discount without a type counts as an amount, measured by a production client.
        "DiscountType": "AMOUNT" if row.get("Discount") else "PERCENT",
    }
    if row.get("ArticleNumber"):
        article = _article(row, books).values
        quantity = row.get("OrderedQuantity", row.get("DeliveredQuantity", _NOTHING))
        defaults |= {
            "AccountNumber": article[_ACCOUNT_OF.get(vat_type, "SalesAccount")] or DEFAULT_ACCOUNT,
            "Cost": article["PurchasePrice"],
            "Description": article["Description"],
            "Price": price_for(books, document["PriceList"], row["ArticleNumber"], quantity),
            "Unit": article["Unit"] or "",
            "VAT": article["VAT"],
        }
    return table.empty() | defaults | row


def check(row: Mapping[str, Any], books: Books, *, is_invoice: bool) -> None:
    """Refuse a row that Fortnox would refuse.

    Raises:
        Refused: What it refers to is not there, or its values do not go together.
    """
    if row["ArticleNumber"]:
        _article(row, books)
    if row["Unit"] and row["Unit"] not in books.register("units"):
        raise Refused("unit", status=400)
    books.require_named(row)
    if row["VAT"] not in VAT_RATES:
        raise Refused("vat_rate")
    if is_invoice and row["DeliveredQuantity"] and not (row["Description"] or row["ArticleNumber"]):
        raise Refused("row_needs_text")


def money_of(row: Mapping[str, Any], *, vat_included: bool, off_each: bool) -> dict[str, Any]:
    """Return the members of a row that Fortnox computes."""
    money = row_money(row, vat_included=vat_included, off_each=off_each)
    value = money.net - rounded(row["Cost"] * row["DeliveredQuantity"])
    return {
        "Total": money.total,
        "TotalExcludingVAT": money.net,
        "PriceExcludingVAT": money.price_net,
        # A zero has a sign there (recorded replies).
        "ContributionValue": value or Decimal("-0"),
        "ContributionPercent": rounded(value / money.net * 100) if money.net else _NOTHING,
    }


def _article(row: Mapping[str, Any], books: Books) -> Record:
    article = books.articles.get(row["ArticleNumber"])
    if article is None:
        raise Refused("article_of_row", row["ArticleNumber"])
    if books.behaviour.inactive == "refused" and not article.values["Active"]:
        raise Refused("article_inactive", row["ArticleNumber"])
    return article
