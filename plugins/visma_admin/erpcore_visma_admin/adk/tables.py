"""The tables that the plugin uses, and what may be done with each.

Whatever is not here cannot be asked of the ADK through this package, and so not of the agent either.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from erpcore_visma_admin.adk import constants
from erpcore_visma_admin.adk.constants import SORT_ORDERS
from erpcore_visma_admin.adk.layout import NativeField

ROWS, COUNT_OF_ROWS = "ROWS", "NROWS"
"""Fields of a document that hold its rows and how many there are."""
TIMESTAMP = "TIMESTAMP"
BY_TIME: Final = SORT_ORDERS["eTimeStamp"]
IN_LEDGER: Final = SORT_ORDERS["eInvoiceInledgerInvoiceNr"]


@dataclass(frozen=True)
class Table:
    """A table.

    Attributes:
        name: The ADK's name without ``ADK_DB_``.
        id: Its number.
        fields: The fields that the plugin uses.
        key: Name of the field that records are looked up by; None for a table of one record.
        order: The sort order by that field.
        rows: The table of its rows, for documents.
        may_add: Whether records are made in it.
        may_change: Whether its records are changed.
    """

    name: str
    id: int
    fields: Mapping[str, NativeField]
    key: str | None = None
    order: int | None = None
    rows: Table | None = None
    may_add: bool = False
    may_change: bool = False


def _table(
    name: str,
    fields: Mapping[str, NativeField],
    key: str | None = None,
    order: str | None = None,
    *,
    rows: Table | None = None,
    may_add: bool = False,
    may_change: bool = False,
) -> Table:
    number = None if order is None else SORT_ORDERS[order]
    return Table(name, constants.TABLES[name], fields, key, number, rows, may_add, may_change)


_ORDER_ROW = _table("ORDER_ROW", constants.OOI_ROW)
_INVOICE_ROW = _table("INVOICE_ROW", constants.OOI_ROW)
_HEAD_KEY = "DOCUMENT_NUMBER"
_ALL = (
    _table("CUSTOMER", constants.CUSTOMER, "NUMBER", "eCustomerNr", may_add=True, may_change=True),
    _table("ARTICLE", constants.ARTICLE, "NUMBER", "eArticleNr", may_add=True, may_change=True),
    _table("ORDER_HEAD", constants.OOI_HEAD, _HEAD_KEY, "eOrderNr", rows=_ORDER_ROW, may_add=True, may_change=True),
    _table("INVOICE_HEAD", constants.OOI_HEAD, _HEAD_KEY, "eInvoiceNr", rows=_INVOICE_ROW, may_add=True),
    _table("CODE_OF_TERMS_OF_PAYMENT", constants.CODE_OF_TERMS_OF_PAYMENT, "CODE", "eCodeOfTermsOfPayment"),
    _table("CODE_OF_CURRENCY", constants.CODE_OF_CURRENCY, "CODE", "eCodeOfCurrency"),
    _table("CODE_OF_ARTICLE_ACCOUNT", constants.CODE_OF_ARTICLE_ACCOUNT, "CODE", "eCodeOfArticleAccount"),
    _table("CODE_OF_UNIT", constants.CODE_OF_UNIT, "CODE", "eCodeOfUnit"),
    _table("PROJECT", constants.PROJECT, "CODE_OF_PROJECT", "eProjectCode"),
    _table("CODE_OF_PROFIT_CENTRE", constants.CODE_OF_PROFIT_CENTRE, "CODE", "eCodeOfProfitCentreUnit"),
    _table("PRM", constants.PRM),
    _table("PRM2", constants.PRM2),
    _table("PRICE", constants.PRICE, "ARTICLE_NUMBER", "ePriceArticleNr", may_add=True, may_change=True),
    _table("CUSTOMERPAYMENT", constants.CUSTOMERPAYMENT, "INVOICE_NUMBER", "eCustomerPaymentInvoice"),
    _table("CONTACT", constants.CONTACTS, "CUSTOMER_NUMBER", "eContactCustomerNr", may_add=True),
)
TABLES: Final[Mapping[str, Table]] = {table.name: table for table in _ALL}
