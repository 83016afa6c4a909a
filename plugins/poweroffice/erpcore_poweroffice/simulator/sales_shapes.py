"""The members of sales orders and of sending them.

The tables follow the vendor's models: kind, uses (see `members.shape`), longest text.
"""

from __future__ import annotations

from erpcore_poweroffice.simulator.members import shape

LINE = shape(
    "SalesOrderLine",
    "Sales order line",
    """
    Allowance                  number                 CUR
    DepartmentCode             text                   CR
    DepartmentId               int                    CUR
    Description                text                   CUR
    Dim1Code                   text                   CR
    Dim1Id                     int                    CUR
    Dim2Code                   text                   CR
    Dim2Id                     int                    CUR
    Dim3Code                   text                   CR
    Dim3Id                     int                    CUR
    ExternalImportReference    text                   CUR
    Id                         uuid                   R
    LineType                   VoucherLineType        CUR
    LocationCode               text                   CR
    LocationId                 int                    CUR
    NetAmount                  number                 R
    ProductCode                text                   CR
    ProductId                  int                    CUR
    ProductUnitCost            number                 CUR
    ProductUnitPrice           number                 CUR
    ProjectCode                text                   CR
    ProjectId                  int                    CUR
    Quantity                   number                 CUR
    SalesOrderId               uuid                   R
    SellersReferenceEmployeeId int                    CUR
    SellersReferenceEmployeeNo int                    CR
    SortOrder                  int                    CUR
    TotalAmount                number                 R
    UnitOfMeasureCode          UnitOfMeasureType      CUR
    UseStandardSalesAccount    bool                   CUR
    VatAmount                  number                 R
    VatCode                    text                   R
    VatId                      int                    R
    VatRate                    number                 R
    VatReturnSpecification     VatReturnSpecification CUR
    """,
)
ORDER = shape(
    "SalesOrder",
    "Sales order",
    """
    BrandingThemeCode                text             CR
    BrandingThemeId                  int              CUR
    ContactDeliveryAddressId         int              CUR
    ContractNo                       text             CUR
    CreatedDateTimeOffset            moment           R
    CurrencyCode                     text             CUR
    CurrencyExchangeRate             number           CUR
    CustomMatchingReference          text             CUR
    CustomerId                       int              CUR
    CustomerNo                       int              CR
    CustomerReference                text             CUR
    CustomerReferenceContactPersonId int              CUR
    DeliveryDate                     date             CUR
    DeliveryTerm                     text             CR
    DeliveryTermId                   int              CUR
    DepartmentCode                   text             CR
    DepartmentId                     int              CUR
    Dim1Code                         text             CR
    Dim1Id                           int              CUR
    Dim2Code                         text             CR
    Dim2Id                           int              CUR
    Dim3Code                         text             CR
    Dim3Id                           int              CUR
    ExternalImportReference          text             CUR
    Id                               uuid             R
    ImportedOrderNo                  int              CUR
    IsCreatedByCurrentIntegration    bool             R
    LastChangedDateTimeOffset        moment           R
    LineCount                        int              R
    LocationCode                     text             CR
    LocationId                       int              CUR
    NetAmount                        number           R
    PaymentTerm                      int              CR
    PaymentTermId                    int              CUR
    ProjectCode                      text             CR
    ProjectId                        int              CUR
    PurchaseOrderReference           text             CUR
    RelatedInvoiceNo                 int              CUR
    SalesOrderDate                   date             CUR
    SalesOrderLines                  [SalesOrderLine] CR
    SalesOrderNo                     int              R
    SalesOrderStatus                 OrderStatus      CUR
    SalesPersonEmployeeId            int              CUR
    SalesPersonEmployeeNumber        int              CR
    TotalAmount                      number           R
    """,
)
SENDING = shape(
    "SendInvoiceRequest",
    "Send invoice request",
    """
    DeliveryType    SendInvoiceDeliveryType CR
    EmailAddress    text                    CR
    Id              uuid                    R
    OverrideDueDate date                    CR
    VoucherDate     date                    CR
    """,
)
SENT_STATE = shape(
    "InvoiceSentState",
    "Sent state",
    """
    DueDate                 date                R
    Id                      uuid                R
    InvoiceDeliveryType     InvoiceDeliveryType R
    InvoiceNo               int                 R
    IsInvoiceBeingProcessed bool                R
    LastErrorMessage        text                R
    SentDateTimeOffset      moment              R
    """,
)
