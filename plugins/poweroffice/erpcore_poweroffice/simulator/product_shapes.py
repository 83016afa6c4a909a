"""The members of products and product groups.

The tables follow the vendor's models: kind, uses (see `members.shape`), longest text.
"""

from __future__ import annotations

from erpcore_poweroffice.simulator.members import shape

PRODUCT = shape(
    "Product",
    "Product",
    """
    Code                                      text                  CUR 100
    CreatedDateTimeOffset                     moment                R
    CreatedFromImportJournalId                uuid                  R
    Description                               text                  CUR
    Gtin                                      text                  CUR
    Id                                        int                   R
    IsArchived                                bool                  CUR
    IsStockItem                               bool                  CUR
    LastChangedDateTimeOffset                 moment                R
    Name                                      text                  CUR! 400
    OptionalSalesAccount                      int                   CR
    OptionalSalesAccountAgricultureDepartment AgricultureDepartment CUR
    OptionalSalesAccountId                    int                   CUR
    ProductGroupCode                          text                  CR
    ProductGroupId                            int                   CUR
    ProductType                               ProductType           CUR
    StandardSalesAccount                      int                   CR
    StandardSalesAccountAgricultureDepartment AgricultureDepartment CUR
    StandardSalesAccountId                    int                   CUR
    StockAvailable                            number                R
    StockOnHand                               number                CUR
    StockOnHandLastChangedDatetimeOffset      moment                R
    UnitCost                                  number                CUR
    UnitOfMeasureCode                         UnitOfMeasureType     CUR
    UnitPrice                                 number                CUR
    """,
)
PRODUCT_GROUP = shape(
    "ProductGroup",
    "Product group",
    """
    Code                                      text                  CR 200
    CreatedDateTimeOffset                     moment                R
    CreatedFromImportJournalId                uuid                  R
    Description                               text                  CR
    Id                                        int                   R
    IsArchived                                bool                  CR
    LastChangedDateTimeOffset                 moment                R
    Name                                      text                  CR 400
    OptionalSalesAccount                      int                   CR
    OptionalSalesAccountAgricultureDepartment AgricultureDepartment CR
    OptionalSalesAccountId                    int                   CR
    ProductType                               ProductType           CR
    StandardSalesAccount                      int                   CR
    StandardSalesAccountAgricultureDepartment AgricultureDepartment CR
    StandardSalesAccountId                    int                   CR
    UnitCost                                  number                CR
    UnitOfMeasureCode                         UnitOfMeasureType     CR
    UnitPrice                                 number                CR
    """,
)
