"""The members of sales orders and of sending them.

The tables follow the vendor's models: kind, uses (see `members.shape`), longest text.
"""

from __future__ import annotations

from erpcore_poweroffice.simulator.members import shape

LINE = shape(
    "SalesOrderLine",
    "Sales order line",
    """
    Allowance                  number                 CR
    DepartmentCode             text                   CR
    DepartmentId               int                    CR
    Description                text                   CR
    Dim1Code                   text                   CR
    Dim1Id                     int                    CR
    Dim2Code                   text                   CR
    Dim2Id                     int                    CR
    Dim3Code                   text                   CR
    Dim3Id                     int                    CR
    ExternalImportReference    text                   CR
    Id                         uuid                   R
    LineType                   VoucherLineType        CR
    LocationCode               text                   CR
    LocationId                 int                    CR
    NetAmount                  number                 R
    ProductCode                text                   CR
    ProductId                  int                    CR
    ProductUnitCost            number                 CR
    ProductUnitPrice           number                 CR
    ProjectCode                text                   CR
    ProjectId                  int                    CR
    Quantity                   number                 CR
    SalesOrderId               uuid                   R
    SellersReferenceEmployeeId int                    CR
    SellersReferenceEmployeeNo int                    CR
    SortOrder                  int                    CR
    TotalAmount                number                 R
    UnitOfMeasureCode          UnitOfMeasureType      CR
    UseStandardSalesAccount    bool                   CR
    VatAmount                  number                 R
    VatCode                    text                   R
    VatId                      int                    R
    VatRate                    number                 R
    VatReturnSpecification     VatReturnSpecification CR
    """,
)
ORDER = shape(
    "SalesOrder",
    "Sales order",
    """
    BrandingThemeCode                text             CR
    BrandingThemeId                  int              CR
    ContactDeliveryAddressId         int              CR
    ContractNo                       text             CR
    CreatedDateTimeOffset            moment           R
    CurrencyCode                     text             CR
    CurrencyExchangeRate             number           CR
    CustomMatchingReference          text             CR
    CustomerId                       int              CR
    CustomerNo                       int              CR
    CustomerReference                text             CR
    CustomerReferenceContactPersonId int              CR
    DeliveryDate                     date             CR
    DeliveryTerm                     text             CR
    DeliveryTermId                   int              CR
    DepartmentCode                   text             CR
    DepartmentId                     int              CR
    Dim1Code                         text             CR
    Dim1Id                           int              CR
    Dim2Code                         text             CR
    Dim2Id                           int              CR
    Dim3Code                         text             CR
    Dim3Id                           int              CR
    ExternalImportReference          text             CR
    Id                               uuid             R
    ImportedOrderNo                  int              CR
    IsCreatedByCurrentIntegration    bool             R
    LastChangedDateTimeOffset        moment           R
    LineCount                        int              R
    LocationCode                     text             CR
    LocationId                       int              CR
    NetAmount                        number           R
    PaymentTerm                      int              CR
    PaymentTermId                    int              CR
    ProjectCode                      text             CR
    ProjectId                        int              CR
    PurchaseOrderReference           text             CR
    RelatedInvoiceNo                 int              CR
    SalesOrderDate                   date             CR
    SalesOrderLines                  [SalesOrderLine] CR
    SalesOrderNo                     int              R
    SalesOrderStatus                 OrderStatus      CR
    SalesPersonEmployeeId            int              CR
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
