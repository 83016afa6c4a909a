"""The lines of Lime's help page on orders to Visma Administration, beside what goes to the native interface.

The page has the words that the program shows; the interface has names of its own. Each line that is carried out names
its canonical field, so that the page and the field maps cannot drift apart.
"""

from __future__ import annotations

from erpcore.fields import PageLine

_IN_CRM = "kept in the CRM and not sent"
_SUM = "the CRM's own sum of the rows; the program computes its own, and a difference is shown"

ORDER_PAGE = (
    PageLine("Order number", "?", "number", "written back to the CRM after the order is made"),
    PageLine(
        "Invoice number",
        "Fakturanr (from the invoice)",
        "invoices",
        "written back when the order is turned into an invoice",
    ),
    PageLine("Invoice", "-", None, "the relation is set when the invoice comes home and is stored in the CRM"),
    PageLine("ERP db", "-", None, "chooses the sync when there are several companies; " + _IN_CRM),
    PageLine("Company", "-", None, "the company's customer is found by its number; " + _IN_CRM),
    PageLine("Customer number", "Kundnr (from customer)", "customer_number", "finds the customer"),
    PageLine(
        "Create invoice from order",
        "-",
        None,
        "no field of an order: when it is true, an invoice is made that names the order",
    ),
    PageLine("Order status", "-", None, "shows in the CRM how far the order has come; " + _IN_CRM),
    PageLine("Customer reference", "Er referens", "your_reference"),
    PageLine("Coworker", "Vår referens", "our_reference"),
    PageLine("Order date", "Orderdatum", "order_date"),
    PageLine("Currency", "Valuta", "currency"),
    PageLine("Order sum (excl VAT)", "-", None, _SUM),
    PageLine("VAT", "-", None, _SUM),
    PageLine("Order sum (incl VAT)", "-", None, _SUM),
    PageLine("Error message", "-", None, "filled in by the sync when something goes wrong; " + _IN_CRM),
)
"""The page's table of an order, in its order."""

ORDER_ROW_PAGE = (
    PageLine("Order", "-", None, "rows travel inside their order"),
    PageLine("Row ID", "?", "row_id"),
    PageLine("Description", "Benämning", "description"),
    PageLine("Article", "Artikelnummer", "article_number"),
    PageLine("Quantity", "Levererat antal, beställt antal", "quantity"),
    PageLine("Unit", "Enhet", "unit"),
    PageLine("Price per unit", "A-pris", "unit_price"),
    PageLine("VAT (%)", "Moms", "vat_percent"),
    PageLine("Discount (amount)", "Rabatt", "discount_amount"),
    PageLine("VAT account", "N/A", "vat_account"),
    PageLine(
        "Income account",
        "N/A 1",
        "income_account",
        "1: if the article does not exist in Visma Administration, it will be created towards account with number 1",
    ),
)
"""The page's table of an order row, in its order, with its footnote 1."""
