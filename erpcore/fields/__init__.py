"""Field maps: one table per canonical model and system that declares, translates, and tells what is lost.

::

    ORDER_ROW = FieldMap(OrderRow, [
        Field("article_number", "ArticleNumber"),
        Field("description", "Description", narrow=[cut(50)]),
        Field("quantity", "OrderedQuantity", "DeliveredQuantity", narrow=[rounded(2)]),
        Field("discount_amount", "Discount", also={"DiscountType": "AMOUNT"}),
        Unsupported("vat_account", reason="the VAT code decides it"),
    ])

Every field of the model stands in the table, or building it fails: a field cannot be forgotten. From the table come
the payload (`to_native`), the reading of replies (`from_native`), the list of what one record would lose (`losses`),
and the table that people read (`table`).
"""

from erpcore.fields.contact import all_emails, one_email, one_inbox, one_phone
from erpcore.fields.entries import (
    OMIT,
    Computed,
    Convert,
    Default,
    Entry,
    Field,
    Loss,
    LossKind,
    Narrowing,
    Rows,
    Unsupported,
    cut,
    replaced,
    rounded,
    unchanged,
)
from erpcore.fields.map import Code, FieldMap, TableLine, register_words
from erpcore.fields.page import PageLine, PageTableLine, page_table
from erpcore.fields.paths import leaf_names
from erpcore.fields.reading import (
    account_number,
    canonical,
    country,
    currency_code,
    day,
    digits,
    exact,
    flag,
    identifier,
    number,
    require_sense,
    senseless,
)

__all__ = [
    "OMIT",
    "Code",
    "Computed",
    "Convert",
    "Default",
    "Entry",
    "Field",
    "FieldMap",
    "Loss",
    "LossKind",
    "Narrowing",
    "PageLine",
    "PageTableLine",
    "Rows",
    "TableLine",
    "Unsupported",
    "account_number",
    "all_emails",
    "canonical",
    "country",
    "currency_code",
    "cut",
    "day",
    "digits",
    "exact",
    "flag",
    "identifier",
    "leaf_names",
    "number",
    "one_email",
    "one_inbox",
    "one_phone",
    "page_table",
    "register_words",
    "replaced",
    "require_sense",
    "rounded",
    "senseless",
    "unchanged",
]
