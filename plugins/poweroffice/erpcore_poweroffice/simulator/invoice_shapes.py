"""The members of invoices and of the customer ledger.

The tables follow the vendor's models: kind, uses (see `members.shape`), longest text.
"""

from __future__ import annotations

from erpcore_poweroffice.simulator.members import shape

INVOICE = shape(
    "OutgoingInvoice",
    "Outgoing invoice",
    """
    Balance                          number                     R
    BalanceLastChangedDateTimeOffset moment                     R
    BrandingThemeCode                text                       R
    BrandingThemeId                  int                        R
    Cid                              text                       R
    ContractNo                       text                       R
    CreatedDateTimeOffset            moment                     R
    CurrencyCode                     text                       R
    CurrencyExchangeRate             number                     R
    CustomMatchingReference          text                       R
    CustomerId                       int                        R
    CustomerNo                       int                        R
    CustomerReference                text                       R
    CustomerReferenceContactPersonId int                        R
    DeliveryAddress1                 text                       R
    DeliveryAddress2                 text                       R
    DeliveryAddressCity              text                       R
    DeliveryAddressCountryCode       text                       R
    DeliveryAddressZipCode           text                       R
    DeliveryDate                     date                       R
    DeliveryTerm                     text                       R
    DeliveryTermId                   int                        R
    DepartmentCode                   text                       R
    DepartmentId                     int                        R
    Dim1Code                         text                       R
    Dim1Id                           int                        R
    Dim2Code                         text                       R
    Dim2Id                           int                        R
    Dim3Code                         text                       R
    Dim3Id                           int                        R
    DueDate                          date                       R
    ExternalImportReference          text                       R
    Id                               uuid                       R
    ImportedOrderNo                  int                        R
    InvoiceDeliveryType              InvoiceDeliveryType        R
    InvoiceNo                        int                        R
    IsCreatedByCurrentIntegration    bool                       R
    IsReversed                       bool                       R
    LastChangedDateTimeOffset        moment                     R
    LocationCode                     text                       R
    LocationId                       int                        R
    MatchId                          int                        R
    NetAmount                        number                     R
    NetPostedAmount                  number                     R
    OrderDate                        date                       R
    OrderNo                          int                        R
    PaymentTerm                      int                        R
    PaymentTermId                    int                        R
    ProjectCode                      text                       R
    ProjectId                        int                        R
    PurchaseOrderReference           text                       R
    RelatedInvoiceNo                 int                        R
    SellersReferenceEmployeeId       int                        R
    SellersReferenceEmployeeNo       int                        R
    SentDateTimeOffset               moment                     R
    TotalAmount                      number                     R
    TotalPostedAmount                number                     R
    VoucherDate                      date                       R
    VoucherNo                        int                        R
    VoucherType                      OutgoingInvoiceVoucherType R
    """,
)
INVOICE_LINE = shape(
    "OutgoingInvoiceLine",
    "Outgoing invoice line",
    """
    AccountId                  int                    R
    AccountNo                  int                    R
    AgricultureDepartment      AgricultureDepartment  R
    Allowance                  number                 R
    DepartmentCode             text                   R
    DepartmentId               int                    R
    Description                text                   R
    Dim1Code                   text                   R
    Dim1Id                     int                    R
    Dim2Code                   text                   R
    Dim2Id                     int                    R
    Dim3Code                   text                   R
    Dim3Id                     int                    R
    ExternalImportReference    text                   R
    Id                         int                    R
    IsAccrued                  bool                   R
    LineType                   VoucherLineType        R
    LocationCode               text                   R
    LocationId                 int                    R
    NetAmount                  number                 R
    NetPostedAmount            number                 R
    ProductCode                text                   R
    ProductId                  int                    R
    ProductUnitCost            number                 R
    ProductUnitPrice           number                 R
    ProjectCode                text                   R
    ProjectId                  int                    R
    Quantity                   number                 R
    SellersReferenceEmployeeId int                    R
    SellersReferenceEmployeeNo int                    R
    SortOrder                  int                    R
    TotalAmount                number                 R
    TotalPostedAmount          number                 R
    UnitOfMeasureCode          UnitOfMeasureType      R
    VatAmount                  number                 R
    VatCode                    text                   R
    VatId                      int                    R
    VatRate                    number                 R
    VatReturnSpecification     VatReturnSpecification R
    """,
)
ENTRY = shape(
    "CustomerLedgerEntry",
    "Customer ledger entry",
    """
    Amount                        number      R
    Balance                       number      R
    Cid                           text        R
    CreatedDateTimeOffset         moment      R
    CreatedFromImportJournalId    uuid        R
    CurrencyAmount                number      R
    CurrencyCode                  text        R
    CustomMatchingReference       text        R
    CustomerAccountNo             int         R
    CustomerExternalNo            int         R
    CustomerId                    int         R
    CustomerName                  text        R
    DepartmentCode                text        R
    DepartmentId                  int         R
    Dim1Code                      text        R
    Dim1Id                        int         R
    Dim2Code                      text        R
    Dim2Id                        int         R
    Dim3Code                      text        R
    Dim3Id                        int         R
    DueDate                       date        R
    ExternalImportReference       text        R
    Id                            int         R
    InvoiceNo                     text        R
    IsCreatedByCurrentIntegration bool        R
    IsWriteOff                    bool        R
    LastChangedDateTimeOffset     moment      R
    LocationCode                  text        R
    LocationId                    int         R
    MatchId                       int         R
    PaidFromBankAccount           text        R
    PostingDate                   date        R
    ProjectCode                   text        R
    ProjectId                     int         R
    VoucherDate                   date        R
    VoucherId                     uuid        R
    VoucherNo                     int         R
    VoucherType                   VoucherType R
    """,
)
