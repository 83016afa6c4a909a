"""The lines of Lime's help page on orders to PowerOffice Go, beside what goes over the wire.

The page has the names of PowerOffice's older interface (v1), which people know and compare with; the wire has those of
v2. Each line that is carried out names its canonical field, so that the page and the field maps cannot drift apart.
"""

from __future__ import annotations

from erpcore.fields import PageLine

_IN_CRM = "kept in the CRM and not sent"
_SUM = "the CRM's own sum of the rows; PowerOffice computes its own, and a difference is shown"

ORDER_PAGE = (
    PageLine("Order number", "OrderNo", "number", "written back to the CRM after the order is made"),
    PageLine("Invoice number", "?", "invoices", "written back when the order is turned into an invoice"),
    PageLine("Invoice", "-", None, "the relation is set when the invoice comes home and is stored in the CRM"),
    PageLine("ERP db", "-", None, "chooses the sync when there are several companies; " + _IN_CRM),
    PageLine("Company", "-", None, "the company's customer is found by its number; " + _IN_CRM),
    PageLine("Customer number", "CustomerCode", "customer_number", "finds the customer"),
    PageLine(
        "Create invoice from order",
        "N/A",
        None,
        "no field of an order: when it is true, the order is turned into an invoice by CreateAndSendInvoice",
    ),
    PageLine("Order status", "-", None, "shows in the CRM how far the order has come; " + _IN_CRM),
    PageLine("Customer reference", "CustomerReference", "your_reference"),
    PageLine("Coworker", "OurReferenceEmployeeCode", "our_reference"),
    PageLine("Order date", "OrderDate", "order_date"),
    PageLine("Currency", "CurrencyCode", "currency"),
    PageLine("Order sum (excl VAT)", "-", None, _SUM),
    PageLine("VAT", "-", None, _SUM),
    PageLine("Order sum (incl VAT)", "-", None, _SUM),
    PageLine("Error message", "-", None, "filled in by the sync when something goes wrong; " + _IN_CRM),
)
"""The page's table of an order, in its order."""

ORDER_ROW_PAGE = (
    PageLine("Order", "-", None, "rows travel inside their order"),
    PageLine("Row ID", "Calculated in Service", "row_id"),
    PageLine("Description", "Description", "description"),
    PageLine("Article", "ProductCode", "article_number"),
    PageLine("Quantity", "Quantity", "quantity"),
    PageLine("Unit", "UnitOfMeasure", "unit"),
    PageLine("Price per unit", "UnitPrice", "unit_price"),
    PageLine("VAT (%)", "N/A", "vat_percent"),
    PageLine(
        "Discount (amount)",
        "DiscountPercent (Calculated in service)",
        "discount_amount",
        "the older interface took a fraction (0.1), this one takes percent (10)",
    ),
    PageLine("VAT account", "N/A", "vat_account"),
    PageLine("Income account", "N/A", "income_account"),
)
"""The page's table of an order row, in its order."""
