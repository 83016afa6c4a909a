"""Lines of sales orders: what they take from the product, and their sums."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from erpcore_poweroffice.simulator.arithmetic import ZERO, Amounts, line_amounts
from erpcore_poweroffice.simulator.books import Books, Record
from erpcore_poweroffice.simulator.inheritance import effective_line
from erpcore_poweroffice.simulator.members import show
from erpcore_poweroffice.simulator.products import inherited, vat
from erpcore_poweroffice.simulator.references import DIMENSIONS, Reference, codes, employee, require_usable, resolve
from erpcore_poweroffice.simulator.sales_shapes import LINE

_REFERENCES = (
    *DIMENSIONS,
    Reference("products", "ProductId", "ProductCode"),
    employee("SellersReferenceEmployeeId", "SellersReferenceEmployeeNo"),
)


def new_line(books: Books, lines: list[dict[str, Any]], asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return a new line as it is kept; it takes from its product what it does not say itself.

    Raises:
        Refused: The line cannot be so.
    """
    values: dict[str, Any] = {"LineType": "Normal", "VatReturnSpecification": "None", "SortOrder": len(lines)}
    values |= {name: value for name, value in asked.items() if value is not None}
    resolve(books, LINE, _REFERENCES, values)
    require_usable(books, LINE, _REFERENCES, values)
    _check(books, values, lines)
    product = books.named("products", values.get("ProductId"))
    if product is not None:
        taken = {
            "Description": product.values["Name"],
            "UnitOfMeasureCode": product.values.get("UnitOfMeasureCode"),
            "ProductUnitPrice": inherited(books, product.values, "UnitPrice"),
            "ProductUnitCost": inherited(books, product.values, "UnitCost"),
        }
        values = {**taken, **values}
    return {**values, "Id": books.new_uuid()}


def sums(books: Books, order: Mapping[str, Any], line: Mapping[str, Any]) -> tuple[Amounts, Decimal]:
    """Return a line's sums and its VAT rate; nothing is computed without product, quantity and price."""
    values = effective_line(books, order, line)
    product = books.named("products", values.get("ProductId"))
    quantity, price = values.get("Quantity"), values.get("ProductUnitPrice")
    if product is None or quantity is None or price is None or values["LineType"] != "Normal":
        return ZERO, Decimal(0)
    _, _, rate = sales_vat(books, order, line)
    return line_amounts(quantity, price, values.get("Allowance") or Decimal(0), rate, books.behaviour), rate


def sales_vat(
    books: Books, order: Mapping[str, Any], line: Mapping[str, Any]
) -> tuple[int | None, Record | None, Decimal]:
    """Return the sales account of a line, its VAT code and rate; see `products.vat`."""
    product = books.named("products", line.get("ProductId"))
    if product is None:
        return None, None, Decimal(0)
    standard = line.get("UseStandardSalesAccount")
    if standard is None:
        standard = not books.value("customers", order.get("CustomerId"), "IsVatFree")
    return vat(books, product.values, standard=standard)


def shown(books: Books, order: Record, line: Mapping[str, Any]) -> dict[str, Any]:
    """Return a line as replies have it."""
    values = dict(line)
    amounts, rate = sums(books, order.values, line)
    _, code, _ = sales_vat(books, order.values, line)
    own = {
        "SalesOrderId": order.id,
        "NetAmount": amounts.net,
        "VatAmount": amounts.vat,
        "TotalAmount": amounts.total,
        "VatCode": None if code is None else code.values["Code"],
        "VatId": None if code is None else code.id,
        "VatRate": None if line.get("ProductId") is None else rate,
    }
    return show(LINE, {**values, **codes(books, _REFERENCES, values), **own})


def _check(books: Books, values: Mapping[str, Any], others: list[dict[str, Any]]) -> None:
    allowance = values.get("Allowance")
    if allowance is not None and not -1000 <= allowance <= 100:
        raise LINE.refused("Allowance must be between -1000 and 100.")
    if values.get("ProductId") is not None and values.get("Quantity") is None:
        raise LINE.refused("Quantity is required when a product is set.")
    priced = values.get("ProductId") is None and values.get("ProductUnitPrice") is not None
    if priced and values["LineType"] == "Normal" and books.behaviour.line_without_product == "refused":
        raise LINE.refused("A product is required on lines with a price.")
    reference = values.get("ExternalImportReference")
    if reference is not None and any(other.get("ExternalImportReference") == reference for other in others):
        raise LINE.refused(f"ExternalImportReference is already in use. '{reference}' is used on another line.")
